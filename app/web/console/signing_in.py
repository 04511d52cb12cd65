"""Signing in with a token, and out; the switches of language and theme, which need no sign-in."""

from typing import Any, Final

from anyio import to_thread
from fastapi import APIRouter, Request, Response

from app.domain.errors import TooManyRequests, Unauthenticated
from app.domain.runbook import LANGUAGES
from app.services import sessions
from app.services.service import Service
from app.web.console import refusals
from app.web.console.pages import SIGN_IN, PageRoute, form_of, seen_other
from app.web.console.rendering import LANGUAGE, THEME, THEMES, page, reader_of
from app.web.console.visitors import PasserBy, is_secure, session_cookie, session_of
from app.web.deps import TheService
from app.web.errors import answer_of

router = APIRouter(include_in_schema=False, route_class=PageRoute)

HOME: Final = "/"
_A_YEAR: Final = 365 * 24 * 3600
MAX_TOKEN: Final = 200


def own_path(text: str) -> str:
    """Give the path to go on to, home where it is none of this service's own.

    Two slashes or a backslash at its beginning would lead a browser to another host.
    """
    return text if text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable() else HOME


@router.get(SIGN_IN)
async def show_sign_in(request: Request, actor: PasserBy, next: str = HOME) -> Response:
    """Ask for a token; lead on who is signed in already."""
    if actor is not None:
        return seen_other(own_path(next))
    return page(request, "sign_in.html", next=own_path(next), fault=None)


@router.post(SIGN_IN)
async def sign_in(request: Request, actor: PasserBy, service: TheService) -> Response:
    """Take a token and give a session whose id nobody knew before."""
    form = await form_of(request)
    token, following = _text(form.get("token")), own_path(_text(form.get("next")))
    try:
        made = await to_thread.run_sync(_begin, service, token, session_of(request))
    except Unauthenticated as refusal:
        return _not_signed_in(request, token, following, refusal)
    answer = seen_other(following)
    answer.set_cookie(
        session_cookie(request),
        made,
        max_age=int(sessions.LIFETIME.total_seconds()),
        path="/",
        secure=is_secure(request),
        httponly=True,
        samesite="strict",
    )
    return answer


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _begin(service: Service, token: str, former: str | None) -> str:
    return sessions.begin(service.database, token, former=former)


def _not_signed_in(request: Request, token: str, following: str, refusal: Unauthenticated) -> Response:
    """Ask once more, unless the address has guessed too often; what was typed is not repeated."""
    said: Unauthenticated | TooManyRequests = refusal
    speech = reader_of(request).speech
    fault = speech.say("Paste your token; an administrator makes one.")
    if token:
        fault = speech.say("This is no valid token. It may be mistyped, cut off or revoked.")
        try:
            request.app.state.failed_attempts.note(request, token)
        except TooManyRequests as too_many:
            said, fault = too_many, refusals.sentences(too_many, speech)[0]
    status = answer_of(type(said)).status
    headers = {"Retry-After": str(said.members["retry_after"])} if isinstance(said, TooManyRequests) else {}
    return page(request, "sign_in.html", status=status, headers=headers, next=following, fault=fault)


@router.post("/sign-out")
async def sign_out(request: Request, actor: PasserBy, service: TheService) -> Response:
    """End the session here and in the database."""
    session_id = session_of(request)
    if session_id is not None:
        await to_thread.run_sync(sessions.end, service.database, session_id)
    answer = seen_other(SIGN_IN)
    answer.delete_cookie(session_cookie(request), path="/", secure=is_secure(request), httponly=True, samesite="strict")
    return answer


@router.post("/preferences")
async def prefer(request: Request, actor: PasserBy) -> Response:
    """Keep the language or the theme that was chosen, in a cookie, and go back to the page."""
    form = await form_of(request)
    answer = seen_other(own_path(_text(form.get("next"))))
    for cookie, name, known in ((LANGUAGE, "language", LANGUAGES), (THEME, "theme", THEMES)):
        chosen = _text(form.get(name))
        if chosen in known:
            answer.set_cookie(
                cookie, chosen, max_age=_A_YEAR, path="/", secure=is_secure(request), httponly=True, samesite="lax"
            )
    return answer

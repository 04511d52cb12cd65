"""Visitors: who looks at a page, by the session's cookie; a form is taken only from a page of this service."""

from typing import Annotated, Final, cast
from urllib.parse import urlsplit

from fastapi import Depends, Request

from app.domain.errors import ForeignForm, RoleRequired, Unauthenticated
from app.domain.events import Actor, Role
from app.services import sessions
from app.web.deps import Permission, service_of

SESSION: Final = "failback_session"
#: The prefix makes a browser take the cookie over TLS from this very host alone.
SECURE_SESSION: Final = "__Host-failback_session"


class Visit(Permission):
    """Who may open a page or send its form; the console's counterpart of a token in the header."""

    async def __call__(self, request: Request) -> Actor | None:
        """Give who is signed in, None on a page open to all where nobody is.

        Raises ForeignForm, Unauthenticated, or RoleRequired.
        """
        if request.method == "POST":
            check_origin(request)
        session_id = session_of(request)
        actor = None
        try:
            actor = await _signed_in(request, session_id)
        except Unauthenticated:
            if not self.public:
                raise
        if actor is not None and self.roles and not self.roles & actor.roles:
            wanted = sorted(self.roles)
            raise RoleRequired(f"This needs one of the roles {', '.join(wanted)}.", required=wanted)
        request.state.actor = actor  # a page of a refusal says who is signed in
        return actor


async def _signed_in(request: Request, session_id: str | None) -> Actor:
    if session_id is None:
        raise Unauthenticated("Sign in first.")
    service = await service_of(request)
    return await service.database.read(lambda connection: sessions.signed_in(connection, session_id))


async def still_signed_in(request: Request) -> None:
    """Raise Unauthenticated where the session has ended since: a stream asks now and then."""
    await _signed_in(request, session_of(request))


def session_of(request: Request) -> str | None:
    """Give the session id that the browser shows, None where it shows none."""
    return request.cookies.get(session_cookie(request))


def session_cookie(request: Request) -> str:
    """Give the name of the session's cookie: over TLS another one than in the clear."""
    return SECURE_SESSION if is_secure(request) else SESSION


def is_secure(request: Request) -> bool:
    """Say whether this is served over TLS: by this process, or (a setting) by the proxy in front."""
    return request.url.scheme == "https" or bool(request.app.state.behind_tls)


def check_origin(request: Request) -> None:
    """Raise ForeignForm unless the browser says that a page of this origin sends the form.

    Browsers tell by Sec-Fetch-Site where the connection is trustworthy (TLS, or this machine), else by Origin alone.
    Who tells neither is no browser that a cookie of ours should be believed from.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    same = origin is not None and urlsplit(origin).netloc.lower() == request.headers.get("host", "").lower()
    if site not in (None, "same-origin") or (origin is not None and not same) or (site is None and origin is None):
        raise ForeignForm


VISITOR: Final = Visit()
PASSER_BY: Final = Visit(public=True)
SPEAKER: Final = Visit(Role.OPERATOR, Role.APPROVER, Role.COORDINATOR)
DECLARER: Final = Visit(Role.COORDINATOR)

Visitor = Annotated[Actor, Depends(VISITOR)]
PasserBy = Annotated[Actor | None, Depends(PASSER_BY)]
Speaker = Annotated[Actor, Depends(SPEAKER)]

Declarer = Annotated[Actor, Depends(DECLARER)]


def visitor_of(request: Request) -> Actor | None:
    """Give who was found to be signed in, as far as the request came."""
    return cast("Actor | None", getattr(request.state, "actor", None))

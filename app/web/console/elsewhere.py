"""Pages for browsers at addresses that are not the console's own: problems explained, and where nothing is."""

import contextlib
from typing import Final

from fastapi import Request, Response

from app.domain.errors import NotFound, Refusal
from app.web.console.pages import refused
from app.web.console.problem_words import explained
from app.web.console.rendering import page, reader_of
from app.web.console.visitors import PASSER_BY
from app.web.errors import ANSWERS
from app.web.headers import preferred

_BY_SLUG: Final = {refusal.slug: refusal for refusal in ANSWERS}


def wants_page(request: Request, *, other: str) -> bool:
    """Say whether a page is liked better than the media type `other`, as browsers say and programs do not."""
    return preferred(request.headers.get("accept", "*/*"), (other, "text/html")) == "text/html"


async def problems(request: Request) -> Response:
    """List every kind of problem."""
    await _look_who(request)
    language = reader_of(request).language
    rows = [
        {"slug": slug, "status": ANSWERS[kind].status, "said": explained(kind, language)}
        for slug, kind in _BY_SLUG.items()
    ]
    return page(request, "problems.html", problems=rows, headers={"Vary": "Accept, Accept-Language, Cookie"})


async def problem(request: Request, slug: str) -> Response:
    """Explain one kind of problem."""
    if slug not in _BY_SLUG:
        raise NotFound
    await _look_who(request)
    kind = _BY_SLUG[slug]
    return page(
        request,
        "problem.html",
        slug=slug,
        status_code=ANSWERS[kind].status,
        said=explained(kind, reader_of(request).language),
        headers={"Vary": "Accept, Accept-Language, Cookie"},
    )


async def say(request: Request, refusal: Refusal) -> Response | None:
    """Say a refusal to a browser, at whatever address it was; None to who is none."""
    if not wants_page(request, other="application/problem+json"):
        return None
    await _look_who(request)
    return await refused(request, refusal)


async def _look_who(request: Request) -> None:
    """Find out who looks, for the head of the page; it is said to whoever it is."""
    with contextlib.suppress(Refusal):
        await PASSER_BY(request)

"""The pages behind a problem's `type`: what it means, its status, and the way out; as text, to browsers as a page."""

from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from app.domain import errors
from app.web.api import answers
from app.web.console import elsewhere
from app.web.errors import ANSWERS

TEXT: Final = "text/plain"
VARY: Final = {"Vary": "Accept, Accept-Language, Cookie"}

router = APIRouter(prefix="/problems", tags=["problems"], default_response_class=PlainTextResponse)


def _page(refusal: type[errors.Refusal]) -> str:
    answer = ANSWERS[refusal]
    meaning = " ".join((refusal.__doc__ or "").split())
    facts = f"Status: {answer.status}\nType: /problems/{refusal.slug}"
    return f"# {answer.title}\n\n{meaning}\n\n{facts}\n\n{answer.way_out}\n"


_PAGES: Final = {refusal.slug: _page(refusal) for refusal in ANSWERS}
_LIST: Final = "".join(
    f"{answer.status} /problems/{refusal.slug} {answer.title}\n" for refusal, answer in ANSWERS.items()
)


@router.get("", summary="Every problem this service answers with", operation_id="list_problems")
async def list_problems(request: Request) -> Response:
    """Give a line for each kind of problem: status, address, title."""
    if elsewhere.wants_page(request, other=TEXT):
        return await elsewhere.problems(request)
    return PlainTextResponse(_LIST, headers=VARY)


@router.get(
    "/{slug}",
    summary="What a problem means and the way out",
    operation_id="read_problem",
    responses=answers.problems(404),
)
async def read_problem(request: Request, slug: str) -> Response:
    """Explain one kind of problem."""
    if elsewhere.wants_page(request, other=TEXT):
        return await elsewhere.problem(request, slug)
    if slug not in _PAGES:
        raise errors.NotFound
    return PlainTextResponse(_PAGES[slug], headers=VARY)

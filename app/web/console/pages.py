"""How pages refuse: a refusal is a page too, with what was typed, ready to be sent again."""

from collections.abc import Callable, Coroutine
from typing import Any, Final
from urllib.parse import quote

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from fastapi.routing import APIRoute
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from app.domain.errors import ForeignForm, Refusal, Unauthenticated
from app.web.console import refusals
from app.web.console.rendering import HEADERS, page, reader_of
from app.web.errors import problem
from app.web.faults import last_refusal, refusal_of

SIGN_IN: Final = "/sign-in"
MAX_FILES: Final = 4
MAX_FIELDS: Final = 2_000  # a tick for each of 500 workloads, and what else a form has
#: Passed on from the problem: these say when to come again and how, and nothing of JSON.
_KEPT: Final = frozenset({b"retry-after", b"allow"})


class PageRoute(APIRoute):
    """A route whose refusals are pages."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Give the handler; who is not signed in is led to the sign-in, and back from there."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except (Refusal, RequestValidationError, HTTPException) as error:
                return await refused(request, refusal_of(error))
            except ClientDisconnect:
                raise  # nobody is left to be told
            except Exception as error:  # noqa: BLE001 - a page of ours is answered by a page, and the fault is logged
                return await refused(request, last_refusal(error, request.scope))
            finally:
                await getattr(request.state, "form", FormData()).close()

        return answer


async def form_of(request: Request) -> FormData:
    """Give what a form sent, read once; raises PayloadTooLarge, or a fault for what is no form."""
    if not hasattr(request.state, "form"):
        request.state.form = FormData()  # stays, where it cannot be read: a body comes but once
        await request.body()  # whole, before a parser opens files for what turns out to be too large
        request.state.form = await request.form(max_files=MAX_FILES, max_fields=MAX_FIELDS)
    form: FormData = request.state.form
    return form


def seen_other(address: str) -> Response:
    """Lead on to a page after something was done, so that going back or reloading sends nothing twice."""
    return RedirectResponse(address, 303, HEADERS)


async def refused(request: Request, refusal: Refusal) -> Response:
    """Answer a refusal: to the sign-in where that is the way out, else a page that says what it is."""
    if isinstance(refusal, Unauthenticated) and request.method == "GET":
        return seen_other(f"{SIGN_IN}?next={quote(reader_of(request).here)}")
    status, headers, _ = problem(refusal)
    speech = reader_of(request).speech
    return page(
        request,
        "refusal.html",
        status=status,
        headers={name.decode(): value.decode() for name, value in headers if name in _KEPT},
        title=refusals.title(refusal, speech),
        sentences=refusals.sentences(refusal, speech),
        told_by=refusal.members.get("request_id"),
        signed_out=isinstance(refusal, Unauthenticated),
        sent=[] if isinstance(refusal, ForeignForm) else await _sent(request),
    )


async def _sent(request: Request) -> list[tuple[str, str]]:
    """Give what a form had sent that was refused as a whole, to send it again; files have to be chosen anew."""
    if request.method != "POST":
        return []
    try:
        form = await form_of(request)
    except (Refusal, HTTPException):  # it was the form itself that could not be read
        return []
    return [(name, value) for name, value in form.multi_items() if not isinstance(value, UploadFile)]

"""The short way to the two calls that are made all day: reading an execution and posting an event.

The framework's routing, dependencies and parameters cost several times what such a call costs. Here the address is
compared as text, and the same functions are called as by the routes, which document these calls and take all that is
not plain: another method, a query, an id of another form.
"""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.domain.errors import Refusal
from app.web.api import calls
from app.web.deps import SPEAKER, caller, follower, service_of, speaker
from app.web.headers import language_of
from app.web.order import BASE, answer_in_order

_EXECUTIONS: Final = f"{BASE}/executions/"
_ID_ENDS: Final = len(_EXECUTIONS) + 36
#: What follows the id in the address, by method.
_AFTER: Final = {"GET": "", "POST": "/events"}


class ShortWay:
    """Pure ASGI middleware, the innermost: answers the two calls, passes all else on."""

    def __init__(self, app: ASGIApp) -> None:
        """Take the app inside."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on."""
        if scope["type"] != "http" or not _is_plain(scope):
            await self.app(scope, receive, send)
            return
        scope["path_params"] = {"execution_id": scope["path"][len(_EXECUTIONS) : _ID_ENDS]}
        request = Request(scope, receive)
        try:
            response = await (_read(request) if request.method == "GET" else _post(request))
        except Refusal as refusal:
            response = await answer_in_order(request, refusal)
        await response(scope, receive, send)


def _is_plain(scope: Scope) -> bool:
    path: str = scope["path"]
    return (
        path.startswith(_EXECUTIONS)
        and len(path) >= _ID_ENDS
        and _AFTER.get(scope["method"]) == path[_ID_ENDS:]
        and "/" not in path[len(_EXECUTIONS) : _ID_ENDS]
        and not scope["query_string"]
    )


async def _read(request: Request) -> Response:
    await follower(request)
    return await calls.read(request, await service_of(request), _id(request), language=_language(request))


async def _post(request: Request) -> Response:
    actor = await speaker(request)
    try:
        SPEAKER.check(actor)
        return await calls.post(request, await service_of(request), actor, _id(request), language=_language(request))
    except Refusal:
        await caller(request)  # who asks goes before all else, and was only remembered
        raise


def _id(request: Request) -> str:
    found: str = request.path_params["execution_id"]
    return found


def _language(request: Request) -> str:
    return language_of(None, request.headers.get("accept-language", ""))

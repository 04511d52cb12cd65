"""HEAD is GET without its body (RFC 9110, 9.3.2), on every route; probes and link checkers send it."""

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class HeadAsGet:
    """Pure ASGI middleware: asks as GET, answers with the headers alone, and lets a stream go at its first piece."""

    def __init__(self, app: ASGIApp) -> None:
        """Take the app inside."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def bodiless_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body"})
            elif message.get("more_body"):
                raise ClientDisconnect

        await self.app({**scope, "method": "GET"}, receive, bodiless_send)

"""The end in order: told to end, the service makes each answer the last of its connection and leaves nobody without."""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator
from types import FrameType

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.domain.errors import Unavailable
from app.services.service import Service
from app.web.errors import send_problem


class EndInOrder:
    """Pure ASGI middleware: says `Connection: close` from then on, and 503 where the server's patience is over.

    The server closes the connections it knows of when it is told to end, but not one that is just being made: without
    that header such a client would be served on until the server cancels what it is at.
    """

    def __init__(self, app: ASGIApp, stopping: Callable[[], bool]) -> None:
        """Take the app inside, and what tells whether the service was told to end."""
        self.app = app
        self.stopping = stopping

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; a cancelled one that was not answered is one to repeat."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def last_send(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                if self.stopping():
                    message["headers"] = [*message.get("headers", ()), (b"connection", b"close")]
            await send(message)

        try:
            await self.app(scope, receive, last_send)
        except asyncio.CancelledError:
            if started:
                raise
            await send_problem(Unavailable("The service is ending."), last_send)


@contextlib.contextmanager
def told_of_the_end(service: Service) -> Iterator[None]:
    """Tell the service at the first SIGTERM or SIGINT: the server then waits for open answers, which must know to end.

    Whoever handled the signal before is called as ever. Outside the main thread, where nobody is told, it does nothing.
    """
    loop = asyncio.get_running_loop()
    before: dict[signal.Signals, Callable[[int, FrameType | None], object]] = {}

    def told(number: int, frame: FrameType | None) -> None:
        service.stopping = True
        loop.call_soon_threadsafe(service.feed.close)
        before[signal.Signals(number)](number, frame)

    for one in (signal.SIGTERM, signal.SIGINT):
        handler = signal.getsignal(one)
        if callable(handler):
            with contextlib.suppress(ValueError):
                signal.signal(one, told)
                before[one] = handler
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)

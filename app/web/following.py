"""An open stream from its first byte to its last: a place, what is new after each commit, an end in order."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from app.domain.errors import Refusal
from app.services.places import Place
from app.services.service import Service
from app.storage.feed import Subscription

HEARTBEAT: Final = 15.0  # seconds
#: When clients come again, in ms: each is told another time, so that they do not all come at once after a restart.
RETRY: Final = range(1_000, 3_000)
HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


News = Callable[[bool], AsyncIterator[bytes]]


def stream(
    service: Service,
    *,
    operator_id: str,
    execution_id: str | None,
    news: News,
    still_valid: Callable[[], Awaitable[object]],
) -> StreamingResponse:
    """Give an answer that goes on as long as the service, its place and the permission last.

    Takes whose stream it is; which execution's commits wake it (None: all); `news`, which gives what there is to tell
    (True: for the first time); `still_valid`, asked at each heartbeat, however much there is to tell, which raises a
    Refusal where the permission has ended. Raises Unavailable where there is no place.
    """
    service.places.check(operator_id)  # and nothing is awaited until the place is held
    return _Stream(service, operator_id, execution_id, news, still_valid)


class _Stream(StreamingResponse):
    def __init__(
        self,
        service: Service,
        operator_id: str,
        execution_id: str | None,
        news: News,
        still_valid: Callable[[], Awaitable[object]],
    ) -> None:
        super().__init__(iter(()), 200, HEADERS, "text/event-stream")
        self._service = service
        self._operator_id = operator_id
        self._execution_id = execution_id
        self._news = news
        self._still_valid = still_valid

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hold a place and listen to commits until the last byte is out or the reader hangs up."""
        with (
            self._service.feed.subscribe(self._execution_id) as subscription,
            self._service.places.hold(self._operator_id, subscription.wake) as place,
        ):
            self.body_iterator = self._pieces(subscription, place)
            await super().__call__(scope, receive, send)

    async def _pieces(self, subscription: Subscription, place: Place) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        yield f": follows the journal\nretry: {secrets.choice(RETRY)}\n\n".encode()
        beat = loop.time() + HEARTBEAT
        first = True
        try:
            while not (self._service.stopping or place.lost):
                async for piece in self._news(first):
                    yield piece
                first = False
                if loop.time() >= beat:
                    await self._still_valid()
                    yield b": heartbeat\n\n"
                    beat = loop.time() + HEARTBEAT
                await subscription.wait(min(self._service.feed.recheck_seconds, max(0.05, beat - loop.time())))
        except Refusal:
            return  # the client comes again with its last id and is told then

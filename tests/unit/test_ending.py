"""Told to end, the service makes each answer the last of its connection, and a cancelled request one to repeat."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest
from starlette.types import Message, Receive, Scope, Send

from app.web.ending import EndInOrder

HTTP: Scope = {"type": "http"}


async def nothing() -> Message:
    return {"type": "http.request"}


def sent_by(
    app: Callable[[Scope, Receive, Send], Awaitable[None]], *, stopping: bool, scope: Scope = HTTP
) -> list[Message]:
    """Give what is sent by the app, which is told to end or not."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(EndInOrder(app, stopping=lambda: stopping)(scope, nothing, send))
    return sent


async def answers(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"etag", b'"1"')]})
    await send({"type": "http.response.body"})


async def is_cancelled(scope: Scope, receive: Receive, send: Send) -> None:
    raise asyncio.CancelledError


async def is_cancelled_half_way(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    raise asyncio.CancelledError


@pytest.mark.parametrize(("when", "told"), [("serving", []), ("ending", [(b"connection", b"close")])])
def test_an_answer_is_the_last_of_its_connection_only_at_the_end(when: str, told: list[tuple[bytes, bytes]]) -> None:
    start, body = sent_by(answers, stopping=when == "ending")
    assert start["headers"] == [(b"etag", b'"1"'), *told]
    assert body == {"type": "http.response.body"}


def test_a_cancelled_request_is_answered_with_when_to_come_again() -> None:
    start, body = sent_by(is_cancelled, stopping=True)
    assert start["status"] == 503
    assert {b"retry-after", b"connection"} <= {name for name, _ in start["headers"]}
    assert json.loads(body["body"])["type"] == "/problems/unavailable"


def test_an_answer_that_is_half_out_is_broken_off() -> None:
    with pytest.raises(asyncio.CancelledError):
        sent_by(is_cancelled_half_way, stopping=True)


def test_what_is_no_request_is_passed_on() -> None:
    async def lives(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "lifespan.startup.complete"})

    assert sent_by(lives, stopping=True, scope={"type": "lifespan"}) == [{"type": "lifespan.startup.complete"}]

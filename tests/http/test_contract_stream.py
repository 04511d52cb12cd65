"""The contract's row about the stream: events as they come, from where one left off, until either side ends it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.types import Message

from app.domain.events import Role
from app.services import identity
from app.services.places import Places
from app.web import following
from tests.http.clients import BASE, World, pointers, running, slug

PATIENCE = 10.0


class Listener:
    """Somebody who follows a stream over bare ASGI, in the service's own event loop."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.ended = False
        self.gone = asyncio.Event()
        self._said: asyncio.Queue[bytes] = asyncio.Queue()
        self._rest = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            self.ended = not message.get("more_body")
            self._said.put_nowait(message.get("body", b""))

    async def receive(self) -> Message:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def block(self) -> dict[str, str]:
        """Give the next block: its fields, a comment under `:`."""
        while b"\n\n" not in self._rest:
            self._rest += await asyncio.wait_for(self._said.get(), PATIENCE)
        block, _, self._rest = self._rest.partition(b"\n\n")
        return {name: value for name, _, value in (line.partition(": ") for line in block.decode().split("\n"))}

    async def end(self) -> None:
        """Read on until the service ends the stream."""
        while not self.ended:
            await self._said.get()

    async def event(self) -> dict[str, str]:
        """Give the next block that is an event."""
        while "data" not in (found := await self.block()):
            pass
        return found


@asynccontextmanager
async def following_of(world: World, path: str, **headers: str) -> AsyncIterator[Listener]:
    """Follow a stream until the end of the block, then hang up."""
    listener = Listener()
    fields = {"authorization": f"Bearer {world.tokens['viewer']}", **headers}
    path, _, query = path.partition("?")
    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": "GET",
        "scheme": "http", "path": BASE + path, "raw_path": (BASE + path).encode(), "query_string": query.encode(),
        "root_path": "", "client": ("127.0.0.1", 5), "server": ("testserver", 80),
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in fields.items()],
    }  # fmt: skip
    task = asyncio.create_task(world.app(scope, listener.receive, listener.send))
    try:
        yield listener
    finally:
        listener.gone.set()
        await asyncio.wait_for(task, PATIENCE)


def run(world: World, scenario: Callable[[], Any]) -> Any:
    """Run a coroutine in the service's own event loop."""
    portal = world.client.portal
    assert portal is not None
    return portal.call(scenario)


async def note(world: World, document: Mapping[str, Any], comment: str) -> None:
    await asyncio.to_thread(world.accepted, "ann", document, type="note", comment=comment)


def test_a_stream_tells_what_was_and_then_what_comes(world: World) -> None:
    document = world.declare()
    path = f"/executions/{document['id']}/stream"
    told: list[str] = []

    async def scenario() -> None:
        async with following_of(world, path) as listener:
            first = await listener.event()
            assert listener.status == 200
            assert listener.headers["content-type"].startswith("text/event-stream")
            assert listener.headers["cache-control"] == "no-store"
            assert (first["id"], first["event"]) == ("1", "declare")
            await note(world, document, "A line\nand another; data: x")
            second = await listener.event()
            assert (second["id"], second["event"]) == ("2", "note")
            told.extend([first["data"], second["data"]])
            assert json.loads(second["data"])["comment"] == "A line\nand another; data: x"

    run(world, scenario)
    assert told == world.journal(document).splitlines()


@pytest.mark.parametrize(("headers", "query", "first"), [
    ({"last_event_id": "2"}, "", "3"), ({"last_event_id": "2"}, "?after=3", "3"), ({}, "?after=2", "3"),
    ({"last_event_id": ""}, "", "1"), ({"last_event_id": "abc"}, "", "1"), ({"last_event_id": "-1"}, "", "1"),
    ({"last_event_id": "٣"}, "", "1"), ({"last_event_id": "9" * 400}, "", "1"),
])  # fmt: skip
def test_a_stream_goes_on_behind_the_last_event_that_was_seen(
    world: World, headers: dict[str, str], query: str, first: str
) -> None:
    document = world.declare()
    for number in (2, 3, 4):
        world.accepted("ann", document, type="note", comment=str(number))

    async def scenario() -> None:
        async with following_of(world, f"/executions/{document['id']}/stream{query}", **headers) as listener:
            assert [(await listener.event())["id"] for _ in range(5 - int(first))] == [
                str(number) for number in range(int(first), 5)
            ]

    run(world, scenario)


def test_who_is_ahead_of_the_journal_waits(world: World) -> None:
    document = world.declare()

    async def scenario() -> None:
        async with following_of(world, f"/executions/{document['id']}/stream", last_event_id="2") as listener:
            await listener.block()
            await note(world, document, "not told: it is number 2")
            await note(world, document, "told")
            assert (await listener.event())["id"] == "3"

    run(world, scenario)


def test_every_line_of_a_long_journal_comes_once_and_in_order(world: World) -> None:
    document = world.declare()
    for number in range(230):
        world.accepted("ann", document, type="note", comment=str(number))

    async def scenario() -> list[dict[str, str]]:
        async with following_of(world, f"/executions/{document['id']}/stream") as listener:
            return [await listener.event() for _ in range(231)]

    told = run(world, scenario)
    assert [one["id"] for one in told] == [str(number) for number in range(1, 232)]
    assert [one["data"] for one in told] == world.journal(document).splitlines()


def test_a_silent_stream_shows_that_it_lives(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert following.HEARTBEAT == 15
    monkeypatch.setattr(following, "HEARTBEAT", 0.1)
    document = world.declare()

    async def scenario() -> None:
        async with following_of(world, f"/executions/{document['id']}/stream?after=1") as listener:
            assert "retry" in await listener.block()
            for _ in range(3):
                assert await listener.block() == {"": "heartbeat"}

    run(world, scenario)


def test_a_revoked_token_ends_its_stream(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "HEARTBEAT", 0.2)
    document = world.declare()
    token = identity.create_token(world.service.database, name="viewer", roles=[Role.VIEWER])

    async def scenario() -> None:
        path = f"/executions/{document['id']}/stream"
        async with following_of(world, path, authorization=f"Bearer {token.text}") as listener:
            await listener.event()
            identity.revoke_token(world.service.database, token.id)
            async with asyncio.timeout(PATIENCE):
                while not listener.ended:
                    await note(world, document, "chatter does not keep it open")

    run(world, scenario)


def test_what_is_wrong_is_said_before_the_stream_begins(world: World) -> None:
    document = world.declare()
    path = f"/executions/{document['id']}/stream"
    assert slug(world.ask(None, path)) == (401, "unauthenticated")
    assert pointers(world.ask("viewer", f"{path}?after=-1")) == ["/query/after"]


def test_a_process_takes_so_many_streams_and_frees_each_when_its_reader_hangs_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T46."""
    monkeypatch.setattr(world.service, "places", Places(2, 1))
    document = world.declare()
    path = f"/executions/{document['id']}/stream"

    async def scenario() -> None:
        async with following_of(world, path) as one:
            await one.event()
            async with following_of(world, path) as two:
                await two.event()
                refused = await asyncio.to_thread(world.ask, "viewer", path)
                assert slug(refused) == (503, "unavailable")
                assert refused.headers["retry-after"] == "10"
                figures = await asyncio.to_thread(world.client.get, "/metrics")
                assert "failback_streams 2.0" in figures.text
                await note(world, document, "Events are taken all the same.")
            async with following_of(world, path) as three:
                await three.event()

    run(world, scenario)
    assert world.service.places.taken == 0


def test_nobody_keeps_the_others_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """T46."""
    monkeypatch.setattr(world.service, "places", Places(2, 1))
    document = world.declare()
    path = f"/executions/{document['id']}/stream"

    async def scenario() -> None:
        async with following_of(world, path) as one:
            await one.event()
            async with following_of(world, path) as two:
                await two.event()
                ben = {"authorization": f"Bearer {world.tokens['ben']}"}
                async with following_of(world, path, **ben) as other:
                    await other.event()
                    async with asyncio.timeout(PATIENCE):
                        await two.end()  # in order: its reader comes again
                    assert world.service.places.taken == 2
                    await note(world, document, "Told to both who stay.")
                    assert (await one.event())["id"] == (await other.event())["id"] == "2"

    run(world, scenario)
    assert world.service.places.taken == 0


def test_streams_and_those_who_wait_end_with_the_service(database_url: str) -> None:
    with running(database_url) as world:
        document = world.declare()

        async def scenario() -> None:
            async with following_of(world, f"/executions/{document['id']}/stream") as listener:
                await listener.event()
                waiting = asyncio.create_task(world.service.changed(document["id"], 1, 25))
                await asyncio.sleep(0.05)
                world.service.stopping = True
                world.service.feed.close()
                async with asyncio.timeout(2):
                    assert await waiting == 1
                    await listener.end()

        run(world, scenario)
        ready = world.client.get("/readyz")
        assert ready.json()["ready"] is False

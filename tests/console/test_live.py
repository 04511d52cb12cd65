"""The live line: says when something changed, never what; ends with the session and with the service."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from app.domain.events import Role
from app.services import identity
from app.web import following as open_stream
from app.web.console import posting
from tests.console.visitor import Visitor, signed_in
from tests.http.clients import World
from tests.http.test_contract_stream import PATIENCE, Listener, note, run


@asynccontextmanager
async def following(world: World, visitor: Visitor, path: str) -> AsyncIterator[Listener]:
    """Follow a page's line in somebody's browser until the end of the block, then hang up."""
    listener = Listener()
    cookie = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": "GET",
        "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
        "client": ("127.0.0.1", 5), "server": ("testserver", 80), "headers": [(b"cookie", cookie.encode())],
    }  # fmt: skip
    task = asyncio.create_task(world.app(scope, listener.receive, listener.send))
    try:
        yield listener
    finally:
        listener.gone.set()
        await asyncio.wait_for(task, PATIENCE)


def test_a_page_is_told_the_version_and_nothing_else(world: World) -> None:
    document = world.declare(title="Not on the line")
    viewer = signed_in(world, "viewer")

    async def scenario() -> list[dict[str, str]]:
        async with following(world, viewer, f"/executions/{document['id']}/live") as listener:
            first = await listener.event()
            await note(world, document, "Nor this")
            return [first, await listener.event()]

    assert run(world, scenario) == [{"event": "version", "data": "1"}, {"event": "version", "data": "2"}]
    assert world.service.places.taken == 0


def test_the_overview_is_told_of_any_change(quick: World) -> None:
    viewer = signed_in(quick, "viewer")

    async def scenario() -> tuple[Any, Any]:
        async with following(quick, viewer, "/live") as listener:
            first = await listener.event()
            await asyncio.to_thread(quick.declare)
            return first, await listener.event()

    before, after = run(quick, scenario)
    assert before["data"] != after["data"]


def test_a_line_beats_and_ends_with_its_session(quick: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_stream, "HEARTBEAT", 0.05)
    document = quick.declare()
    made = identity.create_token(quick.service.database, name="yves", roles=[Role.VIEWER])
    quick.tokens["yves"] = made.text
    yves = signed_in(quick, "yves")

    async def scenario() -> None:
        async with following(quick, yves, f"/executions/{document['id']}/live") as listener:
            await listener.event()
            while await listener.block() != {"": "heartbeat"}:
                pass
            await asyncio.to_thread(identity.revoke_token, quick.service.database, made.id)
            await asyncio.wait_for(listener.end(), PATIENCE)

    run(quick, scenario)


def test_a_line_ends_when_the_service_does(own_world: World) -> None:
    document = own_world.declare()
    viewer = signed_in(own_world, "viewer")

    async def scenario() -> None:
        async with following(own_world, viewer, f"/executions/{document['id']}/live") as listener:
            await listener.event()
            own_world.service.stopping = True
            own_world.service.feed.close()
            await asyncio.wait_for(listener.end(), PATIENCE)

    run(own_world, scenario)


def test_a_line_needs_an_execution(quick: World) -> None:
    viewer = signed_in(quick, "viewer")
    assert viewer._ask("GET", "/executions/00000000-0000-7000-8000-000000000000/live", headers={}).status_code == 404


def test_who_is_overtaken_again_and_again_is_told_to_send_once_more(
    quick: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "_TRIES", 1)
    document = quick.declare()
    ann = signed_in(quick, "ann")
    ann.get(f"/executions/{document['id']}")
    quick.accepted("ben", document, type="note", comment="Quick")
    answer = ann.send("form-confirm", comment="Power is cut")
    assert answer.status_code == 503
    assert "Send it again" in ann.page.text
    assert ann.page.forms["form-confirm"].fields["comment"] == ["Power is cut"]

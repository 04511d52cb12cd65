"""When the service itself goes: the page says since when it is blind, keeps what is typed, and finds its way back."""

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.console.people import come_in, watched
from tests.http.clients import World
from tests.processes import Served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

BLIND = re.compile(r"offline since \d\d:\d\d: what you see may be old")


def test_the_service_is_killed_and_comes_back(browser: "Browser", process: tuple[World, Served]) -> None:
    world, service = process
    document = world.declare(title="Killed meanwhile")
    with watched(browser, f"http://127.0.0.1:{service.port}") as context:
        ann = come_in(context, world, "ann", f"/executions/{document['id']}")
        wall = come_in(context, world, "ann", f"/executions/{document['id']}?kiosk")
        pulse = ann.page.locator("#pulse")
        expect(pulse).to_have_text("live")
        ann.page.fill("#confirm-comment", "typed before the service went")
        service.kill()
        expect(pulse).to_have_text(BLIND)
        expect(pulse).to_have_class(re.compile("is-offline"))
        expect(wall.page.locator("#pulse")).to_have_text(BLIND)
        ann.page.locator("#confirm-comment").press("End")
        ann.page.keyboard.type(", and after")
        service.start()
        world.accepted("ben", document, type="note", comment="Said on the way back")
        expect(ann.page.locator("#lines")).to_contain_text("Said on the way back")
        expect(pulse).to_have_text("live")
        expect(wall.page.locator("#lines")).to_contain_text("Said on the way back")
        assert ann.page.input_value("#confirm-comment") == "typed before the service went, and after"
        ann.did("confirm")  # the session is a row: it outlives the process
        expect(wall.page.locator("#work-title")).to_have_text("Fail the VMM VM over, unplanned")


def test_where_there_is_no_stream_the_page_asks(browser: "Browser", process: tuple[World, Served]) -> None:
    """A proxy that swallows streams: everything else answers."""
    world, service = process
    document = world.declare(title="No stream here")
    with watched(browser, f"http://127.0.0.1:{service.port}") as context:
        context.route("**/live", lambda route: route.abort())
        ann = come_in(context, world, "ann", f"/executions/{document['id']}")
        expect(ann.page.locator("#pulse")).to_have_text("polling")
        ann.page.fill("#confirm-comment", "typed")
        world.accepted("ben", document, type="note", comment="Found by asking")
        expect(ann.page.locator("#lines")).to_contain_text("Found by asking")
        assert ann.page.input_value("#confirm-comment") == "typed"

"""In a real browser: pages stay fresh and keep what is typed, a stale tab cannot sign, nothing leaves the host."""

import re
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from tests.console.site import serving
from tests.http.clients import World

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

SECOND = 1_500  # milliseconds: within a second, and some for a busy machine
COMMIT = "fail-over-workloads.commit-workloads"
Site = tuple[World, str]


@pytest.fixture
def context(browser: "Browser", site: Site) -> Iterator["BrowserContext"]:
    """Give a fresh browser profile that reports what it should never do: ask elsewhere, break the policy, fail."""
    world, address = site
    found = browser.new_context(base_url=address, locale="en-GB", timezone_id="Europe/Paris")
    troubles: list[str] = []
    found.on("request", lambda request: troubles.append(request.url) if not request.url.startswith(address) else None)
    found.on("console", lambda one: troubles.append(one.text) if "Content Security" in one.text else None)
    found.on("weberror", lambda error: troubles.append(str(error.error)))
    found.on("dialog", lambda dialog: troubles.append(dialog.message))
    yield found
    found.close()
    world.client.cookies.clear()
    assert troubles == []


def come_in(context: "BrowserContext", world: World, who: str, path: str) -> Page:
    """Sign somebody in as people do, and give the page they wanted."""
    page = context.new_page()
    page.goto(path)
    if "/sign-in" in page.url:
        page.fill("#token", world.tokens[who])
        page.keyboard.press("Enter")
        page.wait_for_selector(".places, .kiosk")
    return page


def test_an_event_is_seen_within_a_second_and_what_is_typed_stays(context: "BrowserContext", site: Site) -> None:
    world, _ = site
    document = world.declare()
    page = come_in(context, world, "ann", f"/executions/{document['id']}")
    expect(page.locator("#pulse")).to_have_text("live")
    page.fill("#confirm-comment", "Power is cut, says")
    page.locator("#confirm-comment").evaluate("area => area.setSelectionRange(6, 8)")
    page.click("#more-hold > summary")
    page.focus("#confirm-comment")
    world.accepted("ben", document, type="note", comment="The electrician is on site")
    expect(page.locator("#lines")).to_contain_text("The electrician is on site", timeout=SECOND)
    assert page.input_value("#confirm-comment") == "Power is cut, says"
    assert page.evaluate("[document.activeElement.id, document.activeElement.selectionStart]") == ["confirm-comment", 6]
    assert page.locator("#more-hold").get_attribute("open") is not None
    page.click("#form-confirm button")
    expect(page.locator("#work-title")).to_have_text("Fail the VMM VM over, unplanned")
    expect(page.locator("#said")).to_contain_text("line 3")


def test_a_page_nobody_touched_goes_on_by_itself(context: "BrowserContext", site: Site) -> None:
    world, _ = site
    document = world.at(COMMIT)
    page = come_in(context, world, "ann", f"/executions/{document['id']}")
    expect(page.get_by_text("Waits for a second person")).to_be_visible()
    expect(page.locator("#pulse")).to_have_text("live")
    world.accepted("ben", document, type="authorize", at=COMMIT)
    expect(page.locator("#work")).to_contain_text("Authorized by ben", timeout=SECOND)
    button = page.locator("#form-confirm button.primary")
    expect(button).to_have_text("Confirm for 2 workloads")
    page.uncheck("#confirm-workload-web01")
    expect(button).to_have_text("Confirm for 1 workload")
    button.click()
    expect(page.locator("#said")).to_be_visible()
    assert world.read(document)["workloads"][0]["outcomes"][-1]["at"] == COMMIT


def test_a_tab_in_use_is_frozen_when_the_position_moves(context: "BrowserContext", site: Site) -> None:
    world, _ = site
    document = world.declare()
    page = come_in(context, world, "ann", f"/executions/{document['id']}")
    expect(page.locator("#pulse")).to_have_text("live")
    page.fill("#confirm-comment", "I was about to say")
    world.accepted("operator", document, type="confirm", at=document["position"], comment="Power is cut")
    expect(page.locator("#moved")).to_contain_text("operator confirmed at", timeout=SECOND)
    assert page.input_value("#confirm-comment") == "I was about to say"
    expect(page.locator("#form-confirm button")).to_be_disabled()
    expect(page.locator("#work-title")).to_have_text("Make sure the primary site is down or isolated")
    page.click("#moved a")
    expect(page.locator("#work-title")).to_have_text("Fail the VMM VM over, unplanned")


def test_a_colleague_at_another_workload_freezes_nothing(context: "BrowserContext", site: Site) -> None:
    world, _ = site
    document = world.at("fail-over-workloads.fail-over-workload-vms")
    page = come_in(context, world, "ann", f"/executions/{document['id']}")
    expect(page.locator("#pulse")).to_have_text("live")
    page.uncheck("#confirm-workload-web01")
    page.fill("#confirm-comment", "sql01 is mine")
    here = {"at": document["position"], "workloads": ["web01"]}
    world.accepted("operator", document, type="report_failure", symptom="F04", **here)
    expect(page.locator("#failure-1")).to_contain_text("F04", timeout=SECOND)
    assert page.input_value("#confirm-comment") == "sql01 is mine"
    assert page.evaluate("document.activeElement.id") == "confirm-comment"
    page.click("#form-confirm button")
    expect(page.locator("#said")).to_be_visible()
    assert world.read(document)["workloads"][0]["outcomes"][-1]["outcome"] == "done"


def test_a_verdict_shows_as_output_is_pasted_and_outlives_a_note(context: "BrowserContext", site: Site) -> None:
    world, _ = site
    document = world.at("fail-over-vmm.fail-over-vmm-vm")
    page = come_in(context, world, "ann", f"/executions/{document['id']}")
    expect(page.locator("#pulse")).to_have_text("live")
    page.click("#confirm-evidence > summary")
    page.fill("#confirm-evidence_content", '{"Name": "vmm01", "State": "Replicating", "Mode": "Replica"}')
    expect(page.locator("#confirm-verdict")).to_contain_text("does not show what is expected")
    world.accepted("ben", document, type="note", comment="Wait for it")
    expect(page.locator("#lines")).to_contain_text("Wait for it", timeout=SECOND)
    expect(page.locator("#confirm-verdict")).to_contain_text("Replicating")
    assert world.read(document)["version"] == document["version"] + 1


def test_the_overview_shows_a_new_execution(context: "BrowserContext", site: Site) -> None:
    world, _ = site
    page = come_in(context, world, "viewer", "/")
    expect(page.locator("#pulse")).to_have_text("live")
    world.declare(title="Just now")
    expect(page.locator("#running")).to_contain_text("Just now", timeout=SECOND)


def test_offline_is_said_and_the_way_back_found(context: "BrowserContext", site: Site) -> None:
    world, _ = site
    document = world.declare()
    page = come_in(context, world, "ann", f"/executions/{document['id']}")
    expect(page.locator("#pulse")).to_have_text("live")
    page.fill("#confirm-comment", "typed meanwhile")
    context.set_offline(True)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#pulse")).to_have_text(re.compile(r"offline since \d\d:\d\d: what you see may be old"))
    world.accepted("ben", document, type="note", comment="Said while away")
    context.set_offline(False)
    expect(page.locator("#lines")).to_contain_text("Said while away", timeout=10_000)
    expect(page.locator("#pulse")).to_have_text(re.compile("live|polling"))
    assert page.input_value("#confirm-comment") == "typed meanwhile"


def test_a_session_that_ends_takes_nothing_typed_with_it(context: "BrowserContext", site: Site) -> None:
    world, _ = site
    document = world.declare()
    page = come_in(context, world, "ann", f"/executions/{document['id']}")
    expect(page.locator("#pulse")).to_have_text("live")
    page.fill("#confirm-comment", "Half a sentence")
    with world.service.database.writing() as connection:
        connection.execute(text("DELETE FROM sessions"))
    world.accepted("ben", document, type="note", comment="Still there?")
    expect(page.locator("#moved")).to_contain_text("Your session has ended", timeout=SECOND)
    assert page.input_value("#confirm-comment") == "Half a sentence"
    with context.expect_page() as opened:
        page.click("#moved a")
    opened.value.fill("#token", world.tokens["ann"])
    opened.value.keyboard.press("Enter")
    opened.value.wait_for_selector(".places")
    page.click("#form-confirm .send button")
    expect(page.locator("#said")).to_be_visible()
    assert world.read(document)["position"] == "fail-over-vmm.fail-over-vmm-vm"


def test_times_are_the_readers_and_clocks_tick(context: "BrowserContext", site: Site) -> None:
    world, _ = site
    document = world.declare(outage_started_at="2026-01-01T00:00:00Z")
    page = come_in(context, world, "ann", f"/executions/{document['id']}")
    line = page.locator("#lines time").first
    assert re.fullmatch(r"\d\d:\d\d:\d\d", line.inner_text())
    assert re.search(r"(CET|CEST|GMT\+\d).*UTC", line.get_attribute("title") or "")
    hint = page.locator("#confirm-performed_at-hint")
    assert hint.text_content() in {"CET", "GMT+1"}
    world.accepted("ben", document, type="note", comment="fresh")
    expect(page.locator("#lines")).to_contain_text("fresh", timeout=SECOND)
    assert hint.text_content() in {"CET", "GMT+1"}
    clock = page.locator("#state .ticking")
    before = clock.inner_text()
    expect(clock).not_to_have_text(before, timeout=3_000)


def test_without_trustworthy_origin_forms_are_taken_by_their_origin(browser: "Browser", own_sqlite: str) -> None:
    """Over plain HTTP from another machine a browser sends no Sec-Fetch-Site; the Origin has to do."""
    host = socket.gethostbyname(socket.gethostname())
    with serving(own_sqlite, host=host) as (world, address):
        context = browser.new_context(base_url=address)
        page = come_in(context, world, "ann", "/")
        expect(page.locator("h1")).to_have_text("Executions")
        context.close()


def test_a_form_sent_back_stays_as_it_came_while_a_colleague_notes(context: "BrowserContext", site: Site) -> None:
    world, _ = site
    document = world.at("fail-over-vmm.fail-over-vmm-vm")
    page = come_in(context, world, "ann", f"/executions/{document['id']}")
    page.click("#confirm-earlier > summary")
    page.fill("#confirm-performed_at", "2199-01-01T00:00:00")
    page.fill("#confirm-performed_by", "Léa")
    page.click("#form-confirm button.primary")
    expect(page.locator("#refusal")).to_contain_text("Lies in the future")
    expect(page.locator("#pulse")).to_have_text("live")
    world.accepted("ben", document, type="note", comment="Who did it?")
    expect(page.locator("#lines")).to_contain_text("Who did it?", timeout=SECOND)
    expect(page.locator("#refusal")).to_contain_text("Lies in the future")
    assert page.input_value("#confirm-performed_by") == "Léa"

"""WCAG 2.2 AA as far as axe can tell: every page, everything on it opened, light and dark, English and French."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.console.people import PHONE, WIDE, Person, watched
from tests.http.clients import World

if TYPE_CHECKING:
    from playwright.sync_api import Page

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
ALL = [*WCAG, "best-practice"]
COLOURS = ["cat.color"]
#: Only what is found comes back: all that passes is a megabyte a page.
RUN = """async (tags) => (await axe.run({runOnly: tags, resultTypes: ["violations"]})).violations
  .map((one) => [one.id, ...one.nodes.map((node) => node.html.slice(0, 150))])"""
COMMIT = "fail-over-workloads.commit-workloads"
OPENED = "document.querySelectorAll('details').forEach((one) => { one.open = true })"


@pytest.fixture(scope="module")
def pages(site: tuple[World, str]) -> Mapping[str, str]:
    """Give every page by what it shows; the ones before `overview` are for people who have not come in."""
    world, _ = site
    ready = {"name": "Lyon", "runbook": "standalone-vmm", "parameters": {}, "workloads": [], "drill_period_days": 90}
    world.ask("admin", "/protected-sets", json=ready)
    action = world.at(COMMIT, targets={"rto_minutes": 1}, outage_started_at="2026-01-01T00:00:00Z")
    world.accepted("ben", action, type="authorize", at=COMMIT, workloads=["sql01"])
    failed = world.at("fail-over-workloads.fail-over-workload-vms")
    here = {"at": failed["position"], "workloads": ["web01"]}
    world.accepted("ann", failed, type="report_failure", symptom="F04", **here)
    held = world.accepted("ann", world.declare(), type="hold", comment="Lunch")
    ended = world.accepted("ann", world.declare(mode="drill"), type="abort", comment="Later")
    checklist = world.declare(runbook="prepare-hyper-v-hosts", title="Hosts", workloads=[], parameters={})
    drill = world.at("fail-over-workloads.sign-off", mode="drill")
    evidence = [{"kind": "output", "name": "state", "content": '{"Name": "vmm01"}'}]
    world.accepted("ann", action, type="note", comment="See", evidence=evidence)
    found = {"action": action, "failure": failed, "hold": held, "terminal": ended, "checklist": checklist}
    shown = {name: f"/executions/{one['id']}" for name, one in found.items()}
    return {
        "sign-in": "/sign-in",
        "overview": "/",
        **shown,
        "sign-off in a drill": f"/executions/{drill['id']}",
        "wall": f"{shown['failure']}?kiosk",
        "journal": f"{shown['action']}/journal",
        "journal line": f"{shown['action']}/journal?line=2",
        "sheet for paper": f"{shown['action']}/offline?show",
        "declare": "/declare",
        "declare live": "/declare?runbook=standalone-vmm&mode=live",
        "runbooks": "/runbooks",
        "runbook": "/runbooks/prepare-vmm-servers",
        "nothing": "/executions/nothing",
    }


def violations(page: "Page", rules: list[str]) -> list[Any]:
    """Give what axe finds: the rule, and where."""
    found: list[Any] = page.evaluate(RUN, rules)
    return found


@pytest.mark.parametrize("reader", [("ann", "fr-FR", PHONE), ("ben", "en-GB", WIDE)], ids=["phone", "wide"])
def test_axe_finds_nothing(
    browser: Any, site: tuple[World, str], pages: Mapping[str, str], reader: tuple[str, str, Any]
) -> None:
    who, locale, size = reader
    world, address = site
    with watched(browser, address, viewport=size, locale=locale) as context:
        person = Person(world, who, context.new_page())
        faults = []
        for name, path in pages.items():
            (person.page.goto if name == "sign-in" else person.sign_in)(path)
            person.page.evaluate(OPENED)
            person.page.evaluate(Axe().axe_script)
            rules = WCAG if name == "sheet for paper" else ALL  # what its table repeats on each sheet is no landmark
            faults += [(name, "light", found) for found in violations(person.page, rules)]
            person.page.emulate_media(color_scheme="dark")
            faults += [(name, "dark", found) for found in violations(person.page, COLOURS)]
            person.page.emulate_media(color_scheme="light")
            person.fits()
        assert faults == []
        person.page.evaluate("document.querySelector('main').append(document.createElement('img'))")
        assert [rule for rule, *_ in violations(person.page, WCAG)] == ["image-alt"]  # it does look

"""For everybody: at 400 % zoom, by keyboard alone, and without a script."""

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.console.people import Person, come_in, watched
from tests.http.clients import World

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ZOOMED = {"width": 320, "height": 256}  # 1280 by 1024 at 400 %, as WCAG 1.4.10 has it
#: What can be pressed or filled in has to lie inside the window, once it is scrolled down to.
OUTSIDE = """() => [...document.querySelectorAll("main :is(a, button, input, select, textarea, summary)")]
  .filter((one) => one.checkVisibility({visibilityProperty: true}) && !one.closest(".unseen, .scroll, pre, .pick-list"))
  .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
  .filter(([, box]) => box.width && (box.left < -1 || box.right > window.innerWidth + 1)).map(([html]) => html)"""
Site = tuple[World, str]


@pytest.mark.parametrize("locale", ["en-GB", "fr-FR"])
def test_at_400_percent_nothing_is_out_of_reach(browser: "Browser", site: Site, locale: str) -> None:
    world, address = site
    signing = world.at("fail-over-workloads.sign-off", mode="drill")
    commit = world.at("fail-over-workloads.commit-workloads", title="A" * 60)
    failed = world.at("fail-over-vmm.fail-over-vmm-vm")
    world.accepted("ann", failed, type="report_failure", at=failed["position"], symptom="F04")
    here = f"/executions/{commit['id']}"
    others = [f"/executions/{one['id']}" for one in (signing, failed)]
    pages = ["/", here, *others, f"{here}?kiosk", f"{here}/journal", "/runbooks", "/runbooks/standalone-vmm"]
    with watched(browser, address, viewport=ZOOMED, locale=locale) as context:
        for path in [*pages, "/declare", "/declare?runbook=standalone-vmm&mode=live"]:
            ann = come_in(context, world, "ann", path)
            ann.page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true })")
            ann.fits()
            assert ann.page.evaluate(OUTSIDE) == [], path
            ann.page.close()


def tab_to(page: Page, selector: str, *, most: int = 60) -> None:
    """Press Tab until the focus is there; every stop on the way shows that it has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        found = page.evaluate(
            "(wanted) => { const one = document.activeElement; const style = getComputedStyle(one);"
            " return [one.matches(wanted), one === document.body || style.outlineStyle !== 'none', one.outerHTML] }",
            selector,
        )
        assert found[1], f"the focus is not seen on {found[2][:100]}"
        if found[0]:
            return
    raise AssertionError(f"{selector} is not reached by Tab")


def test_by_keyboard_alone(browser: "Browser", site: Site) -> None:
    world, address = site
    document = world.at("fail-over-vmm.start-vmm-vm", title="By keyboard")
    with watched(browser, address) as context:
        ann = come_in(context, world, "ann", "/")
        expect(ann.page.locator("#pulse")).to_have_text("live")
        ann.page.keyboard.press("Tab")
        assert ann.page.evaluate("document.activeElement.className") == "skip"
        ann.page.keyboard.press("Enter")
        tab_to(ann.page, f"a[href='/executions/{document['id']}']")
        ann.page.keyboard.press("Enter")
        expect(ann.page.locator("#pulse")).to_have_text("live")
        tab_to(ann.page, "#confirm-comment")
        ann.page.keyboard.type("It answers at its address")
        tab_to(ann.page, "#confirm-evidence > summary")
        ann.page.keyboard.press("Space")
        tab_to(ann.page, "#form-confirm button.primary")
        ann.page.keyboard.press("Enter")
        expect(ann.page.locator("#said")).to_be_visible()
    with watched(browser, address) as context:
        ben = come_in(context, world, "ben", f"/executions/{document['id']}")
        tab_to(ben.page, "#form-sign_off button.primary")
        ben.page.keyboard.press("Space")
        expect(ben.page.locator("#said")).to_be_visible()
        assert world.read(document)["position"] == "fail-over-workloads.verify-vmm"
        tab_to(ben.page, ".menu > summary")
        ben.page.keyboard.press("Enter")
        expect(ben.page.locator(".menu-body")).to_be_visible()
        ben.page.keyboard.press("Escape")
        expect(ben.page.locator(".menu-body")).to_be_hidden()


def did_without_script(person: Person, kind: str, **filled: str) -> None:
    """Send a form that has to be accepted."""
    person.send(kind, **filled)
    expect(person.page.locator("#said")).to_be_visible()


def test_without_a_script(browser: "Browser", site: Site) -> None:
    world, address = site
    document = world.declare(title="No script")
    path = f"/executions/{document['id']}"
    with watched(browser, address, java_script_enabled=False) as context:
        ann = come_in(context, world, "ann", path)
        expect(ann.page.locator("#pulse")).to_be_hidden()
        expect(ann.page.locator("#lines time").first).to_contain_text("UTC")
        stale = Person(world, "ann", context.new_page())
        stale.page.goto(path)
        world.accepted("ben", document, type="note", comment="This voids nothing")
        did_without_script(ann, "confirm", comment="Power is cut")
        stale.send("confirm", comment="I saw it too")
        expect(stale.page.locator("#refusal")).to_contain_text(re.compile(r"ann confirmed at [\d:]+ UTC \(line 3\)"))
        expect(stale.page.locator("#kept")).to_have_value("I saw it too")
        expect(stale.page.locator("#work-title")).to_have_text("Fail the VMM VM over, unplanned")
        did_without_script(ann, "confirm")
        did_without_script(ann, "confirm")
        later = world.at("reverse-vmm-replication.old-workload-vms-off", title="Again")
        ann.page.goto(f"/executions/{later['id']}")
        ann.send("primary_lost", comment="The water is back", title="Once more")
        expect(ann.page.locator("#refusal")).to_contain_text("Type the title exactly")
        assert world.read(later)["version"] == later["version"]
        did_without_script(ann, "primary_lost", title="again")
        assert world.read(later)["position"] != later["position"]

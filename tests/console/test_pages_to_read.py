"""Journal, runbooks, problems and the offline copy in a real browser: no barrier, no report of the policy."""

from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.http.clients import World

if TYPE_CHECKING:
    from playwright.sync_api import Browser

OPTIONS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
PAGES = (
    "/executions/{execution}/journal?verify",
    "/runbooks/prepare-vmm-servers",
    "/executions/{execution}/offline?show",
    "/runbooks",
    "/problems",
    "/nothing-there",
)


@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1440)])
def test_axe_finds_nothing_and_nothing_is_refused(
    browser: "Browser", site: tuple[World, str], scheme: str, width: int
) -> None:
    world, address = site
    document = world.at("fail-over-vmm.sign-off", mode="drill")
    attached = [{"kind": "output", "name": "a.txt", "content": "x" * 300}, {"kind": "link", "href": "https://e.org/1"}]
    world.accepted("ann", document, type="note", evidence=attached)
    world.accepted("ann", document, type="correct", corrects=2, comment="It was another host")
    context = browser.new_context(
        base_url=address, viewport={"width": width, "height": 900}, color_scheme="dark" if scheme == "dark" else "light"
    )
    context.set_default_timeout(10_000)
    troubles: list[str] = []
    context.on("request", lambda one: troubles.append(one.url) if not one.url.startswith(address) else None)
    context.on("console", lambda one: troubles.append(one.text) if "Content Security" in one.text else None)
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("#token", world.tokens["viewer"])
    page.click("main button.primary")
    for path in PAGES if scheme == "light" else PAGES[:2]:  # the dark has other colours, not other elements
        page.goto(path.format(execution=document["id"]))
        page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true })")
        found = Axe().run(page, options=OPTIONS).response["violations"]
        assert [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found] == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{path} scrolls sideways"
    page.goto("/runbooks/standalone-vmm?mode=drill")
    page.locator(".machine").scroll_into_view_if_needed()
    assert page.locator(".machine").evaluate("one => one.decode().then(() => one.naturalWidth)") > 100
    assert troubles == []
    context.close()

"""People with real browsers: each sees the page, fills in its forms and sends them; what must never happen is noted."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Locator, Page, expect

from tests.http.clients import World

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

PHONE = {"width": 390, "height": 844}
WIDE = {"width": 1440, "height": 1000}
#: A browser says this of its own accord where a page answers 409, or a service is gone; the tests look at those.
_EXPECTED = ("Failed to load resource", "net::ERR_")
_REPORTS = """document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`Content Security Policy: ${event.violatedDirective} ${event.blockedURI}`))"""


@contextlib.contextmanager
def watched(browser: "Browser", address: str, **options: Any) -> Iterator["BrowserContext"]:
    """Give a fresh browser profile; fails at its end if a page asked elsewhere, broke its policy, failed or asked."""
    context = browser.new_context(base_url=address, timezone_id="Europe/Paris", **{"locale": "en-GB", **options})
    context.set_default_timeout(15_000)
    troubles: list[str] = []
    context.on("request", lambda one: troubles.append(one.url) if not one.url.startswith(address) else None)
    context.on("console", lambda one: troubles.append(one.text) if one.type == "error" else None)
    context.on("weberror", lambda error: troubles.append(str(error.error)))
    context.on("dialog", lambda dialog: troubles.append(f"dialog: {dialog.message}"))
    if options.get("java_script_enabled", True):
        context.add_init_script(_REPORTS)
    yield context
    context.close()
    assert [one for one in troubles if not one.startswith(_EXPECTED) and "net::ERR_" not in one] == []


@dataclass
class Person:
    """Somebody at a page."""

    world: World
    name: str
    page: Page

    def sign_in(self, path: str) -> None:
        """Come in by the token, as people do, and open a page."""
        self.page.goto(path)
        if "/sign-in" in self.page.url:
            self.page.fill("#token", self.world.tokens[self.name])
            self.page.keyboard.press("Enter")
            self.page.wait_for_url(lambda address: "/sign-in" not in address)

    def form(self, kind: str) -> Locator:
        """Give a form of the page, with all that it is folded away in opened."""
        form = self.page.locator(f"#form-{kind}")
        expect(form).to_be_attached()
        for folded in form.locator("xpath=ancestor::details[not(@open)]").all():
            folded.locator("> summary").click()
        return form

    def send(self, kind: str, *, tick: Sequence[str] | None = None, **filled: str) -> None:
        """Fill a form in and send it; `tick` are the workloads ticked (None: as they are)."""
        form = self.form(kind)
        for name, value in filled.items():
            field = form.locator(f"[name={name}]").first
            if field.get_attribute("type") == "radio":
                form.locator(f"[name={name}][value='{value}']").check()
            elif field.evaluate("field => field.nodeName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        for box in form.locator("[name=workloads]:not(:disabled)").all() if tick is not None else []:
            box.set_checked(box.get_attribute("value") in (tick or ()))
        form.locator(".send button:not(.check)").click()

    def did(self, kind: str, *, tick: Sequence[str] | None = None, **filled: str) -> None:
        """Send a form that has to be accepted."""
        self.send(kind, tick=tick, **filled)
        self.page.wait_for_url("**?said=*")
        expect(self.page.locator("#said")).to_be_visible()

    def sees(self, position: str) -> None:
        """Wait until the page has a form for this position."""
        expect(self.page.locator(f"form input[name=at][value='{position}']").first).to_be_attached()

    def fits(self) -> None:
        """Nothing of the page is wider than the window."""
        assert self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), self.page.url


def come_in(context: "BrowserContext", world: World, name: str, path: str) -> Person:
    """Give somebody who has signed in and opened a page."""
    person = Person(world, name, context.new_page())
    person.sign_in(path)
    return person

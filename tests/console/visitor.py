"""Somebody with a browser that runs no script: keeps cookies, fills in the forms that a page has, sends them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Any

from httpx2 import Response

from tests.http.clients import World

OURS = {"sec-fetch-site": "same-origin"}
Fields = dict[str, list[str]]


@dataclass
class Form:
    """A form as a page has it: where it goes, and what is filled in before anybody touches it."""

    action: str = ""
    fields: Fields = field(default_factory=dict)
    boxes: set[str] = field(default_factory=set)  # every value of a box, ticked or not
    buttons: list[str] = field(default_factory=list)
    disabled: bool = False


class _Page(HTMLParser):
    """Finds the forms of a page by their ids, and all its text."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, Form] = {}
        self.text = ""
        self.disabled = 0
        self._form: Form | None = None
        self._area: str | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        name = told.get("name", "")
        if tag == "form":
            self._form = Form(told.get("action", ""))
            self.forms[told.get("id", told.get("action", ""))] = self._form
        elif self._form is None:
            return
        elif tag == "button":
            self._form.buttons.append(told.get("value", ""))
            self._form.disabled |= "disabled" in told
        elif tag == "textarea":
            self._area = name
            self._form.fields.setdefault(name, []).append("")
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            known = self._form.fields.setdefault(self._select, [])
            if "selected" in told or not known:
                known[:] = [told.get("value", "")]
        elif tag == "input" and "disabled" not in told and told.get("type") != "file":
            if told.get("type") in {"checkbox", "radio"}:
                self._form.boxes.add(told["value"])
                if "checked" not in told:
                    return
            self._form.fields.setdefault(name, []).append(told.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._area = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._form is not None and self._area is not None:
            self._form.fields[self._area][-1] += data


def read(answer: Response) -> _Page:
    """Read an answer as the page that it is."""
    assert answer.headers["content-type"].startswith("text/html"), answer.text
    page = _Page()
    page.feed(answer.text)
    page.text = " ".join(page.text.split())
    return page


@dataclass
class Visitor:
    """One person's browser."""

    world: World
    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    page: _Page = field(default_factory=_Page)

    def get(self, path: str, **headers: str) -> Response:
        """Open a page, following redirects as a browser does."""
        answer = self._ask("GET", path, headers=headers)
        while answer.status_code in {303, 307}:
            answer = self._ask("GET", answer.headers["location"], headers=headers)
        if answer.headers.get("content-type", "").startswith("text/html"):
            self.page = read(answer)
        return answer

    def post(self, path: str, data: Mapping[str, Any], *, headers: Mapping[str, str] = OURS, **more: Any) -> Response:
        """Send fields to an address as a form of ours would; gives the answer itself, redirect or not."""
        self.world.client.cookies.clear()
        return self._ask("POST", path, data=dict(data), headers=headers, **more)

    def send(self, form: str, *, tick: Sequence[str] | None = None, **filled: str) -> Response:
        """Fill a form of the page and send it; `tick` are the workloads ticked (None: as they are)."""
        found = self.page.forms[form]
        fields: Fields = {**found.fields, **{name: [value] for name, value in filled.items()}}
        if tick is not None:
            fields["workloads"] = list(tick)
        answer = self.post(found.action, fields)
        if answer.headers.get("content-type", "").startswith("text/html"):
            self.page = read(answer)
        return answer

    def did(self, form: str, *, tick: Sequence[str] | None = None, **filled: str) -> None:
        """Send a form that has to be accepted, and look at the page it leads to."""
        answer = self.send(form, tick=tick, **filled)
        assert answer.status_code == 303, self.page.text
        assert self.get(answer.headers["location"]).status_code == 200

    def _ask(self, method: str, path: str, *, headers: Mapping[str, str], **more: Any) -> Response:
        self.world.client.cookies.clear()
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {**self.headers, **({"cookie": cookie} if cookie else {}), **headers}
        answer = self.world.client.request(method, path, headers=sent, follow_redirects=False, **more)
        self._keep(answer.headers.get_list("set-cookie"))
        return answer

    def _keep(self, lines: Iterable[str]) -> None:
        for line in lines:
            for name, morsel in SimpleCookie(line).items():
                if morsel.value:
                    self.cookies[name] = morsel.value
                else:
                    self.cookies.pop(name, None)


def signed_in(world: World, who: str, **headers: str) -> Visitor:
    """Give the browser of somebody who has signed in."""
    visitor = Visitor(world, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = visitor.post("/sign-in", {"token": world.tokens[who], "next": "/"})
    assert answer.status_code == 303, answer.text
    return visitor

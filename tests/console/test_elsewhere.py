"""Problems explained, and refusals at addresses that are not the console's own: pages to browsers, else as before."""

import pytest

from app.domain.errors import Refusal
from app.web.console import overview
from app.web.console.problem_words import explained
from app.web.errors import ANSWERS
from tests.console.visitor import Visitor, signed_in
from tests.http.clients import World

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def browser(world: World, **headers: str) -> Visitor:
    """Give somebody's browser, not signed in."""
    return Visitor(world, headers={**BROWSER, **{name.replace("_", "-"): said for name, said in headers.items()}})


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("kind", ANSWERS, ids=lambda one: one.slug)
def test_every_problem_is_explained_in_both_languages(quick: World, kind: type[Refusal], language: str) -> None:
    visitor = browser(quick, accept_language=language)
    answer = visitor.get(f"/problems/{kind.slug}")
    said = explained(kind, language)
    assert answer.status_code == 200
    assert answer.headers["content-language"] == language
    assert "Accept" in answer.headers["vary"]
    assert all(" ".join(one.split()) in visitor.page.text for one in said)
    assert (said.title == ANSWERS[kind].title) == (language == "en")


def test_the_list_of_problems_is_a_page_for_browsers_and_text_for_programs(quick: World) -> None:
    visitor = browser(quick)
    text = visitor.get("/problems").text
    assert all(f'href="/problems/{kind.slug}"' in text for kind in ANSWERS)
    for accept in ({}, {"accept": "*/*"}, {"accept": "text/plain"}, {"accept": "application/json"}):
        answer = quick.client.get("/problems/not-found", headers=accept)
        assert answer.headers["content-type"].startswith("text/plain")
        assert "Accept" in answer.headers["vary"]


@pytest.mark.parametrize("path", ["/nothing-here", "/problems/none", "/executions", "/files/none.css"])
def test_where_nothing_is_a_browser_gets_a_page(quick: World, path: str) -> None:
    visitor = browser(quick, accept_language="fr")
    answer = visitor.get(path)
    assert answer.status_code == 404
    assert "Il n'y a rien" in visitor.page.text
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    program = quick.client.get(path, headers={"accept": "*/*"})
    assert program.status_code == 404
    assert program.headers["content-type"] == "application/problem+json"


def test_a_page_of_nothing_knows_who_looks(quick: World) -> None:
    visitor = signed_in(quick, "viewer", **BROWSER)
    visitor.get("/nothing-here")
    assert "viewer" in visitor.page.text
    assert "Sign out" in visitor.page.text


def test_a_method_that_no_page_takes(quick: World) -> None:
    visitor = browser(quick)
    answer = visitor.post("/", {})
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"
    assert "This address takes no request of that kind" in answer.text


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v1/executions", "/api/v1/me"])
def test_the_api_answers_a_browser_as_it_answers_everybody(quick: World, path: str) -> None:
    answer = quick.client.get(path, headers=BROWSER)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_fault_of_ours_is_a_page_with_what_to_tell(quick: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    visitor = signed_in(quick, "viewer")
    monkeypatch.setattr(overview, "page", broken)
    answer = visitor.get("/")
    assert answer.status_code == 500
    assert "The service met a fault" in visitor.page.text
    assert "tell the administrator" in visitor.page.text
    assert "ZeroDivision" not in answer.text

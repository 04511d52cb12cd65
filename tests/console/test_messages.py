"""Every text of the console is said in French too, with the same values in it."""

import re

import pytest

from app.domain.reasons import Because
from app.web.console.speech import Speech, catalogue, marked
from tests.console import messages
from tests.console.visitor import Visitor
from tests.http.clients import World

PLACEHOLDER = re.compile(r"%%?\(?\w*\)?s|#")


def parts(text: object) -> list[str]:
    return [text] if isinstance(text, str) else [str(one) for one in text]  # type: ignore[attr-defined] # Babel's type is narrower than what it gives


def test_every_text_is_translated_and_nothing_else() -> None:
    wanted = {message.id: message for message in messages.found() if message.id}
    kept = {message.id: message for message in messages.kept("fr") if message.id}
    assert set(wanted) == set(kept), "python -m tests.console.messages brings the catalogue up to date"
    for identifier, message in kept.items():
        assert not message.fuzzy, identifier
        assert all(parts(message.string)), identifier
        for said in parts(message.string):
            assert sorted(PLACEHOLDER.findall(said)) == sorted(PLACEHOLDER.findall(parts(identifier)[-1])), identifier


def test_a_voice_speaks_its_language() -> None:
    assert Speech("en").say("Confirm") == "Confirm"
    assert Speech("fr").say("Confirm") == "Confirmer"
    assert Speech("fr").say("Run on %(host)s", host="hv1") == "Exécuter sur hv1"
    assert Speech("fr").say("A text nobody translated") == "A text nobody translated"
    assert marked("Confirm") == "Confirm"
    assert Speech("fr").read(Because.NOT_ON_HOLD.value).startswith("L'exécution")
    assert catalogue("fr") is catalogue("fr")


def test_the_language_is_the_browsers_until_one_is_chosen(quick: World) -> None:
    visitor = Visitor(quick, headers={"accept-language": "fr-CH, en;q=0.5"})
    answer = visitor.get("/sign-in")
    assert '<html lang="fr"' in answer.text
    assert answer.headers["content-language"] == "fr"
    assert "Votre jeton" in answer.text
    chosen = visitor.post("/preferences", {"language": "en", "next": "/sign-in?next=/"})
    assert (chosen.status_code, chosen.headers["location"]) == (303, "/sign-in?next=/")
    assert '<html lang="en"' in visitor.get("/sign-in").text
    visitor.post("/preferences", {"language": "de", "theme": "neon", "next": "/"})
    assert 'lang="en" data-theme="auto"' in visitor.get("/sign-in").text
    visitor.post("/preferences", {"theme": "dark", "next": "/"})
    assert 'data-theme="dark"' in visitor.get("/sign-in").text


@pytest.mark.parametrize("value", ["klingon", "", '"><script>'])
def test_a_cookie_of_another_hand_means_nothing(quick: World, value: str) -> None:
    visitor = Visitor(quick, cookies={"failback_language": value, "failback_theme": value})
    assert '<html lang="en" data-theme="auto">' in visitor.get("/sign-in").text

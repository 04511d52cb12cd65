"""The pages of runbooks: every definition whole in both languages, as live executions and drills walk it, drawn."""

from dataclasses import replace

import pytest

from app.domain.runbook import Runbook, Text
from app.services.runbook_document import runbook_document
from app.web import diagrams
from tests.console.visitor import signed_in
from tests.http.clients import DEFINITIONS, World

RUNBOOKS = list(DEFINITIONS.bundled.values())


def squeezed(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_list_names_every_runbook(quick: World, language: str) -> None:
    visitor = signed_in(quick, "viewer", accept_language=language)
    text = visitor.get("/runbooks").text
    for runbook in RUNBOOKS:
        assert f'href="/runbooks/{runbook.id}"' in text
        assert runbook.title.in_language(language) in visitor.page.text
    assert text.index("standalone-vmm") < text.index("prepare-vmm-servers")


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("mode", ["live", "drill"])
@pytest.mark.parametrize("runbook", RUNBOOKS, ids=lambda one: one.id)
def test_a_procedure_is_shown_whole(quick: World, runbook: Runbook, mode: str, language: str) -> None:
    visitor = signed_in(quick, "viewer", accept_language=language)
    answer = visitor.get(f"/runbooks/{runbook.id}?mode={mode}")
    assert answer.status_code == 200
    told = visitor.page.text
    document = runbook_document(runbook.for_mode(mode), language)
    assert document["digest"] in told
    for step in document["steps"]:
        assert step["title"] in told
        for action in step["actions"]:
            for said in ("title", "instruction", "consequence", "expectation"):
                assert squeezed(action[said] or "") in told
            for command in action["commands"] + (action["undo"]["commands"] if action["undo"] else []):
                assert squeezed(command["text"]) in told
    for identifier in runbook.symptoms:
        assert f'<tr id="{identifier}"' in answer.text
    for erratum in document["errata"]:
        assert squeezed(erratum["why"]) in told
    for rule in document["on_loss"]["primary_lost"]:
        assert squeezed(rule["refused"] or rule["because"] or "") in told
    assert ('class="band"' in answer.text) == (mode == "drill")
    assert "style=" not in answer.text
    assert "<style" not in answer.text


def test_an_earlier_version_is_marked(quick: World, monkeypatch: pytest.MonkeyPatch) -> None:
    now = DEFINITIONS.bundled["standalone-vmm"]
    visitor = signed_in(quick, "viewer")
    visitor.get(f"/runbooks/{now.id}?digest={now.digest}")
    assert "an earlier version" not in visitor.page.text
    former = replace(now, title=Text("An older title", "Un titre plus ancien"), digest="f" * 64)
    monkeypatch.setitem(quick.service.definitions._by_digest, former.digest, former)
    visitor.get(f"/runbooks/{now.id}?digest={former.digest}")
    assert "an earlier version" in visitor.page.text
    assert "An older title" in visitor.page.text


def test_the_machine_is_drawn_for_who_is_signed_in(quick: World) -> None:
    visitor = signed_in(quick, "viewer", accept_language="fr")
    live = visitor.get("/runbooks/standalone-vmm/diagram.svg")
    assert live.headers["content-type"] == "image/svg+xml"
    assert live.headers["content-security-policy"] == diagrams.CONTENT_SECURITY_POLICY
    assert live.headers["content-language"] == "fr"
    other = visitor.get("/runbooks/standalone-vmm/diagram.svg?mode=drill&profile=asr")
    assert other.status_code == 200
    assert other.text != live.text
    assert visitor.get("/runbooks/standalone-vmm/diagram.svg?profile=none").status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/runbooks/none", "/runbooks/none/diagram.svg", f"/runbooks/standalone-vmm?digest={'0' * 64}"],
)
def test_what_is_not_there_is_a_page(quick: World, path: str) -> None:
    visitor = signed_in(quick, "viewer")
    assert visitor.get(path).status_code == 404
    assert "There is nothing at this address" in visitor.page.text

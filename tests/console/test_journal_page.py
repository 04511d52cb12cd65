"""The journal's page: filters, pages, late entries, corrections, evidence as text, the proof, files to take away."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.services import reading
from app.web.console import journal_opened, journal_page
from tests.console.visitor import Visitor, signed_in
from tests.http.clients import World

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&"


@pytest.fixture(scope="module")
def told(quick: World) -> dict[str, Any]:
    """Give an execution with a late entry, two corrections of one line, and evidence of each kind."""
    done = (datetime.now(UTC) - timedelta(hours=2)).isoformat()
    begun = quick.declare(title=f"Flood {HOSTILE}"[:200], outage_started_at=done)
    quick.accepted(
        "ann", begun, type="confirm", at=begun["position"], comment=HOSTILE, performed_at=done, performed_by="Zoé"
    )
    for comment in ("It was fenced at 02:10", "No, 02:12"):
        quick.accepted("ben", begun, type="correct", corrects=2, comment=comment)
    attached = [
        {"kind": "output", "name": "vm.txt", "content": HOSTILE + "x" * journal_opened.SHOWN + "the end"},
        {"kind": "link", "href": "https://example.org/ticket?a=1&b=2"},
    ]
    return quick.accepted("operator", begun, type="note", evidence=attached)


def shown(world: World, document: dict[str, Any], query: str = "") -> tuple[Visitor, str]:
    """Give the page as a viewer sees it."""
    visitor = signed_in(world, "viewer")
    answer = visitor.get(f"/executions/{document['id']}/journal{query}")
    assert answer.status_code == 200
    return visitor, answer.text


def test_every_line_is_there_and_hostile_text_is_text(quick: World, told: dict[str, Any]) -> None:
    visitor, text = shown(quick, told)
    for number in range(1, 6):
        assert f'id="line-{number}"' in text
    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert "<script>alert(1)</script>" in visitor.page.text
    assert told["head"] in text
    assert 'rel="noreferrer noopener nofollow"' in text
    assert "https://example.org/ticket?a=1&amp;b=2" in text


def test_late_entries_and_corrections_are_marked(quick: World, told: dict[str, Any]) -> None:
    visitor, text = shown(quick, told)
    assert "entered 02:00:0" in visitor.page.text
    assert "Done by Zoé" in visitor.page.text
    line = text.split('id="line-2"')[1].split('id="line-3"')[0]
    assert "journal?line=3" in line
    assert "journal?line=4" in line
    assert "journal?line=2" in text.split('id="line-3"')[1].split('id="line-4"')[0]


def test_long_evidence_is_cut_in_the_list_and_whole_on_its_own(quick: World, told: dict[str, Any]) -> None:
    visitor, text = shown(quick, told)
    assert "xthe end" not in text
    assert "Show it whole" in visitor.page.text
    visitor, text = shown(quick, told, "?line=5")
    assert "xthe end" in text
    assert 'id="line-4"' not in text
    assert 'id="line-2"' in shown(quick, told, "?line=2")[1]
    assert "There is no such line." in shown(quick, told, "?line=99")[0].page.text


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("?type=correct", {3, 4}),
        ("?actor=ben&type=", {3, 4}),
        ("?step=fail-over-vmm&type=confirm", {2}),
        ("?after=3", {4, 5}),
        ("?type=abort", set()),
    ],
)
def test_filters(quick: World, told: dict[str, Any], query: str, numbers: set[int]) -> None:
    text = shown(quick, told, query)[1]
    assert {number for number in range(1, 6) if f'id="line-{number}"' in text} == numbers
    assert numbers or "Nothing of that kind" in text


def test_a_long_journal_comes_in_pages(quick: World, told: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_page, "PAGE", 2)
    _, text = shown(quick, told)
    assert "after=2" in text
    assert 'id="line-3"' not in text
    assert "journal?line=4" in text  # a correction further on is known all the same
    assert "From the beginning" in shown(quick, told, "?after=2")[0].page.text
    assert "Later lines" not in shown(quick, told, "?after=4")[0].page.text


def test_a_filter_that_means_nothing_is_refused_as_a_page(quick: World, told: dict[str, Any]) -> None:
    answer = signed_in(quick, "viewer").get(f"/executions/{told['id']}/journal?type=delete")
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("text/html")


def test_the_chain_is_verified_on_request(quick: World, told: dict[str, Any]) -> None:
    visitor, text = shown(quick, told)
    assert 'id="proof"' not in text
    visitor, text = shown(quick, told, "?verify")
    assert "The chain is intact" in visitor.page.text
    assert quick.ask("auditor", f"/executions/{told['id']}/verification").json()["head"] in text


def test_what_does_not_hold_is_said(quick: World, told: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    problems = [{"number": 2, "problem": "hash is wrong"}, {"number": 0, "problem": "the stored facts differ"}]
    proof = {"ok": False, "events": 5, "head": None, "problems": problems}
    monkeypatch.setattr(reading, "verification", lambda *_: proof)
    visitor, _ = shown(quick, told, "?verify")
    assert "The journal does not hold" in visitor.page.text
    assert "line 2: hash is wrong" in visitor.page.text


def test_the_journal_is_taken_away_by_who_is_signed_in(quick: World, told: dict[str, Any]) -> None:
    visitor = signed_in(quick, "viewer")
    path = f"/executions/{told['id']}/journal"
    lines = visitor.get(f"{path}.ndjson")
    assert lines.text == quick.journal(told)
    assert lines.headers["content-disposition"].endswith('.ndjson"')
    assert "Cookie" in lines.headers["vary"]
    assert [json.loads(line)["number"] for line in lines.text.splitlines()] == [1, 2, 3, 4, 5]
    table = visitor.get(f"{path}.csv")
    assert table.headers["content-type"].startswith("text/csv")
    assert table.text.startswith("number,recorded_at")
    assert visitor.get(f"{path}.pdf").status_code == 422
    assert visitor.get(f"/executions/{'0' * 8}-0000-7000-8000-{'0' * 12}/journal.csv").status_code == 404


def test_the_page_speaks_french_and_a_drill_is_banded(quick: World) -> None:
    drill = quick.declare(mode="drill", title="Exercice")
    visitor = signed_in(quick, "auditor", accept_language="fr")
    visitor.get(f"/executions/{drill['id']}/journal?verify")
    assert "La chaîne est intacte" in visitor.page.text
    assert 'class="band"' in visitor.get(f"/executions/{drill['id']}/journal").text


def test_what_the_check_of_an_output_found_is_said(quick: World) -> None:
    at = quick.at("fail-over-vmm.start-vmm-vm")
    wrong = json.dumps({"Name": "vmm01", "State": "Off", "Heartbeat": "NoContact"})
    outputs = [{"kind": "output", "content": wrong}, {"kind": "output", "content": "nothing of that kind"}]
    told = quick.accepted("ann", at, type="confirm", at=at["position"], evidence=outputs)
    checks = [
        one["check"]
        for one in quick.ask("viewer", f"/executions/{told['id']}/events/{told['version']}").json()["evidence"]
    ]
    assert [one["verdict"] for one in checks] == ["not_met", "not_recognised"]
    visitor, _ = shown(quick, told)
    assert "✕ does not show what is expected" in visitor.page.text
    assert "expected Running, found Off" in visitor.page.text
    assert "? not recognised" in visitor.page.text
    assert " ".join(checks[1]["why"].split()) in visitor.page.text

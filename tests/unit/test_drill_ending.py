"""How a drill ends: attested by its last sign-off with notes, or failed as it was cut short; live ones never say."""

from typing import Any

import pytest

from app.domain.case import Case
from app.domain.chain import hash_of
from app.domain.drill import Drill
from app.domain.errors import InvalidRequest, TransitionRefused
from app.domain.events import DrillOutcome
from app.domain.forms import check_form
from app.domain.journal import rule_problems
from app.domain.options import options
from tests.life import Life

LAST = "fail-back-workloads.sign-off"


def pointers(life: Life, **members: object) -> list[str]:
    """Give the places that the form of a sign-off is refused for, where the life stands."""
    posted = life.posted("sign_off", **{"decision": "approve", **members})
    try:
        check_form(Case(life.runbook, life.facts, posted))
    except InvalidRequest as refusal:
        return [fault.pointer for fault in refusal.faults]
    return []


def test_the_last_sign_off_of_a_drill_says_how_it_went_and_why() -> None:
    life = Life(mode="drill").go_to(LAST)
    assert pointers(life) == ["/drill_outcome"]
    assert pointers(life, drill_outcome="passed") == ["/comment"]
    assert pointers(life, drill_outcome="failed", comment="sql01 never answered") == []
    offer = next(offer for offer, reasons in options(life.runbook, life.facts) if offer.type == "sign_off")
    assert offer.needs == ("decision", "drill_outcome", "comment")
    line = life.sign(drill_outcome="failed", comment="sql01 never answered")
    assert line["data"]["drill_outcome"] == "failed"
    assert life.position == "completed"
    assert life.facts.drill == Drill(DrillOutcome.FAILED, "sql01 never answered", line["number"], line["recorded_at"])
    assert life.problems() == []


def test_nothing_else_says_it() -> None:
    attested: dict[str, Any] = {"drill_outcome": "passed", "comment": "fine"}
    assert pointers(Life().go_to(LAST), **attested) == ["/drill_outcome"]
    assert pointers(Life(mode="drill").go_to(LAST), decision="reject", **attested) == ["/drill_outcome"]
    life = Life(mode="drill").go_to("fail-over-vmm.sign-off")
    assert pointers(life) == []
    assert pointers(life, **attested) == []  # in form; but this is not the end
    with pytest.raises(TransitionRefused, match="attested by its last sign-off"):
        life.sign(**attested)
    with pytest.raises(InvalidRequest):
        check_form(Case(life.runbook, life.facts, life.posted("confirm", drill_outcome="passed")))


def test_a_drill_cut_short_has_failed_once_something_was_done_in_it() -> None:
    untouched = Life(mode="drill")
    line = untouched.post("abort", comment="wrong set")
    assert untouched.facts.drill == Drill(None, "wrong set", line["number"], line["recorded_at"])
    for kind in ("abort", "secondary_lost"):
        begun = Life(mode="drill").go_to("fail-over-vmm.start-vmm-vm")
        line = begun.post(kind, comment="the real thing")
        assert begun.facts.drill == Drill(DrillOutcome.FAILED, "the real thing", line["number"], line["recorded_at"])
        assert begun.problems() == []
    waived = Life(mode="drill").go_to("fail-over-workloads.check-workloads")
    assert waived.post("note", comment="goes on")["data"] == {"mode": "drill"}
    assert waived.facts.drill == Drill()


def test_every_line_of_a_drill_is_marked_and_none_of_a_live_one() -> None:
    drill, live = Life(mode="drill"), Life()
    for life in (drill, live):
        life.go_to("fail-over-workloads.verify-vmm")
        life.post("hold", comment="lunch")
    assert {line["data"].get("mode") for line in drill.lines} == {"drill"}
    assert [line["number"] for line in live.lines if "mode" in line["data"]] == [1]
    assert live.facts.drill is None
    assert "drill" not in live.lines[0]["data"]


def test_a_drill_of_before_the_mark_still_verifies_and_ends_as_it_did() -> None:
    life = Life(mode="drill", promised=False).go_to(LAST)
    assert pointers(life) == []
    line = life.sign()
    assert "mode" not in line["data"]
    assert life.facts.drill is None
    assert life.problems() == []


def test_a_journal_that_takes_the_mark_or_the_attestation_away_is_found_out() -> None:
    life = Life(mode="drill").go_to(LAST)
    life.sign()
    for number, name, why in ((2, "mode", "differs"), (len(life.lines), "drill_outcome", "refused")):
        lines = [dict(line) for line in life.lines]
        data = lines[number - 1]["data"]
        lines[number - 1]["data"] = {key: value for key, value in data.items() if key != name}
        lines[number - 1]["hash"] = hash_of(lines[number - 1])
        found = next(rule_problems(life.runbook, lines))
        assert found.number == number
        assert why in found.problem
    live = Life()
    live.lines[0]["data"]["drill"] = {"attestation": "required"}
    assert [one.number for one in rule_problems(live.runbook, live.lines)] == [1]

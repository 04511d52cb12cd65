"""Readiness without a database: what counts, what does not, and what a journal keeps of it."""

from dataclasses import replace
from typing import Any

import pytest

from app.domain.events import DrillOutcome
from app.domain.journal import fold, rule_problems
from app.domain.not_ready import NotReady, Reason, State, from_line, worst
from app.domain.protected_sets import ProtectedSet, declared_for, digest_of, is_sound, taken
from app.domain.readiness import Done, Readiness, Required, readiness
from tests.life import Life, standalone
from tests.unit.test_journal_tampering import rechained

NOW = "2026-11-23T03:00:00.000000Z"
BEFORE, AFTER, LATER = (f"2026-{month}-01T00:00:00.000000Z" for month in ("10", "12", "13"))
PASSED = Done(execution="d1", digest="a", ended_at=BEFORE, until=LATER, same=True)
SIGNED = Done(execution="c1", digest="c", ended_at=BEFORE, until=AFTER, same=True)
LIST = Required(id="list", digest="c", done=[SIGNED])
FAILED = replace(PASSED, execution="d2", outcome=DrillOutcome.FAILED)


def found(**members: Any) -> Readiness:
    """Give the readiness of a set with one checklist and one drill; members given replace."""
    asked = {"runbook": "r", "digest": "a", "faults": [], "required": [LIST], "drills": [PASSED], **members}
    return readiness(now=NOW, **asked)


def why(answer: Readiness) -> list[NotReady]:
    return [one.why for one in answer.reasons]


def test_ready_until_the_first_of_what_holds_ends() -> None:
    assert found() == Readiness(
        state=State.READY, reasons=(), stale_at=AFTER, checklists={"list": SIGNED}, drill=PASSED
    )
    assert found(required=[]).stale_at == LATER


@pytest.mark.parametrize(("members", "state", "reasons"), [
    ({"digest": None}, State.NOT_READY, [NotReady.RUNBOOK_GONE]),
    ({"faults": ["/parameters/x"]}, State.NOT_READY, [NotReady.SET_INCOMPLETE]),
    ({"required": [replace(LIST, digest=None)]}, State.NOT_READY, [NotReady.CHECKLIST_GONE]),
    ({"required": [replace(LIST, done=[])]}, State.NOT_READY, [NotReady.CHECKLIST_MISSING]),
    ({"required": [replace(LIST, digest="x")]}, State.STALE, [NotReady.CHECKLIST_CHANGED]),
    ({"required": [replace(LIST, done=[replace(SIGNED, same=False)])]}, State.STALE, [NotReady.CHECKLIST_OF_OTHERS]),
    ({"required": [replace(LIST, done=[replace(SIGNED, until=NOW)])]}, State.STALE, [NotReady.CHECKLIST_EXPIRED]),
    ({"drills": []}, State.NOT_READY, [NotReady.DRILL_MISSING]),
    ({"drills": [FAILED]}, State.NOT_READY, [NotReady.DRILL_FAILED]),
    ({"drills": [replace(FAILED, same=False)]}, State.NOT_READY, [NotReady.DRILL_FAILED]),
    ({"digest": "b"}, State.STALE, [NotReady.RUNBOOK_CHANGED]),
    ({"digest": "b", "drills": [FAILED]}, State.NOT_READY, [NotReady.DRILL_FAILED, NotReady.RUNBOOK_CHANGED]),
    ({"drills": [replace(PASSED, same=False)]}, State.STALE, [NotReady.SET_CHANGED]),
    ({"drills": [replace(PASSED, until=NOW)]}, State.STALE, [NotReady.DRILL_OVERDUE]),
    ({"drills": [], "required": [replace(LIST, digest="x")]}, State.NOT_READY,
     [NotReady.CHECKLIST_CHANGED, NotReady.DRILL_MISSING]),
])  # fmt: skip
def test_each_reason(members: dict[str, Any], state: State, reasons: list[NotReady]) -> None:
    answer = found(**members)
    assert (answer.state, why(answer), answer.stale_at) == (state, reasons, None)


def test_what_still_holds_counts_before_what_came_after_it() -> None:
    newer: dict[str, Any] = {"ended_at": "2026-11-01T00:00:00.000000Z", "execution": "d9"}
    assert found(drills=[PASSED, replace(PASSED, **newer, same=False)]).state is State.READY
    assert found(drills=[PASSED, replace(PASSED, **newer, digest="old")]).state is State.READY
    assert why(found(drills=[PASSED, replace(FAILED, **newer)])) == [NotReady.DRILL_FAILED]
    assert why(found(drills=[PASSED, replace(FAILED, **newer, same=False)])) == [NotReady.DRILL_FAILED]
    assert found(drills=[FAILED, replace(PASSED, **newer)]).state is State.READY
    later: dict[str, Any] = {"ended_at": "2026-11-02T00:00:00.000000Z", "execution": "d10"}
    of_others = [PASSED, replace(FAILED, **newer, same=False), replace(PASSED, **later, same=False)]
    assert found(drills=of_others).state is State.READY
    revised = [replace(FAILED, **newer, same=False), replace(PASSED, **later, same=False)]
    assert why(found(drills=revised)) == [NotReady.SET_CHANGED]
    assert why(found(drills=[replace(FAILED, **newer), replace(PASSED, **later, same=False)])) == [
        NotReady.DRILL_FAILED
    ]
    other = replace(SIGNED, **newer, same=False)
    assert found(required=[replace(LIST, done=[other, SIGNED])]).checklists == {"list": SIGNED}


def test_every_reason_has_a_sentence_in_both_languages_and_comes_back_from_its_line() -> None:
    for one in NotReady:
        reason = Reason(why=one, about="this", since=NOW, execution="x")
        assert reason.in_language("en") != reason.in_language("fr")
        assert "{" not in reason.in_language("en") + reason.in_language("fr")
        assert from_line(reason.in_line()) == reason
        assert from_line(Reason(why=one).in_line()) == Reason(why=one)
        assert worst([reason]) is one.value[0]
    assert worst([]) is State.READY


def test_a_sentence_may_be_bettered_later_and_old_lines_still_read() -> None:
    reason = Reason(why=NotReady.DRILL_MISSING)
    assert from_line({**reason.in_line(), "text": "As an earlier release put it."}) == reason


@pytest.mark.parametrize(
    "kept",
    [{}, {"reason": "x"}, {"reason": "drill_missing", "more": "x"}, {"reason": "drill_missing", "about": 1}],
)
def test_a_line_that_says_another_thing_is_no_reason(kept: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="reason"):
        from_line(kept)


def test_what_is_taken_and_its_digest() -> None:
    own = {"secondary_host": "h2"}
    one = ProtectedSet(
        id="s", name="S", revision=1, runbook="standalone-vmm", parameters={"vmm_vm": "v", "other": "x"},
        workloads=(("a", own), ("b", {})), required_checklists=(), drill_period_days=90,
    )  # fmt: skip
    assert taken(one, standalone()) == ({"vmm_vm": "v"}, one.workloads)
    assert digest_of({"x": "1", "y": "2"}, [("a", own), ("b", {})]) == digest_of(
        {"y": "2", "x": "1"}, [("b", {}), ("a", own)]
    )
    assert digest_of({}, [("a", own)]) != digest_of({}, [("a", {})]) != digest_of({"a": ""}, [])


def test_a_declaration_names_its_set_and_what_was_not_ready() -> None:
    first = Life().lines[0]
    assert declared_for(standalone(), first["data"]) is None
    reason = Reason(why=NotReady.DRILL_MISSING).in_line()
    named = {"id": "s", "name": "S", "revision": 3}

    def problems(**members: Any) -> list[Any]:
        line = {**first, "data": {**first["data"], **members}}
        return list(rule_problems(standalone(), rechained([line])))

    assert problems(protected_set=named, not_ready=[reason]) == []
    assert problems(protected_set=named) == []
    for wrong in (
        {"not_ready": [reason]},
        {"protected_set": named, "not_ready": [{"reason": "no_such"}]},
        {"protected_set": {**named, "revision": 0}},
        {"protected_set": None},
        {"protected_set": "S"},
    ):
        assert problems(**wrong), wrong
    line = {**first, "data": {**first["data"], "protected_set": named, "not_ready": [reason]}}
    facts = fold(standalone(), rechained([line]))
    assert facts.protected_set is not None
    assert (facts.protected_set.revision, facts.not_ready) == (3, [reason])
    assert facts.protected_set.taken == digest_of(facts.parameters, [(name, {}) for name in facts.workloads])


@pytest.mark.parametrize(
    "named",
    [{"id": "s", "name": "S"}, {"id": 1, "name": "S", "revision": 1}, {"id": "s", "name": "S", "revision": True}],
)
def test_a_set_is_named_as_the_service_names_it(named: dict[str, Any]) -> None:
    assert not is_sound(named)

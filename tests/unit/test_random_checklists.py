"""Random lives of a checklist: the machine against its independent model, event by event, offers included."""

import os
import random
from collections import Counter
from typing import Any

import pytest

from app.domain.errors import Refusal
from app.domain.events import Actor, RecoveryPoint, Role
from app.domain.execution import apply
from app.domain.journal import fold
from app.domain.options import opens, options
from tests.life import PEOPLE, Life, checklist
from tests.unit.model_checklist import ABOUT_ITEMS, ITEMS, NEVER, POSITIONS, Checklist
from tests.unit.model_table import ENDS, INVALID, MOVED, OK, REFUSED, ROLE

PROVE = bool(os.environ.get("FAILBACK_PROVE"))
LIVES, STEPS = (200, 80) if PROVE else (12, 60)
Event = dict[str, Any]


class Walk:
    """A life and its model, and the chance that leads them."""

    def __init__(self, seed: int, *, four_eyes: str) -> None:
        self.chance = random.Random(seed)
        self.life = Life(runbook=checklist("deploy-standalone-vmm"), profile="none", names=(), four_eyes=four_eyes)
        self.model = Checklist(policy=four_eyes, coordinator=PEOPLE["ann"].id)
        self.folded = fold(self.life.runbook, self.life.lines)
        self.told: list[tuple[str, Event, str]] = []
        self.seen: Counter[tuple[str, str]] = Counter()

    def step(self) -> None:
        ways = {self.go_on: 12, self.anything: 6, self.about_an_item: 8, self.repeats: 3, self.rejects: 2}
        self.chance.choices(list(ways), list(ways.values()))[0]()

    def go_on(self) -> None:
        model = self.model
        if model.held:
            self.post("ann", type="resume")
        elif model.at_items:
            item = self.chance.choice(model.open_items())
            kind = "retry" if model.failures_of(item) else "confirm"
            self.post("ann", type=kind, at=model.position, action=item, comment="as shown")
        elif model.position not in ENDS:
            self.post("ben", type="sign_off", at=model.position, decision="approve")

    def rejects(self) -> None:
        to = self.chance.choice([None, f"{self.model.step}.items", *self.model.own()])
        if self.model.position.endswith("sign-off"):
            self.post("ben", type="sign_off", at=self.model.position, decision="reject", to=to, comment="look again")

    def about_an_item(self) -> None:
        kind = self.chance.choice(["confirm", "report_failure", "report_failure", "retry", "waive", "waive"])
        outcome = self.chance.choice([None, "already_done"]) if kind == "confirm" else None
        item = self.chance.choice(self.model.own() or list(ITEMS))
        self.post("zoe", type=kind, at=self.model.position, action=item, comment="so", outcome=outcome)

    def repeats(self) -> None:
        if self.told:
            _, event, who = self.told[-1]
            self.post(self.chance.choice([who, "zoe"]), **event)

    def anything(self) -> None:
        """Say anything, as anybody, good or bad."""
        one_of = self.chance.choice
        here, left = self.model.position, sorted(self.model.left)
        item = one_of([None, *(self.model.own() * 3), *ITEMS, "no.such"])
        kind = one_of([*ABOUT_ITEMS, *ABOUT_ITEMS, "sign_off", "hold", "resume", "abort", "hand_over", *NEVER, "note"])
        optional = kind in ("hold", "resume", "abort", "primary_lost", "secondary_lost", "hand_over")
        at = None if optional and one_of([True, False]) else one_of([here] * 6 + [*left, *POSITIONS, *ENDS, "x.y"])
        counted = item if here.endswith(".items") and kind in ABOUT_ITEMS and item is not None else here
        event = {
            "type": kind,
            "at": at,
            "attempt": one_of([None, None, self.model.attempt(counted), 1, 2]),
            "comment": one_of(["because", "so", None]),
            "action": item if kind in (*ABOUT_ITEMS, "undo") else None,
            "outcome": one_of([None, "already_done"]) if kind == "confirm" else None,
            "decision": one_of([None, "approve", "reject"]) if kind == "sign_off" else None,
            "to": {
                "sign_off": one_of([None, *self.model.own(), *ITEMS, "decide.items", "deploy.items", "no.such"]),
                "hand_over": one_of([None, PEOPLE["ann"].id, PEOPLE["dora"].id]),
            }.get(kind),
            "break_glass": one_of([None, True]) if kind in ("sign_off", "authorize") else None,
            "recovery_point": one_of([None, "old"]) if kind == "choose_recovery_point" else None,
            "command_profile": one_of([None, "none", "asr"]) if kind == "change_profile" else None,
        }
        if kind == "note":
            event |= {"at": None, "attempt": None}
        self.post(one_of(sorted(PEOPLE)), **event)

    def post(self, who: str, **members: Any) -> None:
        """Tell it both, who have to answer the same, and then to be the same."""
        event = {name: value for name, value in members.items() if value is not None}
        life, model, person = self.life, self.model, PEOPLE[who]
        self.told.append((f"{model.position} {model.status}", event, who))
        verdict = model.judge(event, who=person.id, roles={str(role) for role in person.roles})
        said = {name: value for name, value in event.items() if name != "type"}
        if "recovery_point" in said:
            said["recovery_point"] = RecoveryPoint(label="old", time="2026-11-23T02:00:00.000000Z")
        answer, line = OK, None
        try:
            line = life.post(event["type"], by=person, **said)
        except Refusal as refusal:
            answer = refusal.slug
        assert answer == verdict, self.told[-6:]
        self.seen[event["type"], verdict] += 1
        if line is not None:
            item = model.about(event)
            assert line["attempt"] == model.attempt(item or model.position)
            assert line["action"] == (item.partition(".")[2] if item else None)
            model.accept(event, who=person.id)
            self.folded = apply(life.machine, self.folded, line)
        self.check_state()
        self.check_offers()

    def check_state(self) -> None:
        facts, model = self.life.facts, self.model
        assert (facts.position, facts.status, facts.version) == (model.position, model.status, model.number)
        assert facts.coordinator.id == model.coordinator
        came = {place: (one.outcome.value, one.event) for place, one in facts.actions.items()}
        assert came == {item: (one.kind, one.number) for item, one in model.came.items()}
        failures = [(one.position, one.comment, one.event) for one in facts.failures]
        assert failures == [(one.item, one.comment, one.number) for one in model.failed]
        assert {place: facts.attempt_at(place) for place in model.attempts} == model.attempts
        assert all(model.attempt(place) == count for place, count in facts.attempts.items())
        assert set(facts.sign_offs) == model.signed
        assert (facts.completed_at is not None) == (model.position == "completed")
        assert facts.restored_at is None
        assert (facts.workloads, facts.unprotected, facts.passed) == ({}, [], [])
        assert self.folded == facts

    def check_offers(self) -> None:
        """Post every offer with just what it needs, by a newcomer of just its role: it is taken, and leads there."""
        life = self.life
        fill = {"comment": f"said of version {life.facts.version}", "to": PEOPLE["eve"].id, "corrects": 1}
        for offer, reasons in options(life.runbook, life.facts):
            if reasons:
                continue
            members = {name: fill.get(name, getattr(offer.posted, name)) for name in offer.needs}
            newcomer = Actor(id="never seen", name="new", roles=frozenset({Role(offer.role)}))
            line, reached = life.tried(life.posted(offer.type.value, **members), by=newcomer)
            leads = opens(life.machine, life.facts, offer)
            assert line["actor"]["role"] == offer.role.value
            assert leads in (None, reached.position)
            assert leads or "action" in offer.needs or reached.position == life.position


@pytest.mark.parametrize("four_eyes", ["irreversible", "every_step", "none"])
def test_machine_and_model_answer_every_random_event_alike(four_eyes: str) -> None:
    seen: Counter[tuple[str, str]] = Counter()
    for seed in range(LIVES):
        walk = Walk(seed, four_eyes=four_eyes)
        for _ in range(STEPS):
            walk.step()
        assert walk.life.problems() == []
        seen += walk.seen
    for kind in ABOUT_ITEMS:  # else these lives would prove little
        assert {OK, INVALID} <= {verdict for one, verdict in seen if one == kind}
    assert {MOVED, REFUSED, ROLE} <= {verdict for _, verdict in seen}
    assert seen["sign_off", OK]

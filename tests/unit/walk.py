"""A random walk: one execution told twice, by the domain and by the model, and compared after every event."""

import random
from collections import Counter
from typing import Any, ClassVar

from app.domain.errors import Refusal
from app.domain.events import Actor, EventType, RecoveryPoint, Role
from app.domain.execution import apply
from app.domain.journal import fold
from app.domain.machine import machine_for
from app.domain.options import opens, options
from tests.life import ASR, HYPER_V, PEOPLE, ZOE, Life
from tests.unit.evidence import output, shown
from tests.unit.model import Model, onward
from tests.unit.model_table import CHANGES_PROFILE, CHECK_W, ENDS, FAIL_OVER_W, FLAGS, OK, ORDER, RANK, UNDO

TYPES = [kind.value for kind in EventType if kind is not EventType.DECLARE]
POINTS = {label: RecoveryPoint(label=label, time="2026-11-23T02:00:00.000000Z") for label in ("old", "older")}
Event = dict[str, Any]


class Walk:
    """A life and its model, and the chance that leads them. `seen` counts what was answered, over all walks."""

    seen: ClassVar[Counter[tuple[str, str]]] = Counter()

    def __init__(
        self,
        seed: int,
        *,
        profile: str,
        four_eyes: str,
        names: tuple[str, ...],
        mode: str = "live",
        evidence: str | None = None,
    ) -> None:
        """Declare."""
        self.chance = random.Random(seed)
        self.life = Life(profile=profile, four_eyes=four_eyes, names=names, mode=mode, evidence=evidence)
        coordinator = PEOPLE["ann"].id
        self.model = Model(
            names=names, profile=profile, policy=four_eyes, coordinator=coordinator, mode=mode, evidence=evidence
        )
        self.folded = fold(self.life.runbook, self.life.lines)
        self.told: list[tuple[str, str, Event, str]] = []

    def go_to(self, rank: int) -> None:
        """Do what is due until the position of that rank."""
        while RANK.get(self.model.position, len(ORDER)) < rank:
            self.go_on()

    def step(self) -> None:
        """Let something happen: what is due, or trouble, or anything."""
        ways = {
            self.go_on: 10,
            self.some_at_a_time: 4,
            self.anything: 4,
            self.anything_about_here: 4,
            self.fails: 2,
            self.retries: 2,
            self.waives: 2,
            self.undoes: 2,
            self.rejects: 2,
            self.signs: 2,
            self.chooses_another_point: 3,
            self.loses_the_primary: 1,
            self.changes_the_profile: 1,
            self.holds: 1,
            self.repeats: 3,
        }
        self.chance.choices(list(ways), list(ways.values()))[0]()

    # -- ways ------------------------------------------------------------------------------------------------------

    def go_on(self) -> None:
        """Do what is due, by the people it is due from."""
        for event in list(onward(self.model)):
            self.post(**{**event, "at": self.model.position})

    def some_at_a_time(self) -> None:
        """Authorize, then confirm some workloads, by people who may be the same."""
        names = self.some_names() if self.model.has("w") else ()
        if self.model.has("!"):
            glass = self.chance.random() < 0.3
            by = self.one_of("ann", "dora", "zoe") if glass else self.one_of("ben", "carl", "zoe")
            self.about_here("authorize", by, workloads=names, break_glass=glass)
        outcome = self.one_of("done", "done", "already_done")
        by = self.one_of("ann", "otto", "carl", "zoe")
        self.about_here("confirm", by, workloads=names, outcome=outcome, **self.some_evidence())

    def fails(self) -> None:
        names = self.some_names() if self.model.has("w") and self.chance.random() < 0.7 else ()
        self.about_here("report_failure", "otto", workloads=names, symptom=self.one_of("F01", "F03", None))

    def retries(self) -> None:
        waived = [name for name in self.model.waived if self.chance.random() < 0.7]
        looks = [place for place in self.own_actions() if not self.model.has("t", place)]
        if waived:
            self.about_here("retry", "otto", workloads=tuple(sorted(waived, key=self.model.names.index)))
        elif looks and self.chance.random() < 0.5:
            names = self.some_names() if self.chance.random() < 0.3 else ()
            self.about_here("retry", "otto", action=self.chance.choice(looks), workloads=names)
        else:
            self.about_here("retry", "otto", workloads=self.some_names() if self.chance.random() < 0.5 else ())

    def waives(self) -> None:
        names = self.some_names() if self.model.has("w") else ()
        self.about_here("waive", self.one_of("dora", "dora", "otto"), workloads=names)

    def undoes(self) -> None:
        done = [place for place in UNDO if self.model.is_done(place)]
        if done:
            place = self.chance.choice([*done, done[-1], done[-1]])
            names = self.some_names() if self.model.has("w", place) and self.chance.random() < 0.6 else ()
            self.about_here("undo", "otto", action=place, workloads=names)

    def rejects(self) -> None:
        if self.model.position.endswith("sign-off"):
            self.about_here("sign_off", "ben", decision="reject", to=self.one_of(None, *self.own_actions()))

    def signs(self) -> None:
        """Sign the step off, perhaps as somebody who confirmed in it, perhaps breaking the glass."""
        if self.model.position.endswith("sign-off"):
            glass = self.chance.random() < 0.3
            by = self.one_of("ann", "zoe", "carl") if glass else self.one_of("zoe", "carl", "ben")
            attested = self.one_of("passed", "failed", None) if self.model.mode == "drill" else None
            self.about_here("sign_off", by, decision="approve", break_glass=glass, drill_outcome=attested)

    def chooses_another_point(self) -> None:
        """Choose another recovery point, at a failover after a failure."""
        if self.model.position not in (FAIL_OVER_W, CHECK_W):
            return
        names = self.some_names() if self.chance.random() < 0.6 else ()
        if self.model.position == FAIL_OVER_W:
            self.about_here("report_failure", "otto", symptom="F03", workloads=names)
        point = self.one_of("old", "older")
        self.about_here("choose_recovery_point", "otto", recovery_point=point, workloads=names)

    def loses_the_primary(self) -> None:
        self.post(type="primary_lost", comment="power again", _who="dora")

    def changes_the_profile(self) -> None:
        if self.model.position.partition(".")[0] in CHANGES_PROFILE:
            self.about_here("change_profile", "ann", command_profile=self.one_of(ASR, HYPER_V))

    def holds(self) -> None:
        self.post(type=self.one_of("hold", "resume"), comment="wait", _who="ann")

    def repeats(self) -> None:
        """Say again what was just said, perhaps as somebody else, perhaps without reading again."""
        if self.told:
            _, _, event, who = self.told[-1]
            self.post(**event, _who=self.one_of(who, who, "zoe"))

    def anything_about_here(self) -> None:
        """Say something in form about the current action, with every role."""
        kind = self.chance.choice([one for one in TYPES if one not in ("abort", "secondary_lost")])
        event = self.event(kind)
        self.post(**{**event, "at": event["at"] and self.model.position, "attempt": None, "comment": "so"}, _who="zoe")

    def anything(self) -> None:
        """Say anything, as anybody."""
        self.post(**self.event(self.chance.choice(TYPES)), _who=self.one_of(*sorted(PEOPLE)))

    # -- what is said ----------------------------------------------------------------------------------------------

    def one_of(self, *values: Any) -> Any:
        return self.chance.choice(values)

    def some_names(self) -> tuple[str, ...]:
        return tuple(name for name in self.model.names if self.chance.random() < 0.5) or self.model.names[-1:]

    def some_evidence(self) -> Event:
        """Give what shows all, something else or nothing, and may do without; chance is asked only where it matters."""
        if self.model.evidence is None:
            return {}
        return {"evidence": self.one_of("all", "all", "wrong", None), "evidence_waived": self.chance.random() < 0.2}

    def shown(self, what: str) -> tuple[Event, ...]:
        """Give outputs that show all that is expected here, or something else."""
        action = self.life.runbook.actions.get(self.life.position)
        if what == "wrong" or action is None:
            return (output({"Name": "nobody", "State": "Off", "Mode": "None"}),)
        return shown(self.life, action)

    def own_actions(self) -> list[str]:
        step = self.model.position.partition(".")[0]
        return [place for place in FLAGS if place.startswith(step + ".")]

    def about_here(self, kind: str, who: str, **members: Any) -> None:
        self.post(**{"type": kind, "at": self.model.position, "comment": "because", **members}, _who=who)

    def event(self, kind: str) -> Event:
        """Give an event of this type with anything that it takes, good or bad."""
        left, own = sorted(self.model.left), self.own_actions()
        somewhere = [*left[:1], *ORDER, *ENDS, "no-step.no-action"]
        at = self.one_of(*[self.model.position] * 6, *left[-1:], self.chance.choice(somewhere))
        optional = kind in ("hold", "resume", "abort", "primary_lost", "secondary_lost", "hand_over")
        attempt = max(1, self.life.facts.attempt + self.one_of(-1, 0, 0, 1))
        takes: dict[str, Event] = {
            "confirm": {
                "outcome": self.one_of("done", "already_done"),
                "recovery_point": self.one_of(None, None, "old"),
                **self.some_evidence(),
            },
            "report_failure": {"symptom": self.one_of(None, "F01", "F03", "F99")},
            "retry": {"action": self.one_of(None, None, *own, *FLAGS)},
            "choose_recovery_point": {"recovery_point": self.one_of(None, "old", "older")},
            "undo": {"action": self.one_of(None, *own, *UNDO, "no-step.no-action")},
            "authorize": {"break_glass": self.one_of(True, False)},
            "change_profile": {"command_profile": self.one_of(None, ASR, HYPER_V, "none-such")},
            "sign_off": {
                "decision": self.one_of(None, "approve", "approve", "reject"),
                "to": self.one_of(None, None, *own, *FLAGS, "no-step.no-action"),
                "break_glass": self.one_of(True, False, False),
                "drill_outcome": self.one_of(None, None, None, "passed"),
            },
            "hand_over": {"to": self.one_of(None, *(PEOPLE[name].id for name in ("ann", "dora")))},
            "correct": {"corrects": self.one_of(None, 0, 1, 2, 999)},
        }
        names = {"workloads": self.one_of((), self.some_names())}
        per_workload = ("confirm", "report_failure", "retry", "choose_recovery_point", "undo", "authorize", "waive")
        return {
            "type": kind,
            "at": None if kind in ("note", "correct") or (optional and self.chance.random() < 0.5) else at,
            "attempt": None if kind in ("note", "correct") else self.one_of(None, None, None, attempt),
            "comment": self.one_of("because", "so", None),
            **takes.get(kind, {}),
            **(names if kind in per_workload else {}),
        }

    # -- what is answered ------------------------------------------------------------------------------------------

    def post(self, *, _who: str, **members: Any) -> None:
        """Tell it both, who have to answer the same, and then to be the same."""
        event = {name: value for name, value in members.items() if value not in (None, (), False)}
        life, model, person = self.life, self.model, PEOPLE[_who]
        self.told.append((model.position, model.status, event, _who))
        roles = {str(role) for role in person.roles}
        verdict = model.judge(event, who=person.id, roles=roles, attempt=life.facts.attempt)
        offered = {offer.type.value for offer, reasons in options(life.runbook, life.facts) if not reasons}
        attempts = dict(life.facts.attempts)
        said = {name: value for name, value in event.items() if name != "type"}
        if "recovery_point" in said:
            said["recovery_point"] = POINTS[said["recovery_point"]]
        if "evidence" in said:
            said["evidence"] = self.shown(said["evidence"])
        answer, line = OK, None
        try:
            line = life.post(event["type"], by=person, **said)
        except Refusal as refusal:
            answer = refusal.slug
        assert answer == verdict
        if line is not None:
            assert event["type"] in offered, "accepted, but not offered"
            model.accept(event, who=person.id)
            self.folded = apply(machine_for(life.runbook, self.folded.profile), self.folded, line)
            grown = [life.facts.attempts[place] - count for place, count in attempts.items()]
            assert all(more >= 0 for more in grown), "an attempt went back"
            raised = attempts.get(life.position, 0) < life.facts.attempt
            assert raised or not model.raised, "the attempt was not raised"
        self.seen[event["type"], verdict] += 1
        self.check_state()
        self.check_offers()

    def check_state(self) -> None:
        """Compare everything that both know, and the journal's fold with the facts."""
        facts, model = self.life.facts, self.model
        assert (facts.position, facts.status, facts.version) == (model.position, model.status, model.number)
        assert (facts.profile, facts.coordinator.id) == (model.profile, model.coordinator)
        outcomes: dict[tuple[str, str | None], tuple[str, int]] = {
            (place, None): (one.outcome.value, one.event) for place, one in facts.actions.items()
        }
        for name, workload in facts.workloads.items():
            outcomes |= {(place, name): (one.outcome.value, one.event) for place, one in workload.outcomes.items()}
        assert outcomes == {key: (one.kind, one.number) for key, one in model.came.items()}
        workloads = facts.workloads.items()
        assert {name: one.waived_at for name, one in workloads if one.waived_at is not None} == model.waived
        assert {name: one.recovery_point.label for name, one in workloads if one.recovery_point} == model.points
        failures = {(one.event, one.position, one.symptom, frozenset(one.workloads)) for one in facts.failures}
        assert failures == {(one.number, one.place, one.symptom, one.names) for one in model.failed}
        authorized: dict[str | None, tuple[str, bool]] = {}
        for yes in facts.authorizations:
            subjects: tuple[str | None, ...] = yes.workloads if model.has("w") else (None,)
            authorized |= dict.fromkeys(subjects, (yes.by.id, yes.break_glass))
        assert authorized == model.yes
        assert set(facts.sign_offs) == model.signed
        assert (facts.restored_at is not None, facts.completed_at is not None) == (
            model.restored,
            model.position == "completed",
        )
        assert (facts.drill and facts.drill.outcome) == model.drill
        picture = {"vmm" if subject is None else subject: tuple(place) for subject, place in model.place.items()}
        assert self.life.picture() == picture
        open_windows = [one.subject for one in facts.unprotected if one.until is None]
        assert sorted(open_windows) == sorted(subject for subject, (_, way) in picture.items() if way == "none")
        assert self.folded == facts
        assert fold(self.life.runbook, self.life.lines) == facts

    def check_offers(self) -> None:
        """Post every offer with just what it needs, by a newcomer of just its role: it is taken, and leads there."""
        life = self.life
        for offer, reasons in options(life.runbook, life.facts):
            if reasons:
                continue
            fill: dict[str, Any] = {
                "comment": f"said of version {life.facts.version}",
                "recovery_point": RecoveryPoint(label="new", time="2026-11-23T02:00:00.000000Z"),
                "to": PEOPLE["eve"].id,
                "corrects": 1,
                "evidence": self.shown("all"),
            }
            members = {name: fill.get(name, getattr(offer.posted, name)) for name in offer.needs}
            newcomer = Actor(id="never seen", name="new", roles=frozenset({Role(offer.role)}))
            line, reached = life.tried(life.posted(offer.type.value, **members), by=newcomer)
            assert line["actor"]["role"] == offer.role.value
            assert offer.role in ZOE.roles
            leads = opens(life.machine, life.facts, offer)
            if "workloads" not in offer.needs and (leads or "action" not in offer.needs):
                assert (leads or life.position) == reached.position

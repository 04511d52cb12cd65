"""Random lives: the machine against an independent model, event by event, by people who may and people who may not."""

import os
from collections import Counter
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app.domain.chain import chain_problems
from app.domain.errors import Refusal
from app.domain.events import EventType, RecoveryPoint, Role
from app.domain.execution import apply
from app.domain.facts import Facts
from app.domain.journal import fold, rule_problems
from app.domain.options import opens, options
from tests.life import ASR, HYPER_V, NAMES, PEOPLE, ZOE, Life
from tests.unit.model import ENDS, FLAGS, OK, ORDER, RANK, UNDO, Model, onward

PROVE = bool(os.environ.get("FAILBACK_PROVE"))
EXAMPLES, STEPS = (200, 50) if PROVE else (25, 40)  # 10,000 random events in the long proof

TYPES = [kind.value for kind in EventType if kind is not EventType.DECLARE]
SYMPTOMS = ["F01", "F03", "F14", "F25", "F99"]
POINTS = {label: RecoveryPoint(label=label, time="2026-11-23T02:00:00.000000Z") for label in ("old", "older")}

whose = st.sampled_from(sorted(PEOPLE))
subset = st.lists(st.sampled_from(NAMES), max_size=3, unique=True).map(lambda names: tuple(sorted(names)))
#: Everything that an event may carry; what its type does not take is left out when it is posted.
loose = st.fixed_dictionaries(
    {
        "workloads": subset,
        "outcome": st.sampled_from(["done", "done", "already_done"]),
        "at": st.sampled_from(["here"] * 12 + ["none", "behind", "ahead", "anywhere", "unknown"]),
        "attempt": st.sampled_from([None, None, None, 0, 1, -1]),
        "comment": st.sampled_from(["because", "so it was", "because", None]),
        "symptom": st.sampled_from([None, *SYMPTOMS]),
        "action": st.sampled_from([*UNDO, *FLAGS, "looks", "looks", "nowhere.at-all"]),
        "to": st.sampled_from([None, None, "first", "any", *FLAGS]),
        "decision": st.sampled_from(["approve", "approve", "approve", "reject"]),
        "recovery_point": st.sampled_from([None, "old", "older"]),
        "command_profile": st.sampled_from([ASR, HYPER_V, "none-such"]),
        "break_glass": st.booleans(),
        "corrects": st.sampled_from([1, 2, 999, None]),
        "pick": st.integers(0, 999),
    }
)
TAKES = {
    "confirm": {"workloads", "outcome", "recovery_point"},
    "report_failure": {"workloads", "symptom"},
    "retry": {"workloads", "action"},
    "choose_recovery_point": {"workloads", "recovery_point"},
    "undo": {"workloads", "action"},
    "authorize": {"workloads", "break_glass"},
    "waive": {"workloads"},
    "change_profile": {"command_profile"},
    "sign_off": {"decision", "to", "break_glass"},
    "hand_over": {"to"},
    "correct": {"corrects"},
}


class RandomLives(RuleBasedStateMachine):
    """One execution, told twice: by the domain, and by the model."""

    seen: Counter[tuple[str, str]] = Counter()

    @initialize(
        profile=st.sampled_from([HYPER_V, ASR]),
        four_eyes=st.sampled_from(["irreversible", "irreversible", "none", "every_step"]),
        names=st.sampled_from([NAMES, NAMES[:1]]),
        start=st.integers(0, len(ORDER) - 1),
    )
    def declare(self, profile: str, four_eyes: str, names: tuple[str, ...], start: int) -> None:
        self.life = Life(profile=profile, four_eyes=four_eyes, names=names)
        self.model = Model(names=names, profile=profile, policy=four_eyes, coordinator=PEOPLE["ann"].id)
        self.folded: Facts = fold(self.life.runbook, self.life.lines)
        while RANK.get(self.model.position, 999) < start:
            self._do_what_is_due()

    # -- what may happen -------------------------------------------------------------------------------------------

    @rule(times=st.integers(1, 4))
    def go_on(self, times: int) -> None:
        """What is due is done, by the people it is due from."""
        for _ in range(times):
            self._do_what_is_due()

    @rule(kind=st.sampled_from(TYPES), who=whose, said=loose)
    def anything(self, kind: str, who: str, said: dict[str, Any]) -> None:
        """Anybody says anything."""
        self._post(self._event(kind, said), who)

    @rule(
        kind=st.sampled_from(
            ["confirm", "confirm", "report_failure", "retry", "waive", "authorize", "choose_recovery_point", "undo"]
        ),
        said=loose,
    )
    def somebody_who_may(self, kind: str, said: dict[str, Any]) -> None:
        """An event about the current action, in form, by somebody with every role."""
        event = self._event(kind, {**said, "at": "here", "attempt": None, "comment": "because"})
        self._post(event, "zoe")

    @rule(said=loose)
    def takes_a_waived_one_back(self, said: dict[str, Any]) -> None:
        """A workload is waived, or a waived one comes back."""
        waived = tuple(sorted(self.model.waived))[: 1 + said["pick"] % 2]
        if waived:
            self._post({"type": "retry", "at": self.model.position, "workloads": waived}, "otto")
        else:
            event = {"type": "waive", "at": self.model.position, "workloads": self._names(said), "comment": "later"}
            self._post({key: value for key, value in event.items() if value != ()}, "dora")

    @precondition(lambda self: self.model.position.endswith("sign-off"))
    @rule(said=loose)
    def rejects(self, said: dict[str, Any]) -> None:
        """A step is sent back to one of its actions."""
        step = self.model.position.partition(".")[0]
        own = [None, *(place for place in FLAGS if place.startswith(step + "."))]
        event = {"type": "sign_off", "at": self.model.position, "decision": "reject", "comment": "look again"}
        target = own[said["pick"] % len(own)]
        self._post(event if target is None else {**event, "to": target}, "ben")

    @precondition(lambda self: RANK.get(self.model.position, 0) > RANK["confirm-access.sign-off"])
    @rule(said=loose)
    def primary_is_lost(self, said: dict[str, Any]) -> None:
        """A second disaster on the way back."""
        if said["pick"] % 3 == 0:
            self._post({"type": "primary_lost", "comment": "power again"}, "dora")

    # -- how it is said --------------------------------------------------------------------------------------------

    def _names(self, said: dict[str, Any]) -> tuple[str, ...]:
        return tuple(name for name in self.model.names if name in said["workloads"])

    def _event(self, kind: str, said: dict[str, Any]) -> dict[str, Any]:
        """Give an event of what its type takes, its places and names those of this life."""
        model, pick = self.model, said["pick"]
        event: dict[str, Any] = {"type": kind}
        places = {
            "here": model.position,
            "behind": sorted(model.left)[pick % len(model.left)] if model.left else model.position,
            "ahead": ORDER[min(RANK.get(model.position, 0) + 1 + pick % 5, len(ORDER) - 1)],
            "anywhere": ORDER[pick % len(ORDER)],
            "unknown": "no-step.no-action",
            "none": None,
        }
        required = kind in ("note", "correct")
        at = None if required else places[said["at"]]
        if at is None and kind in TAKES and kind not in ("hand_over", "correct"):
            at = model.position
        event["at"] = at
        if kind not in ("note", "correct") and said["attempt"] is not None:
            event["attempt"] = max(1, self.life.facts.attempt + said["attempt"])
        event["comment"] = said["comment"]
        for name in TAKES.get(kind, ()):
            event[name] = self._names(said) if name == "workloads" else said[name]
        if kind == "hand_over":
            event["to"] = PEOPLE[("ann", "dora")[pick % 2]].id
        looks = [place for place in FLAGS if place.partition(".")[0] == model.position.partition(".")[0]]
        if event.get("action") == "looks":
            event["action"] = looks[pick % len(looks)] if looks else ORDER[0]
        if kind == "retry" and pick % 3:
            event.pop("action", None)
        if event.get("to") in ("first", "any"):
            event["to"] = looks[pick % len(looks)] if looks else ORDER[0]
        if kind == "confirm" and pick % 4:
            event.pop("recovery_point", None)
        return {name: value for name, value in event.items() if value not in (None, (), False)}

    def _do_what_is_due(self) -> None:
        for event in list(onward(self.model)):
            who = event.pop("_who")
            self._post({**event, "at": self.model.position}, who)

    def _post(self, event: dict[str, Any], who: str) -> None:
        """Tell it both; they have to answer the same."""
        person = PEOPLE[who]
        verdict = self.model.judge(
            event, who=person.id, roles={str(role) for role in person.roles}, attempt=self.life.facts.attempt
        )
        members = {name: value for name, value in event.items() if name != "type"}
        if "recovery_point" in members:
            members["recovery_point"] = POINTS[members["recovery_point"]]
        attempts, allowed = dict(self.life.facts.attempts), self._allowed()
        try:
            line = self.life.post(event["type"], by=person, **members)
        except Refusal as refusal:
            answer = refusal.slug
            assert answer == verdict, (event, who, refusal.detail, refusal.members)
        else:
            answer = OK
            assert answer == verdict, (event, who)
            assert event["type"] in allowed, f"{event} was accepted but not offered"
            self.model.accept(event, who=person.id)
            self.folded = apply(self._machine_before(), self.folded, line)
            grown = {place: self.life.facts.attempts[place] - count for place, count in attempts.items()}
            assert all(more >= 0 for more in grown.values())
            assert not self.model.raised or self.model.position in ENDS or self._attempt_raised(attempts)
        self.seen[event["type"], answer] += 1

    def _machine_before(self) -> Any:
        return self.life.machine if self.folded.profile == self.life.facts.profile else self._other_machine()

    def _other_machine(self) -> Any:
        from app.domain.machine import machine_for  # noqa: PLC0415

        return machine_for(self.life.runbook, self.folded.profile)

    def _attempt_raised(self, before: dict[str, int]) -> bool:
        here = self.life.position
        return here not in before or self.life.facts.attempts[here] > before[here]

    def _allowed(self) -> set[str]:
        return {offer.type.value for offer, reasons in options(self.life.runbook, self.life.facts) if not reasons}

    # -- what has to hold ------------------------------------------------------------------------------------------

    @invariant()
    def both_tell_the_same(self) -> None:
        facts, model = self.life.facts, self.model
        assert (facts.position, facts.status, facts.version) == (model.position, model.status, model.number)
        assert (facts.profile, facts.coordinator.id) == (model.profile, model.coordinator)
        outcomes: dict[tuple[str, str | None], tuple[str, int]] = {
            (place, None): (one.outcome.value, one.event) for place, one in facts.actions.items()
        }
        for name, workload in facts.workloads.items():
            outcomes |= {(place, name): (one.outcome.value, one.event) for place, one in workload.outcomes.items()}
        assert outcomes == {key: (one.kind, one.number) for key, one in model.came.items()}
        waived = {name: one.waived_at for name, one in facts.workloads.items() if one.waived_at is not None}
        assert waived == model.waived
        points = {name: one.recovery_point.label for name, one in facts.workloads.items() if one.recovery_point}
        assert points == model.points
        places = {None: facts.vmm, **{name: one.place for name, one in facts.workloads.items()}}
        assert {name: [one.site, one.replication] for name, one in places.items()} == model.place
        failures = [(one.position, one.symptom, frozenset(one.workloads), one.event) for one in facts.failures]
        assert sorted(failures, key=str) == sorted(
            ((one.place, one.symptom, one.names, one.number) for one in model.failed), key=str
        )
        authorized: dict[str | None, tuple[str, bool]] = {}
        for yes in facts.authorizations:
            authorized |= dict.fromkeys(
                yes.workloads or ([] if self._per_workload() else [None]), (yes.by.id, yes.break_glass)
            )
        assert authorized == model.yes
        assert set(facts.sign_offs) == model.signed
        assert (facts.restored_at is not None) == model.restored
        assert (facts.completed_at is not None) == (model.position == "completed")

    def _per_workload(self) -> bool:
        action = self.life.runbook.actions.get(self.life.position)
        return action is not None and action.per_workload

    @invariant()
    def the_journal_folds_to_the_facts(self) -> None:
        assert self.folded == self.life.facts
        assert fold(self.life.runbook, self.life.lines) == self.life.facts

    @invariant()
    def windows_are_open_exactly_where_nothing_replicates(self) -> None:
        unprotected = {subject for subject, (_, replication) in self.life.picture().items() if replication == "none"}
        open_windows = [one.subject for one in self.life.facts.unprotected if one.until is None]
        assert sorted(open_windows) == sorted(unprotected)

    @invariant()
    def what_is_offered_is_accepted(self) -> None:
        """Every offer, posted with just what it needs, is taken, and leads where it says."""
        life = self.life
        for offer, reasons in options(life.runbook, life.facts):
            if reasons:
                continue
            assert offer.role in ZOE.roles
            fill: dict[str, Any] = {
                "comment": "because",
                "recovery_point": RecoveryPoint(label="never chosen", time="2026-11-23T02:00:00.000000Z"),
                "to": PEOPLE["eve"].id,
                "workloads": offer.posted.workloads,
                "action": offer.posted.action,
                "command_profile": offer.posted.command_profile,
                "decision": offer.posted.decision,
                "outcome": offer.posted.outcome,
                "corrects": 1,
            }
            person = PEOPLE["zoe"]
            one_role = type(person)(id="never seen before", name="new", roles=frozenset({Role(offer.role)}))
            posted = life.posted(offer.type.value, **{name: fill[name] for name in offer.needs})
            line, reached = life.tried(posted, by=one_role)
            leads = opens(life.machine, life.facts, offer)
            if "workloads" not in offer.needs and "action" not in offer.needs:
                assert (leads or life.position) == reached.position, offer
            assert line["actor"]["role"] == offer.role.value

    def teardown(self) -> None:
        if hasattr(self, "life"):
            assert list(chain_problems(self.life.lines)) == []
            assert list(rule_problems(self.life.runbook, self.life.lines)) == []


TestRandomLives = RandomLives.TestCase
TestRandomLives.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=not PROVE,
    print_blob=True,
)

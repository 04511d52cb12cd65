"""A life: one execution driven through the domain in memory, by the same functions that the service posts with."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from app.domain.case import Case
from app.domain.chain import Problem, chain_problems
from app.domain.course import after
from app.domain.drill import attests, promise
from app.domain.events import (
    AT_REQUIRED,
    Actor,
    Decision,
    DrillOutcome,
    EventType,
    OutcomeKind,
    Posted,
    RecoveryPoint,
    Role,
)
from app.domain.evidence_asked import checked
from app.domain.facts import Facts
from app.domain.forms import check_form, check_times
from app.domain.journal import fold, rule_problems
from app.domain.lines import Line, first_line, next_line
from app.domain.machine import Machine, machine_for
from app.domain.runbook import Runbook
from app.runbooks import bundled_runbooks

HYPER_V, ASR = "hyper-v-replica", "asr"
NAMES = ("sql01", "web01", "file01")
POINT = RecoveryPoint(label="hourly 2", time="2026-11-23T02:00:00.000000Z")
START = datetime.fromisoformat("2026-11-23T03:00:00+00:00")


def person(number: int, name: str, *roles: Role) -> Actor:
    return Actor(id=str(UUID(int=number)), name=name, roles=frozenset(roles))


ANN = person(1, "ann", Role.COORDINATOR, Role.OPERATOR)
BEN = person(2, "ben", Role.APPROVER)
CARL = person(3, "carl", Role.OPERATOR, Role.APPROVER)
DORA = person(4, "dora", Role.COORDINATOR)
EVE = person(5, "eve", Role.VIEWER, Role.AUDITOR, Role.ADMIN)
ZOE = person(6, "zoe", Role.COORDINATOR, Role.OPERATOR, Role.APPROVER)
OTTO = person(7, "otto", Role.OPERATOR)
PEOPLE = {one.name: one for one in (ANN, BEN, CARL, DORA, EVE, ZOE, OTTO)}


@cache
def standalone() -> Runbook:
    """Give the bundled runbook that lives are lived by."""
    return next(runbook for _, runbook in bundled_runbooks() if runbook.id == "standalone-vmm")


@cache
def checklist(name: str) -> Runbook:
    """Give a bundled checklist."""
    return next(runbook for _, runbook in bundled_runbooks() if runbook.id == name)


def stamp(moment: datetime) -> str:
    """Write a time as lines have it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Life:
    """An execution with its journal. Every event takes a minute; ann does, ben approves, unless said otherwise."""

    def __init__(
        self,
        *,
        profile: str = HYPER_V,
        four_eyes: str = "irreversible",
        names: Sequence[str] = NAMES,
        runbook: Runbook | None = None,
        mode: str = "live",
        promised: bool = True,
        targets: Mapping[str, int] | None = None,
        evidence: str | None = None,
    ) -> None:
        """Declare a disaster that began at START, five minutes later."""
        self.runbook = (runbook or standalone()).for_mode(mode)
        self.now = START + timedelta(minutes=5)
        line, self.facts = first_line(
            self.runbook,
            data={
                "runbook": {"id": self.runbook.id, "version": self.runbook.version},
                "mode": mode,
                "title": "Lyon is dark",
                "command_profile": profile,
                "policy": {"four_eyes": four_eyes, **({} if evidence is None else {"evidence": evidence})},
                "parameters": {one.name: one.example for one in self.runbook.parameters if one.required},
                "workloads": [{"name": name, "parameters": {}} for name in names],
                "targets": dict({"rto_minutes": 240} if targets is None else targets),
                "outage_started_at": stamp(START),
                "not_ready": [],
                **(promise(mode) if promised else {}),
            },
            actor=ANN,
            identity=self._identity(1),
            recorded_at=stamp(self.now),
        )
        self.lines: list[Line] = [line]

    @staticmethod
    def _identity(number: int) -> dict[str, str | None]:
        return {"id": str(UUID(int=1000 + number)), "execution_id": str(UUID(int=999)), "request_key_digest": None}

    @property
    def machine(self) -> Machine:
        return machine_for(self.runbook, self.facts.profile)

    @property
    def position(self) -> str:
        return self.facts.position

    def posted(self, kind: str, **members: Any) -> Posted:
        """Give an event from plain values; `at` is the current position where it is required and not given."""
        if EventType(kind) in AT_REQUIRED:
            members.setdefault("at", self.position)
        for name, read in (("outcome", OutcomeKind), ("decision", Decision), ("drill_outcome", DrillOutcome)):
            if name in members:
                members[name] = read(members[name])
        if "workloads" in members:
            members["workloads"] = tuple(members["workloads"])
        return Posted(type=EventType(kind), **members)

    def tried(self, posted: Posted, *, by: Actor) -> tuple[Line, Facts]:
        """Give what the event would lead to; raises its refusal. Nothing is kept."""
        check_times(self.facts, posted, recorded_at=stamp(self.now))
        check_form(Case(self.runbook, self.facts, posted))
        return next_line(
            self.machine,
            self.facts,
            checked(Case(self.runbook, self.facts, posted)),
            actor=by,
            identity=self._identity(self.facts.version + 1),
            recorded_at=stamp(self.now + timedelta(minutes=1)),
        )

    def post(self, kind: str, *, by: Actor = ANN, **members: Any) -> Line:
        """Post an event and give its line; raises its refusal."""
        line, self.facts = self.tried(self.posted(kind, **members), by=by)
        self.lines.append(line)
        self.now += timedelta(minutes=1)
        return line

    def confirm(self, *, by: Actor = ANN, **members: Any) -> Line:
        """Confirm, with the comment that some actions need."""
        return self.post("confirm", by=by, **{"comment": "done as shown", **members})

    def authorize(self, *, by: Actor = BEN, **members: Any) -> Line:
        return self.post("authorize", by=by, **members)

    def sign(self, *, by: Actor = BEN, **members: Any) -> Line:
        """Sign off; at the end of a drill also say that it passed."""
        ends = self.facts.at_sign_off and members.get("decision", "approve") == "approve"
        if ends and attests(self.facts, EventType.SIGN_OFF, after(self.runbook, self.position)):
            members = {"drill_outcome": "passed", "comment": "every test VM came up", **members}
        return self.post("sign_off", by=by, **{"decision": "approve", **members})

    def reject(self, *, by: Actor = BEN, **members: Any) -> Line:
        return self.sign(by=by, **{"decision": "reject", "comment": "look again", **members})

    def go_on(self) -> Line:
        """Do what is due, whole: authorize and confirm the action, or sign the step off."""
        if self.facts.at_sign_off:
            return self.sign()
        due = self.runbook.actions[self.position].irreversible and self.facts.four_eyes != "none"
        if due and not self.facts.authorizations:
            self.authorize()
        return self.confirm()

    def go_to(self, position: str) -> "Life":
        """Go on until the execution stands at `position`."""
        for _ in range(100):
            if self.position == position:
                return self
            self.go_on()
        raise AssertionError(f"never came to {position}")

    def problems(self) -> list[Problem]:
        """Give what the journal's own proofs find wrong with it, and whether it folds to the facts."""
        found = [*chain_problems(self.lines), *rule_problems(self.runbook, self.lines)]
        return found if fold(self.runbook, self.lines) == self.facts else [*found, Problem(0, "folds to other facts")]

    def picture(self) -> dict[str, tuple[str, str]]:
        """Give where everything runs and which way it replicates."""
        workloads = {name: (one.place.site, one.place.replication) for name, one in self.facts.workloads.items()}
        return {"vmm": (self.facts.vmm.site, self.facts.vmm.replication), **workloads}

    def done(self, name: str | None = None) -> Iterator[str]:
        """Give the positions with an outcome: of one workload, or (None) of the actions that have none."""
        yield from self.facts.actions if name is None else self.facts.workloads[name].outcomes


def walked(profile: str = HYPER_V, **members: Any) -> Iterator[tuple[str, Life]]:
    """Give every position of a life by its shortest way, with the life as it stands there; `completed` last."""
    life = Life(profile=profile, **members)
    while not life.facts.terminal:
        yield life.position, life
        life.go_on()
    yield life.position, life

"""An execution's facts: what its journal folds to, and the questions that rules and pages ask of them.

Only `execution.apply` changes facts. They are plain data, so that storage can keep them as JSON beside the execution.
"""

from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any

from app.domain.drill import Drill
from app.domain.events import FourEyes, OutcomeKind
from app.domain.protected_sets import DeclaredFor
from app.domain.records import (
    Authorization,
    Failure,
    Mark,
    Outcome,
    Person,
    Place,
    Point,
    Said,
    SignedOff,
    StepTimes,
    Window,
)
from app.domain.runbook import ABORTED, COMPLETED, ESCALATED, SIGN_OFF, TERMINAL
from app.domain.vocabulary import EvidencePolicy, Verdict

__all__ = [
    "SETTLED",
    "Authorization",
    "Facts",
    "Failure",
    "Mark",
    "Outcome",
    "Person",
    "Place",
    "Point",
    "Said",
    "SignedOff",
    "StepTimes",
    "Window",
    "Workload",
]

SETTLED = frozenset({OutcomeKind.DONE, OutcomeKind.ALREADY_DONE})


@dataclass(slots=True)
class Workload:
    """One workload's facts; `outcomes` by position."""

    name: str
    parameters: dict[str, str]
    place: Place
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    waived_at: str | None = None  # the position where it was left behind
    recovery_point: Point | None = None

    def copy(self) -> "Workload":
        """Give a workload that may be changed without touching this one (what is frozen is shared)."""
        copied: Workload = _twin(self)
        copied.outcomes = dict(self.outcomes)
        return copied


@dataclass(slots=True)
class Facts:
    """All that the journal says so far. `attempts` has every position that was ever entered."""

    title: str
    mode: str
    position: str
    profile: str
    four_eyes: FourEyes
    policy: dict[str, str]
    parameters: dict[str, str]
    targets: dict[str, int]
    coordinator: Person
    declared_at: str
    outage_started_at: str
    vmm: Place
    workloads: dict[str, Workload]
    version: int = 1
    head: str = ""
    recorded_at: str = ""
    on_hold: Mark | None = None
    restored_at: str | None = None
    completed_at: str | None = None
    attempts: dict[str, int] = field(default_factory=dict)
    actions: dict[str, Outcome] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    authorizations: list[Authorization] = field(default_factory=list)
    authorized: dict[str, Person] = field(default_factory=dict)  # who last said yes to what stands as authorized
    sign_offs: dict[str, SignedOff] = field(default_factory=dict)
    steps: dict[str, StepTimes] = field(default_factory=dict)
    passed: list[str] = field(default_factory=list)
    unprotected: list[Window] = field(default_factory=list)
    left_by: dict[str, Mark] = field(default_factory=dict)  # which event last moved on from each position or item
    visit: dict[str, Said] = field(default_factory=dict)  # latest event of each type at this position and attempt
    drill: Drill | None = None  # None: live, or a drill of before the mark
    protected_set: DeclaredFor | None = None
    not_ready: list[dict[str, str]] = field(default_factory=list)  # as the declaration's line has it
    entered_by: Mark | None = None  # the event that led to this position and attempt

    @property
    def evidence(self) -> EvidencePolicy:
        """Give what the declaration asks of evidence."""
        return EvidencePolicy(self.policy.get("evidence", EvidencePolicy.ADVISE))

    def evidence_not_met(self) -> int:
        """Count the confirmations that stand although their evidence shows something else."""
        everywhere = [self.actions, *(one.outcomes for one in self.workloads.values())]
        return sum(one.evidence is Verdict.NOT_MET for outcomes in everywhere for one in outcomes.values())

    @property
    def terminal(self) -> bool:
        """Say whether the execution has ended."""
        return self.position in TERMINAL

    @property
    def at_sign_off(self) -> bool:
        """Say whether the step waits for its sign-off."""
        return self.position.endswith("." + SIGN_OFF)

    @property
    def attempt(self) -> int:
        """Give the current position's count of attempts; 1 where the execution has ended."""
        return self.attempt_at(self.position)

    @property
    def status(self) -> str:
        """Give the derived status: the first that holds, in the contract's order."""
        if self.position in (COMPLETED, ABORTED, ESCALATED):
            return self.position
        if self.on_hold is not None:
            return "on_hold"
        return "blocked" if self.failures else "in_progress"

    def attempt_at(self, place: str) -> int:
        """Give the count of attempts of a position or of an item."""
        return self.attempts.get(place, 1)

    def failed_workloads(self) -> set[str]:
        """Give the workloads with an unresolved failure at the current position."""
        return {name for failure in self.failures_here() for name in failure.workloads}

    def failures_here(self) -> list[Failure]:
        """Give the unresolved failures of the current position (others may wait behind a workload taken back)."""
        return self.failures_at(self.position)

    def failures_at(self, place: str) -> list[Failure]:
        """Give the unresolved failures of an action."""
        return [failure for failure in self.failures if failure.position == place]

    def whole_failure(self, place: str | None = None) -> Failure | None:
        """Give the unresolved failure of an action (None: the current one) as a whole, if there is one."""
        return next((one for one in self.failures_at(place or self.position) if not one.workloads), None)

    def unsettled(self, position: str) -> list[str]:
        """Give the workloads that are neither done nor waived at `position`, in their order."""
        return [
            name
            for name, workload in self.workloads.items()
            if workload.waived_at is None and position not in workload.outcomes
        ]

    def open_workloads(self, position: str) -> list[str]:
        """Give the workloads a `confirm` that names none is about: neither done, waived nor failed."""
        failed = self.failed_workloads()
        return [name for name in self.unsettled(position) if name not in failed]

    def authorization_for(self, workload: str | None) -> Authorization | None:
        """Give the standing authorization for the workload (None: for an action without workloads)."""
        return next(
            (one for one in reversed(self.authorizations) if workload is None or workload in one.workloads), None
        )

    def alike(self, other: "Facts") -> bool:
        """Say whether these facts differ from others in nothing but the line they are stamped with (after a note)."""
        return _said(self) == _said(other)

    def copy(self) -> "Facts":
        """Give facts that may be changed without touching these (what is frozen is shared)."""
        copied: Facts = _twin(self)
        copied.workloads = {name: one.copy() for name, one in self.workloads.items()}
        copied.attempts = dict(self.attempts)
        copied.actions = dict(self.actions)
        copied.failures = list(self.failures)
        copied.authorizations = list(self.authorizations)
        copied.authorized = dict(self.authorized)
        copied.sign_offs = dict(self.sign_offs)
        copied.steps = dict(self.steps)
        copied.passed = list(self.passed)
        copied.unprotected = list(self.unprotected)
        copied.left_by = dict(self.left_by)
        copied.visit = dict(self.visit)
        return copied


#: All members but what `stamped` sets; shared members are compared by identity first, so this is cheap.
_said = attrgetter(*(one.name for one in fields(Facts) if one.name not in {"version", "head", "recorded_at"}))


def _twin(original: Any) -> Any:
    """Give an object with the same members; `dataclasses.replace` takes five times as long."""
    twin = object.__new__(type(original))
    for name in original.__slots__:
        setattr(twin, name, getattr(original, name))
    return twin

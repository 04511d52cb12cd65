"""What facts are made of: immutable records of who said what, when, and of what came of it."""

from dataclasses import dataclass

from app.domain.events import OutcomeKind
from app.domain.vocabulary import Verdict


@dataclass(frozen=True, slots=True)
class Person:
    """An operator, as a line names one."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Points at an accepted event: its number, type, who, and when it was recorded (UTC RFC 3339)."""

    number: int
    type: str
    actor: Person
    at: str


@dataclass(frozen=True, slots=True)
class Said:
    """An accepted event that somebody may only be repeating: where it was accepted, and what it was about."""

    mark: Mark
    position: str
    workloads: tuple[str, ...]
    action: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an action (or of one workload in it): attempt, event, by whom, when, under which profile."""

    outcome: OutcomeKind
    attempt: int
    event: int
    by: Person
    at: str
    profile: str
    evidence: Verdict | None = None  # what its evidence came to, where it was checked


@dataclass(frozen=True, slots=True)
class Failure:
    """A reported failure that is not resolved. No workloads: it is about the action as a whole."""

    event: int
    position: str
    symptom: str | None
    comment: str | None
    workloads: tuple[str, ...]
    by: Person
    at: str


@dataclass(frozen=True, slots=True)
class Authorization:
    """A second person's yes at the current position, for these workloads (none where the action has none)."""

    event: int
    by: Person
    at: str
    break_glass: bool
    workloads: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SignedOff:
    """A step's sign-off that stands."""

    event: int
    by: Person
    role: str
    break_glass: bool
    at: str


@dataclass(frozen=True, slots=True)
class Point:
    """A chosen recovery point."""

    label: str
    time: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where one subject runs and which way it replicates."""

    site: str
    replication: str


@dataclass(frozen=True, slots=True)
class Window:
    """A time without protection: `subject` is `vmm` or a workload's name; open while `until` is None."""

    subject: str
    since: str
    until: str | None = None


@dataclass(frozen=True, slots=True)
class StepTimes:
    """When a step was entered and when something was first said in it; both effective times."""

    entered_at: str
    started_at: str | None = None
    completed_at: str | None = None

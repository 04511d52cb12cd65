"""What the time of an execution is spent on, and the pieces a journal falls into: stretches, visits, outages."""

from dataclasses import dataclass
from enum import StrEnum

from app.domain.case import Case, asks_for_authorization
from app.domain.events import EventType, Posted
from app.domain.facts import Facts, Point
from app.domain.runbook import Runbook
from app.domain.spans import Lasted, lasted
from app.domain.timers import Timers


class State(StrEnum):
    """What the time at a position is spent on; at any moment the first that holds."""

    ON_HOLD = "on_hold"  # a coordinator stopped it
    SIGN_OFF = "sign_off"  # the step waits for its sign-off
    BLOCKED = "blocked"  # a reported failure is not resolved
    AUTHORIZATION = "authorization"  # nothing can be done before a second person's yes
    WAITING = "waiting"  # the step was reached, and nothing has been said in it yet
    HANDS_ON = "hands_on"  # people are at it


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time at one position in one state, between two events; open while `until` is None."""

    position: str
    state: State
    since: str
    first: int  # number of the event that began it
    until: str | None = None
    last: int | None = None  # number of the event that ended it

    def lasted(self, now: str) -> Lasted:
        """Give how long it lasted, an open one until `now`."""
        return lasted(self.since, self.until or now)


@dataclass(frozen=True, slots=True)
class Visit:
    """One coming to a step, until another step or the end; a rejection within the step does not end it."""

    step: str
    entered_at: str
    begun: bool = False  # whether something was said in it
    left_at: str | None = None
    timers: Timers | None = None  # as they stood when it was left


@dataclass(frozen=True, slots=True)
class Outage:
    """Users could not work: since the stated outage, or since a site was lost again by the event of that number."""

    since: str
    event: int
    until: str | None = None


@dataclass(frozen=True, slots=True)
class UsedPoint:
    """A recovery point of VMM's own failover (at `place`), and the beginning of the outage that it was chosen in."""

    place: str
    point: Point
    outage_since: str | None


def state_of(runbook: Runbook, facts: Facts, *, begun: bool) -> State:
    """Give what the time is spent on where a not ended execution stands; `begun`: something was said in the step."""
    if facts.on_hold is not None:
        return State.ON_HOLD
    if facts.at_sign_off:
        return State.SIGN_OFF
    if facts.failures:
        return State.BLOCKED
    if _awaits_authorization(runbook, facts):
        return State.AUTHORIZATION
    return State.HANDS_ON if begun else State.WAITING


def _awaits_authorization(runbook: Runbook, facts: Facts) -> bool:
    """Say whether nothing here can be confirmed before somebody authorizes it; one workload that can be is something.

    An authorization for a workload that is confirmed by now helps no other.
    """
    case = Case(runbook, facts, Posted(type=EventType.CONFIRM))
    if not asks_for_authorization(case):
        return False
    if not case.per_workload:
        return facts.authorization_for(None) is None
    return all(facts.authorization_for(name) is None for name in facts.open_workloads(facts.position))

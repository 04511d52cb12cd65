"""The clocks of an execution at a moment: outage, decision, each step and action, what is unprotected, what is late.

Read from a chronicle, that is from the journal alone, with the runbook's expected minutes. What goes on is measured
until `now`; once the execution has ended nothing goes on, and what never came to its end is measured until then.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from app.domain.chronicle import Chronicle
from app.domain.runbook import Order, Step
from app.domain.spans import Lasted, lasted
from app.domain.stretches import State, Stretch
from app.domain.vocabulary import ITEMS, SIGN_OFF


@dataclass(frozen=True, slots=True)
class Clock:
    """A time from one moment to another; without `until` it goes on, or never came to its end."""

    since: str
    until: str | None
    lasted: Lasted
    running: bool


@dataclass(frozen=True, slots=True)
class Spent:
    """How time was spent, by state."""

    by_state: dict[State, Lasted]

    @property
    def active(self) -> Lasted:
        """Give all of it but the holds, which count separately."""
        return sum((one for state, one in self.by_state.items() if state is not State.ON_HOLD), Lasted())


@dataclass(frozen=True, slots=True)
class StepClock:
    """The time of a step: all its visits together, and whether the latest took longer than expected."""

    number: int
    step: Step
    visits: int
    entered_at: str | None  # the latest visit
    left_at: str | None
    due_at: str | None
    late: Lasted  # by how much the latest visit is, or was, overdue
    spent: Spent
    places: dict[str, Spent]  # by action id; `items` for those without an order, `sign-off`


@dataclass(frozen=True, slots=True)
class Unprotected:
    """A time without protection of VMM or a workload."""

    subject: str
    clock: Clock


@dataclass(frozen=True, slots=True)
class Clocks:
    """All clocks at one moment. The outage's are None where the runbook ends none (a checklist)."""

    ended_at: str | None
    outages: list[Clock]  # the stated one; one more for each loss of a site that ended a time of work
    outage_events: list[int]  # the event that began each
    decision: Clock | None
    failback: Clock | None  # from restored until completed
    spent: Spent
    steps: list[StepClock]
    unprotected: list[Unprotected]
    due_at: str | None
    late: Lasted
    out_of_order: list[Stretch] = field(default_factory=list)  # whose end was said to come before their beginning


def clocks(chronicle: Chronicle, *, now: str) -> Clocks:
    """Read the clocks at a moment (UTC RFC 3339 text)."""
    facts, until = chronicle.facts, chronicle.ended_at or now
    measured = _Measure(until, running=chronicle.ended_at is None)
    ends = [*(one.until for one in chronicle.outages[:-1]), facts.restored_at]
    outages = [measured(one.since, end) for one, end in zip(chronicle.outages, ends, strict=False)]
    restored = facts.restored_at
    return Clocks(
        ended_at=chronicle.ended_at,
        outages=outages,
        outage_events=[one.event for one in chronicle.outages],
        decision=measured(facts.outage_started_at, facts.declared_at) if outages else None,
        failback=None if restored is None else measured(restored, facts.completed_at),
        spent=_spent(chronicle.stretches, until),
        steps=[_step(chronicle, number, step, until) for number, step in enumerate(chronicle.runbook.steps, 1)],
        unprotected=[Unprotected(one.subject, measured(one.since, one.until)) for one in facts.unprotected],
        due_at=chronicle.timers.due_at,
        late=Lasted(chronicle.timers.late_at(until)),
        out_of_order=[one for one in chronicle.stretches if one.lasted(until).negative],
    )


@dataclass(frozen=True, slots=True)
class _Measure:
    """Makes clocks that run, where they do, until one moment."""

    now: str
    running: bool

    def __call__(self, since: str, until: str | None) -> Clock:
        return Clock(since, until, lasted(since, until or self.now), until is None and self.running)


def _spent(stretches: Iterable[Stretch], now: str) -> Spent:
    by_state = dict.fromkeys(State, Lasted())
    for one in stretches:
        by_state[one.state] += one.lasted(now)
    return Spent(by_state)


def _step(chronicle: Chronicle, number: int, step: Step, now: str) -> StepClock:
    own = [one for one in chronicle.stretches if one.position.partition(".")[0] == step.id]
    visits = [one for one in chronicle.visits if one.step == step.id]
    last = visits[-1] if visits else None
    timers = None if last is None else last.timers or chronicle.timers
    return StepClock(
        number=number,
        step=step,
        visits=len(visits),
        entered_at=None if last is None else last.entered_at,
        left_at=None if last is None else last.left_at,
        due_at=None if timers is None else timers.due_at,
        late=Lasted() if timers is None or last is None else Lasted(timers.late_at(last.left_at or now)),
        spent=_spent(own, now),
        places={
            place: _spent([one for one in own if one.position == f"{step.id}.{place}"], now) for place in _places(step)
        },
    )


def _places(step: Step) -> Iterator[str]:
    """Give the last part of a step's positions."""
    yield from [ITEMS] if step.order is Order.ANY else (action.id for action in step.actions)
    yield SIGN_OFF

"""What tells the time of an execution without its journal: since when the outage lasts, when the step is overdue.

Followed event by event beside the facts, by the same rule for lists (which keep it in the execution's row) and for
clocks (which follow it through the journal).
"""

from dataclasses import dataclass, replace

from app.domain.events import EventType
from app.domain.facts import Facts
from app.domain.runbook import Runbook
from app.domain.spans import lasted, later

MINUTE = 60_000_000  # microseconds


@dataclass(frozen=True, slots=True)
class Timers:
    """Times are UTC RFC 3339 text. A hold stops the step's time: it moves `due_at` on by as long as it lasted."""

    outage_since: str | None  # beginning of the latest outage; None where the runbook ends none
    rto_minutes: int | None
    due_at: str | None  # when this visit of the current step takes longer than expected; None once ended
    held_since: str | None = None
    ended_at: str | None = None

    def late_at(self, moment: str) -> int:
        """Give by how many microseconds the step is overdue at a moment; 0 where it is not."""
        return 0 if self.due_at is None else lasted(self.due_at, self.held_since or moment).microseconds


def begun(runbook: Runbook, facts: Facts) -> Timers:
    """Give the timers of an execution that was just declared.

    Also of one whose row was written before rows had them: as near as its facts tell, without its past holds.
    """
    ends = any(step.ends_outage for step in runbook.steps)
    due = None if facts.terminal else _due(runbook, facts, facts.steps[runbook.step_of(facts.position).id].entered_at)
    return Timers(
        outage_since=facts.outage_started_at if ends else None,
        rto_minutes=facts.targets.get("rto_minutes"),
        due_at=due,
        held_since=None if facts.on_hold is None or facts.terminal else facts.on_hold.at,
        ended_at=facts.completed_at or facts.recorded_at if facts.terminal else None,
    )


def _due(runbook: Runbook, facts: Facts, entered_at: str) -> str:
    return later(entered_at, runbook.step_of(facts.position).expected_minutes * MINUTE)


def enters_a_step(runbook: Runbook, before: Facts, after: Facts, kind: EventType) -> bool:
    """Say whether an event that does not end it begins a visit of a step: another one, or a lost site's landing."""
    return kind is EventType.PRIMARY_LOST or runbook.step_of(before.position) != runbook.step_of(after.position)


def starts_an_outage(before: Facts, after: Facts, kind: EventType) -> bool:
    """Say whether users, who worked again, stopped working by a lost site.

    A rejected sign-off begins no outage anew: it says that the one before has not ended.
    """
    return kind is EventType.PRIMARY_LOST and before.restored_at is not None and after.restored_at is None


def followed(timers: Timers, runbook: Runbook, before: Facts, after: Facts, *, kind: EventType, when: str) -> Timers:
    """Give the timers after an event that led from the facts `before` to `after`; `when` is its effective time."""
    if after.terminal:
        return timers if before.terminal else replace(timers, due_at=None, held_since=None, ended_at=when)
    if starts_an_outage(before, after, kind):
        timers = replace(timers, outage_since=when)
    if enters_a_step(runbook, before, after, kind):
        due = _due(runbook, after, when)
        return replace(timers, due_at=due, held_since=None if after.on_hold is None else when)
    if before.on_hold is None and after.on_hold is not None:
        return replace(timers, held_since=when)
    if timers.held_since is not None and timers.due_at is not None and after.on_hold is None:
        due = later(timers.due_at, lasted(timers.held_since, when).microseconds)
        return replace(timers, due_at=due, held_since=None)
    return timers

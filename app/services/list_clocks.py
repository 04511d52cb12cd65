"""The clocks that lists show, told from an execution's row alone: no journal is read, no facts are decoded."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from app.domain.clocks import Clock
from app.domain.events import EventType
from app.domain.facts import Facts
from app.domain.runbook import TERMINAL, Runbook
from app.domain.spans import Lasted, lasted
from app.domain.targets import RecoveryTime, recovery_time
from app.domain.timers import Timers, begun, followed
from app.services import clock
from app.storage.rows import ExecutionSummary


def kept(timers: Timers) -> str:
    """Give timers as a row keeps them."""
    return json.dumps(asdict(timers))


def kept_after(text: str | None, runbook: Runbook, before: Facts, after: Facts, *, line: Mapping[str, Any]) -> str:
    """Give the timers to keep after a line that led from the facts `before` to `after`.

    `text` is what the row kept until then; None in a row that was written before rows had timers.
    """
    timers = begun(runbook, before) if text is None else Timers(**json.loads(text))
    when = line["performed_at"] or line["recorded_at"]
    reached = followed(timers, runbook, before, after, kind=EventType(line["type"]), when=when)
    return kept(reached) if text is None or reached is not timers else text


def compact(row: ExecutionSummary, at: str | None = None) -> dict[str, Any]:
    """Give an execution's clocks as lists show them at a moment (UTC RFC 3339 text; default now).

    Of a row without timers the overdue flag is not known until the execution's next event.
    """
    ended = row.position in TERMINAL
    now = at or clock.stamp(max(clock.now(), row.updated_at))
    timers = _timers(row, ended=ended)
    restored = None if row.restored_at is None else clock.stamp(row.restored_at)
    since, until = timers.outage_since, restored or timers.ended_at or now
    outage = None if since is None else Clock(since, restored, lasted(since, until), not ended and restored is None)
    late = timers.late_at(now)
    return {
        "at": now,
        "outage": None if outage is None else clock_said(outage),
        "rto": None if outage is None else recovery_time_said(recovery_time(timers.rto_minutes, outage)),
        "due_at": timers.due_at,
        "overdue": None if row.timers is None and not ended else late > 0,
        "overdue_seconds": Lasted(late).seconds,
        "held_since": timers.held_since,
    }


def _timers(row: ExecutionSummary, *, ended: bool) -> Timers:
    if row.timers is not None:
        return Timers(**json.loads(row.timers))
    ended_at = clock.stamp(row.completed_at or row.updated_at) if ended else None
    return Timers(clock.stamp(row.outage_started_at), None, None, None, ended_at)


def clock_said(one: Clock) -> dict[str, Any]:
    """Give a clock as answers have it."""
    return {
        "from": one.since,
        "until": one.until,
        "seconds": one.lasted.seconds,
        "running": one.running,
        "negative": one.lasted.negative,
    }


def recovery_time_said(one: RecoveryTime) -> dict[str, Any]:
    """Give the recovery time against its target as answers have it."""
    left = None if one.target is None else one.target.microseconds - one.actual.microseconds
    return {
        "target_seconds": None if one.target is None else one.target.seconds,
        "actual_seconds": one.actual.seconds,
        "due_at": one.due_at,
        "remaining_seconds": None if left is None else Lasted(max(0, left)).seconds,
        "exceeded_by_seconds": None if left is None else Lasted(max(0, -left)).seconds,
        "met": one.met,
    }

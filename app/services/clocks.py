"""An execution's clocks at the server's now, read from its journal; what was followed once is followed on."""

import threading
from collections import OrderedDict
from typing import Any

from app.domain.chronicle import Chronicle
from app.domain.clocks import Clocks, Spent, StepClock, clocks
from app.domain.errors import NotFound
from app.domain.stretches import State
from app.domain.targets import Loss, RecoveryPoint, recovery_point, recovery_time
from app.services import clock
from app.services.definitions import Definitions
from app.services.list_clocks import clock_said, recovery_time_said
from app.services.reading import lines, version_of
from app.storage import queries
from app.storage.database import Connection, Database

KEPT = 64  # executions whose chronicle is kept
LONG = 5_000  # stretches; a chronicle of more is not kept
SHORT = 2_000  # lines that are followed in a tenth of a second; more wait their turn with whatever computes long


class Chronicles:
    """The chronicles last asked for: the next event is followed alone, not the whole journal. Safe to share."""

    def __init__(self, definitions: Definitions) -> None:
        """Take the definitions that journals are followed by."""
        self._definitions = definitions
        self._kept: OrderedDict[str, Chronicle] = OrderedDict()
        self._lock = threading.Lock()

    def current(self, connection: Connection, execution_id: str) -> Chronicle:
        """Give an execution's chronicle as of its current version, not to be changed. Raises NotFound."""
        row = queries.execution_summary(connection, execution_id)
        if row is None:
            raise NotFound("There is no execution of that id.")
        known = self._kept.get(execution_id)
        if known is not None and known.facts.version >= row.version:
            return known
        after = 0 if known is None else known.facts.version
        following = lines(connection, execution_id, until=row.version, after=after)
        found = known.copy() if known else Chronicle(self._definitions.course(connection, row), next(following))
        for line in following:
            found.add(line)
        self._keep(execution_id, found)
        return found

    def _keep(self, execution_id: str, found: Chronicle) -> None:
        with self._lock:
            if len(found.stretches) <= LONG:
                self._kept[execution_id] = found
                self._kept.move_to_end(execution_id)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)


def clocks_of(
    connection: Connection, chronicles: Chronicles, execution_id: str, *, at: str | None = None
) -> dict[str, Any]:
    """Give an execution's clocks at a moment (UTC RFC 3339 text; default the server's now), which they state as `at`.

    Raises NotFound.
    """
    chronicle = chronicles.current(connection, execution_id)
    now = at or max(clock.stamp(clock.now()), chronicle.facts.recorded_at)
    return {"execution_id": execution_id, **said(chronicle, now=now)}


async def clocks_now(database: Database, chronicles: Chronicles, execution_id: str) -> dict[str, Any]:
    """Give an execution's clocks at the server's now, without keeping others waiting. Raises NotFound, Unavailable."""
    version = await database.read(lambda connection: version_of(connection, execution_id))
    look = database.read_long if version <= SHORT else database.compute
    return await look(lambda connection: clocks_of(connection, chronicles, execution_id))


def said(chronicle: Chronicle, *, now: str) -> dict[str, Any]:
    """Give the clocks of a chronicle at a moment (UTC RFC 3339 text) as answers have them."""
    facts, found = chronicle.facts, clocks(chronicle, now=now)
    return {
        "version": facts.version,
        "mode": facts.mode,
        "status": facts.status,
        "position": facts.position,
        "at": now,
        "ended_at": found.ended_at,
        "restored_at": facts.restored_at,
        "completed_at": facts.completed_at,
        **_outages(chronicle, found),
        "decision": None if found.decision is None else clock_said(found.decision),
        "failback": None if found.failback is None else clock_said(found.failback),
        "rpo": _recovery_point(recovery_point(chronicle)) if found.outages else None,
        "spent": _spent(found.spent),
        "due_at": found.due_at,
        "overdue": found.late.microseconds > 0,
        "overdue_seconds": found.late.seconds,
        "steps": [_step(one) for one in found.steps],
        "unprotected": [{"subject": one.subject, **clock_said(one.clock)} for one in found.unprotected],
        "out_of_order": [
            {
                "position": one.position,
                "state": one.state.value,
                "from": one.since,
                "until": one.until,
                "first_event": one.first,
                "last_event": one.last,
            }
            for one in found.out_of_order
        ],
    }


def _outages(chronicle: Chronicle, found: Clocks) -> dict[str, Any]:
    """Give the latest outage with its target, and all of them."""
    minutes = chronicle.facts.targets.get("rto_minutes")
    times = [recovery_time_said(recovery_time(minutes, one)) for one in found.outages]
    every = [
        {"event": event, **clock_said(one), "met": time["met"]}
        for event, one, time in zip(found.outage_events, found.outages, times, strict=True)
    ]
    return {
        "outage": clock_said(found.outages[-1]) if every else None,
        "outages": every,
        "rto": times[-1] if times else None,
    }


def _recovery_point(one: RecoveryPoint) -> dict[str, Any]:
    worst = None if one.worst is None else one.workloads[one.worst].lost
    return {
        "target_seconds": None if one.target is None else one.target.seconds,
        "worst_seconds": None if worst is None else worst.seconds,
        "worst_workload": one.worst,
        "unknown": one.unknown,
        "met": one.met,
        "workloads": [{"name": name, "waived": loss.waived, **_loss(loss)} for name, loss in one.workloads.items()],
        "vmm": _loss(one.vmm),
    }


def _loss(one: Loss) -> dict[str, Any]:
    return {
        "recovery_point": None if one.point is None else {"label": one.point.label, "time": one.point.time},
        "loss_seconds": None if one.lost is None else one.lost.seconds,
        "negative": one.lost is not None and one.lost.negative,
    }


def _spent(one: Spent) -> dict[str, Any]:
    """Give the seconds by state, and together without the holds; each is rounded down by itself."""
    return {
        **{f"{state.value}_seconds": one.by_state[state].seconds for state in State},
        "active_seconds": one.active.seconds,
        "negative": any(lasted.negative for lasted in one.by_state.values()),
    }


def _step(one: StepClock) -> dict[str, Any]:
    return {
        "number": one.number,
        "id": one.step.id,
        "expected_seconds": one.step.expected_minutes * 60,
        "visits": one.visits,
        "entered_at": one.entered_at,
        "left_at": one.left_at,
        "due_at": one.due_at,
        "overdue": one.late.microseconds > 0,
        "overdue_seconds": one.late.seconds,
        "spent": _spent(one.spent),
        "places": [{"id": place, "spent": _spent(spent)} for place, spent in one.places.items()],
    }

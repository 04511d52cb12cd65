"""What the journals of many executions say of their runbooks, live and drill apart; read a chunk at a time."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from app.domain.runbook import SIGN_OFF, TERMINAL, Runbook
from app.domain.statistics import Figures, Tally
from app.services import clock
from app.services.definitions import Definitions
from app.services.reading import lines
from app.storage import queries
from app.storage.database import Connection
from app.storage.rows import ExecutionSummary

SINCE = timedelta(days=365)  # how far back where nobody says
MAX_LINES = 100_000  # of the newest executions: some two seconds, and a megabyte of numbers
PAGE = 100  # executions a query

Group = tuple[str, str]  # runbook, mode


def statistics(
    connection: Connection,
    definitions: Definitions,
    *,
    runbook: str | None = None,
    mode: str | None = None,
    since: datetime | None = None,
    max_lines: int = MAX_LINES,
) -> dict[str, Any]:
    """Give the figures of all executions declared since a moment (aware; default a year ago), newest first in.

    `truncated` says that there were more lines than `max_lines`, and so that older executions are left out.
    """
    begin = since or clock.now() - SINCE
    tallies: dict[Group, Tally] = {}
    courses: dict[Group, Runbook] = {}
    left, truncated = max_lines, False
    for row in _executions(connection, runbook=runbook, mode=mode, since=begin):
        left -= row.version
        if left < 0:
            truncated = True
            break
        group = (row.runbook_id, row.mode)
        courses.setdefault(group, definitions.course(connection, row))
        tallies.setdefault(group, Tally()).take(lines(connection, row.id, until=row.version))
    return {
        "since": clock.stamp(begin),
        "at": clock.stamp(clock.now()),
        "truncated": truncated,
        "items": [shown(group, courses[group], tallies[group]) for group in sorted(tallies)],
    }


def _executions(connection: Connection, **asked: Any) -> Iterator[ExecutionSummary]:
    before: str | None = None
    while found := queries.execution_list(connection, **asked, before=before, limit=PAGE):
        yield from found
        before = found[-1].id


def shown(group: Group, course: Runbook, tally: Tally) -> dict[str, Any]:
    """Give a group's figures, in the order of the newest definition seen; what older ones had besides comes last."""
    known = {step.id: [action.id for action in step.actions] for step in course.steps}
    for place in tally.places:
        step, _, action = place.partition(".")
        actions = known.setdefault(step, [])
        if action and action != SIGN_OFF and action not in actions:
            actions.append(action)
    return {
        "runbook": group[0],
        "mode": group[1],
        "executions": tally.executions,
        "ended": {end: tally.ended[end] for end in TERMINAL},
        "steps": [
            {
                "id": step,
                **_figures(tally.at(step)),
                "actions": [{"id": one, **_figures(tally.at(f"{step}.{one}"))} for one in (*actions, SIGN_OFF)],
            }
            for step, actions in known.items()
        ],
    }


def _figures(one: Figures) -> dict[str, Any]:
    by_symptom = sorted(one.failures.items(), key=lambda each: (-each[1], each[0]))
    return {
        "count": len(one.seconds),
        "median_seconds": one.median(),
        "p90_seconds": one.p90(),
        "out_of_order": one.out_of_order,
        "failures": [{"symptom": symptom or None, "count": count} for symptom, count in by_symptom],
        "waivers": one.waivers,
        "break_glass": one.break_glass,
        "rejections": one.rejections,
    }

"""`statistics`: how long steps take and what goes wrong, live and drill apart."""

from collections.abc import Iterator, Mapping
from typing import Any

import typer

from app.cli.client.body import moment
from app.cli.client.options import argument, option
from app.cli.client.session import Session, add
from app.cli.client.shown import MODES, give, put, table, when
from app.cli.client.timing import took

Row = tuple[Any, ...]


def show_statistics(session: Session, *, runbook: str | None, mode: str | None, since: str | None) -> None:
    """Say how long steps and actions take and what goes wrong, over all executions since a year ago, or a time."""
    found = session.calls.get("/statistics", runbook=runbook, mode=mode, since=moment(since) if since else None)
    items = found["items"]
    names = [f"{one['runbook']} {one['mode']}" for one in items]
    give(session.form, found, items=items, names=names, draw=lambda: _draw(found))


def _draw(found: Mapping[str, Any]) -> None:
    put(f"Declared since {when(found['since'])}" + ("; older ones are left out" if found["truncated"] else ""))
    for one in found["items"]:
        put()
        ended = ", ".join(f"{count} {how}" for how, count in one["ended"].items())
        put(f"{MODES.get(one['mode'], (one['mode'],))[0]}  {one['runbook']}: {one['executions']}, of them {ended}")
        headings = ("STEP", "COUNT", "MEDIAN", "P90", "FAILED", "WAIVED", "REJECTED", "BREAK GLASS")
        table(headings, list(_rows(one["steps"])))


def _rows(steps: Any) -> Iterator[Row]:
    for step in steps:
        yield _row(step["id"], step)
        for action in step["actions"]:
            yield _row(f"  {action['id']}", action)


def _row(name: str, one: Mapping[str, Any]) -> Row:
    times = ["" if one[key] is None else took(one[key]) for key in ("median_seconds", "p90_seconds")]
    failed = sum(symptom["count"] for symptom in one["failures"])
    wrong = (failed, one["waivers"], one["rejections"], one["break_glass"])
    return (name, one["count"], *times, *(count or "" for count in wrong))


def register(commands: typer.Typer) -> None:
    """Add `statistics`."""
    add(
        commands,
        "statistics",
        show_statistics,
        argument("runbook", str | None, "[RUNBOOK]", said="A runbook's id; else all.", default=None),
        option("mode", str | None, "--mode", said="live or drill; else both, apart."),
        option("since", str | None, "--since", said="Declared at this time or later; else a year ago.", metavar="TIME"),
    )

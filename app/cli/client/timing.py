"""`clocks`: how long what has taken, and against what was promised."""

from collections.abc import Iterator, Mapping
from typing import Any

import typer

from app.cli.client.finding import execution
from app.cli.client.session import Session, add
from app.cli.client.shown import give, heading, put, table, when

Row = tuple[Any, ...]


def show_clocks(session: Session) -> None:
    """Show the clocks of an execution: outage, decision, each step, what had no copy; overdue is said by a word."""
    document = execution(session)
    found = session.calls.get(f"/executions/{document['id']}/clocks")
    give(session.form, found, draw=lambda: _draw(document, found), names=[document["id"]])


def _draw(document: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    heading(document)
    put(f"At {when(found['at'])}")
    put()
    table(("CLOCK", "FROM", "UNTIL", "TOOK", "NOTE"), _rows(found))
    put()
    table(
        ("STEP", "TOOK", "HANDS ON", "WAITING", "SIGN-OFF", "ON HOLD", "EXPECTED", "NOTE"),
        [_step(one) for one in found["steps"]],
    )
    loss = found["rpo"]
    for one in loss["workloads"] if loss else ():
        if one["loss_seconds"] is not None:
            put(f"{one['name']} lost {took(one['loss_seconds'])}, from {one['recovery_point']['label']}")


def _rows(found: Mapping[str, Any]) -> Iterator[Row]:
    promised, loss = found["rto"], found["rpo"]
    for name in ("outage", "decision", "failback"):
        if found[name] is not None:
            yield _clock(name, found[name], _kept(promised, "target_seconds") if name == "outage" else "")
    for one in found["unprotected"]:
        yield _clock(f"no copy of {one['subject']}", one, "")
    if loss is not None and loss["worst_seconds"] is not None:
        yield ("worst data loss", "", "", took(loss["worst_seconds"]), _kept(loss, "target_seconds"))


def _clock(name: str, clock: Mapping[str, Any], note: str) -> Row:
    until = "running" if clock["running"] else when(clock["until"])
    notes = filter(None, (note, "times out of order" if clock["negative"] else ""))
    return (name, when(clock["from"]), until, took(clock["seconds"]), ", ".join(notes))


def _kept(promised: Mapping[str, Any] | None, target: str) -> str:
    """Say whether a promise is kept, so far or for good."""
    if promised is None or promised[target] is None:
        return ""
    said = {True: "kept", False: "MISSED", None: "not known yet"}[promised["met"]]
    return f"promised {took(promised[target])}: {said}"


def _step(one: Mapping[str, Any]) -> Row:
    spent = one["spent"]
    names = ("active_seconds", "hands_on_seconds", "waiting_seconds", "sign_off_seconds", "on_hold_seconds")
    times = [took(spent[name]) if one["entered_at"] else "" for name in names]
    note = f"OVERDUE by {took(one['overdue_seconds'])}" if one["overdue"] else ""
    return (one["id"], *times, took(one["expected_seconds"]), note)


def took(seconds: int) -> str:
    """Give a length of time as hours, minutes, seconds."""
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def register(commands: typer.Typer) -> None:
    """Add `clocks`."""
    add(commands, "clocks", show_clocks, about_one=True)

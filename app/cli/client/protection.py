"""`protected-sets` and `readiness`: what is protected, and whether it could be failed over today."""

from collections.abc import Mapping
from typing import Any

import typer

from app.cli.client.codes import FAILED, NOT_FOUND
from app.cli.client.options import argument
from app.cli.client.session import Session, add
from app.cli.client.shown import give, put, table, when
from app.cli.said import Stop


def list_sets(session: Session) -> None:
    """List the protected sets, newest first."""
    items = list(session.calls.everything("/protected-sets"))
    rows = [
        (one["id"], one["name"], one["revision"], one["runbook"], ", ".join(w["name"] for w in one["workloads"]))
        for one in items
    ]
    give(
        session.form,
        {"items": items},
        items=items,
        names=[one["id"] for one in items],
        draw=lambda: table(("ID", "NAME", "REVISION", "RUNBOOK", "WORKLOADS"), rows),
    )


def show_readiness(session: Session, *, protected_set: str) -> None:
    """Say how ready a protected set is, and every reason why not; exit code 1 where it is not ready."""
    found = session.calls.get(f"/protected-sets/{_set_id(session, protected_set)}/readiness")
    give(session.form, found, draw=lambda: _draw(found), names=[found["state"]])
    if found["state"] != "ready":
        raise Stop(code=FAILED)


def _set_id(session: Session, said: str) -> str:
    """Give the id of a set said by name, or by id or a part of it that it begins or ends with."""
    sets = list(session.calls.everything("/protected-sets"))
    named = [one for one in sets if one["name"].casefold() == said.casefold()]
    found = named or [one for one in sets if one["id"].startswith(said.lower()) or one["id"].endswith(said.lower())]
    if len(found) != 1:
        raise Stop(
            f"{len(found) or 'No'} protected sets are meant by {said!r}; see: failback protected-sets", code=NOT_FOUND
        )
    return str(found[0]["id"])


def _draw(found: Mapping[str, Any]) -> None:
    until = f" until {when(found['stale_at'])}" if found["stale_at"] else ""
    put(f"{found['protected_set']['name']}: {found['state'].upper().replace('_', ' ')}{until}", style="bold")
    for one in found["reasons"]:
        put(f"- {one['text']}")
    put()
    table(
        ("CHECKLIST", "STATE", "COMPLETED", "HOLDS UNTIL"),
        [(one["id"], one["state"], when(one["completed_at"]), when(one["valid_until"])) for one in found["checklists"]],
    )
    drill = found["drill"]
    if drill is not None:
        put(f"Last drill {drill['outcome']}, {when(drill['ended_at'])}; the next one until {when(drill['due_at'])}")


def register(commands: typer.Typer) -> None:
    """Add `protected-sets` and `readiness`."""
    add(commands, "protected-sets", list_sets)
    name = argument("protected_set", str, "SET", said="Its name, its id, or the beginning or end of that.")
    add(commands, "readiness", show_readiness, name)

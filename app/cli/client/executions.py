"""`executions list`, `show`, `verify`: which there are, where one stands, whether its journal is whole."""

from collections.abc import Mapping
from itertools import islice
from typing import Any, Final

import typer

from app.cli.client.codes import FAILED
from app.cli.client.finding import execution
from app.cli.client.options import option
from app.cli.client.session import Session, add
from app.cli.client.shown import give, heading, mode_of, put, table, when
from app.cli.said import Stop

SHORT: Final = 12  # characters of an id that are random, and enough to say which is meant


def list_executions(session: Session, *, limit: int, **filters: str | None) -> None:
    """List executions, newest first."""
    items = list(islice(session.calls.everything("/executions", **filters), limit))
    rows = [
        (
            mode_of(one),
            one["id"][-SHORT:],
            _status(one),
            one["position"],
            one["title"],
            when(one["declared_at"]),
        )
        for one in items
    ]
    give(
        session.form,
        {"items": items},
        items=items,
        names=[one["id"] for one in items],
        draw=lambda: table(("MODE", "ID", "STATUS", "POSITION", "TITLE", "DECLARED"), rows, fixed=3),
    )


def _status(one: Mapping[str, Any]) -> str:
    outcome = (one["drill"] or {}).get("outcome")
    overdue = ", overdue" if one["clocks"]["overdue"] else ""
    return f"{one['status']} ({outcome})" if outcome else f"{one['status']}{overdue}"


def show_execution(session: Session) -> None:
    """Show where an execution stands: steps, workloads, sites, what has no copy."""
    document = execution(session)
    give(session.form, document, draw=lambda: _draw(document), names=[document["id"]])


def _draw(document: Mapping[str, Any]) -> None:
    heading(document)
    put(f"{document['runbook']['title']} ({document['runbook']['id']} {document['runbook']['version']})")
    put(f"Position {document['position']}, attempt {document['attempt']}, version {document['version']}")
    put(f"Coordinator {document['coordinator']['name']}, commands of {document['command_profile']}")
    put(f"Outage {when(document['outage_started_at'])}, declared {when(document['declared_at'])}")
    protected = document["protected_set"]
    if protected:
        put(f"For the protected set {protected['name']}, revision {protected['revision']}")
    for reason in document["not_ready"]:
        put(f"Not ready when declared: {reason['text']}")
    if document["drill"] and document["drill"]["outcome"]:
        put(f"The drill {document['drill']['outcome']}: {document['drill']['notes']}")
    for name in ("restored_at", "completed_at", "valid_until"):
        if document[name] is not None:
            put(f"{name.removesuffix('_at').replace('_', ' ').capitalize()} {when(document[name])}")
    put(f"Head {document['head']}")
    put()
    table(
        ("STEP", "TITLE", "STATUS", "SIGNED OFF"),
        [(one["number"], one["title"], one["status"], _signed(one)) for one in document["steps"]],
    )
    put()
    vmm = document["site_picture"]["vmm"]
    table(
        ("WOULD RUN" if document["site_picture"].get("simulated") else "RUNS", "AT", "REPLICATION", "NOTE"),
        [("VMM", vmm["site"], vmm["replication"], None)]
        + [(one["name"], one["site"], one["replication"], _note(one)) for one in document["workloads"]],
    )
    has = "would have" if document["site_picture"].get("simulated") else "has"
    for window in document["unprotected"]:
        if window["until"] is None:
            put(f"{window['subject']} {has} no copy since {when(window['from'])}", style="bold")


def _signed(step: Mapping[str, Any]) -> str:
    who = [f"{one['name']}{' (glass broken)' if one['break_glass'] else ''}" for one in step["signed_off_by"]]
    return f"{when(step['signed_off_at'])} {', '.join(who)}" if step["signed_off_at"] else ""


def _note(workload: Mapping[str, Any]) -> str:
    point = workload["recovery_point"]
    failed = any(one["outcome"] == "failed" for one in workload["outcomes"])
    parts = [
        "waived" if workload["waived"] else "",
        "failed" if failed else "",
        f"from {point['label']}" if point else "",
    ]
    return ", ".join(filter(None, parts))


def verify_execution(session: Session) -> None:
    """Let the service recompute the chain and the state of an execution; exit code 1 where they do not hold."""
    document = execution(session)
    found = session.calls.get(f"/executions/{document['id']}/verification")

    def draw() -> None:
        heading(document)
        put(f"{'intact' if found['ok'] else 'NOT INTACT'}: {found['events']} events, head {found['head']}")
        for one in found["problems"]:
            put(f"line {one['number']}: {one['problem']}")

    give(session.form, found, draw=draw, names=[found["head"]])
    if not found["ok"]:
        raise Stop(code=FAILED)


def register(commands: typer.Typer) -> None:
    """Add `list`, `show` and `verify` to the group of executions."""
    add(
        commands,
        "list",
        list_executions,
        option("status", str | None, "--status", said="in_progress, blocked, on_hold, completed, aborted, escalated."),
        option("mode", str | None, "--mode", said="live or drill."),
        option("runbook", str | None, "--runbook", said="A runbook's id."),
        option("q", str | None, "--query", "-q", said="Part of the title or of a workload's name."),
        option("limit", int, "--limit", "-n", said="How many at most.", default=50),
    )
    add(commands, "show", show_execution, by_argument=True)
    add(commands, "verify", verify_execution, by_argument=True)

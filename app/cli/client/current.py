"""`next`: what is to be done now, where, with which command, how to see that it worked, and who may say so."""

from collections.abc import Mapping
from typing import Any, Final

import typer

from app.cli.client.finding import execution
from app.cli.client.session import Session, add
from app.cli.client.shown import give, heading, put, table, verbatim, when
from app.cli.client.words import typed

#: What of the execution's document `next -o json` gives.
MEMBERS: Final = (
    "id",
    "mode",
    "title",
    "status",
    "position",
    "attempt",
    "version",
    "step",
    "action",
    "failures",
    "allowed",
    "refused",
)


def show_next(session: Session, *, why_not: bool) -> None:
    """Say what is to be done now: the instruction, the command with its host, the check, and who may say so."""
    document = execution(session)
    told = {name: document[name] for name in MEMBERS}
    give(session.form, told, draw=lambda: _draw(document, why_not=why_not), names=[document["position"]])


def _draw(document: Mapping[str, Any], *, why_not: bool) -> None:
    heading(document)
    step, action = document["step"], document["action"]
    if step is not None:
        put(f"Step {step['number']} of {len(document['steps'])}: {step['title']}")
    put(f"Position {document['position']}, attempt {document['attempt']}")
    if action is not None:
        _draw_action(document, action)
    elif step is not None:
        put()
        put("The step waits to be signed off.", style="bold")
    for failure in document["failures"]:
        names = f" ({', '.join(failure['workloads'])})" if failure["workloads"] else ""
        put(f"Failed{names}: {failure['symptom'] or ''} {failure['comment'] or ''}, event {failure['event']}")
    put()
    put("Possible now", style="bold")
    table(
        ("EVENT", "ROLE", "LEADS TO", "TO TYPE"),
        [(one["type"], one["role"], one["opens"], typed(one["type"], one["needs"])) for one in document["allowed"]],
    )
    if why_not:
        put()
        put("Not possible now", style="bold")
        table(("EVENT", "WHY NOT"), [(one["type"], "\n".join(one["reasons"])) for one in document["refused"]])


def _draw_action(document: Mapping[str, Any], action: Mapping[str, Any]) -> None:
    put()
    put(f"{action['title']} ({', '.join(_kinds(action))})", style="bold")
    put(action["instruction"], indent=2)
    if action["irreversible"]:
        put(f"Irreversible. {action['consequence'] or ''}", style="bold", indent=2)
        put(_authorization(action["authorized_by"]), indent=2)
    if action["per_workload"]:
        put(f"Workloads: {', '.join(_open_workloads(document))}", indent=2)
    _draw_commands(action["commands"], drill=document["mode"] == "drill")
    if action["expectation"]:
        put()
        put(f"To see: {action['expectation']}", indent=2)
    if action["symptoms"]:
        put()
        put("If it fails: failback fail -s ID", style="bold")
        table(
            ("ID", "SYMPTOM", "ADVISED"),
            [(s["id"], s["symptom"], ", ".join(s["outcomes"])) for s in action["symptoms"]],
        )


def _kinds(action: Mapping[str, Any]) -> list[str]:
    return [action["kind"], *(name for name in ("irreversible", "optional") if action[name])]


def _authorization(by: Mapping[str, Any] | None) -> str:
    if by is None:
        return "Nobody has authorized it."
    names = f" for {', '.join(by['workloads'])}" if by["workloads"] else ""
    glass = ", breaking the glass" if by["break_glass"] else ""
    return f"Authorized by {by['name']} at {when(by['at'])}{names}{glass}."


def _open_workloads(document: Mapping[str, Any]) -> list[str]:
    """Give each workload with what came of it here so far."""
    here = document["position"]
    said = []
    for one in document["workloads"]:
        outcomes = [o["outcome"] for o in one["outcomes"] if o["at"] == here]
        state = "waived" if one["waived"] else outcomes[-1] if outcomes else "open"
        said.append(f"{one['name']} ({state})")
    return said


def _draw_commands(commands: list[dict[str, Any]], *, drill: bool) -> None:
    """Show each command unbroken, under the host that it runs on."""
    for one in commands:
        put()
        what = "To check" if one["verify"] else "To run"
        whom = f", for {one['workload']}" if one["workload"] else ""
        put(f"{what} on {one['run_on']} ({one['shell']}){whom}:", indent=2)
        verbatim(one["text"])
    if drill and not commands:
        put("A drill: there is no command to run.", indent=2)


def register(commands: typer.Typer) -> None:
    """Add `next`."""
    from app.cli.client.options import option

    asked = option(
        "why_not", bool, "--why-not", said="Say also what is not possible, with every reason.", default=False
    )
    add(commands, "next", show_next, asked, about_one=True)

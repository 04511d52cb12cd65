"""`next`: what is to be done now, where, with which command, how to see that it worked, and who may say so."""

from collections.abc import Mapping
from typing import Any, Final

import typer

from app.cli.client.codes import NOT_FOUND
from app.cli.client.finding import execution
from app.cli.client.options import option
from app.cli.client.session import Session, add
from app.cli.client.shown import give, heading, put, table, verbatim, when
from app.cli.client.words import typed
from app.cli.said import Stop

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
    "items",
    "failures",
    "allowed",
    "refused",
)


def show_next(session: Session, *, item: str | None, why_not: bool) -> None:
    """Say what is to be done now: the instruction, the command with its host, the check, and who may say so."""
    document = execution(session)
    told = {name: document[name] for name in MEMBERS}
    give(session.form, told, draw=lambda: _draw(document, item, why_not=why_not), names=[document["position"]])


def _draw(document: Mapping[str, Any], item: str | None, *, why_not: bool) -> None:
    heading(document)
    step, action = document["step"], document["action"]
    if step is not None:
        put(f"Step {step['number']} of {len(document['steps'])}: {step['title']}")
    put(f"Position {document['position']}, attempt {document['attempt']}")
    if action is not None:
        _draw_action(document, action)
    elif document["items"]:
        _draw_items(document, item)
    elif step is not None:
        put()
        put("The step waits to be signed off.", style="bold")
    for failure in document["failures"]:
        names = f" ({', '.join(failure['workloads'])})" if failure["workloads"] else ""
        what = " ".join(filter(None, (failure["symptom"], failure["comment"])))
        put(f"Failed at {failure['at']}{names}: {what} (event {failure['event']})")
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
    _draw_commands(action["commands"])
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


def _draw_items(document: Mapping[str, Any], asked: str | None) -> None:
    """Show the items of a checklist's step, and one of them in full: the one asked for, else the first that is open."""
    items, step = document["items"], document["step"]["id"]
    table(("ITEM", "STATUS", "TITLE"), [(one["id"], one["status"], one["title"]) for one in items])
    chosen = next((one for one in items if asked in (one["id"], f"{step}.{one['id']}")), None)
    if asked is not None and chosen is None:
        raise Stop(f"This step has no item {asked!r}.", code=NOT_FOUND)
    chosen = chosen or next((one for one in items if one["status"] in {"open", "failed"}), None)
    if chosen is not None:
        _draw_action(document, chosen)


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


def _draw_commands(commands: list[dict[str, Any]]) -> None:
    """Show each command unbroken, under the host that it runs on."""
    for one in commands:
        put()
        what = "To check" if one["verify"] else "To run"
        whom = f", for {one['workload']}" if one["workload"] else ""
        put(f"{what} on {one['run_on']} ({one['shell']}){whom}:", indent=2)
        verbatim(one["text"])


def register(commands: typer.Typer) -> None:
    """Add `next`."""
    item = option("item", str | None, "--item", said="Of a checklist: show this item in full.", metavar="ITEM")
    asked = option(
        "why_not", bool, "--why-not", said="Say also what is not possible, with every reason.", default=False
    )
    add(commands, "next", show_next, item, asked, about_one=True)

"""`runbooks`: which definitions there are, and what one says."""

from collections.abc import Mapping
from typing import Any

import typer

from app.cli.client.options import argument, option
from app.cli.client.session import Session, add
from app.cli.client.shown import give, put, table


def show_runbooks(session: Session, *, runbook: str | None, digest: str | None) -> None:
    """List the runbooks, or show one: parameters, steps, actions."""
    if runbook is None:
        items = list(session.calls.get("/runbooks")["items"])
        rows = [(one["id"], one["version"], one["kind"], one["title"], one["digest"][:12]) for one in items]
        give(
            session.form,
            {"items": items},
            items=items,
            names=[one["id"] for one in items],
            draw=lambda: table(("ID", "VERSION", "KIND", "TITLE", "DIGEST"), rows),
        )
        return
    document = session.calls.get(f"/runbooks/{runbook}", digest=digest)
    give(session.form, document, draw=lambda: _draw(document), names=[document["id"]])


def _draw(document: Mapping[str, Any]) -> None:
    put(f"{document['title']} ({document['id']} {document['version']})", style="bold")
    put(f"Digest {document['digest']}")
    put()
    table(
        ("PARAMETER", "REQUIRED", "EXAMPLE", "DESCRIPTION"),
        [
            (one["name"], "yes" if one["required"] else "", one["example"], one["description"])
            for one in document["parameters"]
        ],
    )
    for step in document["steps"]:
        put()
        put(f"{step['number']}. {step['title']} ({step['id']})", style="bold")
        table(
            ("ACTION", "KIND", "TITLE", "NOTE"), [(a["id"], a["kind"], a["title"], _note(a)) for a in step["actions"]]
        )
    for one in document["errata"]:
        put()
        put(f"Erratum: the source says: {one['source_says']}")
        put(f"We say: {one['we_say']}", indent=2)


def _note(action: Mapping[str, Any]) -> str:
    said = ("irreversible", "per_workload", "optional")
    return ", ".join(name.replace("_", " ") for name in said if action[name])


def register(commands: typer.Typer) -> None:
    """Add `runbooks`."""
    add(
        commands,
        "runbooks",
        show_runbooks,
        argument("runbook", str | None, "[ID]", said="Show this one.", default=None),
        option("digest", str | None, "--digest", said="With ID: an earlier version's digest."),
    )

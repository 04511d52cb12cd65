"""`evidence-check`: what an output would be found to show, before it is attached to anything."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import typer

from app.cli.client.body import evidence
from app.cli.client.codes import FAILED
from app.cli.client.finding import execution, whole_action
from app.cli.client.options import argument, option
from app.cli.client.session import Session, add
from app.cli.client.shown import give, heading, put
from app.cli.client.words import WORKLOADS
from app.cli.said import Stop


def check_evidence(session: Session, *, files: Sequence[str], action: str | None, workloads: Sequence[str]) -> None:
    """Try outputs against what the current action expects; nothing is recorded. Ends with 1 where one does not show it.

    Without a file the output comes from stdin.
    """
    document = execution(session)
    body: dict[str, Any] = {"evidence": evidence(files or ("-",), ())}
    if action:
        body["at"] = whole_action(document, action)
    if workloads:
        body["workloads"] = list(workloads)
    found = session.calls.post(f"/executions/{document['id']}/evidence-checks", body)

    def draw() -> None:
        heading(document)
        put(f"At {found['at']}, nothing recorded")
        for piece, check in zip(body["evidence"], found["checks"], strict=True):
            for line in verdict(piece.get("name", "stdin"), check):
                put(line)
        if found["lacking"]:
            put(f"No evidence yet about {', '.join(found['lacking'])}")

    verdicts = [check["verdict"] if check else "not_checked" for check in found["checks"]]
    give(session.form, found, draw=draw, names=verdicts)
    if found["lacking"] or {"not_met", "not_recognised"} & set(verdicts):
        raise Stop(code=FAILED)


def verdict(name: str, check: Mapping[str, Any] | None) -> Iterator[str]:
    """Give what came of checking an output, in lines; None: nothing is expected that an output could show."""
    if check is None:
        yield f"{name}: not checked, nothing is expected that it could show"
        return
    said = {"met": "met", "not_met": "NOT MET", "not_recognised": "NOT RECOGNISED"}
    about = ", ".join(dict.fromkeys(one["about"] for one in check["met"]))
    yield f"{name}: {said.get(check['verdict'], check['verdict'])}" + (f", shown for {about}" if about else "")
    for one in check["findings"]:
        yield f"- {one['about']}: {one['field']} is {one['found']}, expected {one['expected']}"
    yield from (f"- {one}" for one in (*check["warnings"], check["why"]) if one)


def register(commands: typer.Typer) -> None:
    """Add `evidence-check`."""
    add(
        commands,
        "evidence-check",
        check_evidence,
        argument("files", list[str], "[FILE]...", said="Outputs; without one, or -, stdin.", default=()),
        option("action", str | None, "--action", said="Another action than the current one.", metavar="ACTION"),
        WORKLOADS,
        about_one=True,
    )

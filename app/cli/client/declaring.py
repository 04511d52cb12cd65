"""`executions declare`: a disaster declared, or a drill begun."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from app.cli.client.body import moment
from app.cli.client.codes import FAILED, USAGE
from app.cli.client.options import argument, option
from app.cli.client.session import Session, add
from app.cli.client.shown import give, heading, mode_of, put, say
from app.cli.client.words import MANNER
from app.cli.said import Stop


def declare(session: Session, *, file: str | None, yes: bool, key: str | None, **said: Any) -> None:
    """Declare a disaster, or begin a drill. What a file says, options add to or replace."""
    body = {"parameters": {}} | _from_file(file) | _from_options(said)
    if session.interactive and not yes:
        _ask(body)
    try:
        document = session.calls.post("/executions", body, key=key)
    except Stop as lost:
        if getattr(lost, "key", None) is not None:
            say(f"Whether it took effect is not known. The same with --idempotency-key {lost.key} asks again.")  # type: ignore[attr-defined] # set where the request is sent
        raise

    def draw() -> None:
        heading(document)
        put(f"Declared. Now at {document['position']}")

    give(session.form, document, draw=draw, names=[document["id"]])
    if session.interactive:
        say("What to do now: failback next")


def _from_file(file: str | None) -> dict[str, Any]:
    if file is None:
        return {}
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8-sig")
        body = json.loads(text)
    except OSError as error:
        raise Stop(f"{file} cannot be read: {error.strerror or error}", code=FAILED) from None
    except ValueError as error:
        raise Stop(f"{file} is not JSON in UTF-8: {error}", code=USAGE) from None
    if not isinstance(body, dict):
        raise Stop(f"{file} holds no JSON object", code=USAGE)
    return body


def _from_options(said: Mapping[str, Any]) -> dict[str, Any]:
    plain = {
        name: said[name]
        for name in ("runbook", "mode", "title", "protected_set", "command_profile")
        if said[name] is not None
    }
    minutes = {name: said[name] for name in ("rto_minutes", "rpo_minutes") if said[name] is not None}
    parts: dict[str, Any] = {
        "parameters": _pairs(said["parameters"]),
        "workloads": [{"name": name} for name in said["workloads"]],
        "targets": minutes,
        "policy": {"four_eyes": said["four_eyes"]} if said["four_eyes"] else {},
        "outage_started_at": moment(said["outage"]) if said["outage"] else None,
    }
    return plain | {name: value for name, value in parts.items() if value}


def _pairs(said: Sequence[str]) -> dict[str, str]:
    pairs = [one.partition("=") for one in said]
    wrong = [name for name, equals, _ in pairs if not equals]
    if wrong:
        raise Stop(f"-p takes NAME=VALUE; {wrong[0]!r} has no =", code=USAGE)
    return {name: value for name, _, value in pairs}


def _ask(body: Mapping[str, Any]) -> None:
    say(
        f"To declare: {mode_of({'mode': body.get('mode', '?')})} {body.get('title')!r} by {body.get('runbook')}",
        style="bold",
    )
    for name in ("parameters", "targets", "policy", "outage_started_at", "command_profile"):
        if name in body:
            say(f"  {name}: {body[name]}")
    say(f"  workloads: {', '.join(one['name'] for one in body.get('workloads', ()))}")
    if not typer.confirm("Declare it?", err=True):
        raise Stop("Nothing was declared.", code=FAILED)


def register(commands: typer.Typer) -> None:
    """Add `declare` to the group of executions."""
    add(
        commands,
        "declare",
        declare,
        argument("runbook", str | None, "[RUNBOOK]", said="The runbook's id.", default=None),
        option("mode", str | None, "--mode", said="live or drill."),
        option("title", str | None, "--title", "-t", said="What it is about."),
        option("parameters", list[str], "--parameter", "-p", said="NAME=VALUE; repeat it.", default=()),
        option("workloads", list[str], "--workload", "-w", said="A workload's name; repeat it.", default=()),
        option(
            "protected_set", str | None, "--protected-set", said="Id or name of the set that it is for.", metavar="SET"
        ),
        option("outage", str | None, "--outage-started-at", said="When the outage began; else now.", metavar="TIME"),
        option("four_eyes", str | None, "--four-eyes", said="none, irreversible or every_step."),
        option("rto_minutes", int | None, "--rto-minutes", said="Target for restoring, in minutes."),
        option("rpo_minutes", int | None, "--rpo-minutes", said="Target for data lost, in minutes."),
        option("command_profile", str | None, "--profile", said="By which commands; else the runbook's first."),
        option("file", str | None, "--file", "-f", said="The declaration as JSON; - is stdin.", metavar="FILE"),
        *MANNER,
    )

"""The body of an event, put together from what was said on the command line and what the execution shows."""

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from app.cli.client.codes import FAILED, USAGE
from app.cli.client.finding import item_named, operator_id, whole_action
from app.cli.client.session import Session
from app.cli.client.words import At, Word
from app.cli.said import Stop

#: Members that go into the body as they were said.
_PLAIN = (
    "drill_outcome",
    "comment",
    "performed_by",
    "symptom",
    "command_profile",
    "corrects",
    "break_glass",
    "evidence_waived",
    "workloads",
)


def event_body(session: Session, word: Word, document: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """Give the event as it will be posted: tied to the position and attempt that `document` shows, unless told others.

    Raises Stop where something said cannot be read.
    """
    body: dict[str, Any] = {"type": word.type, **_tied(word, document, said)}
    body |= {name: _listed(said[name]) for name in _PLAIN if said.get(name)}
    if said.get("text"):
        body["comment"] = said["text"]
    if said.get("already_done"):
        body["outcome"] = "already_done"
    if word.type == "sign_off":
        body["decision"] = "reject" if said["reject"] else "approve"
    if said.get("performed_at"):
        body["performed_at"] = moment(said["performed_at"])
    if said.get("point_label") or said.get("point_time"):
        body["recovery_point"] = _point(said["point_label"], said["point_time"])
    if said.get("action"):
        body["action"] = whole_action(document, said["action"])
        item = item_named(document, body["action"])
        if item is not None and not said.get("at"):
            body["attempt"] = item["attempt"]  # each item of a checklist counts its own
    if said.get("to"):
        body["to"] = (
            operator_id(session, said["to"]) if word.type == "hand_over" else whole_action(document, said["to"])
        )
    attached = evidence(said["evidence"], said["links"])
    return {**body, "evidence": attached} if attached else body


def _tied(word: Word, document: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    if said.get("at"):
        return {name: said[name] for name in ("at", "attempt") if said.get(name)}
    tied = {"at": document["position"], "attempt": document["attempt"]}
    return {At.SHOWN: tied, At.POSITION: {"at": document["position"]}, At.NOWHERE: {}}[word.at]


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def moment(text: str) -> str:
    """Give a time as RFC 3339; without an offset it is this machine's local time. Raises Stop where it is no time."""
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        raise Stop(
            f"{text!r} is no time; one looks like 2026-11-23T03:12 or 2026-11-23T03:12:00Z", code=USAGE
        ) from None
    return (told if told.tzinfo is not None else told.astimezone()).isoformat()


def _point(label: str | None, time: str | None) -> dict[str, str]:
    if not label or not time:
        raise Stop("A recovery point has a name and a time: --recovery-point LABEL --recovery-time TIME", code=USAGE)
    return {"label": label, "time": moment(time)}


def evidence(files: Sequence[str], links: Sequence[str]) -> list[dict[str, Any]]:
    """Give what is attached: files as output, kept as the text that they hold, and links."""
    attached = [_output(name) for name in files]
    return attached + [{"kind": "link", "href": one} for one in links]


def _output(name: str) -> dict[str, Any]:
    try:
        raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise Stop(f"{name} cannot be read: {error.strerror or error}", code=FAILED) from None
    # Windows PowerShell's > writes UTF-16 with a byte order mark; the mark says so, nothing is guessed
    encoding = "utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    try:
        content = raw.decode(encoding)
    except UnicodeDecodeError:
        raise Stop(f"{name} is not text in UTF-8 or UTF-16; attach text, or a link", code=USAGE) from None
    kind = "application/json" if content.lstrip("\ufeff \r\n\t").startswith(("{", "[")) else "text/plain"
    return {
        "kind": "output",
        "media_type": kind,
        "content": content,
        **({} if name == "-" else {"name": Path(name).name}),
    }

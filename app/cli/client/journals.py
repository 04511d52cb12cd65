"""`journal` and `export`: what was signed, read page by page, or taken away whole as a file that can be verified."""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import typer

from app.cli.client.codes import FAILED, UNREACHABLE
from app.cli.client.finding import execution
from app.cli.client.options import argument, option
from app.cli.client.session import Session, add
from app.cli.client.shown import give, heading, put, say, table, when
from app.cli.said import Stop

SILENCE_SECONDS: Final = 60.0


class Kind(StrEnum):
    """What an export is."""

    NDJSON = "ndjson"  # verifiable
    CSV = "csv"  # for spreadsheets; not verifiable


MEDIA_TYPES: Final = {Kind.NDJSON: "application/x-ndjson", Kind.CSV: "text/csv"}


def show_journal(session: Session, *, number: int | None, after: int, **filters: str | None) -> None:
    """Show the journal of an execution, oldest first; or one of its lines whole."""
    document = execution(session)
    path = f"/executions/{document['id']}/events"
    if number is not None:
        line = session.calls.get(f"{path}/{number}")
        give(session.form, line, draw=lambda: _draw_line(document, line), names=[line["number"]])
        return
    chosen = {"type": filters["kind"], "actor": filters["actor"], "step": filters["step"]}
    lines = list(_lines(session, path, after, chosen))

    def draw() -> None:
        heading(document)
        table(("NO", "RECORDED", "EVENT", "BY", "AS", "POSITION", "SAID"), map(_row, lines), fixed=3)

    give(session.form, {"items": lines}, items=lines, names=[one["number"] for one in lines], draw=draw)


def _lines(session: Session, path: str, after: int, chosen: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    while True:
        page = session.calls.get(path, after=after, limit=200, **chosen)
        yield from page["items"]
        if page["next"] is None:
            return
        after = int(page["next"])


def _row(line: Mapping[str, Any]) -> tuple[Any, ...]:
    actor, data = line["actor"], line["data"]
    moved = line["position_after"] != line["position_before"]
    where = f"{line['position_before'] or ''} -> {line['position_after']}" if moved else line["position_after"]
    said = [
        f"[{', '.join(line['workloads'])}]" if line["workloads"] else "",
        f"corrects {data['corrects']}:" if "corrects" in data else "",
        f"{data['symptom']}" if "symptom" in data else "",
        "GLASS BROKEN" if data.get("break_glass") else "",
        f"(done {when(line['performed_at'])})" if line["performed_at"] else "",
        f"(by {line['performed_by']})" if line["performed_by"] else "",
        line["comment"] or "",
        f"({len(line['evidence'])} attached)" if line["evidence"] else "",
    ]
    who = (actor["name"], actor["role"])
    return (line["number"], when(line["recorded_at"]), line["type"], *who, where, " ".join(filter(None, said)))


def _draw_line(document: Mapping[str, Any], line: Mapping[str, Any]) -> None:
    heading(document)
    for name, value in line.items():
        if name != "evidence" and value not in (None, [], {}):
            put(f"{name}: {value if isinstance(value, str | int) else json.dumps(value, ensure_ascii=False)}")
    for one in line["evidence"]:
        put()
        put(f"evidence {one['name'] or one['kind']}, SHA-256 {one['digest']}", style="bold")
        put(one.get("content") or one.get("href") or "")


def export(session: Session, *, file: str, kind: Kind, force: bool) -> None:
    """Take the whole journal away as a file; `failback verify FILE` checks one in NDJSON without any service."""
    document = execution(session)
    path = f"/executions/{document['id']}/events"
    if file == "-":
        for piece in _pieces(session, path, kind):
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
        return
    target = Path(file)
    if target.exists() and not force:
        raise Stop(f"{file} is there already; --force replaces it", code=FAILED)
    new = target.with_name(f"{target.name}.{os.getpid()}.new")
    try:
        with new.open("wb") as stream:
            for piece in _pieces(session, path, kind):
                stream.write(piece)
        last = _last_line(new) if kind is Kind.NDJSON else {}
        new.replace(target)
    except OSError as error:
        raise Stop(f"{file} cannot be written: {error.strerror or error}", code=FAILED) from None
    finally:
        new.unlink(missing_ok=True)
    told = {"file": file, "events": last.get("number"), "head": last.get("hash")}
    give(session.form, told, draw=lambda: _draw_export(document, told), names=[file])


def _pieces(session: Session, path: str, kind: Kind) -> Iterator[bytes]:
    """Give the export piece by piece; raises Stop where it breaks off, since a part of a journal is none."""
    from httpx2 import TransportError

    with session.calls.streamed(path, seconds=SILENCE_SECONDS, accept=MEDIA_TYPES[kind]) as response:
        try:
            yield from response.iter_bytes()
        except TransportError as error:
            raise Stop(f"The export broke off: {error}", code=UNREACHABLE) from None


def _last_line(file: Path) -> dict[str, Any]:
    last = b""
    with file.open("rb") as stream:
        for line in stream:
            last = line
    read: dict[str, Any] = json.loads(last)
    return read


def _draw_export(document: Mapping[str, Any], told: Mapping[str, Any]) -> None:
    heading(document)
    put(f"Written to {told['file']}")
    if told["head"] is None:
        say("A CSV cannot be verified; NDJSON can.")
        return
    put(f"{told['events']} events, head {told['head']}")
    put("Keep the head elsewhere. To verify: failback verify FILE --head HASH")


def register(commands: typer.Typer) -> None:
    """Add `journal` and `export`."""
    add(
        commands,
        "journal",
        show_journal,
        argument("number", int | None, "[NUMBER]", said="One line, whole.", default=None),
        option("after", int, "--after", said="Only lines above this number.", default=0),
        option("kind", str | None, "--type", said="Only this type of event."),
        option("actor", str | None, "--actor", said="Only this operator's, by name or id."),
        option("step", str | None, "--step", said="Only this step's, by its id."),
        about_one=True,
    )
    add(
        commands,
        "export",
        export,
        argument("file", str, "FILE", said="Where to; - is stdout."),
        option("kind", Kind, "--format", said="ndjson can be verified, csv is for spreadsheets.", default=Kind.NDJSON),
        option("force", bool, "--force", said="Replace a file that is there.", default=False),
        about_one=True,
    )

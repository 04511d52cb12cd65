"""`executions watch`: the journal as it is written, over a line that is made anew whenever it breaks."""

import json
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import typer

from app.cli.client.codes import FAILED
from app.cli.client.finding import execution
from app.cli.client.options import option
from app.cli.client.refused import Refused
from app.cli.client.session import Session, add
from app.cli.client.shown import Form, compact, heading, mode_of, put, say, verbatim, when
from app.cli.said import Stop

if TYPE_CHECKING:
    from httpx2 import Response

SILENCE_SECONDS: Final = 40.0  # the service says something every 15
PAUSES: Final = (0.5, 1.0, 2.0, 5.0)  # seconds before the line is made anew; the last one again and again
LARGEST_EVENT: Final = 8 * 1024 * 1024  # characters of a line with everything that may be attached to it
TERMINAL: Final = frozenset({"completed", "aborted", "escalated"})


def watch(session: Session, *, after: int) -> None:
    """Follow an execution: its journal so far, then each event as it happens, until the execution ends."""
    document = execution(session)
    if session.form is Form.TABLE:
        heading(document)
    for line in _lines(session, document["id"], after):
        _tell(session.form, mode_of(document), line)
        if line["status_after"] in TERMINAL and line["number"] >= document["version"]:
            return


def _lines(session: Session, execution_id: str, after: int) -> Iterator[dict[str, Any]]:
    """Give each line once and in order, however often the answer breaks off."""
    from app.cli.client.calls import Unreachable

    seen, failures = after, 0
    while True:
        try:
            path = f"/executions/{execution_id}/stream"
            with session.calls.streamed(path, seconds=SILENCE_SECONDS, last_event_id=str(seen)) as response:
                if failures:
                    say("The line is back.")
                failures = 0
                for line in _events(response):
                    seen = line["number"]
                    yield line
        except Unreachable as trouble:
            said = trouble.sentence
        except Refused as refused:
            if refused.status < 500:  # noqa: PLR2004 - from here on it is the service's fault, and passes
                raise
            said = refused.sentence
        else:
            said = "The line broke."
        if failures in {0, len(PAUSES)}:
            say(f"{said}\nWhat is shown may be old; trying again.")
        time.sleep(PAUSES[min(failures, len(PAUSES) - 1)])
        failures += 1


def _events(response: "Response") -> Iterator[dict[str, Any]]:
    """Give the lines that come in one answer, up to its end or to where it breaks."""
    from httpx2 import EventSource, SSEError, TransportError

    try:
        for one in EventSource(response, max_event_size=LARGEST_EVENT):
            if one.data:
                yield json.loads(one.data)
    except SSEError as error:
        raise Stop(f"What comes cannot be read: {error}", code=FAILED) from None
    except TransportError:
        return


def _tell(form: Form, mode: str, line: Mapping[str, Any]) -> None:
    if form is Form.NAME:
        verbatim(str(line["number"]))
    elif form is Form.TABLE:
        put(f"{mode} {one_line(line)}")
    else:
        verbatim(compact(line))


def one_line(line: Mapping[str, Any]) -> str:
    """Give a journal line as a line of text: number, time, who, what, where it led."""
    names = f" [{', '.join(line['workloads'])}]" if line["workloads"] else ""
    moved = line["position_after"] if line["position_after"] != line["position_before"] else ""
    said = f"{line['number']:>4}  {when(line['recorded_at'])}  {line['actor']['name']} ({line['actor']['role']})"
    where = f" at {line['position_before']}" if line["position_before"] else ""
    led = f" -> {moved}" if moved else ""
    comment = f": {line['comment']}" if line["comment"] else ""
    late = f" (done {when(line['performed_at'])})" if line["performed_at"] else ""
    return f"{said}  {line['type']}{names}{where}{led}{late}{comment}"


def register(commands: typer.Typer) -> None:
    """Add `watch` to the group of executions."""
    asked = option("after", int, "--after", said="Only events above this number.", default=0)
    add(commands, "watch", watch, asked, by_argument=True)

"""The page of a journal: every line with its evidence and hashes, what was corrected or entered late, the proof."""

import json
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request, Response

from app.domain.events import EventType
from app.domain.facts import Facts
from app.domain.runbook import Runbook
from app.services import reading
from app.services.identity import people
from app.services.reading import MAX_NUMBER
from app.services.service import Service
from app.storage import queries
from app.storage.database import Connection
from app.web import exports
from app.web.console import journal_opened
from app.web.console.pages import PageRoute
from app.web.console.rendering import page, reader_of
from app.web.console.visitors import Visitor
from app.web.deps import TheService, execution_id_of

router = APIRouter(include_in_schema=False, route_class=PageRoute)

PAGE: Final = 50
FORMATS: Final = {"ndjson": exports.NDJSON, "csv": exports.CSV}

Number = Annotated[int, Query(ge=0, le=MAX_NUMBER)]


@router.get("/executions/{execution_id}/journal")
async def show_journal(
    *,
    request: Request,
    execution_id: str,
    actor_: Visitor,
    service: TheService,
    kind: Annotated[EventType | Literal[""], Query(alias="type")] = "",
    actor: Annotated[str, Query(max_length=200)] = "",
    step: Annotated[str, Query(max_length=200)] = "",
    after: Number = 0,
    line: Number = 0,
    verify: str | None = None,
) -> Response:
    """Show the journal a page at a time, oldest first; `line` shows one line whole, `verify` recomputes the chain."""
    identifier = execution_id_of(execution_id)
    speech = reader_of(request).speech
    filters = {"type": str(kind), "actor": actor.strip(), "step": step.strip()}

    def look(connection: Connection) -> dict[str, Any]:
        runbook, facts = reading.standing(connection, service.definitions, identifier)
        rows = queries.journal_page(
            connection,
            identifier,
            after=line - 1 if line else after,
            limit=1 if line else PAGE + 1,
            event_type=None if line else filters["type"] or None,
            actor=None if line else filters["actor"] or None,
            step=None if line else filters["step"] or None,
        )
        found = [json.loads(row.line) for row in rows[:PAGE]]
        corrected = _corrections(connection, identifier, found)
        return {
            "doc": about(runbook, facts, identifier, speech.language),
            "lines": [journal_opened.opened(one, runbook, speech, corrected, whole=bool(line)) for one in found],
            "following": found[-1]["number"] if len(rows) > PAGE else None,
            "steps": [
                {"id": one.id, "number": number, "title": speech.read(one.title)}
                for number, one in enumerate(runbook.steps, 1)
            ],
            "people": people(connection),
        }

    shown = await service.database.read_long(look)
    return page(
        request,
        "journal.html",
        **shown,
        filters=filters,
        filtered=any(filters.values()),
        only=line,
        after=after,
        proof=None if verify is None else await _proof(service, identifier),
    )


@router.get("/executions/{execution_id}/journal.{suffix}")
async def take_journal_away(
    *,
    execution_id: str,
    suffix: Literal["ndjson", "csv"],
    actor: Visitor,
    service: TheService,
) -> Response:
    """Give the whole journal as a file: NDJSON can be verified by anyone, CSV is for a spreadsheet."""
    identifier = execution_id_of(execution_id)
    until = await service.database.read(lambda connection: reading.version_of(connection, identifier))
    return exports.export(service, identifier, until, FORMATS[suffix], vary="Cookie")


def about(runbook: Runbook, facts: Facts, execution_id: str, language: str) -> dict[str, Any]:
    """Give what pages around an execution say of it: which it is, how it stands."""
    return {
        "id": execution_id,
        "title": facts.title,
        "mode": facts.mode,
        "status": facts.status,
        "version": facts.version,
        "head": facts.head,
        "runbook": {
            "id": runbook.id,
            "title": runbook.title.in_language(language),
            "version": runbook.version,
            "digest": runbook.digest,
        },
    }


def _corrections(connection: Connection, execution_id: str, lines: list[dict[str, Any]]) -> dict[int, list[int]]:
    """Give the numbers of what corrects these lines, by the corrected line's number; corrections stand after them."""
    found: dict[int, list[int]] = {}
    after = lines[0]["number"] if lines else MAX_NUMBER
    while rows := queries.journal_page(
        connection, execution_id, after=after, limit=PAGE, event_type=EventType.CORRECT.value
    ):
        for row in rows:
            found.setdefault(json.loads(row.line)["data"]["corrects"], []).append(row.number)
        after = rows[-1].number
    return found


async def _proof(service: Service, execution_id: str) -> dict[str, Any]:
    return await service.database.compute(
        lambda connection: reading.verification(connection, service.definitions, execution_id)
    )

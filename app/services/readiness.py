"""How ready a protected set is: what it asks for and what was done for it, put before the domain, and the answer."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from app.domain.events import DrillOutcome
from app.domain.not_ready import worst
from app.domain.protected_sets import ProtectedSet, digest_of, taken
from app.domain.readiness import Done, Readiness, Required, readiness
from app.domain.runbook import Kind, Runbook
from app.services import clock
from app.services.declaring import faults_of
from app.services.definitions import Definitions
from app.services.executions import FACTS
from app.services.holding import valid_until
from app.services.named import person, reason_document
from app.services.protected_sets import asked_for, current, protected_set_of
from app.services.service import Service
from app.storage import protected_sets as queries
from app.storage.database import Connection
from app.storage.queries import execution, line
from app.storage.rows import ExecutionRow, ExecutionSummary

Latest = Mapping[str, Runbook]  # the definitions that are current, by id


async def standing_of(service: Service, named: str | None) -> tuple[ProtectedSet, Readiness] | None:
    """Give the set that a declaration names, by id or name, and how ready it is now; None where it names none.

    Raises InvalidRequest for one that is not there.
    """
    if named is None:
        return None

    def look(connection: Connection) -> tuple[ProtectedSet, Readiness]:
        protected = protected_set_of(asked_for(connection, named))
        latest = service.definitions.current(connection)
        return protected, _readiness(connection, service.definitions, latest, protected, clock.now())

    return await service.database.read_long(look)


def _readiness(
    connection: Connection, definitions: Definitions, latest: Latest, protected: ProtectedSet, now: datetime
) -> Readiness:
    runbook = latest.get(protected.runbook)
    found = queries.drilled(connection, set_id=protected.id, runbook_id=protected.runbook)
    return readiness(
        now=clock.stamp(now),
        runbook=protected.runbook,
        digest=None if runbook is None else runbook.digest,
        faults=[] if runbook is None else _faults(protected, runbook),
        required=[
            _required(connection, definitions, latest.get(checklist), protected, checklist)
            for checklist in protected.required_checklists
        ],
        drills=[_drill(connection, definitions, protected, row) for row in found],
    )


def _faults(protected: ProtectedSet, runbook: Runbook) -> list[str]:
    """Give the places of the set that its runbook's current version would refuse."""
    parameters, workloads = taken(protected, runbook)
    return [one.pointer for one in faults_of(runbook, parameters, workloads)]


def _required(
    connection: Connection,
    definitions: Definitions,
    current_one: Runbook | None,
    protected: ProtectedSet,
    checklist: str,
) -> Required:
    found = queries.completed(connection, set_id=protected.id, runbook_id=checklist)
    return Required(
        id=checklist,
        digest=None if current_one is None else current_one.digest,
        done=[_completed(connection, definitions, protected, row) for row in found],
    )


def _completed(
    connection: Connection, definitions: Definitions, protected: ProtectedSet, row: ExecutionSummary
) -> Done:
    runbook = definitions.course(connection, row)
    ended_at = clock.stamp(row.completed_at or row.updated_at)
    return Done(
        execution=row.id,
        digest=row.runbook_digest,
        ended_at=ended_at,
        until=valid_until(runbook, mode=row.mode, completed_at=ended_at) or ended_at,
        same=row.taken_digest == digest_of(*taken(protected, runbook)),
    )


def _drill(connection: Connection, definitions: Definitions, protected: ProtectedSet, row: ExecutionSummary) -> Done:
    runbook = definitions.course(connection, row)
    ended_at = row.drill_ended_at or row.updated_at
    return Done(
        execution=row.id,
        digest=row.runbook_digest,
        ended_at=clock.stamp(ended_at),
        until=clock.stamp(ended_at + timedelta(days=protected.drill_period_days)),
        same=row.taken_digest == digest_of(*taken(protected, runbook)),
        outcome=DrillOutcome(row.drill_outcome or DrillOutcome.FAILED),
    )


def readiness_document(
    connection: Connection, definitions: Definitions, set_id: str, *, language: str, now: datetime
) -> dict[str, Any]:
    """Give how ready a set is at a moment, with texts in `language` (`en` or `fr`). Raises NotFound."""
    protected = protected_set_of(current(connection, set_id))
    latest = definitions.current(connection)
    found = _readiness(connection, definitions, latest, protected, now)
    runbook = latest.get(protected.runbook)
    drill = found.drill
    return {
        "protected_set": {"id": protected.id, "name": protected.name, "revision": protected.revision},
        "at": clock.stamp(now),
        "state": found.state.value,
        "stale_at": found.stale_at,
        "reasons": [reason_document(one, language) for one in found.reasons],
        "runbook": None
        if runbook is None
        else {
            "id": runbook.id,
            "version": runbook.version,
            "digest": runbook.digest,
            "title": runbook.title.in_language(language),
        },
        "checklists": [
            _checklist(latest.get(checklist), checklist, done, found, language)
            for checklist, done in found.checklists.items()
        ],
        "drill": None
        if drill is None
        else {
            "execution": drill.execution,
            "outcome": drill.outcome.value,
            "ended_at": drill.ended_at,
            "due_at": drill.until,
        },
        "decisions": [
            one
            for checklist, done in found.checklists.items()
            for one in _decisions(connection, definitions, _recording(connection, protected, checklist, done), language)
        ],
    }


def _checklist(
    runbook: Runbook | None, checklist: str, done: Done | None, found: Readiness, language: str
) -> dict[str, Any]:
    return {
        "id": checklist,
        "title": None if runbook is None else runbook.title.in_language(language),
        "state": worst(one for one in found.reasons if one.about == checklist).value,
        "execution": None if done is None else done.execution,
        "completed_at": None if done is None else done.ended_at,
        "valid_until": None if done is None else done.until,
    }


def _recording(
    connection: Connection, protected: ProtectedSet, checklist: str, done: Done | None
) -> ExecutionRow | None:
    """Give the execution of a checklist whose decisions are shown: the one that counts, else the one begun last."""
    if done is not None:
        return execution(connection, done.execution)
    return queries.newest(connection, set_id=protected.id, runbook_id=checklist)


def _decisions(
    connection: Connection, definitions: Definitions, row: ExecutionRow | None, language: str
) -> Iterator[dict[str, Any]]:
    """Give the decisions that a checklist records: its gates that ask for a comment, with what was said at them.

    The seed's choice for a single server (Azure or a secondary cloud) is one.
    """
    if row is None:
        return
    facts = FACTS.validate_json(row.facts)
    for place, action in definitions.course(connection, row).actions.items():
        outcome = facts.actions.get(place)
        if outcome is None or action.kind is not Kind.GATE or not action.comment_required:
            continue
        yield {
            "checklist": row.runbook_id,
            "action": place,
            "title": action.title.in_language(language),
            "comment": json.loads(line(connection, row.id, outcome.event) or "{}").get("comment"),
            "by": person(outcome.by),
            "at": outcome.at,
            "execution": row.id,
            "event": outcome.event,
        }

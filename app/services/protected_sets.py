"""Protected sets: made and revised by jobs for the writer, every revision kept; and the documents of them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from uuid_utils.compat import uuid7

from app.domain.chain import written
from app.domain.errors import FieldFault, InvalidRequest, NotFound, VersionMismatch
from app.domain.events import Actor
from app.domain.protected_sets import ProtectedSet
from app.domain.runbook import Runbook, RunbookKind
from app.services import clock
from app.services.declaring import Named, faults_of
from app.services.keys import RequestKey, key_row, stored_for
from app.storage import protected_sets as queries
from app.storage.batch import Batch, Job
from app.storage.database import Connection
from app.storage.rows import SetRow, fold
from app.storage.tables import protected_sets, set_revisions

GONE = "There is no protected set of that id."


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a set is to say from a revision on, as it was asked for."""

    runbook: str
    parameters: Mapping[str, str]
    workloads: tuple[Named, ...]
    required_checklists: tuple[str, ...]
    drill_period_days: int
    comment: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Revised:
    """What the writer answers: the set, and the revision that the request led to, now or when it first came."""

    id: str
    number: int
    replayed: bool = False


def check(current: Mapping[str, Runbook], asked: Contents) -> None:
    """Compare what is asked for with the current definitions, given by id; raises InvalidRequest with every fault."""
    faults = []
    runbook = current.get(asked.runbook)
    checklists: list[Runbook] = []
    for place, name in enumerate(asked.required_checklists):
        one = current.get(name)
        if name in asked.required_checklists[:place]:
            faults.append(FieldFault(f"/required_checklists/{place}", "is named twice"))
        elif one is None or one.kind is not RunbookKind.CHECKLIST:
            known = _ids(current, RunbookKind.CHECKLIST)
            faults.append(FieldFault(f"/required_checklists/{place}", f"no such checklist; there is: {known}"))
        else:
            checklists.append(one)
    if runbook is None or runbook.kind is not RunbookKind.PROCEDURE:
        known = _ids(current, RunbookKind.PROCEDURE)
        faults.append(FieldFault("/runbook", f"no such procedure; there is: {known}"))
    else:
        also = [parameter for one in checklists for parameter in one.parameters]
        faults += faults_of(runbook, asked.parameters, asked.workloads, also=also)
    if faults:
        raise InvalidRequest(*faults)


def _ids(current: Mapping[str, Runbook], kind: RunbookKind) -> str:
    return ", ".join(one.id for one in current.values() if one.kind is kind)


def make(
    name: str, asked: Contents, *, actor: Actor, key: RequestKey | None, now: Callable[[], datetime] = clock.now
) -> Job[Revised]:
    """Give the job that makes a set, whose contents were checked. It raises InvalidRequest, IdempotencyKeyReused."""

    def run(batch: Batch) -> Revised:
        stored = _replay(batch, actor, key)
        if stored is not None:
            return stored
        taken = queries.set_named(batch.connection, name)
        if taken is not None:
            raise InvalidRequest(
                FieldFault("/name", f"is the name of the set {taken.id}; revise that, or take another")
            )
        identifier = str(uuid7())
        batch.make(
            (protected_sets, {"id": identifier, "name": name, "name_folded": fold(name)}),
            (set_revisions, _revision(identifier, 1, asked, actor, now())),
            key=key_row(actor, key, identifier, 1),
        )
        return Revised(id=identifier, number=1)

    return _job(run, actor, key)


def revise(
    set_id: str,
    asked: Contents,
    *,
    actor: Actor,
    key: RequestKey | None,
    versions: frozenset[int] | None,
    now: Callable[[], datetime] = clock.now,
) -> Job[Revised]:
    """Give the job that adds a revision; `versions` are those an If-Match names (None: no If-Match).

    It raises NotFound, IdempotencyKeyReused, VersionMismatch.
    """

    def run(batch: Batch) -> Revised:
        found = queries.locked_set(batch.connection, set_id)
        if found is None:
            raise NotFound(GONE)
        stored = _replay(batch, actor, key)
        if stored is not None:
            return stored
        if versions is not None and found.number not in versions:
            raise VersionMismatch(f"The set is at revision {found.number}.", version=found.number)
        number = found.number + 1
        moment = max(now(), found.changed_at)
        batch.make(
            (set_revisions, _revision(set_id, number, asked, actor, moment)),
            key=key_row(actor, key, set_id, number),
        )
        return Revised(id=set_id, number=number)

    return _job(run, actor, key)


def _job(run: Callable[[Batch], Revised], actor: Actor, key: RequestKey | None) -> Job[Revised]:
    key_of_actor = None if key is None else (actor.id, key.key_digest)
    return Job(execution_id=None, key=key_of_actor, token=actor.token, run=run)


def _replay(batch: Batch, actor: Actor, key: RequestKey | None) -> Revised | None:
    stored = stored_for(batch, actor, key)
    return None if stored is None else Revised(id=stored.execution_id, number=stored.number, replayed=True)


def _revision(set_id: str, number: int, asked: Contents, actor: Actor, moment: datetime) -> dict[str, Any]:
    content = {
        "runbook": asked.runbook,
        "parameters": dict(asked.parameters),
        "workloads": [{"name": name, "parameters": dict(own)} for name, own in asked.workloads],
        "required_checklists": list(asked.required_checklists),
        "drill_period_days": asked.drill_period_days,
        "comment": asked.comment,
    }
    kept = written(content).decode()
    return {"set_id": set_id, "number": number, "content": kept, "changed_by": actor.id, "changed_at": moment}


def protected_set_of(row: SetRow) -> ProtectedSet:
    """Give the set that a row keeps."""
    content = json.loads(row.content)
    return ProtectedSet(
        id=row.id,
        name=row.name,
        revision=row.number,
        runbook=content["runbook"],
        parameters=content["parameters"],
        workloads=tuple((one["name"], one["parameters"]) for one in content["workloads"]),
        required_checklists=tuple(content["required_checklists"]),
        drill_period_days=content["drill_period_days"],
    )


def document(row: SetRow) -> dict[str, Any]:
    """Give a set at one revision as clients read it."""
    content = json.loads(row.content)
    return {
        "id": row.id,
        "name": row.name,
        "revision": row.number,
        "runbook": content["runbook"],
        "parameters": content["parameters"],
        "workloads": content["workloads"],
        "required_checklists": content["required_checklists"],
        "drill_period_days": content["drill_period_days"],
        "comment": content["comment"],
        "changed_by": {"id": row.changed_by, "name": row.changed_by_name},
        "changed_at": clock.stamp(row.changed_at),
        "created_by": {"id": row.created_by, "name": row.created_by_name},
        "created_at": clock.stamp(row.created_at),
    }


def current(connection: Connection, set_id: str) -> SetRow:
    """Give a set as it stands. Raises NotFound."""
    row = queries.protected_set(connection, set_id)
    if row is None:
        raise NotFound(GONE)
    return row


def at_revision(connection: Connection, set_id: str, number: int) -> SetRow:
    """Give a set as it stood at a revision that there is."""
    return queries.revision_list(connection, set_id, after=number - 1, limit=1)[0]


def asked_for(connection: Connection, named: str) -> SetRow:
    """Give the set of an id or else of a name, as it stands. Raises InvalidRequest."""
    row = queries.protected_set(connection, named.lower()) or queries.set_named(connection, named)
    if row is None:
        raise InvalidRequest(FieldFault("/protected_set", "no protected set has that id or name"))
    return row

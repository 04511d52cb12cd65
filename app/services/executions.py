"""What people do to an execution: declare it, and post events to it; each a job for the writer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from uuid_utils.compat import uuid7

from app.domain.case import Case
from app.domain.chain import written
from app.domain.drill import promise
from app.domain.errors import FieldFault, InvalidRequest, NotFound, RoleRequired, VersionMismatch
from app.domain.events import Actor, Posted, Role
from app.domain.evidence_asked import checked
from app.domain.facts import Facts
from app.domain.forms import check_form, check_times
from app.domain.lines import first_line, next_line
from app.domain.machine import machine_for
from app.domain.not_ready import Reason
from app.domain.protected_sets import PROTECTED_SET, ProtectedSet
from app.domain.runbook import Runbook
from app.domain.timers import begun
from app.services import clock, list_clocks
from app.services.definitions import Definitions
from app.services.keys import RequestKey, key_row, stored_for
from app.services.own_names import in_own_names
from app.storage.batch import Batch, Job
from app.storage.rows import ExecutionRow, JournalRow, fold

FACTS: TypeAdapter[Facts] = TypeAdapter(Facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """What the writer answers: the line that was written, or, replayed, where the stored answer is to be found."""

    execution_id: str
    number: int
    line: str | None = None  # canonical JSON, as it is kept
    facts: Facts | None = None
    runbook: Runbook | None = None

    @property
    def replayed(self) -> bool:
        """Whether the same request was answered before."""
        return self.line is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """A new execution as it was asked for, checked for form. Times are UTC RFC 3339 text."""

    runbook: Runbook
    mode: str
    title: str
    command_profile: str
    policy: Mapping[str, str]  # evidence only where it is not the default
    parameters: Mapping[str, str]
    workloads: tuple[tuple[str, Mapping[str, str]], ...]
    targets: Mapping[str, int]
    outage_started_at: str | None
    protected_set: ProtectedSet | None = None
    not_ready: tuple[Reason, ...] = ()

    def of_its_set(self) -> dict[str, Any]:
        """Give what the line says of the set it was declared for."""
        one = self.protected_set
        named = {} if one is None else {PROTECTED_SET: {"id": one.id, "name": one.name, "revision": one.revision}}
        return {**named, "not_ready": [reason.in_line() for reason in self.not_ready]}


def facts_of(batch: Batch, row: ExecutionRow) -> Facts:
    """Give the facts of a locked row, decoded at most once."""
    known = batch.memory.get(row.head)
    if known is None:
        known = FACTS.validate_json(row.facts)
        batch.memory.keep(row.head, known)
    return known


def _replay(batch: Batch, actor: Actor, key: RequestKey | None) -> Accepted | None:
    """Give the stored answer to a repeated request; raises IdempotencyKeyReused for another request."""
    stored = stored_for(batch, actor, key)
    return None if stored is None else Accepted(execution_id=stored.execution_id, number=stored.number)


def _rows(runbook: Runbook, facts: Facts, line: Mapping[str, Any], timers: str) -> tuple[ExecutionRow, JournalRow]:
    """Give the rows that keep a line and the facts and timers it led to."""
    recorded_at = clock.read(line["recorded_at"])
    drill, of = facts.drill, facts.protected_set
    execution = ExecutionRow(
        id=line["execution_id"],
        runbook_id=runbook.id,
        runbook_digest=runbook.digest,
        mode=facts.mode,
        title=facts.title,
        title_folded=fold(" ".join([facts.title, *facts.workloads])),
        status=facts.status,
        position=facts.position,
        version=facts.version,
        head=facts.head,
        declared_at=clock.read(facts.declared_at),
        outage_started_at=clock.read(facts.outage_started_at),
        restored_at=None if facts.restored_at is None else clock.read(facts.restored_at),
        completed_at=None if facts.completed_at is None else clock.read(facts.completed_at),
        updated_at=recorded_at,
        drill_outcome=None if drill is None else drill.outcome,
        evidence_not_met=facts.evidence_not_met(),
        drill_ended_at=None if drill is None or drill.at is None or drill.outcome is None else clock.read(drill.at),
        protected_set_id=None if of is None else of.id,
        taken_digest=None if of is None else of.taken,
        timers=timers,
        facts=FACTS.dump_json(facts).decode(),
    )
    journal = JournalRow(
        execution_id=line["execution_id"],
        number=line["number"],
        id=line["id"],
        type=line["type"],
        actor_id=line["actor"]["id"],
        step=line["step"],
        recorded_at=recorded_at,
        hash=line["hash"],
        line=written(line).decode(),
    )
    return execution, journal


def declare(
    declaration: Declaration,
    *,
    actor: Actor,
    key: RequestKey | None,
    now: Callable[[], datetime] = clock.now,
) -> Job[Accepted]:
    """Give the job that declares a disaster or begins a drill, whose form was checked.

    It raises RoleRequired, InvalidRequest (an outage in the future), IdempotencyKeyReused.
    """
    if Role.COORDINATOR not in actor.roles:
        raise RoleRequired("Declaring needs the role coordinator.", required=[Role.COORDINATOR])
    runbook = declaration.runbook

    def run(batch: Batch) -> Accepted:
        recorded_at = clock.stamp(now())
        outage = declaration.outage_started_at or recorded_at
        if outage > recorded_at:
            raise InvalidRequest(FieldFault("/outage_started_at", "is in the future; leave it out for now"))
        stored = _replay(batch, actor, key)
        if stored is not None:
            return stored
        identifier = str(uuid7())
        line, facts = first_line(
            runbook,
            data={
                "runbook": {"id": runbook.id, "version": runbook.version},
                "mode": declaration.mode,
                "title": declaration.title,
                "command_profile": declaration.command_profile,
                "policy": dict(declaration.policy),
                "parameters": dict(declaration.parameters),
                "workloads": [{"name": name, "parameters": dict(own)} for name, own in declaration.workloads],
                "targets": dict(declaration.targets),
                "outage_started_at": outage,
                **declaration.of_its_set(),
                **promise(declaration.mode),
            },
            actor=actor,
            identity=_identity(identifier, key),
            recorded_at=recorded_at,
        )
        execution, journal = _rows(runbook, facts, line, list_clocks.kept(begun(runbook, facts)))
        batch.declare(execution, journal, key_row(actor, key, identifier, 1))
        batch.memory.keep(facts.head, facts)
        return Accepted(execution_id=identifier, number=1, line=journal.line, facts=facts, runbook=runbook)

    return Job(execution_id=None, key=None if key is None else (actor.id, key.key_digest), token=actor.token, run=run)


def post(
    execution_id: str,
    posted: Posted,
    *,
    actor: Actor,
    key: RequestKey | None,
    versions: frozenset[int] | None,
    definitions: Definitions,
    language: str,
    now: Callable[[], datetime] = clock.now,
) -> Job[Accepted]:
    """Give the job that posts one event; `versions` are those an If-Match names (None: no If-Match).

    It raises NotFound, IdempotencyKeyReused, VersionMismatch, InvalidRequest, PositionMoved, TransitionRefused,
    RoleRequired, SecondPersonRequired.
    """

    def run(batch: Batch) -> Accepted:
        row = batch.execution(execution_id)
        if row is None:
            raise NotFound("There is no execution of that id.")
        facts = facts_of(batch, row)
        runbook = definitions.course(batch.connection, row)
        recorded_at = max(clock.stamp(now()), facts.recorded_at)
        event = in_own_names(batch, facts, posted)
        check_times(facts, event, recorded_at=recorded_at)
        check_form(Case(runbook, facts, event))
        stored = _replay(batch, actor, key)
        if stored is not None:
            return stored
        if versions is not None and facts.version not in versions:
            raise VersionMismatch(
                f"The execution is at version {facts.version}.", version=facts.version, position=facts.position
            )
        line, reached = next_line(
            machine_for(runbook, facts.profile),
            facts,
            checked(Case(runbook, facts, event)),
            actor=actor,
            identity=_identity(execution_id, key),
            recorded_at=recorded_at,
            language=language,
        )
        timers = list_clocks.kept_after(row.timers, runbook, facts, reached, line=line)
        execution, journal = _rows(runbook, reached, line, timers)
        batch.append(execution, journal, key_row(actor, key, execution_id, line["number"]))
        batch.memory.keep(reached.head, reached)
        return Accepted(
            execution_id=execution_id, number=line["number"], line=journal.line, facts=reached, runbook=runbook
        )

    key_of_actor = None if key is None else (actor.id, key.key_digest)
    return Job(execution_id=execution_id, key=key_of_actor, token=actor.token, run=run)


def _identity(execution_id: str, key: RequestKey | None) -> dict[str, str | None]:
    """Give what a line says of itself that no rule gives."""
    return {
        "id": str(uuid7()),
        "execution_id": execution_id,
        "request_key_digest": None if key is None else key.key_digest,
    }

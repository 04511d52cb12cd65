"""Executions as lists show them: what their rows say, and until when a checklist holds."""

from typing import Any

from app.domain.vocabulary import DRILL
from app.services.clock import stamp
from app.services.definitions import Definitions
from app.services.holding import valid_until
from app.services.list_clocks import compact
from app.storage import queries
from app.storage.database import Connection
from app.storage.rows import ExecutionSummary


def listed(connection: Connection, definitions: Definitions, **asked: Any) -> list[dict[str, Any]]:
    """Give executions as lists show them; takes what `queries.execution_list` does."""
    found = []
    for row in queries.execution_list(connection, **asked):
        one, runbook = summary(row), definitions.by_digest(connection, row.runbook_digest)
        until = valid_until(runbook, mode=row.mode, completed_at=one["completed_at"])
        found.append({**one, "valid_until": until})
    return found


def summary(row: ExecutionSummary) -> dict[str, Any]:
    """Give an execution as its row alone shows it."""
    return {
        "id": row.id,
        "runbook": {"id": row.runbook_id, "digest": row.runbook_digest},
        "mode": row.mode,
        "title": row.title,
        "status": row.status,
        "position": row.position,
        "version": row.version,
        "head": row.head,
        "declared_at": stamp(row.declared_at),
        "outage_started_at": stamp(row.outage_started_at),
        "restored_at": None if row.restored_at is None else stamp(row.restored_at),
        "completed_at": None if row.completed_at is None else stamp(row.completed_at),
        "updated_at": stamp(row.updated_at),
        "protected_set": row.protected_set_id,
        "evidence_not_met": row.evidence_not_met,
        "drill": {"outcome": row.drill_outcome} if row.mode == DRILL else None,
        "clocks": compact(row),
    }

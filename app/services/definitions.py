"""Runbook definitions: the bundled ones kept in the database under their digest, and every one ever used."""

import json
import threading
from collections.abc import Iterable, Mapping
from typing import Any

import rfc8785

from app.domain.errors import NotFound
from app.domain.machine import machine_for
from app.domain.runbook import MODES, Runbook
from app.runbooks import build_runbook, bundled_runbooks
from app.services import clock
from app.storage import queries
from app.storage.database import Connection, Database
from app.storage.rows import DefinitionRow, ExecutionSummary


class Definitions:
    """The runbooks of one service; what was loaded once is shared by all threads and never changes."""

    def __init__(self, bundled: Iterable[tuple[Mapping[str, Any], Runbook]] | None = None) -> None:
        """Take the current definitions (default: those bundled with the product). Raises RunbookFault for a bad one."""
        self._bundled = list(bundled_runbooks() if bundled is None else bundled)
        self._current = {runbook.id: runbook for _, runbook in self._bundled}
        self._by_digest = {runbook.digest: runbook for _, runbook in self._bundled}
        self._lock = threading.Lock()
        for runbook in self._current.values():
            for mode in MODES:
                for profile in runbook.profile_ids:
                    machine_for(runbook.for_mode(mode), profile)

    def publish(self, database: Database) -> None:
        """Keep the current definitions in the database, so that an execution has its own after an upgrade."""
        with database.writing() as connection:
            for content, runbook in self._bundled:
                row = DefinitionRow(
                    digest=runbook.digest,
                    runbook_id=runbook.id,
                    version=runbook.version,
                    content=rfc8785.dumps(dict(content)).decode(),
                    added_at=clock.now(),
                )
                queries.add_definition(connection, row)

    def current(self) -> list[Runbook]:
        """Give the definitions that a new execution begins with."""
        return list(self._current.values())

    def named(self, runbook_id: str) -> Runbook | None:
        """Give the current definition of that id, or None."""
        return self._current.get(runbook_id)

    def course(self, connection: Connection, row: ExecutionSummary) -> Runbook:
        """Give the course that an execution walks: its own definition's, in its mode. Raises NotFound."""
        return self.by_digest(connection, row.runbook_digest).for_mode(row.mode)

    def by_digest(self, connection: Connection, digest: str) -> Runbook:
        """Give the definition with that digest, however old. Raises NotFound."""
        known = self._by_digest.get(digest)
        if known is not None:
            return known
        row = queries.definition(connection, digest)
        if row is None:
            raise NotFound("No runbook of that digest was ever used here.")
        with self._lock:  # one object a digest: machines are shared by identity
            return self._by_digest.setdefault(digest, build_runbook(json.loads(row.content), digest))

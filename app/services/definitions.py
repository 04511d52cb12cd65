"""Runbook definitions: which is current, and every one ever used, by digest."""

import json
import threading
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import rfc8785

from app.domain.errors import NotFound
from app.domain.machine import machine_for
from app.domain.runbook import MODES, Runbook
from app.domain.versions import version_key
from app.runbooks import build_runbook, bundled_runbooks
from app.services import clock
from app.storage import publications, queries
from app.storage.database import Connection, Database
from app.storage.rows import DefinitionRow, ExecutionSummary, PublicationRow


class Definitions:
    """The runbooks of one service; what was loaded once is shared by all threads and never changes.

    Which definition of a runbook is current is the database's to say, so that all processes on it agree at once.
    """

    def __init__(self, bundled: Iterable[tuple[Mapping[str, Any], Runbook]] | None = None) -> None:
        """Take the release's definitions (default: those bundled with it). Raises RunbookFault for a bad one."""
        self._bundled = list(bundled_runbooks() if bundled is None else bundled)
        self.bundled = {runbook.id: runbook for _, runbook in self._bundled}
        self._by_digest = {runbook.digest: runbook for _, runbook in self._bundled}
        self._lock = threading.Lock()
        for runbook in self.bundled.values():
            for mode in MODES:
                for profile in runbook.profile_ids:
                    machine_for(runbook.for_mode(mode), profile)

    def publish(self, database: Database) -> None:
        """Keep the release's definitions in the database; each that goes before the current one becomes current."""
        with database.writing() as connection:
            publications.lock(connection)
            for content, runbook in self._bundled:
                now = clock.now()
                queries.add_definition(connection, definition_row(content, runbook, now))
                last = publications.last_publication(connection, runbook.id)
                if takes_over(runbook, last) and publications.publication(connection, runbook.digest) is None:
                    publications.add_publication(connection, publication_of(runbook, last, by=None, now=now))

    def current(self, connection: Connection) -> dict[str, Runbook]:
        """Give the definitions that new executions begin with, by id."""
        found = publications.current_digests(connection)
        return {runbook_id: self.by_digest(connection, digest) for runbook_id, digest in found.items()}

    def named(self, connection: Connection, runbook_id: str) -> Runbook | None:
        """Give the definition that a new execution of that id begins with, or None."""
        digest = publications.current_digests(connection).get(runbook_id)
        return None if digest is None else self.by_digest(connection, digest)

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


def takes_over(runbook: Runbook, last: PublicationRow | None) -> bool:
    """Say whether a release's definition goes before the one that is current.

    What an administrator published stays: a release never takes a site's own procedure away.
    """
    if last is None:
        return True
    return last.published_by is None and version_key(runbook.version) >= version_key(last.version)


def definition_row(content: Mapping[str, Any], runbook: Runbook, now: datetime) -> DefinitionRow:
    """Give the row that keeps a definition."""
    return DefinitionRow(
        digest=runbook.digest,
        runbook_id=runbook.id,
        version=runbook.version,
        content=rfc8785.dumps(dict(content)).decode(),
        added_at=now,
    )


def publication_of(runbook: Runbook, last: PublicationRow | None, *, by: str | None, now: datetime) -> dict[str, Any]:
    """Give the row that makes a definition current after the last one; `by` is an operator's id."""
    return {
        "runbook_id": runbook.id,
        "number": 1 if last is None else last.number + 1,
        "digest": runbook.digest,
        "published_by": by,
        "published_at": now if last is None else max(now, last.published_at),
    }

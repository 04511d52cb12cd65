"""Publishing a runbook's next version: a job for the writer, and the versions as documents."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.errors import NotFound, VersionNotNewer
from app.domain.events import Actor
from app.domain.runbook import Runbook
from app.domain.versions import version_key
from app.services import clock
from app.services.definitions import definition_row, publication_of
from app.services.keys import RequestKey, key_row, stored_for
from app.storage import publications as queries
from app.storage.batch import Batch, Job
from app.storage.database import Connection
from app.storage.queries import definition
from app.storage.rows import PublicationRow, values
from app.storage.tables import definitions, publications


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What the writer answers: which publication of which runbook the request led to, now or when it first came."""

    runbook_id: str
    number: int
    replayed: bool = False


def publish(
    content: Mapping[str, Any],
    runbook: Runbook,
    *,
    actor: Actor,
    key: RequestKey | None,
    now: Callable[[], datetime] = clock.now,
) -> Job[Published]:
    """Give the job that makes a valid definition current; what is current already is left as it is.

    It raises VersionNotNewer, IdempotencyKeyReused.
    """

    def run(batch: Batch) -> Published:
        stored = stored_for(batch, actor, key)
        if stored is not None:
            return Published(runbook_id=stored.execution_id, number=stored.number, replayed=True)
        queries.lock(batch.connection)
        last = queries.last_publication(batch.connection, runbook.id)
        if last is not None and last.digest == runbook.digest:
            batch.make(key=key_row(actor, key, runbook.id, last.number))
            return Published(runbook_id=runbook.id, number=last.number)
        was_current = queries.publication(batch.connection, runbook.digest) is not None
        if last is not None and (was_current or version_key(runbook.version) <= version_key(last.version)):
            raise VersionNotNewer(
                f"Version {last.version} of {runbook.id} is current, with other content;"
                f" {runbook.version} {'was current before' if was_current else 'does not come after it'}.",
                current={"version": last.version, "digest": last.digest},
            )
        moment = now()
        made: list[tuple[Any, Any]] = []
        if definition(batch.connection, runbook.digest) is None:  # a release may have brought it
            made.append((definitions, values(definition_row(content, runbook, moment))))
        row = publication_of(runbook, last, by=actor.id, now=moment)
        batch.make(*made, (publications, row), key=key_row(actor, key, runbook.id, row["number"]))
        return Published(runbook_id=runbook.id, number=row["number"])

    key_of_actor = None if key is None else (actor.id, key.key_digest)
    return Job(execution_id=None, key=key_of_actor, token=actor.token, run=run)


def document(row: PublicationRow) -> dict[str, Any]:
    """Give a publication as clients read it; `published_by` is null where a release brought it."""
    by = None if row.published_by is None else {"id": row.published_by, "name": row.published_by_name}
    return {
        "id": row.runbook_id,
        "number": row.number,
        "version": row.version,
        "digest": row.digest,
        "published_by": by,
        "published_at": clock.stamp(row.published_at),
    }


def published(connection: Connection, runbook_id: str, number: int) -> PublicationRow:
    """Give one publication, which is there."""
    (row,) = queries.publication_list(connection, runbook_id, after=number - 1, limit=1)
    return row


def versions(connection: Connection, runbook_id: str, *, after: int, limit: int) -> list[dict[str, Any]]:
    """Give a runbook's versions after a number, the oldest first, each with whether it is current. Raises NotFound."""
    current = queries.current_digests(connection).get(runbook_id)
    if current is None:
        raise NotFound("There is no runbook of that id.")
    rows = queries.publication_list(connection, runbook_id, after=after, limit=limit)
    return [{**document(row), "current": row.digest == current} for row in rows]

"""Queries of publications: which definition of a runbook is current, and which ones were."""

from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, text

from app.storage.rows import PublicationRow, read
from app.storage.tables import definitions, operators, publications

PUBLICATIONS = (
    select(
        publications.c.runbook_id,
        publications.c.number,
        publications.c.digest,
        definitions.c.version,
        publications.c.published_by,
        operators.c.name,
        publications.c.published_at,
    )
    .join(definitions, definitions.c.digest == publications.c.digest)
    .outerjoin(operators, operators.c.id == publications.c.published_by)
    .order_by(publications.c.runbook_id, publications.c.number)
)
OF_DIGEST = PUBLICATIONS.where(publications.c.digest == bindparam("digest"))
_every = publications.alias("every_publication")
_LAST = select(func.max(_every.c.number)).where(_every.c.runbook_id == publications.c.runbook_id).scalar_subquery()
CURRENT = (
    select(publications.c.runbook_id, publications.c.digest)
    .where(publications.c.number == _LAST)
    .order_by(publications.c.runbook_id)
)


def current_digests(connection: Connection) -> dict[str, str]:
    """Give the digest of the current definition of every runbook, by id."""
    return {row.runbook_id: row.digest for row in connection.execute(CURRENT)}


def publication(connection: Connection, digest: str) -> PublicationRow | None:
    """Give the publication of a definition, or None: it never was current."""
    row = connection.execute(OF_DIGEST, {"digest": digest}).first()
    return None if row is None else read(PublicationRow, row)


def publication_list(
    connection: Connection, runbook_id: str, *, after: int = 0, limit: int | None = None
) -> list[PublicationRow]:
    """Give a runbook's publications after a number, the oldest first."""
    query = PUBLICATIONS.where(publications.c.runbook_id == runbook_id, publications.c.number > after).limit(limit)
    return [read(PublicationRow, row) for row in connection.execute(query)]


def last_publication(connection: Connection, runbook_id: str) -> PublicationRow | None:
    """Give the publication that is current, or None: there is no such runbook."""
    digest = current_digests(connection).get(runbook_id)
    return None if digest is None else publication(connection, digest)


def lock(connection: Connection) -> None:
    """Let nobody else publish until the transaction ends, so that all see the same last one. Readers go on."""
    if connection.dialect.name == "postgresql":  # SQLite has one writer
        connection.execute(text("LOCK TABLE publications IN SHARE ROW EXCLUSIVE MODE"))


def add_publication(connection: Connection, row: dict[str, Any]) -> None:
    """Make a definition current. For use in `Database.writing`, after `lock`."""
    connection.execute(insert(publications), row)

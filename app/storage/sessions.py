"""Sessions of the console: kept by the digest of the cookie's id, read together with their token."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select

from app.storage.rows import SessionRow
from app.storage.tables import operators, sessions, tokens

SESSION = (
    select(
        sessions.c.token_id,
        operators.c.id,
        operators.c.name,
        tokens.c.roles,
        tokens.c.revoked_at,
        sessions.c.expires_at,
    )
    .join(tokens, tokens.c.id == sessions.c.token_id)
    .join(operators, operators.c.id == tokens.c.operator_id)
    .where(sessions.c.id_digest == bindparam("id_digest"))
)


def session(connection: Connection, id_digest: str) -> SessionRow | None:
    """Give a session with its token and operator, or None; whether it still holds is the caller's to say."""
    row = connection.execute(SESSION, {"id_digest": id_digest}).first()
    if row is None:
        return None
    token_id, operator_id, name, roles, revoked_at, expires_at = row
    return SessionRow(
        token_id=token_id,
        operator_id=operator_id,
        operator_name=name,
        roles=tuple(roles.split(",")),
        revoked_at=revoked_at,
        expires_at=expires_at,
    )


def add_session(
    connection: Connection, id_digest: str, *, token_id: str, created_at: datetime, expires_at: datetime
) -> None:
    """Keep a session, and forget those that have run out. For use in `Database.writing`."""
    connection.execute(delete(sessions).where(sessions.c.expires_at <= created_at))
    connection.execute(
        insert(sessions),
        {"id_digest": id_digest, "token_id": token_id, "created_at": created_at, "expires_at": expires_at},
    )


def remove_session(connection: Connection, id_digest: str) -> None:
    """Forget a session, if there is one. For use in `Database.writing`."""
    connection.execute(delete(sessions).where(sessions.c.id_digest == id_digest))

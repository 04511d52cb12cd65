"""Sessions: somebody signed in to the console with a token. The cookie holds a random id; only its digest is kept."""

import hashlib
import secrets
from datetime import timedelta
from typing import Final

from app.domain.errors import Unauthenticated
from app.domain.events import Actor, Role
from app.services import clock
from app.services.identity import authenticate, token_id
from app.storage import sessions
from app.storage.database import Connection, Database

#: A long shift. Whoever is signed in when it ends is asked for the token again; nothing typed is lost by it.
LIFETIME: Final = timedelta(hours=12)
_ID_BYTES: Final = 32


def _digest(session_id: str) -> str:
    return hashlib.sha256(session_id.encode()).hexdigest()


def begin(database: Database, token: str, *, former: str | None) -> str:
    """Sign the operator of a token in; give the new session's id, whose text is known here alone.

    `former` is the session id that the browser showed, if any: it ends, so that an id known before the sign-in is worth
    nothing after it. Raises Unauthenticated for a token that is unknown, wrong or revoked.
    """
    with database.reading() as connection:
        authenticate(connection, token)
    session_id, now = secrets.token_urlsafe(_ID_BYTES), clock.now()
    with database.writing() as connection:
        if former is not None:
            sessions.remove_session(connection, _digest(former))
        sessions.add_session(
            connection,
            _digest(session_id),
            token_id=token_id(token) or "",
            created_at=now,
            expires_at=now + LIFETIME,
        )
    return session_id


def signed_in(connection: Connection, session_id: str) -> Actor:
    """Give the operator of a session, with the roles that the token has now.

    Raises Unauthenticated where there is no such session, it has run out, or its token was revoked.
    """
    row = sessions.session(connection, _digest(session_id))
    if row is None or row.revoked_at is not None or row.expires_at <= clock.now():
        raise Unauthenticated("Your session has ended. Sign in again.")
    roles = frozenset(Role(role) for role in row.roles)
    return Actor(id=row.operator_id, name=row.operator_name, roles=roles, token=row.token_id)


def end(database: Database, session_id: str) -> None:
    """Sign out: the session is gone, whoever still has its id."""
    with database.writing() as connection:
        sessions.remove_session(connection, _digest(session_id))

"""Operators and tokens: who speaks, and with which roles. A token is `fbk_<id>_<secret>`; only a digest is kept."""

import hashlib
import hmac
import re
import secrets
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.errors import FieldFault, InvalidRequest, Unauthenticated
from app.domain.events import Actor, Role
from app.services import clock
from app.storage import identities
from app.storage.database import Connection, Database
from app.storage.rows import OperatorRow, TokenRow

PREFIX = "fbk"
_NOBODY = hashlib.sha256(b"").hexdigest()  # compared with where there is no token, so that both ways take as long
#: A first start on an empty database makes these two, so that the second person exists from the beginning.
FIRST_OPERATORS = (("ann", (Role.COORDINATOR, Role.OPERATOR)), ("ben", (Role.APPROVER,)))
MAX_NAME = 100
_FORM = re.compile(PREFIX + "_([0-9A-Za-z]{1,40})_([0-9A-Za-z]{1,120})")


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token just made: the only time its text is known."""

    id: str
    name: str
    roles: tuple[Role, ...]
    text: str


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def token_id(text: str) -> str | None:
    """Give the id a token's text claims, None where it has not the form of a token."""
    found = _FORM.fullmatch(text)
    return None if found is None else found[1]


def authenticate(connection: Connection, text: str) -> Actor:
    """Give the operator of a token's text, with the token's roles.

    Raises Unauthenticated, with one message whether the token is unknown, wrong or revoked.
    """
    found = _FORM.fullmatch(text)
    claimed, secret = (None, "") if found is None else found.groups()
    row = identities.token(connection, claimed) if claimed is not None else None
    matches = hmac.compare_digest(_digest(secret), row.secret_digest if row else _NOBODY)
    if row is None or not matches or row.revoked_at is not None:
        raise Unauthenticated("Send a valid token: Authorization: Bearer fbk_…; it may be mistyped or revoked.")
    roles = frozenset(Role(role) for role in row.roles)
    return Actor(id=row.operator_id, name=row.operator_name, roles=roles, token=row.id)


class Known:
    """Who was recognised lately, by a digest of the token's text: nothing about a token changes but that it is revoked.

    Whoever takes an actor from here still has to look whether the token was revoked; that is all there is to look at.
    """

    def __init__(self, limit: int = 1_000) -> None:
        """Take how many to keep."""
        self._limit = limit
        self._actors: OrderedDict[bytes, Actor] = OrderedDict()

    def get(self, text: str) -> Actor | None:
        """Give the operator of a token's text, or None."""
        return self._actors.get(hashlib.sha256(text.encode()).digest())

    def keep(self, text: str, actor: Actor) -> None:
        """Keep whom a token's text was found to belong to."""
        self._actors[hashlib.sha256(text.encode()).digest()] = actor
        if len(self._actors) > self._limit:
            self._actors.popitem(last=False)


def create_token(database: Database, *, name: str, roles: Iterable[Role]) -> NewToken:
    """Make a token with these roles for the operator of that name, who is made if there is none.

    Raises InvalidRequest for a name that is empty, too long or has characters that cannot be seen.
    """
    with database.writing() as connection:
        return _create(connection, name, tuple(dict.fromkeys(roles)))


def _create(connection: Connection, name: str, roles: tuple[Role, ...]) -> NewToken:
    if name != name.strip() or not name.isprintable() or not 0 < len(name) <= MAX_NAME:
        raise InvalidRequest(FieldFault("/name", f"1 to {MAX_NAME} visible characters, no spaces around"))
    if not roles:
        raise InvalidRequest(FieldFault("/role", "at least one role"))
    operator = identities.ensure_operator(connection, name, now=clock.now())
    identifier, secret = secrets.token_hex(6), secrets.token_hex(32)
    identities.add_token(
        connection,
        identifier,
        operator_id=operator.id,
        secret_digest=_digest(secret),
        roles=set(roles),
        now=clock.now(),
    )
    return NewToken(identifier, operator.name, roles, f"{PREFIX}_{identifier}_{secret}")


def revoke_token(database: Database, identifier: str) -> bool:
    """Revoke a token from this moment on; False where there is none of that id that was not revoked yet."""
    with database.writing() as connection:
        return identities.revoke_token(connection, identifier, now=clock.now())


def list_tokens(database: Database) -> list[TokenRow]:
    """Give every token ever made, without secrets."""
    with database.reading() as connection:
        return identities.token_list(connection)


def people(connection: Connection) -> list[OperatorRow]:
    """Give every operator by name: whom an execution can be handed over to."""
    return identities.operator_list(connection)


def first_operators(database: Database) -> list[NewToken]:
    """On an empty database make the two first operators; give their tokens, or nothing where somebody exists."""
    with database.writing() as connection:
        if not identities.is_empty(connection):
            return []
        return [_create(connection, name, roles) for name, roles in FIRST_OPERATORS]

"""Operators and their tokens: looking one up for authentication, making, listing and revoking."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from uuid_utils.compat import uuid7

from app.storage.among import among, as_list
from app.storage.prepared import Prepared
from app.storage.rows import OperatorRow, TokenRow, fold, names, read
from app.storage.tables import operators, tokens

OPERATOR_COLUMNS = tuple(operators.c[name] for name in names(OperatorRow))
TOKENS = select(
    tokens.c.id,
    tokens.c.operator_id,
    operators.c.name.label("operator_name"),
    tokens.c.secret_digest,
    tokens.c.roles,
    tokens.c.created_at,
    tokens.c.revoked_at,
).join(operators, operators.c.id == tokens.c.operator_id)
TOKEN = TOKENS.where(tokens.c.id == bindparam("id"))
UNREVOKED = {
    dialect: Prepared(
        select(tokens.c.id).where(among(tokens.c.id, "ids", dialect=dialect), tokens.c.revoked_at.is_(None))
    )
    for dialect in ("sqlite", "postgresql")
}
OPERATOR = select(*OPERATOR_COLUMNS).where(operators.c.id == bindparam("id"))
OPERATOR_BY_NAME = select(*OPERATOR_COLUMNS).where(operators.c.name_folded == bindparam("folded"))


def _token_row(found: RowMapping) -> TokenRow:
    columns: dict[str, Any] = {**found}
    return TokenRow(**{**columns, "roles": tuple(columns["roles"].split(","))})


def token(connection: Connection, token_id: str) -> TokenRow | None:
    """Give a token with its operator, revoked or not, or None; comparing the secret is the caller's."""
    row = connection.execute(TOKEN, {"id": token_id}).first()
    return None if row is None else _token_row(row._mapping)


def unrevoked(connection: Connection, token_ids: Collection[str]) -> set[str]:
    """Give those of some tokens, by their ids, that are valid."""
    dialect = connection.dialect
    return {found for (found,) in UNREVOKED[dialect.name].all(connection, {"ids": as_list(token_ids, dialect)})}


def token_list(connection: Connection) -> list[TokenRow]:
    """Give every token, revoked ones too, in the order of their making."""
    return [_token_row(row._mapping) for row in connection.execute(TOKENS.order_by(tokens.c.created_at, tokens.c.id))]


def operator(connection: Connection, operator_id: str) -> OperatorRow | None:
    """Give the operator of an id, or None."""
    row = connection.execute(OPERATOR, {"id": operator_id}).first()
    return None if row is None else read(OperatorRow, row)


def operator_list(connection: Connection) -> list[OperatorRow]:
    """Give every operator, by name."""
    query = select(*OPERATOR_COLUMNS).order_by(operators.c.name_folded)
    return [read(OperatorRow, row) for row in connection.execute(query)]


def operator_named(connection: Connection, name: str) -> OperatorRow | None:
    """Give the operator of a name, whatever its case, or None."""
    row = connection.execute(OPERATOR_BY_NAME, {"folded": fold(name)}).first()
    return None if row is None else read(OperatorRow, row)


def ensure_operator(connection: Connection, name: str, *, now: datetime) -> OperatorRow:
    """Give the operator of a name, made if there is none. For use in `Database.writing`."""
    found = operator_named(connection, name)
    if found is not None:
        return found
    values = {"id": str(uuid7()), "name": name, "name_folded": fold(name), "created_at": now}
    if connection.dialect.name == "postgresql":  # another process may make the same; SQLite has one writer
        connection.execute(postgresql_insert(operators).on_conflict_do_nothing(), values)
    else:
        connection.execute(insert(operators), values)
    made = operator_named(connection, name)
    assert made is not None  # noqa: S101 - made here or, just before, by another
    return made


def add_token(
    connection: Connection, token_id: str, *, operator_id: str, secret_digest: str, roles: set[str], now: datetime
) -> None:
    """Keep a token: its id, and the SHA-256 of its secret in hex. For use in `Database.writing`."""
    values = {
        "id": token_id,
        "operator_id": operator_id,
        "secret_digest": secret_digest,
        "roles": ",".join(sorted(roles)),
        "created_at": now,
    }
    connection.execute(insert(tokens), values)


def revoke_token(connection: Connection, token_id: str, *, now: datetime) -> bool:
    """Revoke a token; tell whether there was one that was not revoked yet. For use in `Database.writing`."""
    statement = update(tokens).where(tokens.c.id == token_id, tokens.c.revoked_at.is_(None)).values(revoked_at=now)
    return connection.execute(statement).rowcount == 1


def is_empty(connection: Connection) -> bool:
    """Tell whether nobody was made an operator yet: the sign of a first start."""
    return connection.execute(select(operators.c.id).limit(1)).first() is None

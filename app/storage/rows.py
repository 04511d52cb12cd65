"""Rows: what the tables hold, as plain immutable data; times are aware UTC."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

R = TypeVar("R", bound="DataclassInstance")


@cache
def names(kind: "type[DataclassInstance]") -> tuple[str, ...]:
    """Give the names of a row's fields, which are its columns."""
    return tuple(field.name for field in fields(kind))


@cache
def _getter(kind: "type[DataclassInstance]") -> "attrgetter[tuple[Any, ...]]":
    return attrgetter(*names(kind))


def values(row: "DataclassInstance") -> dict[str, Any]:
    """Give a row as parameters; `dataclasses.asdict` copies deeply and took a third of a batch's time."""
    kind = type(row)
    return dict(zip(names(kind), _getter(kind)(row), strict=True))


def read(kind: type[R], found: Iterable[Any]) -> R:
    """Make a row of what was found in the order of its fields."""
    return kind(**dict(zip(names(kind), found, strict=True)))


def fold(text: str) -> str:
    """Give the form in which names and titles are compared: compatibility forms and case do not matter."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionSummary:
    """An execution without its facts: enough for a list, an ETag, a filter."""

    id: str
    runbook_id: str
    runbook_digest: str
    mode: str
    title: str
    title_folded: str  # what a search looks in, folded
    status: str
    position: str
    version: int
    head: str
    declared_at: datetime
    outage_started_at: datetime
    restored_at: datetime | None
    completed_at: datetime | None
    updated_at: datetime
    drill_outcome: str | None = None
    evidence_not_met: int = 0
    drill_ended_at: datetime | None = None
    protected_set_id: str | None = None
    taken_digest: str | None = None
    timers: str | None = None  # what tells the time without the journal, as JSON; none in a row of before


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionRow(ExecutionSummary):
    """An execution as it stands: `facts` is the fold of its journal, as JSON."""

    facts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalRow:
    """One line of a journal: `line` is the whole event in canonical JSON, the rest is taken from it."""

    execution_id: str
    number: int
    id: str
    type: str
    actor_id: str
    step: str | None
    recorded_at: datetime
    hash: str
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """A line as it is read back."""

    execution_id: str
    number: int
    id: str
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRow:
    """An idempotency record: this operator's request of this digest led to this event."""

    operator_id: str
    key_digest: str
    request_digest: str
    execution_id: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKey:
    """What an idempotency key led to."""

    request_digest: str
    execution_id: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinitionRow:
    """A runbook definition: `content` is its canonical JSON, `digest` the SHA-256 of that."""

    digest: str
    runbook_id: str
    version: str
    content: str
    added_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationRow:
    """A definition's becoming current: by an administrator, or by a release (`published_by` None)."""

    runbook_id: str
    number: int
    digest: str
    version: str
    published_by: str | None
    published_by_name: str | None
    published_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorRow:
    """An operator."""

    id: str
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRow:
    """A token and whose it is; the secret itself is kept nowhere."""

    id: str
    operator_id: str
    operator_name: str
    secret_digest: str
    roles: tuple[str, ...]
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """A session of the console that was not ended, whose it is, and what its token says now."""

    token_id: str
    operator_id: str
    operator_name: str
    roles: tuple[str, ...]
    revoked_at: datetime | None
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRow:
    """A protected set's name, and the revision of its id and number: `content` is what it says, canonical JSON."""

    id: str
    name: str
    number: int
    content: str
    changed_by: str
    changed_by_name: str
    changed_at: datetime
    created_by: str
    created_by_name: str
    created_at: datetime

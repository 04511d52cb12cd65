"""The tables: what is kept, and the constraints that make a wrong row impossible.

The triggers that make the journal append-only are in the migrations; their names are listed here, so that
`db check` can say that one is missing.
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from app.storage.columns import DIGEST, ID, UtcDateTime, metadata

__all__ = [
    "APPEND_ONLY",
    "REVISION",
    "TRIGGERS",
    "answered",
    "definitions",
    "executions",
    "idempotency",
    "journal",
    "metadata",
    "operators",
    "protected_sets",
    "publications",
    "sessions",
    "set_revisions",
    "tokens",
]

#: The migration that makes exactly these tables; the service refuses a database at another one.
REVISION = "0007"

APPEND_ONLY = ("definitions", "journal", "idempotency", "protected_sets", "set_revisions", "answered", "publications")
#: Whose numbers run without a gap.
NUMBERED = ("journal", "set_revisions", "publications")

#: Refusing triggers by database; `_replace` because SQLite's INSERT OR REPLACE fires no delete trigger.
TRIGGERS: dict[str, frozenset[str]] = {
    "sqlite": frozenset(
        {f"{table}_refuse_{what}" for table in APPEND_ONLY for what in ("update", "delete")}
        | {f"{table}_refuse_replace" for table in (*APPEND_ONLY, "executions")}
        | {"executions_refuse_delete", "executions_follow_journal"}
        | {f"{table}_refuse_gap" for table in NUMBERED}
    ),
    "postgresql": frozenset(
        {f"{table}_refuse_{what}" for table in APPEND_ONLY for what in ("update", "delete")}
        | {f"{table}_refuse_truncate" for table in (*APPEND_ONLY, "executions")}
        | {"executions_refuse_delete", "executions_follow_journal"}
        | {f"{table}_refuse_gap" for table in NUMBERED}
    ),
}

definitions = Table(
    "definitions",
    metadata,
    Column("digest", DIGEST, primary_key=True),
    Column("runbook_id", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("content", Text, nullable=False),  # canonical JSON
    Column("added_at", UtcDateTime, nullable=False),
    CheckConstraint("length(digest) = 64", name="digest"),
)

operators = Table(
    "operators",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_folded", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("name_folded"),
    CheckConstraint("length(name) > 0", name="name"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("operator_id", ID, ForeignKey(operators.c.id), nullable=False),
    Column("secret_digest", DIGEST, nullable=False),
    Column("roles", Text, nullable=False),  # sorted, separated by commas
    Column("created_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
    CheckConstraint("length(secret_digest) = 64", name="secret_digest"),
    CheckConstraint("length(roles) > 0", name="roles"),
    Index(None, "operator_id"),
)

#: Which definitions became current, in order: the last of an id is what a new execution of it begins with.
publications = Table(
    "publications",
    metadata,
    Column("runbook_id", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("digest", DIGEST, ForeignKey(definitions.c.digest), nullable=False),
    Column("published_by", ID, ForeignKey(operators.c.id)),  # none: it came with a release
    Column("published_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("runbook_id", "number"),
    UniqueConstraint("digest"),
    CheckConstraint("number >= 1", name="number"),
    sqlite_with_rowid=False,
)

#: Who is signed in to the console. Bound to the token that was shown, so that revoking it ends the session.
sessions = Table(
    "sessions",
    metadata,
    Column("id_digest", DIGEST, primary_key=True),  # of the cookie's random id, which is kept nowhere
    Column("token_id", Text, ForeignKey(tokens.c.id), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    CheckConstraint("length(id_digest) = 64", name="id_digest"),
    Index(None, "expires_at"),
)

#: A set's name, which it keeps; everything else it says is in its revisions, the last of which holds.
protected_sets = Table(
    "protected_sets",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_folded", Text, nullable=False),
    UniqueConstraint("name_folded"),
    CheckConstraint("length(name) > 0", name="name"),
)

set_revisions = Table(
    "set_revisions",
    metadata,
    Column("set_id", ID, ForeignKey(protected_sets.c.id), nullable=False),
    Column("number", Integer, nullable=False),
    Column("content", Text, nullable=False),  # canonical JSON of all that the set says
    Column("changed_by", ID, ForeignKey(operators.c.id), nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("set_id", "number"),
    CheckConstraint("number >= 1", name="number"),
    sqlite_with_rowid=False,
)

executions = Table(
    "executions",
    metadata,
    Column("id", ID, primary_key=True),
    Column("runbook_id", Text, nullable=False),
    Column("runbook_digest", DIGEST, ForeignKey(definitions.c.digest), nullable=False),
    Column("mode", String(8), nullable=False),
    Column("title", Text, nullable=False),
    Column("title_folded", Text, nullable=False),  # what `q` is looked for in
    Column("status", String(16), nullable=False),
    Column("position", Text, nullable=False),
    Column("version", Integer, nullable=False),  # the number of its last event
    Column("head", DIGEST, nullable=False),  # that event's hash
    Column("declared_at", UtcDateTime, nullable=False),
    Column("outage_started_at", UtcDateTime, nullable=False),
    Column("restored_at", UtcDateTime),
    Column("completed_at", UtcDateTime),
    Column("updated_at", UtcDateTime, nullable=False),  # recorded_at of its last event
    Column("facts", Text, nullable=False),  # the journal's fold, JSON
    Column("drill_outcome", String(8)),  # how a drill ended; none while it goes on, none of a live one
    Column("drill_ended_at", UtcDateTime),  # when it did; none of those from before the column
    Column("protected_set_id", ID, ForeignKey(protected_sets.c.id)),  # the set that it was declared for
    Column("taken_digest", DIGEST),  # of the parameters and workloads that it has of the set, or against it
    Column("timers", Text),  # JSON, for lists: since when the outage lasts, when the step is overdue
    Column("evidence_not_met", Integer, nullable=False, server_default=text("0")),  # outcomes whose evidence shows else
    CheckConstraint("mode IN ('live', 'drill')", name="mode"),
    CheckConstraint(
        "status IN ('in_progress', 'blocked', 'on_hold', 'completed', 'aborted', 'escalated')", name="status"
    ),
    CheckConstraint(
        "CASE WHEN status IN ('completed', 'aborted', 'escalated') THEN position = status"
        " ELSE position NOT IN ('completed', 'aborted', 'escalated') END",
        name="terminal_position",
    ),
    CheckConstraint("(status = 'completed') = (completed_at IS NOT NULL)", name="completed_at"),
    CheckConstraint(
        "drill_outcome IS NULL OR (mode = 'drill' AND drill_outcome IN ('passed', 'failed'))", name="drill_outcome"
    ),
    CheckConstraint("drill_ended_at IS NULL OR drill_outcome IS NOT NULL", name="drill_ended_at"),
    CheckConstraint("(protected_set_id IS NULL) = (taken_digest IS NULL)", name="taken_digest"),
    CheckConstraint("version >= 1", name="version"),
    CheckConstraint("evidence_not_met >= 0", name="evidence_not_met"),
    CheckConstraint("length(head) = 64", name="head"),
    Index(None, "status", "id"),
    Index(None, "protected_set_id", "runbook_id", "id"),
)

journal = Table(
    "journal",
    metadata,
    Column("execution_id", ID, ForeignKey(executions.c.id), nullable=False),
    Column("number", Integer, nullable=False),
    Column("id", ID, nullable=False),
    Column("type", Text, nullable=False),
    Column("actor_id", ID, ForeignKey(operators.c.id), nullable=False),
    Column("step", Text),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("hash", DIGEST, nullable=False),
    Column("line", Text, nullable=False),  # canonical JSON of the whole event
    PrimaryKeyConstraint("execution_id", "number"),
    UniqueConstraint("id"),
    CheckConstraint("number >= 1", name="number"),
    CheckConstraint("length(hash) = 64", name="hash"),
    Index(None, "actor_id", "id"),  # these three for searching a million lines; each costs an event about 2 µs
    Index(None, "type", "id"),
    Index(None, "step", "id"),
    sqlite_with_rowid=False,
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("operator_id", ID, ForeignKey(operators.c.id), nullable=False),
    Column("key_digest", DIGEST, nullable=False),
    Column("request_digest", DIGEST, nullable=False),
    Column("execution_id", ID, nullable=False),
    Column("number", Integer, nullable=False),
    PrimaryKeyConstraint("operator_id", "key_digest"),
    ForeignKeyConstraint(["execution_id", "number"], [journal.c.execution_id, journal.c.number]),
    CheckConstraint("length(key_digest) = 64", name="key_digest"),
    CheckConstraint("length(request_digest) = 64", name="request_digest"),
    sqlite_with_rowid=False,
)

#: As `idempotency`, for what is no event: `made` and `number` say what the request led to.
answered = Table(
    "answered",
    metadata,
    Column("operator_id", ID, ForeignKey(operators.c.id), nullable=False),
    Column("key_digest", DIGEST, nullable=False),
    Column("request_digest", DIGEST, nullable=False),
    Column("made", Text, nullable=False),
    Column("number", Integer, nullable=False),
    PrimaryKeyConstraint("operator_id", "key_digest"),
    CheckConstraint("length(key_digest) = 64", name="key_digest"),
    CheckConstraint("length(request_digest) = 64", name="request_digest"),
    sqlite_with_rowid=False,
)

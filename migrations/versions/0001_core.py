"""The core: definitions, operators, tokens, executions, the journal, idempotency records, and refusing triggers."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = ("idempotency", "journal", "executions", "tokens", "operators", "definitions")  # children first
APPEND_ONLY = ("definitions", "journal", "idempotency")

#: What may never differ between an execution's old row and its new one.
FIXED = ("id", "runbook_id", "runbook_digest", "mode", "title", "title_folded", "declared_at", "outage_started_at")

#: The keys of each guarded table: SQLite's INSERT OR REPLACE deletes a row of the same key without a delete trigger.
KEYS = {
    "definitions": ("digest = NEW.digest",),
    "executions": ("id = NEW.id",),
    "journal": ("execution_id = NEW.execution_id AND number = NEW.number", "id = NEW.id"),
    "idempotency": ("operator_id = NEW.operator_id AND key_digest = NEW.key_digest",),
}

GAP = (
    "NEW.number > 1 AND NOT EXISTS"
    " (SELECT 1 FROM journal WHERE execution_id = NEW.execution_id AND number = NEW.number - 1)"
)
NO_LINE = "NOT EXISTS (SELECT 1 FROM journal WHERE execution_id = NEW.id AND number = NEW.version AND hash = NEW.head)"


def moment() -> sa.String:
    """Give the type of a time: see `UtcDateTime` in app/storage/tables.py."""
    return sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    """Make every table and trigger."""
    op.create_table(
        "definitions",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("runbook_id", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("added_at", moment(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_definitions")),
        sa.CheckConstraint("length(digest) = 64", name=op.f("ck_definitions_digest")),
    )
    op.create_table(
        "operators",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("name_folded", sa.Text, nullable=False),
        sa.Column("created_at", moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operators")),
        sa.UniqueConstraint("name_folded", name=op.f("uq_operators_name_folded")),
        sa.CheckConstraint("length(name) > 0", name=op.f("ck_operators_name")),
    )
    op.create_table(
        "tokens",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("operator_id", sa.String(36), nullable=False),
        sa.Column("secret_digest", sa.String(64), nullable=False),
        sa.Column("roles", sa.Text, nullable=False),
        sa.Column("created_at", moment(), nullable=False),
        sa.Column("revoked_at", moment()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name=op.f("fk_tokens_operator_id_operators")),
        sa.CheckConstraint("length(secret_digest) = 64", name=op.f("ck_tokens_secret_digest")),
        sa.CheckConstraint("length(roles) > 0", name=op.f("ck_tokens_roles")),
    )
    op.create_index(op.f("ix_tokens_operator_id"), "tokens", ["operator_id"])
    op.create_table(
        "executions",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("runbook_id", sa.Text, nullable=False),
        sa.Column("runbook_digest", sa.String(64), nullable=False),
        sa.Column("mode", sa.String(8), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("title_folded", sa.Text, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("position", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("head", sa.String(64), nullable=False),
        sa.Column("declared_at", moment(), nullable=False),
        sa.Column("outage_started_at", moment(), nullable=False),
        sa.Column("restored_at", moment()),
        sa.Column("completed_at", moment()),
        sa.Column("updated_at", moment(), nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_executions")),
        sa.ForeignKeyConstraint(
            ["runbook_digest"], ["definitions.digest"], name=op.f("fk_executions_runbook_digest_definitions")
        ),
        sa.CheckConstraint("mode IN ('live', 'drill')", name=op.f("ck_executions_mode")),
        sa.CheckConstraint(
            "status IN ('in_progress', 'blocked', 'on_hold', 'completed', 'aborted', 'escalated')",
            name=op.f("ck_executions_status"),
        ),
        sa.CheckConstraint(
            "CASE WHEN status IN ('completed', 'aborted', 'escalated') THEN position = status"
            " ELSE position NOT IN ('completed', 'aborted', 'escalated') END",
            name=op.f("ck_executions_terminal_position"),
        ),
        sa.CheckConstraint(
            "(status = 'completed') = (completed_at IS NOT NULL)", name=op.f("ck_executions_completed_at")
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_executions_version")),
        sa.CheckConstraint("length(head) = 64", name=op.f("ck_executions_head")),
    )
    op.create_index(op.f("ix_executions_status_id"), "executions", ["status", "id"])
    op.create_table(
        "journal",
        sa.Column("execution_id", sa.String(36), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("actor_id", sa.String(36), nullable=False),
        sa.Column("step", sa.Text),
        sa.Column("recorded_at", moment(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("line", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("execution_id", "number", name=op.f("pk_journal")),
        sa.ForeignKeyConstraint(["execution_id"], ["executions.id"], name=op.f("fk_journal_execution_id_executions")),
        sa.ForeignKeyConstraint(["actor_id"], ["operators.id"], name=op.f("fk_journal_actor_id_operators")),
        sa.UniqueConstraint("id", name=op.f("uq_journal_id")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_journal_number")),
        sa.CheckConstraint("length(hash) = 64", name=op.f("ck_journal_hash")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_journal_actor_id_id"), "journal", ["actor_id", "id"])
    op.create_index(op.f("ix_journal_type_id"), "journal", ["type", "id"])
    op.create_index(op.f("ix_journal_step_id"), "journal", ["step", "id"])
    op.create_table(
        "idempotency",
        sa.Column("operator_id", sa.String(36), nullable=False),
        sa.Column("key_digest", sa.String(64), nullable=False),
        sa.Column("request_digest", sa.String(64), nullable=False),
        sa.Column("execution_id", sa.String(36), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("operator_id", "key_digest", name=op.f("pk_idempotency")),
        sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name=op.f("fk_idempotency_operator_id_operators")),
        sa.ForeignKeyConstraint(
            ["execution_id", "number"],
            ["journal.execution_id", "journal.number"],
            name=op.f("fk_idempotency_execution_id_journal"),
        ),
        sa.CheckConstraint("length(key_digest) = 64", name=op.f("ck_idempotency_key_digest")),
        sa.CheckConstraint("length(request_digest) = 64", name=op.f("ck_idempotency_request_digest")),
        sqlite_with_rowid=False,
    )
    for statement in postgresql_triggers() if op.get_bind().dialect.name == "postgresql" else sqlite_triggers():
        op.execute(statement)


def sqlite_triggers() -> list[str]:
    """Give the CREATE TRIGGER statements of SQLite."""

    def refusing(name: str, when: str, table: str, message: str, *, condition: str = "") -> str:
        clause = f" WHEN {condition}" if condition else ""
        return (
            f"CREATE TRIGGER {name} BEFORE {when} ON {table} FOR EACH ROW{clause}"
            f" BEGIN SELECT RAISE(ABORT, '{message}'); END"
        )

    made = [
        refusing(f"{table}_refuse_{what}", what.upper(), table, f"{table}: {what} is refused, it is append-only")
        for table in APPEND_ONLY
        for what in ("update", "delete")
    ]
    made += [
        refusing(
            f"{table}_refuse_replace",
            "INSERT",
            table,
            f"{table}: there is a row of this key",
            condition=" OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {key})" for key in keys),
        )
        for table, keys in KEYS.items()
    ]
    changed = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in FIXED)
    return [
        *made,
        refusing("journal_refuse_gap", "INSERT", "journal", "journal: the number before is missing", condition=GAP),
        refusing("executions_refuse_delete", "DELETE", "executions", "executions: delete is refused"),
        refusing(
            "executions_follow_journal",
            "UPDATE",
            "executions",
            "executions: a row changes with its journal alone, and what was declared never",
            condition=f"{changed} OR NEW.version <= OLD.version OR {NO_LINE}",
        ),
    ]


def postgresql_triggers() -> list[str]:
    """Give the CREATE FUNCTION and CREATE TRIGGER statements of PostgreSQL."""
    changed = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in FIXED)

    def function(name: str, body: str) -> str:
        return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"

    def trigger(name: str, when: str, table: str, calls: str, *, each: str = "ROW") -> str:
        return f"CREATE TRIGGER {name} BEFORE {when} ON {table} FOR EACH {each} EXECUTE FUNCTION {calls}()"

    def refused(message: str) -> str:
        return f"RAISE EXCEPTION {message} USING ERRCODE = 'restrict_violation';"

    made = [
        function("failback_refuse", refused("'%: % is refused', TG_TABLE_NAME, lower(TG_OP)")),
        function(
            "failback_refuse_gap",
            f"IF {GAP} THEN " + refused("'journal: the number before is missing'") + " END IF; RETURN NEW;",
        ),
        function(
            "failback_follow_journal",
            f"IF {changed} OR NEW.version <= OLD.version OR {NO_LINE} THEN "
            + refused("'executions: a row changes with its journal alone, and what was declared never'")
            + " END IF; RETURN NEW;",
        ),
        trigger("journal_refuse_gap", "INSERT", "journal", "failback_refuse_gap"),
        trigger("executions_follow_journal", "UPDATE", "executions", "failback_follow_journal"),
        trigger("executions_refuse_delete", "DELETE", "executions", "failback_refuse"),
    ]
    made += [
        trigger(f"{table}_refuse_{what}", what.upper(), table, "failback_refuse")
        for table in APPEND_ONLY
        for what in ("update", "delete")
    ]
    made += [
        trigger(f"{table}_refuse_truncate", "TRUNCATE", table, "failback_refuse", each="STATEMENT") for table in KEYS
    ]
    return made


def downgrade() -> None:
    """Drop everything, the triggers with their tables."""
    for table in TABLES:
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for name in ("failback_refuse", "failback_refuse_gap", "failback_follow_journal"):
            op.execute(f"DROP FUNCTION {name}()")

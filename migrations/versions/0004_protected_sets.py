"""Protected sets, their revisions, the answers to requests that are no events; and what executions have of a set."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = ("answered", "set_revisions", "protected_sets")  # children first
#: The keys of each new table: SQLite's INSERT OR REPLACE deletes a row of the same key without a delete trigger.
KEYS = {
    "protected_sets": ("id = NEW.id", "name_folded = NEW.name_folded"),
    "set_revisions": ("set_id = NEW.set_id AND number = NEW.number",),
    "answered": ("operator_id = NEW.operator_id AND key_digest = NEW.key_digest",),
}
GAP = (
    "NEW.number > 1 AND NOT EXISTS (SELECT 1 FROM set_revisions WHERE set_id = NEW.set_id AND number = NEW.number - 1)"
)

#: What may never differ between an execution's old row and its new one: before this migration, and now.
FIXED_BEFORE = (
    "id",
    "runbook_id",
    "runbook_digest",
    "mode",
    "title",
    "title_folded",
    "declared_at",
    "outage_started_at",
)
FIXED = (*FIXED_BEFORE, "protected_set_id", "taken_digest")
NO_LINE = "NOT EXISTS (SELECT 1 FROM journal WHERE execution_id = NEW.id AND number = NEW.version AND hash = NEW.head)"
FOLLOW = "executions: a row changes with its journal alone, and what was declared never"

SET_KEY = "CONSTRAINT fk_executions_protected_set_id_protected_sets REFERENCES protected_sets (id)"
TAKEN = "CONSTRAINT ck_executions_taken_digest CHECK ((protected_set_id IS NULL) = (taken_digest IS NULL))"
ENDED = "CONSTRAINT ck_executions_drill_ended_at CHECK (drill_ended_at IS NULL OR drill_outcome IS NOT NULL)"


def moment() -> sa.String:
    """Give the type of a time: see `UtcDateTime` in app/storage/columns.py."""
    return sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    """Make the tables and their triggers; add the columns by plain statements: a batch would drop SQLite's triggers."""
    op.create_table(
        "protected_sets",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("name_folded", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_protected_sets")),
        sa.UniqueConstraint("name_folded", name=op.f("uq_protected_sets_name_folded")),
        sa.CheckConstraint("length(name) > 0", name=op.f("ck_protected_sets_name")),
    )
    op.create_table(
        "set_revisions",
        sa.Column("set_id", sa.String(36), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("changed_by", sa.String(36), nullable=False),
        sa.Column("changed_at", moment(), nullable=False),
        sa.PrimaryKeyConstraint("set_id", "number", name=op.f("pk_set_revisions")),
        sa.ForeignKeyConstraint(["set_id"], ["protected_sets.id"], name=op.f("fk_set_revisions_set_id_protected_sets")),
        sa.ForeignKeyConstraint(["changed_by"], ["operators.id"], name=op.f("fk_set_revisions_changed_by_operators")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_set_revisions_number")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "answered",
        sa.Column("operator_id", sa.String(36), nullable=False),
        sa.Column("key_digest", sa.String(64), nullable=False),
        sa.Column("request_digest", sa.String(64), nullable=False),
        sa.Column("made", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("operator_id", "key_digest", name=op.f("pk_answered")),
        sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name=op.f("fk_answered_operator_id_operators")),
        sa.CheckConstraint("length(key_digest) = 64", name=op.f("ck_answered_key_digest")),
        sa.CheckConstraint("length(request_digest) = 64", name=op.f("ck_answered_request_digest")),
        sqlite_with_rowid=False,
    )
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    time = "TIMESTAMP WITH TIME ZONE" if on_postgresql else "VARCHAR(27)"
    for column in (
        f"drill_ended_at {time} {ENDED}",
        f"protected_set_id VARCHAR(36) {SET_KEY}",
        f"taken_digest VARCHAR(64) {TAKEN}",
    ):
        op.execute(f"ALTER TABLE executions ADD COLUMN {column}")
    op.create_index(
        op.f("ix_executions_protected_set_id_runbook_id_id"), "executions", ["protected_set_id", "runbook_id", "id"]
    )
    for statement in postgresql_triggers() if on_postgresql else sqlite_triggers():
        op.execute(statement)
    follow(FIXED, on_postgresql=on_postgresql)


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
        for table in TABLES
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
    message = "set_revisions: the number before is missing"
    return [*made, refusing("set_revisions_refuse_gap", "INSERT", "set_revisions", message, condition=GAP)]


def postgresql_triggers() -> list[str]:
    """Give the CREATE FUNCTION and CREATE TRIGGER statements of PostgreSQL."""

    def trigger(name: str, when: str, table: str, *, each: str = "ROW", calls: str = "failback_refuse") -> str:
        return f"CREATE TRIGGER {name} BEFORE {when} ON {table} FOR EACH {each} EXECUTE FUNCTION {calls}()"

    refused = "RAISE EXCEPTION 'set_revisions: the number before is missing' USING ERRCODE = 'restrict_violation';"
    body = f"BEGIN IF {GAP} THEN {refused} END IF; RETURN NEW; END"
    made = [
        f"CREATE FUNCTION failback_refuse_set_gap() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$",
        trigger("set_revisions_refuse_gap", "INSERT", "set_revisions", calls="failback_refuse_set_gap"),
    ]
    made += [
        trigger(f"{table}_refuse_{what}", what.upper(), table) for table in TABLES for what in ("update", "delete")
    ]
    return made + [trigger(f"{table}_refuse_truncate", "TRUNCATE", table, each="STATEMENT") for table in TABLES]


def follow(fixed: tuple[str, ...], *, on_postgresql: bool) -> None:
    """Make the trigger anew that holds these columns of an execution fast."""
    differs = "IS DISTINCT FROM" if on_postgresql else "IS NOT"
    changed = " OR ".join(f"NEW.{column} {differs} OLD.{column}" for column in fixed)
    wrong = f"{changed} OR NEW.version <= OLD.version OR {NO_LINE}"
    if on_postgresql:
        op.execute(
            "CREATE OR REPLACE FUNCTION failback_follow_journal() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" IF {wrong} THEN RAISE EXCEPTION '{FOLLOW}' USING ERRCODE = 'restrict_violation'; END IF;"
            " RETURN NEW; END $$"
        )
        return
    op.execute("DROP TRIGGER executions_follow_journal")
    op.execute(
        "CREATE TRIGGER executions_follow_journal BEFORE UPDATE ON executions FOR EACH ROW"
        f" WHEN {wrong} BEGIN SELECT RAISE(ABORT, '{FOLLOW}'); END"
    )


def downgrade() -> None:
    """Drop what was made, and let the executions' trigger be what it was."""
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    follow(FIXED_BEFORE, on_postgresql=on_postgresql)
    op.drop_index(op.f("ix_executions_protected_set_id_runbook_id_id"), "executions")
    for column in ("taken_digest", "protected_set_id", "drill_ended_at"):
        op.execute(f"ALTER TABLE executions DROP COLUMN {column}")
    for table in TABLES:
        op.drop_table(table)
    if on_postgresql:
        op.execute("DROP FUNCTION failback_refuse_set_gap()")

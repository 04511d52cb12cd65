"""Publications: which definition of a runbook is current is told by the database, for every process alike."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MESSAGE = "publications: the number before is missing"
GAP = (
    "NEW.number > 1 AND NOT EXISTS"
    " (SELECT 1 FROM publications WHERE runbook_id = NEW.runbook_id AND number = NEW.number - 1)"
)
#: SQLite's INSERT OR REPLACE deletes a row of the same key without a delete trigger.
DOUBLE = (
    "EXISTS (SELECT 1 FROM publications WHERE runbook_id = NEW.runbook_id AND number = NEW.number)"
    " OR EXISTS (SELECT 1 FROM publications WHERE digest = NEW.digest)"
)


def moment() -> sa.String:
    """Give the type of a time: see `UtcDateTime` in app/storage/columns.py."""
    return sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    """Make the table; the definitions that are there came with releases, each current when it was added."""
    op.create_table(
        "publications",
        sa.Column("runbook_id", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("published_by", sa.String(36)),
        sa.Column("published_at", moment(), nullable=False),
        sa.PrimaryKeyConstraint("runbook_id", "number", name=op.f("pk_publications")),
        sa.UniqueConstraint("digest", name=op.f("uq_publications_digest")),
        sa.ForeignKeyConstraint(["digest"], ["definitions.digest"], name=op.f("fk_publications_digest_definitions")),
        sa.ForeignKeyConstraint(
            ["published_by"], ["operators.id"], name=op.f("fk_publications_published_by_operators")
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck_publications_number")),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO publications (runbook_id, number, digest, published_by, published_at)"
        " SELECT runbook_id, row_number() OVER (PARTITION BY runbook_id ORDER BY added_at, digest),"
        " digest, NULL, added_at FROM definitions"
    )
    for statement in postgresql_triggers() if op.get_bind().dialect.name == "postgresql" else sqlite_triggers():
        op.execute(statement)


def sqlite_triggers() -> list[str]:
    """Give the CREATE TRIGGER statements of SQLite."""

    def refusing(name: str, when: str, message: str, *, condition: str = "") -> str:
        clause = f" WHEN {condition}" if condition else ""
        return (
            f"CREATE TRIGGER publications_refuse_{name} BEFORE {when} ON publications FOR EACH ROW{clause}"
            f" BEGIN SELECT RAISE(ABORT, '{message}'); END"
        )

    return [
        refusing("update", "UPDATE", "publications: update is refused, it is append-only"),
        refusing("delete", "DELETE", "publications: delete is refused, it is append-only"),
        refusing("replace", "INSERT", "publications: there is a row of this key", condition=DOUBLE),
        refusing("gap", "INSERT", MESSAGE, condition=GAP),
    ]


def postgresql_triggers() -> list[str]:
    """Give the CREATE FUNCTION and CREATE TRIGGER statements of PostgreSQL."""

    def trigger(name: str, when: str, *, each: str = "ROW", calls: str = "failback_refuse") -> str:
        return (
            f"CREATE TRIGGER publications_refuse_{name} BEFORE {when} ON publications"
            f" FOR EACH {each} EXECUTE FUNCTION {calls}()"
        )

    refused = f"RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'restrict_violation';"
    body = f"BEGIN IF {GAP} THEN {refused} END IF; RETURN NEW; END"
    return [
        f"CREATE FUNCTION failback_refuse_publication_gap() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$",
        trigger("update", "UPDATE"),
        trigger("delete", "DELETE"),
        trigger("truncate", "TRUNCATE", each="STATEMENT"),
        trigger("gap", "INSERT", calls="failback_refuse_publication_gap"),
    ]


def downgrade() -> None:
    """Drop it; the definitions stay, and those that executions began with are found by their digest."""
    op.drop_table("publications")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION failback_refuse_publication_gap()")

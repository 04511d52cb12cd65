"""How much of an execution's evidence shows something else than expected, so that lists can flag it."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column with its check in one statement: a batch would drop SQLite's triggers."""
    op.execute(
        "ALTER TABLE executions ADD COLUMN evidence_not_met INTEGER DEFAULT 0 NOT NULL"
        " CONSTRAINT ck_executions_evidence_not_met CHECK (evidence_not_met >= 0)"
    )


def downgrade() -> None:
    """Remove it, and its check with it."""
    op.execute("ALTER TABLE executions DROP COLUMN evidence_not_met")

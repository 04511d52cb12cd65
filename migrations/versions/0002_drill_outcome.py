"""How a drill ended, beside its execution: readiness asks for it without reading journals."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ALLOWED = "drill_outcome IS NULL OR (mode = 'drill' AND drill_outcome IN ('passed', 'failed'))"


def upgrade() -> None:
    """Add the column with its check in one statement: a batch would drop SQLite's triggers."""
    op.execute(
        "ALTER TABLE executions ADD COLUMN drill_outcome VARCHAR(8)"
        f" CONSTRAINT ck_executions_drill_outcome CHECK ({ALLOWED})"
    )


def downgrade() -> None:
    """Remove it, and its check with it."""
    op.execute("ALTER TABLE executions DROP COLUMN drill_outcome")

"""What tells an execution's time, beside it: lists show what is overdue without reading journals.

Rows of before have none until their next event: the guard of `executions` lets no row change without its journal.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("executions", sa.Column("timers", sa.Text))


def downgrade() -> None:
    """Remove it."""
    op.execute("ALTER TABLE executions DROP COLUMN timers")

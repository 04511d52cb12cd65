"""Runs the migrations in the transaction it is given, or in one of its own when called by the alembic command."""

import os

from alembic import context
from sqlalchemy import Connection

from app.storage import upkeep
from app.storage.tables import metadata


def migrate(connection: Connection) -> None:
    """Run what was asked for; all of it or nothing, on SQLite too, whose DDL is transactional but not by default."""
    context.configure(
        connection=connection, target_metadata=metadata, transactional_ddl=True, transaction_per_migration=False
    )
    with context.begin_transaction():
        context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    with upkeep.migration_lock(os.environ["FAILBACK_DATABASE_URL"]) as locked:
        migrate(locked)

"""Fixtures of all tests."""

from tests.databases import (
    database_url,
    empty_database_url,
    make_database,
    postgresql_server,
    postgresql_template,
    sqlite_template,
)

__all__ = [
    "database_url",
    "empty_database_url",
    "make_database",
    "postgresql_server",
    "postgresql_template",
    "sqlite_template",
]

"""Statements prepared: what SQLAlchemy makes of one for the driver is made once, and rows go to the driver in bulk.

An executemany through Core converts and orders the parameters of every row anew, which took longer than writing them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect, Executable

Row = Mapping[str, Any]
Compiled = tuple[str, Callable[[Row], Any]]


class Prepared:
    """A statement that is run for many rows at once; on either database."""

    def __init__(self, statement: Executable) -> None:
        """Take a Core statement with named parameters, one for every member of a row."""
        self._statement = statement
        self._compiled: dict[str, Compiled] = {}

    def run(self, connection: Connection, rows: Sequence[Row]) -> int:
        """Run it for each row, given by the names of its parameters; give the count of rows it touched.

        Raises what SQLAlchemy raises.
        """
        known = self._compiled.get(connection.dialect.name)
        if known is None:
            known = self._compiled[connection.dialect.name] = _compiled(self._statement, connection.dialect)
        text, parameters = known
        return connection.exec_driver_sql(text, [parameters(row) for row in rows]).rowcount


def _compiled(statement: Any, dialect: Dialect) -> Compiled:
    """Give the statement's text for the driver, and what turns a row into its parameters."""
    compiled = statement.compile(dialect=dialect)
    converters = [
        (name, convert)
        for name, parameter in compiled.binds.items()
        if (convert := parameter.type.dialect_impl(dialect).bind_processor(dialect)) is not None
    ]

    def converted(row: Row) -> dict[str, Any]:
        found = dict(row)
        for name, convert in converters:
            found[name] = convert(found[name])
        return found

    if not compiled.positional:
        return str(compiled), converted
    order = tuple(compiled.positiontup)

    def placed(row: Row) -> tuple[Any, ...]:
        found = converted(row)
        return tuple(found[name] for name in order)

    return str(compiled), placed

"""Statements prepared: what SQLAlchemy makes of one for the driver is made once, and rows go to the driver in bulk.

An executemany through Core converts and orders the parameters of every row anew, which took longer than writing them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect, Executable

Row = Mapping[str, Any]
Compiled = tuple[str, Callable[[Row], Any], Callable[[Sequence[Any]], tuple[Any, ...]]]


class Prepared:
    """A statement run for many rows at once, or a query run for every batch; on either database."""

    def __init__(self, statement: Executable) -> None:
        """Take a Core statement with named parameters, one for every member of a row."""
        self._statement = statement
        self._compiled: dict[str, Compiled] = {}

    def run(self, connection: Connection, rows: Sequence[Row]) -> int:
        """Run it for each row, given by the names of its parameters; give the count of rows it touched.

        Raises what SQLAlchemy raises.
        """
        text, parameters, _ = self._for(connection.dialect)
        return connection.exec_driver_sql(text, [parameters(row) for row in rows]).rowcount

    def all(self, connection: Connection, row: Row) -> list[tuple[Any, ...]]:
        """Give what a query finds; raises what SQLAlchemy raises."""
        text, parameters, result = self._for(connection.dialect)
        return [result(found) for found in connection.exec_driver_sql(text, parameters(row)).all()]

    def _for(self, dialect: Dialect) -> Compiled:
        known = self._compiled.get(dialect.name)
        if known is None:
            known = self._compiled[dialect.name] = _compiled(self._statement, dialect)
        return known


def _compiled(statement: Any, dialect: Dialect) -> Compiled:
    """Give the statement's text for the driver, what turns a row into its parameters, and a found row into values."""
    compiled = statement.compile(dialect=dialect)
    converters = {
        name: parameter.type.dialect_impl(dialect).bind_processor(dialect) or _as_it_is
        for name, parameter in compiled.binds.items()
    }
    order = [(name, converters[name]) for name in compiled.positiontup or converters]

    def placed(row: Row) -> tuple[Any, ...]:
        return tuple([convert(row[name]) for name, convert in order])

    def named(row: Row) -> dict[str, Any]:
        return {name: convert(row[name]) for name, convert in order}

    columns = getattr(statement, "selected_columns", ())
    readers = [one.type.dialect_impl(dialect).result_processor(dialect, None) or _as_it_is for one in columns]

    def read(found: Sequence[Any]) -> tuple[Any, ...]:
        return tuple([convert(value) for convert, value in zip(readers, found, strict=True)])

    return str(compiled), placed if compiled.positional else named, read


def _as_it_is(value: Any) -> Any:
    return value

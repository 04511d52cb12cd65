"""Lists in a query: one parameter of one text whatever its length, so that the statement is prepared once."""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import ARRAY, Column, ColumnElement, Dialect, String, any_, bindparam, func, select


def among(column: Column[Any], name: str, *, dialect: str) -> ColumnElement[bool]:
    """Say that a text column is one of the list given as the parameter `name`; `dialect` is sqlite or postgresql."""
    if dialect == "postgresql":
        return column == any_(bindparam(name, type_=ARRAY(String)))
    return column.in_(select(func.json_each(bindparam(name, type_=String)).table_valued("value").c.value))


def as_list(values: Collection[str], dialect: Dialect) -> Any:
    """Give a list as the parameter that `among` takes."""
    return json.dumps(list(values)) if dialect.name == "sqlite" else list(values)

"""What differs between two definitions, a line or two each: the place, what was said there, and what is said now."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, Final

from app.cli.said import printable

if TYPE_CHECKING:
    from app.domain.differences import Difference

_SIGNS: Final = {"added": "+", "removed": "-", "changed": "~", "moved": ">"}


def said(difference: "Difference") -> Iterator[str]:
    """Give the lines; a text stands whole and quoted, of a step or an action its title."""
    one = difference
    place = f"{_SIGNS[one.change]} {printable(one.path)}"
    if one.change == "moved":
        yield f"{place}: now {_after(one.after)}, was {_after(one.before)}"
    elif one.change == "changed":
        yield place
        yield f"    - {_value(one.before)}"
        yield f"    + {_value(one.after)}"
    else:
        yield f"{place}: {_value(one.after if one.change == 'added' else one.before)}"


def _after(key: str | None) -> str:
    return "first" if key is None else f"after {printable(key)}"


def _value(value: Any) -> str:
    return json.dumps(_plain(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def _plain(value: Any) -> Any:
    """Give a value as plain data: of what has a title that alone, of other parts what they say beyond defaults."""
    if is_dataclass(value):
        title = getattr(value, "title", None)
        if title is not None:
            return title.en
        said_there = {each.name: getattr(value, each.name) for each in fields(value)}
        return {name: _plain(one) for name, one in said_there.items() if one not in (None, "", (), False)}
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, tuple) else value

"""The smallest parts of a runbook: a text in both languages, a command, and what a drill says instead of both."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import ClassVar

Path = tuple[str | int, ...]


class Closed:
    """A record that takes no members but its own: whoever checks data against it refuses what it does not know."""

    __slots__ = ()
    #: Read by pydantic, with which the reader of the definitions checks their shape; nothing here depends on it.
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class Text(Closed):
    """One text in both languages."""

    en: str
    fr: str

    def in_language(self, language: str) -> str:
        """Give the text in `language` (`en` or `fr`)."""
        return self.fr if language == "fr" else self.en


@dataclass(frozen=True, slots=True, kw_only=True)
class Command(Closed):
    """One command to paste. `text` and `run_on` hold `{parameter}` placeholders; `verify` marks one that only looks."""

    run_on: str
    text: str
    shell: str = "powershell"
    verify: bool = False
    profiles: tuple[str, ...] = ()  # empty: every profile
    if_set: str | None = None  # shown only where this parameter has a value
    if_not_set: str | None = None  # shown only where it has none


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillUndo(Closed):
    """How what the drill form did is cancelled. Where it leads and until when is the action's own `undo`."""

    consequence: Text | None = None
    commands: tuple[Command, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillForm(Closed):
    """What a drill does instead of an action. Without commands it is only rehearsed, and `instruction` says so."""

    instruction: Text
    commands: tuple[Command, ...] = ()
    expectation: Text | None = None
    undo: DrillUndo | None = None


def texts_in(node: object, path: Path = ()) -> Iterator[tuple[Path, Text]]:
    """Give every text of a runbook or a part of one, with the way to it."""
    if isinstance(node, Text):
        yield path, node
    elif is_dataclass(node):
        for each in fields(node):
            yield from texts_in(getattr(node, each.name), (*path, each.name))
    elif isinstance(node, Mapping):
        for key, value in node.items():
            yield from texts_in(value, (*path, key))
    elif isinstance(node, tuple):
        for place, value in enumerate(node):
            yield from texts_in(value, (*path, place))

"""Reads a runbook from YAML: the data with a line for every member, its shape by type, its meaning by the domain."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import rfc8785
from pydantic import TypeAdapter, ValidationError

from app.domain.runbook import Runbook, content_digest
from app.domain.validity import faults
from app.runbooks.yaml_lines import FaultPath, Lines, YamlFault, read_yaml

_SHAPE: TypeAdapter[Runbook] = TypeAdapter(Runbook)
_STORED = "stored definition"  # stands where the file would: there is no file
_COMPUTED = frozenset({"digest", "mode"})
_NOT_WRITTEN = "the {name} follows from the content; it is never written in it"
#: What pydantic says in terms of Python, said in terms of the file.
_SAID = {
    "missing": "is missing",
    "unexpected_keyword_argument": "is not a member that exists here",
    "dataclass_type": "should be a mapping",
    "dataclass_exact_type": "should be a mapping",
    "tuple_type": "should be a list",
    "dict_type": "should be a mapping",
}


@dataclass(frozen=True, slots=True)
class FileFault:
    """One fault of a definition: the file, the line (from 1; 0 where there is none), the member, and what is wrong."""

    file: str
    line: int
    path: str
    message: str
    where: FaultPath = ()  # the path as data

    def __str__(self) -> str:
        """Give `file:line: path: what is wrong`."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(part for part in (place, self.path, self.message) if part)


class RunbookFault(Exception):  # noqa: N818 - the definition is at fault, not the program
    """A runbook definition cannot be used."""

    def __init__(self, *found: FileFault) -> None:
        """Take every fault found, at least one; the message has one line for each, in the order of the file."""
        self.faults: Sequence[FileFault] = sorted(found, key=lambda fault: fault.line)
        super().__init__("\n".join(str(fault) for fault in self.faults))


def parse_runbook(text: str, *, file: str) -> tuple[dict[str, Any], Runbook]:
    """Read one definition.

    Takes the YAML text and the file's name for messages. Gives the canonical content (the parsed data itself, without
    any digest) and the runbook built from it. Raises RunbookFault with every fault of the first kind that has any:
    syntax, then shape, then meaning.
    """
    try:
        content, lines = read_yaml(text)
    except YamlFault as fault:
        raise RunbookFault(
            *(FileFault(file, line, said, message, where) for line, where, said, message in fault.found)
        ) from None
    return content, _valid(
        content, lambda path, message: FileFault(file, lines.of(path), lines.said(path), message, path)
    )


def accept_content(content: Mapping[str, Any]) -> Runbook:
    """Read a definition that came as data, such as JSON, by the rules that hold for a file; its faults have no lines.

    Gives the runbook. Raises RunbookFault.
    """
    said = Lines(content, {}).said

    def at(path: FaultPath, message: str) -> FileFault:
        return FileFault("", 0, said(path), message, path)

    if strange := list(_strange(content, ())):
        raise RunbookFault(*(at(path, message) for path, message in strange))
    return _valid(content, at)


def build_runbook(content: Mapping[str, Any], digest: str | None = None) -> Runbook:
    """Build a runbook from canonical content that was accepted once: out of the database, or beside an export.

    Takes the content, and the digest it was known under, if there is one. Only shape and digest are checked: a rule
    that came later must not take a running execution's own definition away. Raises RunbookFault.
    """
    for name in _COMPUTED & content.keys():
        raise RunbookFault(FileFault(_STORED, 0, name, _NOT_WRITTEN.format(name=name)))
    try:
        runbook = _shaped(content)
    except ValidationError as error:
        told = (_told(each["loc"], each["type"], each["msg"]) for each in error.errors())
        where = Lines(content, {})
        raise RunbookFault(*(FileFault(_STORED, 0, where.said(path), message) for path, message in told)) from None
    if digest is not None and digest != runbook.digest:
        raise RunbookFault(FileFault(_STORED, 0, "", f"its digest is {runbook.digest}, not {digest}"))
    return runbook


def read_runbook(path: Path) -> tuple[dict[str, Any], Runbook]:
    """Read the definition in a UTF-8 file; gives and raises what parse_runbook does."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise RunbookFault(FileFault(str(path), line, "", "not UTF-8 text")) from None
    except OSError as error:
        raise RunbookFault(FileFault(str(path), 0, "", f"cannot be read: {error.strerror}")) from None
    return parse_runbook(text, file=str(path))


def bundled_runbooks() -> list[tuple[dict[str, Any], Runbook]]:
    """Read every definition of this package, by file name; raises RunbookFault for the first bad one."""
    return [read_runbook(path) for path in sorted(Path(__file__).parent.glob("*.yaml"))]


def _valid(content: Mapping[str, Any], at: Callable[[FaultPath, str], FileFault]) -> Runbook:
    """Give the runbook of a content that nobody has accepted yet; `at` says where a fault is. Raises RunbookFault."""
    for name in _COMPUTED & content.keys():
        raise RunbookFault(at((name,), _NOT_WRITTEN.format(name=name)))
    try:
        runbook = _shaped(content)
    except ValidationError as error:
        raise RunbookFault(*(at(*_told(each["loc"], each["type"], each["msg"])) for each in error.errors())) from None
    if found := faults(runbook):
        raise RunbookFault(*(at(fault.path, fault.message) for fault in found))
    return runbook


def _strange(node: object, path: FaultPath) -> Iterator[tuple[FaultPath, str]]:
    """Give the places of what JSON can say and a definition cannot: null, and numbers that are not whole."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield from _strange(value, (*path, name))
    elif isinstance(node, list):
        for place, value in enumerate(node):
            yield from _strange(value, (*path, place))
    elif node is None:
        yield path, "leave out what has no value"
    elif isinstance(node, float):
        yield path, "is not a whole number; in quotes it is a text"


def _shaped(content: Mapping[str, Any]) -> Runbook:
    # As JSON and strictly: lists become tuples and words become enum members, but no text becomes a number or a flag.
    canonical = rfc8785.dumps(dict(content))
    return replace(_SHAPE.validate_json(canonical, strict=True), digest=content_digest(content))


def _told(loc: FaultPath, kind: str, message: str) -> tuple[FaultPath, str]:
    """Say a shape fault in terms of the file."""
    path = tuple(part for part in loc if part != "[key]")
    return path, _SAID.get(kind, message[:1].lower() + message[1:])

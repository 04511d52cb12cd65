"""YAML as plain data, with the line of every member: the little of YAML that a definition needs, and nothing else."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from app.domain.unseen import unseen_fault

FaultPath = tuple[str | int, ...]
#: A line (from 1; 0 for the whole file), a member's path, the same as text, and what is wrong.
Found = tuple[int, FaultPath, str, str]

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's is ten times as fast; not every wheel has it
_TEXT, _BOOL, _INT = (f"tag:yaml.org,2002:{name}" for name in ("str", "bool", "int"))
_TRUTH = {"true": True, "false": False}
_PLAIN_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,14})")  # within what canonical JSON can hold exactly
_DEEPEST = 20  # members within members; a definition needs ten
_MOST = 40_000  # mappings, lists, names and values; the largest definition here has 6,000
_LONGEST = 4_000_000  # characters of all texts, each alias written out: a short file may say one text very often


class YamlFault(Exception):  # noqa: N818 - the file is at fault, not the program
    """The text is not YAML, or uses what a definition may not use."""

    def __init__(self, *found: Found) -> None:
        """Take every fault found, at least one."""
        self.found = found
        super().__init__("; ".join(message for *_, message in found))


class Lines:
    """Knows on which line each member of a definition stands."""

    def __init__(self, content: Mapping[str, Any], lines: Mapping[FaultPath, int]) -> None:
        """Take the data and the line (from 1) of every path in it."""
        self._content = content
        self._lines = lines

    def of(self, path: FaultPath) -> int:
        """Give the line of the member, or of what should hold it; 1 at the top."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 1)

    def said(self, path: FaultPath) -> str:
        """Give the path as text, list items by id or name where they have one: `steps[fail-over-vmm].title.fr`."""
        said = ""
        node: Any = self._content
        for part in path:
            try:
                node = node[part]
            except (LookupError, TypeError):
                node = None
            if isinstance(part, int):
                name = next((node[key] for key in ("id", "name") if key in node), part) if _is_map(node) else part
                said += f"[{name}]"
            else:
                said += f".{part}" if said else part
        return said


def _is_map(node: object) -> bool:
    return isinstance(node, dict)


def read_yaml(text: str) -> tuple[dict[str, Any], Lines]:
    """Read one YAML document whose top is a mapping.

    Allowed are mappings with text keys, lists, text, whole numbers, `true` and `false`. An anchor may repeat a text,
    not a mapping or list. Everything else that YAML can say (dates, floats, null, octal, `yes` and `no`, tags, merges)
    is refused, since two readers may understand it differently and the digest would then mean nothing.

    Gives the data and its lines. Raises YamlFault.
    """
    try:
        _refuse_size(text)
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        told = ", ".join(part for part in (error.context, error.problem) if part)
        raise YamlFault((mark.line + 1 if mark else 0, (), "", f"not YAML: {told}")) from None
    except yaml.YAMLError as error:  # a character that YAML does not allow: the reader knows its place only
        place = getattr(error, "position", 0) or 0
        line = text.count("\n", 0, place) + 1
        raise YamlFault((line, (), "", f"not YAML: {str(error).splitlines()[0]}")) from None
    if not isinstance(root, yaml.MappingNode):
        raise YamlFault((1, (), "", "a runbook is a mapping of members"))
    walk = _Walk()
    content = walk.mapping(root, ())
    if walk.found:
        said = Lines(content, {}).said
        raise YamlFault(*((line, path, said(path), message) for line, path, message in walk.found))
    return content, Lines(content, walk.lines)


def _refuse_size(text: str) -> None:
    """Refuse before a tree is built what is nested so deeply, or says so much, that building it would exhaust us."""
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=_LOADER)):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEEPEST or count > _MOST:
            line = event.start_mark.line + 1 if event.start_mark else 0
            raise YamlFault((line, (), "", "nested too deeply" if depth > _DEEPEST else "says too much for a runbook"))


class _Walk:
    """One pass over the node tree: builds the data, notes the lines, collects what is not allowed."""

    def __init__(self) -> None:
        self.lines: dict[FaultPath, int] = {}
        self.found: list[tuple[int, FaultPath, str]] = []
        self._seen: set[int] = set()
        self._length = 0

    def mapping(self, node: yaml.MappingNode, path: FaultPath) -> dict[str, Any]:
        content: dict[str, Any] = {}
        for key, value in self._members(node, path):
            name = key.value
            where = (*path, name)
            if name in content:
                self._fault(key, where, f"is here twice; first in line {self.lines[where]}")
                continue
            self.lines[where] = key.start_mark.line + 1
            content[name] = self._value(value, where)
        return content

    def _members(self, node: yaml.MappingNode, path: FaultPath) -> Iterator[tuple[yaml.ScalarNode, yaml.Node]]:
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag != _TEXT:
                self._fault(key, path, "the name of a member must be text")
            elif fault := unseen_fault(key.value):
                self._fault(key, path, f"the name of a member {fault}")
            else:
                yield key, value

    def _value(self, node: yaml.Node, path: FaultPath) -> object:
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        if id(node) in self._seen:
            message = "an alias may repeat a text, not a mapping or a list: write it out"
            self._fault(node, path, message, line=self.lines[path])
            return None
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode) and node.tag.endswith(":map"):
            return self.mapping(node, path)
        if isinstance(node, yaml.SequenceNode) and node.tag.endswith(":seq"):
            return [self._item(item, (*path, place)) for place, item in enumerate(node.value)]
        self._fault(node, path, f"the tag {node.tag!r} is not allowed")
        return None

    def _item(self, node: yaml.Node, path: FaultPath) -> object:
        repeated = id(node) in self._seen  # an alias: the node stands where its anchor does
        self.lines[path] = self.lines[path[:-1]] if repeated else node.start_mark.line + 1
        return self._value(node, path)

    def _scalar(self, node: yaml.ScalarNode, path: FaultPath) -> str | int | None:
        value: str = node.value
        if node.tag == _TEXT:
            self._length += len(value)
            if self._length > _LONGEST:
                raise YamlFault((node.start_mark.line + 1, (), "", "says too much, with each alias written out"))
            if fault := unseen_fault(value):
                self._fault(node, path, fault)
            return value
        if node.tag == _BOOL and value in _TRUTH:
            return _TRUTH[value]
        if node.tag == _INT and _PLAIN_INTEGER.fullmatch(value):
            return int(value)
        kind = node.tag.rpartition(":")[2]
        self._fault(node, path, f"{value!r} would be read as {kind}: put it in quotes if text is meant")
        return None

    def _fault(self, node: yaml.Node, path: FaultPath, message: str, *, line: int | None = None) -> None:
        self.found.append((line or node.start_mark.line + 1, path, message))

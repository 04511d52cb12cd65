"""What differs between two definitions by meaning: which step, action, flag, text or command, and their order.

How a file is laid out, and whether it says what would hold anyway, is no difference.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from app.domain.runbook import Runbook

#: Follow from the content; their difference says nothing more.
_FOLLOWS = frozenset({"digest", "mode"})
#: Lists whose order says nothing.
_UNORDERED = frozenset({"profiles", "until", "completes", "keeps"})
#: What tells the entries of a list apart, where they have one.
_NAMES = ("id", "name")


class Change(StrEnum):
    """What happened to a member from the first definition to the second."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"  # it stands elsewhere among its like


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: its place as text, `steps[fail-over-vmm].actions[start-vmm-vm].title.en`, and both values.

    A value is None where there is none; of what moved they are the ids that it stood and stands after (None: first).
    """

    change: Change
    path: str
    before: Any = None
    after: Any = None


def differences(before: Runbook, after: Runbook) -> list[Difference]:
    """Give what differs from one definition to another; nothing where they mean the same."""
    return list(_compared(before, after, ""))


def _compared(before: Any, after: Any, path: str) -> Iterator[Difference]:
    if before == after:
        return
    if is_dataclass(before) and type(before) is type(after):
        for each in fields(before):
            old, new = getattr(before, each.name), getattr(after, each.name)
            alike = each.name in _UNORDERED and isinstance(old, tuple) and sorted(old) == sorted(new)
            if each.name not in _FOLLOWS and not alike:
                yield from _compared(old, new, f"{path}.{each.name}" if path else each.name)
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _keyed(before, after, path)
    elif isinstance(before, tuple) and isinstance(after, tuple) and any(map(is_dataclass, (*before, *after))):
        yield from _listed(before, after, path)
    else:
        change = Change.ADDED if before is None else Change.REMOVED if after is None else Change.CHANGED
        yield Difference(change, path, before, after)


def _keyed(before: Mapping[Any, Any], after: Mapping[Any, Any], path: str) -> Iterator[Difference]:
    for key in (key for key in before if key not in after):
        yield Difference(Change.REMOVED, f"{path}[{key}]", before=before[key])
    for key, value in after.items():
        if key in before:
            yield from _compared(before[key], value, f"{path}[{key}]")
        else:
            yield Difference(Change.ADDED, f"{path}[{key}]", after=value)


def _listed(before: Sequence[Any], after: Sequence[Any], path: str) -> Iterator[Difference]:
    name = next((one for one in _NAMES if all(hasattr(entry, one) for entry in (*before, *after))), None)
    if name is None:
        yield from _in_order(before, after, path)
        return
    old, new = ({getattr(entry, name): entry for entry in entries} for entries in (before, after))
    yield from _keyed(old, new, path)
    stayed = [key for key in old if key in new], [key for key in new if key in old]
    matches = _matcher(*stayed).get_matching_blocks()
    still = {key for match in matches for key in stayed[0][match.a : match.a + match.size]}
    for key in stayed[1]:
        if key not in still:
            yield Difference(Change.MOVED, f"{path}[{key}]", _one_before(list(old), key), _one_before(list(new), key))


def _one_before(keys: Sequence[str], key: str) -> str | None:
    place = keys.index(key)
    return keys[place - 1] if place else None


def _in_order(before: Sequence[Any], after: Sequence[Any], path: str) -> Iterator[Difference]:
    """Compare entries without a name: those alike are the same, and of those between them the first is the first."""
    same = _matcher([repr(one) for one in before], [repr(one) for one in after])
    for what, old, old_end, new, new_end in same.get_opcodes():
        if what == "equal":
            continue
        both = min(old_end - old, new_end - new)
        for place in range(both):
            yield from _compared(before[old + place], after[new + place], f"{path}[{new + place}]")
        for place in range(old + both, old_end):
            yield Difference(Change.REMOVED, f"{path}[{place}]", before=before[place])
        for place in range(new + both, new_end):
            yield Difference(Change.ADDED, f"{path}[{place}]", after=after[place])


def _matcher(before: Sequence[str], after: Sequence[str]) -> SequenceMatcher[str]:
    return SequenceMatcher(None, before, after, autojunk=False)

"""The hash chain: a line's canonical form, its hash, and what is wrong with a journal by its lines alone.

`hash` = lower-case hex SHA-256 of the RFC 8785 canonical JSON of the event without `hash`; the first `previous_hash`
is 64 zeros. Anyone can recompute the chain from the lines alone, without this program.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import rfc8785

from app.domain.events import EventType

GENESIS = "0" * 64
MEMBERS = frozenset(
    {
        "number",
        "id",
        "execution_id",
        "type",
        "position_before",
        "position_after",
        "status_after",
        "attempt",
        "step",
        "action",
        "workloads",
        "actor",
        "recorded_at",
        "performed_at",
        "performed_by",
        "comment",
        "evidence",
        "data",
        "request_key_digest",
        "runbook_digest",
        "previous_hash",
        "hash",
    }
)
#: The same on every line of a journal.
_THROUGHOUT = ("execution_id", "runbook_digest")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a line (number) or, with number 0, with the whole."""

    number: int
    problem: str


def canonical(value: Any) -> bytes:
    """Give the RFC 8785 canonical JSON of a value without floats."""
    return rfc8785.dumps(value)


def written(value: Any) -> bytes:
    """Give the same bytes as `canonical`, six times as fast, for what was made here.

    True of values without floats and with ASCII names: then sorting by code points is sorting by UTF-16 units, and the
    standard library escapes and writes as RFC 8785 does. A test compares the two; proof uses `canonical` alone.
    """
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def hash_of(line: Mapping[str, Any]) -> str:
    """Give the hash that a line must carry (its own `hash` member, if any, left aside)."""
    return hashlib.sha256(canonical({name: value for name, value in line.items() if name != "hash"})).hexdigest()


def chain_problems(lines: Iterable[Mapping[str, Any]]) -> Iterator[Problem]:
    """Give what is wrong with numbering, chain, form and continuity; needs no definition."""
    previous: Mapping[str, Any] | None = None
    for count, line in enumerate(lines, 1):
        if set(line) != MEMBERS:
            odd = ", ".join(sorted(map(str, MEMBERS ^ set(line))))
            yield Problem(count, f"members missing or unknown: {odd}")
            return  # what follows cannot be compared with it
        yield from _own_problems(line, count)
        yield from _beginning(line) if previous is None else _continuity(line, previous, count)
        previous = line
    if previous is None:
        yield Problem(0, "the journal is empty")


def _own_problems(line: Mapping[str, Any], count: int) -> Iterator[Problem]:
    if line["number"] != count or isinstance(line["number"], bool):
        yield Problem(count, f"numbered {line['number']} where {count} is due")
    try:
        if line["hash"] != hash_of(line):
            yield Problem(count, "the content does not give the line's hash")
    except (rfc8785.CanonicalizationError, RecursionError) as error:
        yield Problem(count, f"cannot be put into canonical form: {error}")


def _beginning(line: Mapping[str, Any]) -> Iterator[Problem]:
    if line["previous_hash"] != GENESIS:
        yield Problem(1, "the first line continues another: its previous_hash is not 64 zeros")
    if line["type"] != EventType.DECLARE or line["position_before"] is not None:
        yield Problem(1, "the first line is not a declaration")


def _continuity(line: Mapping[str, Any], previous: Mapping[str, Any], count: int) -> Iterator[Problem]:
    if line["previous_hash"] != previous["hash"]:
        yield Problem(count, "does not continue the chain: previous_hash is not the hash of the line before")
    if line["position_before"] != previous["position_after"]:
        ended = previous["position_after"]
        yield Problem(count, f"starts at {line['position_before']}, the line before ended at {ended}")
    for name in _THROUGHOUT:
        if line[name] != previous[name]:
            yield Problem(count, f"another {name} than the line before")
    if str(line["recorded_at"]) < str(previous["recorded_at"]):
        yield Problem(count, "recorded before the line before it")

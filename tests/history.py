"""Judges what a service was heard to say against the journals it kept: nothing lost, doubled, reordered or rewritten.

It knows nothing of the program: the chain is recomputed from the exported lines with the standard library alone.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.wire import Answer

Lines = Sequence[Mapping[str, Any]]


@dataclass(slots=True)
class History:
    """What clients know: which requests were accepted with which event, and which were refused for good."""

    accepted: dict[str, Mapping[str, Any]] = field(default_factory=dict)  # the event by the digest of its key
    refused: set[str] = field(default_factory=set)  # digests of keys that were never accepted

    def note(self, key: str, answer: Answer) -> None:
        """Keep a definite answer to the request with this key."""
        digest = hashlib.sha256(key.encode()).hexdigest()
        if answer.status == 201:
            self.accepted[digest] = _event(answer.json)
            self.refused.discard(digest)
        elif digest not in self.accepted:
            self.refused.add(digest)

    def faults(self, journals: Mapping[str, Lines]) -> list[str]:
        """Give everything that is wrong with the journals (by execution), or that they lack."""
        found = [f"{name}: {fault}" for name, lines in journals.items() for fault in chain_faults(lines)]
        written = [line for lines in journals.values() for line in lines]
        keys = Counter(line["request_key_digest"] for line in written if line["request_key_digest"] is not None)
        found += [f"{key}: {times} lines of one request" for key, times in keys.items() if times > 1]
        kept = {line["request_key_digest"]: line for line in written}
        for key, event in self.accepted.items():
            if key not in kept:
                found.append(f"lost: event {event['number']} of {event['execution_id']} was acknowledged")
            elif any(kept[key].get(name) != value for name, value in event.items()):
                found.append(f"changed: event {event['number']} of {event['execution_id']} is not what was answered")
        found += [f"{key}: refused, yet there is a line" for key in self.refused & keys.keys()]
        found += [f"{key}: a line that nobody was told of" for key in keys.keys() - self.accepted.keys() - self.refused]
        return found


def chain_faults(lines: Lines) -> Iterator[str]:
    """Give what is wrong with one journal, line by line."""
    previous, recorded, position = "0" * 64, "", None
    for number, line in enumerate(lines, 1):
        if line["number"] != number:
            yield f"line {number} has the number {line['number']}"
        if line["previous_hash"] != previous:
            yield f"line {number} does not follow the line before"
        if line["hash"] != hash_of(line):
            yield f"line {number} was changed"
        if line["recorded_at"] < recorded:
            yield f"line {number} was recorded before the line before"
        if line["position_before"] != position:
            yield f"line {number} does not begin where the line before ended"
        previous, recorded, position = line["hash"], line["recorded_at"], line["position_after"]


def hash_of(line: Mapping[str, Any]) -> str:
    """Give the hash that a line must have. For lines without floats sorted compact JSON is RFC 8785's form."""
    bare = {name: value for name, value in line.items() if name != "hash"}
    text = json.dumps(bare, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def parsed(export: bytes) -> list[dict[str, Any]]:
    """Give the lines of a journal that was exported as NDJSON."""
    return [json.loads(line) for line in export.splitlines()]


def _event(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the event an answer tells of; a declaration's tells three of its members."""
    if "event" in answer:
        event: Mapping[str, Any] = answer["event"]
        return event
    return {"execution_id": answer["id"], "number": answer["version"], "hash": answer["head"]}

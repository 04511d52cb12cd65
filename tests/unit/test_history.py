"""The judge of histories finds what it is there to find: each fault, planted, is named."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.history import History, chain_faults, hash_of, parsed
from tests.wire import Answer

ID = "018f0000-0000-7000-8000-000000000001"
Lines = list[dict[str, Any]]


def chained(lines: Lines) -> Lines:
    """Number and hash the lines anew, as somebody would who covers his tracks."""
    previous = "0" * 64
    for number, line in enumerate(lines, 1):
        line |= {"number": number, "previous_hash": previous}
        line["hash"] = previous = hash_of(line)
    return lines


def journal() -> Lines:
    """Give four lines as a service would write them."""
    positions = [None, "a.b", "a.c", "a.c", "a.sign-off"]
    return chained(
        [
            {
                "execution_id": ID,
                "position_before": positions[place],
                "position_after": positions[place + 1],
                "recorded_at": f"2026-11-23T03:00:0{place}.000000Z",
                "request_key_digest": hashlib.sha256(f"key {place}".encode()).hexdigest(),
                "comment": "Déjà vu",
            }
            for place in range(4)
        ]
    )


def heard(lines: Lines) -> History:
    """Give the history of clients who were told of all these lines, and of one refusal."""
    history = History()
    first = {"id": ID, "version": 1, "head": lines[0]["hash"]}
    history.note("key 0", Answer(201, {}, json.dumps(first).encode()))
    for place, line in enumerate(lines[1:], 1):
        history.note(f"key {place}", Answer(201, {}, json.dumps({"event": line}).encode()))
    history.note("key 9", Answer(409, {}, b"{}"))
    return history


def test_a_sound_history_has_no_fault() -> None:
    export = "".join(json.dumps(line) + "\n" for line in journal()).encode()
    assert heard(journal()).faults({ID: parsed(export)}) == []


def lose_the_last(lines: Lines) -> None:
    lines.pop()


def lose_one_and_rechain(lines: Lines) -> None:
    del lines[2]
    chained(lines)


def rewrite_one_and_rechain(lines: Lines) -> None:
    lines[1]["comment"] = "Never said"
    chained(lines)


def double_one(lines: Lines) -> None:
    lines.append({**lines[3]})
    chained(lines)


def swap_two(lines: Lines) -> None:
    lines[2], lines[3] = lines[3], lines[2]
    chained(lines)


def keep_a_refused_one(lines: Lines) -> None:
    lines.append({**lines[3], "request_key_digest": hashlib.sha256(b"key 9").hexdigest()})
    chained(lines)


def make_one_up(lines: Lines) -> None:
    lines.append({**lines[3], "request_key_digest": hashlib.sha256(b"nobody's").hexdigest()})
    chained(lines)


@pytest.mark.parametrize(
    ("plant", "named"),
    [
        (lose_the_last, "lost"),
        (lose_one_and_rechain, "lost"),
        (rewrite_one_and_rechain, "changed"),
        (double_one, "2 lines of one request"),
        (swap_two, "changed"),
        (keep_a_refused_one, "refused, yet there is a line"),
        (make_one_up, "nobody was told of"),
    ],
)
def test_a_planted_fault_is_named(plant: Callable[[Lines], None], named: str) -> None:
    lines = journal()
    history = heard(journal())
    plant(lines)
    assert any(named in fault for fault in history.faults({ID: lines}))


@pytest.mark.parametrize(
    ("member", "value", "named"),
    [
        ("number", 7, "has the number 7"),
        ("previous_hash", "f" * 64, "does not follow the line before"),
        ("comment", "Never said", "was changed"),
        ("recorded_at", "2026-11-23T02:00:00.000000Z", "recorded before"),
        ("position_before", "a.z", "does not begin where"),
    ],
)
def test_a_changed_line_is_named(member: str, value: object, named: str) -> None:
    lines = journal()
    assert not list(chain_faults(lines))
    lines[2][member] = value
    assert any(named in fault for fault in chain_faults(lines))

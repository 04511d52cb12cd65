"""JSON read strictly: only what can be kept, hashed and shown exactly as it came is taken.

Refused as malformed (400), because there is no telling what was meant: bytes that are not UTF-8, text that is not
JSON, nesting deeper than 32. Refused as invalid (422), with the JSON pointer of each fault: numbers that are not
finite or integers that do not survive a double, names that occur twice, more than 20,000 values, and characters that
nobody can see.

Those characters are the controls (C0 but tab, line feed, carriage return; DEL; C1), the line and paragraph
separators, lone surrogates, and every format character (Unicode Cf): bidirectional overrides, zero-width spaces, soft
hyphens, byte order marks. Zero-width joiner and non-joiner are refused too, although some scripts and emoji use them:
two names that look alike must be alike, and what somebody signs must be what was read. Text need not be in NFC: it
is kept as it came. Attached output (`/evidence/N/content`) is what some program printed: of it NUL and lone surrogates
alone are refused.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import Any, Final, Never

from app.domain.errors import FieldFault, InvalidRequest, MalformedRequest
from app.domain.unseen import UNSEEN, unseen_fault
from app.services import pointers

MAX_DEPTH: Final = 32
MAX_VALUES: Final = 20_000
#: The largest integer that every reader of JSON keeps exactly (RFC 7493, 2.2), and the largest RFC 8785 can write.
MAX_INTEGER: Final = 2**53 - 1
MAX_FAULTS: Final = 20  # enough to mend a request, too few to make a large answer of
MAX_DIGITS: Final = len(str(MAX_INTEGER)) + 1  # with the sign; anything longer is not even converted
MAX_NAME: Final = 64  # a longer member name is no name of ours: a pointer stops before it

#: A character that not even attached output may hold: a database or an encoding would not keep it.
_UNKEPT: Final = re.compile("[\x00\ud800-\udfff]")
_ATTACHED: Final = ("evidence", 0, "content")
#: An escape in JSON text that may stand for one.
_ESCAPE: Final = re.compile(r"\\[bfu]")


class _Doubled(dict[str, Any]):
    """An object in which a name occurred twice; `doubled` holds those names."""

    doubled: frozenset[str]


class _Reading:
    """One reading of a text: what the decoder calls for objects and numbers, and whether a fault was met."""

    __slots__ = ("faulty",)

    def __init__(self) -> None:
        self.faulty = False

    def take_object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) == len(pairs):
            return members
        self.faulty = True
        doubled = _Doubled(members)
        doubled.doubled = frozenset(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
        return doubled

    def take_integer(self, digits: str) -> int | float:
        number = int(digits) if len(digits) <= MAX_DIGITS else math.inf
        if not -MAX_INTEGER <= number <= MAX_INTEGER:
            self.faulty = True
        return number

    def take_float(self, text: str) -> float:
        number = float(text)
        if not math.isfinite(number):
            self.faulty = True
        return number


def parse(body: bytes) -> Any:
    """Give the value that a request's body holds.

    A body that the quick looks find nothing in is not walked: that is nearly every one.

    Raises:
        MalformedRequest: it is not JSON in UTF-8, or nested too deeply.
        InvalidRequest: with a pointer to each number, text or name that is not taken.
    """
    text = decoded(body)
    reading = _Reading()
    try:
        value = json.loads(
            text,
            object_pairs_hook=reading.take_object,
            parse_int=reading.take_integer,
            parse_float=reading.take_float,
            parse_constant=reading.take_float,
        )
    except json.JSONDecodeError as error:
        _malformed(f"The body is not JSON: it cannot be read on from line {error.lineno}, column {error.colno}.")
    except RecursionError:
        _malformed(f"The body is nested deeper than {MAX_DEPTH} levels.")
    if reading.faulty or _is_suspect(text):
        _walk(value)
    return value


def decoded(body: bytes) -> str:
    """Give the text of a body; raises MalformedRequest where it is not UTF-8."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        _malformed(f"The body is not UTF-8: byte {error.start} cannot be read.")


def pointer(parts: Iterable[str | int]) -> str:
    """Give the RFC 6901 pointer to what `parts` lead to; it stops before a name too odd to be repeated."""
    return pointers.pointer(takewhile(lambda part: not isinstance(part, str) or _is_sane(part), parts))


def _is_sane(name: str) -> bool:
    return len(name) <= MAX_NAME and not UNSEEN.search(name)


def _is_suspect(text: str) -> bool:
    """Say whether JSON text may be too much, too deep, or hold what cannot be seen; never wrongly no.

    The counts also count what stands inside strings. The decoder has refused bare controls below U+0020 already, so
    that DEL is the only unseen character of ASCII left.
    """
    openings = text.count("[") + text.count("{")
    if openings > MAX_DEPTH or openings + text.count(",") >= MAX_VALUES or _ESCAPE.search(text):
        return True
    return "\x7f" in text if text.isascii() else bool(UNSEEN.search(text))


def _malformed(detail: str) -> Never:
    raise MalformedRequest(detail) from None


def _walk(value: Any) -> None:
    """Look at every value and raise what was found wrong, if anything."""
    faults: list[FieldFault] = []
    for count, (path, item) in enumerate(_items(value), 1):
        unseen = _UNKEPT if _is_attached(path) else UNSEEN
        if len(path) == MAX_DEPTH and isinstance(item, dict | list):
            _malformed(f"The body is nested deeper than {MAX_DEPTH} levels.")
        if count > MAX_VALUES:
            message = f"the request holds more than {MAX_VALUES} values in all; send fewer"
            faults.insert(0, FieldFault(_largest(value), message))
            break
        faults.extend(FieldFault(pointer((*path, *inner)), message) for inner, message in _faults(item, unseen))
        if len(faults) >= MAX_FAULTS:
            break
    if faults:
        raise InvalidRequest(*faults[:MAX_FAULTS])


def _items(value: Any) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every value in the text's order with the way to it; not recursive, however deep it goes."""
    yield (), value
    stack: list[tuple[tuple[str | int, ...], Iterator[tuple[str | int, Any]]]] = [((), _members(value))]
    while stack:
        path, members = stack[-1]
        for name, item in members:
            inner = (*path, name)
            yield inner, item
            if isinstance(item, dict | list):
                stack.append((inner, _members(item)))
                break
        else:
            stack.pop()


def _members(value: Any) -> Iterator[tuple[str | int, Any]]:
    if isinstance(value, dict):
        return iter(value.items())
    return iter(enumerate(value if isinstance(value, list) else ()))


def _is_attached(path: tuple[str | int, ...]) -> bool:
    """Say whether a place is `/evidence/N/content`: output that was attached is kept as the text that came."""
    return len(path) == len(_ATTACHED) and (path[0], path[2]) == (_ATTACHED[0], _ATTACHED[2])


def _faults(item: Any, unseen: re.Pattern[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """What is wrong with one value: the member of it that is meant (or none), and the sentence."""
    if isinstance(item, str):
        if fault := unseen_fault(item, unseen):
            yield (), fault
    elif isinstance(item, float) and not math.isfinite(item):
        yield (), f"is not a finite number, or an integer beyond ±{MAX_INTEGER}"
    elif isinstance(item, int) and abs(item) > MAX_INTEGER:
        yield (), f"is an integer beyond ±{MAX_INTEGER}"
    elif isinstance(item, dict):
        for name in item:
            if fault := unseen_fault(name):
                yield (), f"holds a member whose name {fault}"
            if isinstance(item, _Doubled) and name in item.doubled:
                yield (name,), "is named more than once"


def _largest(value: Any) -> str:
    """Point to what holds the most values, the whole or a member of it: most likely what is to be shortened."""
    if not isinstance(value, dict):
        return ""
    candidates: list[tuple[tuple[str, ...], Any]] = [((), value), *(((name,), item) for name, item in value.items())]
    return pointer(max(candidates, key=lambda entry: len(entry[1]) if isinstance(entry[1], dict | list) else 0)[0])

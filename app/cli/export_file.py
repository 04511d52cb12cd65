"""An exported journal as a file: read line by line and strictly, and never more than one line in memory.

What the chain protects is the content of each line, so spaces and the order of members are free. Everything that lets
two readers see different content is not: a member named twice, a float, a number that does not survive a double, half
of a character, bytes that are not UTF-8. What an export never has, but does no harm to the content (a byte order mark,
CR LF, blank lines), is kept apart as odd: the file has been through other hands.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any, BinaryIO, Final, Never

from app.domain.chain import MEMBERS, Problem

LONGEST_LINE: Final = 32 * 1024 * 1024  # bytes; a request has one at most, and a line repeats little of it
MAX_INTEGER: Final = 2**53 - 1
MAX_DIGITS: Final = 17
_BOM: Final = b"\xef\xbb\xbf"
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_HINTS: Final = tuple(f'"{name}"'.encode() for name in MEMBERS)


class _NotALine(Exception):  # noqa: N818 - says what is wrong with the text
    """The text is no line of a journal."""


class ExportFile:
    """One reading of an export, from where the stream stands to its end or the first line that cannot be read."""

    def __init__(self, stream: BinaryIO) -> None:
        """Take the stream."""
        self._stream = stream
        self._hash = hashlib.sha256()
        self.read = 0  # lines read, blank ones too
        self.last: dict[str, Any] = {}
        self.bad: Problem | None = None  # why reading ended before the end of the file
        self.odd: list[str] = []
        self.looks_like_a_journal = False

    @property
    def digest(self) -> str:
        """The SHA-256 of the bytes read so far."""
        return self._hash.hexdigest()

    def lines(self) -> Iterator[dict[str, Any]]:
        """Give each line's content; ends with `bad` set at one that cannot be read."""
        for raw in self._raw_lines():
            text = self._without_oddities(raw)
            if not text:
                continue
            try:
                line = _parsed(text)
            except _NotALine as fault:
                self._note_likeness(text, None)
                cut_off = " (the file ends within it: perhaps a download broke off)" if not raw.endswith(b"\n") else ""
                self.bad = Problem(self.read, f"{fault}{cut_off}")
                return
            self._note_likeness(text, line)
            self.last = line
            yield line

    def look_further(self) -> None:
        """Read on to the first line that looks like a journal's: with it, what cannot be read was put in or altered."""
        for raw in self._raw_lines():
            if self.looks_like_a_journal:
                return
            try:
                self._note_likeness(raw, _parsed(raw))
            except _NotALine:
                self._note_likeness(raw, None)

    def _raw_lines(self) -> Iterator[bytes]:
        while raw := self._stream.readline(LONGEST_LINE + 1):
            self._hash.update(raw)
            self.read += 1
            yield raw

    def _without_oddities(self, raw: bytes) -> bytes:
        """Give the line's text; note what an export would not have around it."""
        text = raw
        if self.read == 1 and text.startswith(_UTF16):
            self._note_odd("the file is UTF-16, as Windows PowerShell's > writes it; use -OutFile there")
        if self.read == 1 and text.startswith(_BOM):
            self._note_odd("the file begins with a byte order mark")
            text = text.removeprefix(_BOM)
        text = text.removesuffix(b"\n")
        if text.endswith(b"\r"):
            self._note_odd("lines end in CR LF")
            text = text.removesuffix(b"\r")
        if not text.strip(b" \t\r"):
            self._note_odd(f"line {self.read} is blank")
            return b""
        return text

    def _note_odd(self, what: str) -> None:
        if what not in self.odd and len(self.odd) < 10:  # noqa: PLR2004 - enough to see what happened to the file
            self.odd.append(what)

    def _note_likeness(self, text: bytes, line: dict[str, Any] | None) -> None:
        if self.looks_like_a_journal:
            return
        if line is not None:
            known = len(MEMBERS & line.keys())
        elif text.lstrip(_BOM)[:1] == b"{" and text.count(b'"previous_hash"') <= 1:  # more of them: a page of lines
            known = sum(hint in text for hint in _HINTS)
        else:
            known = 0
        self.looks_like_a_journal = known > len(MEMBERS) // 2


def _parsed(text: bytes) -> dict[str, Any]:
    """Give the object that a line holds; raises _NotALine."""
    if len(text) > LONGEST_LINE:
        raise _NotALine("longer than any line of a journal")
    try:
        decoded = text.decode("utf-8")
        line = json.loads(
            decoded,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_no_number,
            parse_constant=_no_number,
        )
        if "\\u" in decoded:
            json.dumps(line, ensure_ascii=False).encode("utf-8")  # half of a character can be written as an escape
    except UnicodeDecodeError:
        raise _NotALine("not UTF-8") from None
    except UnicodeEncodeError:
        raise _NotALine("holds half of a character") from None
    except json.JSONDecodeError as error:
        raise _NotALine(f"not JSON: {error.msg} at character {error.pos + 1}") from None
    except RecursionError:
        raise _NotALine("nested more deeply than any line of a journal") from None
    if not isinstance(line, dict):
        raise _NotALine("not a JSON object")
    return line


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value] # add() is called for its effect
        raise _NotALine(f"the member {twice} is there twice: which one was meant cannot be told")
    return members


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS or abs(int(digits)) > MAX_INTEGER:
        raise _NotALine("holds a number that no line can hold")
    return int(digits)


def _no_number(text: str) -> Never:
    raise _NotALine(f"holds {text[:40]}; a line holds whole numbers alone")

"""Bodies of requests are read strictly: every hostile one is refused, every sound one comes back as it was."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import InvalidRequest, MalformedRequest
from app.domain.unseen import UNSEEN, unseen_fault
from app.web.strict_json import MAX_DEPTH, MAX_FAULTS, MAX_INTEGER, MAX_VALUES, parse, pointer

MALFORMED = {
    "empty": b"",
    "blank": b"  \n",
    "a byte order mark": b'\xef\xbb\xbf{"a":1}',
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "bad UTF-8": b'{"a":"\xff"}',
    "overlong UTF-8": b'{"a":"\xc0\x80"}',
    "a surrogate in UTF-8": b'{"a":"\xed\xa0\x80"}',
    "unfinished": b'{"a":',
    "two values": b"{} {}",
    "a trailing comma": b'{"a":1,}',
    "single quotes": b"{'a':1}",
    "a comment": b'{"a":1} // x',
    "a bare NUL": b'{"a":"\x00"}',
    "a bare line feed": b'{"a":"\n"}',
    "a bad escape": b'{"a":"\\x41"}',
    "a leading zero": b'{"a":01}',
    "a hexadecimal number": b'{"a":0x10}',
    "a plus sign": b'{"a":+1}',
    "one level too deep": b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
    "one level too deep, of objects": b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1),
    "100,000 levels": b"[" * 100_000 + b"]" * 100_000,
    "100,000 levels, unfinished": b'{"a":' * 100_000,
}

INVALID = {
    "NaN": (b'{"a":{"b":NaN}}', ["/a/b"]),
    "Infinity": (b"[Infinity]", ["/0"]),
    "-Infinity": (b'{"a":-Infinity}', ["/a"]),
    "1e400": (b'{"a":[0,1e400]}', ["/a/1"]),
    "400 digits and a fraction": (b'{"a":' + b"9" * 400 + b".5}", ["/a"]),
    "2^53": (b'{"a":9007199254740992}', ["/a"]),
    "-2^53": (b'{"a":-9007199254740992}', ["/a"]),
    "2^63": (b'{"a":9223372036854775808}', ["/a"]),
    "100,000 digits": (b'{"a":' + b"9" * 100_000 + b"}", ["/a"]),
    "a number alone": (b"1e999", [""]),
    "a name twice": (b'{"a":{"at":1,"x":2,"at":3}}', ["/a/at"]),
    "a name twice, once escaped": (b'{"at":1,"\\u0061t":2}', ["/at"]),
    "a name twice in two places": (b'[{"a":1,"a":1},{"b":1,"b":1,"b":1}]', ["/0/a", "/1/b"]),
    "an odd name twice": (b'[{"\\u0000":1,"\\u0000":2}]', ["/0", "/0"]),
    "a lone surrogate": (b'{"a":"\\ud800"}', ["/a"]),
    "surrogates the wrong way round": (b'{"a":"\\udc00\\ud800"}', ["/a"]),
    "an escaped NUL": (b'{"a":"x\\u0000"}', ["/a"]),
    "a backspace": (b'{"a":"\\b"}', ["/a"]),
    "a form feed": (b'{"a":"\\f"}', ["/a"]),
    "an escape character": (b'{"a":"\\u001b[31m"}', ["/a"]),
    "DEL": (b'{"a":"\x7f"}', ["/a"]),
    "a C1 control": ('{"a":"\x85"}'.encode(), ["/a"]),
    "a right-to-left override": ('{"a":["x","\u202e"]}'.encode(), ["/a/1"]),
    "the same, escaped": (b'{"a":["x","\\u202e"]}', ["/a/1"]),
    "a zero-width space": ('{"a":"VM\u200b1"}'.encode(), ["/a"]),
    "a zero-width joiner": ('{"a":"a\u200db"}'.encode(), ["/a"]),
    "a left-to-right mark, as thumbprints carry": ('{"a":"\u200e7b"}'.encode(), ["/a"]),
    "a soft hyphen": ('{"a":"\xad"}'.encode(), ["/a"]),
    "a byte order mark inside": ('{"a":"\ufeff"}'.encode(), ["/a"]),
    "a line separator": ('{"a":"\u2028"}'.encode(), ["/a"]),
    "a tag character": ('{"a":"\U000e0041"}'.encode(), ["/a"]),
    "an unseen character in a name": (b'{"a":{"\\u200b":1}}', ["/a"]),
    "a name with / and ~": (b'{"a/b~c":NaN}', ["/a~1b~0c"]),
    "what lies below too long a name": (b'{"a":{"' + b"n" * 100 + b'":{"b":NaN}}}', ["/a"]),
    "too many values": (b'{"workloads":[' + b"0," * MAX_VALUES + b'0],"a":[1,2]}', ["/workloads"]),
    "too many values in a list": (b"[" + b"0," * MAX_VALUES + b"0]", [""]),
    "200,000 names": (json.dumps(dict.fromkeys(map(str, range(200_000)), 0)).encode(), [""]),
}

SOUND = {
    "null": None,
    "accents, CJK, a narrow no-break space, a variation selector": "é 仮想 Étape\u202f1 ⚠️",
    "NFC and NFD side by side": ["\u00e9", "e\u0301"],
    "tab and line ends": "a\tb\r\nc",
    "a backslash before a letter": "C:\\new\\bin\\file",
    "a pair of surrogates": "\U0001f600",
    "a name of VM that is no harm": "x'; Stop-Computer #",
    "brackets and commas in a string": "[{," * 30_000,
    "the largest integers": [MAX_INTEGER, -MAX_INTEGER],
    "floats": [0.1, -1.5e300, 1e-400],
    "many values": list(range(MAX_VALUES - 1)),
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
def test_what_cannot_be_read_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedRequest):
        parse(body)


@pytest.mark.parametrize(("body", "pointers"), INVALID.values(), ids=INVALID)
def test_what_is_never_taken_is_named_by_its_pointer(body: bytes, pointers: list[str]) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse(body)
    assert [fault.pointer for fault in caught.value.faults][: len(pointers)] == pointers


@pytest.mark.parametrize("value", SOUND.values(), ids=SOUND)
@pytest.mark.parametrize("as_ascii", [False, True])
def test_what_is_sound_comes_back_as_it_was(value: object, *, as_ascii: bool) -> None:
    assert parse(json.dumps(value, ensure_ascii=as_ascii).encode()) == value


def test_the_deepest_nesting_taken() -> None:
    assert parse(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH) is not None


def test_faults_are_told_but_not_without_end() -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse(b"[" + b"NaN," * 1000 + b"1]")
    assert len(caught.value.faults) == MAX_FAULTS


def test_a_refusal_repeats_nothing_of_the_value() -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse(b'{"comment":"fbk_1_secret\\u0000", "n":123456789012345678901}')
    assert "secret" not in str(caught.value)
    assert "123456789" not in str(caught.value)


def test_every_character_that_cannot_be_seen_is_known() -> None:
    """The list is written out; an interpreter with a newer Unicode must not know a format character it lacks."""
    unseen = {c for c in map(chr, range(0x110000)) if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}
    found = {c for c in map(chr, range(0x110000)) if UNSEEN.match(c)}
    assert unseen - found == {"\t", "\n", "\r"}
    assert {unicodedata.category(c) for c in found - unseen} <= {
        "Cn",
        "Mn",
    }  # reserved next to known ones, or later added


def test_an_unseen_character_is_told_by_its_code_and_place() -> None:
    assert unseen_fault("sound") is None
    assert "U+200B" in str(unseen_fault("ab\u200b"))
    assert "place 3" in str(unseen_fault("ab\u200b"))


def test_a_pointer_escapes_and_stops_before_an_odd_name() -> None:
    assert pointer([]) == ""
    assert pointer(["a~/b", 0]) == "/a~0~1b/0"
    assert pointer(["a", "\u202e", "b"]) == "/a"


SEEN = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp", "Cn"]), max_size=8)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-MAX_INTEGER, MAX_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | SEEN,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(SEEN, inner, max_size=4),
    max_leaves=20,
)


@given(value=VALUES, as_ascii=st.booleans())
def test_any_sound_value_comes_back(*, value: object, as_ascii: bool) -> None:
    assert parse(json.dumps(value, ensure_ascii=as_ascii).encode()) == value


@given(value=VALUES, bad=st.sampled_from(sorted({"\x00", "\x1b", "\x9f", "\u202e", "\u200b", "\ufeff", "\ud800"})))
def test_one_unseen_character_anywhere_is_found(value: object, bad: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse(json.dumps([value, {"x": bad}]).encode())
    assert [fault.pointer for fault in caught.value.faults] == ["/1/x"]


@given(st.binary(max_size=60))
def test_any_bytes_are_taken_or_refused(body: bytes) -> None:
    """Nothing but a value or one of the two refusals ever comes out."""
    try:
        value = parse(body)
    except (MalformedRequest, InvalidRequest):
        return
    json.dumps(value, allow_nan=False).encode()


@given(st.text(max_size=60))
def test_a_text_is_taken_exactly_when_each_character_can_be_seen(text: str) -> None:
    try:
        assert parse(json.dumps(text).encode()) == text
    except InvalidRequest:
        assert UNSEEN.search(text)
    else:
        assert not UNSEEN.search(text)

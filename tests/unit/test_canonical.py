"""What is written fast is what RFC 8785 says, byte for byte, for all that a line can hold."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.chain import canonical, written

NAMES = st.text(string.ascii_letters + string.digits + "_-", max_size=12)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
INTEGERS = st.integers(-(2**53) + 1, 2**53 - 1)
VALUES = st.recursive(
    st.none() | st.booleans() | INTEGERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(NAMES, VALUES, max_size=8))
def test_written_is_canonical(value: dict[str, object]) -> None:
    assert written(value) == canonical(value)


@pytest.mark.parametrize("character", [*map(chr, range(0x20)), "\x7f", "\u2028", "\u2029", "é", "😀", '"', "\\", "/"])
def test_every_escape_is_the_same(character: str) -> None:
    assert written({"comment": character}) == canonical({"comment": character})

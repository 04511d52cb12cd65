"""Versions in order: as numbers, not as text."""

import pytest

from app.domain.versions import is_version, version_key


def test_versions_are_compared_as_numbers() -> None:
    in_order = ["draft", "0.9", "1", "1.0.1", "1.9", "1.10", "2.0.0", "10"]
    keys = [version_key(one) for one in in_order]
    assert keys == sorted(set(keys))
    assert version_key("1.0.0") == version_key("1")


@pytest.mark.parametrize("text", ["", "1.", ".1", "v1", "1.0-rc1", "1..2", "-1", "1.2.3.4.5.6.7", "1" * 10, "\u0661.0"])
def test_what_is_no_version(text: str) -> None:
    assert not is_version(text)
    assert version_key(text) == ()


@pytest.mark.parametrize("text", ["0", "1.2", "1.2.3.4.5.6", "2026.11.23"])
def test_what_is_one(text: str) -> None:
    assert is_version(text)

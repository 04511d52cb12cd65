"""Versions of a runbook that can be put in order: whole numbers with dots between them."""

import re

VERSION = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9}){0,5}")


def is_version(text: str) -> bool:
    """Say whether a version can be put in order, as `1.2` or `2.0.1`."""
    return VERSION.fullmatch(text) is not None


def version_key(text: str) -> tuple[int, ...]:
    """Give what versions are compared by: 1.10 comes after 1.9, and 1.0 is 1; what is no number comes before all."""
    numbers = [int(part) for part in text.split(".")] if is_version(text) else []
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)

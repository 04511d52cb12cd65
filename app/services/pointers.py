"""RFC 6901 pointers: how a fault says which place of a request it means."""

from collections.abc import Iterable


def pointer(parts: Iterable[str | int]) -> str:
    """Give the pointer to what `parts` lead to, with `~` and `/` in names escaped."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)

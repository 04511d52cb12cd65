"""Decoded facts that the writer keeps, so that an event does not decode what the one before it wrote."""

from collections import OrderedDict
from typing import Any

REMEMBERED = 256  # decoded facts kept by a writer


class Memory:
    """Decoded facts by the head of the journal they are folded from, the latest used kept.

    A head names one journal and so one fold: what was decoded for a batch that was rolled back can do no harm, and
    what another process wrote has another head. Values must be immutable.
    """

    def __init__(self, limit: int = REMEMBERED) -> None:
        """Take how many to keep."""
        self._limit = limit
        self._values: OrderedDict[str, Any] = OrderedDict()

    def get(self, head: str) -> Any | None:
        """Give what was kept for a head, or None."""
        value = self._values.get(head)
        if value is not None:
            self._values.move_to_end(head)
        return value

    def keep(self, head: str, value: Any) -> None:
        """Keep what a journal ending in this head folds to."""
        self._values[head] = value
        if len(self._values) > self._limit:
            self._values.popitem(last=False)

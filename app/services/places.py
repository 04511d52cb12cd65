"""Places for streams: a process has so many, everybody is sure of a few, and nobody keeps the others out."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from app.domain.errors import Unavailable

PLACES: Final = 512  # of one process; figures are measured with 500
SURE: Final = 5  # streams that an operator may have although the process is full
RETRY_AFTER: Final = 10  # seconds


class Place:
    """The place of one stream; it is lost when somebody needs it who has fewer than are sure."""

    __slots__ = ("lost", "wake")

    def __init__(self, wake: Callable[[], None]) -> None:
        """Take what wakes the stream, so that it sees that its place is lost."""
        self.wake = wake
        self.lost = False


class Places:
    """Who holds how many; belongs to one event loop.

    Many dashboards may speak by one token, so nobody is refused while there is room. When there is none, somebody with
    fewer streams than are sure gets the place that the one with the most took last.
    """

    def __init__(self, places: int = PLACES, sure: int = SURE) -> None:
        """Take how many places there are, and how many of them each operator is sure of."""
        self._places = places
        self._sure = sure
        self._held: dict[str, list[Place]] = {}
        self.taken = 0

    def check(self, operator_id: str) -> None:
        """Raise Unavailable where there is no place for one more stream of an operator."""
        if self.taken >= self._places and self._richest(operator_id) is None:
            raise Unavailable(
                "This process has as many streams as it takes, and you have your share; poll, or come again.",
                retry_after=RETRY_AFTER,
            )

    @contextmanager
    def hold(self, operator_id: str, wake: Callable[[], None]) -> Iterator[Place]:
        """Give a place for an operator's stream, which is woken by `wake` if it loses it. Raises as `check` does."""
        self.check(operator_id)
        richest = self._richest(operator_id) if self.taken >= self._places else None
        if richest is not None:
            lost = self._held[richest][-1]
            self._free(richest, lost)
            lost.lost = True
            lost.wake()
        place = Place(wake)
        self._held.setdefault(operator_id, []).append(place)
        self.taken += 1
        try:
            yield place
        finally:
            if not place.lost:
                self._free(operator_id, place)

    def _richest(self, operator_id: str) -> str | None:
        """Give who has to give a place up for an operator, if anybody."""
        if len(self._held.get(operator_id, ())) >= self._sure:
            return None
        richest = max(self._held, key=lambda one: len(self._held[one]), default=operator_id)
        return richest if len(self._held.get(richest, ())) > self._sure else None

    def _free(self, operator_id: str, place: Place) -> None:
        held = self._held[operator_id]
        held.remove(place)
        self.taken -= 1
        if not held:
            del self._held[operator_id]

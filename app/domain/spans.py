"""Time between two moments of a journal: whole microseconds, never a float, and never less than nothing."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Lasted:
    """How long something lasted, in microseconds; `negative` where its end was said to come before its beginning."""

    microseconds: int = 0
    negative: bool = False

    @property
    def seconds(self) -> int:
        """Give the whole seconds."""
        return self.microseconds // 1_000_000

    def __add__(self, other: "Lasted") -> "Lasted":
        """Give both together; flagged where either is."""
        return Lasted(self.microseconds + other.microseconds, self.negative or other.negative)


def signed(since: str, until: str) -> int:
    """Give the microseconds from one RFC 3339 time to another; below zero where the second comes first."""
    return (datetime.fromisoformat(until) - datetime.fromisoformat(since)) // _MICROSECOND


def lasted(since: str, until: str) -> Lasted:
    """Give how long it was from one RFC 3339 time to another; the wrong way round it counts nothing and is flagged."""
    found = signed(since, until)
    return Lasted(max(0, found), found < 0)


def later(moment: str, microseconds: int) -> str:
    """Give the time so many microseconds after an RFC 3339 one, as UTC text of fixed width."""
    found = datetime.fromisoformat(moment).astimezone(UTC) + timedelta(microseconds=microseconds)
    return found.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

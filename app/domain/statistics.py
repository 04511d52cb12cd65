"""What many journals say of a runbook: how often and how long each step and action took, what failed, was waived.

Lines are taken one by one and not kept. How long something took is the time from reaching its position to the event
that did it, without the holds in between; what was waived, or left by going back, was not done.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.domain.events import REMARKS, Decision, EventType
from app.domain.spans import lasted, signed
from app.domain.vocabulary import ITEMS, SIGN_OFF, TERMINAL

SECOND = 1_000_000  # microseconds


@dataclass(slots=True)
class Figures:
    """What is told of one position (`step.action`, `step.sign-off`) or, under its id alone, of one step."""

    seconds: "array[int]" = field(default_factory=lambda: array("q"))  # of each time it was done
    out_of_order: int = 0  # of those, how many were entered with times out of order: they count 0
    failures: Counter[str] = field(default_factory=Counter)  # by symptom; empty: told in words alone
    waivers: int = 0
    break_glass: int = 0
    rejections: int = 0

    def done(self, microseconds: int) -> None:
        """Count that it was done in this time; below zero counts nothing and is flagged."""
        self.seconds.append(max(0, microseconds) // SECOND)
        self.out_of_order += microseconds < 0

    def median(self) -> int | None:
        """Give the median in whole seconds, rounded down between the two in the middle; None of nothing."""
        ordered = sorted(self.seconds)
        middle = len(ordered) // 2
        if not ordered:
            return None
        return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) // 2

    def p90(self) -> int | None:
        """Give the least time that nine in ten did not exceed (nearest rank), in whole seconds; None of nothing."""
        ordered = sorted(self.seconds)
        return ordered[-(-9 * len(ordered) // 10) - 1] if ordered else None


@dataclass(slots=True)
class Tally:
    """The figures of one runbook in one mode."""

    executions: int = 0
    ended: Counter[str] = field(default_factory=Counter)  # by terminal position
    places: dict[str, Figures] = field(default_factory=dict)

    def at(self, place: str) -> Figures:
        """Give the figures of a position or a step."""
        return self.places.setdefault(place, Figures())

    def take(self, lines: Iterable[Mapping[str, Any]]) -> None:
        """Take an execution's whole journal, oldest line first."""
        self.executions += 1
        told = _Telling(self)
        for line in lines:
            told.take(line)


@dataclass(slots=True)
class _Since:
    """When something began, and how long it was on hold since."""

    moment: str = ""
    held: int = 0

    def until(self, when: str) -> int:
        """Give the microseconds until a moment, without the holds."""
        return signed(self.moment, when) - self.held


class _Telling:
    """One journal on its way into a tally."""

    __slots__ = ("_entered", "_held_since", "_reached", "_tally")

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._reached = _Since()  # the position
        self._entered = _Since()  # the step
        self._held_since: str | None = None

    def take(self, line: Mapping[str, Any]) -> None:
        """Take the next line."""
        kind, when = EventType(line["type"]), line["performed_at"] or line["recorded_at"]
        if kind in REMARKS:
            return
        if kind is not EventType.DECLARE:
            self._note(kind, line, when)
        self._hold(when, held=line["status_after"] == "on_hold")
        self._move(kind, line, when)

    def _note(self, kind: EventType, line: Mapping[str, Any], when: str) -> None:
        """Count what the line says of its position, and of its step."""
        data, here, moves = line["data"], line["position_before"], line["position_before"] != line["position_after"]
        place = f"{line['step']}.{line['action'] or SIGN_OFF}"
        both = [self._tally.at(place), self._tally.at(line["step"])]
        for one in both:
            one.waivers += kind is EventType.WAIVE
            one.break_glass += data.get("break_glass", False)
            one.rejections += data.get("decision") == Decision.REJECT
            if kind is EventType.REPORT_FAILURE:
                one.failures[data.get("symptom") or ""] += 1
        if kind is EventType.CONFIRM and (moves or here.endswith("." + ITEMS)):
            both[0].done(self._reached.until(when))
        if data.get("decision") == Decision.APPROVE:
            both[0].done(self._reached.until(when))
            both[1].done(self._entered.until(when))

    def _hold(self, when: str, *, held: bool) -> None:
        """Begin a hold, or leave one that ended out of what goes on."""
        if self._held_since is not None and not held:
            lost = lasted(self._held_since, when).microseconds
            self._reached.held += lost
            self._entered.held += lost
        if (self._held_since is not None) != held:
            self._held_since = when if held else None

    def _move(self, kind: EventType, line: Mapping[str, Any], when: str) -> None:
        """Begin anew at another position, and in another step."""
        before, after = line["position_before"] or "", line["position_after"]
        if after in TERMINAL:
            self._tally.ended[after] += before != after
            return
        if before != after:
            self._reached = _Since(when)
        if before.partition(".")[0] != after.partition(".")[0] or kind is EventType.PRIMARY_LOST:
            self._reached = _Since(when)
            self._entered = _Since(when)
        if before != after and self._held_since is not None:
            self._held_since = when

"""What the independent model remembers of an execution, and the questions that it asks of that."""

from dataclasses import dataclass, field
from typing import Any

from tests.unit.model_table import (
    AGAIN,
    AGAIN_W,
    CHECK_W,
    CUT,
    DONE,
    EFFECTS,
    ENDS,
    FENCE,
    FLAGS,
    HOME,
    NOWHERE,
)


@dataclass
class Came:
    """What came of an action for one subject."""

    kind: str
    number: int
    who: str
    profile: str = ""  # it was done under


@dataclass
class Failed:
    """A failure that is not resolved; no names: the action as a whole."""

    place: str
    symptom: str | None
    comment: str | None
    names: frozenset[str]
    number: int


@dataclass
class State:
    """What the contract says an execution is. `None` as a subject means the action itself, or VMM."""

    names: tuple[str, ...]
    profile: str
    policy: str
    coordinator: str
    mode: str = "live"
    evidence: str | None = None  # the policy; None: not said
    drill: str | None = None  # how it went
    position: str = FENCE
    number: int = 1
    held: bool = False
    restored: bool = False
    came: dict[tuple[str, str | None], Came] = field(default_factory=dict)
    waived: dict[str, str] = field(default_factory=dict)
    failed: list[Failed] = field(default_factory=list)
    yes: dict[str | None, tuple[str, bool]] = field(default_factory=dict)
    place: dict[str | None, list[str]] = field(default_factory=dict)
    points: dict[str, str] = field(default_factory=dict)
    signed: set[str] = field(default_factory=set)
    left: set[str] = field(default_factory=set)
    heard: list[tuple[int, dict[str, Any], tuple[str, ...]]] = field(default_factory=list)  # at this position, attempt
    raised: bool = False  # the last event raised the attempt

    def __post_init__(self) -> None:
        self.place = {subject: [NOWHERE, CUT] for subject in (None, *self.names)}

    # -- what is so ------------------------------------------------------------------------------------------------

    @property
    def status(self) -> str:
        if self.position in ENDS:
            return self.position
        return "on_hold" if self.held else "blocked" if self.failed else "in_progress"

    def has(self, flag: str, place: str | None = None) -> bool:
        return flag in FLAGS.get(place or self.position, "")

    def is_done(self, place: str, *subjects: str | None) -> bool:
        """Whether the action is done for one of the subjects (none given: for whomever)."""
        wanted = subjects or (None, *self.names)
        return any((place, one) in self.came and self.came[place, one].kind in DONE for one in wanted)

    def left_open(self, place: str) -> list[str]:
        return [name for name in self.names if name not in self.waived and (place, name) not in self.came]

    def failed_here(self) -> set[str]:
        return {name for one in self.failed if one.place == self.position for name in one.names}

    def whole_failed(self) -> bool:
        return any(one.place == self.position and not one.names for one in self.failed)

    def is_known(self, place: str) -> bool:
        """Whether executions of this mode have the place at all."""
        return self.mode == "drill" or not self.has("d", place)

    def is_open(self, place: str) -> bool:
        if place not in FLAGS:
            return True
        if not self.is_known(place):
            return False
        if self.has("a", place) and self.profile != "asr":
            return False
        return bool(self.left_open(place)) if self.has("w", place) else (place, None) not in self.came

    def belongs_to_primary(self, subject: str | None) -> bool:
        """Whether its replication was reversed again: confirmed, or still to be seen in the picture."""
        again = AGAIN if subject is None else AGAIN_W
        return self.is_done(again, subject) or self.place[subject][1] == HOME

    def shows(self, place: str, subject: str | None) -> bool:
        """Whether the subject stands as the action leaves it (None, of what is per workload: whether any does)."""
        wanted = [(at, one) for at, one in enumerate(EFFECTS.get(place, ())) if one not in (None, NOWHERE)]
        subjects = self.names if subject is None and self.has("w", place) else (subject,)
        return bool(wanted) and any(all(self.place[who][at] == one for at, one in wanted) for who in subjects)

    def meant(self, event: dict[str, Any]) -> tuple[str, ...]:
        """The workloads that an event which may name some is about."""
        if event.get("workloads"):
            return tuple(event["workloads"])
        here = self.position
        match event["type"]:
            case "confirm":
                return tuple(n for n in self.left_open(here) if n not in self.failed_here())
            case "waive":
                return tuple(self.left_open(here))
            case "authorize":
                return tuple(n for n in self.left_open(here) if not self._sure(n, event))
            case "choose_recovery_point" if here == CHECK_W:
                return tuple(n for n in self.names if n not in self.waived)
            case "choose_recovery_point":
                failed = self.failed_here() | (set(self.left_open(here)) if self.whole_failed() else set())
                return tuple(n for n in self.names if n in failed)
            case "retry":
                return tuple(n for n in self.names if n in self.failed_here())
            case _:
                return ()

    def _sure(self, subject: str | None, event: dict[str, Any]) -> bool:
        return subject in self.yes and (self.yes[subject][1] or not event.get("break_glass"))

    def _undone(self, event: dict[str, Any]) -> list[str]:
        """The workloads that an undo is about."""
        place = event["action"]
        failed = self.failed_here() if place == self.position else set()
        return list(event.get("workloads") or ()) or [
            n for n in self.names if n not in self.waived and (self.is_done(place, n) or n in failed)
        ]

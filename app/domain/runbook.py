"""A runbook: the steps and actions of a procedure as immutable data, their order, and the definition's digest.

Source of the vocabulary: the contract's glossary; of the standalone procedure: Microsoft's July 2017 page, item 7.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import rfc8785

from app.domain.parts import (
    Action,
    CommandProfile,
    Effects,
    Erratum,
    LossRule,
    OnLoss,
    Parameter,
    Phase,
    Picture,
    SecondaryLoss,
    SignOffMeaning,
    SitePictures,
    Source,
    Standing,
    Step,
    Symptom,
    Undo,
)
from app.domain.projection import walked
from app.domain.texts import Closed, Command, DrillForm, DrillUndo, Text
from app.domain.vocabulary import (
    ABORTED,
    BUILT_IN_PARAMETERS,
    COMPLETED,
    ESCALATED,
    ITEMS,
    LANGUAGES,
    MODES,
    NO_PROFILE,
    PLACEHOLDER,
    SIGN_OFF,
    TERMINAL,
    VALID_DAYS,
    Advice,
    Choice,
    Kind,
    Order,
    Origin,
    Replication,
    RunbookKind,
    Site,
)

__all__ = [
    "ABORTED",
    "BUILT_IN_PARAMETERS",
    "COMPLETED",
    "ESCALATED",
    "ITEMS",
    "LANGUAGES",
    "MODES",
    "NO_PROFILE",
    "PLACEHOLDER",
    "SIGN_OFF",
    "TERMINAL",
    "Action",
    "Advice",
    "Choice",
    "Closed",
    "Command",
    "CommandProfile",
    "DrillForm",
    "DrillUndo",
    "Effects",
    "Erratum",
    "Kind",
    "LossRule",
    "OnLoss",
    "Order",
    "Origin",
    "Parameter",
    "Phase",
    "Picture",
    "Replication",
    "Runbook",
    "RunbookKind",
    "SecondaryLoss",
    "SignOffMeaning",
    "Site",
    "SitePictures",
    "Source",
    "Standing",
    "Step",
    "Symptom",
    "Text",
    "Undo",
    "content_digest",
]


@dataclass(frozen=True, kw_only=True)
class Runbook(Closed):
    """A whole definition. Built from its canonical content only; equal content has an equal digest."""

    id: str
    version: str
    kind: RunbookKind
    title: Text
    parameters: tuple[Parameter, ...]
    steps: tuple[Step, ...]
    command_profiles: tuple[CommandProfile, ...] = ()
    phases: tuple[Phase, ...] = ()
    site_picture: SitePictures | None = None  # None: a checklist moves nothing
    valid_days: int | None = None  # how long a checklist holds after its last sign-off; None: as long as usual
    symptoms: Mapping[str, Symptom] = field(default_factory=dict)
    on_loss: OnLoss = field(default_factory=OnLoss)
    errata: tuple[Erratum, ...] = ()
    sources: tuple[Source, ...] = ()
    digest: str = ""
    mode: str = ""  # whose course this is; empty: the whole definition

    def __hash__(self) -> int:
        """Give the digest's hash: equal content has an equal digest, and a mapping among the members has no hash."""
        return hash((self.digest, self.mode))

    def for_mode(self, mode: str) -> "Runbook":
        """Give the course that executions of this mode (`live` or `drill`) walk; its digest is the definition's."""
        return self if self.mode == mode else self._courses[mode]

    @cached_property
    def _courses(self) -> dict[str, "Runbook"]:
        return {mode: replace(self, mode=mode, steps=walked(self.steps, mode)) for mode in MODES}

    @cached_property
    def positions(self) -> tuple[str, ...]:
        """All positions in order: the actions of each step, then its sign-off."""
        return tuple(self._positions())

    def _positions(self) -> Iterator[str]:
        for step in self.steps:
            if step.order is Order.ANY:
                yield f"{step.id}.{ITEMS}"
            else:
                yield from (f"{step.id}.{action.id}" for action in step.actions)
            yield f"{step.id}.{SIGN_OFF}"

    @cached_property
    def rank(self) -> dict[str, int]:
        """Each position's place in the order; the terminal ones come after all."""
        return {position: place for place, position in enumerate((*self.positions, *TERMINAL))}

    @cached_property
    def actions(self) -> dict[str, Action]:
        """Actions by `step.action`, in order."""
        return {f"{step.id}.{action.id}": action for step in self.steps for action in step.actions}

    @cached_property
    def step_by_id(self) -> dict[str, Step]:
        """Steps by id."""
        return {step.id: step for step in self.steps}

    @cached_property
    def profile_ids(self) -> tuple[str, ...]:
        """Ids of the command profiles, the default first; the one word for none where there are none."""
        return tuple(profile.id for profile in self.command_profiles) or (NO_PROFILE,)

    @property
    def holds_days(self) -> int | None:
        """How many days a completed execution holds; None for a procedure, which is not done to be valid."""
        return (self.valid_days or VALID_DAYS) if self.kind is RunbookKind.CHECKLIST else None

    @cached_property
    def items(self) -> dict[str, tuple[str, ...]]:
        """The items (`step.action`) of each step without an order, by its one position `step.items`."""
        loose = [step for step in self.steps if step.order is Order.ANY]
        return {f"{step.id}.{ITEMS}": tuple(f"{step.id}.{action.id}" for action in step.actions) for step in loose}

    def position_of(self, action: str) -> str:
        """Give the position at which an action (`step.action`) is done: itself, or its step's one for all items."""
        shared = f"{action.partition('.')[0]}.{ITEMS}"
        return shared if action in self.items.get(shared, ()) else action

    def from_on(self, target: str) -> list[str]:
        """Give the positions from `target` on, and the items that go with them.

        An item has none after it in its own step: going back to one leaves its like alone.
        """
        position = self.position_of(target)
        own = self.items.get(position, ()) if target == position else (target,)
        later = self.positions[self.rank[position] + 1 :]
        return [position, *own, *(place for one in later for place in (one, *self.items.get(one, ())))]

    def step_of(self, position: str) -> Step:
        """Give the step a (not terminal) position belongs to."""
        return self.step_by_id[position.partition(".")[0]]

    def number_of(self, step_id: str) -> int:
        """Give the step's number, counted from 1."""
        return next(number for number, step in enumerate(self.steps, 1) if step.id == step_id)


def content_digest(content: Mapping[str, Any]) -> str:
    """Give the SHA-256 (lower-case hex) of a definition's RFC 8785 canonical JSON."""
    return hashlib.sha256(rfc8785.dumps(dict(content))).hexdigest()

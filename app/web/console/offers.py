"""Offers: what could be posted now and by whom, asked of the table that decides; a page shows it and adds nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from app.domain.case import Case
from app.domain.decision import objection
from app.domain.errors import Refusal, RoleRequired
from app.domain.events import Actor, EventType
from app.domain.facts import Facts
from app.domain.options import options, variants
from app.domain.rules import why_not
from app.domain.runbook import Runbook

#: In this order a page looks for the one thing that an execution waits for.
_AWAITED: Final = (EventType.RESUME, EventType.SIGN_OFF, EventType.CONFIRM, EventType.AUTHORIZE, EventType.RETRY)
#: In this order it looks for the one thing that the reader may do about it.
_FIRST: Final = (EventType.RESUME, EventType.SIGN_OFF, EventType.AUTHORIZE, EventType.CONFIRM, EventType.RETRY)


@dataclass(frozen=True, slots=True)
class Offering:
    """One type of event at the present position, to one person."""

    type: EventType
    role: str  # who could post it
    needs: tuple[str, ...]
    reasons: tuple[str, ...]  # why nobody can, in the reader's language; none: it is allowed
    against: Refusal | None  # why this person cannot

    @property
    def allowed(self) -> bool:
        """Whether somebody could post it now."""
        return not self.reasons

    @property
    def mine(self) -> bool:
        """Whether this person could."""
        return self.allowed and self.against is None

    @property
    def lacks_role(self) -> bool:
        """Whether it is for people of another role."""
        return isinstance(self.against, RoleRequired)


def offerings(runbook: Runbook, facts: Facts, actor: Actor, language: str) -> dict[str, Offering]:
    """Give every type of event as it is offered to `actor`; reasons are in `language` (`en` or `fr`)."""
    return {
        offer.type.value: Offering(
            type=offer.type,
            role=offer.role.value,
            needs=offer.needs,
            reasons=tuple(reason.in_language(language) for reason in found),
            against=None if facts.terminal else objection(Case(runbook, facts, offer.posted), actor),
        )
        for offer, found in options(runbook, facts)
    }


def awaited(offered: Mapping[str, Offering]) -> Offering | None:
    """Give what the execution waits for; None where it has ended."""
    return next((one for one in _goes_on(offered, _AWAITED) if "workloads" not in one.needs), None)


def first_for(offered: Mapping[str, Offering]) -> Offering | None:
    """Give the one thing that this person can do to go on; None where somebody else has to."""
    return next((one for one in _goes_on(offered, _FIRST) if one.mine and "break_glass" not in one.needs), None)


def _goes_on(offered: Mapping[str, Offering], kinds: Iterable[EventType]) -> Iterable[Offering]:
    """Give what is allowed of these types, but not a failure accepted as done: that is a way out, not the way on."""
    return (one for kind in kinds if (one := offered[kind]).allowed and "outcome" not in one.needs)


def nameable(runbook: Runbook, facts: Facts, kind: EventType) -> list[str]:
    """Give the actions (`step.action`) that an event of this type could name now."""
    found = (posted for needs, posted in variants(runbook, facts, kind) if "action" in needs)
    return [one.action for one in found if one.action is not None and not why_not(Case(runbook, facts, one))]

"""How a drill is marked and how it ends: every line says that it is one, its last sign-off attests how it went.

A drill that ends any other way was cut short: it has failed, unless nothing was done in it yet.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from app.domain.events import DrillOutcome, EventType
from app.domain.vocabulary import COMPLETED, DRILL

if TYPE_CHECKING:
    from app.domain.facts import Facts
    from app.domain.happening import Happening

#: What a drill's declaration promises. Journals of before have no such member: their lines bear no mark, and their
#: end needs no attestation.
PROMISE: Final = {"attestation": "required"}
MARK: Final = {"mode": DRILL}


@dataclass(frozen=True, slots=True)
class Drill:
    """How a drill went, by which event; all None while it goes on, `outcome` also where nothing was ever done."""

    outcome: DrillOutcome | None = None
    notes: str | None = None
    event: int | None = None
    at: str | None = None  # effective time, UTC RFC 3339


def promise(mode: str) -> dict[str, Any]:
    """Give what the declaration of an execution in this mode says besides."""
    return {DRILL: dict(PROMISE)} if mode == DRILL else {}


def mark(facts: "Facts") -> dict[str, str]:
    """Give what every further line of this execution says of itself."""
    return {} if facts.drill is None else dict(MARK)


def ended(draft: "Facts", event: "Happening", target: str) -> Drill | None:
    """Give how the drill went, as the event that leads it to its end says."""
    posted = event.posted
    if target == COMPLETED:
        outcome = posted.drill_outcome
    else:
        done = draft.actions or any(one.outcomes for one in draft.workloads.values())
        outcome = DrillOutcome.FAILED if done else None
    if draft.drill is None and posted.drill_outcome is None:
        return None
    return Drill(outcome, posted.comment, event.mark.number, event.when)


def attests(facts: "Facts", kind: EventType, following: str) -> bool:
    """Say whether an event of this type, which leads to `following` if it approves, has to say how the drill went."""
    return facts.drill is not None and kind is EventType.SIGN_OFF and following == COMPLETED

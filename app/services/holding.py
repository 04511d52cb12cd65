"""How long a signed-off checklist holds."""

from datetime import timedelta

from app.domain.runbook import Runbook
from app.domain.vocabulary import DRILL
from app.services import clock


def valid_until(runbook: Runbook, *, mode: str, completed_at: str | None) -> str | None:
    """Give until when a completed checklist is valid, counted from its last sign-off.

    `completed_at` and the answer are UTC RFC 3339 text. None for a procedure, for what is not completed, and in a
    drill: a rehearsal attests nothing.
    """
    days = runbook.holds_days
    if days is None or completed_at is None or mode == DRILL:
        return None
    return clock.stamp(clock.read(completed_at) + timedelta(days=days))

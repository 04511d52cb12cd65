"""What a runbook says, put into sentences: its failure table, what a second loss leads to, its positions by name."""

from typing import Any

from app.domain.runbook import LossRule, Runbook
from app.web.console import journal_said
from app.web.console.speech import Speech


def titles(runbook: Runbook, speech: Speech) -> dict[str, str]:
    """Give every position in words."""
    return {position: journal_said.title(position, runbook, speech) for position in runbook.positions}


def symptoms(runbook: Runbook, speech: Speech) -> list[dict[str, Any]]:
    """Give the failure table."""
    return [
        {
            "id": identifier,
            "symptom": speech.read(one.symptom),
            "advice": speech.read(one.advice),
            "outcomes": [outcome.value for outcome in one.outcomes],
        }
        for identifier, one in runbook.symptoms.items()
    ]


def losses(runbook: Runbook, speech: Speech) -> list[dict[str, str | None]]:
    """Give where a second loss of the primary leads, the first row that holds: when, whither (None: refused), why."""
    return [
        {
            "when": _when(rule, runbook, speech),
            "then": None if rule.to is None else _step(rule.to, runbook, speech),
            "why": speech.read(text) if (text := rule.refused or rule.because) else None,
        }
        for rule in runbook.on_loss.primary_lost
    ]


def secondary_loss(runbook: Runbook, speech: Speech) -> dict[str, str] | None:
    """Give what losing the secondary means; None where the runbook knows no such event."""
    loss = runbook.on_loss.secondary_lost
    if loss is None:
        return None
    return {
        "since": journal_said.title(loss.since, runbook, speech),
        "refused": speech.read(loss.refused),
        "running_at_secondary": speech.read(loss.running_at_secondary),
        "running_at_primary": speech.read(loss.running_at_primary),
    }


def _when(rule: LossRule, runbook: Runbook, speech: Speech) -> str:
    parts = [] if rule.step is None else [_step(rule.step, runbook, speech)]
    if rule.since is not None:
        after = journal_said.title(rule.since, runbook, speech)
        parts.append(speech.say("once this is confirmed: %(action)s", action=after))
    if rule.until is not None:
        before = journal_said.title(rule.until, runbook, speech)
        parts.append(speech.say("until this is confirmed: %(action)s", action=before))
    return ", ".join(parts)


def _step(identifier: str, runbook: Runbook, speech: Speech) -> str:
    step = runbook.step_by_id[identifier.partition(".")[0]]
    number = runbook.number_of(step.id)
    return speech.say("step %(number)s, %(name)s", number=number, name=speech.read(step.title))

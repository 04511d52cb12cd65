"""The runbook document: a definition in one language, as the contract describes it."""

from typing import Any

from app.domain.runbook import Action, Command, Effects, Runbook, Standing, Step, Text
from app.services.evidence_checks import expectations


def runbook_document(runbook: Runbook, language: str) -> dict[str, Any]:
    """Give the course of a mode (see `Runbook.for_mode`), whole, with its texts in `language` (`en` or `fr`)."""

    def say(text: Text | None) -> str | None:
        return None if text is None else text.in_language(language)

    return {
        **runbook_summary(runbook, language),
        "mode": runbook.mode,
        "parameters": [
            {
                "name": one.name,
                "required": one.required,
                "description": say(one.description),
                "example": one.example,
                "default": one.default,
                "choices": list(one.choices),
                "required_with": dict(one.required_with),
            }
            for one in runbook.parameters
        ],
        "command_profiles": [
            {"id": one.id, "title": say(one.title), "note": say(one.note)} for one in runbook.command_profiles
        ],
        "phases": [{"id": one.id, "title": say(one.title)} for one in runbook.phases],
        "steps": [_step(runbook, number, step, language) for number, step in enumerate(runbook.steps, 1)],
        "on_loss": _on_loss(runbook, language),
        "errata": [
            {"step": one.step, "source_says": say(one.source_says), "we_say": say(one.we_say), "why": say(one.why)}
            for one in runbook.errata
        ],
        "sources": [{"id": one.id, "title": say(one.title), "reference": one.reference} for one in runbook.sources],
    }


def runbook_summary(runbook: Runbook, language: str) -> dict[str, Any]:
    """Give what a list of runbooks shows."""
    return {
        "id": runbook.id,
        "version": runbook.version,
        "digest": runbook.digest,
        "title": runbook.title.in_language(language),
        "kind": runbook.kind.value,
        "valid_days": runbook.holds_days,
    }


def _step(runbook: Runbook, number: int, step: Step, language: str) -> dict[str, Any]:
    return {
        "number": number,
        "id": step.id,
        "title": step.title.in_language(language),
        "phase": step.phase,
        "order": step.order.value,
        "expected_minutes": step.expected_minutes,
        "profile_change": step.profile_change,
        "sign_off": {
            "approve": step.sign_off.approve.in_language(language),
            "reject": step.sign_off.reject.in_language(language),
        },
        "actions": [_action(runbook, action, language) for action in step.actions],
    }


def _action(runbook: Runbook, action: Action, language: str) -> dict[str, Any]:
    undo = action.undo
    return {
        "id": action.id,
        "kind": action.kind.value,
        "origin": action.origin.value,
        "source": action.source,
        "title": action.title.in_language(language),
        "instruction": action.instruction.in_language(language),
        "irreversible": action.irreversible,
        "consequence": None if action.consequence is None else action.consequence.in_language(language),
        "per_workload": action.per_workload,
        "optional": action.optional,
        "waivable": action.waivable,
        "undo": None
        if undo is None
        else {
            "to": undo.to,
            "until": list(undo.until),
            "profiles": list(undo.profiles) or list(runbook.profile_ids),
            "consequence": None if undo.consequence is None else undo.consequence.in_language(language),
            "commands": [_command(runbook, one) for one in undo.commands],
        },
        "profiles": list(action.profiles) or list(runbook.profile_ids),
        "commands": [_command(runbook, one) for one in action.commands],
        "expectation": None if action.expectation is None else action.expectation.in_language(language),
        "expects": expectations(runbook, action),
        "effects": _effects(action.effects),
        "symptoms": [
            {
                "id": one,
                "symptom": runbook.symptoms[one].symptom.in_language(language),
                "advice": runbook.symptoms[one].advice.in_language(language),
                "outcomes": [outcome.value for outcome in runbook.symptoms[one].outcomes],
            }
            for one in action.symptoms
        ],
    }


def _command(runbook: Runbook, command: Command) -> dict[str, Any]:
    return {
        "profiles": list(command.profiles) or list(runbook.profile_ids),
        "run_on": command.run_on,
        "shell": command.shell,
        "text": command.text,
        "verify": command.verify,
        "if_set": command.if_set,
        "if_not_set": command.if_not_set,
    }


def _effects(effects: Effects) -> dict[str, Any]:
    return {"vmm": _standing(effects.vmm), "workloads": _standing(effects.workloads)}


def _standing(standing: Standing | None) -> dict[str, str | None] | None:
    if standing is None:
        return None
    return {
        "site": None if standing.site is None else standing.site.value,
        "replication": None if standing.replication is None else standing.replication.value,
        "only_from": None if standing.only_from is None else standing.only_from.value,
    }


def _on_loss(runbook: Runbook, language: str) -> dict[str, Any]:
    secondary = runbook.on_loss.secondary_lost
    return {
        "primary_lost": [
            {
                "step": rule.step,
                "since": rule.since,
                "until": rule.until,
                "to": rule.to,
                "refused": None if rule.refused is None else rule.refused.in_language(language),
                "because": None if rule.because is None else rule.because.in_language(language),
            }
            for rule in runbook.on_loss.primary_lost
        ],
        "secondary_lost": None
        if secondary is None
        else {
            "since": secondary.since,
            "to": "escalated",
            "refused": secondary.refused.in_language(language),
            "running_at_secondary": secondary.running_at_secondary.in_language(language),
            "running_nowhere": secondary.running_nowhere.in_language(language),
            "recovery_points": secondary.recovery_points.in_language(language),
            "running_at_primary": secondary.running_at_primary.in_language(language),
        },
    }

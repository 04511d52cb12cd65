"""Journal lines said as sentences: who did what, about which action and workloads, in which words."""

from collections.abc import Mapping
from typing import Any

from app.domain.runbook import SIGN_OFF, Runbook
from app.web.console.speech import Speech
from app.web.console.words import in_language

#: Types that are about the execution, not about the action it stood at.
_ABOUT_ALL = frozenset(
    {"declare", "hold", "resume", "abort", "primary_lost", "secondary_lost", "hand_over", "note", "correct"}
)


def said(line: Mapping[str, Any], runbook: Runbook, speech: Speech) -> dict[str, Any]:
    """Give a line as a page shows it: its sentence in parts, and when."""
    data = line["data"]
    return {
        "number": line["number"],
        "type": line["type"],
        "who": line["actor"]["name"],
        "did": _did(line, speech),
        "what": _what(line, runbook, speech),
        "workloads": line["workloads"] if data.get("named") or line["type"] == "waive" else [],
        "comment": line["comment"],
        "recorded_at": line["recorded_at"],
        "performed_at": line["performed_at"],
        "performed_by": line["performed_by"],
        "evidence": len(line["evidence"]),
        "break_glass": bool(data.get("break_glass")),
        "symptom": _symptom(data.get("symptom"), runbook, speech),
        "recovery_point": data.get("recovery_point"),
        "corrects": data.get("corrects"),
    }


def _did(line: Mapping[str, Any], speech: Speech) -> str:
    if line["type"] == "sign_off" and line["data"].get("decision") == "reject":
        return speech.say("sent back")
    if line["type"] == "confirm" and line["data"].get("outcome") == "already_done":
        return speech.say("found it done")
    return in_language(speech.language)["did"][line["type"]]


def _what(line: Mapping[str, Any], runbook: Runbook, speech: Speech) -> str:
    """Give what the line is about: an action's title, a step's, a person, a profile."""
    data, position = line["data"], line["position_before"]
    match line["type"]:
        case "hand_over":
            return speech.say("to %(name)s", name=data.get("to_name", ""))
        case "change_profile":
            return _profile(data["command_profile"], runbook, speech)
        case "correct":
            return speech.say("line %(number)s", number=data["corrects"])
        case kind if kind in _ABOUT_ALL or position is None:
            return ""
        case _:
            return title(data.get("action") or position, runbook, speech)


def _profile(identifier: str, runbook: Runbook, speech: Speech) -> str:
    found = (speech.read(one.title) for one in runbook.command_profiles if one.id == identifier)
    return next(found, identifier)


def _symptom(identifier: str | None, runbook: Runbook, speech: Speech) -> str | None:
    symptom = runbook.symptoms.get(identifier or "")
    return None if symptom is None else f"{identifier} {speech.read(symptom.symptom)}"


def title(position: str, runbook: Runbook, speech: Speech) -> str:
    """Give a position in words: the action's title, or that of the step whose sign-off it is."""
    action = runbook.actions.get(position)
    if action is not None:
        return speech.read(action.title)
    step, _, last = position.partition(".")
    if step not in runbook.step_by_id:
        return in_language(speech.language)["status"].get(position, position)
    name = speech.read(runbook.step_by_id[step].title)
    return (
        speech.say("step %(number)s, %(name)s", number=runbook.number_of(step), name=name) if last == SIGN_OFF else name
    )

"""The notation of the hand-written walks: a document boiled down to short lines, none of its facts left out.

Times are minutes after the outage began (`+1:05`, `-0:30`), or `@3` for the moment event 3 was recorded. A position is
its action's id alone (they are unique), or `sign-off-3`. What is empty is `-`, and left out at the end of a line.

    fence-primary: done +0:10 ann #2 yes=ben   status, confirmed at, by, attempt (unless 1), authorized by
    step 1: signed_off @1 +0:10 +0:40 +0:45 ben/approver   status, entered, started, completed, signed off, by
    vmm: secondary none                        where it runs, which way it replicates
    sql01: secondary none waived point=R2/-0:30
    sql01 commit-workloads: done #1 e27        outcome, attempt, event
    bare vmm: +0:00..+55:00 +56:10..           windows without protection
    failures: F14 e14 web01                    symptom, event, workloads (or "whole") of each, then the comment
    authorized: ben e28 +2:22 sql01 web01             the standing authorization
    for: sql01 web01                           which workloads there are commands for, or "whole"
    can: confirm>sign-off-1 undo               what is allowed, see below

`can` names a type, `/role` where it is not the usual one, `+member` where the members needed are not the usual ones
(in the alphabet's order, `+` alone for none), `>position` where it opens one. Left out are those that are always
there: hold, abort, hand_over, note, correct, and at an action report_failure. Whatever is not allowed has to be
refused, with reasons. `glass` is short for breaking the glass over an authorization that stands.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from app.domain.events import EventType

#: The domain page's steps and actions, by hand.
STEPS: Final[Mapping[str, tuple[str, ...]]] = {
    "fail-over-vmm": ("fence-primary", "fail-over-vmm-vm", "start-vmm-vm"),
    "fail-over-workloads": (
        "verify-vmm",
        "verify-provider",
        "complete-vmm-failover",
        "fail-over-workload-vms",
        "check-workloads",
        "commit-workloads",
    ),
    "confirm-access": ("vmm-at-secondary", "confirm-users-can-work"),
    "reverse-vmm-replication": (
        "primary-site-available",
        "old-workload-vms-off",
        "old-vmm-vm-off",
        "primary-accepts-replication",
        "mark-old-primary-as-replica",
        "reverse-vmm-replication",
        "vmm-initial-replication-complete",
    ),
    "fail-back-vmm": (
        "no-vault-job-running",
        "prepare-planned-failover",
        "fail-over-vmm-vm-to-primary",
        "commit-vmm-failback",
        "reverse-vmm-replication-again",
        "start-vmm-vm-at-primary",
    ),
    "reverse-workload-replication": (
        "vmm-ready-at-primary",
        "reverse-workloads",
        "workload-initial-replication-complete",
    ),
    "fail-back-workloads": (
        "fail-back-workload-vms",
        "check-workloads-at-primary",
        "commit-workload-failback",
        "reverse-workloads-again",
        "steady-state-restored",
    ),
}
STEP_OF: Final = {action: step for step, actions in STEPS.items() for action in actions}
ENDS: Final = ("completed", "aborted", "escalated")
NUMBERS: Final = {step: number for number, step in enumerate(STEPS, 1)}

#: The contract's table of events: the role, and the members needed besides type and at.
USUAL: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "confirm": ("operator", ()),
    "report_failure": ("operator", ("comment",)),
    "retry": ("operator", ()),
    "choose_recovery_point": ("operator", ("recovery_point",)),
    "undo": ("operator", ("action", "comment")),
    "authorize": ("approver", ()),
    "waive": ("coordinator", ("comment",)),
    "change_profile": ("coordinator", ("command_profile", "comment")),
    "sign_off": ("approver", ("decision",)),
    "hold": ("coordinator", ("comment",)),
    "resume": ("coordinator", ()),
    "abort": ("coordinator", ("comment",)),
    "primary_lost": ("coordinator", ("comment",)),
    "secondary_lost": ("coordinator", ("comment",)),
    "hand_over": ("coordinator", ("to",)),
    "note": ("operator", ("comment",)),
    "correct": ("operator", ("corrects", "comment")),
}
Told = Callable[[str | None], str]  # a time of the document in the notation


def full(place: str) -> str:
    """Give a position in full: `sign-off-1` and `fence-primary` are of `fail-over-vmm`."""
    if place.startswith("sign-off-"):
        return f"{list(STEPS)[int(place[9:]) - 1]}.sign-off"
    return place if place in ENDS else f"{STEP_OF[place]}.{place}"


def short(position: str | None) -> str:
    """Give a position of a document in the notation."""
    if position is None:
        return "-"
    step, _, action = position.partition(".")
    return f"sign-off-{NUMBERS[step]}" if action == "sign-off" else action or step


def line(*parts: str) -> str:
    """Give parts as one line, without what is empty at its end."""
    said = [part or "-" for part in parts]
    while said and said[-1] == "-":
        said.pop()
    return " ".join(said)


def always(status: str, place: str) -> set[str]:
    """Give what `can` leaves out: the contract's "not terminal", "always" and "at an action"."""
    if status in ENDS:
        return {"note", "correct"}
    kept = {"note", "correct", "hand_over", "abort>aborted"}
    if status != "on_hold":
        kept.add("hold")
    return kept if place.startswith("sign-off-") else kept | {"report_failure"}


def boiled_down(document: Mapping[str, Any], told: Told) -> dict[str, str]:
    """Give all that an execution document says of the state, in the notation."""
    action, here = document["action"], short(document["position"])
    lines = {
        "status": document["status"],
        "position": here,
        "attempt": str(document["attempt"]),
        "coordinator": document["coordinator"]["name"],
        "profile": document["command_profile"],
        "restored_at": told(document["restored_at"]),
        "completed_at": told(document["completed_at"]),
        "failures": ", ".join(_failure(one) for one in document["failures"]),
        "authorized": _yes(action["authorized_by"], told) if action else "",
        "for": _commands_for(action) if action else "",
        "can": _can(document, here),
    }
    for step in document["steps"]:
        lines[f"step {step['number']}"] = _step(step, told)
        for one in step["actions"]:
            lines[one["id"]] = _action(one, told)
    lines["vmm"] = _place(document["site_picture"]["vmm"])
    for one in document["workloads"]:
        point = one["recovery_point"]
        lines[one["name"]] = " ".join(
            [
                _place(one),
                *(["waived"] if one["waived"] else []),
                *([f"point={point['label']}/{told(point['time'])}"] if point else []),
            ]
        )
        for outcome in one["outcomes"]:
            key = f"{one['name']} {short(outcome['at'])}"
            what = f"{outcome['outcome']} #{outcome['attempt']} e{outcome['event']}"
            lines[key] = f"{lines[key]}, {what}" if key in lines else what
    for subject in ("vmm", *(one["name"] for one in document["workloads"])):
        windows = [one for one in document["unprotected"] if one["subject"] == subject]
        said = [f"{told(one['from'])}..{told(one['until']) if one['until'] else ''}" for one in windows]
        lines[f"bare {subject}"] = " ".join(said)
    return lines


def _place(place: Mapping[str, Any]) -> str:
    return f"{place['site']} {place['replication']}"


def _step(step: Mapping[str, Any], told: Told) -> str:
    signed = [f"{one['name']}/{one['role']}{'/glass' * one['break_glass']}" for one in step["signed_off_by"]]
    times = (told(step[name]) for name in ("entered_at", "started_at", "completed_at", "signed_off_at"))
    return line(step["status"], *times, *signed)


def _action(action: Mapping[str, Any], told: Told) -> str:
    said = [action["status"]]
    if action["confirmed_at"] or action["confirmed_by"]:
        said += [told(action["confirmed_at"]), action["confirmed_by"]["name"]]
    said += [f"#{action['attempt']}"] if action["attempt"] != 1 else []
    said += [f"yes={action['authorized_by']['name']}"] if action["authorized_by"] else []
    return " ".join(said)


def _failure(failure: Mapping[str, Any]) -> str:
    about = " ".join(failure["workloads"]) or "whole"
    comment = f": {failure['comment']}" if failure["comment"] else ""
    return f"{failure['symptom'] or '-'} e{failure['event']} {about}{comment}"


def _yes(authorized_by: Mapping[str, Any] | None, told: Told) -> str:
    if authorized_by is None:
        return ""
    glass = ["glass"] if authorized_by["break_glass"] else []
    who = [authorized_by["name"], f"e{authorized_by['event']}", told(authorized_by["at"])]
    return " ".join([*who, *glass, *authorized_by["workloads"]])


def _commands_for(action: Mapping[str, Any]) -> str:
    return " ".join(dict.fromkeys(one["workload"] or "whole" for one in action["commands"]))


def _can(document: Mapping[str, Any], here: str) -> str:
    tokens = {_token(one) for one in document["allowed"]}
    missing = always(document["status"], here) - tokens
    refused = {one["type"] for one in document["refused"]}
    assert not missing, f"always allowed, and yet not here: {missing}"
    assert all(one["reasons"] for one in document["refused"])
    types = [one["type"] for one in document["allowed"]]
    assert sorted([*types, *refused]) == sorted(set(EventType) - {EventType.DECLARE}), "each once, allowed or refused"
    return " ".join(sorted(tokens - always(document["status"], here)))


def _token(allowed: Mapping[str, Any]) -> str:
    role, needs = USUAL[allowed["type"]]
    said: str = allowed["type"]
    said += f"/{allowed['role']}" if allowed["role"] != role else ""
    if sorted(allowed["needs"]) != sorted(needs):
        said += "+" + "+".join(sorted(allowed["needs"]))
    return said + (f">{short(allowed['opens'])}" if allowed["opens"] else "")

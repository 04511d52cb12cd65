"""An execution: declared, then folded forward one event at a time; folding its journal gives its stored facts."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.domain.course import onward
from app.domain.effects import EFFECTS
from app.domain.events import REMARKS, EventType, FourEyes, posted_from
from app.domain.facts import Facts, Mark, Person, Place, StepTimes, Window, Workload
from app.domain.happening import Happening
from app.domain.machine import Machine
from app.domain.runbook import TERMINAL, Runbook, Standing
from app.domain.sites import VMM


def declared(runbook: Runbook, line: Mapping[str, Any]) -> Facts:
    """Give the facts right after the first line of a journal (a `declare`), `head` and version included."""
    data = line["data"]
    person = Person(line["actor"]["id"], line["actor"]["name"])
    mark = Mark(line["number"], line["type"], person, line["recorded_at"])
    outage = data["outage_started_at"]
    pictures = runbook.site_picture
    facts = Facts(
        title=data["title"],
        mode=data["mode"],
        position=f"{runbook.steps[0].id}.{runbook.steps[0].actions[0].id}",
        profile=data["command_profile"],
        four_eyes=FourEyes(data["policy"]["four_eyes"]),
        policy=dict(data["policy"]),
        parameters=dict(data["parameters"]),
        targets=dict(data["targets"]),
        coordinator=person,
        declared_at=line["recorded_at"],
        outage_started_at=outage,
        vmm=_place(pictures.outage.vmm),
        workloads={
            one["name"]: Workload(one["name"], dict(one["parameters"]), _place(pictures.outage.workloads))
            for one in data["workloads"]
        },
        unprotected=[Window(subject, outage) for subject in (VMM, *(one["name"] for one in data["workloads"]))],
    )
    _enter(facts, runbook, facts.position, mark, when=line["recorded_at"], before=None)
    return _stamped(facts, line)


def _place(standing: Standing) -> Place:
    return Place(standing.site or "none", standing.replication or "none")


def apply(machine: Machine, facts: Facts, line: Mapping[str, Any]) -> Facts:
    """Give the facts after one more line; `facts` stay as they are.

    Raises TransitionRefused (from the machine) when no transition leads where the line's effects lead.
    """
    posted = posted_from(line)
    person = Person(line["actor"]["id"], line["actor"]["name"])
    happening = Happening(
        runbook=machine.runbook,
        posted=posted,
        mark=Mark(line["number"], line["type"], person, line["recorded_at"]),
        role=line["actor"]["role"],
        when=line["performed_at"] or line["recorded_at"],
        workloads=tuple(line["workloads"]),
    )
    return _stamped(follow(machine, facts, happening), line)


def follow(machine: Machine, facts: Facts, happening: Happening) -> Facts:
    """Give the facts that an event leads to, without number and hash: also what `allowed` looks ahead with."""
    draft = facts.copy()
    kind, here, attempts = happening.posted.type, facts.position, facts.attempt
    target = EFFECTS[kind](draft, happening)
    if target not in TERMINAL and kind not in REMARKS:
        target, passed = onward(draft, machine.runbook, target) if target != here or _leaves(kind) else (here, [])
    else:
        passed = []
    target = machine.move(kind, here, target)  # the last arbiter: raises where the machine has no such transition
    draft.position = here
    if target != here:
        _enter(draft, machine.runbook, target, happening.mark, when=happening.when, before=here, passed=passed)
    elif draft.attempt != attempts:
        draft.visit = {}
        draft.entered_by = happening.mark
    if kind not in REMARKS:
        draft.visit[kind.value] = happening.mark
        _note_start(draft, machine.runbook, here, happening.when)
    return draft


def _leaves(kind: EventType) -> bool:
    """Say whether the event may find its own position closed (the new profile lacks it)."""
    return kind is EventType.CHANGE_PROFILE


def _enter(
    draft: Facts,
    runbook: Runbook,
    target: str,
    mark: Mark,
    *,
    when: str,
    before: str | None,
    passed: list[str] | None = None,
) -> None:
    """Put the execution at `target`: who moved it, what is void, which step it is in."""
    if before is None:
        target, passed = onward(draft, runbook, target)
    rank = runbook.rank
    forward = before is None or rank[target] > rank[before]
    left = [] if before is None else [before, *(passed or [])]
    if before is not None and forward:
        draft.failures = [failure for failure in draft.failures if failure.position != before]
    if before is not None and not forward:
        left = [place for place in runbook.positions[rank[target] : rank[before] + 1] if place != target]
    for place in left:
        draft.left_by[place] = mark
    for place in passed or []:
        draft.left_by[place] = mark
        if place not in draft.passed:
            draft.passed.append(place)
    draft.authorizations = []
    draft.position = target
    draft.visit = {}
    draft.entered_by = mark
    if target in TERMINAL:
        return
    draft.attempts.setdefault(target, 1)
    step = runbook.step_of(target).id
    if step not in draft.steps:
        draft.steps[step] = StepTimes(when)
    completed = when if draft.at_sign_off else None
    draft.steps[step] = replace(draft.steps[step], completed_at=completed)


def _note_start(draft: Facts, runbook: Runbook, here: str, when: str) -> None:
    """Note when something was first said in the step that the event was about."""
    if here in TERMINAL:
        return
    step = runbook.step_of(here).id
    times = draft.steps.get(step)
    if times is not None and times.started_at is None:
        draft.steps[step] = replace(times, started_at=when)


def _stamped(facts: Facts, line: Mapping[str, Any]) -> Facts:
    facts.version = line["number"]
    facts.head = line["hash"]
    facts.recorded_at = line["recorded_at"]
    return facts


def passed_by(before: Facts, after: Facts) -> dict[str, list[str]]:
    """Give what the line's `data` says of the positions that the event passed over: nothing where there are none."""
    passed = [place for place in after.passed if place not in before.passed]
    return {"passed": passed} if passed else {}

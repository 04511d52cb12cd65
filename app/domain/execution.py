"""An execution: declared, then folded forward one event at a time; folding its journal gives its stored facts."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from app.domain.case import place_of
from app.domain.course import onward
from app.domain.drill import Drill, ended
from app.domain.effects import EFFECTS
from app.domain.events import AT_REQUIRED, REMARKS, FourEyes, posted_from
from app.domain.facts import Facts, Mark, Person, Place, Said, StepTimes, Window, Workload
from app.domain.happening import Happening, said_as
from app.domain.machine import Machine
from app.domain.protected_sets import declared_for
from app.domain.runbook import TERMINAL, Runbook, Standing
from app.domain.sites import VMM
from app.domain.vocabulary import DRILL


def declared(runbook: Runbook, line: Mapping[str, Any]) -> Facts:
    """Give the facts right after the first line of a journal (a `declare`)."""
    data = line["data"]
    person = Person(line["actor"]["id"], line["actor"]["name"])
    mark = Mark(line["number"], line["type"], person, line["recorded_at"])
    outage = data["outage_started_at"]
    names = [one["name"] for one in data["workloads"]]
    vmm, others, subjects = Standing(), Standing(), list[str]()
    if runbook.site_picture is not None:
        after = runbook.site_picture.outage
        vmm, others, subjects = after.vmm, after.workloads, [VMM, *names]
    facts = Facts(
        title=data["title"],
        mode=data["mode"],
        position=runbook.positions[0],
        profile=data["command_profile"],
        four_eyes=FourEyes(data["policy"]["four_eyes"]),
        policy=dict(data["policy"]),
        parameters=dict(data["parameters"]),
        targets=dict(data["targets"]),
        coordinator=person,
        declared_at=line["recorded_at"],
        outage_started_at=outage,
        vmm=_place(vmm),
        workloads={
            one["name"]: Workload(one["name"], dict(one["parameters"]), _place(others)) for one in data["workloads"]
        },
        drill=Drill() if DRILL in data else None,
        protected_set=declared_for(runbook, data),
        not_ready=[dict(one) for one in data["not_ready"]],
        unprotected=[Window(subject, outage) for subject in subjects],
    )
    first, passed = onward(facts, runbook, facts.position)
    _enter(facts, runbook, first, mark, when=line["recorded_at"], left=(), passed=passed)
    return stamped(facts, line)


def _place(standing: Standing) -> Place:
    return Place(str(standing.site or "none"), str(standing.replication or "none"))


def stamped(facts: Facts, line: Mapping[str, Any]) -> Facts:
    """Give the facts with what only their line knows: its number, time and, once it is sealed, its hash."""
    facts.version = line["number"]
    facts.head = line.get("hash", "")
    facts.recorded_at = line["recorded_at"]
    return facts


def apply(machine: Machine, facts: Facts, line: Mapping[str, Any]) -> Facts:
    """Give the facts after one more line; `facts` stay as they are.

    Raises TransitionRefused (from the machine) when no transition leads where the line's effects lead.
    """
    happening = Happening(
        runbook=machine.runbook,
        posted=posted_from(line),
        mark=Mark(
            line["number"], line["type"], Person(line["actor"]["id"], line["actor"]["name"]), line["recorded_at"]
        ),
        role=line["actor"]["role"],
        when=line["performed_at"] or line["recorded_at"],
        workloads=tuple(line["workloads"]),
    )
    return stamped(follow(machine, facts, happening)[0], line)


def follow(machine: Machine, facts: Facts, happening: Happening) -> tuple[Facts, list[str]]:
    """Give the facts that an event leads to, not yet stamped, and the positions that it passed over.

    Also what `allowed` looks ahead with. Raises TransitionRefused where the machine has no such way.
    """
    draft = facts.copy()
    runbook, kind = machine.runbook, happening.posted.type
    here, attempt = facts.position, facts.attempt
    target, passed = EFFECTS[kind](draft, happening), list[str]()
    if target not in TERMINAL and kind not in REMARKS:
        target, passed = onward(draft, runbook, target)
    target = machine.move(kind, here, target)
    if target != here:
        if target in TERMINAL and draft.mode == DRILL:
            draft.drill = ended(draft, happening, target)
        left = _left(runbook, here, target)
        _enter(draft, runbook, target, happening.mark, when=happening.when, left=left, passed=passed)
    elif draft.attempt != attempt:
        draft.visit = {}
        draft.entered_by = happening.mark
    place = place_of(runbook, here, happening.posted)
    if place != here and place in draft.actions:
        draft.left_by[place] = happening.mark
    elif place != here and draft.attempt_at(place) != facts.attempt_at(place):  # what was said of the item is past
        draft.visit = {said: one for said, one in draft.visit.items() if one.action != place}
    if kind not in REMARKS:
        if target == here or kind not in AT_REQUIRED:  # else whoever repeats it speaks of a position that has moved
            posted = happening.posted
            draft.visit[said_as(kind, here, place)] = Said(happening.mark, here, happening.workloads, posted.action)
        _note_start(draft, runbook, here, happening.when)
    return draft, passed


def _left(runbook: Runbook, here: str, target: str) -> tuple[str, ...]:
    """Give the positions that a move leaves: the one it starts from, and on the way back all that it crosses."""
    if runbook.rank[target] > runbook.rank[here]:
        return (here,)
    return runbook.positions[runbook.rank[target] + 1 : runbook.rank[here] + 1]


def _enter(
    draft: Facts, runbook: Runbook, target: str, mark: Mark, *, when: str, left: Iterable[str], passed: list[str]
) -> None:
    """Put the execution at `target`: who moved it, what is void, which step it is in."""
    behind = tuple(dict.fromkeys([*left, *passed]))
    if target not in TERMINAL and all(runbook.rank[place] < runbook.rank[target] for place in behind):
        draft.failures = [failure for failure in draft.failures if failure.position not in behind]
    for place in behind:
        draft.left_by[place] = mark
    draft.passed += [place for place in passed if place not in draft.passed]
    draft.authorizations = []
    draft.position = target
    draft.visit = {}
    draft.entered_by = mark
    if target in TERMINAL:
        return
    for place in (target, *runbook.items.get(target, ())):
        draft.attempts.setdefault(place, 1)
    step = runbook.step_of(target).id
    times = draft.steps.get(step, StepTimes(when))
    draft.steps[step] = replace(times, completed_at=when if draft.at_sign_off else None)


def _note_start(draft: Facts, runbook: Runbook, here: str, when: str) -> None:
    """Note when something was first said in the step that the event was about, if the step still stands."""
    step = runbook.step_of(here).id
    times = draft.steps.get(step)
    if times is not None and times.started_at is None:
        draft.steps[step] = replace(times, started_at=when)

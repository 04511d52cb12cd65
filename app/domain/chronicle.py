"""A journal followed line by line and told as stretches of time: what the clocks are read from.

Order is by number alone. A stretch begins and ends at the effective times of the events that changed place or state;
what changes neither (a note, a correction, the second of three workloads) is no boundary.
"""

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import replace
from typing import Any

from app.domain.events import REMARKS, EventType
from app.domain.execution import apply, declared
from app.domain.facts import Facts, Point
from app.domain.machine import machine_for
from app.domain.runbook import Runbook
from app.domain.stretches import Outage, Stretch, UsedPoint, Visit, state_of
from app.domain.timers import begun, enters_a_step, followed, starts_an_outage


class Chronicle:
    """An execution's facts with how it came to them in time. Take a `copy` before following a shared one further."""

    def __init__(self, runbook: Runbook, line: Mapping[str, Any]) -> None:
        """Begin with a journal's first line; `runbook` is the course that the execution walks."""
        self.runbook = runbook
        self.facts: Facts = declared(runbook, line)
        self.timers = begun(runbook, self.facts)
        since = self.timers.outage_since
        self.outages = [] if since is None else [Outage(since, 1)]  # the last one ends when the facts say
        self.point_outages: dict[str, str | None] = {}  # by workload: beginning of the outage its point was chosen in
        self.vmm_point: UsedPoint | None = None
        self.visits = [Visit(runbook.step_of(self.facts.position).id, self.facts.declared_at)]
        state = state_of(runbook, self.facts, begun=False)
        self.stretches = [Stretch(self.facts.position, state, self.facts.declared_at, 1)]

    @property
    def ended_at(self) -> str | None:
        """The effective time of the event that ended the execution."""
        return self.timers.ended_at

    def copy(self) -> "Chronicle":
        """Give one that may be followed further without touching this."""
        other = copy(self)
        other.outages, other.point_outages = list(self.outages), dict(self.point_outages)
        other.visits, other.stretches = list(self.visits), list(self.stretches)
        return other

    def add(self, line: Mapping[str, Any]) -> None:
        """Take the next line of the journal, which is intact."""
        before, when, kind = self.facts, line["performed_at"] or line["recorded_at"], EventType(line["type"])
        self.facts = after = apply(machine_for(self.runbook, before.profile), before, line)
        if kind in REMARKS:
            return
        if starts_an_outage(before, after, kind):
            self.outages[-1] = replace(self.outages[-1], until=before.restored_at)
            self.outages.append(Outage(when, line["number"]))
        ended = after.terminal
        anew = ended or enters_a_step(self.runbook, before, after, kind)
        self.visits[-1] = replace(self.visits[-1], begun=True)
        if anew:
            self.visits[-1] = replace(self.visits[-1], left_at=when, timers=self.timers)
        if anew and not ended:
            self.visits.append(Visit(self.runbook.step_of(after.position).id, when))
        self.timers = followed(self.timers, self.runbook, before, after, kind=kind, when=when)
        self._note_points(before, line)
        self._note_stretch(line["number"], when, anew=anew)

    def _note_points(self, before: Facts, line: Mapping[str, Any]) -> None:
        """Note which outage newly chosen recovery points are measured against."""
        for name, workload in self.facts.workloads.items():
            if workload.recovery_point != before.workloads[name].recovery_point:
                self.point_outages[name] = self.timers.outage_since
        point, action = line["data"].get("recovery_point"), self.runbook.actions.get(before.position)
        if point is not None and action is not None and not action.per_workload:
            used = Point(point["label"], point["time"])
            self.vmm_point = UsedPoint(before.position, used, self.timers.outage_since)

    def _note_stretch(self, number: int, when: str, *, anew: bool) -> None:
        """Begin another stretch where the place or the state has changed, or the step is visited `anew`."""
        facts, last = self.facts, self.stretches[-1]
        if facts.terminal:
            self.stretches[-1] = replace(last, until=when, last=number)
            return
        state = state_of(self.runbook, facts, begun=self.visits[-1].begun)
        if anew or (facts.position, state) != (last.position, last.state):
            self.stretches[-1] = replace(last, until=when, last=number)
            self.stretches.append(Stretch(facts.position, state, when, number))


def chronicle(runbook: Runbook, lines: Iterable[Mapping[str, Any]]) -> Chronicle:
    """Follow a whole, intact journal of a definition; raises ValueError for an empty one."""
    found: Chronicle | None = None
    for line in lines:
        if found is None:
            found = Chronicle(runbook.for_mode(line["data"]["mode"]), line)
        else:
            found.add(line)
    if found is None:
        raise ValueError("the journal is empty")
    return found

"""The state machine: built from the table of rules, by `transitions`, which has the last word on every move.

One flat machine per runbook and command profile, built once, shared by all threads, never changed. Guards are
evaluated from the table, all of them, so that a refusal gives every reason; the machine then arbitrates.
"""

import logging
from collections.abc import Iterator
from functools import cache

from transitions import EventData, MachineError
from transitions import Machine as TransitionsMachine

from app.domain.errors import TransitionRefused
from app.domain.events import EventType
from app.domain.rules import RULES
from app.domain.runbook import TERMINAL, Runbook

logging.getLogger("transitions").setLevel(logging.WARNING)


class Move:
    """What the machine moves: a state and where the event wants it. Never registered, made for one event."""

    __slots__ = ("state", "target")

    def __init__(self, state: str, target: str) -> None:
        """Stand at `state`, about to go to `target`."""
        self.state = state
        self.target = target


def _leads_there(event: EventData) -> bool:
    """Let only the transition through that leads where the event's effects lead."""
    move = event.model
    return isinstance(move, Move) and event.transition is not None and event.transition.dest == move.target


class Machine:
    """The machine of one runbook under one command profile."""

    def __init__(self, runbook: Runbook, profile: str) -> None:
        """Build every transition that the table allows."""
        self.runbook = runbook
        self.profile = profile
        self._ways: dict[tuple[EventType, str, str], str] = {}
        self.machine = TransitionsMachine(
            model=None,
            states=[*runbook.positions, *TERMINAL],
            initial=runbook.positions[0],
            auto_transitions=False,
            send_event=True,
        )
        for kind, rule in RULES.items():
            for source in runbook.positions:
                for dest in rule.leads(runbook, profile, source):
                    self.machine.add_transition(kind.value, source, dest, conditions=_leads_there)
        for kind in (EventType.NOTE, EventType.CORRECT):
            for position in TERMINAL:
                self.machine.add_transition(kind.value, position, position, conditions=_leads_there)

    def move(self, kind: EventType, source: str, target: str) -> str:
        """Give the state the machine goes to from `source`; raises TransitionRefused where it has no such way."""
        way = self._ways.get((kind, source, target))
        if way is None:  # the machine has no memory, so what it said once it would say again
            way = self._ways[kind, source, target] = self._moved(kind, source, target)
        return way

    def _moved(self, kind: EventType, source: str, target: str) -> str:
        move = Move(source, target)
        try:
            moved = self.machine.events[kind.value].trigger(move)
        except (MachineError, KeyError, ValueError):  # a wrong state, no such event, no such state
            moved = False
        if not moved:
            raise TransitionRefused(f"The machine has no way from {source} to {target} by {kind.value}.")
        return move.state

    def edges(self) -> Iterator[tuple[str, str, str]]:
        """Give (event, source, destination) of every transition, for the diagrams."""
        for name, event in self.machine.events.items():
            for transitions in event.transitions.values():
                yield from ((name, one.source, one.dest) for one in transitions if one.dest is not None)


@cache
def machine_for(runbook: Runbook, profile: str) -> Machine:
    """Give the shared machine of a runbook and profile, built at first use."""
    return Machine(runbook, profile)

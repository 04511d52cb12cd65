"""A posted event in the execution's own names: workloads as written there, actions in full, operators known."""

from dataclasses import replace

from app.domain.errors import FieldFault, InvalidRequest
from app.domain.events import EventType, Posted
from app.domain.facts import Facts
from app.storage import identities
from app.storage.batch import Batch
from app.storage.rows import fold


def in_own_names(batch: Batch, facts: Facts, posted: Posted) -> Posted:
    """Give the event in the execution's own names; raises InvalidRequest naming every one it does not know."""
    faults = []
    if posted.workloads is not None:
        known = {fold(name): name for name in facts.workloads}
        wanted = [fold(name) for name in posted.workloads]
        faults = [
            FieldFault(f"/workloads/{place}", "no workload of this execution has that name")
            for place, name in enumerate(wanted)
            if name not in known
        ]
        faults += [
            FieldFault(f"/workloads/{place}", "is named twice")
            for place, name in enumerate(wanted)
            if name in wanted[:place]
        ]
        if not faults:
            named = set(wanted)
            posted = replace(posted, workloads=tuple(name for name in facts.workloads if fold(name) in named))
    if posted.type is not EventType.HAND_OVER and (posted.action is not None or posted.to is not None):
        posted = replace(posted, action=_in_full(posted, posted.action), to=_in_full(posted, posted.to))
    if posted.type is EventType.HAND_OVER and posted.to is not None:
        operator = identities.operator(batch.connection, posted.to)
        if operator is None:
            faults.append(FieldFault("/to", "no operator has that id; GET /me gives one's own"))
        else:
            posted = replace(posted, to_name=operator.name)
    if faults:
        raise InvalidRequest(*faults)
    return posted


def _in_full(posted: Posted, action: str | None) -> str | None:
    """Give `step.action` for an action that may be named by its id alone when it is of the step posted `at`.

    Not of the current step: a request that comes again, or late, has to mean what it meant.
    """
    if action is None or posted.at is None or "." in action:
        return action
    return f"{posted.at.partition('.')[0]}.{action}"

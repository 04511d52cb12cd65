"""Evidence before it is sent: what an action expects, as documents say it, and a check that records nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.errors import FieldFault, InvalidRequest
from app.domain.evidence_asked import expected_of, lacking_of, with_checks
from app.domain.facts import Facts
from app.domain.runbook import Action, Runbook
from app.storage.rows import fold


def expectations(runbook: Runbook, action: Action) -> list[dict[str, Any]]:
    """Give an action's expectations as documents show them; `about` is the parameter, `workload`, or a name."""
    return [
        {
            "output": one.output.value,
            "about": one.subject or one.named,
            "site": None if one.site is None else one.site.value,
            "profiles": list(one.profiles) or list(runbook.profile_ids),
            "mode": list(one.mode),
            "state": list(one.state),
            "active_location": list(one.active_location),
            "allows": list(one.allows),
            "not_allows": list(one.not_allows),
        }
        for one in action.expects
    ]


def dry_run(
    runbook: Runbook,
    facts: Facts,
    *,
    evidence: Sequence[Mapping[str, Any]],
    at: str | None = None,
    workloads: Sequence[str] = (),
) -> dict[str, Any]:
    """Give the verdict that each piece of evidence would get, without recording anything.

    Takes pieces as a line keeps them. `at` is the action's position, the current one by default (at `<step>.items` the
    item); `workloads` those it would be confirmed for, by default all that are open there. A check is None where
    nothing is expected that an output could show; `lacking` names whom no evidence is about yet. Raises InvalidRequest
    naming the member at fault.
    """
    place = at or facts.position
    action = runbook.actions.get(place)
    if action is None:
        raise InvalidRequest(FieldFault("/at", "is no action of this runbook; give one as step.action"))
    known = {fold(name): name for name in facts.workloads}
    faults = [
        FieldFault(f"/workloads/{number}", "no workload of this execution has that name")
        for number, name in enumerate(workloads)
        if fold(name) not in known
    ]
    if faults:
        raise InvalidRequest(*faults)
    chosen = [known[fold(name)] for name in workloads] or facts.unsettled(place)
    wanted = expected_of(runbook, facts, action, chosen)
    pieces = with_checks(evidence, wanted)
    return {"at": place, "checks": [one["check"] for one in pieces], "lacking": lacking_of(wanted, pieces)}

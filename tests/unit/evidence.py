"""Outputs that show what an action expects, for lives and walks that need them."""

import json
from typing import Any

from app.domain.evidence_asked import expected_of
from app.domain.parts import Action, Expectation
from app.domain.vocabulary import Output
from tests.life import Life


def output(value: Any) -> dict[str, Any]:
    """Give a piece of evidence as a line keeps it."""
    return {
        "kind": "output", "name": None, "media_type": None, "digest": "0", "content": json.dumps(value), "check": None,
    }  # fmt: skip


def printed(one: Expectation, name: str) -> dict[str, Any]:
    """Give an output that shows what is expected."""
    if one.output is Output.ASR_PROTECTED_ITEM:
        return {
            "friendlyName": name,
            "activeLocation": one.active_location[0],
            "allowedOperations": ["DisableReplication", *one.allows],
        }
    if one.output is Output.SERVICE:
        return {"Name": name, "Status": one.state[0]}
    return {"Name": name, "State": one.state[0], **({"Mode": one.mode[0]} if one.mode else {})}


def shown(life: Life, action: Action) -> tuple[dict[str, Any], ...]:
    """Give evidence for all that the current action expects."""
    names = life.facts.unsettled(life.position) if action.per_workload else []
    wanted = expected_of(life.runbook, life.facts, action, names)
    return tuple(output(printed(one.expectation, one.subject)) for one in wanted)

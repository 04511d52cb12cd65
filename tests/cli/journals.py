"""Journals for tests of the command line, written by the domain itself: no service, no database."""

import json
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from app.domain.chain import GENESIS, hash_of
from app.domain.events import Actor, Decision, EventType, Posted, Role
from app.domain.lines import first_line, next_line
from app.domain.machine import machine_for
from app.domain.runbook import Runbook
from app.runbooks import bundled_runbooks

Line = dict[str, Any]

ANN = Actor(id=str(UUID(int=1)), name="ann", roles=frozenset({Role.COORDINATOR, Role.OPERATOR}))
BEN = Actor(id=str(UUID(int=2)), name="ben", roles=frozenset({Role.APPROVER}))
EVIDENCE = {
    "kind": "output",
    "name": "Get-VM",
    "media_type": "text/plain",
    "digest": "0" * 64,
    "content": "State : Running\r\n  é \u2019",
    "check": None,
}
#: The first step, with everything that a line can hold, up to the second step's first action.
STORY: tuple[tuple[Actor, Posted], ...] = (
    (ANN, Posted(type=EventType.NOTE, comment="Électricité coupée", evidence=(EVIDENCE,))),
    (ANN, Posted(type=EventType.CONFIRM, comment="Cables pulled, seen by Carol", performed_by="Carol")),
    (ANN, Posted(type=EventType.REPORT_FAILURE, comment="The job hangs")),
    (ANN, Posted(type=EventType.RETRY)),
    (ANN, Posted(type=EventType.CONFIRM)),
    (ANN, Posted(type=EventType.HOLD, comment="Waiting for the network team")),
    (ANN, Posted(type=EventType.RESUME)),
    (ANN, Posted(type=EventType.CONFIRM)),
    (BEN, Posted(type=EventType.SIGN_OFF, decision=Decision.REJECT, comment="Start it again", to="{step}.{last}")),
    (ANN, Posted(type=EventType.CONFIRM)),
    (BEN, Posted(type=EventType.SIGN_OFF, decision=Decision.APPROVE)),
)


def standalone() -> Runbook:
    """Give the bundled runbook that the journals are of."""
    return next(runbook for _, runbook in bundled_runbooks() if runbook.id == "standalone-vmm")


def journal(runbook: Runbook, *, execution: int = 7, title: str = "Lyon is dark") -> list[Line]:
    """Give the lines of an execution that went through STORY."""
    runbook = runbook.for_mode("live")
    execution_id = str(UUID(int=execution))
    outage = "2026-11-23T03:00:00.000000Z"
    line, facts = first_line(
        runbook,
        data={
            "runbook": {"id": runbook.id, "version": runbook.version},
            "mode": "live",
            "title": title,
            "command_profile": runbook.profile_ids[0],
            "policy": {"four_eyes": "irreversible"},
            "parameters": {one.name: one.example for one in runbook.parameters if one.required},
            "workloads": [{"name": name, "parameters": {}} for name in ("SQL01", "WEB01")],
            "targets": {"rto_minutes": 240},
            "outage_started_at": outage,
            "not_ready": [],
        },
        actor=ANN,
        identity={"id": str(UUID(int=100)), "execution_id": execution_id, "request_key_digest": None},
        recorded_at="2026-11-23T03:05:00.000000Z",
    )
    lines = [line]
    step = runbook.steps[0]
    for place, (actor, posted) in enumerate(STORY, 1):
        fields = {name: getattr(posted, name) for name in posted.__dataclass_fields__}
        if posted.type not in (EventType.NOTE, EventType.HOLD, EventType.RESUME):
            fields["at"] = facts.position
        if posted.to is not None:
            fields["to"] = posted.to.format(step=step.id, last=step.actions[-1].id)
        line, facts = next_line(
            machine_for(runbook, facts.profile),
            facts,
            Posted(**fields),
            actor=actor,
            identity={
                "id": str(UUID(int=100 + place)),
                "execution_id": execution_id,
                "request_key_digest": f"{place:064x}",
            },
            recorded_at=f"2026-11-23T03:{5 + place:02}:00.000000Z",
        )
        lines.append(line)
    return lines


def exported(lines: Iterable[Line]) -> bytes:
    """Give lines as a file; as the service writes them but for spaces, which carry nothing."""
    return b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines)


def rechained(lines: Iterable[Line], edit: Callable[[list[Line]], None] = lambda _: None) -> list[Line]:
    """Give an edited copy in which every number and hash is right again: what somebody with the program can forge."""
    forged: list[Line] = json.loads(json.dumps(list(lines)))
    edit(forged)
    previous = GENESIS
    for number, line in enumerate(forged, 1):
        line["number"], line["previous_hash"] = number, previous
        previous = line["hash"] = hash_of(line)
    return forged

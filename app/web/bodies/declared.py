"""A declaration's body turned into the declaration that the writer takes; the one place where both faces do it."""

from app.services.clock import stamp
from app.services.declaring import declaration
from app.services.executions import Declaration
from app.services.readiness import standing_of
from app.services.service import Service
from app.web.bodies.declaration import ExecutionBody


async def declared(service: Service, asked: ExecutionBody) -> Declaration:
    """Give what was asked for, checked against the runbook and the protected set; raises InvalidRequest."""
    return declaration(
        await service.database.read(service.definitions.current),
        runbook=asked.runbook,
        mode=asked.mode,
        title=asked.title,
        parameters=asked.parameters,
        workloads=asked.named_workloads(),
        command_profile=asked.command_profile,
        four_eyes=asked.policy.four_eyes.value,
        evidence=asked.policy.evidence.value,
        targets=asked.targets.model_dump(exclude_none=True),
        outage_started_at=None if asked.outage_started_at is None else stamp(asked.outage_started_at),
        standing=await standing_of(service, asked.protected_set),
    )

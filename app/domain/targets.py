"""Recovery time and recovery point against what was promised."""

from dataclasses import dataclass

from app.domain.chronicle import Chronicle
from app.domain.clocks import Clock
from app.domain.facts import Point
from app.domain.spans import Lasted, lasted, later
from app.domain.timers import MINUTE


@dataclass(frozen=True, slots=True)
class RecoveryTime:
    """The latest outage against the promised minutes. `met`: None while nobody can say."""

    target: Lasted | None
    due_at: str | None
    actual: Lasted
    met: bool | None


@dataclass(frozen=True, slots=True)
class Loss:
    """What a recovery point loses: the time from it to the outage that it was chosen in; None where none was named."""

    point: Point | None
    lost: Lasted | None
    waived: bool = False


@dataclass(frozen=True, slots=True)
class RecoveryPoint:
    """The recovery points against the promised minutes; of workloads that were waived none counts."""

    target: Lasted | None
    workloads: dict[str, Loss]
    vmm: Loss  # beside the workloads: VMM holds no users' data
    worst: str | None
    unknown: list[str]
    met: bool | None


def recovery_time(minutes: int | None, outage: Clock) -> RecoveryTime:
    """Give the recovery time of an outage; missed as soon as it lasts longer than promised, met only at its end."""
    if minutes is None:
        return RecoveryTime(None, None, outage.lasted, None)
    target, actual = minutes * MINUTE, outage.lasted
    met = False if actual.microseconds > target else (True if outage.until is not None else None)
    return RecoveryTime(Lasted(target), later(outage.since, target), actual, met)


def recovery_point(chronicle: Chronicle) -> RecoveryPoint:
    """Give what the chosen recovery points lose, per workload and worst.

    Where the latest point was taken and none named, nobody knows: a report says so, it does not guess.
    """
    facts, minutes = chronicle.facts, chronicle.facts.targets.get("rpo_minutes")
    workloads = {
        name: _loss(one.recovery_point, chronicle.point_outages.get(name), waived=one.waived_at is not None)
        for name, one in facts.workloads.items()
    }
    used = chronicle.vmm_point if chronicle.vmm_point and chronicle.vmm_point.place in facts.actions else None
    counting = {name: one.lost for name, one in workloads.items() if not one.waived}
    known = {name: lost for name, lost in counting.items() if lost is not None}
    worst = max(known, key=lambda name: known[name].microseconds, default=None)
    unknown = [name for name, lost in counting.items() if lost is None]
    return RecoveryPoint(
        target=None if minutes is None else Lasted(minutes * MINUTE),
        workloads=workloads,
        vmm=_loss(used.point, used.outage_since) if used else Loss(None, None),
        worst=worst,
        unknown=unknown,
        met=_met(minutes, None if worst is None else known[worst], all_known=not unknown),
    )


def _loss(point: Point | None, outage_since: str | None, *, waived: bool = False) -> Loss:
    lost = None if point is None or outage_since is None else lasted(point.time, outage_since)
    return Loss(point, lost, waived)


def _met(minutes: int | None, worst: Lasted | None, *, all_known: bool) -> bool | None:
    """Say whether the target was met: missed by one is missed; met needs all of them."""
    if minutes is None or worst is None:
        return None
    if worst.microseconds > minutes * MINUTE:
        return False
    return True if all_known else None

"""Lives told by the clock: journals made by hand, each event at a time of day that a test says."""

from datetime import datetime, timedelta
from typing import Any

from app.domain.events import Actor, RecoveryPoint
from app.domain.lines import Line
from tests.life import ANN, BEN, START, Life, stamp

TARGETS = {"rto_minutes": 240, "rpo_minutes": 20}
FAIL_OVER_W = "fail-over-workloads.fail-over-workload-vms"


def moment(told: str) -> datetime:
    """Give a time of the night that lives begin in, told as `03:12` or `03:12:30`; hours may go beyond 24."""
    hours, minutes, seconds = [*map(int, told.split(":")), 0][:3]
    return START.replace(hour=0) + timedelta(hours=hours, minutes=minutes, seconds=seconds)


def time(told: str) -> str:
    """Give that time as lines have it."""
    return stamp(moment(told))


def point(told: str) -> RecoveryPoint:
    """Give the recovery point of that time."""
    return RecoveryPoint(label=f"of {told}", time=time(told))


def say(life: Life, told: str, kind: str, *, done: str | None = None, by: Actor = ANN, **members: Any) -> Line:
    """Post an event that is recorded at a time; `done` is when it was performed, if earlier."""
    life.now = moment(told) - timedelta(minutes=1)  # an event of a life takes a minute
    if done is not None:
        members["performed_at"] = time(done)
    members.setdefault("comment", "as told")
    return life.post(kind, by=by, **members)


def sign(life: Life, told: str, **members: Any) -> Line:
    """Sign off at a time."""
    return say(life, told, "sign_off", by=BEN, **{"decision": "approve", **members})


def night() -> Life:
    """Give a life from 03:00 until users work again at 04:55, with a hold, a late entry, a failure, a rejection.

    The outage began at 03:00:00 and was declared at 03:05:00. Two workloads; step 1 is expected to take 30 minutes.
    """
    life = Life(names=("sql01", "web01"), targets=TARGETS)
    say(life, "03:12:30", "confirm")  # fence
    say(life, "03:30", "confirm", done="03:20:10", recovery_point=point("02:50"))  # VMM's failover, entered late
    say(life, "03:31", "hold")
    say(life, "03:41", "resume")
    say(life, "03:45", "confirm")  # VMM started
    sign(life, "03:50:30")
    say(life, "03:55:30", "confirm")  # VMM verified
    say(life, "03:56:30", "waive")  # completing VMM's failover, which waited for an authorization
    say(life, "04:06:30", "report_failure", symptom="F03", workloads=["web01"])
    say(life, "04:10", "confirm", workloads=["sql01"], recovery_point=point("02:45"))
    say(life, "04:12", "choose_recovery_point", workloads=["web01"], recovery_point=point("02:30"))
    say(life, "04:16:30", "retry", workloads=["web01"])
    say(life, "04:20", "confirm", done="04:14")  # before its retry: out of order
    say(life, "04:24", "confirm")  # checked
    say(life, "04:27", "authorize", by=BEN)
    say(life, "04:30", "confirm")  # committed
    sign(life, "04:36", decision="reject", to="fail-over-workloads.check-workloads")
    say(life, "04:40", "confirm")  # checked again; the commit stays done
    sign(life, "04:41")
    say(life, "04:45", "confirm")  # VMM is at the secondary
    say(life, "04:46", "note")
    say(life, "04:47", "correct", corrects=4)
    say(life, "04:51", "confirm")  # users can work
    sign(life, "04:56", performed_at=time("04:55"))
    return life

"""Readiness of a protected set: what of checklists and drills still holds, each reason why not, and until when.

Source: the domain's rule that a set is ready while every required checklist is signed off and none stale, and the last
drill of the current runbook version lies within its period and did not fail; a change of the runbook's content or of
the set's parameters makes it stale. It never decides whether a disaster may be declared.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.domain.events import DrillOutcome
from app.domain.not_ready import NotReady, Reason, State, worst


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A checklist that was completed for the set, or a drill of it that ended.

    `digest` is its definition's; `ended_at` and `until` (from then on it does not hold any more) are UTC RFC 3339;
    `same` says whether it ran with what the set says now.
    """

    execution: str
    digest: str
    ended_at: str
    until: str
    same: bool
    outcome: DrillOutcome = DrillOutcome.PASSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Required:
    """A checklist that the set asks for: its current digest (None: there is no such checklist), and what was done."""

    id: str
    digest: str | None
    done: Sequence[Done]


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """The answer. `checklists` and `drill` are what was looked at: what counts, else the latest there is."""

    state: State
    reasons: tuple[Reason, ...]
    stale_at: str | None
    checklists: Mapping[str, Done | None]
    drill: Done | None


def readiness(
    *,
    now: str,
    runbook: str,
    digest: str | None,
    faults: Sequence[str],
    required: Sequence[Required],
    drills: Sequence[Done],
) -> Readiness:
    """Say how ready a set is at a moment (UTC RFC 3339).

    `runbook` is the id of its runbook and `digest` that of the current version (None: there is none); `faults` are the
    places of the set that this version refuses; `drills` are those of the set that ended, with any version.
    """
    checklists = {one.id: _counted(one.done, one.digest) for one in required}
    drill = _counted(drills, digest)
    reasons = [*_of_runbook(runbook, digest, faults)]
    for one in required:
        reasons += _of_checklist(one, checklists[one.id], now)
    reasons += _of_drill(drill, digest, now)
    state = worst(reasons)
    ends = [one.until for one in (*checklists.values(), drill) if one is not None]
    return Readiness(
        state=state,
        reasons=tuple(reasons),
        stale_at=min(ends) if state is State.READY else None,
        checklists=checklists,
        drill=drill,
    )


def _counted(done: Sequence[Done], digest: str | None) -> Done | None:
    """Give the last that is about the set as it is now, else the last at all.

    A failure of the current version counts whatever it ran with, until a later drill passes: it showed that something
    does not work.
    """
    in_order = sorted(done, key=lambda one: (one.ended_at, one.execution))
    of_version = [one for one in in_order if one.digest == digest]
    failed_last = [one for one in of_version[-1:] if one.outcome is DrillOutcome.FAILED]
    return next(iter(failed_last or [one for one in of_version if one.same][-1:] or in_order[-1:]), None)


def _of_runbook(runbook: str, digest: str | None, faults: Sequence[str]) -> Iterator[Reason]:
    if digest is None:
        yield Reason(why=NotReady.RUNBOOK_GONE, about=runbook)
    elif faults:
        yield Reason(why=NotReady.SET_INCOMPLETE, about=", ".join(faults))


def _of_checklist(required: Required, done: Done | None, now: str) -> Iterator[Reason]:
    if required.digest is None:
        yield Reason(why=NotReady.CHECKLIST_GONE, about=required.id)
    elif done is None:
        yield Reason(why=NotReady.CHECKLIST_MISSING, about=required.id)
    else:
        wrong = {
            NotReady.CHECKLIST_CHANGED: done.digest != required.digest,
            NotReady.CHECKLIST_OF_OTHERS: not done.same,
            NotReady.CHECKLIST_EXPIRED: done.until <= now,
        }
        for why in (one for one, holds in wrong.items() if holds):
            since = done.until if why is NotReady.CHECKLIST_EXPIRED else None
            yield Reason(why=why, about=required.id, since=since, execution=done.execution)


def _of_drill(done: Done | None, digest: str | None, now: str) -> Iterator[Reason]:
    if done is None:
        yield Reason(why=NotReady.DRILL_MISSING)
        return
    failed = done.outcome is DrillOutcome.FAILED
    wrong: dict[NotReady, tuple[bool, str | None]] = {
        NotReady.DRILL_FAILED: (failed, done.ended_at),
        NotReady.RUNBOOK_CHANGED: (digest is not None and done.digest != digest, None),
        NotReady.SET_CHANGED: (not done.same and not failed, None),
        NotReady.DRILL_OVERDUE: (done.until <= now, done.until),
    }
    for why, (holds, since) in wrong.items():
        if holds:
            yield Reason(why=why, since=since, execution=done.execution)

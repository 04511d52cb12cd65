"""What a procedure has and a checklist has not: a checklist attests, in any order, and moves nothing."""

from collections.abc import Iterator

from app.domain.runbook import Action, Effects, OnLoss, Order, Runbook, RunbookKind, Step

Path = tuple[str | int, ...]
Finding = tuple[Path, str]

#: What an action has that takes part in a failover.
_OF_FAILOVERS = (
    "irreversible",
    "per_workload",
    "undo",
    "completes",
    "recovery_point",
    "choose_recovery_point",
    "requires_steady_picture",
)


def kind_findings(runbook: Runbook) -> Iterator[Finding]:
    """Give what a runbook of its kind lacks, and what it has no use for."""
    if runbook.kind is RunbookKind.PROCEDURE:
        yield from _procedure(runbook)
    else:
        yield from _checklist(runbook)


def _procedure(runbook: Runbook) -> Iterator[Finding]:
    if runbook.site_picture is None:
        yield ("site_picture",), "a procedure says where things run before the disaster and after it"
    if runbook.valid_days is not None:
        yield ("valid_days",), "only a checklist is valid for a time"
    for member in ("command_profiles", "phases"):
        if not getattr(runbook, member):
            yield (member,), "there must be at least one"
    for number, step in enumerate(runbook.steps):
        if step.phase is None:
            yield ("steps", number, "phase"), "a procedure says the phase of each step"
        if step.order is Order.ANY:
            message = "only a checklist has steps in any order: here each action is safe only after the one before it"
            yield ("steps", number, "order"), message


def _checklist(runbook: Runbook) -> Iterator[Finding]:
    if runbook.site_picture is not None:
        yield ("site_picture",), "a checklist moves nothing, so it has no site picture"
    if runbook.on_loss != OnLoss():
        yield ("on_loss",), "a checklist moves nothing, so that no loss of a site changes its course"
    if runbook.valid_days is not None and runbook.valid_days <= 0:
        yield ("valid_days",), "must be more than 0"
    for number, step in enumerate(runbook.steps):
        path: Path = ("steps", number)
        if step.ends_outage:
            yield (*path, "ends_outage"), "a checklist ends no outage"
        for place, action in enumerate(step.actions):
            found = _checked(step, action)
            yield from (((*path, "actions", place, member), message) for member, message in found)


def _checked(step: Step, action: Action) -> Iterator[tuple[str, str]]:
    for member in _OF_FAILOVERS:
        if getattr(action, member):
            yield member, "an action of a checklist takes part in no failover, so it cannot have this"
    if action.effects != Effects():
        yield "effects", "a checklist moves nothing, so its actions have no effects"
    if action.profiles and step.order is Order.ANY:
        yield "profiles", "every item of a list is asked for, whatever the command profile"

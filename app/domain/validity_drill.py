"""What makes the drills of a runbook valid: what only drills do changes nothing live, and every test is cleaned up."""

from collections.abc import Iterator

from app.domain.runbook import Action, Effects, Origin, Runbook

Path = tuple[str | int, ...]
Finding = tuple[Path, str]

#: What an action that only drills have cannot have, since live executions go on without it.
_NOT_WITHOUT = (
    "irreversible", "optional", "recovery_point", "choose_recovery_point", "requires_steady_picture", "completes",
    "undo", "drill",
)  # fmt: skip


def drill_findings(runbook: Runbook) -> Iterator[Finding]:
    """Give what is wrong with drill forms and with what only drills do."""
    last_clean_up = max(
        (at for at, one in enumerate(runbook.actions.values()) if one.drill_only and not one.waivable), default=-1
    )
    at = -1
    for number, step in enumerate(runbook.steps):
        for place, action in enumerate(step.actions):
            at += 1
            path: Path = ("steps", number, "actions", place)
            yield from ((path + rest, message) for rest, message in _action(action))
            if _starts_a_test(action) and at > last_clean_up:
                message = "starts a test; a later action with `drill_only` and `waivable: false` has to clean it up"
                yield (*path, "drill", "commands"), message
    only = {place for place, action in runbook.actions.items() if action.drill_only}
    for path, position in _references(runbook):
        if position in only:
            yield path, f"live executions have no {position!r}: only drills do"


def _starts_a_test(action: Action) -> bool:
    return action.drill is not None and any(not command.verify for command in action.drill.commands)


def _action(action: Action) -> Iterator[Finding]:
    if action.drill is not None and action.drill.undo is not None and action.undo is None:
        yield ("drill", "undo"), "the action cannot be undone"
    if not action.drill_only:
        return
    if action.origin is not Origin.ADDITION:
        yield ("origin",), "what only drills do is an addition"
    for member in _NOT_WITHOUT:
        if getattr(action, member):
            yield (member,), "live executions go on without this action, so it cannot have this"
    if action.effects != Effects():
        yield ("effects",), "live executions go on without this action, so it cannot change the site picture"


def _references(runbook: Runbook) -> Iterator[tuple[Path, str | None]]:
    """Give every place that names an action, with the name."""
    for number, step in enumerate(runbook.steps):
        for place, action in enumerate(step.actions):
            path: Path = ("steps", number, "actions", place)
            yield from (((*path, "completes", at), one) for at, one in enumerate(action.completes))
            if action.undo is not None:
                yield (*path, "undo", "to"), action.undo.to
                yield from (((*path, "undo", "until", at), one) for at, one in enumerate(action.undo.until))
    for number, rule in enumerate(runbook.on_loss.primary_lost):
        for member in ("since", "until", "back_once"):
            yield ("on_loss", "primary_lost", number, member), getattr(rule, member)
    if runbook.on_loss.secondary_lost is not None:
        yield ("on_loss", "secondary_lost", "since"), runbook.on_loss.secondary_lost.since

"""What makes a runbook small enough: people can walk it, and its machines can be built in a moment."""

from collections.abc import Iterator

from app.domain.runbook import Runbook

Path = tuple[str | int, ...]
Finding = tuple[Path, str]

#: A sign-off may lead back to any earlier action, so a machine grows with the square of these: within these bounds one
#: is built in a second. The longest procedure known here has 7 steps and 35 actions.
MOST_STEPS = 40
MOST_ACTIONS = 160  # of all steps
MOST_PROFILES = 4


def size_findings(runbook: Runbook) -> Iterator[Finding]:
    """Give what there is too much of; nothing else is worth looking at before that."""
    actions = sum(len(step.actions) for step in runbook.steps)
    for member, count, most, what in (
        ("steps", len(runbook.steps), MOST_STEPS, "steps"),
        ("steps", actions, MOST_ACTIONS, "actions in all"),
        ("command_profiles", len(runbook.command_profiles), MOST_PROFILES, "command profiles"),
    ):
        if count > most:
            yield (member,), f"there are {count} {what}; at most {most} can be walked"

"""What makes expectations valid: they can be shown by their output, and do not contradict themselves."""

from collections.abc import Iterator

from app.domain.outputs import FIELDS
from app.domain.parts import Expectation
from app.domain.runbook import Action, Runbook

Path = tuple[str | int, ...]
Finding = tuple[Path, str]

#: The field of an output that each member speaks of.
_FIELD = {
    "mode": "mode",
    "state": "state",
    "active_location": "active_location",
    "allows": "allowed_operations",
    "not_allows": "allowed_operations",
}


def expectation_findings(runbook: Runbook) -> Iterator[Finding]:
    """Give what is wrong with expectations."""
    declared = {one.name for one in runbook.parameters}
    for number, step in enumerate(runbook.steps):
        for place, action in enumerate(step.actions):
            path: Path = ("steps", number, "actions", place, "expects")
            for at, one in enumerate(action.expects):
                yield from (((*path, at, *where), message) for where, message in _findings(one, action, declared))
                yield from (((*path, at, "profiles"), message) for message in _profiles(runbook, one))
                if any(_alike(runbook, one, other) for other in action.expects[:at]):
                    yield (*path, at), "says of the same subject, output and site what another says already"


def _findings(one: Expectation, action: Action, declared: set[str]) -> Iterator[Finding]:
    if (one.subject is None) == (one.named is None):
        yield (), "has either `subject`, a parameter or `workload`, or `named`"
    elif one.subject == "workload" and not action.per_workload:
        yield ("subject",), "the action is not done per workload"
    elif one.subject not in (None, "workload") and one.subject not in declared:
        yield ("subject",), f"there is no parameter {one.subject!r}"
    if not any(getattr(one, member) for member in _FIELD):
        yield (), f"expects nothing; one of {', '.join(_FIELD)} at least"
    for member, field in _FIELD.items():
        words = getattr(one, member)
        if words and field not in FIELDS[one.output]:
            yield (member,), f"is nothing that {one.output.value} says"
        elif words and (known := FIELDS[one.output][field].words):
            unknown = [word for word in words if word not in known]
            if unknown:
                yield (member,), f"{', '.join(unknown)}: not known; one of {', '.join(sorted(known))}"
    if {word.casefold() for word in one.allows} & {word.casefold() for word in one.not_allows}:
        yield ("not_allows",), "contradicts `allows`"


def _profiles(runbook: Runbook, one: Expectation) -> Iterator[str]:
    unknown = [profile for profile in one.profiles if profile not in runbook.profile_ids]
    if unknown:
        yield f"no such command profile: {', '.join(unknown)}"


def _alike(runbook: Runbook, one: Expectation, other: Expectation) -> bool:
    profiles = set(one.profiles or runbook.profile_ids) & set(other.profiles or runbook.profile_ids)
    same = (one.output, one.subject, one.named, one.site) == (other.output, other.subject, other.named, other.site)
    return same and bool(profiles)

"""What makes a runbook valid beyond its shape: names, texts, references and flags, each fault with its path."""

import re
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.runbook import (
    ABORTED,
    BUILT_IN_PARAMETERS,
    COMPLETED,
    ESCALATED,
    ITEMS,
    PLACEHOLDER,
    SIGN_OFF,
    Action,
    Advice,
    Effects,
    Kind,
    Origin,
    Parameter,
    Runbook,
    Step,
)
from app.domain.texts import texts_in
from app.domain.validity_checklist import kind_findings
from app.domain.validity_commands import command_findings, used_parameters
from app.domain.validity_course import course_findings
from app.domain.validity_drill import drill_findings
from app.domain.validity_expects import expectation_findings
from app.domain.validity_size import size_findings
from app.domain.versions import is_version

Path = tuple[str | int, ...]
Finding = tuple[Path, str]

KEBAB = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
SYMPTOM_ID = re.compile(r"[A-Z][0-9]{2}")
#: A number of the source, or the anchor of one of its sections with or without a number there.
SOURCE_REFERENCE = re.compile(r"[0-9]+(\.[0-9]+)*|[a-z]+(-[a-z0-9]+)+(\.[0-9]+)*")
#: Words that a position says itself, so that no step and no action may have them for an id.
RESERVED = frozenset({SIGN_OFF, ITEMS, COMPLETED, ABORTED, ESCALATED})


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, and where: member names and list indexes from the top of the definition."""

    path: Path
    message: str


def faults(runbook: Runbook) -> list[Fault]:
    """Give everything that is wrong with a definition whose shape is right; an empty list means that it is valid."""
    findings: Sequence[Finding] = (*size_findings(runbook),) or (
        *_names(runbook),
        *_texts(runbook),
        *_parameters(runbook),
        *(finding for number, step in enumerate(runbook.steps) for finding in _step(runbook, step, ("steps", number))),
        *_symptoms(runbook),
        *_references(runbook),
        *kind_findings(runbook),
        *command_findings(runbook),
        *course_findings(runbook),
        *drill_findings(runbook),
        *expectation_findings(runbook),
    )
    return [Fault(path, message) for path, message in findings]


def _names(runbook: Runbook) -> Iterator[Finding]:
    """Ids and names: how they are spelt, and that none is there twice."""
    if not KEBAB.fullmatch(runbook.id):
        yield ("id",), f"{runbook.id!r} is not lower-case words joined by hyphens"
    if not is_version(runbook.version):
        yield ("version",), f"{runbook.version!r} is not whole numbers with dots between them, such as 1.2.0"
    for member in ("command_profiles", "phases", "steps", "sources"):
        items: Sequence[Any] = getattr(runbook, member)
        if not items and member == "steps":
            yield (member,), "there must be at least one"
        yield from _ids((member,), [item.id for item in items])
    for number, step in enumerate(runbook.steps):
        yield from _ids(("steps", number, "actions"), [action.id for action in step.actions])
    names = [parameter.name for parameter in runbook.parameters]
    for place in _repeated([name.casefold() for name in names]):
        yield ("parameters", place, "name"), f"{names[place]!r} is there already"
    for place, name in enumerate(names):
        if not SNAKE.fullmatch(name):
            yield ("parameters", place, "name"), f"{name!r} is not lower-case words joined by underscores"
        if name in BUILT_IN_PARAMETERS:
            yield ("parameters", place, "name"), f"{name!r} is built in and cannot be declared"


def _ids(path: Path, ids: Sequence[str]) -> Iterator[Finding]:
    for place in _repeated(ids):
        yield (*path, place, "id"), f"{ids[place]!r} is there already"
    for place, name in enumerate(ids):
        if not KEBAB.fullmatch(name):
            yield (*path, place, "id"), f"{name!r} is not lower-case words joined by hyphens"
        if name in RESERVED:
            yield (*path, place, "id"), f"{name!r} is reserved: positions use it themselves"


def _repeated(values: Sequence[Hashable]) -> list[int]:
    """Give the places of values that an earlier place holds too."""
    first: dict[Hashable, int] = {}
    return [place for place, value in enumerate(values) if first.setdefault(value, place) != place]


def _texts(runbook: Runbook) -> Iterator[Finding]:
    """Every text says something in both languages, and holds no placeholder: only commands are filled."""
    for path, said in texts_in(runbook):
        for language, text in (("en", said.en), ("fr", said.fr)):
            if not text.strip():
                yield (*path, language), "the text is empty; both languages are needed"
            elif found := PLACEHOLDER.search(text):
                yield (*path, language), f"{found[0]} stays as it is: only commands are filled in"


def _parameters(runbook: Runbook) -> Iterator[Finding]:
    used = used_parameters(runbook)
    for number, parameter in enumerate(runbook.parameters):
        path: Path = ("parameters", number)
        yield from ((path + where, message) for where, message in _parameter(parameter))
        if parameter.name not in used:
            yield path, f"{parameter.name!r} is used by no command"
        for name, value in parameter.required_with.items():
            other = next((one for one in runbook.parameters if one.name == name), None)
            if other is None or (other.choices and value not in other.choices):
                yield (*path, "required_with", name), f"no parameter {name!r} can have the value {value!r}"


def _parameter(parameter: Parameter) -> Iterator[Finding]:
    if parameter.required and parameter.default is not None:
        yield ("default",), "a required parameter has no default"
    if parameter.choices:
        for member, value in (("default", parameter.default), ("example", parameter.example)):
            if value is not None and value not in parameter.choices:
                yield (member,), f"{value!r} is not one of the choices"


def _step(runbook: Runbook, step: Step, path: Path) -> Iterator[Finding]:
    if step.phase is not None and step.phase not in {phase.id for phase in runbook.phases}:
        yield (*path, "phase"), f"there is no phase {step.phase!r}"
    if step.expected_minutes <= 0:
        yield (*path, "expected_minutes"), "must be more than 0"
    for profile in runbook.profile_ids:
        if not any(action.in_profile(profile) for action in step.actions if not action.drill_only):
            yield (*path, "actions"), f"the profile {profile!r} has no action in this step"
    for number, action in enumerate(step.actions):
        where: Path = (*path, "actions", number)
        yield from ((where + rest, message) for rest, message in _action(action))
        yield from _known_profiles(runbook, (*where, "profiles"), action.profiles)
        yield from _action_symptoms(runbook, step, action, (*where, "symptoms"))


def _action(action: Action) -> Iterator[Finding]:
    """Flags of an action that do not go together."""
    if action.irreversible and action.consequence is None:
        yield ("irreversible",), "an irreversible action needs a consequence: what becomes impossible"
    if action.consequence is not None and not action.irreversible:
        yield ("consequence",), "only an irreversible action has a consequence"
    if action.origin is Origin.SEED and not SOURCE_REFERENCE.fullmatch(action.source or ""):
        yield ("source",), "an action of the seed names its place there, such as 7.2 or some-section.2"
    if action.origin is Origin.ADDITION and action.source is not None:
        yield ("source",), "an addition has no place in the seed"
    if action.optional and not action.waivable:
        yield ("waivable",), "an optional action can be waived"
    if action.optional and action.effects != Effects():
        yield ("effects",), "an optional action may be left out, so it cannot change the site picture"
    if action.choose_recovery_point is not None and not action.per_workload:
        yield ("choose_recovery_point",), "only a per-workload action lets a recovery point be chosen"
    if action.completes and not action.irreversible:
        yield ("completes",), "only an irreversible action completes a failover"
    yield from _kind(action)


def _kind(action: Action) -> Iterator[Finding]:
    if action.kind is not Kind.TASK:
        for member in ("irreversible", "undo", "recovery_point"):
            if getattr(action, member):
                yield (member,), f"a {action.kind} does nothing, so it cannot have this"
    if action.kind is Kind.GATE and action.effects != Effects():
        yield ("effects",), "a gate changes nothing"


def _known_profiles(runbook: Runbook, path: Path, profiles: Iterable[str]) -> Iterator[Finding]:
    for place, profile in enumerate(profiles):
        if profile not in runbook.profile_ids:
            yield (*path, place), f"there is no command profile {profile!r}; no one would reach this action"


def _action_symptoms(runbook: Runbook, step: Step, action: Action, path: Path) -> Iterator[Finding]:
    for place in _repeated(action.symptoms):
        yield (*path, place), f"{action.symptoms[place]!r} is there already"
    for place, symptom in enumerate(action.symptoms):
        if symptom not in runbook.symptoms:
            yield (*path, place), f"there is no symptom {symptom!r}"
        elif Advice.CHANGE_PROFILE in runbook.symptoms[symptom].outcomes and not step.profile_change:
            yield (*path, place), f"{symptom!r} advises another profile, which this step does not allow"


def _symptoms(runbook: Runbook) -> Iterator[Finding]:
    used = {symptom for action in runbook.actions.values() for symptom in action.symptoms}
    for name, row in runbook.symptoms.items():
        if not SYMPTOM_ID.fullmatch(name):
            yield ("symptoms", name), f"{name!r} is not a capital letter and two digits, such as F01"
        if name not in used:
            yield ("symptoms", name), "no action names this symptom"
        if not row.outcomes:
            yield ("symptoms", name, "outcomes"), "there must be at least one"
        for place in _repeated(row.outcomes):
            yield ("symptoms", name, "outcomes", place), f"{row.outcomes[place].value!r} is there already"


def _references(runbook: Runbook) -> Iterator[Finding]:
    for number, erratum in enumerate(runbook.errata):
        if erratum.step not in runbook.step_by_id:
            yield ("errata", number, "step"), f"there is no step {erratum.step!r}"
    ending = [number for number, step in enumerate(runbook.steps) if step.ends_outage]
    for number in ending[1:]:
        yield ("steps", number, "ends_outage"), "an earlier step ends the outage already"

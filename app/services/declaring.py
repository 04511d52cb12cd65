"""What makes a declaration complete: a known runbook, its parameters, workloads that can be told apart."""

from collections.abc import Iterable, Mapping, Sequence

from app.domain.errors import FieldFault, InvalidRequest
from app.domain.runbook import Parameter, Runbook, RunbookKind
from app.domain.sites import VMM
from app.services.definitions import Definitions
from app.services.executions import Declaration
from app.services.pointers import pointer
from app.storage.rows import fold


def declaration(
    definitions: Definitions,
    *,
    runbook: str,
    mode: str,
    title: str,
    parameters: Mapping[str, str],
    workloads: Sequence[tuple[str, Mapping[str, str]]],
    command_profile: str | None,
    four_eyes: str,
    targets: Mapping[str, int],
    outage_started_at: str | None,
) -> Declaration:
    """Check what was asked for against the runbook's current definition; raises InvalidRequest with every fault."""
    found = definitions.named(runbook)
    if found is None:
        known = ", ".join(one.id for one in definitions.current())
        raise InvalidRequest(FieldFault("/runbook", f"no such runbook; there is: {known}"))
    faults = [
        *_parameter_faults(found, parameters, "parameters"),
        *_missing(found, parameters),
        *_none_named(found, workloads),
        *_workload_faults(found, parameters, workloads),
    ]
    profile = command_profile or found.profile_ids[0]
    if profile not in found.profile_ids:
        faults.append(FieldFault("/command_profile", f"no such command profile; one of {', '.join(found.profile_ids)}"))
    if faults:
        raise InvalidRequest(*faults)
    return Declaration(
        runbook=found.for_mode(mode),
        mode=mode,
        title=title,
        command_profile=profile,
        four_eyes=four_eyes,
        parameters=parameters,
        workloads=tuple(workloads),
        targets=targets,
        outage_started_at=outage_started_at,
    )


def _none_named(runbook: Runbook, workloads: Sequence[object]) -> Iterable[FieldFault]:
    if not workloads and runbook.kind is RunbookKind.PROCEDURE:
        yield FieldFault("/workloads", "name one workload at least; only a checklist does without")


def _missing(runbook: Runbook, parameters: Mapping[str, str]) -> Iterable[FieldFault]:
    for one in runbook.parameters:
        if one.required and one.name not in parameters:
            place = pointer(("parameters", one.name))
            yield FieldFault(place, f"is required, such as {one.example}. {one.description.en}")
    yield from _missing_with(runbook, parameters, "parameters")


def _missing_with(runbook: Runbook, given: Mapping[str, str], *place: str | int) -> Iterable[FieldFault]:
    """Give a fault for each parameter that another one's value asks for."""
    for one in runbook.parameters:
        asking = [name for name, value in one.required_with.items() if given.get(name) == value]
        if asking and one.name not in given:
            asked = ", ".join(f"{name} {given[name]}" for name in asking)
            yield FieldFault(pointer((*place, one.name)), f"is required with {asked}, such as {one.example}")


def _parameter_faults(runbook: Runbook, values: Mapping[str, str], *place: str | int) -> Iterable[FieldFault]:
    known: dict[str, Parameter] = {one.name: one for one in runbook.parameters}
    for name, value in values.items():
        if name not in known:
            yield FieldFault(pointer((*place, name)), f"no such parameter; there is: {', '.join(known)}")
        elif known[name].choices and value not in known[name].choices:
            yield FieldFault(pointer((*place, name)), f"one of {', '.join(known[name].choices)}")


def _workload_faults(
    runbook: Runbook, shared: Mapping[str, str], workloads: Sequence[tuple[str, Mapping[str, str]]]
) -> Iterable[FieldFault]:
    seen: dict[str, int] = {}
    for place, (name, values) in enumerate(workloads):
        folded = fold(name)
        if folded == VMM:
            yield FieldFault(f"/workloads/{place}/name", "is the name the site picture has for the VMM server itself")
        if folded in seen:
            first = seen[folded]
            yield FieldFault(f"/workloads/{place}/name", f"is the same name as /workloads/{first}/name, ignoring case")
        seen.setdefault(folded, place)
        yield from _parameter_faults(runbook, values, "workloads", place, "parameters")
        if values:
            yield from _missing_with(runbook, {**shared, **values}, "workloads", place, "parameters")

"""What makes a declaration complete: a known runbook, its parameters, workloads that can be told apart."""

from collections.abc import Iterable, Mapping, Sequence

from app.domain.errors import FieldFault, InvalidRequest
from app.domain.protected_sets import ProtectedSet, taken
from app.domain.readiness import Readiness
from app.domain.runbook import Parameter, Runbook, RunbookKind
from app.domain.sites import VMM
from app.domain.vocabulary import EvidencePolicy
from app.services.executions import Declaration
from app.services.pointers import pointer
from app.storage.rows import fold

Named = tuple[str, Mapping[str, str]]  # a workload, with the parameters that differ for it


def declaration(
    current: Mapping[str, Runbook],
    *,
    runbook: str,
    mode: str,
    title: str,
    parameters: Mapping[str, str] | None,
    workloads: Sequence[Named] | None,
    command_profile: str | None,
    four_eyes: str,
    evidence: str = EvidencePolicy.ADVISE,
    targets: Mapping[str, int],
    outage_started_at: str | None,
    standing: tuple[ProtectedSet, Readiness] | None = None,
) -> Declaration:
    """Check what was asked for against the current definitions, given by id; raises InvalidRequest with every fault.

    `standing` is the protected set that was named, and how ready it is. Parameters are its own, each one given going
    before; so are the workloads, unless any are given.
    """
    found = current.get(runbook)
    if found is None:
        known = ", ".join(current)
        raise InvalidRequest(FieldFault("/runbook", f"no such runbook; there is: {known}"))
    protected = None if standing is None else standing[0]
    of_set, named = ({}, ()) if protected is None else taken(protected, found)
    values = {**of_set, **(parameters or {})}
    faults = [*_other_runbook(found, protected), *faults_of(found, values, named if workloads is None else workloads)]
    if workloads is None:
        faults = [_of_the_set(one) for one in faults]
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
        policy={"four_eyes": four_eyes, **({} if evidence == EvidencePolicy.ADVISE else {"evidence": evidence})},
        parameters=values,
        workloads=tuple(named if workloads is None else workloads),
        targets=targets,
        outage_started_at=outage_started_at,
        protected_set=protected,
        not_ready=() if standing is None or found.kind is RunbookKind.CHECKLIST else standing[1].reasons,
    )


def faults_of(
    runbook: Runbook, parameters: Mapping[str, str], workloads: Sequence[Named], *, also: Iterable[Parameter] = ()
) -> list[FieldFault]:
    """Give every fault of these parameters and workloads for the runbook; it may pass over the parameters `also`."""
    known = {one.name: one for one in (*also, *runbook.parameters)}
    return [
        *_parameter_faults(known, parameters, "parameters"),
        *_missing(runbook, parameters),
        *_none_named(runbook, workloads),
        *_workload_faults(runbook, parameters, workloads),
    ]


def _other_runbook(runbook: Runbook, protected: ProtectedSet | None) -> Iterable[FieldFault]:
    """Give a fault for a procedure that is not the set's; any checklist may be done for any set."""
    if protected is not None and runbook.kind is RunbookKind.PROCEDURE and runbook.id != protected.runbook:
        yield FieldFault(
            "/runbook", f"the set {protected.name} is of {protected.runbook}; name that, or leave protected_set out"
        )


def _of_the_set(fault: FieldFault) -> FieldFault:
    """Give a fault of the set's own workloads with the only place that the request has for it."""
    if not fault.pointer.startswith("/workloads/"):
        return fault
    return FieldFault("/protected_set", f"what it has at {fault.pointer} {fault.message}; give workloads, or revise it")


def _none_named(runbook: Runbook, workloads: Sequence[Named]) -> Iterable[FieldFault]:
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


def _parameter_faults(
    known: Mapping[str, Parameter], values: Mapping[str, str], *place: str | int
) -> Iterable[FieldFault]:
    for name, value in values.items():
        if name not in known:
            yield FieldFault(pointer((*place, name)), f"no such parameter; there is: {', '.join(known)}")
        elif known[name].choices and value not in known[name].choices:
            yield FieldFault(pointer((*place, name)), f"one of {', '.join(known[name].choices)}")


def _workload_faults(runbook: Runbook, shared: Mapping[str, str], workloads: Sequence[Named]) -> Iterable[FieldFault]:
    known = {one.name: one for one in runbook.parameters}
    seen: dict[str, int] = {}
    for place, (name, values) in enumerate(workloads):
        folded = fold(name)
        if folded == VMM:
            yield FieldFault(f"/workloads/{place}/name", "is the name the site picture has for the VMM server itself")
        if folded in seen:
            first = seen[folded]
            yield FieldFault(f"/workloads/{place}/name", f"is the same name as /workloads/{first}/name, ignoring case")
        seen.setdefault(folded, place)
        yield from _parameter_faults(known, values, "workloads", place, "parameters")
        if values:
            yield from _missing_with(runbook, {**shared, **values}, "workloads", place, "parameters")

"""A protected set: what is to be protected by which runbook, and what an execution that names it takes from it."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import rfc8785

from app.domain.runbook import Runbook, RunbookKind

#: The member of a declaration that names the set.
PROTECTED_SET: Final = "protected_set"

Workloads = Iterable[tuple[str, Mapping[str, str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectedSet:
    """A set at one revision. `parameters` may also hold what only its checklists ask for."""

    id: str
    name: str
    revision: int
    runbook: str
    parameters: Mapping[str, str]
    workloads: tuple[tuple[str, Mapping[str, str]], ...]
    required_checklists: tuple[str, ...]
    drill_period_days: int


@dataclass(frozen=True, slots=True)
class DeclaredFor:
    """The set that an execution was declared for, as it was then; `taken` is the digest of the execution's own copy."""

    id: str
    name: str
    revision: int
    taken: str


def taken(
    protected: ProtectedSet, runbook: Runbook
) -> tuple[dict[str, str], tuple[tuple[str, Mapping[str, str]], ...]]:
    """Give the parameters and workloads that an execution of the runbook takes: those it knows; a checklist has none.

    What a runbook does not know is left out, so that one set serves a procedure and its checklists.
    """
    known = {one.name for one in runbook.parameters}
    parameters = {name: value for name, value in protected.parameters.items() if name in known}
    return parameters, () if runbook.kind is RunbookKind.CHECKLIST else protected.workloads


def digest_of(parameters: Mapping[str, str], workloads: Workloads) -> str:
    """Give the SHA-256 (lower-case hex) of what an execution runs with, whatever order it was given in."""
    named: list[Any] = sorted(([name, dict(own)] for name, own in workloads), key=lambda one: str(one[0]))
    content: Any = {"parameters": dict(parameters), "workloads": named}
    return hashlib.sha256(rfc8785.dumps(content)).hexdigest()


def declared_for(runbook: Runbook, data: Mapping[str, Any]) -> DeclaredFor | None:
    """Give the set that a declaration's `data` names; None where it names none.

    Workloads that are given to a checklist all the same say nothing about the set: no item is about one.
    """
    named = data.get(PROTECTED_SET)
    if named is None:
        return None
    workloads = [] if runbook.kind is RunbookKind.CHECKLIST else data["workloads"]
    copy = digest_of(data["parameters"], [(one["name"], one["parameters"]) for one in workloads])
    return DeclaredFor(named["id"], named["name"], named["revision"], copy)


def is_sound(named: Mapping[str, Any]) -> bool:
    """Say whether a declaration's member about its set is one that the service would write."""
    return (
        set(named) == {"id", "name", "revision"}
        and all(isinstance(named[one], str) for one in ("id", "name"))
        and type(named["revision"]) is int
        and named["revision"] >= 1
    )

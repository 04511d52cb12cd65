"""The walk of the demo and of docs/walk.md: a disaster of three workloads, from the declaration to the steady state.

Ann does the work, Ben is the second pair of eyes; one failure and its retry, one other recovery point, one refusal.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

DECLARATION: Final[Mapping[str, Any]] = {
    "runbook": "standalone-vmm",
    "mode": "live",
    "title": "Flooded datacenter",
    "parameters": {"vmm_vm": "vmm01", "primary_host": "pri-hv01", "secondary_host": "sec-hv01"},
    "workloads": [{"name": "sql01"}, {"name": "web01"}, {"name": "file01"}],
}


@dataclass(frozen=True, slots=True)
class Said:
    """Who posts what at which position, and where it leads; or the problem that refuses it."""

    who: str
    type: str
    at: str
    leads_to: str
    members: Mapping[str, Any] = field(default_factory=dict)
    refused: str | None = None

    @property
    def body(self) -> dict[str, Any]:
        """The event as it is posted."""
        return {"type": self.type, "at": self.at, **self.members}


def _confirms(step: str, *actions: str, then: str) -> list[Said]:
    """Give ann's confirmations of actions that follow each other; `*` marks one that ben authorizes first."""
    places = [f"{step}.{action.rstrip('*')}" for action in actions]
    said = []
    for action, here, following in zip(actions, places, [*places[1:], then], strict=True):
        if action.endswith("*"):
            said.append(Said("ben", "authorize", here, here))
        said.append(Said("ann", "confirm", here, following))
    return said


def _signed(step: str, then: str) -> Said:
    return Said("ben", "sign_off", f"{step}.sign-off", then, {"decision": "approve"})


_1, _2, _3, _4 = "fail-over-vmm", "fail-over-workloads", "confirm-access", "reverse-vmm-replication"
_5, _6, _7 = "fail-back-vmm", "reverse-workload-replication", "fail-back-workloads"
_FAILOVER, _CHECK, _COMMIT = f"{_2}.fail-over-workload-vms", f"{_2}.check-workloads", f"{_2}.commit-workloads"

#: The walk: every event after the declaration.
WALK: Final[Sequence[Said]] = (
    Said(
        "ann",
        "confirm",
        f"{_1}.fence-primary",
        f"{_1}.fail-over-vmm-vm",
        {"comment": "Power is cut at the primary; confirmed by the site's electrician"},
    ),
    *_confirms(_1, "fail-over-vmm-vm", "start-vmm-vm", then=f"{_1}.sign-off"),
    _signed(_1, f"{_2}.verify-vmm"),
    Said("ann", "confirm", f"{_2}.verify-vmm", f"{_2}.complete-vmm-failover"),
    Said(
        "ann",
        "waive",
        f"{_2}.complete-vmm-failover",
        _FAILOVER,
        {"comment": "Optional, and another point of VMM may still be wanted"},
    ),
    Said("ann", "confirm", _FAILOVER, _FAILOVER, {"workloads": ["sql01", "file01"]}),
    Said("ann", "report_failure", _FAILOVER, _FAILOVER, {"workloads": ["web01"], "symptom": "F04"}),
    Said("ann", "retry", _FAILOVER, _FAILOVER, {"workloads": ["web01"], "comment": "The rights on the disk are back"}),
    Said("ann", "confirm", _FAILOVER, _CHECK, {"workloads": ["web01"]}),
    Said("ann", "confirm", _CHECK, _CHECK, {"workloads": ["sql01", "file01"]}),
    Said(
        "ann",
        "choose_recovery_point",
        _CHECK,
        _CHECK,
        {"workloads": ["web01"], "recovery_point": {"label": "web01 - 02:00", "time": "2026-11-23T01:00:00Z"}},
    ),
    Said("ann", "confirm", _CHECK, _COMMIT, {"workloads": ["web01"]}),
    Said("ann", "confirm", _COMMIT, _COMMIT, refused="transition-refused"),
    Said("ben", "authorize", _COMMIT, _COMMIT),
    Said("ann", "confirm", _COMMIT, f"{_2}.sign-off"),
    _signed(_2, f"{_3}.vmm-at-secondary"),
    *_confirms(_3, "vmm-at-secondary", "confirm-users-can-work", then=f"{_3}.sign-off"),
    _signed(_3, f"{_4}.primary-site-available"),
    *_confirms(
        _4,
        "primary-site-available",
        "old-workload-vms-off",
        "old-vmm-vm-off",
        "primary-accepts-replication",
        "mark-old-primary-as-replica*",
        "reverse-vmm-replication*",
        "vmm-initial-replication-complete",
        then=f"{_4}.sign-off",
    ),
    _signed(_4, f"{_5}.prepare-planned-failover"),
    *_confirms(
        _5,
        "prepare-planned-failover",
        "fail-over-vmm-vm-to-primary",
        "commit-vmm-failback*",
        "reverse-vmm-replication-again",
        "start-vmm-vm-at-primary",
        then=f"{_5}.sign-off",
    ),
    _signed(_5, f"{_6}.vmm-ready-at-primary"),
    *_confirms(
        _6,
        "vmm-ready-at-primary",
        "reverse-workloads*",
        "workload-initial-replication-complete",
        then=f"{_6}.sign-off",
    ),
    _signed(_6, f"{_7}.fail-back-workload-vms"),
    *_confirms(
        _7,
        "fail-back-workload-vms",
        "check-workloads-at-primary",
        "commit-workload-failback*",
        "reverse-workloads-again",
        "steady-state-restored",
        then=f"{_7}.sign-off",
    ),
    _signed(_7, "completed"),
)

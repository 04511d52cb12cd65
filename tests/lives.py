"""A life that meets every type of event: what is posted, in which role, one event after the other."""

from collections.abc import Iterator
from typing import Any

Post = tuple[str, dict[str, Any]]  # who posts ("operators" or "approvers"), and the event without `at`

DECLARATION: dict[str, Any] = {
    "runbook": "standalone-vmm",
    "mode": "live",
    "title": "Water in the primary machine room",
    "parameters": {"vmm_vm": "VMM01", "primary_host": "hv-a.example", "secondary_host": "hv-b.example"},
    "workloads": [{"name": "sql01"}, {"name": "web01"}, {"name": "file01"}],
}
POINT = {"label": "hourly 2", "time": "2026-01-02T03:00:00Z"}


def operators(type: str, **members: Any) -> Post:
    """Give an event that operators and coordinators post."""
    return "operators", {"type": type, **members}


def approvers(type: str, **members: Any) -> Post:
    """Give an event that approvers post."""
    return "approvers", {"type": type, **members}


def first_step() -> Iterator[Post]:
    """Give the first step by its shortest way, signed off."""
    yield operators("confirm", comment="No power in the building.")
    yield operators("confirm")
    yield operators("confirm")
    yield approvers("sign_off", decision="approve")


def until_the_commit() -> Iterator[Post]:
    """Give the second step by its shortest way, up to the irreversible action of each workload."""
    yield operators("confirm")
    yield operators("waive", comment="Later, with the reverse.")
    yield operators("confirm")
    yield operators("confirm")


def _long_first_step() -> Iterator[Post]:
    yield operators("confirm", comment="No power in the building; the fire brigade confirmed it.")
    yield operators("report_failure", symptom="F03")
    yield operators("retry")
    yield operators("confirm", recovery_point=POINT)
    yield operators("undo", action="fail-over-vmm.fail-over-vmm-vm", comment="Too old a point.")
    yield operators("confirm")
    yield operators("hold", comment="Waiting for the network team.")
    yield operators("resume")
    yield operators("waive", comment="It was running already.")


def _long_second_step() -> Iterator[Post]:
    yield operators("confirm")  # verify-vmm
    yield operators("retry", action="fail-over-workloads.verify-vmm")  # a mis-click taken back
    yield operators("confirm")
    yield operators("waive", comment="Later, with the reverse.")  # the optional action
    yield operators("confirm", workloads=["sql01"])  # a part: the position stays
    yield operators("report_failure", symptom="F14", workloads=["web01"])
    yield operators("choose_recovery_point", workloads=["web01"], recovery_point=POINT)
    yield operators("retry", workloads=["web01"])
    yield operators("change_profile", command_profile="asr", comment="The vault answers again.")
    yield operators("change_profile", command_profile="hyper-v-replica", comment="It does not.")
    yield operators("waive", workloads=["file01"], comment="Nobody needs it today.")
    yield operators("confirm")
    yield operators("retry", workloads=["file01"])  # taken back: the failover again
    yield operators("confirm")
    yield operators("choose_recovery_point", workloads=["sql01"], recovery_point=POINT)
    yield operators("confirm")  # the check
    yield approvers("authorize", workloads=["sql01"])
    yield operators("confirm", workloads=["sql01"])
    yield approvers("authorize")
    yield operators("confirm")
    yield approvers("sign_off", decision="approve")


def life(successor: str, *, ending: str) -> Iterator[Post]:
    """Give the events from the declaration on; `successor` is who coordinates next, `ending` the type of the last."""
    yield from _long_first_step()
    yield approvers("sign_off", decision="reject", comment="Which point was it?", to="fail-over-vmm.start-vmm-vm")
    yield operators("confirm")
    yield approvers("sign_off", decision="approve")
    yield from _long_second_step()
    yield operators("confirm")
    yield operators("confirm")
    yield approvers("sign_off", decision="approve")
    yield operators("hand_over", to=successor)
    yield operators("primary_lost", comment="The water came back.")
    yield operators(ending, comment="There is nothing left to fail back to.")


def ends() -> tuple[str, ...]:
    """Give the events that a life can end with."""
    return ("abort", "secondary_lost")

"""What the page of an execution shows beside the work itself: the track, the site picture, what is at risk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.sites import VMM

#: Beyond these a group of workloads shows how many they are, and their names when asked.
MANY = 12


@dataclass(frozen=True, slots=True)
class Standing:
    """Subjects that run at the same site and replicate the same way: a row of the site picture."""

    names: tuple[str, ...]
    is_vmm: bool
    site: str
    replication: str

    @property
    def copy_at(self) -> str | None:
        """Where the replica is kept; None: there is none."""
        kept = {"primary_to_secondary": "secondary", "secondary_to_primary": "primary"}
        return kept.get(self.replication)


def picture(document: Mapping[str, Any]) -> list[Standing]:
    """Give the rows of the site picture: VMM, then workloads that stand alike together."""
    found = document["site_picture"]
    rows = [Standing((VMM,), is_vmm=True, site=found["vmm"]["site"], replication=found["vmm"]["replication"])]
    alike: dict[tuple[str, str], list[str]] = {}
    for one in found["workloads"]:
        alike.setdefault((one["site"], one["replication"]), []).append(one["name"])
    rows += [
        Standing(tuple(names), is_vmm=False, site=site, replication=replication)
        for (site, replication), names in alike.items()
    ]
    return rows


def unprotected(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give what has no copy now, those since the same moment together, the longest first."""
    since: dict[str, list[str]] = {}
    for window in document["unprotected"]:
        if window["until"] is None:
            since.setdefault(window["from"], []).append(window["subject"])
    return [{"since": moment, "subjects": since[moment]} for moment in sorted(since)]


def track(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give the steps for the track: where each stands, and which one is the current."""
    here = document["step"]["number"] if document["step"] else None
    return [
        {
            "number": step["number"],
            "title": step["title"],
            "status": step["status"],
            "here": step["number"] == here,
            "signed_by": [one["name"] for one in step["signed_off_by"]],
            "broken_glass": any(one["break_glass"] for one in step["signed_off_by"]),
        }
        for step in document["steps"]
    ]


def by_workload(commands: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Give commands in their order, those of one workload together."""
    groups: dict[str | None, list[Mapping[str, Any]]] = {}
    for command in commands:
        groups.setdefault(command["workload"], []).append(command)
    return [{"workload": name, "commands": found} for name, found in groups.items()]

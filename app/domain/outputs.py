"""What the real systems print, read as they print it: objects of an attached output, their fields under our names.

Sources: the states of Hyper-V Replica and of Azure Site Recovery as their PowerShell modules and the REST API name
them (docs/runbook-format.md lists what is read). Nothing here raises: what cannot be read is not recognised.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.domain.vocabulary import Output

#: PowerShell's numbering, which `ConvertTo-Json` prints where a command did not ask for names. WMI's is another.
REPLICATION_STATES: Final = (
    "Disabled", "ReadyForInitialReplication", "InitialReplicationInProgress", "WaitingForInitialReplication",
    "Replicating", "PreparedForFailover", "FailedOverWaitingCompletion", "FailedOver", "Suspended", "Error",
    "WaitingForStartResynchronize", "Resynchronizing", "ResynchronizeSuspended", "RecoveryInProgress",
    "FailbackInProgress", "FailbackComplete", "WaitingForUpdateCompletion", "UpdateError",
)  # fmt: skip
#: Printed by name alone.
FURTHER_STATES: Final = (
    "WaitingForRepurposeCompletion", "PreparedForSyncReplication", "PreparedForGroupReverseReplication",
    "FiredrillInProgress",
)  # fmt: skip
MODES: Final = ("None", "Primary", "Replica", "TestReplica", "ExtendedReplica")
HEALTHS: Final = ("NotApplicable", "Normal", "Warning", "Critical")
VM_STATES: Final = {
    1: "Other", 2: "Running", 3: "Off", 4: "Stopping", 6: "Saved", 9: "Paused", 10: "Starting", 11: "Reset",
    32773: "Saving", 32776: "Pausing", 32777: "Resuming", 32779: "FastSaved", 32780: "FastSaving",
}  # fmt: skip
SERVICE_STATES: Final = {
    1: "Stopped", 2: "StartPending", 3: "StopPending", 4: "Running", 5: "ContinuePending", 6: "PausePending",
    7: "Paused",
}  # fmt: skip
JOB_STATES: Final = ("NotStarted", "InProgress", "Succeeded", "Failed", "Cancelled", "Suspended", "Other")
LOCATIONS: Final = ("Primary", "Recovery")

_BY_NUMBER: Final = dict(enumerate(REPLICATION_STATES))


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an output: the names it is printed under (lower case, the first one present counts), its words."""

    names: tuple[str, ...]
    words: frozenset[str] = frozenset()  # those that are known; empty: any
    numbers: Mapping[int, str] | None = None
    listed: bool = False  # a list of words


def _field(*names: str, numbers: Mapping[int, str] | None = None, more: tuple[str, ...] = ()) -> Field:
    return Field(names, frozenset([*(numbers or {}).values(), *more]), numbers)


_MODE = {"mode": _field("replicationmode", "mode", numbers=dict(enumerate(MODES)))}
#: The host that printed it, where the output says so.
_HOST = {"host": _field("computername", "pscomputername")}
_HEALTH = {"health": _field("replicationhealth", "health", numbers=dict(enumerate(HEALTHS)))}
#: The fields of each output. `name` is whom an object is about.
FIELDS: Final[Mapping[Output, Mapping[str, Field]]] = {
    Output.HYPER_V_REPLICATION: {
        "name": _field("name", "vmname"),
        "state": _field("replicationstate", "state", numbers=_BY_NUMBER, more=FURTHER_STATES),
        **_MODE,
        **_HEALTH,
        **_HOST,
    },
    Output.HYPER_V_VM: {"name": _field("name", "vmname"), "state": _field("state", numbers=VM_STATES), **_HOST},
    Output.SERVICE: {"name": _field("name", "servicename"), "state": _field("status", "state", numbers=SERVICE_STATES)},
    Output.ASR_PROTECTED_ITEM: {
        "name": _field("friendlyname", "name"),
        "active_location": _field("activelocation", more=LOCATIONS),
        "allowed_operations": Field(("allowedoperations", "allowedoperation"), listed=True),
        "health": _field("replicationhealth"),
    },
    Output.ASR_JOB: {
        "name": _field("targetobjectname"),
        "state": _field("state", more=JOB_STATES),
        "description": _field("statedescription"),
    },
}
#: A command whose output this is, for who attached something else.
COMMANDS: Final[Mapping[Output, str]] = {
    Output.HYPER_V_REPLICATION: (
        "Get-VMReplication -VMName … | Select-Object Name,ComputerName,State,Mode,Health | ConvertTo-Json"
    ),
    Output.HYPER_V_VM: "Get-VM -Name … | Select-Object Name,ComputerName,State | ConvertTo-Json",
    Output.SERVICE: "Get-Service -Name … | Select-Object Name,Status | ConvertTo-Json",
    Output.ASR_PROTECTED_ITEM: "Get-AzRecoveryServicesAsrReplicationProtectedItem … | ConvertTo-Json -Depth 4",
    Output.ASR_JOB: "Get-AzRecoveryServicesAsrJob … | ConvertTo-Json -Depth 4",
}
#: Without these an object is something else.
_NEEDED: Final[Mapping[Output, tuple[str, ...]]] = {
    Output.HYPER_V_REPLICATION: ("mode", "state"),
    Output.HYPER_V_VM: ("state",),
    Output.SERVICE: ("state",),
    Output.ASR_PROTECTED_ITEM: ("active_location",),
    Output.ASR_JOB: ("state",),
}
#: Members that only WMI's objects have, whose numbers mean other states than PowerShell's.
_OF_WMI = frozenset({"__class", "creationclassname", "elementname", "cimclass"})
#: What .NET prints where an object lies deeper than ConvertTo-Json was asked to go.
_CUT_OFF = re.compile(r"^(?:System|Microsoft)\.[\w.`]+(?:\[.*\])?$|^@\{.*\}$", re.DOTALL)
_SPACE: Final = re.compile(r"\s*")
MAX_OBJECTS: Final = 20_000  # of one text: a site has fewer, and whoever writes events waits for who reads them
#: Years that stand for no time at all, and PowerShell's form of the first.
_NO_TIME = re.compile(r"^(?:0001|1601|1753)-01-01T|^/Date\(-62135[0-9]{9}\)/$")


#: What one object says, by field: a word, of the allowed operations a tuple of words.
Said = Mapping[str, Any]


class Unread(Exception):  # noqa: N818 - a fact about the text
    """The text is not an output that can be read; the message says what it is."""


def objects(text: str) -> list[dict[str, Any]]:
    """Give the objects that an output holds, their members' names in lower case. Raises Unread."""
    body = text.lstrip("\ufeff \t\r\n")
    if not body:
        raise Unread("It is empty: the command printed nothing.")
    if body.startswith("<"):
        raise Unread("It is HTML or XML, not JSON.")
    if body.count("{") > MAX_OBJECTS:
        raise Unread(f"It holds more than {MAX_OBJECTS} objects: attach the part that shows it.")
    try:
        found = [one for value in _values(body) for one in _listed(value)]
    except RecursionError:
        raise Unread("Its JSON is nested too deeply to be read.") from None
    except ValueError:
        raise Unread("It is not JSON but text, such as a table.") from None
    if not all(isinstance(one, dict) for one in found):
        raise Unread("Its JSON holds no objects.")
    return [_lowered(one) for one in found]


def _values(body: str) -> Iterator[Any]:
    """Give the JSON values of a text, one after another: what several commands printed may be pasted at once."""
    at = 0
    while at < len(body):
        value, at = _DECODER.raw_decode(body, at)
        yield value
        at = _SPACE.match(body, at).end()  # type: ignore[union-attr] # it matches nothing at least


def _listed(value: Any) -> list[Any]:
    """Give what a value lists: an array's items, those of a page of the REST API, or itself."""
    page = value.get("value") if isinstance(value, dict) else value
    return page if isinstance(page, list) else [value]


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Give an object's members; readers disagree which of two of one name counts, so that none does."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Unread("Its JSON names a member of an object twice.")
    return members


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_once_each)


def _lowered(one: Mapping[str, Any]) -> dict[str, Any]:
    """Give an object's members; those under `properties` stand beside the others, as the REST API nests them."""
    members: dict[str, Any] = {}
    for name, value in one.items():  # two members that differ in case alone and in what they say, say nothing
        key = name.lower()
        members[key] = value if members.get(key, value) == value else None
    nested = members.get("properties")
    return {**members, **_lowered(nested)} if isinstance(nested, dict) and "properties" not in nested else members


def fields_of(output: Output, one: Mapping[str, Any]) -> Said:
    """Give what an object says of each field of an output, in our words; what it leaves out is left out."""
    found: dict[str, Any] = {}
    for field, kind in FIELDS[output].items():
        value = next((one[name] for name in kind.names if one.get(name) is not None), None)
        said: Any = tuple(_words(value)) if kind.listed else _said(value, kind)
        if said:
            found[field] = said
    return found


def _said(value: Any, kind: Field) -> str | None:
    """Give one value as a word; None for what says nothing."""
    if isinstance(value, dict):  # an enumeration from another host: {"value": 7, "Value": "FailedOver"}
        words = {_said(value[name], kind) for name in ("Value", "value") if not isinstance(value.get(name, {}), dict)}
        return words.pop() if len(words) == 1 else None
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    if isinstance(value, int):
        named = (kind.numbers or {}).get(value)
        return f"{value:d}" if named is None else named
    said = value.strip()
    if not said or _NO_TIME.match(said):
        return None
    return next((word for word in kind.words if word.lower() == said.lower()), said)


def _words(value: Any) -> Iterator[str]:
    """Give a list's words; one cut off at its depth is printed as one text, Windows PowerShell may print its count."""
    for one in _each(value):
        if isinstance(one, str):
            yield from re.split(r"[\s,]+", one.strip())


def _each(value: Any) -> list[Any]:
    """Give what a member lists, or the one thing that it is; an object without a list lists nothing."""
    inner = value.get("value") if isinstance(value, dict) else value
    return inner if isinstance(inner, list) else [] if inner is None else [inner]


def oddity(output: Output, one: Mapping[str, Any], said: Said) -> str | None:
    """Say why an object cannot be taken for this output; None where it can."""
    if _OF_WMI & one.keys():
        return "It comes from WMI, whose numbers mean other states."
    if output is Output.HYPER_V_VM and "mode" in one:
        return "It is the state of a replication, not of a VM."
    missing = [field for field in _NEEDED[output] if field not in said]
    if missing:
        return f"It does not say {' and '.join(missing)}."
    for field, kind in FIELDS[output].items():
        if any(_is_cut_off(one.get(name)) for name in kind.names):
            return f"Its {field} was cut off: ask for more with -Depth 4."
        if kind.listed and any(not isinstance(each, str) for name in kind.names for each in _each(one.get(name, ""))):
            return f"Its {field} cannot be read."
        value = said.get(field)
        if kind.words and isinstance(value, str) and value not in kind.words:
            return f"{field} {shortened(value)} is not known here."
    return None


def _is_cut_off(value: Any) -> bool:
    return any(isinstance(one, str) and _CUT_OFF.match(one) for one in (value if isinstance(value, list) else [value]))


def shortened(value: str) -> str:
    """Give a value as a finding shows it: what cannot be seen, or kept in a line, is shown as a replacement mark."""
    seen = "".join(one if one.isprintable() else "\ufffd" for one in value[:81])
    return seen if len(seen) <= 80 else seen[:79] + "…"  # noqa: PLR2004 - enough to recognise it by

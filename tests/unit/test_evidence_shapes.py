"""Outputs as the real systems print them, and what the check says of each."""

import json
from typing import Any

import pytest

from app.domain.evidence import MAX_FINDINGS, Expected, check_output
from app.domain.outputs import fields_of
from app.domain.parts import Expectation
from app.domain.vocabulary import Output

REPLICA = Expectation(
    output=Output.HYPER_V_REPLICATION, subject="vmm_vm", mode=("Replica",), state=("FailedOverWaitingCompletion",)
)
OFF = Expectation(output=Output.HYPER_V_VM, subject="vmm_vm", state=("Off",))
SERVICE = Expectation(output=Output.SERVICE, named="SCVMMService", state=("Running",))
ITEM = Expectation(
    output=Output.ASR_PROTECTED_ITEM,
    subject="workload",
    active_location=("Recovery",),
    allows=("Commit",),
    not_allows=("PlannedFailover",),
)
JOB = Expectation(output=Output.ASR_JOB, subject="workload", state=("Succeeded",))


def said(text: Any, *expectations: Expectation, subject: str = "vmm01") -> dict[str, Any]:
    """Check a text, or a value as JSON."""
    expected = [Expected(at, one, one.named or subject) for at, one in enumerate(expectations)]
    return check_output(text if isinstance(text, str) else json.dumps(text), expected)


#: As `Get-VMReplication … | ConvertTo-Json` prints them: whole, selected, by number, by name.
WHOLE = {
    "CurrentReplicaServerName": "sec-hv01.corp.example", "FrequencySec": 300, "Mode": 2, "PrimaryServerName": None,
    "ReplicationHealth": 3, "Name": "VMM01", "VMName": "VMM01", "State": 6, "Health": 3,
    "LastReplicationTime": r"\/Date(1763867520000)\/", "IsDeleted": False, "Key": "Microsoft.HyperV.PowerShell.VMTask",
}  # fmt: skip


@pytest.mark.parametrize(
    "output",
    [
        WHOLE,
        [WHOLE],
        {"Name": "vmm01", "State": "FailedOverWaitingCompletion", "Mode": "Replica"},
        {"Name": "vmm01", "State": "failedoverwaitingcompletion", "Mode": "REPLICA", "Health": None},
        {"Name": "vmm01", "State": {"value": 6, "Value": "FailedOverWaitingCompletion"}, "Mode": {"value": 2}},
        {"Name": "vmm01", "State": 2, "ReplicationMode": 2, "ReplicationState": 6},  # Get-VM
        "\ufeff" + json.dumps(WHOLE, indent=4).replace("\n", "\r\n"),
        [{"Name": "sql01", "State": "Suspended", "Mode": "Replica"}, WHOLE],
        [{"ElementName": "odd"}, WHOLE],
    ],
    ids=range(9),
)
def test_a_replication_however_it_is_printed(output: Any) -> None:
    found = said(output, REPLICA)
    assert found["verdict"] == "met"
    assert found["met"] == [{"expectation": 0, "about": "vmm01"}]
    assert found["why"] is None


def test_health_does_not_decide_but_is_told() -> None:
    assert said(WHOLE, REPLICA)["warnings"] == ["vmm01: health Critical; it does not decide."]


@pytest.mark.parametrize(
    ("output", "field", "expected", "found"),
    [
        ({"Name": "vmm01", "State": 7, "Mode": 2}, "state", "FailedOverWaitingCompletion", "FailedOver"),
        ({"Name": "vmm01", "State": 6, "Mode": "Primary"}, "mode", "Replica", "Primary"),
        ({"Name": "sql01", "State": 6, "Mode": 2}, "name", "vmm01", "sql01"),
        ([WHOLE, {**WHOLE, "State": "Error"}], "state", "FailedOverWaitingCompletion", "Error"),
    ],
    ids=range(4),
)
def test_what_is_shown_instead_is_said(output: Any, field: str, expected: str, found: str) -> None:
    check = said(output, REPLICA)
    assert check["verdict"] == "not_met"
    assert check["findings"] == [{"about": "vmm01", "field": field, "expected": expected, "found": found}]


@pytest.mark.parametrize(
    ("output", "why"),
    [
        ("", "It is empty: the command printed nothing."),
        (" \r\n", "It is empty: the command printed nothing."),
        ("<html><body>Sign in</body></html>", "It is HTML or XML, not JSON."),
        ("Name  State\n----  -----\nVMM01 Replicating", "It is not JSON but text, such as a table."),
        ("{", "It is not JSON but text, such as a table."),
        ("[" * 100_000, "Its JSON is nested too deeply to be read."),
        ("[" * 200 + "]" * 200, "Its JSON holds no objects."),
        ("null", "Its JSON holds no objects."),
        ("[]", "It holds no object."),
        ("[7]", "Its JSON holds no objects."),
        ({"Name": "vmm01", "State": "Sideways", "Mode": 2}, "state Sideways is not known here."),
        ({"Name": "vmm01", "State": 99, "Mode": 2}, "state 99 is not known here."),
        ({"Name": "vmm01", "State": True, "Mode": 2}, "It does not say state."),
        ({"Name": "vmm01", "State": "0001-01-01T00:00:00", "Mode": " "}, "It does not say mode and state."),
        ({"State": 6, "Mode": 2}, "It does not say what it is about."),
        ({"ElementName": "vmm01", "ReplicationState": 3, "ReplicationMode": 2}, "It comes from WMI,"),
        ({"Name": "vmm01", "State": "System.Object[]", "Mode": 2}, "Its state was cut off: ask for more with -Depth 4"),
        ({"Name": "vmm01", "State": "@{Value=6}", "Mode": 2}, "Its state was cut off"),
        ({"a": "x" * 500_000}, "It does not say mode and state."),
    ],
    ids=range(19),
)
def test_what_cannot_be_read_says_why_and_which_command_gives_it(output: Any, why: str) -> None:
    check = said(output, REPLICA)
    assert check["verdict"] == "not_recognised"
    assert check["why"].startswith(why)
    assert check["why"].endswith(
        "Get-VMReplication -VMName … | Select-Object Name,ComputerName,State,Mode,Health | ConvertTo-Json"
    )
    assert check["met"] == check["findings"] == []


def test_of_two_hosts_each_output_shows_one_and_both_are_named() -> None:
    there = Expectation(output=Output.HYPER_V_REPLICATION, subject="vmm_vm", mode=("Primary",), state=("Replicating",))
    here = Expectation(output=Output.HYPER_V_REPLICATION, subject="vmm_vm", mode=("Replica",), state=("Replicating",))
    primary, replica = ({"Name": "vmm01", "State": 4, "Mode": mode} for mode in (1, 2))
    assert said(primary, there, here)["met"] == [{"expectation": 0, "about": "vmm01"}]
    assert [one["expectation"] for one in said([replica, primary], there, here)["met"]] == [0, 1]
    extended = said({"Name": "vmm01", "State": 4, "Mode": 4}, there, here)
    assert extended["findings"] == [
        {"about": "vmm01", "field": "mode", "expected": "Primary", "found": "ExtendedReplica"}
    ]


def test_a_vm_and_a_service() -> None:
    assert said({"Name": "vmm01", "State": 3, "AutomaticStartAction": "Nothing"}, OFF)["verdict"] == "met"
    assert said({"Name": "vmm01", "State": 2}, OFF)["findings"][0]["found"] == "Running"
    assert "state of a replication" in said({"Name": "vmm01", "State": "Replicating", "Mode": 1}, OFF)["why"]
    services = [{"Name": "SCVMMService", "Status": 4}, {"Name": "MSSQL$VMM", "Status": "Stopped"}]
    assert said(services, SERVICE)["verdict"] == "met"
    assert said({"Name": "SCVMMService", "Status": 1}, SERVICE)["findings"][0]["found"] == "Stopped"


#: As the REST API answers a GET of `…/replicationProtectedItems/{name}`.
REST = {
    "id": "/Subscriptions/x/…/replicationProtectedItems/0d1e", "name": "0d1e", "type": "Microsoft.RecoveryServices/…",
    "properties": {
        "friendlyName": "sql01", "protectedItemType": "HyperVVirtualMachine", "activeLocation": "Recovery",
        "protectionState": "UnplannedFailoverCommitPendingStatesBegin", "replicationHealth": "Critical",
        "testFailoverState": None, "allowedOperations": ["Commit", "ChangePit", "ReverseReplicate"],
        "lastSuccessfulFailoverTime": "1753-01-01T00:00:00", "currentScenario": {"scenarioName": "None"},
    },
}  # fmt: skip


@pytest.mark.parametrize(
    "output",
    [
        REST,
        {"value": [REST], "nextLink": None},
        {"FriendlyName": "SQL01", "ActiveLocation": "Recovery", "AllowedOperations": ["Commit"]},
        {"FriendlyName": "SQL01", "ActiveLocation": "Recovery", "AllowedOperations": "commit ReverseReplicate"},
    ],
    ids=range(4),
)
def test_a_protected_item_however_it_is_printed(output: Any) -> None:
    assert said(output, ITEM, subject="sql01")["verdict"] == "met"


@pytest.mark.parametrize(
    ("properties", "expected", "found"),
    [
        ({"activeLocation": "Primary"}, "Recovery", "Primary"),
        ({"allowedOperations": ["ReverseReplicate"]}, "Commit", "ReverseReplicate"),
        ({"allowedOperations": ["Commit", "plannedfailover"]}, "not PlannedFailover", "Commit, plannedfailover"),
    ],
    ids=range(3),
)
def test_allowed_operations_and_location_decide(properties: dict[str, Any], expected: str, found: str) -> None:
    check = said({"properties": {**REST["properties"], **properties}}, ITEM, subject="sql01")  # type: ignore[dict-item] # a plain dict
    assert [(one["expected"], one["found"]) for one in check["findings"]] == [(expected, found)]


def test_operations_that_are_not_said_are_none_and_cut_off_ones_unknown() -> None:
    bare = {"friendlyName": "sql01", "activeLocation": "Recovery"}
    assert [one["found"] for one in said(bare, ITEM, subject="sql01")["findings"]] == ["nothing", "nothing"]
    cut = said({**bare, "allowedOperations": ["System.Object[]"]}, ITEM, subject="sql01")
    assert cut["why"].startswith("Its allowed_operations was cut off")


@pytest.mark.parametrize(
    ("job", "verdict", "warnings"),
    [
        ({"State": "Succeeded", "StateDescription": "Completed"}, "met", []),
        ({"State": "Succeeded", "StateDescription": None, "EndTime": "0001-01-01T00:00:00"}, "met", []),
        ({"State": "Succeeded", "StateDescription": "PartiallySucceeded"}, "not_met", []),
        ({"State": "Succeeded", "StateDescription": "CompletedWithInformation"}, "not_met", []),
        ({"State": "InProgress"}, "not_met", []),
        ({"State": "Suspended"}, "not_met", ["sql01: Suspended is not done, it waits to be resumed."]),
    ],
    ids=range(6),
)
def test_a_job_is_done_only_when_all_of_it_is(job: dict[str, Any], verdict: str, warnings: list[str]) -> None:
    check = said({"TargetObjectName": "sql01", **job}, JOB, subject="sql01")
    assert (check["verdict"], check["warnings"]) == (verdict, warnings)


def test_findings_are_few_and_short() -> None:
    many = [{"Name": "vmm01", "State": 7, "Mode": 2} for _ in range(1_000)]
    assert len(said(many, REPLICA)["findings"]) == MAX_FINDINGS
    stranger = said({"Name": "x" * 5_000, "State": 6, "Mode": 2}, REPLICA)
    assert len(stranger["findings"][0]["found"]) == 80


@pytest.mark.parametrize("odd", ["\ud800", "\x1b[2J", "\u202e", "\x00"])
@pytest.mark.parametrize("member", ["Name", "State"])
def test_what_cannot_be_kept_or_seen_is_not_repeated(member: str, odd: str) -> None:
    found = said({"Name": "vmm01", "State": 6, "Mode": 2, member: f"x{odd}y"}, REPLICA)
    assert found["verdict"] != "met"
    told = json.dumps(found, ensure_ascii=False)
    assert odd not in told
    assert "x\ufffd" in told
    assert told.encode()


@pytest.mark.parametrize(
    "output",
    [
        [{"Name": "vmm01", "State": 6, "Mode": 2}, {"Name": "VMM01", "State": "Weird", "Mode": 2}],
        [{"Name": "vmm01"}, {"Name": "vmm01", "State": 6, "Mode": 2}],
        '{"Name": "vmm01", "State": 8, "State": 6, "Mode": 2}',
        {"Name": "vmm01", "State": 8, "state": 6, "Mode": 2},
        {"Name": "vmm01", "State": {"value": 8, "Value": "FailedOverWaitingCompletion"}, "Mode": 2},
    ],
    ids=range(5),
)
def test_what_says_two_things_shows_neither(output: Any) -> None:
    assert said(output, REPLICA)["verdict"] == "not_recognised"


def test_an_object_that_is_read_as_one_output_is_no_bad_other_one() -> None:
    both = [{"Name": "vmm01", "State": "Off"}, {"Name": "vmm01", "State": 6, "Mode": 2}]
    assert [len(said(both, REPLICA, OFF)[member]) for member in ("met", "findings")] == [2, 0]


@pytest.mark.parametrize(
    ("host", "verdict"),
    [
        ("SEC-HV01.corp.example", "met"),
        ("sec-hv01", "met"),
        ("sec-hv07", "met"),  # another node of the same cluster
        (None, "met"),
        ("pri-hv01", "not_met"),
        ("PRI-HV01.corp.example", "not_met"),
    ],
)
@pytest.mark.parametrize("member", ["ComputerName", "PSComputerName"])
def test_an_output_of_the_other_site_does_not_show_it(member: str, host: str | None, verdict: str) -> None:
    wanted = Expected(0, REPLICA, "vmm01", "sec-hv01", "pri-hv01.corp.example")
    found = check_output(json.dumps({**WHOLE, member: host}), [wanted])
    assert found["verdict"] == verdict
    assert [one["field"] for one in found["findings"]] == ["host"] * (verdict == "not_met")
    alone = Expected(0, REPLICA, "vmm01", "pri-hv01", "pri-hv01")  # one host for both sites tells nothing
    assert check_output(json.dumps({**WHOLE, member: host}), [alone])["verdict"] == "met"


def test_a_list_with_its_count_is_a_list() -> None:
    item = {"FriendlyName": "vmm01", "ActiveLocation": "Recovery"}
    assert said({**item, "AllowedOperations": {"value": ["Commit"], "Count": 1}}, ITEM)["verdict"] == "met"
    assert said({**item, "AllowedOperations": {"Count": 0}}, ITEM)["verdict"] == "not_met"


def test_outputs_one_after_another_are_all_read() -> None:
    pasted = json.dumps({"Name": "sql01", "State": 8, "Mode": 1}) + "\r\n" + json.dumps([WHOLE], indent=2) + "\r\n"
    assert said(pasted, REPLICA)["verdict"] == "met"
    assert said(json.dumps(WHOLE) + "]", REPLICA)["verdict"] == "not_recognised"


@pytest.mark.parametrize(
    "operations", [["ReverseReplicate", None], ["ReverseReplicate", 7], 7, {"0": "x", "value": [1]}]
)
def test_operations_of_which_some_cannot_be_read_show_nothing(operations: Any) -> None:
    left = Expectation(output=Output.ASR_PROTECTED_ITEM, subject="workload", not_allows=("Commit",))
    item = {"FriendlyName": "vmm01", "ActiveLocation": "Recovery", "AllowedOperations": operations}
    assert said(item, left)["verdict"] == "not_recognised"


def test_more_objects_than_a_site_has_are_not_read() -> None:
    assert "more than 20000 objects" in said(json.dumps([{}] * 20_001), REPLICA)["why"]
    assert said(json.dumps([{}] * 20_000), REPLICA)["verdict"] == "not_recognised"


def test_each_object_is_read_once_however_many_are_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"vm{number:03}" for number in range(200)]
    read: list[Any] = []

    def counted(output: Output, one: Any) -> Any:
        read.append(one)
        return fields_of(output, one)

    monkeypatch.setattr("app.domain.evidence.fields_of", counted)
    rows = [{"Name": name.upper(), "State": "Error" if name in names[:40] else 6, "Mode": 2} for name in names]
    check = check_output(json.dumps(rows), [Expected(0, REPLICA, name) for name in names])
    assert len(read) == len(names)
    assert [one["about"] for one in check["findings"]] == names[:40]  # one of each, beyond the few that are enough
    assert {one["about"] for one in check["met"]} == set(names[40:])

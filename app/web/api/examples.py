"""Examples of request bodies, as the API's description shows them; a test posts each."""

from typing import Any

from pydantic import TypeAdapter

DECLARATIONS: dict[str, Any] = {
    "flooded-datacenter": {
        "summary": "The primary site is lost",
        "value": {
            "runbook": "standalone-vmm",
            "mode": "live",
            "title": "Flooded datacenter",
            "outage_started_at": "2026-11-23T03:12:00Z",
            "parameters": {"vmm_vm": "vmm01", "primary_host": "pri-hv01", "secondary_host": "sec-hv01"},
            "workloads": [{"name": "sql01"}, {"name": "web01"}, {"name": "file01"}],
            "targets": {"rto_minutes": 240, "rpo_minutes": 15},
        },
    },
    "drill": {
        "summary": "A drill, with a signer who differs from everybody who confirmed",
        "value": {
            "runbook": "standalone-vmm",
            "mode": "drill",
            "title": "Quarterly drill",
            "parameters": {"vmm_vm": "vmm01", "primary_host": "pri-hv01", "secondary_host": "sec-hv01"},
            "workloads": [{"name": "web01", "parameters": {"secondary_host": "sec-hv02"}}],
            "policy": {"four_eyes": "every_step"},
        },
    },
    "checklist": {
        "summary": "A checklist, which has no workloads",
        "value": {"runbook": "prepare-vmm-servers", "mode": "live", "title": "Readiness, November", "parameters": {}},
    },
}

DECLARATIONS["for-a-set"] = {
    "summary": "A protected set says what is to be recovered",
    "value": {"runbook": "standalone-vmm", "mode": "live", "title": "Flooded again", "protected_set": "Lyon ERP"},
}
_STANDING: dict[str, Any] = {
    "runbook": "standalone-vmm",
    "parameters": {"vmm_vm": "vmm01", "primary_host": "pri-hv01", "secondary_host": "sec-hv01"},
    "workloads": [{"name": "sql01"}, {"name": "web01", "parameters": {"secondary_host": "sec-hv02"}}],
    "required_checklists": ["prepare-vmm-servers", "prepare-hyper-v-hosts", "deploy-standalone-vmm"],
}
PROTECTED_SETS: dict[str, Any] = {
    "erp": {
        "summary": "Two workloads, three checklists, a drill a quarter",
        "value": {"name": "Lyon ERP", **_STANDING},
    },
}
SET_REVISIONS: dict[str, Any] = {
    "monthly": {
        "summary": "A drill a month from now on",
        "value": {**_STANDING, "drill_period_days": 30, "comment": "The insurer asks for it."},
    },
}

EVIDENCE: dict[str, Any] = {
    "bare": {
        "summary": "The text alone",
        "value": {"at": "fail-over-vmm.fail-over-vmm-vm", "evidence": '{"Name":"vmm01","State":6,"Mode":2}'},
    },
    "as-printed": {
        "summary": "What Get-VMReplication printed",
        "value": {
            "at": "fail-over-vmm.fail-over-vmm-vm",
            "evidence": [
                {"kind": "output", "content": '{"Name":"vmm01","State":"FailedOverWaitingCompletion","Mode":"Replica"}'}
            ],
        },
    },
}

_FENCE = "fail-over-vmm.fence-primary"
_FAIL_OVER = "fail-over-workloads.fail-over-workload-vms"
_COMMIT = "fail-over-workloads.commit-workloads"
EVENTS: dict[str, Any] = {
    name: {"summary": summary, "value": {"type": name.partition("-")[0], **members}}
    for name, summary, members in (
        ("confirm", "Attested, with the reason to believe it", {"at": _FENCE, "comment": "Power is cut at the rack."}),
        ("confirm-workloads", "Two of three workloads are over", {"at": _FAIL_OVER, "workloads": ["sql01", "web01"]}),
        (
            "confirm-item",
            "One item of a checklist, in any order",
            {"at": "vmm-servers.items", "action": "vmm-version-supported", "attempt": 1},
        ),
        ("report_failure", "A symptom of the table", {"at": _FAIL_OVER, "symptom": "F03", "workloads": ["file01"]}),
        ("retry", "Try again", {"at": _FAIL_OVER, "workloads": ["file01"]}),
        (
            "choose_recovery_point",
            "Another point in time",
            {
                "at": "fail-over-workloads.check-workloads",
                "workloads": ["file01"],
                "recovery_point": {"label": "file01 - 02:00", "time": "2026-11-23T02:00:00Z"},
            },
        ),
        (
            "undo",
            "It was cancelled",
            {"at": "fail-over-vmm.start-vmm-vm", "action": "fail-over-vmm.fail-over-vmm-vm", "comment": "Wrong point."},
        ),
        ("authorize", "The second person's yes", {"at": _COMMIT}),
        ("waive", "Go on without", {"at": _FAIL_OVER, "workloads": ["file01"], "comment": "Restored from backup."}),
        (
            "change_profile",
            "The vault refuses",
            {"at": _FAIL_OVER, "command_profile": "hyper-v-replica", "comment": "F33: withdrawn."},
        ),
        ("sign_off", "The step is done", {"at": "fail-over-vmm.sign-off", "decision": "approve"}),
        (
            "sign_off-reject",
            "Look again",
            {
                "at": "confirm-access.sign-off",
                "decision": "reject",
                "to": "confirm-access.confirm-users-can-work",
                "comment": "Nobody asked the branch offices.",
            },
        ),
        ("hold", "Stop", {"comment": "Waiting for the network team."}),
        ("resume", "Go on", {}),
        ("abort", "End it here", {"comment": "The primary came back."}),
        ("primary_lost", "Second disaster", {"comment": "The river rose again."}),
        ("secondary_lost", "Second disaster", {"comment": "Fire at the secondary."}),
        ("hand_over", "Somebody else is in charge", {"to": "0198f0c0-0000-7000-8000-000000000000"}),
        ("note", "For the record", {"comment": "The insurer was called."}),
        ("correct", "An earlier line is wrong", {"corrects": 4, "comment": "It was 03:40, not 03:14."}),
    )
}


def request_body(model: Any, examples: dict[str, Any]) -> dict[str, Any]:
    """Describe a body that the route reads itself: its schema and examples."""
    schema = TypeAdapter(model).json_schema(mode="validation", ref_template="#/components/schemas/{model}")
    return {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": schema, "examples": examples}},
        }
    }

"""Examples of answers, as the API's description shows them: the clocks and figures of one night; a test checks each."""

from typing import Any

_NIGHT = "2026-11-23T{}.000000Z"
_STATES = ("on_hold", "sign_off", "blocked", "authorization", "waiting", "hands_on")


def _at(told: str) -> str:
    return _NIGHT.format(told)


def _clock(since: str, until: str | None, seconds: int) -> dict[str, Any]:
    end = None if until is None else _at(until)
    return {"from": _at(since), "until": end, "seconds": seconds, "running": until is None, "negative": False}


def _spent(**seconds: int) -> dict[str, Any]:
    by_state = {f"{state}_seconds": seconds.get(state, 0) for state in _STATES}
    active = sum(seconds.values()) - seconds.get("on_hold", 0)
    return {**by_state, "active_seconds": active, "negative": False}


CLOCKS: dict[str, Any] = {
    "execution_id": "019ab000-0000-7000-8000-000000000001",
    "version": 8,
    "mode": "live",
    "status": "in_progress",
    "position": "fail-over-workloads.verify-vmm",
    "at": _at("03:55:30"),
    "ended_at": None,
    "restored_at": None,
    "completed_at": None,
    "outage": _clock("03:00:00", None, 3330),
    "outages": [{"event": 1, **_clock("03:00:00", None, 3330), "met": None}],
    "rto": {
        "target_seconds": 14400,
        "actual_seconds": 3330,
        "due_at": _at("07:00:00"),
        "remaining_seconds": 11070,
        "exceeded_by_seconds": 0,
        "met": None,
    },
    "decision": _clock("03:00:00", "03:05:00", 300),
    "failback": None,
    "rpo": {
        "target_seconds": 900,
        "worst_seconds": None,
        "worst_workload": None,
        "unknown": ["sql01"],
        "met": None,
        "workloads": [
            {"name": "sql01", "waived": False, "recovery_point": None, "loss_seconds": None, "negative": False}
        ],
        "vmm": {
            "recovery_point": {"label": "VMM01 - 02:50", "time": _at("02:50:00")},
            "loss_seconds": 600,
            "negative": False,
        },
    },
    "spent": _spent(on_hold=600, sign_off=330, waiting=750, hands_on=1350),
    "due_at": _at("05:50:30"),
    "overdue": False,
    "overdue_seconds": 0,
    "steps": [
        {
            "number": 1,
            "id": "fail-over-vmm",
            "expected_seconds": 1800,
            "visits": 1,
            "entered_at": _at("03:05:00"),
            "left_at": _at("03:50:30"),
            "due_at": _at("03:45:00"),
            "overdue": True,
            "overdue_seconds": 330,
            "spent": _spent(on_hold=600, sign_off=330, waiting=450, hands_on=1350),
            "places": [
                {"id": "fence-primary", "spent": _spent(waiting=450)},
                {"id": "fail-over-vmm-vm", "spent": _spent(hands_on=460)},
                {"id": "start-vmm-vm", "spent": _spent(on_hold=600, hands_on=890)},
                {"id": "sign-off", "spent": _spent(sign_off=330)},
            ],
        }
    ],
    "unprotected": [{"subject": "vmm", **_clock("03:00:00", None, 3330)}],
    "out_of_order": [],
}


def _figures(name: str, count: int, median: int | None, p90: int | None, **more: Any) -> dict[str, Any]:
    nothing = {"out_of_order": 0, "failures": [], "waivers": 0, "break_glass": 0, "rejections": 0}
    return {"id": name, "count": count, "median_seconds": median, "p90_seconds": p90, **nothing, **more}


STATISTICS: dict[str, Any] = {
    "since": "2025-11-23T03:00:00.000000Z",
    "at": _at("05:05:00"),
    "truncated": False,
    "items": [
        {
            "runbook": "standalone-vmm",
            "mode": "drill",
            "executions": 4,
            "ended": {"completed": 3, "aborted": 1, "escalated": 0},
            "steps": [
                {
                    **_figures("fail-over-vmm", 4, 2130, 3010, failures=[{"symptom": "F01", "count": 2}]),
                    "actions": [
                        _figures("fence-primary", 4, 450, 610),
                        _figures("fail-over-vmm-vm", 4, 460, 1200, failures=[{"symptom": "F01", "count": 2}]),
                        _figures("start-vmm-vm", 4, 890, 940),
                        _figures("sign-off", 4, 330, 900),
                    ],
                }
            ],
        }
    ],
}

#: By the operation that answers so.
ANSWERS: dict[str, dict[str, Any]] = {"read_clocks": CLOCKS, "read_statistics": STATISTICS}

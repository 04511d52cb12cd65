"""Clocks and statistics over HTTP: the answers are as described, of now, and nothing to be kept."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from app.domain.chronicle import chronicle
from app.services import clocks
from app.services.clocks import said
from app.services.definitions import Definitions
from app.web.api.shapes.clocks import ExecutionClocks, ListClocks
from app.web.api.shapes.statistics import Statistics
from tests.history import parsed
from tests.http.clients import World, pointers, slug

NEAR = timedelta(seconds=20)


def test_the_examples_are_answers_as_described(world: World) -> None:
    paths = world.client.get("/openapi.json").json()["paths"]
    for path, model in (
        ("/api/v1/executions/{execution_id}/clocks", ExecutionClocks),
        ("/api/v1/statistics", Statistics),
    ):
        model.model_validate(paths[path]["get"]["responses"]["200"]["content"]["application/json"]["example"])


def now() -> datetime:
    return datetime.now(UTC)


def test_clocks_are_of_the_servers_now_and_come_from_the_journal_alone(world: World) -> None:
    began = now() - timedelta(hours=2)
    document = world.at(
        "fail-over-workloads.commit-workloads",
        outage_started_at=began.isoformat(),
        targets={"rto_minutes": 60, "rpo_minutes": 15},
    )
    answer = world.ask("viewer", f"/executions/{document['id']}/clocks")
    found = answer.json()
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers
    ExecutionClocks.model_validate(found)
    assert abs(datetime.fromisoformat(found["at"]) - now()) < NEAR
    lines = parsed(world.journal(document).encode())
    runbook = Definitions().bundled[document["runbook"]["id"]]
    assert found == {"execution_id": document["id"], **said(chronicle(runbook, lines), now=found["at"])}
    assert 7200 <= found["outage"]["seconds"] < 7260
    assert (found["rto"]["met"], found["rto"]["remaining_seconds"]) == (False, 0)
    again = world.ask("viewer", f"/executions/{document['id']}/clocks").json()
    assert again["at"] > found["at"]
    assert again["version"] == found["version"]


def test_a_long_journal_has_the_same_clocks(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clocks, "SHORT", 0)
    found = world.ask("viewer", f"/executions/{world.declare()['id']}/clocks").json()
    assert (found["version"], found["position"]) == (1, "fail-over-vmm.fence-primary")


def test_a_list_flags_what_is_overdue_without_a_journal(world: World) -> None:
    late = world.declare(title="Late", outage_started_at=(now() - timedelta(hours=2)).isoformat())
    items = world.ask("viewer", "/executions", params={"q": "Late"}).json()["items"]
    short = next(one["clocks"] for one in items if one["id"] == late["id"])
    ListClocks.model_validate(short)
    assert (short["overdue"], short["overdue_seconds"], short["held_since"]) == (False, 0, None)
    assert (short["rto"]["target_seconds"], short["rto"]["met"]) == (None, None)
    due = datetime.fromisoformat(short["due_at"]) - datetime.fromisoformat(late["declared_at"])
    assert due == timedelta(minutes=30)
    assert 7200 <= short["outage"]["seconds"] < 7260


def test_there_are_no_clocks_of_what_is_not_there(world: World) -> None:
    for identifier in (str(uuid4()), "nothing"):
        assert slug(world.ask("viewer", f"/executions/{identifier}/clocks")) == (404, "not-found")
    path = f"/executions/{world.declare()['id']}/clocks"
    assert pointers(world.ask("viewer", path, params={"at": "2026-11-23T03:00:00Z"})) == ["/query/at"]


def test_statistics_keep_live_and_drill_apart_whether_asked_or_not(own_world: World) -> None:
    world = own_world
    world.at("fail-over-vmm.start-vmm-vm")
    drill = world.declare(mode="drill")
    world.accepted("ann", drill, type="report_failure", at="fail-over-vmm.fence-primary", symptom="F02")
    answer = world.ask("viewer", "/statistics")
    found = answer.json()
    assert answer.status_code == 200
    Statistics.model_validate(found)
    assert [(one["runbook"], one["mode"], one["executions"]) for one in found["items"]] == [
        ("standalone-vmm", "drill", 1),
        ("standalone-vmm", "live", 1),
    ]
    rehearsed, live = ({one["id"]: one for one in item["steps"][0]["actions"]} for item in found["items"])
    assert (rehearsed["fence-primary"]["count"], rehearsed["fence-primary"]["failures"]) == (
        0,
        [{"symptom": "F02", "count": 1}],
    )
    assert (live["fence-primary"]["count"], live["fence-primary"]["failures"]) == (1, [])
    for query, count in (
        ({"mode": "live"}, 1),
        ({"mode": "drill", "runbook": "standalone-vmm"}, 1),
        ({"runbook": "another"}, 0),
        ({"since": (now() + timedelta(hours=1)).isoformat()}, 0),
    ):
        assert len(world.ask("viewer", "/statistics", params=query).json()["items"]) == count


def test_statistics_asked_wrongly_name_the_field(world: World) -> None:
    for query, pointer in (
        ({"mode": "both"}, "/query/mode"),
        ({"since": "yesterday"}, "/query/since"),
        ({"since": "2026-11-23T03:00:00"}, "/query/since"),
        ({"since": "0001-01-01T00:00:00Z"}, "/query/since"),
        ({"until": "2026-11-23T03:00:00Z"}, "/query/until"),
        ({"runbook": "x" * 101}, "/query/runbook"),
    ):
        assert pointers(world.ask("viewer", "/statistics", params=query)) == [pointer]

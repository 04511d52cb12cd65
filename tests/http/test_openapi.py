"""The API's description: valid, its names stable, its examples accepted, every answer told."""

from typing import Any

import pytest
from openapi_spec_validator import validate
from pydantic import TypeAdapter

from app.domain.events import EventType
from app.web.bodies.declaration import EXECUTION
from app.web.bodies.events import EVENT
from app.web.bodies.evidence import EVIDENCE
from app.web.bodies.protected_sets import PROTECTED_SET, REVISION
from app.web.errors import ANSWERS
from tests.http.clients import World, slug

#: Clients are generated from these names: none is ever changed, and a new one is added here.
OPERATIONS = {
    "declare_execution": "POST /api/v1/executions",
    "list_executions": "GET /api/v1/executions",
    "read_execution": "GET /api/v1/executions/{execution_id}",
    "post_event": "POST /api/v1/executions/{execution_id}/events",
    "check_evidence": "POST /api/v1/executions/{execution_id}/evidence-checks",
    "list_events": "GET /api/v1/executions/{execution_id}/events",
    "read_event": "GET /api/v1/executions/{execution_id}/events/{number}",
    "verify_execution": "GET /api/v1/executions/{execution_id}/verification",
    "search_events": "GET /api/v1/events",
    "read_clocks": "GET /api/v1/executions/{execution_id}/clocks",
    "read_statistics": "GET /api/v1/statistics",
    "stream_events": "GET /api/v1/executions/{execution_id}/stream",
    "list_runbooks": "GET /api/v1/runbooks",
    "read_runbook": "GET /api/v1/runbooks/{runbook_id}",
    "draw_runbook": "GET /api/v1/runbooks/{runbook_id}/diagram",
    "draw_execution": "GET /api/v1/executions/{execution_id}/diagram",
    "publish_runbook": "POST /api/v1/runbooks",
    "list_runbook_versions": "GET /api/v1/runbooks/{runbook_id}/versions",
    "make_protected_set": "POST /api/v1/protected-sets",
    "list_protected_sets": "GET /api/v1/protected-sets",
    "read_protected_set": "GET /api/v1/protected-sets/{protected_set_id}",
    "list_set_revisions": "GET /api/v1/protected-sets/{protected_set_id}/revisions",
    "revise_protected_set": "POST /api/v1/protected-sets/{protected_set_id}/revisions",
    "read_readiness": "GET /api/v1/protected-sets/{protected_set_id}/readiness",
    "read_me": "GET /api/v1/me",
    "read_livez": "GET /livez",
    "read_readyz": "GET /readyz",
    "read_metrics": "GET /metrics",
    "list_problems": "GET /problems",
    "read_problem": "GET /problems/{slug}",
}
ADAPTERS: dict[str, TypeAdapter[Any]] = {
    "declare_execution": EXECUTION,
    "post_event": EVENT,
    "check_evidence": EVIDENCE,
    "make_protected_set": PROTECTED_SET,
    "revise_protected_set": REVISION,
}


@pytest.fixture(scope="module")
def described(world: World) -> dict[str, Any]:
    document: dict[str, Any] = world.client.get("/openapi.json").json()
    return document


def operations(described: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        operation["operationId"]: {**operation, "where": f"{method.upper()} {path}"}
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    }


def test_the_description_is_valid(described: dict[str, Any]) -> None:
    validate(described)


def test_operations_keep_their_names(described: dict[str, Any]) -> None:
    assert {name: one["where"] for name, one in operations(described).items()} == OPERATIONS


def test_every_operation_says_what_it_is_for_and_who_may(described: dict[str, Any]) -> None:
    assert described["components"]["securitySchemes"] == {"token": {"type": "http", "scheme": "bearer"}}
    for name, operation in operations(described).items():
        assert operation["summary"], name
        assert operation["description"], name
        assert operation["security"] == ([{"token": []}] if " /api/" in operation["where"] else []), name


def test_every_refusal_that_may_come_is_told(described: dict[str, Any]) -> None:
    told = {status for one in operations(described).values() for status in one["responses"]}
    never = {"405", "500"}  # of an address no operation has, and of a fault nobody foresaw
    assert {str(answer.status) for answer in ANSWERS.values()} - never <= told
    for name, operation in operations(described).items():
        for status, response in operation["responses"].items():
            if status[0] in "45" and name != "read_readyz":
                assert list(response["content"]) == ["application/problem+json"], (name, status)


def test_nothing_is_described_twice_or_left_hanging(described: dict[str, Any]) -> None:
    schemas = set(described["components"]["schemas"])
    used = set(references(described))
    assert used == schemas


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [str(value["$ref"]).removeprefix("#/components/schemas/")] if "$ref" in value else []
        own += [str(one).removeprefix("#/components/schemas/") for one in value.get("mapping", {}).values()]
        return own + [name for one in value.values() for name in references(one)]
    return [name for one in value for name in references(one)] if isinstance(value, list) else []


def test_every_body_has_examples_that_are_accepted(described: dict[str, Any]) -> None:
    with_body = {name: one["requestBody"] for name, one in operations(described).items() if "requestBody" in one}
    assert "publish_runbook" in with_body  # tests/http/test_publishing.py publishes its examples
    del with_body["publish_runbook"]
    assert set(with_body) == set(ADAPTERS)
    for name, body in with_body.items():
        assert body["required"] is True
        for example in body["content"]["application/json"]["examples"].values():
            assert example["summary"]
            ADAPTERS[name].validate_python(example["value"])
    kinds = {
        one["value"]["type"] for one in with_body["post_event"]["content"]["application/json"]["examples"].values()
    }
    assert kinds == set(EventType) - {EventType.DECLARE}


def test_every_example_of_a_declaration_begins_an_execution(world: World, described: dict[str, Any]) -> None:
    for example in operations(described)["make_protected_set"]["requestBody"]["content"]["application/json"][
        "examples"
    ].values():
        assert world.ask("ann", "/protected-sets", json=example["value"]).status_code in {201, 422}
    body = operations(described)["declare_execution"]["requestBody"]["content"]["application/json"]
    for example in body["examples"].values():
        assert world.ask("ann", "/executions", json=example["value"]).status_code in {201, 422}
        value = {name: one for name, one in example["value"].items() if name != "outage_started_at"}
        assert world.ask("ann", "/executions", json=value).status_code == 201


def test_every_example_of_a_protected_set_is_taken(world: World, described: dict[str, Any]) -> None:
    made: list[str] = []
    for name in ("make_protected_set", "revise_protected_set"):
        operation = operations(described)[name]
        for example in operation["requestBody"]["content"]["application/json"]["examples"].values():
            path = operation["where"].removeprefix("POST /api/v1").format(protected_set_id=(made or [""])[-1])
            another = {"name": f"{example['value']['name']} II"} if "name" in example["value"] else {}
            answer = world.ask("ann", path, json={**example["value"], **another})
            assert answer.status_code == 201, answer.text
            made.append(answer.json()["id"])


def test_every_example_of_evidence_is_judged(world: World, described: dict[str, Any]) -> None:
    body = operations(described)["check_evidence"]["requestBody"]["content"]["application/json"]
    for example in body["examples"].values():
        answer = world.ask("viewer", f"/executions/{world.declare()['id']}/evidence-checks", json=example["value"])
        assert [one["verdict"] for one in answer.json()["checks"]] == ["met"]


def test_every_example_of_an_event_speaks_of_the_runbook_there_is(world: World, described: dict[str, Any]) -> None:
    """Posted to a fresh execution: accepted, or refused for where it stands, never for its form."""
    body = operations(described)["post_event"]["requestBody"]["content"]["application/json"]
    for name, example in body["examples"].items():
        document = world.declare(workloads=[{"name": one} for one in ("sql01", "web01", "file01")])
        if name == "confirm-item":
            document = world.declare(runbook="prepare-vmm-servers", parameters={}, workloads=[])
        if name == "correct":
            for _ in range(3):
                world.accepted("ann", document, type="note", comment="x")
        value = dict(example["value"])
        if name == "hand_over":
            value["to"] = world.ids["coordinator"]
        who = {"authorize": "ben", "sign_off": "ben"}.get(value["type"], "ann")
        answer = world.post(who, document, value)
        assert answer.status_code == 201 or slug(answer) in {(409, "transition-refused"), (409, "position-moved")}, (
            name, answer.text,
        )  # fmt: skip

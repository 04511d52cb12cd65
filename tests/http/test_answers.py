"""What is really sent against what is described: every answer of whole lives of executions, in both languages."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from app.web.api import shapes
from tests.http.clients import World

PREFIX = "#/components/schemas/"


class Described:
    """The description's schemas, each as a validator that takes no member it does not name."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    def validator(self, name: str) -> jsonschema_rs.Validator:
        """Give the validator of a named schema."""
        components = {"components": self.document["components"]}
        return jsonschema_rs.validator_for({"$ref": PREFIX + name, **components})


@pytest.fixture(scope="module")
def described(world: World) -> Described:
    return Described(world.client.get("/openapi.json").json())


def lives(world: World) -> Iterator[dict[str, Any]]:
    """Give the documents of several lives: every position, every status, every kind of event."""
    kinds: tuple[dict[str, Any], ...] = (
        {},
        {"command_profile": "asr", "policy": {"four_eyes": "every_step"}, "targets": {"rto_minutes": 4}},
        {"mode": "drill", "policy": {"four_eyes": "none"}, "targets": {"rpo_minutes": 0}},
    )
    for members in kinds:
        document = world.declare(**members)
        yield document
        yield from world.walk(document)
    document = world.at("fail-over-workloads.fail-over-workload-vms")
    at = document["position"]
    point = {"label": "x", "time": "2026-01-01T00:00:00Z"}
    for who, body in (
        ("ann", {"type": "report_failure", "at": at, "symptom": "F03", "workloads": ["sql01"]}),
        ("ann", {"type": "choose_recovery_point", "at": at, "workloads": ["sql01"], "recovery_point": point}),
        ("ann", {"type": "retry", "at": at}),
        ("ann", {"type": "confirm", "at": at, "workloads": ["sql01"]}),
        ("ann", {"type": "waive", "at": at, "workloads": ["web01"], "comment": "x"}),
        ("ann", {"type": "hold", "comment": "x"}),
        ("ben", {"type": "note", "comment": "x", "evidence": [{"kind": "link", "href": "https://x.example/"}]}),
        ("ann", {"type": "resume"}),
        ("ann", {"type": "hand_over", "to": world.ids["coordinator"]}),
        ("ann", {"type": "correct", "corrects": 2, "comment": "x", "performed_by": "x"}),
        ("ann", {"type": "secondary_lost", "comment": "x"}),
        ("ann", {"type": "note", "comment": "afterwards"}),
    ):
        document = world.accepted(who, document, **body)
        yield document
    document = world.at("fail-over-workloads.commit-workloads")
    yield world.accepted("ben", document, type="authorize", at=document["position"], workloads=["web01"])
    document = world.at("fail-back-vmm.commit-vmm-failback")
    yield world.accepted("ann", document, type="primary_lost", comment="x")
    yield world.accepted("ann", document, type="abort", comment="x")


def test_documents_are_what_is_described_at_every_position(world: World, described: Described) -> None:
    execution, event = described.validator("Execution"), described.validator("Event")
    seen: dict[str, set[str]] = {"position": set(), "status": set(), "type": set()}
    ids = set()
    for document in lives(world):
        execution.validate(document)
        shapes.Execution.model_validate(document, strict=False)
        execution.validate(world.read(document, lang="fr"))
        ids.add(document["id"])
        seen["position"].add(document["position"])
        seen["status"].add(document["status"])
    for identifier in ids:
        for line in map(json.loads, world.journal(identifier).splitlines()):
            event.validate(line)
            seen["type"].add(line["type"])
        proof = world.ask("auditor", f"/executions/{identifier}/verification").json()
        described.validator("Verification").validate(proof)
        assert proof["ok"], proof
    assert seen["status"] == {"in_progress", "blocked", "on_hold", "completed", "aborted", "escalated"}
    assert len(seen["position"]) > 35
    assert len(seen["type"]) >= 15


def test_lists_and_other_documents_are_what_is_described(world: World, described: Described) -> None:
    document = world.declare()
    world.accepted("ann", document, type="hold", comment="x")
    for name, path in (
        ("ExecutionList", "/executions"),
        ("ExecutionList", "/executions?q=no%20such%20title"),
        ("EventList", "/events?limit=200"),
        ("EventList", f"/executions/{document['id']}/events"),
        ("RunbookList", "/runbooks?lang=fr"),
        ("Runbook", "/runbooks/standalone-vmm"),
        ("Runbook", "/runbooks/standalone-vmm?lang=fr"),
        ("Me", "/me"),
    ):
        described.validator(name).validate(world.ask("viewer", path).json())
    answer = world.post("ann", document, {"type": "resume"})
    described.validator("EventAnswer").validate(answer.json())


def test_problems_are_what_is_described(world: World, described: Described) -> None:
    document = world.declare()
    problem = described.validator("Problem")
    for who, body, headers in (
        ("viewer", {}, {}),
        ("ann", {"type": "confirm"}, {}),
        ("ann", {"type": "note", "comment": "x"}, {"if_match": '"9-en"'}),
        ("ann", {"type": "resume"}, {}),
        ("ann", {"type": "confirm", "at": document["position"], "comment": "x", "attempt": 3}, {}),
    ):
        problem.validate(world.post(who, document, body, **headers).json())
    problem.validate(world.ask(None, "/me").json())
    problem.validate(world.ask("ann", "/nowhere").json())

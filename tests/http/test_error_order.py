"""Requests that are wrong in several ways at once: the contract's order decides which of them is answered."""

from dataclasses import dataclass
from typing import Any

import pytest

from app.domain.events import Role
from tests.http.clients import World, declaration, slug

NOWHERE = "0198f0c0-0000-7000-8000-000000000000"
MALFORMED = {"content": b"{"}
INVALID = {"json": {"type": "confirm"}}


@dataclass(frozen=True)
class Scene:
    """An execution whose first action was confirmed with the key `used`, by ann."""

    id: str
    at: str
    before: str


@pytest.fixture(scope="module")
def scene(world: World) -> Scene:
    document = world.declare()
    body = {"type": "confirm", "at": document["position"], "comment": "Isolated."}
    answer = world.post("ann", document, body, idempotency_key="used")
    assert answer.status_code == 201
    return Scene(document["id"], answer.json()["execution"]["position"], document["position"])


def ask(world: World, who: str | None, path: str, **options: Any) -> tuple[int, str]:
    return slug(world.ask(who, path, **options))


@pytest.mark.parametrize(("method", "path"), [
    ("GET", "/nowhere"), ("GET", "/executions/x/y/z"), ("DELETE", "/executions"), ("PUT", f"/executions/{NOWHERE}"),
    ("GET", f"/executions/{NOWHERE}"), ("GET", "/executions/odd"), ("GET", "/executions?limit=0&cursor=x&q=%ff"),
    ("GET", "/runbooks/nothing?lang=de"), ("POST", "/executions"), ("POST", f"/executions/{NOWHERE}/events?lang=de"),
    ("GET", f"/executions/{NOWHERE}/events/x"), ("GET", f"/executions/{NOWHERE}/stream?after=x"),
])  # fmt: skip
def test_401_goes_before_everything(world: World, method: str, path: str) -> None:
    for headers in (
        {},
        {"authorization": "Basic eDp5"},
        {"authorization": "Bearer"},
        {"authorization": "Bearer nobody"},
    ):
        answer = world.ask(
            None, path, method=method,
            headers={"idempotency-key": "é".encode("latin-1"), "if-match": '"9-en"', **headers},
            **({"content": b"\xff" * 2_000_000} if method == "POST" else {}),
        )  # fmt: skip
        assert slug(answer) == (401, "unauthenticated")
        assert answer.headers["www-authenticate"] == "Bearer"
        world.forgive()


@pytest.mark.parametrize("body", [MALFORMED, INVALID, {"content": b" " * 2_000_000}, {"content": b"x", "headers": {
    "content-type": "text/plain"}}])  # fmt: skip
@pytest.mark.parametrize(
    "path", ["/executions", "/executions?lang=de", f"/executions/{NOWHERE}/events", "/executions/odd/events"]
)
def test_403_of_a_token_that_may_never_goes_before_the_rest(world: World, path: str, body: dict[str, Any]) -> None:
    for who in ("viewer", "auditor", "admin"):
        assert ask(world, who, path, **body) == (403, "role-required")
    if path.startswith("/executions?") or path == "/executions":
        assert ask(world, "ben", path, **body) == (403, "role-required")


def test_403_of_a_type_goes_before_404_and_before_the_form(world: World) -> None:
    wrong = {"type": "sign_off", "decision": "perhaps", "more": 1}
    for path in (f"/executions/{NOWHERE}/events", "/executions/odd/events", f"/executions/{NOWHERE}/events?lang=fr"):
        answer = world.ask("operator", path, json=wrong, headers={"if-match": '"9-en"'})
        assert slug(answer) == (403, "role-required")
        assert answer.json()["required"] == ["approver"]
        assert ask(world, "ben", path, json={"type": "authorize", "break_glass": True}) == (403, "role-required")


def test_break_glass_makes_no_other_event_the_coordinators(world: World, scene: Scene) -> None:
    body = {"type": "confirm", "at": scene.at, "break_glass": True}
    answer = world.post("operator", scene.id, body)
    assert slug(answer) == (422, "invalid-request")
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/break_glass"]


@pytest.mark.parametrize("wrong", [
    MALFORMED, INVALID, {"json": {"type": "Confirm"}}, {"content": b" " * 2_000_000},
    {"json": {"type": "note", "comment": "x"}, "headers": {"idempotency-key": "has a blank"}},
    {"content": b"x", "headers": {"content-type": "text/plain"}},
    {"json": {"type": "note", "comment": "x"}, "headers": {"if-match": '"9-en"', "idempotency-key": "used"}},
])  # fmt: skip
@pytest.mark.parametrize("path", [
    f"/executions/{NOWHERE}/events", "/executions/odd/events", f"/executions/{NOWHERE}/events?lang=de",
    f"/executions/{NOWHERE}/events?unknown=1&q=%ff",
])  # fmt: skip
def test_404_goes_before_what_is_wrong_with_the_request(world: World, path: str, wrong: dict[str, Any]) -> None:
    assert ask(world, "ann", path, **wrong) == (404, "not-found")


@pytest.mark.parametrize("path", [
    f"/executions/{NOWHERE}?lang=de", "/executions/odd?lang=de", f"/executions/{NOWHERE}/events?limit=0",
    f"/executions/{NOWHERE}/events?type=X&cursor=1", f"/executions/{NOWHERE}/stream?after=-1",
    f"/executions/{NOWHERE}/events/0?x=1", f"/executions/{NOWHERE}/diagram?lang=de", "/runbooks/other?digest=x",
    "/runbooks/other/diagram?profile=x&lang=de&digest=1", f"/executions/{NOWHERE}/verification?deep=yes",
    "/nowhere?q=%ff",
])  # fmt: skip
def test_404_goes_before_what_is_wrong_with_the_query(world: World, path: str) -> None:
    assert ask(world, "viewer", path) == (404, "not-found")


def test_405_goes_before_the_body(world: World, scene: Scene) -> None:
    for method in ("PUT", "PATCH", "DELETE"):
        for path in (f"/executions/{scene.id}?lang=de", "/executions?limit=0"):
            assert ask(world, "viewer", path, method=method, **MALFORMED) == (405, "method-not-allowed")


def test_what_cannot_be_read_goes_before_what_is_invalid(world: World, scene: Scene) -> None:
    path = f"/executions/{scene.id}/events"
    key = {"idempotency-key": "a b", "if-match": '"9-en"'}
    assert ask(world, "ann", path, content=b'{"type": "confirm", ', headers=key) == (400, "malformed-request")
    assert ask(world, "ann", path, content=b"{}", headers={"content-type": "text/plain", **key})[0] == 415
    assert ask(world, "ann", path, content=b"{" + b" " * 2_000_000, headers=key) == (413, "payload-too-large")


def test_422_goes_before_the_idempotency_key_the_tag_and_the_position(world: World, scene: Scene) -> None:
    path = f"/executions/{scene.id}/events"
    stale = {"idempotency-key": "used", "if-match": '"1-en"'}
    for body in (
        {"type": "confirm", "at": scene.before, "more": 1},
        {"type": "confirm", "at": "fail-over-vmm.fence-primry", "comment": "x"},
        {"type": "confirm", "at": scene.before, "comment": "x", "performed_at": "2199-01-01T00:00:00Z"},
        {"type": "confirm", "at": scene.before, "comment": "x", "workloads": ["unknown"]},
        {"type": "report_failure", "at": scene.before, "symptom": "F99"},
        {"type": "hand_over", "to": "nobody"},
        {"type": "correct", "corrects": 99, "comment": "x"},
    ):
        assert ask(world, "ann", path, json=body, headers=stale) == (422, "invalid-request"), body
    good = {"type": "note", "comment": "x"}
    assert ask(world, "ann", path, json=good, headers={"idempotency-key": "a b", "if-match": '"1-en"'})[0] == 422


def test_the_idempotency_key_goes_before_the_tag_and_the_position(world: World, scene: Scene) -> None:
    path = f"/executions/{scene.id}/events"
    stale = {"idempotency-key": "used", "if-match": '"1-en"'}
    again = {"type": "confirm", "at": scene.before, "comment": "Isolated."}
    replayed = world.ask("ann", path, json=again, headers=stale)
    assert (replayed.status_code, replayed.headers["idempotency-replayed"]) == (201, "true")
    other = {"type": "confirm", "at": scene.before, "comment": "Another word."}
    assert ask(world, "ann", path, json=other, headers=stale) == (422, "idempotency-key-reused")


def test_412_goes_before_409_and_the_moved_position_before_the_refused_transition(world: World, scene: Scene) -> None:
    path = f"/executions/{scene.id}/events"
    moved = {"type": "confirm", "at": scene.before, "comment": "x"}
    assert ask(world, "ann", path, json=moved, headers={"if-match": '"1-en"'}) == (412, "version-mismatch")
    assert ask(world, "ann", path, json=moved) == (409, "position-moved")
    refused = {"type": "waive", "at": scene.before, "comment": "also not waivable"}
    assert ask(world, "operator", path, json=refused) == (409, "position-moved")
    refused["at"] = scene.at
    assert ask(world, "operator", path, json=refused) == (409, "transition-refused"), "not waivable, nor hers to waive"


def test_409_goes_before_the_late_403(world: World) -> None:
    here = world.at("reverse-vmm-replication.mark-old-primary-as-replica")
    both = world.token("dora", Role.OPERATOR, Role.APPROVER)
    world.tokens["dora"] = both
    confirm = {"type": "confirm", "at": here["position"]}
    assert ask(world, "dora", f"/executions/{here['id']}/events", json=confirm) == (409, "transition-refused")
    world.accepted("dora", here, type="authorize", at=here["position"])
    stale = {"headers": {"if-match": f'"{here["version"]}-en"'}}
    assert ask(world, "dora", f"/executions/{here['id']}/events", json=confirm, **stale) == (412, "version-mismatch")
    wrong = {**confirm, "attempt": 7}
    assert ask(world, "dora", f"/executions/{here['id']}/events", json=wrong) == (409, "position-moved")
    assert ask(world, "dora", f"/executions/{here['id']}/events", json=confirm) == (403, "second-person-required")


def test_a_declaration_keeps_the_order_too(world: World) -> None:
    good = declaration(title="Order")
    first = world.ask("ann", "/executions", json=good, headers={"idempotency-key": "order"})
    assert first.status_code == 201
    keyed = {"headers": {"idempotency-key": "order"}}
    for wrong in (
        declaration(title="Order", runbook="other"),
        declaration(title="Order", outage_started_at="2199-01-01T00:00:00Z"),
        declaration(title="Order", workloads=[]),
    ):
        assert ask(world, "ann", "/executions", json=wrong, **keyed) == (422, "invalid-request")
    other = declaration(title="Other")
    assert ask(world, "ann", "/executions", json=other, **keyed) == (422, "idempotency-key-reused")


def test_too_large_goes_before_of_the_wrong_type(world: World) -> None:
    document = world.declare()
    answer = world.ask(
        "ann", f"/executions/{document['id']}/events", content=b"x" * 2_000_000, headers={"content-type": "text/plain"}
    )
    assert slug(answer) == (413, "payload-too-large")

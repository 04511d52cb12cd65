"""Idempotency-Key: the same request gets the same answer, however often, whenever and wherever it is repeated."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from httpx2 import Response

from app.domain.events import Role
from app.services.reading import Documents
from tests.http.clients import World, declaration, running, slug

FENCED = {"type": "confirm", "at": "fail-over-vmm.fence-primary", "comment": "Power is cut at the rack."}


def same(first: Response, again: Response) -> None:
    """Assert that an answer is the stored one: byte for byte, and with the same headers but for the mark."""
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    for name in ("etag", "location", "content-language", "vary", "content-type"):
        assert again.headers[name] == first.headers[name]


def forget(world: World) -> None:
    """Empty what the process keeps in memory, so that every answer is made from the database."""
    world.service.documents = Documents(world.service.definitions)


def test_a_repeated_event_is_one_line_and_one_answer(world: World) -> None:
    """T1, T3."""
    document = world.declare()
    first = world.post("ann", document, FENCED, idempotency_key="e-1")
    assert "idempotency-replayed" not in first.headers
    for _ in range(3):
        same(first, world.post("ann", document, FENCED, idempotency_key="e-1"))
    assert len(world.journal(document).splitlines()) == 2
    assert first.json()["event"]["request_key_digest"] == hashlib.sha256(b"e-1").hexdigest()


def test_a_repeated_declaration_is_one_execution(world: World) -> None:
    body = declaration(title="Once", parameters={"vmm_vm": "z", "secondary_host": "b", "primary_host": "a"})
    first = world.ask("ann", "/executions", json=body, headers={"idempotency-key": "d-1"})
    world.post("ann", first.json()["id"], FENCED)
    forget(world)
    same(first, world.ask("ann", "/executions", json=body, headers={"idempotency-key": "d-1"}))
    shuffled = dict(reversed(body.items()))
    same(first, world.ask("ann", "/executions", json=shuffled, headers={"idempotency-key": "d-1"}))
    assert len(world.ask("viewer", "/executions?q=once").json()["items"]) == 1


def told(world: World) -> tuple[dict[str, Any], list[tuple[str, dict[str, Any], str, str, Response]]]:
    """Walk an execution through many kinds of events; give each request with its first answer."""
    parameters = {"vmm_vm": "z", "secondary_host": "b", "primary_host": "a"}
    workloads = [{"name": "web01", "parameters": {"secondary_host": "y", "primary_host": "x"}}, {"name": "é'; x"}]
    document = world.declare(parameters=parameters, workloads=workloads, targets={"rto_minutes": 5})
    sent: list[tuple[str, dict[str, Any], str, str, Response]] = []

    def send(who: str, **body: Any) -> dict[str, Any]:
        language = ("en", "fr")[len(sent) % 2]
        key = f"{document['id']}-{len(sent)}"
        path = f"/executions/{document['id']}/events?lang={language}"
        answer = world.ask(who, path, json=body, headers={"idempotency-key": key})
        assert answer.status_code == 201, answer.text
        sent.append((who, body, path, key, answer))
        found: dict[str, Any] = answer.json()["execution"]
        return found

    def go(until: str) -> str:
        here = world.read(document)
        while here["position"] != until:
            who, body = world.onward(here)
            here = send(who, **body)
        return until

    at = go("fail-over-vmm.start-vmm-vm")
    send("ann", type="report_failure", at=at, comment="No network.")
    send("ann", type="note", evidence=[{"kind": "output", "content": "é\u2028".strip("\u2028") + "\n"}])
    send("ann", type="hold", comment="Wait.")
    send("ann", type="resume", at=at)
    send("ann", type="retry", at=at)
    send("ann", type="correct", corrects=2, comment="The other rack.")
    at = go("fail-over-workloads.complete-vmm-failover")
    send("ann", type="waive", at=at, comment="Later.")
    at = go("fail-over-workloads.fail-over-workload-vms")
    send(
        "ann", type="confirm", at=at, workloads=["WEB01"], recovery_point={"label": "p", "time": "2026-01-01T00:00:00Z"}
    )
    send("ann", type="report_failure", at=at, symptom="F03", workloads=["é'; x"])
    send("ann", type="waive", at=at, workloads=["é'; x"], comment="Restored from backup.")
    at = go("fail-over-workloads.sign-off")
    send("ben", type="sign_off", at=at, decision="reject", comment="Look again.")
    send("ann", type="hand_over", to=world.ids["coordinator"])
    at = go("confirm-access.sign-off")
    send("coordinator", type="sign_off", at=at, decision="approve", break_glass=True, comment="Nobody else is awake.")
    at = go("reverse-vmm-replication.reverse-vmm-replication")
    send("coordinator", type="primary_lost", comment="The river rose again.")
    send("coordinator", type="abort", comment="Over.")
    return document, sent


@pytest.mark.parametrize("memory", ["kept", "emptied", "of another process"])
def test_a_replay_is_rebuilt_from_its_version_whatever_happened_since(
    own_world: World, memory: str, request: pytest.FixtureRequest
) -> None:
    document, sent = told(own_world)
    journal = own_world.journal(document)

    def replay(world: World, forgetting: Callable[[World], None] = lambda _: None) -> None:
        for who, body, path, key, first in sent:
            forgetting(world)
            again = world.ask(None, path, json=body, headers={
                "idempotency-key": key, "if-match": '"1-en"', "authorization": f"Bearer {own_world.tokens[who]}",
            })  # fmt: skip
            same(first, again)

    if memory == "of another process":
        with running(own_world.url, people={}) as other:
            replay(other)
    else:
        replay(own_world, forget if memory == "emptied" else lambda _: None)
    assert own_world.journal(document) == journal
    proof = own_world.ask("auditor", f"/executions/{document['id']}/verification").json()
    assert proof["ok"], proof


def test_a_replay_is_told_in_the_language_asked_for(world: World) -> None:
    document = world.declare()
    first = world.post("ann", document, FENCED, idempotency_key="l-1")
    again = world.ask(
        "ann", f"/executions/{document['id']}/events?lang=fr", json=FENCED, headers={"idempotency-key": "l-1"}
    )
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["etag"] == '"2-fr"'
    assert again.json()["event"] == first.json()["event"]
    assert again.json()["execution"] == world.read(document, lang="fr")


def test_a_key_is_its_operators_own_whichever_token_is_shown(world: World) -> None:
    """T6."""
    document = world.declare()
    note = {"type": "note", "comment": "Mine."}
    first = world.post("ann", document, note, idempotency_key="o-1")
    other = world.post("ben", document, note, idempotency_key="o-1")
    assert "idempotency-replayed" not in other.headers
    assert other.json()["event"]["number"] == 3
    world.tokens["ann again"] = world.token("ANN", Role.OPERATOR)
    same(first, world.post("ann again", document, note, idempotency_key="o-1"))
    world.tokens["ann reads"] = world.token("Ann", Role.VIEWER)
    assert slug(world.post("ann reads", document, note, idempotency_key="o-1")) == (403, "role-required")


@pytest.mark.parametrize("written", ["q-1", '"q-1"', "  q-1 ", ' "q-1"'])
def test_a_key_is_the_same_with_quotes_and_without(world: World, written: str) -> None:
    document = world.declare()
    body = {"type": "note", "comment": "x"}
    key = f"{document['id']}-q-1"
    first = world.post("ann", document, body, idempotency_key=key)
    same(first, world.post("ann", document, body, idempotency_key=written.replace("q-1", key)))


@pytest.mark.parametrize("key", ["!", '"', "~" * 255, '"' + "x" * 255 + '"', 'a/b:c;d=\\"e', "{}", "0"])
def test_any_visible_key_is_taken(world: World, key: str) -> None:
    document = world.declare()
    body = {"type": "note", "comment": "x"}
    first = world.post("operator", document, body, idempotency_key=key)
    assert first.status_code in {201, 422}
    if first.status_code == 422:  # used for the other database's or case's execution
        assert slug(first) == (422, "idempotency-key-reused")
    else:
        same(first, world.post("operator", document, body, idempotency_key=key))


def variants() -> list[tuple[str, dict[str, Any]]]:
    base = {
        "type": "confirm", "at": "fail-over-vmm.fence-primary", "comment": "Power is cut at the rack.",
        "performed_by": "Night shift", "performed_at": "2026-02-01T00:00:00Z", "attempt": 1,
        "evidence": [{"kind": "text", "content": "x", "name": "n"}], "outcome": "done",
    }  # fmt: skip
    other = {
        "comment": "Power is cut at the desk.", "performed_by": "Day shift", "performed_at": "2026-02-01T00:00:01Z",
        "evidence": [{"kind": "text", "content": "y", "name": "n"}], "outcome": "already_done",
    }  # fmt: skip
    without = [(f"without {name}", {k: v for k, v in base.items() if k != name}) for name in other | {"attempt": 1}]
    return [("", base), *((name, {**base, name: value}) for name, value in other.items()), *without]


@pytest.mark.parametrize(("what", "body"), variants()[1:])
def test_a_key_used_for_another_request_is_refused(world: World, what: str, body: dict[str, Any]) -> None:
    """T4: whichever member differs."""
    document = world.declare(outage_started_at="2026-01-01T00:00:00Z")
    key = f"r-{document['id']}"
    assert world.post("ann", document, variants()[0][1], idempotency_key=key).status_code == 201
    before = world.journal(document)
    assert slug(world.post("ann", document, body, idempotency_key=key)) == (422, "idempotency-key-reused")
    assert world.journal(document) == before


def test_a_key_is_not_for_another_execution_or_another_call(world: World) -> None:
    one, two = world.declare(), world.declare()
    note = {"type": "note", "comment": "x"}
    assert world.post("ann", one, note, idempotency_key="c-1").status_code == 201
    assert slug(world.post("ann", two, note, idempotency_key="c-1")) == (422, "idempotency-key-reused")
    answer = world.ask("ann", "/executions", json=declaration(), headers={"idempotency-key": "c-1"})
    assert slug(answer) == (422, "idempotency-key-reused")
    capitals = world.post("ann", one["id"].upper(), note, idempotency_key="c-1")
    assert capitals.headers["idempotency-replayed"] == "true"


def test_a_refusal_is_not_kept(world: World) -> None:
    document = world.declare()
    confirm = {"type": "confirm", "at": "fail-over-vmm.fail-over-vmm-vm"}
    assert slug(world.post("ann", document, confirm, idempotency_key="n-1")) == (409, "transition-refused")
    assert slug(world.post("ann", document, {**confirm, "x": 1}, idempotency_key="n-1")) == (422, "invalid-request")
    stale = world.post("ann", document, confirm, idempotency_key="n-1", if_match='"9-en"')
    assert slug(stale) == (412, "version-mismatch")
    world.accepted("ann", document, **FENCED)
    answer = world.post("ann", document, confirm, idempotency_key="n-1")
    assert answer.status_code == 201
    assert "idempotency-replayed" not in answer.headers


def test_a_short_action_means_the_step_that_it_was_posted_at(world: World) -> None:
    """Completed from `at`: a repeated request gets its answer, a stale page hears who was faster."""
    document = world.at("fail-over-vmm.sign-off")
    reject = {
        "type": "sign_off",
        "decision": "reject",
        "to": "start-vmm-vm",
        "at": document["position"],
        "comment": "x",
    }
    first = world.post("ben", document, reject, idempotency_key="short")
    assert first.status_code == 201, first.text
    moved_on = [first.json()["execution"], *world.walk(first.json()["execution"], until="fail-over-workloads.sign-off")]
    same(first, world.post("ben", document, reject, idempotency_key="short"))
    assert slug(world.post("ben", moved_on[-1], reject)) == (409, "position-moved")

"""The contract's rows about posting events: what comes back, what is stale, who was faster."""

import pytest

from app.domain.events import Role
from tests.http.clients import BASE, World, slug

FENCE = "fail-over-vmm.fence-primary"
FENCED = {"type": "confirm", "at": FENCE, "comment": "Power is cut at the rack."}
NOTE = {"type": "note", "comment": "The insurer was called."}


def test_an_accepted_event_is_answered_with_its_line_and_where_it_led(world: World) -> None:
    begun = world.declare()
    answer = world.post("ann", begun, FENCED)
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{BASE}/executions/{begun['id']}/events/2"
    assert answer.headers["etag"] == '"2-en"'
    assert answer.headers["content-language"] == "en"
    assert "idempotency-replayed" not in answer.headers
    assert set(answer.json()) == {"event", "execution"}
    event, document = answer.json()["event"], answer.json()["execution"]
    assert (event["number"], event["position_before"], event["position_after"]) == (2, FENCE, document["position"])
    assert event["actor"] == {"id": world.ids["ann"], "name": "ann", "role": "operator"}
    assert document == world.read(begun)
    assert (document["version"], document["head"]) == (2, event["hash"])
    line = world.client.get(answer.headers["location"], headers={"authorization": f"Bearer {world.tokens['viewer']}"})
    assert line.json() == event
    assert answer.text.startswith('{"event":' + line.text)


def test_an_event_is_answered_in_the_language_asked_for_and_kept_in_none(world: World) -> None:
    begun = world.declare()
    answer = world.ask("ann", f"/executions/{begun['id']}/events?lang=fr", json=FENCED)
    assert answer.headers["etag"] == '"2-fr"'
    assert answer.json()["execution"] == world.read(begun, lang="fr")
    refused = world.ask("ann", f"/executions/{begun['id']}/events?lang=fr", json={"type": "resume"})
    assert refused.json()["reasons"] != world.post("ann", begun, {"type": "resume"}).json()["reasons"]


@pytest.mark.parametrize("tag", ['"1-en"', '"1-fr"', 'W/"1-fr"', "*", '"7-en", "1-en"', '"1-en-2"', '"1"'])
def test_if_match_takes_any_languages_tag_of_the_version(world: World, tag: str) -> None:
    assert world.post("ann", world.declare(), NOTE, if_match=tag).status_code == 201


@pytest.mark.parametrize(
    "tag", ['"2-en"', '"0-fr"', '"x"', "1-en", '"1x-en"', "", '"999999999999999999999-en"', '"¹-en"']
)
def test_if_match_of_another_version_is_a_precondition_that_failed(world: World, tag: str) -> None:
    begun = world.declare()
    journal = world.journal(begun)
    answer = world.ask(
        "ann", f"/executions/{begun['id']}/events", json=NOTE, headers={"if-match": tag.encode("latin-1")}
    )
    assert slug(answer) == (412, "version-mismatch")
    assert answer.json()["version"] == 1
    assert answer.json()["position"] == FENCE
    assert world.journal(begun) == journal


def test_a_stale_tab_is_told_who_moved_it(world: World) -> None:
    """T7."""
    begun = world.declare()
    world.accepted("operator", begun, **FENCED)
    world.accepted("ann", begun, **NOTE)
    answer = world.post("ann", begun, FENCED)
    assert slug(answer) == (409, "position-moved")
    problem = answer.json()
    moved = problem["moved_by"]
    assert (moved["number"], moved["type"]) == (2, "confirm")
    assert moved["actor"] == {"id": world.ids["operator"], "name": "operator"}
    assert moved["at"].endswith("Z")
    assert (problem["position"], problem["version"]) == ("fail-over-vmm.fail-over-vmm-vm", 3)
    assert slug(world.post("ann", begun, FENCED, if_match='"1-en"')) == (412, "version-mismatch")


def test_a_captured_request_is_worth_nothing_later(world: World) -> None:
    """T9: its token is revoked, or its step is no longer due."""
    begun = world.declare()
    world.accepted("ann", begun, **FENCED)
    assert slug(world.post("ann", begun, FENCED))[0] == 409
    assert slug(world.ask(None, f"/executions/{begun['id']}/events", json=FENCED))[0] == 401


def test_what_is_not_due_says_why_and_what_is(world: World) -> None:
    begun = world.declare()
    for body, who in (
        ({"type": "confirm", "at": "fail-over-vmm.start-vmm-vm"}, "ann"),
        ({"type": "sign_off", "at": "fail-over-vmm.sign-off", "decision": "approve"}, "ben"),
        ({"type": "authorize", "at": FENCE}, "ben"),
        ({"type": "waive", "at": FENCE, "comment": "No."}, "ann"),
        ({"type": "resume"}, "ann"),
        ({"type": "secondary_lost", "comment": "Fire."}, "ann"),
    ):
        answer = world.post(who, begun, body)
        assert slug(answer) == (409, "transition-refused")
        problem = answer.json()
        assert problem["reasons"]
        assert all(problem["reasons"])
        assert (problem["position"], problem["version"]) == (FENCE, 1)
        assert problem["allowed"] == begun["allowed"]
    assert world.read(begun) == begun


def test_the_position_decides_who_may_waive(world: World) -> None:
    here = world.at("fail-over-vmm.fail-over-vmm-vm")
    answer = world.post("operator", here, {"type": "waive", "at": here["position"], "comment": "Go on."})
    assert slug(answer) == (409, "transition-refused")
    there = world.at("fail-over-workloads.complete-vmm-failover")
    waived = world.post("operator", there, {"type": "waive", "at": there["position"], "comment": "Later."})
    assert waived.status_code == 201
    check = world.at("fail-over-workloads.verify-vmm")
    answer = world.post("operator", check, {"type": "waive", "at": check["position"], "comment": "Go on."})
    assert slug(answer) == (403, "role-required")
    assert answer.json()["required"] == ["coordinator"]


def test_a_second_person_has_to_be_a_second_person_with_any_token(world: World) -> None:
    """T41, as far as two tokens of one operator go."""
    here = world.at("reverse-vmm-replication.mark-old-primary-as-replica")
    world.tokens["cleo"] = world.token("Cleo", Role.OPERATOR, Role.APPROVER)
    world.tokens["cleo again"] = world.token("CLEO", Role.OPERATOR)
    world.accepted("cleo", here, type="authorize", at=here["position"])
    for who in ("cleo", "cleo again"):
        answer = world.post(who, here, {"type": "confirm", "at": here["position"]})
        assert slug(answer) == (403, "second-person-required")
    assert world.post("ann", here, {"type": "confirm", "at": here["position"]}).status_code == 201


def test_several_workloads_are_taken_whole_or_refused_whole(world: World) -> None:
    here = world.at("fail-over-workloads.fail-over-workload-vms")
    before = world.journal(here)
    body = {"type": "confirm", "at": here["position"], "workloads": ["SQL01", "nas01", "web01", "x"]}
    answer = world.post("ann", here, body)
    assert slug(answer) == (422, "invalid-request")
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/workloads/1", "/workloads/3"]
    assert world.journal(here) == before
    done = world.accepted("ann", here, type="confirm", at=here["position"], workloads=["SQL01"])
    assert done["position"] == here["position"]
    answer = world.post("ben", here, {**body, "workloads": ["sql01"]})
    assert slug(answer) == (403, "role-required")
    answer = world.post("operator", here, {**body, "workloads": ["sql01"]})
    assert slug(answer) == (409, "position-moved")
    answer = world.post("operator", here, {**body, "workloads": ["sql01", "web01"]})
    assert slug(answer) == (409, "transition-refused")
    assert "sql01" in " ".join(answer.json()["reasons"])

"""Protected sets: made, revised with every trace kept, read; and how ready one is, as checklists and drills go by."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from app.domain.runbook import Runbook
from app.services import clock
from app.storage.database import Connection
from tests.http.clients import BASE, PARAMETERS, World, pointers, running, slug

CHECKLISTS = ["prepare-vmm-servers", "deploy-standalone-vmm"]
_numbers = count(1)


def contents(**members: Any) -> dict[str, Any]:
    """Give what a set says; members given replace or add."""
    return {
        "runbook": "standalone-vmm",
        "parameters": PARAMETERS,
        "workloads": [{"name": "sql01"}, {"name": "web01", "parameters": {"secondary_host": "sec-hv02"}}],
        "required_checklists": CHECKLISTS,
        **members,
    }


def make(world: World, **members: Any) -> dict[str, Any]:
    """Make a set and give its document."""
    name = members.pop("name", f"Set {next(_numbers)}")
    answer = world.ask("coordinator", "/protected-sets", json={"name": name, **contents(**members)})
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    return document


def revise(world: World, one: Mapping[str, Any], **members: Any) -> dict[str, Any]:
    """Revise a set and give its document."""
    answer = world.ask("admin", f"/protected-sets/{one['id']}/revisions", json=contents(**members))
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    return document


def readiness(world: World, one: Mapping[str, Any], **query: str) -> dict[str, Any]:
    """Ask how ready a set is."""
    answer = world.ask("viewer", f"/protected-sets/{one['id']}/readiness", params=query)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def why(found: Mapping[str, Any]) -> set[tuple[str, str | None]]:
    """Give the reasons of an answer, and what each is about."""
    return {(one["reason"], one["about"]) for one in found["reasons"]}


def begin(world: World, one: Mapping[str, Any], **members: Any) -> dict[str, Any]:
    """Declare an execution for a set, with nothing but its name and what is given."""
    asked = {"runbook": "standalone-vmm", "mode": "live", "title": "For a set", "protected_set": one["id"], **members}
    answer = world.ask("ann", "/executions", json=asked)
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    return document


def items(world: World, found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Settle the items and sign-offs of a checklist; give the document after each event."""
    while found["status"] != "completed":
        open_item = next((one for one in found["items"] if one["status"] == "open"), None)
        if open_item is None:
            found = world.accepted("ben", found, type="sign_off", at=found["position"], decision="approve")
        else:
            said = {"action": open_item["id"], "comment": "Secondary cloud. Decided by the board."}
            found = world.accepted("ann", found, type="confirm", at=found["position"], **said)
        yield found


def done(world: World, one: Mapping[str, Any], checklist: str, **members: Any) -> dict[str, Any]:
    """Complete a checklist for a set."""
    return [*items(world, begin(world, one, runbook=checklist, **members))][-1]


def drilled(world: World, one: Mapping[str, Any], outcome: str = "passed", **members: Any) -> dict[str, Any]:
    """Complete a drill for a set."""
    found = begin(world, one, mode="drill", **members)
    while found["status"] != "completed":
        who, body = world.onward(found)
        ends = {"drill_outcome": outcome} if "drill_outcome" in body else {}
        found = world.accepted(who, found, **{**body, **ends})
    return found


def later(monkeypatch: pytest.MonkeyPatch, **delta: float) -> None:
    """Let the service's clock show a later time."""
    moment = datetime.now(UTC) + timedelta(**delta)
    monkeypatch.setattr(clock, "now", lambda: moment)


def put(patched: pytest.MonkeyPatch, world: World, runbook_id: str, runbook: Runbook | None) -> None:
    """Let another definition be current, or none."""
    current = world.service.definitions.current

    def other(connection: Connection) -> dict[str, Runbook]:
        found = {**current(connection), runbook_id: runbook}
        return {name: one for name, one in found.items() if one is not None}

    patched.setattr(world.service.definitions, "current", other)


def now_current(world: World, runbook_id: str) -> Runbook:
    """Give the definition that is current."""
    with world.service.database.reading() as connection:
        return world.service.definitions.current(connection)[runbook_id]


def test_a_set_is_made_read_and_listed(world: World) -> None:
    body = {"name": "Made in Lyon", **contents(comment="For the ERP.", drill_period_days=30)}
    answer = world.ask("coordinator", "/protected-sets", json=body)
    assert answer.status_code == 201
    made = answer.json()
    assert answer.headers["location"] == f"{BASE}/protected-sets/{made['id']}"
    assert answer.headers["etag"] == '"1"'
    coordinator = {"id": world.ids["coordinator"], "name": "coordinator"}
    assert made == {
        **body,
        "id": made["id"],
        "revision": 1,
        "workloads": [{"name": "sql01", "parameters": {}}, body["workloads"][1]],
        "changed_by": coordinator,
        "created_by": coordinator,
        "changed_at": made["created_at"],
        "created_at": made["created_at"],
    }
    read = world.ask("viewer", f"/protected-sets/{made['id']}")
    assert (read.json(), read.headers["etag"]) == (made, '"1"')
    page = world.ask("viewer", "/protected-sets?limit=1")
    assert page.json()["items"] == [made]


def test_what_is_left_out_has_its_default(world: World) -> None:
    body = {name: value for name, value in contents().items() if name != "required_checklists"}
    made = world.ask("admin", "/protected-sets", json={"name": "Little", **body}).json()
    assert (made["required_checklists"], made["drill_period_days"], made["comment"]) == ([], 90, None)


def test_sets_are_listed_in_pages(world: World) -> None:
    made = [make(world)["id"] for _ in range(3)]
    found: list[str] = []
    address = "/protected-sets?limit=2"
    while len(found) < 3:
        page = world.ask("viewer", address)
        found += [one["id"] for one in page.json()["items"]]
        address = f"/protected-sets?limit=2&cursor={page.json()['next']}"
        assert ("link" in page.headers) == (page.json()["next"] is not None)
    assert found[:3] == made[::-1]
    assert pointers(world.ask("viewer", "/protected-sets?cursor=x")) == ["/query/cursor"]


def test_a_name_is_taken_whatever_its_case(world: World) -> None:
    made = make(world, name="Straße")
    answer = world.ask("ann", "/protected-sets", json={"name": "STRASSE", **contents()})
    assert pointers(answer) == ["/name"]
    assert made["id"] in answer.text


@pytest.mark.parametrize(("members", "named"), [
    ({"name": ""}, ["/name"]), ({"name": "a\tb"}, ["/name"]), ({"name": " a"}, ["/name"]), ({"name": 1}, ["/name"]),
    ({"runbook": "nothing"}, ["/runbook"]), ({"runbook": "prepare-vmm-servers"}, ["/runbook"]),
    ({"parameters": {}}, ["/parameters/vmm_vm", "/parameters/primary_host", "/parameters/secondary_host"]),
    ({"parameters": {**PARAMETERS, "evil": "x"}}, ["/parameters/evil"]),
    ({"parameters": {**PARAMETERS, "authentication": "Magic"}}, ["/parameters/authentication"]),
    ({"parameters": {**PARAMETERS, "vmm_vm": 1}}, ["/parameters/vmm_vm"]),
    ({"workloads": []}, ["/workloads"]), ({"workloads": [{"name": "vmm"}]}, ["/workloads/0/name"]),
    ({"workloads": [{"name": "a"}, {"name": "A"}]}, ["/workloads/1/name"]),
    ({"workloads": [{"name": "a", "parameters": {"evil": "x"}}]}, ["/workloads/0/parameters/evil"]),
    ({"required_checklists": ["nothing", "standalone-vmm"]}, ["/required_checklists/0", "/required_checklists/1"]),
    ({"required_checklists": CHECKLISTS * 2}, ["/required_checklists/2", "/required_checklists/3"]),
    ({"required_checklists": "x"}, ["/required_checklists"]),
    ({"drill_period_days": 0}, ["/drill_period_days"]), ({"drill_period_days": 1.5}, ["/drill_period_days"]),
    ({"drill_period_days": 10**6}, ["/drill_period_days"]), ({"comment": " "}, ["/comment"]),
    ({"id": "x", "revision": 2}, ["/id", "/revision"]),
])  # fmt: skip
def test_a_bad_set(world: World, members: dict[str, Any], named: list[str]) -> None:
    answer = world.ask("ann", "/protected-sets", json={"name": "Bad", **contents(), **members})
    assert sorted(pointers(answer)) == sorted(named)


def test_a_set_may_hold_what_only_its_checklists_ask_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A parameter of a checklist goes to that checklist alone."""
    checklist = now_current(world, "deploy-standalone-vmm")
    rack = replace(checklist.parameters[0], name="rack")
    put(monkeypatch, world, checklist.id, replace(checklist, parameters=(rack, *checklist.parameters)))
    one = make(world, parameters={**PARAMETERS, "rack": "R7"})
    assert begin(world, one)["parameters"] == PARAMETERS
    begun = begin(world, one, runbook="deploy-standalone-vmm")
    assert begun["parameters"] == {"rack": "R7", "vmm_vm": "vmm01", "secondary_host": "sec-hv01"}
    assert begun["workloads"] == []


def test_a_revision_is_a_new_row_and_the_old_one_stays(world: World) -> None:
    one = make(world)
    path = f"/protected-sets/{one['id']}"
    answer = world.ask("admin", f"{path}/revisions", json=contents(comment="More."), headers={"if-match": '"1"'})
    assert (answer.status_code, answer.headers["etag"]) == (201, '"2"')
    revised = answer.json()
    assert (revised["revision"], revised["comment"], revised["name"]) == (2, "More.", one["name"])
    assert (revised["changed_by"]["name"], revised["created_by"]["name"]) == ("admin", "coordinator")
    assert revised["created_at"] == one["created_at"] < revised["changed_at"]
    assert world.ask("viewer", path).json() == revised
    assert world.ask("viewer", f"{path}/revisions").json() == {"items": [one, revised], "next": None}
    first = world.ask("viewer", f"{path}/revisions?limit=1")
    assert first.json() == {"items": [one], "next": "1"}
    assert "after=1" in first.headers["link"]
    assert world.ask("viewer", f"{path}/revisions?limit=1&after=1").json()["items"] == [revised]
    stale = world.ask("ann", f"{path}/revisions", json=contents(), headers={"if-match": '"1"'})
    assert slug(stale) == (412, "version-mismatch")
    assert stale.json()["version"] == 2
    assert pointers(world.ask("ann", f"{path}/revisions", json={"name": "Other", **contents()})) == ["/name"]
    assert pointers(world.ask("ann", f"{path}/revisions", json=contents(runbook="x"))) == ["/runbook"]


@pytest.mark.parametrize("identifier", ["0198f0c0-0000-7000-8000-000000000000", "odd", "0" * 36])
def test_a_set_that_is_not_there(world: World, identifier: str) -> None:
    path = f"/protected-sets/{identifier}"
    for there in (path, f"{path}/revisions", f"{path}/readiness", f"{path}/readiness?lang=de", f"{path}?x=1"):
        assert slug(world.ask("viewer", there)) == (404, "not-found")
    bodies: tuple[dict[str, Any], ...] = ({"json": contents()}, {"json": {}}, {"content": b"{"})
    for body in bodies:
        assert slug(world.ask("ann", f"{path}/revisions", **body)) == (404, "not-found")
    assert slug(world.ask("viewer", f"{path}/revisions", json={})) == (403, "role-required")
    assert slug(world.ask("ann", path, method="DELETE")) == (405, "method-not-allowed")


def test_the_same_request_again_changes_nothing(world: World) -> None:
    name = f"Set {next(_numbers)}"
    asked: dict[str, Any] = {"json": {"name": name, **contents()}}
    asked["headers"] = {"idempotency-key": "make-" + name.replace(" ", "-")}
    first, again = (world.ask("ann", "/protected-sets", **asked) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert again.headers["idempotency-replayed"] == "true"
    path = f"/protected-sets/{first.json()['id']}/revisions"
    key = {"idempotency-key": "revise-" + name.replace(" ", "-"), "if-match": '"1"'}
    second, repeated = (world.ask("ann", path, json=contents(), headers=key) for _ in range(2))
    assert second.json()["revision"] == 2
    assert second.content == repeated.content
    assert len(world.ask("viewer", path).json()["items"]) == 2
    other = world.ask("ann", path, json=contents(comment="Other."), headers=key)
    assert slug(other) == (422, "idempotency-key-reused")
    event = {"runbook": "standalone-vmm", "mode": "live", "title": "x", "protected_set": name}
    assert slug(world.ask("ann", "/executions", json=event, headers=key)) == (422, "idempotency-key-reused")
    used = {"idempotency-key": "declare-" + name.replace(" ", "-")}
    assert world.ask("ann", "/executions", json=event, headers=used).status_code == 201
    assert slug(world.ask("ann", path, json=contents(), headers=used)) == (422, "idempotency-key-reused")
    assert world.ask("coordinator", path, json=contents(), headers=key).status_code == 412, "another operator's key"


def test_of_many_who_make_or_revise_at_once_each_is_heard_or_told(world: World) -> None:
    name = f"Set {next(_numbers)}"
    with ThreadPoolExecutor(8) as pool:
        made = [*pool.map(lambda _: world.ask("ann", "/protected-sets", json={"name": name, **contents()}), range(8))]
        assert sorted(one.status_code for one in made) == [201, *[422] * 7]
        path = f"/protected-sets/{next(one.json()['id'] for one in made if one.status_code == 201)}/revisions"
        seen = [
            *pool.map(lambda _: world.ask("ann", path, json=contents(), headers={"if-match": '"1"'}), range(8)),
        ]
        assert sorted(one.status_code for one in seen) == [201, *[412] * 7]
        blind = [*pool.map(lambda _: world.ask("ann", path, json=contents()), range(8))]
    assert sorted(one.json()["revision"] for one in blind) == [*range(3, 11)]


def test_two_services_on_one_database_make_and_revise_at_once(own_world: World) -> None:
    """Two writers: whoever comes second waits, looks again and is heard or told; nobody meets a fault."""
    with running(own_world.url) as second, ThreadPoolExecutor(8) as pool:
        second.tokens = own_world.tokens
        both = [own_world, second] * 4

        def ask(path: str, body: dict[str, Any], **headers: str) -> list[Any]:
            return [*pool.map(lambda one: one.ask("ann", path, json=body, headers=headers), both)]

        made = ask("/protected-sets", {"name": "Both", **contents()})
        assert sorted(one.status_code for one in made) == [201, *[422] * 7]
        path = f"/protected-sets/{next(one.json()['id'] for one in made if one.status_code == 201)}/revisions"
        blind = ask(path, contents())
        assert sorted(one.json()["revision"] for one in blind) == [*range(2, 10)]
        keyed = ask(path, contents(), **{"idempotency-key": "once"})
        assert {(one.status_code, one.json()["revision"]) for one in keyed} == {(201, 10)}


def test_an_execution_takes_what_the_set_says_and_keeps_its_own(world: World) -> None:
    one = make(world)
    begun = begin(world, one)
    assert begun["protected_set"] == {"id": one["id"], "name": one["name"], "revision": 1}
    assert begun["parameters"] == PARAMETERS
    assert [(each["name"], each["parameters"]) for each in begun["workloads"]] == [
        ("sql01", {}), ("web01", {"secondary_host": "sec-hv02"}),
    ]  # fmt: skip
    revise(world, one, parameters={**PARAMETERS, "vmm_vm": "vmm09"}, workloads=[{"name": "erp01"}])
    gone_on = world.accepted("ann", begun, type="note", comment="Later.")
    for member in ("protected_set", "not_ready", "parameters", "workloads"):
        assert gone_on[member] == begun[member] == world.read(begun)[member]
    newer = begin(world, one)
    assert newer["parameters"]["vmm_vm"] == "vmm09"
    listed = world.ask("viewer", "/executions", params={"protected_set": one["id"]}).json()["items"]
    assert [(each["id"], each["protected_set"]) for each in listed] == [
        (newer["id"], one["id"]), (begun["id"], one["id"]),
    ]  # fmt: skip
    assert world.ask("auditor", f"/executions/{begun['id']}/verification").json()["ok"] is True


def test_what_is_given_goes_before_what_the_set_says(world: World) -> None:
    one = make(world)
    named = begin(world, one, protected_set=one["name"].upper(), parameters={"secondary_host": "third-hv01"})
    assert named["protected_set"]["id"] == one["id"]
    assert named["parameters"] == {**PARAMETERS, "secondary_host": "third-hv01"}
    fewer = begin(world, one, workloads=[{"name": "new01"}])
    assert [each["name"] for each in fewer["workloads"]] == ["new01"]
    assert fewer["parameters"] == PARAMETERS


def test_a_declaration_for_a_set_that_does_not_fit(world: World) -> None:
    one = make(world)
    asked = {"runbook": "standalone-vmm", "mode": "live", "title": "x", "protected_set": one["id"]}
    for members, named in (
        ({"protected_set": "no such"}, ["/protected_set"]),
        ({"protected_set": ""}, ["/protected_set"]),
        ({"runbook": "nothing"}, ["/runbook"]),
        ({"parameters": {"evil": "x"}}, ["/parameters/evil"]),
        ({"workloads": []}, ["/workloads"]),
        ({"protected_set": None}, ["/parameters"]),
        ({"protected_set": None, "parameters": PARAMETERS}, ["/workloads"]),
    ):
        assert pointers(world.ask("ann", "/executions", json={**asked, **members})) == named


def test_workloads_of_a_set_that_fit_no_more_are_a_fault_of_the_set(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = make(world)
    runbook = now_current(world, "standalone-vmm")
    without = tuple(each for each in runbook.parameters if each.name != "secondary_host")
    put(monkeypatch, world, runbook.id, replace(runbook, parameters=without))
    asked = {"runbook": runbook.id, "mode": "live", "title": "x", "protected_set": one["id"]}
    answer = world.ask("ann", "/executions", json=asked)
    assert pointers(answer) == ["/protected_set"]
    assert "/workloads/1/parameters/secondary_host" in answer.json()["errors"][0]["message"]
    assert world.ask("ann", "/executions", json={**asked, "workloads": [{"name": "sql01"}]}).status_code != 422


def test_what_was_not_ready_is_in_the_journal_and_shown_and_never_blocks(world: World) -> None:
    one = make(world)
    begun = begin(world, one)
    assert [(each["reason"], each["about"]) for each in begun["not_ready"]] == [
        *(("checklist_missing", checklist) for checklist in CHECKLISTS), ("drill_missing", None),
    ]  # fmt: skip
    french = world.read(begun, lang="fr")["not_ready"]
    assert french[2]["text"] == "Aucun exercice de cet ensemble n'est encore terminé."
    line = world.ask("auditor", f"/executions/{begun['id']}/events/1").json()
    assert line["data"]["protected_set"] == {"id": one["id"], "name": one["name"], "revision": 1}
    assert line["data"]["not_ready"] == [
        {key: value for key, value in each.items() if value is not None} for each in begun["not_ready"]
    ]
    plain = world.declare()
    assert (plain["protected_set"], plain["not_ready"]) == (None, [])
    line = world.ask("auditor", f"/executions/{plain['id']}/events/1").json()
    assert ("protected_set" in line["data"], line["data"]["not_ready"]) == (False, [])
    checklist = begin(world, one, runbook="prepare-vmm-servers")
    assert checklist["not_ready"] == []


#: A checklist may name workloads all the same; they say nothing about the set.
GIVEN: dict[str, dict[str, Any]] = {CHECKLISTS[0]: {"workloads": [{"name": "other01"}]}, CHECKLISTS[1]: {}}


@pytest.fixture(scope="module")
def done_for(world: World) -> dict[str, Any]:
    """Give a set for which everything was done, and the executions that did it."""
    return everything(world)


def everything(world: World) -> dict[str, Any]:
    """Make a set and do all that it asks for."""
    one = make(world, drill_period_days=30)
    return {
        "set": one,
        "drill": drilled(world, one),
        **{each: done(world, one, each, **named) for each, named in GIVEN.items()},
    }


def test_nothing_is_ready_before_it_is_done(world: World) -> None:
    one = make(world)
    found = readiness(world, one)
    assert (found["state"], found["stale_at"], found["drill"], found["decisions"]) == ("not_ready", None, None, [])
    assert why(found) == {*(("checklist_missing", each) for each in CHECKLISTS), ("drill_missing", None)}
    assert [(each["id"], each["state"], each["execution"]) for each in found["checklists"]] == [
        (each, "not_ready", None) for each in CHECKLISTS
    ]
    begun = begin(world, one, runbook=CHECKLISTS[1])
    next(items(world, begun))
    half = readiness(world, one)
    assert why(half) == why(found), "begun is not done"
    assert half["decisions"][0]["execution"] == begun["id"]


def test_a_set_is_ready_once_all_was_done(world: World, done_for: dict[str, Any]) -> None:
    found = readiness(world, done_for["set"])
    assert (found["state"], found["reasons"]) == ("ready", [])
    drill, prepared, deployed = (done_for[each] for each in ("drill", *CHECKLISTS))
    due = datetime.fromisoformat(found["drill"]["ended_at"]) + timedelta(days=30)
    assert found["drill"] == {
        "execution": drill["id"], "outcome": "passed", "ended_at": drill["completed_at"], "due_at": clock.stamp(due),
    }  # fmt: skip
    assert found["stale_at"] == clock.stamp(due)
    assert found["checklists"][0]["valid_until"] == prepared["valid_until"]
    assert found["checklists"][1]["execution"] == deployed["id"]
    decision = found["decisions"][0]
    assert (decision["action"], decision["checklist"]) == ("decide.single-server", "deploy-standalone-vmm")
    assert decision["comment"] == "Secondary cloud. Decided by the board."
    assert (decision["by"]["name"], decision["event"]) == ("ann", 2)
    assert "Azure" in readiness(world, done_for["set"], lang="fr")["decisions"][0]["title"]
    assert begin(world, done_for["set"])["not_ready"] == []


def test_what_was_done_turns_stale_with_time(
    world: World, done_for: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = done_for["set"]
    stale_at = readiness(world, one)["stale_at"]
    later(monkeypatch, days=31)
    overdue = readiness(world, one)
    assert (overdue["state"], overdue["stale_at"], why(overdue)) == ("stale", None, {("drill_overdue", None)})
    assert overdue["reasons"][0]["since"] == stale_at
    later(monkeypatch, days=91)
    assert why(readiness(world, one)) == {
        ("drill_overdue", None), *(("checklist_expired", each) for each in CHECKLISTS),
    }  # fmt: skip


def test_another_content_of_a_runbook_or_a_checklist_makes_it_stale(
    world: World, done_for: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = done_for["set"]
    runbook, checklist = now_current(world, "standalone-vmm"), now_current(world, CHECKLISTS[0])
    with monkeypatch.context() as patched:
        put(patched, world, runbook.id, replace(runbook, digest="f" * 64))
        assert (readiness(world, one)["state"], why(readiness(world, one))) == ("stale", {("runbook_changed", None)})
        needed = replace(runbook.parameters[0], name="rack")
        asking = replace(runbook, parameters=(needed, *runbook.parameters))
        put(patched, world, runbook.id, asking)
        found = readiness(world, one)
        assert (found["state"], why(found)) == ("not_ready", {("set_incomplete", "/parameters/rack")})
        put(patched, world, runbook.id, None)
        gone = readiness(world, one)
        assert (gone["state"], gone["runbook"], why(gone)) == ("not_ready", None, {("runbook_gone", runbook.id)})
    with monkeypatch.context() as patched:
        put(patched, world, checklist.id, replace(checklist, digest="f" * 64))
        assert why(readiness(world, one)) == {("checklist_changed", checklist.id)}
        put(patched, world, checklist.id, None)
        found = readiness(world, one)
        assert why(found) == {("checklist_gone", checklist.id)}
        assert (found["checklists"][0]["title"], found["checklists"][0]["state"]) == (None, "not_ready")


def test_another_content_of_the_set_makes_it_stale(world: World) -> None:
    one = everything(world)["set"]
    drilled(world, one, workloads=[{"name": "sql01"}])
    assert readiness(world, one)["state"] == "ready", "a drill with other workloads is none of the set as it is"
    erp = {"workloads": [{"name": "erp01"}], "drill_period_days": 30}
    revise(world, one, **erp)
    changed = readiness(world, one)
    assert (changed["state"], why(changed)) == ("stale", {("set_changed", None)})
    assert [each["state"] for each in changed["checklists"]] == ["ready", "ready"], "of no workload do they speak"
    drilled(world, one)
    assert readiness(world, one)["state"] == "ready"
    revise(world, one, **erp, parameters={**PARAMETERS, "vmm_vm": "vmm02"})
    assert why(readiness(world, one)) == {("set_changed", None), ("checklist_of_others", "deploy-standalone-vmm")}
    revise(world, one, **erp)
    assert readiness(world, one)["state"] == "ready", "it says again what was drilled"
    failed = drilled(world, one, "failed")
    found = readiness(world, one)
    assert (found["state"], why(found)) == ("not_ready", {("drill_failed", None)})
    assert found["reasons"][0] | {"text": ""} == {
        "reason": "drill_failed", "about": None, "since": failed["completed_at"], "execution": failed["id"], "text": "",
    }  # fmt: skip


def test_nothing_of_another_set_or_of_another_kind_counts(world: World) -> None:
    one, other = make(world, required_checklists=CHECKLISTS[:1]), make(world, required_checklists=CHECKLISTS[:1])
    missing = {("checklist_missing", CHECKLISTS[0]), ("drill_missing", None)}
    done(world, other, CHECKLISTS[0])
    drilled(world, other)
    assert readiness(world, other)["state"] == "ready"
    assert why(readiness(world, one)) == missing
    drill_of_checklist = begin(world, one, runbook=CHECKLISTS[0], mode="drill")
    assert drill_of_checklist["mode"] == "drill"
    aborted = begin(world, one, mode="drill")
    world.accepted("ann", aborted, type="abort", comment="Nothing was done.")
    world.accepted("ann", begin(world, one), type="abort", comment="Live, but over.")
    assert why(readiness(world, one)) == missing

"""Checklists over HTTP: a whole one by hand, its documents, its time of validity, its journal, at both databases."""

import io
import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.cli.examination import INTACT, Examination
from tests.http.clients import DEFINITIONS, World, pointers, slug

CHECKLISTS = ("deploy-standalone-vmm", "deploy-stretched-vmm-cluster", "prepare-hyper-v-hosts", "prepare-vmm-servers")
AT = "vmm-servers.items"
ITEMS = [
    "vmm-version-supported",
    "no-mixed-or-upgraded-vmm",
    "vmm-reaches-service-urls",
    "firewall-allows-azure-ranges",
    "secondary-site-reaches-too",
    "ready-for-network-mapping",
]
NOWHERE = {"site": "none", "replication": "none"}


def begun(world: World, runbook: str = "prepare-vmm-servers", **members: Any) -> dict[str, Any]:
    body = {"runbook": runbook, "mode": "live", "title": "Quarterly readiness", "parameters": {}, **members}
    answer = world.ask("ann", "/executions", json=body)
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    return document


def stands(document: dict[str, Any]) -> dict[str, tuple[str, int]]:
    return {one["id"]: (one["status"], one["attempt"]) for one in document["items"]}


def states(document: dict[str, Any]) -> list[str]:
    return [one["status"] for one in document["steps"][0]["actions"]]


def test_a_checklist_walked_by_hand(world: World) -> None:
    """Every document of the way was written down beforehand, from the contract."""
    document = begun(world)
    still = dict.fromkeys(ITEMS, ("open", 1))
    assert (document["position"], document["action"], document["attempt"]) == (AT, None, 1)
    assert document["step"] == {"number": 1, "id": "vmm-servers", "title": "Check every VMM server"}
    assert stands(document) == still
    assert (document["workloads"], document["unprotected"], document["restored_at"]) == ([], [], None)
    assert document["site_picture"] == {"vmm": NOWHERE, "workloads": []}
    assert (document["command_profile"], document["valid_until"]) == ("none", None)
    confirm = next(one for one in document["allowed"] if one["type"] == "confirm")
    assert confirm == {"type": "confirm", "role": "operator", "needs": ["action"], "opens": None}

    document = world.accepted("ann", document, type="confirm", at=AT, action="vmm-servers.ready-for-network-mapping")
    still |= {"ready-for-network-mapping": ("done", 1)}
    assert (document["position"], document["version"], stands(document)) == (AT, 2, still)
    document = world.accepted(
        "ann", document, type="report_failure", at=AT, action="vmm-version-supported", comment="?"
    )
    still |= {"vmm-version-supported": ("failed", 1)}
    assert (document["status"], stands(document), document["steps"][0]["status"]) == ("blocked", still, "blocked")
    assert document["failures"] == [
        {"at": "vmm-servers.vmm-version-supported", "symptom": None, "comment": "?", "workloads": [], "event": 3}
    ]
    document = world.accepted(
        "ann", document, type="waive", at=AT, action="firewall-allows-azure-ranges", comment="By name."
    )
    still |= {"firewall-allows-azure-ranges": ("waived", 1)}
    assert stands(document) == still
    for item in ("no-mixed-or-upgraded-vmm", "vmm-reaches-service-urls", "secondary-site-reaches-too"):
        document = world.accepted("ann", document, type="confirm", at=AT, action=item, attempt=1)
        still |= {item: ("done", 1)}
    assert (document["position"], document["status"], stands(document)) == (AT, "blocked", still)
    document = world.accepted("ann", document, type="retry", at=AT, action="vmm-version-supported")
    still |= {"vmm-version-supported": ("open", 2)}
    assert (document["status"], stands(document), document["attempt"]) == ("in_progress", still, 1)
    confirm = next(one for one in document["allowed"] if one["type"] == "confirm")
    assert confirm["opens"] == "vmm-servers.sign-off"
    stale = world.post("ann", document, {"type": "confirm", "at": AT, "action": "vmm-version-supported", "attempt": 1})
    assert slug(stale) == (409, "position-moved")
    assert stale.json()["moved_by"]["number"] == 8
    document = world.accepted("ann", document, type="confirm", at=AT, action="vmm-version-supported", attempt=2)
    assert (document["position"], document["items"], document["action"]) == ("vmm-servers.sign-off", [], None)
    assert states(document) == ["done", "done", "done", "waived", "done", "done"]
    document = world.accepted(
        "ben", document, type="sign_off", at="vmm-servers.sign-off", decision="reject", to="vmm-reaches-service-urls",
        comment="From one server only.",
    )  # fmt: skip
    still |= {"vmm-version-supported": ("done", 2), "vmm-reaches-service-urls": ("open", 2)}
    assert (document["position"], document["attempt"], stands(document)) == (AT, 2, still)
    document = world.accepted("ann", document, type="confirm", at=AT, action="vmm-reaches-service-urls")
    document = world.accepted("ben", document, type="sign_off", at="vmm-servers.sign-off", decision="approve")
    assert (document["status"], document["version"], document["step"]) == ("completed", 12, None)
    ended = datetime.fromisoformat(document["completed_at"])
    assert datetime.fromisoformat(document["valid_until"]) == ended + timedelta(days=90)
    listed = world.ask("viewer", "/executions?runbook=prepare-vmm-servers&status=completed").json()["items"]
    assert next(one for one in listed if one["id"] == document["id"])["valid_until"] == document["valid_until"]
    assert world.ask("viewer", f"/executions/{document['id']}/verification").json()["ok"]
    lines = world.ask("viewer", f"/executions/{document['id']}/events?step=vmm-servers").json()["items"]
    assert [one["action"] for one in lines[:3]] == [ITEMS[5], ITEMS[0], ITEMS[3]]
    assert [one["attempt"] for one in lines] == [1, 1, 1, 1, 1, 1, 1, 2, 1, 2, 2]


@pytest.mark.parametrize("name", CHECKLISTS)
def test_every_checklist_is_walked_verified_and_read_in_both_languages(world: World, name: str) -> None:
    document = begun(world, name)
    found = [document, *world.walk(document)]
    assert found[-1]["status"] == "completed"
    journal = world.journal(document)
    definition = DEFINITIONS.bundled.get(name)
    assert Examination(io.BytesIO(journal.encode()), head=None, definition=definition).code == INTACT
    assert world.ask("viewer", f"/executions/{document['id']}/verification").json()["ok"]
    french = begun(world, name)
    read = world.read(french, lang="fr")
    assert [one["id"] for one in read["items"]] == [one["id"] for one in french["items"]]
    assert all(a["title"] != b["title"] for a, b in zip(read["items"], french["items"], strict=True))
    for language in ("en", "fr"):
        drawn = world.ask("viewer", f"/executions/{french['id']}/diagram?lang={language}").text
        assert re.search(r"1\.1 (Items, in any order|Points, dans un ordre quelconque) \(× \d+\)", drawn)
    svg = world.ask("viewer", f"/runbooks/{name}/diagram", headers={"accept": "image/svg+xml"}).text
    assert "Items, in any order" in svg


def test_the_runbook_says_that_it_is_a_checklist(world: World) -> None:
    told = world.ask("viewer", "/runbooks/deploy-standalone-vmm").json()
    assert (told["kind"], told["valid_days"], told["command_profiles"], told["phases"]) == ("checklist", 90, [], [])
    assert [step["order"] for step in told["steps"]] == ["any", "any"]
    assert [one["source"] for one in told["steps"][0]["actions"]] == ["prepare-for-single-server-deployment"]


def test_the_commands_of_an_item_are_filled_with_what_was_given(world: World) -> None:
    document = begun(world, "deploy-standalone-vmm", parameters={"vmm_vm": "VMM 'x'"})
    document = world.accepted(
        "ann", document, type="confirm", at="decide.items", action="single-server", comment="Secondary cloud: Zoe."
    )
    document = world.accepted("ben", document, type="sign_off", at="decide.sign-off", decision="approve")
    items = {one["id"]: one for one in document["items"]}
    assert "-VMName 'VMM ''x'''" in items["vmm-vm-replicates"]["commands"][0]["text"]
    assert "Test-VMReplicationConnection" not in str(items["replica-server-at-both-hosts"]["commands"])


def test_workloads_are_optional_for_a_checklist_alone(world: World) -> None:
    assert begun(world, workloads=[])["workloads"] == []
    named = begun(world, workloads=[{"name": "sql01"}])
    assert [one["name"] for one in named["workloads"]] == ["sql01"]
    assert named["site_picture"]["workloads"] == [{"name": "sql01", **NOWHERE}]
    assert named["unprotected"] == []
    body = {"runbook": "standalone-vmm", "mode": "live", "title": "x", "parameters": {}, "workloads": []}
    assert "/workloads" in pointers(world.ask("ann", "/executions", json=body))


BAD = [
    ("no item", {"type": "confirm"}, ["/action"]),
    ("an item of nowhere", {"type": "confirm", "action": "coin"}, ["/action"]),
    ("an item of another step", {"type": "retry", "action": "decide.single-server"}, ["/action"]),
    ("a symptom", {"type": "report_failure", "action": ITEMS[0], "symptom": "F01"}, ["/symptom"]),
    ("waived without a reason", {"type": "waive", "action": ITEMS[0]}, ["/comment"]),
    ("an item that is a number", {"type": "confirm", "action": 1}, ["/action"]),
    ("workloads unknown", {"type": "confirm", "action": ITEMS[0], "workloads": ["sql01"]}, ["/workloads/0"]),
]


@pytest.mark.parametrize(("members", "named"), [one[1:] for one in BAD], ids=[one[0] for one in BAD])
def test_bad_input_is_named(world: World, members: dict[str, Any], named: list[str]) -> None:
    answer = world.post("ann", begun(world), {"at": AT, **members})
    assert pointers(answer) == named


def test_an_action_is_named_only_where_there_are_items(world: World) -> None:
    document = world.declare()
    body = {"type": "confirm", "at": document["position"], "action": document["position"], "comment": "x"}
    assert pointers(world.post("ann", document, body)) == ["/action"]


def test_refusals_say_why_in_both_languages(world: World) -> None:
    document = world.accepted("ann", begun(world), type="confirm", at=AT, action=ITEMS[1])
    waive = {"type": "waive", "at": AT, "action": ITEMS[1], "comment": "so"}
    answer = world.post("ann", document, waive)
    assert slug(answer) == (409, "transition-refused")
    assert answer.json()["reasons"] == [
        f"Already settled: vmm-servers.{ITEMS[1]}. Take it back by retry first if it has to be done again."
    ]
    french = world.post("ann", document, waive, accept_language="fr")
    assert french.json()["reasons"][0].startswith("Déjà réglé")
    assert slug(world.post("operator", document, {**waive, "action": ITEMS[2]})) == (403, "role-required")
    optional = {**waive, "action": "firewall-allows-azure-ranges"}
    assert world.post("operator", document, optional).status_code == 201


def test_a_drill_of_a_checklist_holds_for_nothing(world: World) -> None:
    document = begun(world, mode="drill")
    *_, last = world.walk(document)
    assert (last["status"], last["valid_until"]) == ("completed", None)
    listed = world.ask("viewer", "/executions?mode=drill&runbook=prepare-vmm-servers").json()["items"]
    assert {one["valid_until"] for one in listed} == {None}


def test_a_repeated_request_is_answered_alike(world: World) -> None:
    document = begun(world)
    body = {"type": "confirm", "at": AT, "action": ITEMS[0]}
    first = world.post("ann", document, body, idempotency_key="item-once")
    again = world.post("ann", document, body, idempotency_key="item-once")
    assert (again.status_code, again.headers["idempotency-replayed"]) == (201, "true")
    assert again.json() == first.json()

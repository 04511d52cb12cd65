"""The contract's rows about executions: declaring, listing, reading, waiting."""

import threading
import time
from threading import Timer
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.domain.facts import Facts
from app.domain.runbook import Runbook
from app.services import reading
from app.services.reading import Documents
from tests.http.clients import BASE, World, declaration, pointers, slug


def test_a_declaration_is_answered_with_its_place_its_tag_and_its_document(world: World) -> None:
    answer = world.ask("ann", "/executions", json=declaration(outage_started_at="2026-11-23T05:12:00+02:00"))
    document = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{BASE}/executions/{document['id']}"
    assert answer.headers["etag"] == '"1-en"'
    assert answer.headers["content-language"] == "en"
    assert {"Accept-Language", "Authorization"} <= set(answer.headers["vary"].split(", "))
    assert UUID(document["id"]).version == 7
    assert document["outage_started_at"] == "2026-11-23T03:12:00.000000Z"
    assert (document["version"], document["status"], document["position"]) == (
        1, "in_progress", "fail-over-vmm.fence-primary",
    )  # fmt: skip
    assert document["coordinator"] == {"id": world.ids["ann"], "name": "ann"}
    again = world.client.get(answer.headers["location"], headers={"authorization": f"Bearer {world.tokens['viewer']}"})
    assert again.content == answer.content
    assert again.headers["etag"] == answer.headers["etag"]


def test_what_a_declaration_leaves_out_has_its_default(world: World) -> None:
    document = world.declare()
    assert document["policy"] == {"four_eyes": "irreversible", "evidence": "advise"}
    assert document["command_profile"] == "hyper-v-replica"
    assert document["targets"] == {"rto_minutes": None, "rpo_minutes": None}
    assert document["outage_started_at"] == document["declared_at"]


def test_a_drill_is_marked_and_shows_no_live_command(world: World) -> None:
    document = world.at("fail-over-vmm.start-vmm-vm", mode="drill", command_profile="asr")
    assert (document["mode"], document["command_profile"]) == ("drill", "asr")
    starting = [one["text"] for one in document["action"]["commands"] if one["text"].startswith("Start-")]
    assert starting == ["Start-VM -Name ('vmm01' + ' - Test')"]


def test_the_tag_names_version_and_language_and_saves_the_body_in_that_language_alone(world: World) -> None:
    path = f"/executions/{world.declare()['id']}"
    for language in ("en", "fr"):
        read = world.ask("viewer", path, params={"lang": language})
        assert read.headers["etag"] == f'"1-{language}"'
        assert read.headers["content-language"] == language
        for known in (f'"1-{language}"', f'W/"1-{language}"', f'"0-x", "1-{language}"', "*"):
            same = world.ask("viewer", path, params={"lang": language}, headers={"if-none-match": known})
            assert (same.status_code, same.content) == (304, b"")
            assert same.headers["etag"] == read.headers["etag"]
            assert same.headers["vary"] == read.headers["vary"]
        other = {"en": "fr", "fr": "en"}[language]
        read = world.ask("viewer", path, params={"lang": language}, headers={"if-none-match": f'"1-{other}"'})
        assert read.status_code == 200
    assert world.read(path[12:])["step"]["title"] != world.read(path[12:], lang="fr")["step"]["title"]


@pytest.mark.parametrize(("accepted", "language"), [
    ("fr", "fr"), ("fr-CH, fr;q=0.9, en;q=0.8", "fr"), ("de, en;q=0.5, fr;q=0.4", "en"), ("fr;q=0, en", "en"),
    ("fr;q=0", "en"), ("FR-ca", "fr"), ("de", "en"), ("*", "en"), (";;q=,", "en"), ("fr;q=nan, fr;q=inf", "en"),
])  # fmt: skip
def test_the_language_is_negotiated(world: World, accepted: str, language: str) -> None:
    for path in ("/runbooks", "/runbooks/standalone-vmm", "/runbooks/standalone-vmm/diagram"):
        answer = world.ask("viewer", path, headers={"accept-language": accepted})
        assert answer.headers["content-language"] == language
        assert "Accept-Language" in answer.headers["vary"]
        asked = world.ask("viewer", path, params={"lang": "en"}, headers={"accept-language": accepted})
        assert asked.headers["content-language"] == "en"


def test_a_reader_who_prefers_to_wait_is_answered_at_the_change(world: World) -> None:
    document = world.declare()
    path, known = f"/executions/{document['id']}", {"if-none-match": '"1-en"', "prefer": "wait=20"}
    Timer(0.3, world.accepted, ("ann", document), {"type": "note", "comment": "Now."}).start()
    begun = time.monotonic()
    answer = world.ask("viewer", path, headers=known)
    assert 0.2 < time.monotonic() - begun < 5
    assert (answer.status_code, answer.json()["version"], answer.headers["etag"]) == (200, 2, '"2-en"')


def test_waiting_ends_without_a_change_and_is_not_for_who_has_an_old_copy(world: World) -> None:
    path = f"/executions/{world.declare()['id']}"
    begun = time.monotonic()
    answer = world.ask("viewer", path, headers={"if-none-match": '"1-en"', "prefer": "respond-async, wait=1"})
    assert answer.status_code == 304
    assert 0.9 < time.monotonic() - begun < 3
    begun = time.monotonic()
    for headers in ({"if-none-match": '"0-en"', "prefer": "wait=9"}, {"prefer": "wait=9"}):
        assert world.ask("viewer", path, headers=headers).status_code == 200
    for prefer in ("wait=x", "wait=-4", "wait", "wait=1.5", "=", "wait=?1"):
        answer = world.ask("viewer", path, headers={"if-none-match": '"1-en"', "prefer": prefer})
        assert answer.status_code == 304
    assert time.monotonic() - begun < 3


def test_nobody_waits_longer_than_thirty_seconds(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []

    async def changed(_id: str, version: int, seconds: float) -> int:
        asked.append(seconds)
        return version

    monkeypatch.setattr(world.service, "changed", changed)
    path = f"/executions/{world.declare()['id']}"
    for wait in (7, 31, 10**14):
        world.ask("viewer", path, headers={"if-none-match": "*", "prefer": f"wait={wait}"})
    assert asked == [7, 30, 30]


def pages(world: World, path: str, **query: Any) -> list[dict[str, Any]]:
    """Follow a list's links to its end; the body's `next` and the header must say the same."""
    found: list[dict[str, Any]] = []
    answer = world.ask("viewer", path, params=query)
    while True:
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert set(page) == {"items", "next"}
        assert len(page["items"]) <= int(query.get("limit", 50))
        found += page["items"]
        link = answer.headers.get("link")
        assert (link is None) == (page["next"] is None)
        if link is None:
            return found
        target, relation = link.split("; ")
        assert relation == 'rel="next"'
        assert target.startswith(f"<{BASE}/")
        assert page["next"] in target
        answer = world.ask("viewer", target[len(BASE) + 1 : -1])


def test_lists_are_read_to_their_end_page_by_page(own_world: World) -> None:
    declared = [own_world.declare(title=f"No. {number}")["id"] for number in range(7)]
    for limit in (1, 3, 7, 8):
        assert [one["id"] for one in pages(own_world, "/executions", limit=limit)] == declared[::-1]
    own_world.accepted("ann", declared[0], type="note", comment="x")
    numbers = [(one["execution_id"], one["number"]) for one in pages(own_world, "/events", limit=3)]
    assert numbers == [(declared[0], 2), *((one, 1) for one in declared[::-1])]
    for number in range(6):
        own_world.accepted("ann", declared[3], type="note", comment=f"{number}")
    for limit in (1, 3, 7):
        lines = pages(own_world, f"/executions/{declared[3]}/events", limit=limit)
        assert [one["number"] for one in lines] == [1, 2, 3, 4, 5, 6, 7]


def test_executions_are_found_by_what_they_are(own_world: World) -> None:
    flood = own_world.declare(title="Flood at the Seine")
    drill = own_world.declare(title="Übung 100%", mode="drill", workloads=[{"name": "MAIL_01"}])
    own_world.accepted("ann", drill, type="hold", comment="Lunch.")
    for query, expected in (
        ({}, [drill, flood]),
        ({"status": "on_hold"}, [drill]),
        ({"status": "completed"}, []),
        ({"mode": "live"}, [flood]),
        ({"runbook": "standalone-vmm", "mode": "drill"}, [drill]),
        ({"runbook": "other"}, []),
        ({"q": "seine"}, [flood]),
        ({"q": "ÜBUNG"}, [drill]),
        ({"q": "0%"}, [drill]),
        ({"q": "%%"}, []),
        ({"q": "mail_0"}, [drill]),
        ({"q": "l__d"}, []),
        ({"q": "'; DROP TABLE executions; --"}, []),
    ):
        answer = own_world.ask("viewer", "/executions", params=query)
        assert [one["id"] for one in answer.json()["items"]] == [one["id"] for one in expected], query
    summary = own_world.ask("viewer", "/executions?mode=drill").json()["items"][0]
    document = own_world.read(drill)
    for name in ("id", "mode", "title", "status", "position", "version", "head", "declared_at", "outage_started_at"):
        assert summary[name] == document[name]


@pytest.mark.parametrize(("query", "pointer"), [
    ("limit=0", "/query/limit"), ("limit=201", "/query/limit"), ("limit=ten", "/query/limit"),
    ("limit=1e400", "/query/limit"), ("limit=99999999999999999999", "/query/limit"),
    ("cursor=xyz", "/query/cursor"), ("cursor=", "/query/cursor"), ("cursor=%C3%A9", "/query/cursor"),
    ("status=done", "/query/status"), ("mode=LIVE", "/query/mode"), ("q=a%00b", "/query/q"),
    ("stauts=completed", "/query/stauts"), ("q=" + "x" * 201, "/query/q"), ("q=%ff", "/query"),
])  # fmt: skip
def test_a_list_asked_for_wrongly_says_which_part_is_wrong(world: World, query: str, pointer: str) -> None:
    assert pointers(world.ask("viewer", f"/executions?{query}")) == [pointer]


def test_a_cursor_is_good_for_its_own_list_and_filters_alone(world: World) -> None:
    for _ in range(2):
        world.declare(title="Cursor")
    cursor = world.ask("viewer", "/executions?limit=1&q=cursor").json()["next"]
    assert world.ask("viewer", f"/executions?limit=1&q=cursor&cursor={cursor}").status_code == 200
    for path in (
        f"/executions?limit=1&cursor={cursor}",
        f"/executions?q=cursors&cursor={cursor}",
        f"/executions?q=cursor&mode=live&cursor={cursor}",
        f"/executions?q=cursor&cursor={cursor[:-2]}",
        f"/executions?q=cursor&cursor={'A' if cursor[0] != 'A' else 'B'}{cursor[1:]}",
        f"/executions?q=cursor&cursor={cursor[:20]}x{cursor[21:]}",
        f"/events?cursor={cursor}",
    ):
        assert pointers(world.ask("viewer", path)) == ["/query/cursor"]


@pytest.mark.parametrize("suffix", ["", "/events", "/events/1", "/stream", "/verification", "/diagram"])
@pytest.mark.parametrize("identifier", [
    "0198f0c0-0000-7000-8000-000000000000", "1", "x", "0198f0c0000070008000000000000000", "%2e%2e", "%00", "%E2%80%AE",
    "{0198f0c0-0000-7000-8000-00000000000}", "0198f0c0-0000-7000-8000-00000000000g", "é" * 36,
])  # fmt: skip
def test_an_execution_that_is_not_there_is_not_found_whatever_its_id_looks_like(
    world: World, identifier: str, suffix: str
) -> None:
    assert slug(world.ask("viewer", f"/executions/{identifier}{suffix}")) == (404, "not-found")


def test_an_id_in_capitals_is_the_same_id(world: World) -> None:
    identifier = world.declare()["id"]
    assert world.read(identifier.upper())["id"] == identifier
    answer = world.post("ann", identifier.upper(), {"type": "note", "comment": "x"})
    assert answer.headers["location"] == f"{BASE}/executions/{identifier}/events/2"


@pytest.mark.parametrize("path", ["/executions/", "/me/", "/runbooks/", "/executions//events", "//me"])
def test_a_trailing_slash_is_another_address(world: World, path: str) -> None:
    assert slug(world.ask("viewer", path)) == (404, "not-found")


def test_nothing_updates_or_deletes(world: World) -> None:
    identifier = world.declare()["id"]
    before = world.journal(identifier)
    for path, allowed in (
        ("/executions", "GET, HEAD, POST"),
        (f"/executions/{identifier}", "GET, HEAD"),
        (f"/executions/{identifier}/events", "GET, HEAD, POST"),
        (f"/executions/{identifier}/events/1", "GET, HEAD"),
        ("/runbooks/standalone-vmm", "GET, HEAD"),
    ):
        for method in ("PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "OPTIONS"):
            answer = world.ask("ann", path, method=method)
            assert slug(answer) == (405, "method-not-allowed")
            assert answer.headers["allow"] == allowed
    for method in ("PUT", "DELETE"):
        overridden = world.ask("ann", f"/executions/{identifier}", json={}, headers={"x-http-method-override": method})
        assert slug(overridden) == (405, "method-not-allowed")
    assert world.journal(identifier) == before


def test_head_is_get_without_its_body(world: World) -> None:
    identifier = world.at("fail-over-vmm.start-vmm-vm")["id"]
    for path in (
        "/me", "/executions", "/runbooks", f"/executions/{identifier}", f"/executions/{identifier}/events/1",
        f"/executions/{identifier}/diagram", f"/executions/{uuid4()}", f"/executions/{identifier}/events",
    ):  # fmt: skip
        read, head = (world.ask("viewer", path, method=method) for method in ("GET", "HEAD"))
        assert (head.status_code, head.content) == (read.status_code, b"")
        assert dict(head.headers) == dict(read.headers)
    for accept in ("application/x-ndjson", "text/csv"):
        head = world.ask("viewer", f"/executions/{identifier}/events", method="HEAD", headers={"accept": accept})
        assert head.headers["content-type"].startswith(accept)
        assert head.content == b""
    head = world.ask("viewer", f"/executions/{identifier}/stream", method="HEAD")
    assert head.headers["content-type"].startswith("text/event-stream")
    assert slug_of_head(world) == 401


def slug_of_head(world: World) -> int:
    return world.ask(None, "/me", method="HEAD").status_code


def test_a_large_document_is_made_in_a_thread_and_is_the_same(
    own_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[bool] = []
    render = Documents.render

    def noted(self: Documents, runbook: Runbook, facts: Facts, execution_id: str, language: str) -> bytes:
        threads.append("AnyIO worker" in threading.current_thread().name)
        return render(self, runbook, facts, execution_id, language)

    monkeypatch.setattr(Documents, "render", noted)
    many = [{"name": f"vm{number}"} for number in range(51)]
    document = own_world.declare(workloads=many)
    assert threads == [True]
    own_world.service.documents = Documents(own_world.service.definitions)
    monkeypatch.setattr(reading, "LARGE_FACTS", 1_000)
    assert own_world.read(document) == document
    assert threads == [True, True]

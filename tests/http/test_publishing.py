"""Publishing runbooks: what is taken, what is refused and by which line, and what begins with what from then on."""

import json
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import text

from app.domain.events import Role
from app.runbooks import build_runbook
from app.runbooks.yaml_lines import read_yaml
from app.services import clock
from app.services.definitions import Definitions, definition_row
from app.storage import publications, queries
from app.web.api.example_runbook import BODY, EXAMPLE, YAML
from tests.http.clients import PARAMETERS, World, declaration, pointers, running, slug

CONTENT, _ = read_yaml(EXAMPLE)
_numbers = count(1)


def content(**members: Any) -> dict[str, Any]:
    """Give the example's definition; members given replace or add."""
    return {**CONTENT, **members}


def fresh() -> str:
    """Give an id that no other test has."""
    return f"look-{next(_numbers)}"


def send(world: World, body: str | bytes | Mapping[str, Any], who: str = "admin", **headers: str) -> Response:
    """Publish YAML text, or JSON data."""
    if isinstance(body, Mapping):
        return world.ask(who, "/runbooks", json=dict(body), headers=headers)
    return world.ask(who, "/runbooks", content=body, headers={"content-type": YAML, **headers})


def published(world: World, **members: Any) -> dict[str, Any]:
    """Publish a definition that must be taken."""
    answer = send(world, content(**members))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def versions(world: World, runbook: str, **query: str) -> dict[str, Any]:
    """List a runbook's versions."""
    found: dict[str, Any] = world.ask("viewer", f"/runbooks/{runbook}/versions", params=query).json()
    return found


def kept(world: World) -> tuple[Any, ...]:
    """Count what publishing writes."""
    with world.service.database.reading() as connection:
        tables = ("definitions", "publications", "answered")
        return tuple(connection.execute(text(f"SELECT count(*) FROM {one}")).scalar() for one in tables)


def test_a_new_runbook_is_published_read_and_begun(world: World) -> None:
    name = fresh()
    answer = send(world, EXAMPLE.replace("id: weekly-look", f"id: {name}", 1))
    made = answer.json()
    assert answer.status_code == 201, answer.text
    assert made == {
        "id": name,
        "number": 1,
        "version": "1.0.0",
        "digest": made["digest"],
        "published_by": {"id": world.ids["admin"], "name": "admin"},
        "published_at": made["published_at"],
    }
    assert answer.headers["location"] == f"/api/v1/runbooks/{name}?digest={made['digest']}"
    assert "idempotency-replayed" not in answer.headers
    read = world.client.get(answer.headers["location"], headers={"authorization": f"Bearer {world.tokens['viewer']}"})
    assert (read.json()["digest"], read.json()["title"]) == (made["digest"], "Weekly look at replication")
    assert name in [one["id"] for one in world.ask("viewer", "/runbooks").json()["items"]]
    assert versions(world, name) == {"items": [{**made, "current": True}], "next": None}
    begun = world.declare(runbook=name, parameters={}, workloads=[])
    assert begun["runbook"]["digest"] == made["digest"]
    assert begun["position"] == "look.items"
    assert world.ask("viewer", f"/runbooks/{name}/diagram").status_code == 200


def test_yaml_and_json_are_the_same(world: World) -> None:
    name = fresh()
    one = send(world, EXAMPLE.replace("weekly-look", name, 1)).json()
    assert published(world, id=name) == one
    assert send(world, json.dumps(content(id=name), indent=2)).json() == one, "JSON is YAML"
    assert len(versions(world, name)["items"]) == 1


def test_what_began_keeps_its_definition_and_what_begins_has_the_new_one(world: World) -> None:
    name = fresh()
    first = published(world, id=name)
    begun = world.declare(runbook=name, parameters={}, workloads=[])
    before = world.ask("viewer", f"/executions/{begun['id']}").content
    second = published(world, id=name, version="1.0.1", valid_days=3)
    assert (second["number"], second["version"]) == (2, "1.0.1")
    assert world.ask("viewer", f"/executions/{begun['id']}").content == before
    found = world.accepted("ann", begun, type="confirm", at=begun["position"], action="look.health-is-normal")
    done = world.accepted("ben", found, type="sign_off", at=found["position"], decision="approve")
    assert (done["status"], done["runbook"]["digest"]) == ("completed", first["digest"])
    assert world.ask("viewer", f"/executions/{begun['id']}/verification").json()["ok"]
    assert world.declare(runbook=name, parameters={}, workloads=[])["runbook"]["digest"] == second["digest"]
    assert world.ask("viewer", f"/runbooks/{name}").json()["digest"] == second["digest"]
    for one, days in ((first, 7), (second, 3)):
        read = world.ask("viewer", f"/runbooks/{name}", params={"digest": one["digest"]}).json()
        assert (read["version"], read["valid_days"]) == (one["version"], days)
    listed = versions(world, name)["items"]
    assert [(one["version"], one["current"]) for one in listed] == [("1.0.0", False), ("1.0.1", True)]
    assert versions(world, name, limit="1") == {"items": listed[:1], "next": "1"}
    assert versions(world, name, after="1") == {"items": listed[1:], "next": None}


@pytest.mark.parametrize("number", ["1.2", "1.2.0", "1.1.9", "0.9", "1"])
def test_a_version_that_is_not_newer_is_refused(world: World, number: str) -> None:
    name = fresh()
    current = published(world, id=name, version="1.2")
    before = kept(world)
    answer = send(world, content(id=name, version=number, valid_days=5))
    assert slug(answer) == (409, "version-not-newer")
    assert answer.json()["current"] == {"version": "1.2", "digest": current["digest"]}
    assert kept(world) == before
    assert published(world, id=name, version="1.10")["number"] == 2


def test_what_is_current_is_published_once_and_what_was_is_not_made_current_by_repeating_it(world: World) -> None:
    name = fresh()
    first = published(world, id=name)
    before = kept(world)
    assert published(world, id=name) == first
    assert kept(world) == before
    published(world, id=name, version="2", valid_days=5)
    assert slug(send(world, content(id=name))) == (409, "version-not-newer")


def test_what_only_a_release_brought_is_taken_up_by_publishing_it(world: World) -> None:
    name = fresh()
    published(world, id=name)
    released = content(id=name, version="3")
    runbook = build_runbook(released)
    with world.service.database.writing() as connection:
        queries.add_definition(connection, definition_row(released, runbook, clock.now()))
    made = published(world, id=name, version="3")
    assert (made["number"], made["digest"]) == (2, runbook.digest)


def test_what_was_current_once_stays_so_whatever_its_version(world: World) -> None:
    """An older release may have been started last, before the database said which definition is current."""
    name = fresh()
    with world.service.database.writing() as connection:
        for number, version in enumerate(("9", "1"), 1):
            runbook = build_runbook(content(id=name, version=version))
            queries.add_definition(connection, definition_row(content(id=name, version=version), runbook, clock.now()))
            row = {"runbook_id": name, "number": number, "digest": runbook.digest, "published_at": clock.now()}
            publications.add_publication(connection, {**row, "published_by": None})
    answer = send(world, content(id=name, version="9"))
    assert slug(answer) == (409, "version-not-newer")
    assert "was current before" in answer.json()["detail"]


def test_a_repeated_request_is_answered_as_it_was(world: World) -> None:
    name, key = fresh(), f"key-{fresh()}"
    named = {"idempotency-key": key}
    first = send(world, content(id=name), **named)
    published(world, id=name, version="2", valid_days=5)
    before = kept(world)
    again = send(world, content(id=name), **named)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert slug(send(world, content(id=name, version="3"), **named)) == (422, "idempotency-key-reused")
    assert kept(world) == before
    same = send(world, content(id=name, version="2", valid_days=5), **{"idempotency-key": f"{key}-2"})
    assert (same.status_code, same.json()["number"]) == (201, 2)
    assert kept(world) == (before[0], before[1], before[2] + 1), "the key is kept, and nothing else"
    assert slug(send(world, content(), **{"idempotency-key": "a b"})) == (422, "invalid-request")


def test_a_key_is_one_person_s_whatever_it_was_used_for(world: World) -> None:
    key = {"idempotency-key": f"key-{fresh()}"}
    world.tokens["both"] = world.token("both", Role.ADMIN, Role.COORDINATOR)
    assert send(world, content(id=fresh()), who="both", **key).status_code == 201
    answer = world.ask("both", "/executions", json=declaration(), headers=key)
    assert slug(answer) == (422, "idempotency-key-reused")


BAD_YAML = {
    "not yaml": ("id: [", "", "line 2: not YAML"),
    "a list": ("- id", "", "a mapping of members"),
    "empty": ("", "", "a mapping of members"),
    "two documents": (EXAMPLE + "---\n" + EXAMPLE, "", "not YAML"),
    "twice": (EXAMPLE + "id: again\n", "/id", "is here twice; first in line 1"),
    "unknown": (EXAMPLE + "colour: red\n", "/colour", "line 26: is not a member that exists here"),
    "a date": (EXAMPLE.replace('"1.0.0"', "2026-11-23"), "/version", "line 2: '2026-11-23' would be read as timestamp"),
    "no version": (EXAMPLE.replace('"1.0.0"', "draft"), "/version", "line 2: 'draft' is not whole numbers with dots"),
    "nothing to do": (EXAMPLE.replace("kind: check\n", "kind: watch\n", 1), "/steps/0/actions/0/kind", "line 17: "),
    "contradicts": (
        EXAMPLE.replace("        origin", "        per_workload: true\n        origin"),
        "/steps/0/actions/0/per_workload", "line 18: ",
    ),
    "no host": (EXAMPLE.replace("Each Hyper-V host", '" "'), "/steps/0/actions/0/commands/0/run_on", "say where"),
    "deep": ("id: " + "[" * 200 + "]" * 200, "", "line 1: nested too deeply"),
    "deep blocks": ("\n".join(" " * deep + "a:" for deep in range(200)), "", "nested too deeply"),
    "much": ("a: [" + "1," * 50_000 + "]", "", "says too much"),
    "bomb": (
        "a: &a [x,x,x,x,x,x,x,x]\n"
        + "".join(f"{n}: &{n} [{','.join([f'*{m}'] * 8)}]\n" for m, n in zip("abcdefg", "bcdefgh", strict=True)),
        "/b/0", "line 2: an alias may repeat a text, not a mapping or a list",
    ),
    "text bomb": ("a: &a " + "x" * 100_000 + "\nb: [" + "*a," * 100 + "]", "", "with each alias written out"),
    "itself": ("a: &a [*a]", "/a/0", "an alias may repeat a text"),
    "a tag": (EXAMPLE + "phases: !!python/object/apply:os.system [x]\n", "/phases", "is not allowed"),
    "unseen": (EXAMPLE.replace("Look,", '"Lo\\u200bok",'), "/steps/0/title/en", "line 11: holds U+200B"),
    "its digest": (EXAMPLE + "digest: x\n", "/digest", "never written"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_YAML)
def test_bad_yaml_is_named_by_its_line_and_nothing_is_stored(world: World, name: str) -> None:
    body, where, said = BAD_YAML[name]
    before = kept(world)
    answer = send(world, body)
    assert slug(answer) == (422, "invalid-request"), answer.text[:300]
    first = answer.json()["errors"][0]
    assert first["pointer"] == where
    assert said in first["message"]
    assert first["message"].startswith("line ")
    assert len(answer.content) < 20_000
    assert kept(world) == before


@pytest.mark.parametrize(("body", "where"), [
    ([], [""]), ("x", [""]), ({}, ["/id", "/version", "/kind", "/title", "/parameters", "/steps"]),
    (content(valid_days=None), ["/valid_days"]), (content(valid_days=7.5), ["/valid_days"]),
    (content(valid_days="7"), ["/valid_days"]), (content(version=1), ["/version"]),
    (content(steps=[]), ["/steps"]), (content(id="Not An Id"), ["/id"]), (content(digest="0" * 64), ["/digest"]),
    (content(title={"en": "a\u202eb", "fr": "x"}), ["/title/en"]),
])  # fmt: skip
def test_bad_json_is_named_by_its_place_and_nothing_is_stored(world: World, body: Any, where: list[str]) -> None:
    before = kept(world)
    answer = world.ask("admin", "/runbooks", json=body)
    assert slug(answer) == (422, "invalid-request"), answer.text
    assert sorted(pointers(answer)) == sorted(where)
    assert kept(world) == before


@pytest.mark.parametrize(("body", "headers", "wanted"), [
    (EXAMPLE, {"content-type": "text/plain"}, (415, "unsupported-media-type")),
    (EXAMPLE, {"content-type": ""}, (415, "unsupported-media-type")),
    (EXAMPLE, {"content-type": "application/yaml; charset=latin-1"}, (415, "unsupported-media-type")),
    (EXAMPLE, {"content-encoding": "gzip"}, (415, "unsupported-media-type")),
    (EXAMPLE, {"content-type": "application/json"}, (400, "malformed-request")),
    (b"id: \xff", {}, (400, "malformed-request")),
    ("# " + "x" * 1_100_000, {}, (413, "payload-too-large")),
])  # fmt: skip
def test_bodies_that_are_not_read(
    world: World, body: str | bytes, headers: dict[str, str], wanted: tuple[int, str]
) -> None:
    before = kept(world)
    answer = send(world, body, **headers)
    assert slug(answer) == wanted
    assert kept(world) == before
    assert slug(send(world, body, who="coordinator", **headers)) == (403, "role-required"), "who asks goes first"
    assert "application/yaml" in send(world, EXAMPLE, **{"content-type": "text/html"}).json()["detail"]


def test_versions_of_what_is_not_there(world: World) -> None:
    for name in ("other", "%00", "é", "STANDALONE-VMM"):
        assert slug(world.ask("viewer", f"/runbooks/{name}/versions")) == (404, "not-found")
    assert pointers(world.ask("viewer", "/runbooks/standalone-vmm/versions?after=-1")) == ["/query/after"]
    bundled = versions(world, "standalone-vmm")["items"]
    assert [(one["number"], one["published_by"], one["current"]) for one in bundled] == [(1, None, True)]


def test_the_example_is_one(world: World) -> None:
    for media_type, described in BODY["requestBody"]["content"].items():
        (example,) = described["examples"].values()
        body = example["value"] if isinstance(example["value"], str) else json.dumps(example["value"])
        answer = world.ask("admin", "/runbooks", content=body, headers={"content-type": media_type})
        assert (answer.status_code, answer.json()["id"]) == (201, "weekly-look")


def test_of_many_who_publish_at_once_each_finds_the_one_before(world: World) -> None:
    name, gate = fresh(), threading.Barrier(8)

    def one(number: int) -> Response:
        gate.wait(10)
        return send(world, content(id=name, version=f"1.{number % 4}", valid_days=number % 4 + 1))

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one, range(8)))
    assert {slug(each) if each.status_code != 201 else (201, "") for each in answers} <= {
        (201, ""), (409, "version-not-newer"),
    }  # fmt: skip
    listed = versions(world, name)["items"]
    assert [each["number"] for each in listed] == list(range(1, len(listed) + 1))
    assert listed[-1]["version"] == "1.3"
    assert [each["version"] for each in listed] == sorted({each["version"] for each in listed})


def test_a_new_version_makes_sets_stale(world: World) -> None:
    name = fresh()
    published(world, id=name)
    members = {"parameters": PARAMETERS, "workloads": [{"name": "sql01"}], "required_checklists": [name]}
    body = {"name": name, "runbook": "standalone-vmm", **members}
    one = world.ask("coordinator", "/protected-sets", json=body).json()
    begun = world.declare(runbook=name, parameters={}, workloads=[], protected_set=one["id"])
    found = world.accepted("ann", begun, type="confirm", at=begun["position"], action="look.health-is-normal")
    world.accepted("ben", found, type="sign_off", at=found["position"], decision="approve")

    def about_it() -> list[str]:
        reasons = world.ask("viewer", f"/protected-sets/{one['id']}/readiness").json()["reasons"]
        return [each["reason"] for each in reasons if each["about"] == name]

    assert about_it() == []
    published(world, id=name, version="1.1")
    assert about_it() == ["checklist_changed"]


@pytest.fixture
def two(own_world: World) -> Iterator[tuple[World, World]]:
    """Give two processes' services on one database, each with definitions of its own."""
    with running(own_world.url, definitions=Definitions()) as other:
        other.tokens, other.ids = own_world.tokens, own_world.ids
        yield own_world, other


def test_all_processes_on_a_database_agree_at_once(two: tuple[World, World]) -> None:
    here, there = two
    made = published(here)
    assert there.ask("viewer", "/runbooks/weekly-look").json()["digest"] == made["digest"]
    assert there.declare(runbook="weekly-look", parameters={}, workloads=[])["runbook"]["digest"] == made["digest"]
    newer = send(there, content(version="1.1")).json()
    assert here.declare(runbook="weekly-look", parameters={}, workloads=[])["runbook"]["digest"] == newer["digest"]
    assert slug(send(here, content(version="1.0.5"))) == (409, "version-not-newer")

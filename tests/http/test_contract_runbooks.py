"""The contract's rows about runbooks and drawings: definitions in two languages, every version, the machine drawn."""

import json
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import rfc8785

from app.domain.runbook import content_digest
from app.runbooks import build_runbook, bundled_runbooks
from app.services import clock
from app.storage import queries
from app.storage.rows import DefinitionRow
from tests.http.clients import DEFINITIONS, World, pointers, slug

RUNBOOK = "/runbooks/standalone-vmm"
CHECKLISTS = ("deploy-standalone-vmm", "deploy-stretched-vmm-cluster", "prepare-hyper-v-hosts", "prepare-vmm-servers")


def texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for one in value.values() for text in texts(one)]
    if isinstance(value, list):
        return [text for one in value for text in texts(one)]
    return [value] if isinstance(value, str) else []


def test_the_list_names_what_an_execution_can_begin_with(world: World) -> None:
    answer = world.ask("viewer", "/runbooks")
    assert answer.json()["next"] is None
    current = DEFINITIONS.bundled.get("standalone-vmm")
    assert current is not None
    assert {
        "id": "standalone-vmm",
        "version": current.version,
        "digest": current.digest,
        "title": current.title.en,
        "kind": "procedure",
        "valid_days": None,
    } in answer.json()["items"]
    checklists = {one["id"]: one["valid_days"] for one in answer.json()["items"] if one["kind"] == "checklist"}
    assert checklists == dict.fromkeys(CHECKLISTS, 90)
    french = world.ask("viewer", "/runbooks?lang=fr")
    assert current.title.fr in [one["title"] for one in french.json()["items"]]
    assert french.headers["content-language"] == "fr"


def test_a_definition_is_read_whole_in_either_language(world: World) -> None:
    read = {language: world.ask("viewer", f"{RUNBOOK}?lang={language}") for language in ("en", "fr")}
    for language, answer in read.items():
        assert answer.status_code == 200
        assert answer.headers["content-language"] == language
        document = answer.json()
        assert [step["number"] for step in document["steps"]] == [1, 2, 3, 4, 5, 6, 7]
        assert document["errata"]
        assert all(erratum["source_says"] and erratum["we_say"] for erratum in document["errata"])
        assert {action["origin"] for step in document["steps"] for action in step["actions"]} == {"seed", "addition"}
        assert [one["id"] for one in document["command_profiles"]] == ["hyper-v-replica", "asr"]
    english, french = (answer.json() for answer in read.values())
    assert english["digest"] == french["digest"]
    assert len(texts(english)) == len(texts(french))
    assert [s["id"] for s in english["steps"]] == [s["id"] for s in french["steps"]]
    assert english["steps"][0]["title"] != french["steps"][0]["title"]


def test_an_earlier_version_stays_readable_by_its_digest(world: World) -> None:
    content, current = next(one for one in bundled_runbooks() if one[1].id == "standalone-vmm")
    older = {**content, "version": "0.9.0"}
    digest = content_digest(older)
    assert build_runbook(older, digest).version == "0.9.0"
    with world.service.database.writing() as connection:
        row = DefinitionRow(
            digest=digest,
            runbook_id=current.id,
            version="0.9.0",
            content=rfc8785.dumps(dict(older)).decode(),
            added_at=clock.now(),
        )
        queries.add_definition(connection, row)
    assert world.ask("viewer", RUNBOOK).json()["version"] == current.version
    answer = world.ask("viewer", f"{RUNBOOK}?digest={digest}")
    assert (answer.json()["version"], answer.json()["digest"]) == ("0.9.0", digest)
    assert world.ask("viewer", f"{RUNBOOK}/diagram?digest={digest}").status_code == 200
    assert slug(world.ask("viewer", f"/runbooks/other?digest={digest}")) == (404, "not-found")
    assert slug(world.ask("viewer", f"{RUNBOOK}?digest={'0' * 64}")) == (404, "not-found")
    assert pointers(world.ask("viewer", f"{RUNBOOK}?digest=abc")) == ["/query/digest"]


@pytest.mark.parametrize(
    "name", ["other", "STANDALONE-VMM", "standalone-vmm.yaml", "..%2f..%2fetc%2fpasswd", "%00", "é"]
)
@pytest.mark.parametrize("suffix", ["", "/diagram"])
def test_a_runbook_that_is_not_there(world: World, name: str, suffix: str) -> None:
    assert slug(world.ask("viewer", f"/runbooks/{name}{suffix}")) == (404, "not-found")


@pytest.mark.parametrize(("accept", "media_type"), [
    ("", "text/vnd.mermaid; charset=utf-8"), ("*/*", "text/vnd.mermaid; charset=utf-8"),
    ("text/vnd.mermaid", "text/vnd.mermaid; charset=utf-8"), ("image/svg+xml", "image/svg+xml"),
    ("image/avif,image/webp,image/svg+xml,image/*;q=0.8,*/*;q=0.5", "image/svg+xml"), ("image/*", "image/svg+xml"),
    ("image/svg+xml;q=0.1, text/vnd.mermaid", "text/vnd.mermaid; charset=utf-8"),
])  # fmt: skip
def test_the_machine_is_drawn_as_asked(world: World, accept: str, media_type: str) -> None:
    document = world.declare()
    for path in (f"{RUNBOOK}/diagram", f"/executions/{document['id']}/diagram"):
        answer = world.ask("viewer", path, headers={"accept": accept})
        assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
        assert {"Accept", "Accept-Language"} <= set(answer.headers["vary"].split(", "))


def test_the_drawings_are_whole_and_an_executions_own_is_marked(world: World) -> None:
    document = world.at("fail-over-vmm.start-vmm-vm")
    drawn: dict[str, dict[str, str]] = {}
    for name, path in (("plain", f"{RUNBOOK}/diagram"), ("marked", f"/executions/{document['id']}/diagram")):
        for language in ("en", "fr"):
            mermaid = world.ask("viewer", f"{path}?lang={language}").text
            answer = world.ask("viewer", f"{path}?lang={language}", headers={"accept": "image/svg+xml"})
            assert mermaid.startswith("stateDiagram-v2") or "stateDiagram-v2" in mermaid[:400]
            assert ET.fromstring(answer.text).tag.endswith("svg")  # noqa: S314 - our own
            assert len(answer.headers.get_list("content-security-policy")) == 1
            assert "script-src" not in answer.headers["content-security-policy"]
            drawn[f"{name}-{language}"] = {"mermaid": mermaid, "svg": answer.text}
    for kind in ("mermaid", "svg"):
        assert len({one[kind] for one in drawn.values()}) == 4
    assert document["action"]["title"] in next(
        line for line in drawn["marked-en"]["mermaid"].splitlines() if "HERE" in line
    )
    assert "HERE" not in drawn["plain-en"]["mermaid"]
    later = world.accepted("ann", document, type="confirm", at=document["position"])
    moved = world.ask("viewer", f"/executions/{later['id']}/diagram")
    assert moved.text != drawn["marked-en"]["mermaid"]
    assert '"4-en' in moved.headers["etag"]


def test_each_profile_has_its_machine(world: World) -> None:
    drawn = {
        profile: world.ask("viewer", f"{RUNBOOK}/diagram?profile={profile}").text
        for profile in ("hyper-v-replica", "asr")
    }
    for step in world.ask("viewer", RUNBOOK).json()["steps"]:
        for action in step["actions"]:
            for profile, drawing in drawn.items():
                assert (action["title"] in drawing) == (profile in action["profiles"])
    assert world.ask("viewer", f"{RUNBOOK}/diagram").text == drawn["hyper-v-replica"]
    assert pointers(world.ask("viewer", f"{RUNBOOK}/diagram?profile=other")) == ["/query/profile"]
    assert pointers(world.ask("viewer", f"{RUNBOOK}?lang=de")) == ["/query/lang"]


def test_an_execution_keeps_its_definition(world: World) -> None:
    document = world.declare()
    answer = world.ask("viewer", f"{RUNBOOK}?digest={document['runbook']['digest']}")
    assert answer.json()["digest"] == document["runbook"]["digest"]
    line = json.loads(world.journal(document).splitlines()[0])
    assert line["runbook_digest"] == document["runbook"]["digest"]

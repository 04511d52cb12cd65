"""The contract's rows about the journal: pages, lines, exports, search, verification."""

import csv
import io
import json
import time
from typing import Any

import pytest
from sqlalchemy import Connection, text

from app.domain.chain import chain_problems, hash_of
from app.domain.events import Actor, EventType, Posted, Role
from app.domain.journal import rule_problems
from app.domain.runbook import Runbook
from app.services import executions, reading
from app.storage import database, queries
from app.storage.rows import ExecutionRow
from tests.http.clients import DEFINITIONS, World, pointers, slug


@pytest.fixture(scope="module")
def walked(world: World) -> dict[str, Any]:
    """Give an execution with a few kinds of lines."""
    document = world.at("fail-over-vmm.start-vmm-vm", title="Walked")
    world.accepted("ben", document, type="note", comment="Seen.")
    world.accepted("ann", document, type="hold", comment="Wait.")
    world.accepted("ann", document, type="resume")
    return world.accepted("ann", document, type="correct", corrects=2, comment="It was the other rack.")


def lines(world: World, path: str, **query: Any) -> list[dict[str, Any]]:
    answer = world.ask("viewer", path, params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def runbook() -> Runbook:
    found = DEFINITIONS.bundled.get("standalone-vmm")
    assert found is not None
    return found


def test_the_journal_is_read_oldest_first_and_narrowed(world: World, walked: dict[str, Any]) -> None:
    path = f"/executions/{walked['id']}/events"
    for query, numbers in (
        ({}, [1, 2, 3, 4, 5, 6, 7]),
        ({"after": 5}, [6, 7]),
        ({"after": 7}, []),
        ({"after": 2**31 - 1}, []),
        ({"type": "confirm"}, [2, 3]),
        ({"actor": "ben"}, [4]),
        ({"actor": "BEN"}, [4]),
        ({"actor": world.ids["ben"]}, [4]),
        ({"actor": "nobody"}, []),
        ({"step": "fail-over-vmm"}, [2, 3, 4, 5, 6, 7]),
        ({"step": "confirm-access"}, []),
        ({"type": "confirm", "after": 2, "actor": "ann", "step": "fail-over-vmm"}, [3]),
    ):
        assert [one["number"] for one in lines(world, path, **query)] == numbers, query
    page = world.ask("viewer", path, params={"actor": "ann", "limit": 2})
    assert page.json()["next"] == "2"
    assert "actor=ann" in page.headers["link"]
    assert "after=2" in page.headers["link"]


@pytest.mark.parametrize(("query", "pointer"), [
    ("limit=0", "/query/limit"), ("limit=201", "/query/limit"), ("after=-1", "/query/after"),
    ("after=x", "/query/after"), (f"after={2**31}", "/query/after"), ("type=Confirm", "/query/type"),
    ("type=declared", "/query/type"), ("actor=" + "x" * 201, "/query/actor"), ("cursor=3", "/query/cursor"),
])  # fmt: skip
def test_the_journal_asked_for_wrongly(world: World, walked: dict[str, Any], query: str, pointer: str) -> None:
    assert pointers(world.ask("viewer", f"/executions/{walked['id']}/events?{query}")) == [pointer]


def test_a_line_is_read_by_its_number_and_never_changes(world: World, walked: dict[str, Any]) -> None:
    path = f"/executions/{walked['id']}/events"
    for line in lines(world, path):
        answer = world.ask("viewer", f"{path}/{line['number']}")
        assert answer.json() == line
        assert "immutable" in answer.headers["cache-control"]
        assert "private" in answer.headers["cache-control"]
        assert hash_of(line) == line["hash"]
    for number in ("8", "0", "-1", "x", "1.5", str(2**31), str(2**53), str(2**64), "9" * 5000, "%00"):
        assert slug(world.ask("viewer", f"{path}/{number}")) == (404, "not-found")


def test_the_export_is_the_whole_journal_and_proves_itself(world: World, walked: dict[str, Any]) -> None:
    path = f"/executions/{walked['id']}/events"
    answer = world.ask("auditor", path, headers={"accept": "application/x-ndjson"})
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.headers["content-disposition"] == f'attachment; filename="failback-{walked["id"]}.ndjson"'
    assert answer.text.endswith("}\n")
    exported = [json.loads(line) for line in answer.text.splitlines()]
    assert exported == lines(world, path)
    assert list(chain_problems(exported)) == []
    assert list(rule_problems(runbook(), exported)) == []
    assert exported[-1]["hash"] == walked["head"]
    tampered = answer.text.replace("the other rack", "the same rack")
    assert list(chain_problems([json.loads(line) for line in tampered.splitlines()]))


@pytest.mark.parametrize(("accept", "media_type"), [
    ("application/x-ndjson", "application/x-ndjson"), ("text/csv", "text/csv; charset=utf-8"),
    ("TEXT/CSV", "text/csv; charset=utf-8"), ("text/*", "text/csv; charset=utf-8"),
    ("application/json", "application/json"), ("*/*", "application/json"), ("text/html, */*;q=0.1", "application/json"),
    ("text/csv;q=0.2, application/json", "application/json"), ("application/*", "application/json"),
    ("application/x-ndjson;q=0.9, text/csv;q=0.95", "text/csv; charset=utf-8"), ("text/csv;q=0", "application/json"),
    ("image/png", "application/json"), ("", "application/json"), ("text/csv;q=x", "application/json"),
])  # fmt: skip
def test_the_form_is_negotiated(world: World, walked: dict[str, Any], accept: str, media_type: str) -> None:
    answer = world.ask("viewer", f"/executions/{walked['id']}/events", headers={"accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
    assert "Accept" in answer.headers["vary"].split(", ")


def test_an_export_takes_no_filters(world: World, walked: dict[str, Any]) -> None:
    for accept in ("application/x-ndjson", "text/csv"):
        answer = world.ask(
            "viewer", f"/executions/{walked['id']}/events?type=note&limit=3&lang=fr", headers={"accept": accept}
        )
        assert pointers(answer) == ["/query/type", "/query/limit"]


#: T32: what a spreadsheet takes for a formula, with and without the ways round a filter.
_CALLS = ("cmd|' /C calc'!A0", 'HYPERLINK("http://evil.example";"x")', "1+1", "SUM(1;2)", "IMPORTXML(1,2)", "", "x")
FORMULAS = [
    before + call + after
    for before in ("=", "+", "-", "@", "\t", "\t=", "\n", "\n=", "\uff1d", "\uff0b", "\uff0d", "\uff20", '"=', "';=")
    for call in _CALLS
    for after in ("", '","=1+1', "\n=1+1")
]


def test_no_cell_of_a_spreadsheet_is_a_formula_and_nothing_else_is_changed(world: World) -> None:
    """T32, T44: 294 comments come back exact in JSON, harmless in CSV."""
    document = world.declare()
    kept = [text for text in FORMULAS if text.strip()]
    for comment in kept:
        world.accepted("ann", document, type="note", comment=comment, performed_by="-1+1|x")
    path = f"/executions/{document['id']}/events"
    exported = [json.loads(line) for line in world.journal(document).splitlines()][1:]
    assert [one["comment"] for one in exported] == kept
    answer = world.ask("auditor", path, headers={"accept": "text/csv"})
    assert answer.headers["content-disposition"] == f'attachment; filename="failback-{document["id"]}.csv"'
    rows = list(csv.reader(io.StringIO(answer.text, newline="")))
    assert len(rows) == len(kept) + 2
    heading = rows[0]
    assert all(len(row) == len(heading) for row in rows)
    assert not any(cell.startswith(tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")) for row in rows for cell in row)
    place = heading.index("comment")
    shown = [row[place] for row in rows[2:]]
    assert [cell.removeprefix("'") if text[0] in "=+-@\t\n\uff1d\uff0b\uff0d\uff20" else cell
            for text, cell in zip(kept, shown, strict=True)] == kept  # fmt: skip
    assert rows[2][heading.index("performed_by")] == "'-1+1|x"
    assert [row[heading.index("hash")] for row in rows[1:]] == [
        json.loads(line)["hash"] for line in world.journal(document).splitlines()
    ]


def test_a_long_journal_is_exported_piece_by_piece_and_whole(world: World) -> None:
    """T47, in small: more lines than one query gives."""
    document = world.declare()
    for number in range(420):
        world.post("ann", document, {"type": "note", "comment": f"No. {number}"})
    exported = world.journal(document).splitlines()
    assert [json.loads(line)["number"] for line in exported] == list(range(1, 422))
    answer = world.ask("auditor", f"/executions/{document['id']}/events", headers={"accept": "text/csv"})
    assert len(list(csv.reader(io.StringIO(answer.text)))) == 422
    assert len(lines(world, f"/executions/{document['id']}/events", limit=200, after=1)) == 200


def test_odd_names_of_evidence_are_data(world: World) -> None:
    """T44."""
    document = world.declare()
    names = [
        "../../etc/passwd", "..\\..\\boot.ini", "C:\\x", "con", "a/b", "%2e%2e%2f", "x.html", "<script>.svg", ".", "..",
        "~", "-rf", "a;b", "a'b\"c", "$(id)", "`id`", "名前.txt", "e\u0301.txt", "\u00e9.txt", "x" * 200,
    ]  # fmt: skip
    evidence = [{"kind": "output", "name": name, "media_type": "text/html", "content": "<b>x</b>"} for name in names]
    world.accepted("ann", document, type="note", evidence=evidence)
    answer = world.ask("viewer", f"/executions/{document['id']}/events/2")
    assert [one["name"] for one in answer.json()["evidence"]] == names
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    link = {"kind": "link", "href": "https://wiki.example/runbook?x=1#y", "name": "wiki"}
    world.accepted("ann", document, type="note", evidence=[link])
    kept = world.ask("viewer", f"/executions/{document['id']}/events/3").json()["evidence"][0]
    assert (kept["href"], kept["media_type"], kept["check"]) == (link["href"], None, None)
    assert "content" not in kept
    for href in ("javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "//evil.example", "http://a b", "x"):
        body = {"type": "note", "evidence": [{"kind": "link", "href": href}]}
        assert pointers(world.post("ann", document, body)) == ["/evidence/0/href"]


def test_everything_is_found_across_executions(own_world: World) -> None:
    live = own_world.at("fail-over-vmm.start-vmm-vm")
    drill = own_world.declare(mode="drill")
    own_world.accepted("ben", drill, type="note", comment="x")
    every = lines(own_world, "/events")
    assert [(one["execution_id"], one["number"]) for one in every] == [
        (drill["id"], 2), (drill["id"], 1), (live["id"], 3), (live["id"], 2), (live["id"], 1),
    ]  # fmt: skip
    middle = every[2]["recorded_at"]
    for query, expected in (
        ({"actor": "ben"}, every[:1]),
        ({"actor": own_world.ids["ann"]}, every[1:]),
        ({"type": "declare"}, [every[1], every[4]]),
        ({"step": "fail-over-vmm"}, [every[0], every[2], every[3]]),
        ({"runbook": "standalone-vmm", "mode": "drill"}, every[:2]),
        ({"runbook": "other"}, []),
        ({"since": middle}, every[:3]),
        ({"until": middle}, every[3:]),
        ({"since": middle, "until": middle}, []),
        ({"since": "2026-01-01T00:00:00-11:30"}, every),
        ({"type": "confirm", "actor": "ann", "mode": "live", "step": "fail-over-vmm", "limit": 1}, [every[2]]),
    ):
        assert lines(own_world, "/events", **query) == expected, query


@pytest.mark.parametrize(("query", "pointer"), [
    ("since=yesterday", "/query/since"), ("since=2026-01-01T00:00:00", "/query/since"),
    ("until=0001-01-01T00:00:00%2B14:00", "/query/until"), ("until=9999-12-31T23:59:59-14:00", "/query/until"),
    ("mode=both", "/query/mode"), ("limit=500", "/query/limit"), ("after=3", "/query/after"), ("type=", "/query/type"),
])  # fmt: skip
def test_a_search_asked_for_wrongly(world: World, query: str, pointer: str) -> None:
    assert pointers(world.ask("viewer", f"/events?{query}")) == [pointer]


def test_verification_recomputes_the_journal(world: World, walked: dict[str, Any]) -> None:
    answer = world.ask("auditor", f"/executions/{walked['id']}/verification")
    assert answer.json() == {"ok": True, "events": walked["version"], "head": walked["head"], "problems": []}
    assert answer.headers["cache-control"] == "no-store"


def tamper(world: World, statement: str, **values: Any) -> None:
    """Change rows as somebody with the database in hand could, past its triggers."""
    with world.service.database.transaction() as connection:
        if world.service.database.is_sqlite:
            found = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
            for name in found:
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            for table in ("journal", "executions"):
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
        assert connection.execute(text(statement), values).rowcount == 1


@pytest.mark.parametrize(("change", "number", "word"), [
    ("UPDATE journal SET line = replace(line, 'As it should be.', 'As it was.') WHERE number = 2", 2, "hash"),
    ("UPDATE journal SET line = '[]' WHERE number = 2", 2, "members"),
    ("UPDATE journal SET line = '7' WHERE number = 3", 3, "object"),
    ("UPDATE journal SET line = '{' WHERE number = 1", 1, "object"),
    ("UPDATE journal SET line = '{}' WHERE number = 3", 3, "members"),
    ("DELETE FROM journal WHERE number = 2", 2, "number"),
    ("DELETE FROM journal WHERE number = 3", 0, "facts"),
    ("UPDATE executions SET facts = replace(facts, 'Proof', 'Other')", 0, "facts"),
    ("UPDATE executions SET facts = '{}'", 0, "facts"),
    ("UPDATE executions SET position = 'fail-over-vmm.sign-off'", 0, "position"),
])  # fmt: skip
def test_verification_names_what_was_changed_behind_its_back(
    own_world: World, change: str, number: int, word: str
) -> None:
    document = own_world.at("fail-over-vmm.start-vmm-vm", title="Proof")
    tamper(own_world, change)
    answer = own_world.ask("auditor", f"/executions/{document['id']}/verification")
    assert answer.status_code == 200
    proof = answer.json()
    assert proof["ok"] is False
    assert proof["problems"][0]["number"] == number, proof
    assert word in " ".join(one["problem"] for one in proof["problems"])


def test_events_that_arrive_while_it_verifies_are_no_false_alarm(
    own_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = own_world.declare()
    row_of = reading._row

    def slowly(connection: Connection, execution_id: str) -> ExecutionRow:
        row = row_of(connection, execution_id)
        own_world.service.writer.submit(note).result(5)
        return row

    actor = Actor(id=own_world.ids["ann"], name="ann", roles=frozenset({Role.COORDINATOR, Role.OPERATOR}))
    posted = Posted(type=EventType.NOTE, comment="Meanwhile.")
    note = executions.post(
        document["id"], posted, actor=actor, key=None, versions=None,
        definitions=own_world.service.definitions, language="en",
    )  # fmt: skip
    monkeypatch.setattr(reading, "_row", slowly)
    proof = own_world.ask("auditor", f"/executions/{document['id']}/verification").json()
    assert proof == {"ok": True, "events": 1, "head": document["head"], "problems": []}
    monkeypatch.undo()
    assert own_world.ask("auditor", f"/executions/{document['id']}/verification").json()["events"] == 2


def test_a_line_that_the_stored_state_does_not_know_of_is_found(own_world: World) -> None:
    document = own_world.declare()
    with own_world.service.database.reading() as connection:
        before = queries.execution(connection, document["id"])
    assert before is not None
    own_world.accepted("ann", document, type="note", comment="Unwanted.")
    tamper(
        own_world,
        "UPDATE executions SET version = :version, head = :head, facts = :facts",
        version=before.version, head=before.head, facts=before.facts,
    )  # fmt: skip
    proof = own_world.ask("auditor", f"/executions/{document['id']}/verification").json()
    assert proof["problems"] == [{"number": 2, "problem": "is beyond the version of the stored state"}]


def test_proofs_and_replays_take_the_time_that_they_take(own_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is for a database that does not answer, not for a long journal."""
    body = {"type": "confirm", "at": "fail-over-vmm.fence-primary", "comment": "Cut."}
    document = own_world.declare()
    first = own_world.post("ann", document, body, idempotency_key="k")
    own_world.accepted("ann", document, type="note", comment="x")
    own_world.service.documents = reading.Documents(own_world.service.definitions)
    lines_of = reading.lines

    def slowly(*args: Any, **options: Any) -> Any:
        time.sleep(0.6)
        return lines_of(*args, **options)

    monkeypatch.setattr(reading, "lines", slowly)
    monkeypatch.setattr(database, "ANSWER_SECONDS", 0.3)
    assert own_world.ask("auditor", f"/executions/{document['id']}/verification").json()["ok"] is True
    assert own_world.post("ann", document, body, idempotency_key="k").content == first.content

"""Bad input: each a 4xx problem that names the field and the way out, echoes nothing, and leaves nothing behind."""

import json
from typing import Any

import pytest

from app.domain import events
from app.services import identity
from app.web.api import shapes
from app.web.guard import MAX_BODY
from tests.http.clients import BASE, JSON, PARAMETERS, World, declaration, pointers, slug

FENCE = "fail-over-vmm.fence-primary"
FAIL_OVER = "fail-over-vmm.fail-over-vmm-vm"


@pytest.fixture(scope="module")
def standing(world: World) -> dict[str, Any]:
    """Give an execution at its second action, which nothing in this module moves."""
    return world.at(FAIL_OVER, outage_started_at="2026-01-01T00:00:00Z")


@pytest.fixture
def untouched(world: World, standing: dict[str, Any]) -> Any:
    """Give the execution; whatever the test sends must leave all executions and journals as they were."""
    before = everything(world, standing)
    yield standing
    assert everything(world, standing) == before
    assert world.client.get("/livez").status_code == 200


def everything(world: World, standing: dict[str, Any]) -> tuple[Any, ...]:
    newest = world.ask("viewer", "/executions?limit=1").json()["items"]
    for one in newest:
        del one["clocks"]  # of the moment at which it was asked
    return newest, world.journal(standing), world.read(standing), world.ask("viewer", "/events?limit=1").json()["items"]


def confirm(**members: Any) -> dict[str, Any]:
    return {"type": "confirm", "at": FAIL_OVER, **members}


LONG = "x" * 65_536
EVENTS: list[tuple[str, dict[str, Any], list[str]]] = [
    ("empty comment", confirm(comment=""), ["/comment"]),
    ("blank comment", confirm(comment=" \n\t"), ["/comment"]),
    ("64 kB comment", confirm(comment=LONG), ["/comment"]),
    ("4,001 characters", confirm(comment="x" * 4001), ["/comment"]),
    ("done in the future", confirm(performed_at="2199-01-01T00:00:00Z"), ["/performed_at"]),
    ("done before the outage", confirm(performed_at="2025-12-31T23:59:59Z"), ["/performed_at"]),
    ("done at no offset", confirm(performed_at="2026-02-01T00:00:00"), ["/performed_at"]),
    ("done on a day alone", confirm(performed_at="2026-02-01"), ["/performed_at"]),
    ("done at a number", confirm(performed_at=1767225600), ["/performed_at"]),
    ("done at a number as text", confirm(performed_at="1767225600"), ["/performed_at"]),
    ("done on no day", confirm(performed_at="2026-02-30T00:00:00Z"), ["/performed_at"]),
    ("done before time", confirm(performed_at="0001-01-01T00:00:00+14:00"), ["/performed_at"]),
    ("position misspelled", confirm() | {"at": "fail-over-vmm.fail-over-vmm-wm"}, ["/at"]),
    ("position empty", confirm() | {"at": ""}, ["/at"]),
    ("position a number", confirm() | {"at": 1}, ["/at"]),
    ("position null", confirm() | {"at": None}, ["/at"]),
    ("position in another case", confirm() | {"at": FAIL_OVER.upper()}, ["/at"]),
    ("no position", {"type": "confirm"}, ["/at"]),
    ("position of a note", {"type": "note", "comment": "x", "at": FAIL_OVER}, ["/at"]),
    ("attempt nought", confirm(attempt=0), ["/attempt"]),
    ("attempt as text", confirm(attempt="1"), ["/attempt"]),
    ("attempt a half", confirm(attempt=1.5), ["/attempt"]),
    ("attempt true", confirm(attempt=True), ["/attempt"]),
    ("type in another case", confirm() | {"type": "Confirm"}, ["/type"]),
    ("type unknown", {"type": "delete"}, ["/type"]),
    ("type declare", {"type": "declare"}, ["/type"]),
    ("type a list", {"type": ["confirm"]}, ["/type"]),
    ("type null", {"type": None}, ["/type"]),
    ("no type", {"at": FAIL_OVER}, ["/type"]),
    ("unknown workloads", confirm(workloads=["sql01", "nas9", "x"]), ["/workloads/1", "/workloads/2"]),
    ("a workload twice", confirm(workloads=["sql01", "SQL01"]), ["/workloads/1"]),
    ("no workloads named", confirm(workloads=[]), ["/workloads"]),
    ("a workload a number", confirm(workloads=[1]), ["/workloads/0"]),
    ("workloads as text", confirm(workloads="sql01"), ["/workloads"]),
    ("10,000 workloads named", confirm(workloads=["x"] * 10_000), ["/workloads"]),
    ("outcome unknown", confirm(outcome="failed"), ["/outcome"]),
    ("outcome a list", confirm(outcome=["done"]), ["/outcome"]),
    ("already done without a word", confirm(outcome="already_done"), ["/comment"]),
    ("symptom unknown", {"type": "report_failure", "at": FAIL_OVER, "symptom": "F99"}, ["/symptom"]),
    ("symptom misshapen", {"type": "report_failure", "at": FAIL_OVER, "symptom": "f3"}, ["/symptom"]),
    ("failure without a word", {"type": "report_failure", "at": FAIL_OVER}, ["/comment"]),
    ("undo without a word", {"type": "undo", "at": FAIL_OVER, "action": FAIL_OVER}, ["/comment"]),
    ("undo of nothing", {"type": "undo", "at": FAIL_OVER, "action": "x.y", "comment": "x"}, ["/action"]),
    ("retry of nothing", {"type": "retry", "at": FAIL_OVER, "action": "nothing"}, ["/action"]),
    ("hold without a word", {"type": "hold"}, ["/comment"]),
    ("abort without a word", {"type": "abort"}, ["/comment"]),
    ("loss without a word", {"type": "primary_lost"}, ["/comment"]),
    ("waive without a word", {"type": "waive", "at": FAIL_OVER}, ["/comment"]),
    ("handed to nobody", {"type": "hand_over", "to": "nobody"}, ["/to"]),
    ("handed to no one named", {"type": "hand_over"}, ["/to"]),
    ("corrects no line", {"type": "correct", "corrects": 99, "comment": "x"}, ["/corrects"]),
    ("corrects line nought", {"type": "correct", "corrects": 0, "comment": "x"}, ["/corrects"]),
    ("corrects without a word", {"type": "correct", "corrects": 1}, ["/comment"]),
    ("a note of nothing", {"type": "note"}, ["/comment"]),
    ("profile unknown", {"type": "change_profile", "at": FAIL_OVER, "command_profile": "x", "comment": "x"},
     ["/command_profile"]),
    ("point without a time", {"type": "choose_recovery_point", "at": FAIL_OVER, "recovery_point": {"label": "x"}},
     ["/recovery_point/time"]),
    ("point that ends a line", confirm(recovery_point={"label": "a\nb", "time": "2026-01-01T00:00:00Z"}),
     ["/recovery_point/label"]),
    ("performed by a newline", confirm(performed_by="a\r\nSet-Cookie: x"), ["/performed_by"]),
    ("evidence not a list", confirm(evidence={}), ["/evidence"]),
    ("21 pieces of evidence", confirm(evidence=[{"kind": "text", "content": "x"}] * 21), ["/evidence"]),
    ("evidence of 513 KiB", confirm(evidence=[{"kind": "output", "content": "x" * 513 * 1024}]),
     ["/evidence/0/content"]),
    ("evidence of 513 KiB in letters of two bytes", confirm(evidence=[{"kind": "text", "content": "é" * 262_500}]),
     ["/evidence/0/content"]),
    ("evidence of no kind", confirm(evidence=[{"content": "x"}]), ["/evidence/0/kind"]),
    ("evidence with a foreign member", confirm(evidence=[{"kind": "text", "content": "x", "check": {}}]),
     ["/evidence/0/check"]),
    ("evidence of a type that breaks a header", confirm(evidence=[{"kind": "text", "content": "x",
     "media_type": "text/plain\r\nX: y"}]), ["/evidence/0/media_type"]),
    ("evidence named with a newline", confirm(evidence=[{"kind": "text", "content": "x", "name": "a\nb"}]),
     ["/evidence/0/name"]),
    ("two faults at once", confirm(comment="", attempt="x"), ["/comment", "/attempt"]),
]  # fmt: skip


@pytest.mark.parametrize(("body", "named"), [case[1:] for case in EVENTS], ids=[case[0] for case in EVENTS])
def test_a_bad_event(world: World, untouched: dict[str, Any], body: dict[str, Any], named: list[str]) -> None:
    answer = world.post("ann", untouched, body)
    assert sorted(pointers(answer)) == sorted(named)
    assert len(answer.content) < 4_000
    assert "xxxxxxxxxxxxxxxx" not in answer.text


@pytest.mark.parametrize(("who", "body", "status"), [
    ("ann", {"type": "confirm", "at": FENCE, "comment": "Again."}, (409, "position-moved")),
    ("ann", {"type": "confirm", "at": FAIL_OVER, "attempt": 2}, (409, "position-moved")),
    ("ann", {"type": "confirm", "at": "fail-over-vmm.start-vmm-vm"}, (409, "transition-refused")),
    ("ben", {"type": "sign_off", "at": "fail-over-vmm.sign-off", "decision": "approve"}, (409, "transition-refused")),
    ("ann", {"type": "confirm", "at": "completed"}, (409, "transition-refused")),
])  # fmt: skip
def test_an_event_about_another_place(
    world: World, untouched: dict[str, Any], who: str, body: dict[str, Any], status: tuple[int, str]
) -> None:
    answer = world.post(who, untouched, body)
    assert slug(answer) == status
    assert answer.json()["position"] == FAIL_OVER


def workloads(count: int) -> list[dict[str, str]]:
    return [{"name": f"vm{number}"} for number in range(count)]


DECLARATIONS: list[tuple[str, dict[str, Any], list[str]]] = [
    ("unknown runbook", {"runbook": "other"}, ["/runbook"]),
    ("no parameters", {"parameters": {}},
     ["/parameters/vmm_vm", "/parameters/primary_host", "/parameters/secondary_host"]),
    ("a parameter missing", {"parameters": {**PARAMETERS, "vmm_vm": None}}, ["/parameters/vmm_vm"]),
    ("a parameter empty", {"parameters": {**PARAMETERS, "vmm_vm": ""}}, ["/parameters/vmm_vm"]),
    ("a parameter unknown", {"parameters": {**PARAMETERS, "vm": "x"}}, ["/parameters/vm"]),
    ("a parameter not among its choices", {"parameters": {**PARAMETERS, "authentication": "NTLM"}},
     ["/parameters/authentication"]),
    ("a parameter that another one asks for", {"parameters": {**PARAMETERS, "authentication": "Certificate"}},
     ["/parameters/replica_port", "/parameters/certificate_thumbprint"]),
    ("a parameter that a workload's own asks for",
     {"workloads": [{"name": "a"}, {"name": "b", "parameters": {"authentication": "Certificate"}}]},
     ["/workloads/1/parameters/replica_port", "/workloads/1/parameters/certificate_thumbprint"]),
    ("a parameter that ends a line", {"parameters": {**PARAMETERS, "vmm_vm": "a\nStop-Computer"}},
     ["/parameters/vmm_vm"]),
    ("a parameter with an invisible turn", {"parameters": {**PARAMETERS, "vmm_vm": "a\u202eb"}},
     ["/parameters/vmm_vm"]),
    ("a workload twice", {"workloads": [{"name": "sql01"}, {"name": "web"}, {"name": "SQL01"}]}, ["/workloads/2/name"]),
    ("a workload twice in another writing", {"workloads": [{"name": "\uff53ql"}, {"name": "SQL"}]},
     ["/workloads/1/name"]),
    ("a workload named as VMM's own place", {"workloads": [{"name": "VMM"}]}, ["/workloads/0/name"]),
    ("a workload of blanks", {"workloads": [{"name": " "}]}, ["/workloads/0/name"]),
    ("a workload with a blank around", {"workloads": [{"name": "a "}]}, ["/workloads/0/name"]),
    ("a workload without a name", {"workloads": [{}]}, ["/workloads/0/name"]),
    ("a workload's parameter unknown", {"workloads": [{"name": "a", "parameters": {"x": "y"}}]},
     ["/workloads/0/parameters/x"]),
    ("no workloads", {"workloads": []}, ["/workloads"]),
    ("501 workloads", {"workloads": workloads(501)}, ["/workloads"]),
    ("10,000 workloads", {"workloads": workloads(10_000)}, ["/workloads"]),
    ("30,000 workloads", {"workloads": workloads(30_000)}, ["/workloads"]),
    ("mode unknown", {"mode": "Live"}, ["/mode"]),
    ("empty title", {"title": ""}, ["/title"]),
    ("long title", {"title": "x" * 201}, ["/title"]),
    ("title of two lines", {"title": "a\r\nSet-Cookie: x=y"}, ["/title"]),
    ("title that turns", {"title": "a\u202eb"}, ["/title"]),
    ("outage in the future", {"outage_started_at": "2199-01-01T00:00:00Z"}, ["/outage_started_at"]),
    ("outage at no offset", {"outage_started_at": "2026-01-01T00:00:00"}, ["/outage_started_at"]),
    ("policy unknown", {"policy": {"four_eyes": "sometimes"}}, ["/policy/four_eyes"]),
    ("policy a list", {"policy": {"four_eyes": []}}, ["/policy/four_eyes"]),
    ("policy with a foreign member", {"policy": {"two_eyes": True}}, ["/policy/two_eyes"]),
    ("target below nought", {"targets": {"rto_minutes": -1}}, ["/targets/rto_minutes"]),
    ("target a half", {"targets": {"rpo_minutes": 1.5}}, ["/targets/rpo_minutes"]),
    ("target beyond", {"targets": {"rpo_minutes": 2**53}}, ["/targets/rpo_minutes"]),
    ("profile unknown", {"command_profile": "vmware"}, ["/command_profile"]),
    ("several faults", {"runbook": "x", "mode": "y", "title": ""}, ["/mode", "/title"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("members", "named"), [case[1:] for case in DECLARATIONS], ids=[case[0] for case in DECLARATIONS]
)
def test_a_bad_declaration(world: World, untouched: dict[str, Any], members: dict[str, Any], named: list[str]) -> None:
    answer = world.ask("ann", "/executions", json=declaration(**members))
    assert sorted(pointers(answer)) == sorted(named)
    assert len(answer.content) < 6_000


def test_a_declaration_needs_its_members(world: World, untouched: dict[str, Any]) -> None:
    answer = world.ask("ann", "/executions", json={})
    assert pointers(answer) == ["/runbook", "/mode", "/title", "/parameters"]
    without = {name: value for name, value in declaration().items() if name != "workloads"}
    assert pointers(world.ask("ann", "/executions", json=without)) == ["/workloads"]


@pytest.mark.parametrize("name", sorted({*shapes.Event.model_fields, *shapes.Execution.model_fields, "evil"}))
def test_who_when_and_what_follows_is_never_taken_from_a_body(
    world: World, untouched: dict[str, Any], name: str
) -> None:
    """T40: every member of the answers that is not one of the body's own."""
    taken = {
        "type", "at", "attempt", "comment", "performed_at", "performed_by", "evidence", "workloads", "outcome",
        "recovery_point", "action",
    }  # fmt: skip
    if name not in taken:
        assert pointers(world.post("ann", untouched, confirm(**{name: "x"}))) == [f"/{name}"]
    if name not in declaration() | {"policy": 0, "targets": 0, "command_profile": 0, "outage_started_at": 0}:
        assert pointers(world.ask("ann", "/executions", json=declaration(**{name: "x"}))) == [f"/{name}"]


def encoded(text: str, *, field: str = "comment") -> bytes:
    return b'{"type":"confirm","at":"%b","%b":%b}' % (FAIL_OVER.encode(), field.encode(), text.encode("utf-8"))


NESTED = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
RAW: list[tuple[str, bytes, int, list[str] | None]] = [
    ("a lone surrogate", encoded('"\\ud800"'), 422, ["/comment"]),
    ("surrogates the wrong way round", encoded('"\\udc00\\ud800"'), 422, ["/comment"]),
    ("NUL", encoded('"a\\u0000b"'), 422, ["/comment"]),
    ("a bell", encoded('"a\\u0007b"'), 422, ["/comment"]),
    ("an escape", encoded('"\\u001b[31m"'), 422, ["/comment"]),
    ("bidirectional override", encoded('"a\u202eb"'), 422, ["/comment"]),
    ("zero width", encoded('"a\u200bb"'), 422, ["/comment"]),
    ("a bare control", encoded('"a\x01b"'), 400, None),
    ("NaN", encoded("NaN", field="attempt"), 422, ["/attempt"]),
    ("Infinity", encoded("-Infinity", field="attempt"), 422, ["/attempt"]),
    ("1e400", encoded("1e400", field="attempt"), 422, ["/attempt"]),
    ("2^63", encoded(str(2**63), field="attempt"), 422, ["/attempt"]),
    ("2^53", encoded(str(2**53), field="attempt"), 422, ["/attempt"]),
    ("5,000 digits", encoded("9" * 5000, field="attempt"), 422, ["/attempt"]),
    ("a name twice", b'{"type":"confirm","at":"x","at":"y"}', 422, ["/at"]),
    ("the type twice", b'{"type":"note","type":"confirm","comment":"x"}', 422, ["/type"]),
    ("not UTF-8", encoded('"x"').replace(b"x", b"\xff"), 400, None),
    ("UTF-16", encoded('"x"').decode().encode("utf-16"), 400, None),
    ("a byte order mark", b"\xef\xbb\xbf" + encoded('"x"'), 400, None),
    ("nothing", b"", 400, None),
    ("half", encoded('"x"')[:-1], 400, None),
    ("two values", encoded('"x"') * 2, 400, None),
    ("a comment", b"// x\n" + encoded('"x"'), 400, None),
    ("100,000 levels", NESTED, 400, None),
    ("33 lists", b"[" * 33 + b"]" * 33, 400, None),
    ("a list", b"[]", 422, [""]),
    ("a text", b'"confirm"', 422, [""]),
    ("null", b"null", 422, [""]),
    ("200,000 names", b'{"type":"note",' + b",".join(b'"k%d":1' % n for n in range(70_000)) + b"}", 422, [""]),
    ("5 MB", encoded('"' + "x" * 5_000_000 + '"'), 413, None),
    ("1 MiB and a byte", b" " * (MAX_BODY + 1), 413, None),
    ("20 MB", b" " * 20_000_000, 413, None),
]  # fmt: skip


@pytest.mark.parametrize(("body", "status", "named"), [case[1:] for case in RAW], ids=[case[0] for case in RAW])
def test_bytes_that_are_no_request(
    world: World, untouched: dict[str, Any], body: bytes, status: int, named: list[str] | None
) -> None:
    """T29."""
    for path, who in ((f"/executions/{untouched['id']}/events", "ann"), ("/executions", "coordinator")):
        answer = world.ask(who, path, content=body)
        assert slug(answer)[0] == status, answer.text
        assert len(answer.content) < 3_000
        if named is not None and path != "/executions":
            assert pointers(answer) == named


def test_evidence_of_5_mb(world: World, untouched: dict[str, Any]) -> None:
    answer = world.post("ann", untouched, confirm(evidence=[{"kind": "output", "content": "x" * 5_000_000}]))
    assert slug(answer) == (413, "payload-too-large")
    assert "1 MiB" in answer.json()["detail"]


@pytest.mark.parametrize("media_type", [
    "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp",
    "", "*/*", "application/json; charset=utf-16", "text/json", "application/json, text/plain",
])  # fmt: skip
def test_only_json_is_taken_so_that_no_foreign_page_can_send_it(
    world: World, untouched: dict[str, Any], media_type: str
) -> None:
    """T34: a browser's form can send none of these as JSON."""
    body = json.dumps(confirm()).encode()
    answer = world.ask(
        "ann", f"/executions/{untouched['id']}/events", content=body, headers={"content-type": media_type}
    )
    assert slug(answer) == (415, "unsupported-media-type")
    zipped = world.ask("ann", "/executions", content=body, headers={**JSON, "content-encoding": "gzip"})
    assert slug(zipped) == (415, "unsupported-media-type")


@pytest.mark.parametrize("key", [
    "", " ", '""', "has a blank", '"has a blank"', "x" * 256, '"' + "x" * 256 + '"', "tab\there", "é", "\x7f", "a\x80",
])  # fmt: skip
def test_a_key_that_is_none(world: World, untouched: dict[str, Any], key: str) -> None:
    for path, who, body in (
        (f"/executions/{untouched['id']}/events", "ann", {"type": "note", "comment": "x"}),
        ("/executions", "ann", declaration()),
    ):
        answer = world.ask(who, path, json=body, headers={"idempotency-key": key.encode("latin-1")})
        assert pointers(answer) == ["/header/Idempotency-Key"]


def test_headers_that_contradict_each_other(world: World, untouched: dict[str, Any]) -> None:
    """T30."""
    token = f"Bearer {world.tokens['ann']}"
    for extra in (
        [("authorization", "Bearer other")],
        [("idempotency-key", "a"), ("idempotency-key", "b")],
        [("content-type", "text/plain")],
        [("content-length", "3")],
    ):
        headers = [("authorization", token), ("content-type", "application/json"), ("content-length", "2"), *extra]
        answer = world.client.post(f"{BASE}/executions", headers=headers, content=b"{}")
        assert slug(answer) == (400, "malformed-request")


def test_a_token_revoked_a_second_ago(world: World, untouched: dict[str, Any]) -> None:
    made = identity.create_token(world.service.database, name="ann", roles=[events.Role.OPERATOR])
    world.tokens["gone"] = made.text
    assert world.ask("gone", "/me").status_code == 200
    assert identity.revoke_token(world.service.database, made.id)
    for path, options in (
        ("/me", {}), ("/executions", {}), (f"/executions/{untouched['id']}/events", {"json": confirm()}),
    ):  # fmt: skip
        assert slug(world.ask("gone", path, **options)) == (401, "unauthenticated")


#: T56: what a name may hold, and PowerShell must not run.
HOSTILE = [
    "x'; Stop-Computer #", "x\u2019; Stop-Computer #", "\u2018\u2019\u201a\u201b'", "$(Stop-Computer)", "`$env:PATH",
    '"; Stop-Computer; "', "a`b", "a|b", "a;b", "a&b", "@(1)", "{workload}", "{vmm_vm}", "%{x}", "--%", "名前", "a b",
    "''", "'", "</script><script>alert(1)</script>", "=1+1", "../..", "%00", "\\u0000", "e\u0301",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_vm_with_a_hostile_name_is_allowed_and_harmless_in_its_command(world: World, name: str) -> None:
    document = world.at(FAIL_OVER, parameters={**PARAMETERS, "vmm_vm": name}, workloads=[{"name": name}])
    assert document["parameters"]["vmm_vm"] == name
    assert [one["name"] for one in document["workloads"]] == [name]
    told = [one["text"] for one in document["action"]["commands"]]
    assert told
    literal = "'" + "".join(one * 2 if one in "'\u2018\u2019\u201a\u201b" else one for one in name) + "'"
    for text in told:
        if literal in text:
            outside = text.replace(literal, "")
            assert "Stop-Computer" not in outside
    assert any(literal in text for text in told)
    answer = world.ask("viewer", f"/executions/{document['id']}/diagram", headers={"accept": "image/svg+xml"})
    assert "<script" not in answer.text


def test_attached_output_is_kept_as_the_text_that_came(world: World) -> None:
    """A capture begins with a byte order mark and is full of colours; only what cannot be kept is refused."""
    document = world.declare()
    output = "\ufeff\x1b[31mVM\x1b[0m\r\n\u200d\u200b\u202e\x07\x7f\u0085\u2028 end\x00"
    note = {"type": "note", "evidence": [{"kind": "output", "content": output}]}
    assert pointers(world.post("ann", document, note)) == ["/evidence/0/content"]
    note["evidence"] = [{"kind": "output", "content": output[:-1]}]
    answer = world.post("ann", document, note)
    assert answer.json()["event"]["evidence"][0]["content"] == output[:-1]
    assert world.ask("auditor", f"/executions/{document['id']}/verification").json()["ok"] is True
    for place, body in (
        ("/comment", {"type": "note", "comment": "\ufeffx"}),
        ("/evidence/0/name", {"type": "note", "evidence": [{"kind": "text", "content": "x", "name": "\x1b"}]}),
        ("/evidence/0/content", {"type": "note", "evidence": [{"kind": "text", "content": "\ud800"}]}),
    ):
        content = json.dumps(body).encode()
        assert pointers(world.ask("ann", f"/executions/{document['id']}/events", content=content)) == [place]


def test_a_pointer_to_an_odd_name_is_escaped(world: World) -> None:
    """RFC 6901."""
    body = declaration(parameters={**PARAMETERS, "a/b~c": "x"}, workloads=[{"name": "x", "parameters": {"~/": "y"}}])
    answer = world.ask("ann", "/executions", json=body)
    assert pointers(answer) == ["/parameters/a~1b~0c", "/workloads/0/parameters/~0~1"]

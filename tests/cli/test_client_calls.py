"""What no real service can be made to do: answers that get lost, addresses where nobody or somebody else is."""

import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from app.cli.client import calls as module
from app.cli.client.calls import Calls, Unreachable
from app.cli.client.contexts import Context
from app.cli.client.executions import verify_execution
from app.cli.client.journals import Kind, export
from app.cli.client.posting import post_event
from app.cli.client.protection import show_readiness
from app.cli.client.refused import Refused
from app.cli.client.session import Session
from app.cli.client.shown import Form
from app.cli.client.watching import watch
from app.cli.client.words import BY_TYPE, COMMON, MANNER
from app.cli.said import Stop

HERE, THERE = "http://here.test", "http://there.test"
PROBLEM = {"content-type": "application/problem+json"}
Answering = Callable[[httpx2.Request], httpx2.Response]


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE", 0.001)
    monkeypatch.setattr(module, "LONGEST_PAUSE", 0.001)


def calling(answer: Answering, *urls: str, patience: float = 0.5) -> Calls:
    """Give a line to services that answer so."""
    context = Context(name="x", urls=urls or (HERE, THERE), token="fbk_x")
    return Calls(context, patience=patience, transport=httpx2.MockTransport(answer))


def problem(status: int, slug: str, **members: Any) -> httpx2.Response:
    """Give a refusal as the service gives it."""
    body = {"type": f"/problems/{slug}", "status": status, "title": "No", "detail": "Not so.", **members}
    return httpx2.Response(status, json=body, headers=PROBLEM)


class Journal:
    """A service that keeps what it was sent by its key, and loses its first answers."""

    def __init__(self, *, loses: int) -> None:
        """Take how many answers get lost."""
        self.kept: dict[str, bytes] = {}
        self.asked: list[str] = []
        self._loses = loses

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        """Keep the event, and answer or lose the answer."""
        key = request.headers["idempotency-key"]
        assert self.kept.setdefault(key, request.content) == request.content
        self.asked.append(request.url.host)
        if len(self.asked) <= self._loses:
            raise httpx2.ReadError("the line broke")
        return httpx2.Response(201, json={"events": len(self.kept)})


def test_a_lost_answer_is_asked_for_again_by_the_same_key_and_at_the_next_address() -> None:
    service = Journal(loses=3)
    with calling(service) as calls:
        assert calls.post("/x", {"type": "note"}) == {"events": 1}
        assert service.asked == ["here.test", "there.test", "here.test", "there.test"]
        assert calls.urls[0] == THERE
        calls.post("/x", {"type": "note"})
    assert service.asked[-1] == "there.test"
    assert len(service.kept) == 2


def test_where_no_answer_comes_at_all_the_key_to_ask_again_by_is_said() -> None:
    with calling(Journal(loses=10**6), patience=0) as calls, pytest.raises(Unreachable) as lost:
        calls.post("/x", {}, key="mine")
    assert (lost.value.code, lost.value.key) == (7, "mine")
    assert "http://here.test: the line broke" in lost.value.sentence


def test_a_service_that_is_busy_is_asked_again_and_in_the_end_believed() -> None:
    answers = [problem(503, "unavailable"), problem(409, "in-flight"), problem(500, "internal-error")]

    def answer(request: httpx2.Request) -> httpx2.Response:
        return answers.pop(0) if answers else httpx2.Response(200, json={"id": 1})

    with calling(answer, HERE) as calls:
        assert calls.get("/x") == {"id": 1}
    with calling(lambda _: problem(503, "unavailable"), patience=0) as calls, pytest.raises(Refused) as refused:
        calls.post("/x", {}, key="mine")
    assert (refused.value.code, refused.value.key) == (7, "mine")
    with calling(lambda _: problem(503, "unavailable", retry_after=60)) as calls, pytest.raises(Refused):
        calls.get("/x")
    with calling(lambda _: problem(409, "position-moved"), patience=0) as calls, pytest.raises(Refused) as refused:
        calls.post("/x", {})
    assert (refused.value.code, refused.value.key) == (5, None)


@pytest.mark.parametrize(
    "odd",
    [
        httpx2.Response(200, text="<html>Log in to the hotel</html>", headers={"content-type": "text/html"}),
        httpx2.Response(302, headers={"location": "https://elsewhere.test"}),
        httpx2.Response(502, text="<html>Bad gateway</html>", headers={"content-type": "text/html"}),
        httpx2.Response(204),
    ],
    ids=["page", "redirect", "gateway", "nothing"],
)
def test_what_is_not_the_service_is_passed_over(odd: httpx2.Response) -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        return odd if request.url.host == "here.test" else httpx2.Response(200, json={"id": 1})

    with calling(answer) as calls:
        assert calls.get("/x") == {"id": 1}
    with calling(answer, HERE, patience=0) as calls, pytest.raises(Unreachable):
        calls.get("/x")


def test_an_answer_that_is_no_json_is_no_answer() -> None:
    broken = httpx2.Response(200, text="{", headers={"content-type": "application/json"})
    with calling(lambda _: broken, patience=0) as calls, pytest.raises(Unreachable, match="cannot be read"):
        calls.get("/x")


# --- commands over a line that breaks -------------------------------------------------------------------------------

EXECUTION = "01980000-0000-7000-8000-000000000000"
DOCUMENT: dict[str, Any] = {
    "id": EXECUTION, "mode": "live", "title": "Flood", "status": "in_progress", "position": "a.b", "attempt": 1,
    "version": 2, "action": None, "items": [], "step": None, "allowed": [], "refused": [],
}  # fmt: skip


def session(answer: Answering, form: Form = Form.TABLE) -> Session:
    """Give a session about one execution, with such a service."""
    return Session(calling(answer, HERE, patience=0), form, EXECUTION)


def test_whoever_gets_no_answer_learns_how_to_ask_again(capsys: pytest.CaptureFixture[str]) -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.method == "GET":
            return httpx2.Response(200, json=DOCUMENT)
        raise httpx2.ReadTimeout("no answer")

    word = BY_TYPE["confirm"]
    said = {one.name: one.default for one in (*word.members, *COMMON, *MANNER)}
    with pytest.raises(Unreachable):
        post_event(session(answer), word=word, **{**said, "key": "mine"})
    told = capsys.readouterr().err
    assert "--at a.b --attempt 1 --idempotency-key mine asks again" in told


def test_a_journal_that_does_not_hold_is_a_1(capsys: pytest.CaptureFixture[str]) -> None:
    found = {"ok": False, "events": 2, "head": "abc", "problems": [{"number": 2, "problem": "the hash is wrong"}]}

    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, json=found if request.url.path.endswith("verification") else DOCUMENT)

    with pytest.raises(Stop) as stop:
        verify_execution(session(answer))
    assert stop.value.code == 1
    assert "NOT INTACT: 2 events, head abc\nline 2: the hash is wrong" in capsys.readouterr().out


def test_a_set_that_is_ready_is_a_0(capsys: pytest.CaptureFixture[str]) -> None:
    protected = {"id": EXECUTION, "name": "Lyon ERP", "revision": 1}
    soon, past = "2027-01-01T00:00:00.000000Z", "2026-10-01T00:00:00.000000Z"
    found = {
        "protected_set": protected, "state": "ready", "stale_at": soon, "reasons": [], "checklists": [],
        "drill": {"execution": EXECUTION, "outcome": "passed", "ended_at": past, "due_at": soon},
    }  # fmt: skip

    def answer(request: httpx2.Request) -> httpx2.Response:
        ready = request.url.path.endswith("readiness")
        return httpx2.Response(200, json=found if ready else {"items": [protected], "next": None})

    show_readiness(session(answer), protected_set="lyon erp")
    said = capsys.readouterr().out
    assert "Lyon ERP: READY until 2027-01-01 00:00:00Z" in said
    assert "Last drill passed, 2026-10-01 00:00:00Z; the next one until 2027-01-01 00:00:00Z" in said


class Breaking(httpx2.SyncByteStream):
    """Bytes that come, and then the line breaks."""

    def __init__(self, *pieces: bytes) -> None:
        """Take what comes before it breaks."""
        self._pieces = pieces

    def __iter__(self) -> Any:
        """Give it, and break."""
        yield from self._pieces
        raise httpx2.ReadError("the line broke")


def test_a_part_of_a_journal_is_not_left_behind(tmp_path: Any) -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("events"):
            return httpx2.Response(200, stream=Breaking(b"{}\n"), headers={"content-type": "application/x-ndjson"})
        return httpx2.Response(200, json=DOCUMENT)

    with pytest.raises(Stop, match="broke off") as stop:
        export(session(answer), file=str(tmp_path / "x.ndjson"), kind=Kind.NDJSON, force=False)
    assert stop.value.code == 7
    assert list(tmp_path.iterdir()) == []


def line(number: int, status: str = "in_progress") -> bytes:
    """Give a journal line as the stream does."""
    told = {
        "number": number, "recorded_at": "2026-11-23T03:12:00.000000Z", "type": "note", "workloads": [],
        "actor": {"name": "ann", "role": "operator"}, "position_before": "a.b", "position_after": "a.b",
        "performed_at": None, "comment": None, "status_after": status,
    }  # fmt: skip
    return f"id: {number}\nevent: note\ndata: {json.dumps(told)}\n\n".encode()


def test_watching_goes_on_after_each_kind_of_break_with_no_line_twice(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    answers: list[Any] = [
        Breaking(b": follows\nretry: 2000\n\n", line(1), line(2)),
        httpx2.ConnectError("refused"),
        *[problem(503, "unavailable") for _ in range(4)],
        httpx2.ByteStream(line(3) + line(4, "aborted")),
    ]
    resumed: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        if not request.url.path.endswith("stream"):
            return httpx2.Response(200, json={**DOCUMENT, "version": 4})
        resumed.append(request.headers["last-event-id"])
        one = answers.pop(0)
        if isinstance(one, Exception):
            raise one
        if isinstance(one, httpx2.Response):
            return one
        return httpx2.Response(200, stream=one, headers={"content-type": "text/event-stream"})

    watch(session(answer, Form.NAME), after=0)
    said = capsys.readouterr()
    assert said.out.split() == ["1", "2", "3", "4"]
    assert resumed == ["0", *["2"] * 6]
    assert waits == [0.5, 1.0, 2.0, 5.0, 5.0, 5.0]
    assert said.err.count("trying again") == 2
    assert "The line is back." in said.err


def test_watching_ends_where_there_is_nothing_to_wait_for() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("stream"):
            return problem(401, "unauthenticated")
        return httpx2.Response(200, json=DOCUMENT)

    with pytest.raises(Refused) as refused:
        watch(session(answer), after=0)
    assert refused.value.code == 6


def test_an_event_beyond_all_measure_is_not_kept_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.cli.client.watching.LARGEST_EVENT", 10)

    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("stream"):
            return httpx2.Response(200, content=line(1), headers={"content-type": "text/event-stream"})
        return httpx2.Response(200, json=DOCUMENT)

    with pytest.raises(Stop, match="cannot be read"):
        watch(session(answer), after=0)

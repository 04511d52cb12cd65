"""Whatever goes wrong, the answer is one shape: a problem document that says what, where and the way out."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any, Literal

import anyio
import pytest
import structlog
from fastapi import Depends, FastAPI, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator
from sqlalchemy import exc as database
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.testclient import TestClient
from starlette.types import Message

from app.domain import errors
from app.web import problem_pages
from app.web.errors import ANSWERS, answer_of, problem
from app.web.faults import install, invalid_request, last_resort, refusal_of
from app.web.guard import MAX_BODY, RequestGuard, check_query, guarded_json

SECRET = "fbk_7_never-repeat-me"
JSON = {"content-type": "application/json"}


class Workload(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str

    @field_validator("name")
    @classmethod
    def has_no_blank(cls, name: str) -> str:
        if " " in name:
            message = "holds a blank"
            raise ValueError(message)
        return name


class Confirm(BaseModel):
    type: Literal["confirm"]
    at: str
    workloads: list[Workload] = []


class Note(BaseModel):
    type: Literal["note"]
    comment: str


EVENT: TypeAdapter[Confirm | Note] = TypeAdapter(Annotated[Confirm | Note, Field(discriminator="type")])


def who(request: Request) -> None:
    if "authorization" not in request.headers:
        raise errors.Unauthenticated
    check_query(request.scope)


def raise_it(name: str) -> None:
    raised: dict[str, Exception] = {
        "bug": RuntimeError(SECRET),
        "operational": database.OperationalError(SECRET, {}, Exception(SECRET)),
        "pool": database.TimeoutError(),
        "integrity": database.IntegrityError(SECRET, {}, Exception(SECRET)),
        "in-flight": errors.InFlight(),
        "limited": errors.TooManyRequests(retry_after=12.2),
        "moved": errors.PositionMoved(position="a.b", version=4, status="not the status", moved_by={"number": 4}),
    }
    raise raised[name]


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    app = FastAPI()
    install(app)
    app.add_middleware(
        RequestGuard, allowed_hosts=("testserver", "*.example.org", "[::1]"), policies={"/page": "default-src 'self'"}
    )
    app.include_router(problem_pages.router)

    @app.get("/raise/{name}")
    def raising(name: str) -> None:
        raise_it(name)

    @app.get("/page")
    def page() -> dict[str, str]:
        return {}

    @app.get("/drawing")
    def drawing() -> Response:
        return Response(headers={"content-security-policy": "default-src 'self'"})

    @app.get("/list", dependencies=[Depends(who)])
    def listing(limit: Annotated[int, Query(ge=1, le=200)] = 50, q: str = "") -> dict[str, object]:
        return {"limit": limit, "q": q}

    @app.post("/echo", dependencies=[Depends(who)])
    async def echo(request: Request) -> dict[str, Any]:
        return {"got": await guarded_json(request), "again": await guarded_json(request)}

    @app.post("/events", dependencies=[Depends(who)])
    async def events(request: Request) -> dict[str, Any]:
        body = await guarded_json(request)
        try:
            return EVENT.validate_python(body).model_dump()
        except ValidationError as error:
            raise invalid_request(error, body=body) from None

    @app.post("/declared")
    def declared(workload: Workload) -> Workload:
        return workload

    @app.get("/breaks-off")
    def breaks_off() -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            yield b"half"
            raise RuntimeError(SECRET)

        return StreamingResponse(parts())

    with TestClient(app, headers={"authorization": "Bearer x"}) as client:
        yield client


def assert_problem(response: Any, status: int, slug: str) -> dict[str, Any]:
    document: dict[str, Any] = response.json()
    assert (response.status_code, document["type"]) == (status, f"/problems/{slug}")
    assert response.headers["content-type"] == "application/problem+json"
    assert document["status"] == status
    assert document["title"]
    assert document["detail"]
    assert SECRET not in response.text
    assert response.headers["x-content-type-options"] == "nosniff"
    return document


def test_every_refusal_has_one_row_and_a_page(client: TestClient) -> None:
    refusals = set(errors.Refusal.__subclasses__())
    assert refusals == set(ANSWERS)
    assert len({refusal.slug for refusal in refusals}) == len(refusals)
    for refusal in refusals:
        page = client.get(f"/problems/{refusal.slug}")
        assert page.status_code == 200
        assert page.headers["content-type"] == "text/plain; charset=utf-8"
        assert ANSWERS[refusal].way_out in page.text
        assert f"/problems/{refusal.slug}" in client.get("/problems").text
    assert_problem(client.get(f"/problems/{SECRET}"), 404, "not-found")


def test_a_refusal_outside_the_table_is_answered_as_what_it_comes_from() -> None:
    class Sooner(errors.PositionMoved):
        """Faster still."""

    assert answer_of(Sooner).status == 409
    with pytest.raises(KeyError):
        answer_of(errors.Refusal)


def test_members_stand_beside_the_fixed_ones_and_never_replace_them(client: TestClient) -> None:
    document = assert_problem(client.get("/raise/moved"), 409, "position-moved")
    assert document["moved_by"] == {"number": 4}
    assert document["version"] == 4


def test_an_instance_is_told_when_given() -> None:
    assert json.loads(problem(errors.NotFound(), instance="urn:x:1")[2])["instance"] == "urn:x:1"


def test_a_problem_survives_a_surrogate_in_its_sentence() -> None:
    assert json.loads(problem(errors.NotFound("no \ud800"))[2])["detail"] == "no ?"


@pytest.mark.parametrize(
    ("path", "status", "wait"), [("in-flight", 409, "1"), ("limited", 429, "13"), ("pool", 503, "2")]
)
def test_what_passes_says_when_to_come_back(client: TestClient, path: str, status: int, wait: str) -> None:
    response = client.get(f"/raise/{path}")
    assert (response.status_code, response.headers["retry-after"]) == (status, wait)
    assert response.json()["retry_after"] == int(wait)


def test_an_unknown_caller_is_asked_for_a_bearer_token_before_anything_else(client: TestClient) -> None:
    anonymous = TestClient(client.app)
    response = anonymous.post("/echo?q=%ff", content=b"{")
    assert_problem(response, 401, "unauthenticated")
    assert response.headers["www-authenticate"] == "Bearer"


def test_unknown_addresses_and_methods(client: TestClient) -> None:
    assert_problem(client.get("/nowhere"), 404, "not-found")
    response = client.delete("/echo")
    document = assert_problem(response, 405, "method-not-allowed")
    assert response.headers["allow"] == "POST"
    assert document["allow"] == ["POST"]


@pytest.mark.parametrize(("path", "status", "slug"), [
    ("bug", 500, "internal-error"),
    ("integrity", 500, "internal-error"),
    ("operational", 503, "unavailable"),
])  # fmt: skip
def test_a_fault_of_our_own_is_logged_and_not_shown(client: TestClient, path: str, status: int, slug: str) -> None:
    with structlog.testing.capture_logs() as lines:
        document = assert_problem(client.get(f"/raise/{path}"), status, slug)
    assert [line["request_id"] for line in lines] == [document["request_id"]]


@pytest.mark.parametrize(
    ("error", "slug"),
    [
        (HTTPException(403), "role-required"),
        (HTTPException(418), "malformed-request"),
        (HTTPException(502), "internal-error"),
        (RuntimeError(SECRET), "internal-error"),
    ],
)
def test_what_a_framework_raises_is_said_in_our_words(error: Exception, slug: str) -> None:
    refusal = refusal_of(error)
    assert refusal.slug == slug
    assert SECRET not in refusal.detail


def test_an_answer_that_breaks_off_is_broken_off(client: TestClient) -> None:
    with structlog.testing.capture_logs() as lines, pytest.raises(RuntimeError):
        client.get("/breaks-off")
    assert [line["event"] for line in lines] == ["unexpected_fault"]


@pytest.mark.anyio
@pytest.mark.parametrize("error", [ClientDisconnect(), errors.NotFound()])
async def test_the_last_resort_answers_refusals_and_nobody_who_has_gone(error: Exception, anyio_backend: str) -> None:
    sent: list[Message] = []

    async def failing(*_: object) -> None:
        raise error

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    await last_resort(failing)({"type": "http", "method": "GET", "path": "/"}, receive, send)
    assert [message.get("status") for message in sent] == ([404, None] if isinstance(error, errors.NotFound) else [])


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def test_a_body_is_parsed_once(client: TestClient) -> None:
    assert client.post("/echo", json={"a": "é"}).json() == {"got": {"a": "é"}, "again": {"a": "é"}}


@pytest.mark.parametrize(
    "media_type", ["application/json", "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"']
)
def test_json_is_taken(client: TestClient, media_type: str) -> None:
    assert client.post("/echo", content=b"[]", headers={"content-type": media_type}).status_code == 200


@pytest.mark.parametrize("headers", [
    {},
    {"content-type": "text/plain"},
    {"content-type": "application/x-www-form-urlencoded"},
    {"content-type": "application/jsonp"},
    {"content-type": "application/json; charset=latin-1"},
    JSON | {"content-encoding": "gzip"},
])  # fmt: skip
def test_only_plain_json_is_taken(client: TestClient, headers: dict[str, str]) -> None:
    assert_problem(client.post("/echo", content=b"{}", headers=headers), 415, "unsupported-media-type")


def test_a_body_that_cannot_be_read(client: TestClient) -> None:
    assert_problem(client.post("/echo", content=b'{"x": ' + SECRET.encode(), headers=JSON), 400, "malformed-request")


def test_a_body_with_what_is_never_taken(client: TestClient) -> None:
    body = b'{"workloads":[{"name":"\\u202e' + SECRET.encode() + b'"}],"n":NaN}'
    document = assert_problem(client.post("/echo", content=body, headers=JSON), 422, "invalid-request")
    assert [error["pointer"] for error in document["errors"]] == ["/workloads/0/name", "/n"]


def parts(size: int) -> Iterator[bytes]:
    for _ in range(size // 1024):
        yield b" " * 1024


def test_a_body_that_is_too_large_by_its_own_word_or_as_it_comes(client: TestClient) -> None:
    largest = b'"' + b"x" * (MAX_BODY - 2) + b'"'
    assert client.post("/echo", content=largest, headers=JSON).status_code == 200
    assert_problem(client.post("/echo", content=largest + b" ", headers=JSON), 413, "payload-too-large")
    assert_problem(client.post("/echo", content=parts(2 * MAX_BODY), headers=JSON), 413, "payload-too-large")


def run(events: list[bytes], headers: list[tuple[bytes, bytes]]) -> tuple[int, int]:
    """Post over bare ASGI; give the status and how many parts of the body were read."""
    read, status = 0, 0

    async def receive() -> Message:
        nonlocal read
        read += 1
        return {"type": "http.request", "body": events[read - 1], "more_body": read < len(events)}

    async def send(message: Message) -> None:
        nonlocal status
        status = message.get("status", status)

    async def reading(scope: Any, receive: Any, send: Any) -> None:
        await guarded_json(Request(scope, receive))

    scope = {
        "type": "http", "method": "POST", "path": "/", "query_string": b"",
        "headers": [(b"content-type", b"application/json"), *headers],
    }  # fmt: skip
    anyio.run(RequestGuard(last_resort(reading), max_body=10), scope, receive, send)
    return status, read


def test_a_body_that_is_too_large_is_read_to_its_end_and_thrown_away_unless_it_waits_or_is_huge() -> None:
    assert run([b"x" * 11, b"x", b"x"], []) == (413, 3)
    assert run([b"x" * 6, b"x" * 6, b"x"], [(b"content-length", b"13")]) == (413, 3)
    assert run([b"x" * 13], [(b"content-length", b"13"), (b"expect", b"100-continue")]) == (413, 0)
    assert run([b"x" * MAX_BODY] * 50, [(b"content-length", str(50 * MAX_BODY).encode())]) == (413, 0)
    assert run([b"x" * MAX_BODY] * 50, []) == (413, 9)


@pytest.mark.parametrize(("body", "pointers"), [
    ({"type": "confirm"}, ["/at"]),
    ({"type": "confirm", "at": 1}, ["/at"]),
    ({"type": "confirm", "at": "x", "workloads": [{"name": "a"}, {"name": f"{SECRET} x"}]}, ["/workloads/1/name"]),
    ({"type": "confirm", "at": "x", "workloads": [{"name": "a", SECRET[:4]: 1}]}, ["/workloads/0/fbk_"]),
    ({"type": SECRET}, ["/type"]),
    ({}, ["/type"]),
    ([], [""]),
])  # fmt: skip
def test_a_fault_in_a_field_is_named_without_its_value(client: TestClient, body: object, pointers: list[str]) -> None:
    document = assert_problem(client.post("/events", json=body), 422, "invalid-request")
    assert [error["pointer"] for error in document["errors"]] == pointers
    assert all(set(error) == {"pointer", "message"} for error in document["errors"])


def test_what_fastapi_finds_has_the_same_shape(client: TestClient) -> None:
    document = assert_problem(
        client.post("/declared", json={"name": f"{SECRET} b", "x": SECRET}), 422, "invalid-request"
    )
    assert [error["pointer"] for error in document["errors"]] == ["/name", "/x"]
    document = assert_problem(client.get("/list?limit=900"), 422, "invalid-request")
    assert [error["pointer"] for error in document["errors"]] == ["/query/limit"]
    assert_problem(client.post("/declared", content=b"{", headers=JSON), 400, "malformed-request")


@pytest.mark.parametrize(("query", "pointer"), [
    ("q=%ff", "/query"),
    ("q=%c3%28", "/query"),
    ("q=a%00", "/query/q"),
    ("q=%E2%80%AE", "/query/q"),
    ("x=%C2%85", "/query/x"),
    ("%E2%80%8B=1", "/query"),
])  # fmt: skip
def test_a_query_is_read_as_strictly_as_a_body(client: TestClient, query: str, pointer: str) -> None:
    document = assert_problem(client.get(f"/list?{query}"), 422, "invalid-request")
    assert [error["pointer"] for error in document["errors"]] == [pointer]


def test_a_sound_query_is_taken(client: TestClient) -> None:
    assert client.get("/list?q=%C3%A9%0A&limit=3").json() == {"limit": 3, "q": "é\n"}


@pytest.mark.parametrize(("host", "status"), [
    ("testserver", 200), ("TESTSERVER:8000", 200), ("a.example.org", 200), ("[::1]", 200), ("[::1]:80", 200),
    ("example.org", 400), ("testserver.evil", 400), ("evil", 400), ("", 400), ("[::2]:80", 400),
])  # fmt: skip
def test_only_our_own_names_are_answered(client: TestClient, host: str, status: int) -> None:
    assert client.get("/page", headers={"host": host}).status_code == status


def test_headers_that_contradict_each_other(client: TestClient) -> None:
    for name in ("authorization", "idempotency-key", "content-type"):
        response = client.get("/page", headers=[(name, "a"), (name, "b")])
        assert_problem(response, 400, "malformed-request")
    assert client.get("/page", headers=[("accept", "a"), ("accept", "b")]).status_code == 200


def test_every_answer_is_locked_down(client: TestClient) -> None:
    for path, policy in (
        ("/page", "default-src 'self'"),
        ("/drawing", "default-src 'self'"),
        ("/nowhere", "default-src 'none'; frame-ancestors 'none'"),
    ):
        headers = client.get(path).headers
        assert headers.get_list("content-security-policy") == [policy]
        assert headers["content-security-policy"] == policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"

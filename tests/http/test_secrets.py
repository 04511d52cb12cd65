"""T36: a token is shown once, to whom it is made for; no answer, log line, figure or stored row repeats it."""

import io
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from sqlalchemy import text

from app.domain.events import Role
from app.logs import formatter
from app.web import faults
from tests.http.clients import World, declaration, running


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Give what the service logs, as it logs it; how other tests log stays as it was."""
    before = structlog.get_config()
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter("json"))
    monkeypatch.setattr(faults, "log", structlog.get_logger("faults"))  # a logger keeps the form it was first used with
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield stream
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        structlog.configure(**before)


def test_nothing_repeats_a_token(database_url: str, heard: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    with running(database_url, people={"ann": (Role.COORDINATOR, Role.OPERATOR)}) as world:
        token = world.tokens["ann"]
        secret = token.rpartition("_")[2]
        document = world.declare()
        path = f"/executions/{document['id']}"
        wrong = {"authorization": f"Bearer {token[:-1]}x"}
        for who, where, options in (
            ("ann", "/me", {}),
            ("ann", "/executions", {"json": declaration(title=token)}),
            (None, "/me", {"headers": wrong}),
            (None, "/me", {"headers": {"authorization": f"Basic {token}"}}),
            ("ann", f"/{token}", {}),
            ("ann", f"/executions?token={token}", {}),
            ("ann", f"/executions?limit={token}", {}),
            ("ann", f"/executions/{token}", {}),
            ("ann", f"/runbooks/{token}", {}),
            ("ann", f"{path}/events", {"json": {"type": token}}),
            ("ann", f"{path}/events", {"json": {"type": "confirm", "at": token}}),
            ("ann", f"{path}/events", {"json": {"type": "note", "comment": "x", token: 1}}),
            ("ann", f"{path}/events", {"content": b"{" + token.encode()}),
            (
                "ann",
                f"{path}/events",
                {"json": {"type": "note", "comment": "x"}, "headers": {"idempotency-key": token}},
            ),
            ("ann", f"{path}/events", {"json": {"type": "note", "comment": "x"}, "headers": {"if-match": token}}),
        ):
            answer = world.ask(who, where, **options)
            if "title" not in str(options):
                said.append(f"{answer.text} {dict(answer.headers)}")
        monkeypatch.setattr(world.service.documents, "get", _broken)
        answer = world.ask("ann", path)
        assert answer.status_code == 500
        said.append(answer.text)
        said += [world.client.get(one).text for one in ("/metrics", "/readyz", "/openapi.json")]
    assert "unexpected_fault" in heard.getvalue()
    for place in (*said, heard.getvalue()):
        assert secret not in place
        assert secret[:-1] not in place


def _broken(*_: object) -> bytes:
    raise RuntimeError("broken for the test")


def test_only_a_digest_is_kept(own_world: World) -> None:
    own_world.at("fail-over-vmm.start-vmm-vm")
    kept: list[str] = []
    with own_world.service.database.reading() as connection:
        kept += [
            repr(row)
            for table in ("tokens", "operators", "executions", "journal", "idempotency_keys")
            if connection.dialect.has_table(connection, table)
            for row in connection.execute(text(f"SELECT * FROM {table}"))
        ]
    assert len(kept) > 10
    files = []
    if own_world.url.startswith("sqlite"):
        file = Path(own_world.url.removeprefix("sqlite:///"))
        files = [one.read_bytes() for one in file.parent.glob(file.name + "*")]
    for token in own_world.tokens.values():
        secret = token.rpartition("_")[2]
        assert not any(secret in row for row in kept)
        assert not any(secret.encode() in content for content in files)

"""`serve`: what can be wrong is said before anything is served, tokens reach people and never a log."""

import json
import os
import pty
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from app.services import identity
from app.storage.database import Database
from tests.cli.journals import standalone
from tests.cli.running import ROOT, SECONDS, environment, run, serving

TOKEN = re.compile(r"fbk_[0-9a-f]{12}_[0-9a-f]{64}")


def people(url: str) -> list[str]:
    """Give the names of those who have a token."""
    database = Database(url)
    try:
        return [one.operator_name for one in identity.list_tokens(database)]
    finally:
        database.dispose()


def test_the_first_start_asked_for_tokens_prints_two_once(tmp_path: Path) -> None:
    with serving(cwd=tmp_path, print_tokens="1") as service:
        assert service.get("/readyz") == 200
        assert service.get("/docs") == 200
        ann, ben = TOKEN.findall(service.said())
        assert service.get("/api/v1/me", token=ann) == 200
        assert service.get("/api/v1/me", token=ben) == 200
        assert f"{service.url}/docs" in service.said()
        assert "README" in service.said()
        service.end()
    said = service.said() + service.said("err")
    assert len(TOKEN.findall(said)) == 2
    assert not TOKEN.search(service.said("err"))
    assert people(f"sqlite:///{tmp_path}/data/failback.db") == ["ann", "ben"]
    with serving(cwd=tmp_path, print_tokens="1") as service:
        assert service.get("/readyz") == 200
        assert not TOKEN.search(service.said())
        assert "Make the first two" not in service.said()


def test_where_nobody_sees_tokens_none_is_made_and_the_way_is_told(database_url: str, tmp_path: Path) -> None:
    with serving(cwd=tmp_path, database_url=database_url) as service:
        assert service.get("/livez") == 200
        assert not TOKEN.search(service.said() + service.said("err"))
        assert "python -m app token create --name ann" in service.said()
        assert people(database_url) == []
        made = run("token", "create", "--name", "ann", "--role", "viewer", cwd=tmp_path, database_url=database_url)
        assert service.get("/api/v1/me", token=made.stdout.decode().strip()) == 200


def test_a_person_at_a_terminal_sees_the_tokens(make_database: Callable[..., str], tmp_path: Path) -> None:
    url = make_database("sqlite")
    master, slave = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "app", "serve", "--port", "0"],
        cwd=tmp_path,
        env=environment(database_url=url),
        stdin=subprocess.DEVNULL,
        stdout=slave,
        stderr=subprocess.DEVNULL,
    ) as process:
        os.close(slave)
        said = b""
        deadline = time.monotonic() + SECONDS
        while b"/docs" not in said and time.monotonic() < deadline:
            said += os.read(master, 4096)
        process.terminate()
        process.wait(SECONDS)
    os.close(master)
    assert len(TOKEN.findall(said.decode())) == 2
    assert people(url) == ["ann", "ben"]


def test_a_token_in_an_address_or_a_header_is_in_no_log(tmp_path: Path) -> None:
    with serving(cwd=tmp_path, print_tokens="1", log_format="json") as service:
        assert service.get("/livez") == 200
        ann, _ = TOKEN.findall(service.said())
        service.get(f"/api/v1/me?token={ann}", token=ann)
        service.get(f"/{ann}", token=ann)
        service.get("/api/v1/executions", token=ann + "x")
        service.end()
    assert ann.split("_")[2] not in service.said("err")
    lines = service.said("err").splitlines()
    assert lines
    for line in lines:
        assert {"time", "level", "logger", "event"} <= json.loads(line).keys()


def test_several_processes_need_postgresql(make_database: Callable[..., str], tmp_path: Path) -> None:
    done = run("serve", "--workers", "2", cwd=tmp_path, database_url=make_database("sqlite"))
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"PostgreSQL" in done.stderr
    url = make_database("postgresql")
    with serving("--workers", "2", cwd=tmp_path, database_url=url, log_format="json") as service:
        assert service.get("/readyz") == 200
        assert service.end() == 0
    loggers = [json.loads(line) for line in service.said("err").splitlines()]
    assert sum("Application startup complete" in one["event"] for one in loggers) == 2


def test_a_postgresql_of_another_revision_is_refused_with_the_command(
    make_database: Callable[..., str], tmp_path: Path
) -> None:
    url = make_database("postgresql", migrated=False)
    done = run("serve", "--port", "0", cwd=tmp_path, database_url=url)
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"python -m app db upgrade" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_port_in_use_is_said_before_anything_is_made(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = run("serve", "--port", str(port), cwd=tmp_path, print_tokens="1")
    assert (done.returncode, done.stdout) == (1, b"")
    assert f"Port {port} of 127.0.0.1 is in use".encode() in done.stderr
    assert list(tmp_path.rglob("*.db")) == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--host", "no-such-host.invalid"], 1),
        (["--host", "192.0.2.1"], 1),
        (["--host", ""], 1),
        (["--port", "65536"], 2),
        (["--port", "http"], 2),
        (["--workers", "0"], 2),
    ],
    ids=range(6),
)
def test_an_address_that_cannot_be_had_is_said(arguments: list[str], code: int, tmp_path: Path) -> None:
    done = run("serve", *arguments, cwd=tmp_path)
    assert done.returncode == code
    assert b"Traceback" not in done.stderr
    assert done.stderr


def test_the_settings_choose_host_and_port_and_options_choose_over_them(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    with serving("--host", "::1", cwd=tmp_path, host="192.0.2.1", port=str(port)) as service:
        assert service.url.startswith("http://[::1]:")
        assert service.get("/livez") == 200


def test_a_bad_runbook_stops_the_start_with_file_line_and_fault(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "app", tmp_path / "app", ignore=shutil.ignore_patterns("__pycache__", ".*"))
    bad = tmp_path / "app" / "runbooks" / "standalone-vmm.yaml"
    bad.write_text(bad.read_text(encoding="utf-8") + "unheard_of: 1\n", encoding="utf-8")
    line = len(bad.read_text(encoding="utf-8").splitlines())
    done = subprocess.run(
        [sys.executable, "-m", "app", "serve", "--port", "0"],
        cwd=tmp_path,
        env={**environment(print_tokens="1"), "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, b"")
    assert f"standalone-vmm.yaml:{line}: unheard_of" in done.stderr.decode()
    assert b"Traceback" not in done.stderr
    assert not (tmp_path / "data").exists()


def test_ctrl_c_ends_it_in_good_order(tmp_path: Path) -> None:
    with serving(cwd=tmp_path) as service:
        assert service.get("/livez") == 200
        service.process.send_signal(2)
        assert service.process.wait(SECONDS) == 0
    assert "Application shutdown complete" in service.said("err")
    assert "Traceback" not in service.said("err")


def test_a_journal_that_was_exported_over_http_is_verified_without_the_service(tmp_path: Path) -> None:
    with serving(cwd=tmp_path, print_tokens="1") as service:
        assert service.get("/readyz") == 200
        ann, _ = TOKEN.findall(service.said())
        api = f"{service.url}/api/v1/executions"
        parameters = {one.name: one.example for one in standalone().parameters if one.required}
        declared = ask(
            api,
            token=ann,
            body={
                "runbook": "standalone-vmm",
                "mode": "live",
                "title": "Lyon répond plus",
                "parameters": parameters,
                "workloads": [{"name": "SQL01"}],
            },
        )
        execution = json.loads(declared)
        ask(f"{api}/{execution['id']}/events", token=ann, body={"type": "note", "comment": "Élan \u2019 \U0001f9ef"})
        exported = ask(f"{api}/{execution['id']}/events", token=ann, accept="application/x-ndjson")
    whole = run("verify", "-", cwd=tmp_path, given=exported)
    assert (whole.returncode, whole.stdout.decode().splitlines()[0].split()) == (0, ["events", "2"])
    assert b"the rules of standalone-vmm" in whole.stdout
    first = exported.splitlines(keepends=True)[0]
    assert run("verify", "-", "--head", execution["head"], cwd=tmp_path, given=first).returncode == 0
    assert run("verify", "-", "--head", execution["head"], cwd=tmp_path, given=exported).returncode == 2
    assert run("verify", "-", cwd=tmp_path, given=exported.replace("Élan".encode(), b"Elan")).returncode == 2


def ask(url: str, *, token: str, body: object = None, accept: str = "application/json") -> bytes:
    """Give what the service answers to a GET, or to a POST of a body."""
    request = urllib.request.Request(  # noqa: S310 - what serve said
        url,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token}", "Accept": accept, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 - our own service
        answered: bytes = answer.read()
    return answered

"""The administrator's commands, each as a process: what they do, what they say, and how they end."""

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.domain.events import Role
from app.runbooks import bundled_runbooks
from app.services import identity
from app.settings import VERSION
from app.storage import upkeep
from app.storage.database import Database
from app.storage.tables import REVISION
from tests.cli.running import ROOT, environment, run

TOKEN = re.compile(rb"fbk_[0-9a-f]{12}_[0-9a-f]{64}\n")


def roles_of(url: str, token: bytes) -> tuple[str, frozenset[Role]]:
    """Give whom a token speaks for, and as what."""
    database = Database(url)
    try:
        with database.reading() as connection:
            actor = identity.authenticate(connection, token.decode().strip())
        return actor.name, actor.roles
    finally:
        database.dispose()


# --- the whole ------------------------------------------------------------------------------------------------------


def test_the_version_is_told(tmp_path: Path) -> None:
    done = run("version", cwd=tmp_path)
    assert (done.returncode, done.stdout.decode()) == (0, f"failback {VERSION}\n")


@pytest.mark.parametrize(
    "arguments", [[], ["--unheard-of"], ["unheard-of"], ["token"], ["token", "create"], ["db", "x"]]
)
def test_what_is_not_understood_is_a_2(arguments: list[str], tmp_path: Path) -> None:
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert b"Usage" in done.stdout + done.stderr


def test_help_names_every_command(tmp_path: Path) -> None:
    done = run("--help", cwd=tmp_path)
    assert done.returncode == 0
    for name in (b"serve", b"db", b"token", b"verify", b"runbook", b"version"):
        assert name in done.stdout


def test_the_command_line_is_imported_fast_and_without_what_its_commands_need() -> None:
    heavy = "{'alembic', 'fastapi', 'pydantic', 'sqlalchemy', 'structlog', 'uvicorn', 'yaml'}"
    program = (
        "import sys, time; start = time.perf_counter(); import app.cli; "
        f"print(time.perf_counter() - start, {heavy} & set(sys.modules))"
    )
    done = [
        subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, env=environment(), capture_output=True, text=True, check=True
        ).stdout.split(maxsplit=1)
        for _ in range(3)
    ]
    assert done[0][1].strip() == "set()"
    assert min(float(seconds) for seconds, _ in done) < 0.3


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"database_url": "nonsense"}, b"FAILBACK_DATABASE_URL cannot be used"),
        ({"database_url": ""}, b"FAILBACK_DATABASE_URL cannot be used"),
        ({"database_url": "mysql://root:s3cret@host/x"}, b"must be sqlite or postgresql"),
        ({"database_url": "sqlite://"}, b"SQLite needs a plain file"),
        ({"database_url": "postgresql://ann:s3cret@127.0.0.1:1/x"}, b"onnection refused"),
        ({"database_url": "sqlite:////proc/none/such.db"}, b"FAILBACK_DATABASE_URL cannot be used"),
        ({"port": "many"}, b"FAILBACK_PORT"),
        ({"log_format": "xml"}, b"FAILBACK_LOG_FORMAT"),
        ({"database_url_file": "none-such"}, b"none-such"),
    ],
    ids=range(9),
)
@pytest.mark.parametrize("command", ["serve", "db upgrade"])
def test_a_setting_that_cannot_be_used_is_said_in_plain_words(
    command: str, settings: dict[str, str], said: bytes, tmp_path: Path
) -> None:
    done = run(*command.split(), cwd=tmp_path, given=b"", **settings)
    assert done.returncode == 1
    assert said in done.stderr
    assert b"Traceback" not in done.stderr
    assert b"s3cret" not in done.stderr + done.stdout


# --- db -------------------------------------------------------------------------------------------------------------


def test_upgrade_makes_the_database_fit_and_can_be_repeated(empty_database_url: str, tmp_path: Path) -> None:
    before = run("db", "check", cwd=tmp_path, database_url=empty_database_url)
    assert before.returncode == 1
    assert b"python -m app db upgrade" in before.stderr
    for _ in range(2):
        done = run("db", "upgrade", cwd=tmp_path, database_url=empty_database_url)
        assert (done.returncode, done.stderr) == (0, b"")
        assert REVISION in done.stdout.decode()
    after = run("db", "check", cwd=tmp_path, database_url=empty_database_url)
    assert (after.returncode, after.stdout, after.stderr) == (0, b"The database is fit to serve.\n", b"")


def test_check_makes_no_database(tmp_path: Path) -> None:
    assert run("db", "check", cwd=tmp_path).returncode == 1
    assert list(tmp_path.rglob("*.db")) == []


def test_check_names_a_trigger_that_is_gone(make_database: Callable[..., str], tmp_path: Path) -> None:
    url = make_database("sqlite")
    file = url.removeprefix("sqlite:///")
    connection = sqlite3.connect(file)
    name = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchone()[0]
    connection.execute(f'DROP TRIGGER "{name}"')
    connection.close()
    done = run("db", "check", cwd=tmp_path, database_url=url)
    assert done.returncode == 1
    assert f"the trigger {name} is missing" in done.stderr.decode()


def test_backup_copies_and_never_overwrites(make_database: Callable[..., str], tmp_path: Path) -> None:
    url = make_database("sqlite")
    copy = tmp_path / "copy.db"
    done = run("db", "backup", str(copy), cwd=tmp_path, database_url=url)
    assert (done.returncode, done.stderr) == (0, b"")
    assert run("db", "check", cwd=tmp_path, database_url=f"sqlite:///{copy}").returncode == 0
    again = run("db", "backup", str(copy), cwd=tmp_path, database_url=url)
    assert again.returncode == 1
    assert b"Name a new file" in again.stderr


def test_backup_of_a_database_that_is_not_there_leaves_nothing(tmp_path: Path) -> None:
    done = run("db", "backup", "copy", cwd=tmp_path)
    assert done.returncode == 1
    assert not (tmp_path / "copy").exists()


# --- token ----------------------------------------------------------------------------------------------------------


def test_a_token_is_alone_on_stdout_and_works(database_url: str, tmp_path: Path) -> None:
    asked = ("token", "create", "--name", "Ann", "--role", "coordinator", "--role", "operator")
    first = run(*asked, cwd=tmp_path, database_url=database_url)
    assert first.returncode == 0
    assert TOKEN.fullmatch(first.stdout)
    assert first.stdout.strip() not in first.stderr
    assert roles_of(database_url, first.stdout) == ("Ann", frozenset({Role.COORDINATOR, Role.OPERATOR}))
    second = run("token", "create", "--name", "ann", "--role", "auditor", cwd=tmp_path, database_url=database_url)
    assert roles_of(database_url, second.stdout) == ("Ann", frozenset({Role.AUDITOR}))


def test_the_list_shows_every_token_and_no_secret(database_url: str, tmp_path: Path) -> None:
    made = run("token", "create", "--name", "Zoé", "--role", "approver", cwd=tmp_path, database_url=database_url)
    identifier = made.stdout.decode().split("_")[1]
    shown = run("token", "list", cwd=tmp_path, database_url=database_url)
    lines = shown.stdout.decode().splitlines()
    assert shown.returncode == 0
    assert lines[0].split() == ["ID", "OPERATOR", "ROLES", "MADE", "REVOKED"]
    assert lines[1].split()[:3] == [identifier, "Zoé", "approver"]
    assert len(lines) == 2
    assert made.stdout.strip().split(b"_")[2] not in shown.stdout
    assert run("token", "revoke", identifier, cwd=tmp_path, database_url=database_url).returncode == 0
    shown = run("token", "list", cwd=tmp_path, database_url=database_url)
    assert len(shown.stdout.decode().splitlines()[1].split()) == 7


def test_a_token_is_revoked_once_by_its_id_or_itself(make_database: Callable[..., str], tmp_path: Path) -> None:
    url = make_database("sqlite")
    for whole in (False, True):
        made = run("token", "create", "--name", "ann", "--role", "viewer", cwd=tmp_path, database_url=url).stdout
        given = made.decode().strip() if whole else made.decode().split("_")[1]
        done = run("token", "revoke", given, cwd=tmp_path, database_url=url)
        assert done.returncode == 0
        assert made.strip().split(b"_")[2] not in done.stdout + done.stderr
        again = run("token", "revoke", given, cwd=tmp_path, database_url=url)
        assert again.returncode == 1
        assert b"token list" in again.stderr
        with pytest.raises(Exception, match="revoked"):
            roles_of(url, made)
    assert run("token", "revoke", "", cwd=tmp_path, database_url=url).returncode == 1


@pytest.mark.parametrize("name", ["", " ann", "a\nb", "x" * 101, "\u202eann"])
def test_a_name_that_misleads_is_refused(name: str, make_database: Callable[..., str], tmp_path: Path) -> None:
    url = make_database("sqlite")
    done = run("token", "create", "--name", name, "--role", "viewer", cwd=tmp_path, database_url=url)
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"--name" in done.stderr


def test_an_unknown_role_is_refused_and_the_known_are_named(tmp_path: Path) -> None:
    done = run("token", "create", "--name", "ann", "--role", "king", cwd=tmp_path)
    assert done.returncode == 2
    for role in Role:
        assert role.encode() in done.stderr


def test_tokens_on_the_default_database_need_no_upgrade_first(tmp_path: Path) -> None:
    assert TOKEN.fullmatch(run("token", "create", "--name", "ann", "--role", "viewer", cwd=tmp_path).stdout)
    assert (tmp_path / "data" / "failback.db").exists()


def test_tokens_on_a_postgresql_of_another_revision_say_what_to_run(
    make_database: Callable[..., str], tmp_path: Path
) -> None:
    done = run("token", "list", cwd=tmp_path, database_url=make_database("postgresql", migrated=False))
    assert done.returncode == 1
    assert b"python -m app db upgrade" in done.stderr


def test_a_database_of_a_later_release_is_left_alone(make_database: Callable[..., str], tmp_path: Path) -> None:
    url = make_database("sqlite")
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    with connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    done = run("token", "list", cwd=tmp_path, database_url=url)
    assert done.returncode == 1
    assert b"9999" in done.stderr
    assert upkeep.current_revision(url) == "9999"


# --- runbook --------------------------------------------------------------------------------------------------------


def test_a_good_runbook_is_named_with_its_digest(tmp_path: Path) -> None:
    for _, runbook in bundled_runbooks():
        file = ROOT / "app" / "runbooks" / f"{runbook.id}.yaml"
        done = run("runbook", "check", str(file), cwd=tmp_path)
        assert (done.returncode, done.stdout.decode()) == (0, f"{runbook.id} {runbook.version} {runbook.digest}\n")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("id: x\nid: y\n", "own.yaml:2: id: is here twice"),
        ("steps: [\n", "own.yaml:2: not YAML"),
        ("", "own.yaml:1: a runbook is a mapping"),
        ("id: x\nunheard_of: 1\n", "own.yaml:2: unheard_of"),
        (json.dumps(["x"]), "own.yaml:1: a runbook is a mapping"),
    ],
    ids=range(5),
)
def test_a_bad_runbook_is_told_by_file_and_line(content: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(content, encoding="utf-8")
    done = run("runbook", "check", "own.yaml", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, b"")
    assert said in done.stderr.decode()
    assert all(line.startswith("own.yaml") for line in done.stderr.decode().splitlines())


def test_a_runbook_that_is_not_there_is_a_1(tmp_path: Path) -> None:
    done = run("runbook", "check", "own.yaml", cwd=tmp_path)
    assert done.returncode == 1
    assert b"own.yaml" in done.stderr

"""A whole disaster by the terminal client alone, in a pseudo-terminal: two operators, a context each."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.events import Role
from tests.cli.running import run
from tests.cli.terminal import Answer, typed_in_a_shell
from tests.disaster import DECLARATION, WALK, Said
from tests.processes import Served, people, served

WORDS = {"report_failure": "fail", "sign_off": "sign-off", "choose_recovery_point": "choose-recovery-point"}


@pytest.fixture
def service(tmp_path: Path, sqlite_template: Path) -> Iterator[tuple[Served, dict[str, str]]]:
    """Give a service of this test's own, and the tokens of ann and ben."""
    file = tmp_path / "failback.db"
    file.write_bytes(sqlite_template.read_bytes())
    url = f"sqlite:///{file}"
    (ann,) = people(url, ["ann"], roles=(Role.COORDINATOR, Role.OPERATOR))
    (ben,) = people(url, ["ben"], roles=(Role.APPROVER,))
    with served(url) as (one,):
        yield one, {"ann": ann.token, "ben": ben.token}
        assert not one.troubles()


def command(said: Said) -> list[str]:
    """Give an event of the walk as it is typed."""
    members = dict(said.members)
    line = [WORDS.get(said.type, said.type), "--context", said.who]
    for name in members.get("workloads", ()):
        line += ["-w", name]
    if "symptom" in members:
        line += ["--symptom", members["symptom"]]
    if "recovery_point" in members:
        point = members["recovery_point"]
        line += ["--recovery-point", point["label"], "--recovery-time", point["time"]]
    if "comment" in members and said is not WALK[0]:  # there it is asked for
        line += ["-m", members["comment"]]
    return line


def walked(said: Said) -> Iterator[Answer]:
    """Give what is typed for an event of the walk, and what the terminal has to show."""
    yield "$ ", shlex.join(["failback", *command(said)])
    yield " LIVE ", None
    if said.refused:
        yield "It will be refused as things are", None
        yield "Not authorized yet", None
    elif said is WALK[0]:
        yield "Comment", said.members["comment"]
    yield "Post it?", "y"
    if said.refused:
        yield said.refused, None
        yield "[5] ", None
        return
    if said.type == "report_failure":
        yield f"Still at {said.leads_to}\r\n", None
        yield "Advised: retry", None
    else:
        yield f" at {said.leads_to}\r\n", None
    yield "[0] ", None


def test_a_whole_disaster_by_the_client_alone(service: tuple[Served, dict[str, str]], tmp_path: Path) -> None:
    running, tokens = service
    declared = ["failback", "executions", "declare", "standalone-vmm", "--mode", "live", "-t", DECLARATION["title"]]
    for name, value in DECLARATION["parameters"].items():
        declared += ["-p", f"{name}={value}"]
    for one in DECLARATION["workloads"]:
        declared += ["-w", one["name"]]
    answers: list[Answer] = []
    for name in ("ben", "ann"):
        answers += [
            ("$ ", f"failback login {name} --url http://127.0.0.1:{running.port}"),
            ("Token: ", tokens[name]),
            (f"Logged in as {name}", None),
        ]
    answers += [("$ ", shlex.join(declared)), ("Declare it?", "y"), ("Now at fail-over-vmm.fence-primary", None)]
    for said in WALK:
        answers += walked(said)
        if said.type == "report_failure":
            answers += [
                ("$ ", "failback next"),
                ("To run on sec-hv01 (powershell), for web01:", None),
                ("Failed at fail-over-workloads.fail-over-workload-vms (web01): F04", None),
            ]
    answers += [
        ("$ ", "failback executions list --status completed"),
        ("LIVE ", None),
        ("$ ", "failback context execution 0"),  # the only one there is; none runs any more
        ("$ ", "failback executions verify"),
        ("intact: 49 events", None),
        ("$ ", "failback export journal.ndjson --context ben --execution 0"),
        ("49 events, head ", None),
    ]
    shown = typed_in_a_shell(*answers, cwd=tmp_path, config_dir=str(tmp_path / "config"))
    assert not [token for token in tokens.values() if token in shown]
    found = re.search(r"49 events, head ([0-9a-f]{64})", shown)
    assert found is not None
    done = run("verify", "journal.ndjson", "--head", found[1], cwd=tmp_path)
    assert (done.returncode, b"intact" in done.stdout) == (0, True), done.stdout
    assert "Traceback" not in shown

"""A whole disaster by the terminal client alone, in a pseudo-terminal: two operators, a context each."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.events import Role
from tests.cli.running import run
from tests.cli.terminal import typed
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


def test_a_whole_disaster_by_the_client_alone(service: tuple[Served, dict[str, str]], tmp_path: Path) -> None:
    running, tokens = service
    settings = {"config_dir": str(tmp_path / "config")}
    for name, token in tokens.items():
        code, shown = typed(
            ["login", name, "--url", f"http://127.0.0.1:{running.port}"], ("Token: ", token), cwd=tmp_path, **settings
        )
        assert (code, f"Logged in as {name}" in shown) == (0, True), shown
        assert token not in shown
    declared = ["executions", "declare", "standalone-vmm", "--mode", "live", "-t", DECLARATION["title"], "-c", "ann"]
    for name, value in DECLARATION["parameters"].items():
        declared += ["-p", f"{name}={value}"]
    for one in DECLARATION["workloads"]:
        declared += ["-w", one["name"]]
    code, shown = typed(declared, ("Declare it?", "y"), cwd=tmp_path, **settings)
    assert (code, "Now at fail-over-vmm.fence-primary" in shown) == (0, True), shown

    for said in WALK:
        answers = [("Post it?", "y")]
        if said is WALK[0]:
            answers.insert(0, ("Comment", said.members["comment"]))
        code, shown = typed(command(said), *answers, cwd=tmp_path, **settings)
        assert " LIVE " in shown
        if said.refused:
            assert (code, said.refused in shown) == (5, True), shown
            assert "It will be refused as things are" in shown
            assert "Not authorized yet" in shown
        else:
            assert (code, re.search(rf"(Now|Still) at {re.escape(said.leads_to)}$", shown, re.MULTILINE)) != (0, None)
            assert code == 0, shown
        if said.type == "report_failure":
            assert "Advised: retry" in shown
            code, shown = typed(["next", "-c", "ann"], cwd=tmp_path, **settings)
            assert "Failed at fail-over-workloads.fail-over-workload-vms (web01): F04" in shown
            assert "To run on sec-hv01 (powershell), for web01:" in shown

    export = typed(["export", "journal.ndjson", "-c", "ben", "-e", shown_id(shown)], cwd=tmp_path, **settings)
    assert export[0] == 0, export[1]
    found = re.search(r"head ([0-9a-f]{64})", export[1])
    assert found is not None
    done = run("verify", "journal.ndjson", "--head", found[1], cwd=tmp_path)
    assert (done.returncode, b"intact" in done.stdout) == (0, True), done.stdout


def shown_id(shown: str) -> str:
    """Give the id of the execution that a heading names."""
    found = re.search(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", shown)
    assert found is not None, shown
    return found[0]

"""`runbook lint|diff|show` as an author uses them: what is said on which stream, by line, and the exit codes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import app.runbooks
from app.domain.runbook import content_digest
from app.runbooks import build_runbook, bundled_runbooks
from app.services.definitions import Definitions
from app.storage.database import Database
from tests.cli.speaking import say
from tests.cli.terminal import typed

__all__ = ["say"]
Ask = Callable[..., tuple[int, str, str]]
BUNDLED = Path(app.runbooks.__file__).with_name("standalone-vmm.yaml")
TEXT = BUNDLED.read_text(encoding="utf-8")
CONTENT, RUNBOOK = next(one for one in bundled_runbooks() if one[1].id == "standalone-vmm")
NOWHERE = "0" * 64


@pytest.fixture
def runbook(say: Callable[..., Any]) -> Ask:
    """Give `runbook …`: its exit code, stdout and stderr."""

    def ask(*arguments: str, **settings: str) -> tuple[int, str, str]:
        said = say("runbook", *arguments, **settings)
        return said.code, said.out, said.err

    return ask


def written(directory: Path, *edits: tuple[str, str], name: str = "own.yaml") -> Path:
    """Give a file with the bundled definition, edited where each text stands first."""
    text = TEXT
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    (directory / name).write_text(text, encoding="utf-8")
    return directory / name


def line_of(file: Path, text: str) -> int:
    return file.read_text(encoding="utf-8")[: file.read_text(encoding="utf-8").index(text)].count("\n") + 1


# --- lint -----------------------------------------------------------------------------------------------------------


def test_lint_finds_nothing_in_what_comes_with_the_release(runbook: Ask) -> None:
    assert runbook("lint") == (0, "", "")
    assert runbook("lint", "standalone-vmm", str(BUNDLED), RUNBOOK.digest) == (0, "", "")


def test_lint_tells_each_doubt_by_line_and_rule(runbook: Ask, tmp_path: Path) -> None:
    long = "en: " + " ".join(["word"] * 61)
    file = written(
        tmp_path,
        ("en: State Running, and the VM answers at its address.", long),
        ('          - run_on: "{secondary_host}"\n            text: &complete_vmm',
         "          - run_on: localhost\n            text: &complete_vmm"),
        ("        optional: true\n        irreversible: true\n        completes: [fail-over-vmm.fail-over-vmm-vm]\n",
         "        optional: true\n        irreversible: true\n"),
    )  # fmt: skip
    code, out, err = runbook("lint", str(file))
    start, complete = (
        "steps[fail-over-vmm].actions[start-vmm-vm]",
        "steps[fail-over-workloads].actions[complete-vmm-failover]",
    )
    at = [line_of(file, long), line_of(file, "irreversible: true"), line_of(file, "run_on: localhost")]
    told = out.splitlines()
    assert (code, err, len(told)) == (1, "3 doubtful\n", 3)
    assert told[0].startswith(f"{file}:{at[0]}: {start}.expectation.en: has 61 words")
    assert told[0].endswith(" [too-long]")
    assert told[1].startswith(f"{file}:{at[1]}: {complete}.irreversible: stays done")
    assert told[1].endswith(" [done-anew]")
    assert told[2].startswith(f"{file}:{at[2]}: {complete}.commands[0].run_on: 'localhost' names no host")
    assert told[2].endswith(" [no-host]")


def test_lint_tells_faults_too_and_goes_on(runbook: Ask, tmp_path: Path) -> None:
    bad = written(tmp_path, ('          - run_on: "{secondary_host}"', '          - run_on: " "'))
    code, out, err = runbook("lint", str(bad), "prepare-vmm-servers")
    assert (code, err) == (1, "1 doubtful\n")
    where = f"{bad}:{line_of(bad, 'run_on: ' + chr(34) + ' ')}"
    assert out.startswith(f"{where}: steps[fail-over-vmm].actions[fence-primary].commands[0].run_on: say where")
    assert out.endswith(" [fault]\n")


@pytest.mark.parametrize("command", ["lint", "show"])
def test_what_is_not_there_is_no_finding(runbook: Ask, tmp_path: Path, command: str) -> None:
    for source in ("no-such-runbook", str(tmp_path / "none.yaml"), str(tmp_path), "bad\x1b[2J"):
        code, out, err = runbook(command, source)
        assert (code, out) == (2, "")
        assert err.startswith(f"{source}: there is no such file".replace("\x1b", "\\x1b"))


def test_a_file_that_cannot_be_read_is_no_finding(
    runbook: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_path: Path, **_: object) -> str:
        raise PermissionError(13, "Permission denied")

    file = written(tmp_path)
    monkeypatch.setattr(Path, "read_text", refused)
    assert runbook("lint", str(file)) == (2, "", f"{file}: cannot be read: Permission denied\n")


# --- diff -----------------------------------------------------------------------------------------------------------


def test_diff_tells_what_differs_by_meaning(runbook: Ask, tmp_path: Path) -> None:
    file = written(
        tmp_path,
        (f"version: {RUNBOOK.version}", "version: 99.0.0  # a comment"),
        ("        optional: true\n", ""),
        ("      - id: start-vmm-vm\n", "      - id: start-vmm-vm\n        waivable: false\n"),
    )  # fmt: skip
    code, out, err = runbook("diff", "standalone-vmm", str(file))
    assert (code, err) == (1, "")
    assert out.splitlines() == [
        "~ version", f'    - "{RUNBOOK.version}"', '    + "99.0.0"',
        "~ steps[fail-over-vmm].actions[start-vmm-vm].waivable", "    - true", "    + false",
        "~ steps[fail-over-workloads].actions[complete-vmm-failover].optional", "    - true", "    + false",
    ]  # fmt: skip


def test_diff_of_the_same_says_nothing(runbook: Ask, tmp_path: Path) -> None:
    turned = written(
        tmp_path, ("phases:\n", "# another layout\nphases:\n"), ("kind: procedure\n", 'kind: "procedure"\n')
    )
    assert runbook("diff", str(turned), RUNBOOK.digest) == (0, "", "")


def test_diff_says_what_was_added_removed_and_moved(runbook: Ask, tmp_path: Path) -> None:
    start, end = TEXT.index("      - id: primary-site-available"), TEXT.index("      - id: old-workload-vms-off")
    later = TEXT.index("      - id: old-vmm-vm-off")
    moved = TEXT[:start] + TEXT[end:later] + TEXT[start:end] + TEXT[later:]
    (tmp_path / "moved.yaml").write_text(moved, encoding="utf-8")
    code, out, err = runbook("diff", "standalone-vmm", str(tmp_path / "moved.yaml"))
    assert (code, len(out.splitlines())) == (1, 1)
    assert "steps[reverse-vmm-replication].actions[" in out
    assert "now " in out
    assert "Both say version" in err
    code, out, _ = runbook("diff", "standalone-vmm", "stretched-vmm-cluster")
    lines = out.splitlines()
    assert code == 1
    assert '- steps[fail-back-vmm]: "Bring VMM home"' in lines
    assert '+ steps[return-cluster]: "Bring the cluster and its database back to both sites"' in lines
    assert any(line.startswith("+ steps[return-cluster]") for line in lines)
    assert any(line.startswith('- parameters[vmm_vm]: {"name": "vmm_vm", ') for line in lines)
    code, out, _ = runbook("diff", "stretched-vmm-cluster", "standalone-vmm")
    assert (
        '+ steps[confirm-access].actions[vmm-at-secondary].effects.vmm: {"site": "secondary", "only_from": "none"}'
        in out
    )


def test_diff_cannot_tell_with_a_fault(runbook: Ask, tmp_path: Path) -> None:
    bad = written(tmp_path, ("kind: procedure", "kind: nothing"))
    code, out, err = runbook("diff", "standalone-vmm", str(bad))
    assert (code, out) == (2, "")
    assert err.startswith(f"{bad}:{line_of(bad, 'kind: nothing')}: kind: ")


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_digest_is_looked_for_in_the_database(runbook: Ask, make_database: Callable[..., str], kind: str) -> None:
    older = {**CONTENT, "version": "0.9.0"}
    url = make_database(kind)
    database = Database(url)
    Definitions([(older, build_runbook(older))]).publish(database)
    database.dispose()
    digest = content_digest(older)
    code, out, _ = runbook("diff", digest, "standalone-vmm", FAILBACK_DATABASE_URL=url)
    assert (code, out.splitlines()[:2]) == (1, ["~ version", '    - "0.9.0"'])
    assert runbook("lint", digest, FAILBACK_DATABASE_URL=url)[0] == 0
    code, out, err = runbook("show", NOWHERE, FAILBACK_DATABASE_URL=url)
    assert (code, out) == (2, "")
    assert err == "000000000000… is no bundled runbook's digest, and none in the database\n"


def test_a_digest_makes_no_database(runbook: Ask, tmp_path: Path) -> None:
    for url, said in (
        (f"sqlite:///{tmp_path}/no/where.db", "There is no database yet"),
        ("postgresql://nobody@127.0.0.1:1/none", "connection"),
        ("mysql://x", "FAILBACK_DATABASE_URL cannot be used"),
        ("not a url", "FAILBACK_DATABASE_URL cannot be used"),
    ):
        code, out, err = runbook("show", NOWHERE, FAILBACK_DATABASE_URL=url)
        assert (code, out) == (2, "")
        assert said in err
    assert not (tmp_path / "no").exists()


# --- show -----------------------------------------------------------------------------------------------------------


def test_show_says_the_whole_runbook_in_plain_text(runbook: Ask) -> None:
    code, out, err = runbook("show", "standalone-vmm")
    assert (code, err) == (0, "")
    assert "\x1b" not in out
    assert out.startswith(
        f"{RUNBOOK.title.en}\nstandalone-vmm {RUNBOOK.version} · procedure · live\n{RUNBOOK.digest}\n"
    )
    course = RUNBOOK.for_mode("live")
    for number, step in enumerate(course.steps, 1):
        assert f"\n{number}. {step.title.en} ({step.id}, {step.expected_minutes} min)\n" in out
        assert f"Sign-off: {step.sign_off.approve.en}" in out
    for action in course.actions.values():
        assert f"\n    {action.instruction.en}\n" in out  # one line, however long: nothing is broken where nobody looks
        for command in action.commands:
            assert all(f"\n      {line}\n" in out for line in command.text.splitlines())
    assert "    on {secondary_host} (hyper-v-replica, if recovery_point is not given):\n" in out
    assert "  complete-vmm-failover · task · addition, irreversible, optional\n" in out
    assert "    Final: All other recovery points of the VMM VM are deleted" in out
    assert "    Undo, back to fail-over-vmm.fail-over-vmm-vm, until fail-over-workloads.complete-vmm-failover" in out
    assert "  anywhere, since fail-back-vmm.reverse-vmm-replication-again → fail-over-vmm\n" in out
    assert "  F01: Start-VMFailover says" in out
    assert "    Output: service SCVMMService · state Running\n" in out
    replication = "hyper-v-replication workload secondary · hyper-v-replica · mode Replica · state FailedOver\n"
    assert f"    Output: {replication}" in out
    assert "Errata\n" in out
    assert "clean-up-vmm-test" not in out


def test_show_speaks_french_of_a_drill_or_of_one_profile(runbook: Ask) -> None:
    french = runbook("show", "standalone-vmm", "--lang", "fr")[1]
    assert french.startswith(RUNBOOK.title.fr)
    assert "Attendu : " in french
    assert "regarde seulement" in french
    drill = runbook("show", "standalone-vmm", "--mode", "drill", "--profile", "hyper-v-replica")[1]
    assert "clean-up-vmm-test" in drill
    assert "-AsTest" in drill
    assert "AzRecoveryServices" not in drill
    assert "asr-protected-item" not in drill
    assert "verify-provider" not in drill
    code, out, err = runbook("show", "standalone-vmm", "--profile", "none")
    assert (code, out) == (2, "")
    assert err == "There is no command profile none; there is: hyper-v-replica, asr\n"


def test_show_says_a_checklist(runbook: Ask) -> None:
    out = runbook("show", "prepare-vmm-servers")[1]
    assert "checklist" in out
    assert "in any order" in out
    assert "lost again" not in out


def test_show_is_for_a_terminal_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)  # whoever runs the tests may want none
    code, shown = typed(["runbook", "show", "prepare-vmm-servers"], cwd=tmp_path)
    assert code == 0
    assert "\x1b[1m" in shown


def test_usage_is_told_apart(runbook: Ask) -> None:
    assert runbook("show", "standalone-vmm", "--lang", "de")[0] == 2
    for command in ("check", "lint", "diff", "show"):
        assert command in runbook("--help")[1]

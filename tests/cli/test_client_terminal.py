"""The client before a person: questions at a terminal, colours and none, a service that goes away and comes back."""

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.running import ROOT, SECONDS, environment
from tests.cli.speaking import DECLARATION, Ground, Say, ground, own_ground, people_logged_in, say
from tests.cli.terminal import typed

__all__ = ["ground", "own_ground", "people_logged_in", "say"]
FENCE = "fail-over-vmm.fence-primary"


def posted(say: Say, execution: str) -> int:
    """Give how many events there are."""
    return int(json.loads(say("executions", "show", execution, "-o", "json").out)["version"])


@pytest.mark.parametrize(
    ("answer", "ends", "said"),
    [("Another title", 1, "Nothing was posted."), ("Flooded datacenter", 0, "Now at aborted")],
    ids=["another", "the title"],
)
def test_what_is_not_taken_back_wants_the_title_typed(
    people_logged_in: Say, tmp_path: Path, answer: str, ends: int, said: str
) -> None:
    execution = people_logged_in(*DECLARATION).out.strip()
    question = ("Type the title", answer)
    code, shown = typed(
        ["abort", "-e", execution, "-m", "It came back"], question, cwd=tmp_path, config_dir=str(tmp_path / "config")
    )
    assert (code, said in shown) == (ends, True), shown
    assert posted(people_logged_in, execution) == (1 if ends else 2)


def test_what_is_signed_is_shown_before_it_is_asked_for(
    people_logged_in: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)  # whoever runs the tests may want none
    execution = people_logged_in(*DECLARATION).out.strip()
    (tmp_path / "state.json").write_text("{}")
    code, shown = typed(
        [
            *("confirm", "-e", execution, "-m", "Power is cut", "--evidence", "state.json"),
            *("--link", "https://example.test/1", "--recovery-point", "x", "--recovery-time", "2026-11-23T02:00:00Z"),
        ],
        ("Post it?", "n"),
        cwd=tmp_path,
        config_dir=str(tmp_path / "config"),
    )
    assert code == 1
    assert re.search(r"\x1b\[[0-9;]*41m LIVE ", shown)
    for part in (
        f"confirm at {FENCE}, attempt 1",
        "Step 1, Bring VMM up at the secondary site: ",
        "comment: Power is cut",
        "recovery_point: x, 2026-11-23T02:00:00+00:00",
        "evidence: state.json, 2 bytes of application/json",
        "evidence: link, https://example.test/1",
        "as operator; leads to fail-over-vmm.fail-over-vmm-vm",
        "Nothing was posted.",
    ):
        assert part in shown
    assert posted(people_logged_in, execution) == 1


def test_no_color_is_heeded(people_logged_in: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    execution = people_logged_in(*DECLARATION).out.strip()
    monkeypatch.setenv("NO_COLOR", "1")
    code, shown = typed(["next", "-e", execution], cwd=tmp_path, config_dir=str(tmp_path / "config"))
    assert (code, "\x1b" in shown, " LIVE  Flooded" in shown) == (0, False, True)


def test_watching_is_ended_by_ctrl_c(people_logged_in: Say, tmp_path: Path) -> None:
    execution = people_logged_in(*DECLARATION).out.strip()
    code, shown = typed(
        ["executions", "watch", execution],
        ending="coordinator)  declare [sql01, web01]",
        cwd=tmp_path,
        config_dir=str(tmp_path / "config"),
    )
    assert (code, "Traceback" in shown) == (130, False), shown
    assert re.search(r"^LIVE    1  20", shown, re.MULTILINE)


def test_a_declaration_is_asked_for(people_logged_in: Say, tmp_path: Path) -> None:
    said = [one for one in DECLARATION if one not in {"-o", "name"}]
    code, shown = typed(said, ("Declare it?", "n"), cwd=tmp_path, config_dir=str(tmp_path / "config"))
    assert code == 1
    assert "To declare: LIVE 'Flooded datacenter' by standalone-vmm" in shown
    assert "workloads: sql01, web01" in shown
    assert "Nothing was declared." in shown


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a file that is always full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_an_answer_that_cannot_be_written_is_said(people_logged_in: Say, tmp_path: Path, unbuffered: str) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "app", "executions", "list"],
            cwd=ROOT,
            env={**environment(config_dir=str(tmp_path / "config")), "PYTHONUNBUFFERED": unbuffered},
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.returncode, b"cannot be written" in done.stderr, b"Traceback" in done.stderr) == (1, True, False)


def test_watching_outlives_the_service(own_ground: Ground, say: Say, tmp_path: Path) -> None:
    say("login", "ann", "--url", own_ground.url, given=own_ground.tokens["ann"])
    execution = say(*DECLARATION).out.strip()
    out, err = tmp_path / "out", tmp_path / "err"
    with out.open("w") as stdout, err.open("w") as stderr:
        watching = subprocess.Popen(
            [sys.executable, "-m", "app", "executions", "watch", "-o", "jsonl"],
            cwd=ROOT,
            env=environment(config_dir=str(tmp_path / "config")),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
        )
    deadline = time.monotonic() + SECONDS
    while not out.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    own_ground.service.kill()
    own_ground.service.start()
    say("note", "Still here")
    say("abort", "-m", "Enough")
    assert watching.wait(SECONDS) == 0
    lines = [json.loads(one) for one in out.read_text().splitlines()]
    assert [one["number"] for one in lines] == [1, 2, 3]
    assert {one["execution_id"] for one in lines} == {execution}
    assert "The line broke." in err.read_text()
    assert "The line is back." in err.read_text()

"""The walk that the README sends its reader on works as it stands: pasted into bash, it prints what the page says."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.demo import main, self_started
from tests.disaster import DECLARATION, WALK

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "walk.md"
README = ROOT / "README.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
END = "-- end of the block --"


def blocks() -> list[tuple[str, str | None]]:
    """Give each bash block with what the page says that it prints, None where it says nothing."""
    found = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    following = [*found[1:], ("", "")]
    return [
        (text, printed if language == "text" else None)
        for (kind, text), (language, printed) in zip(found, following, strict=True)
        if kind == "bash"
    ]


def script(url: str, tokens: dict[str, str]) -> str:
    """Give all bash blocks as one script against that service, with this Python."""
    text = f"echo '{END}'\n".join(block for block, _ in blocks())
    python = Path(sys.executable).as_posix()
    for said, meant in {
        "http://127.0.0.1:8000": url,
        "fbk_the-token-of-ann": tokens["ann"],
        "fbk_the-token-of-ben": tokens["ben"],
        ".venv/bin/python ": f"'{python}' ",
    }.items():
        assert said in text
        text = text.replace(said, meant)
    return text


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """Give the address of a fresh service and the two tokens it printed."""
    with self_started(tmp_path_factory.mktemp("service")) as found:
        yield found


def test_the_page_prints_what_it_says_and_leaves_the_journal_of_the_demo(
    running: tuple[str, dict[str, str]], tmp_path: Path
) -> None:
    run = subprocess.run(
        [shutil.which("bash") or "bash"],
        input=script(*running),
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "no_proxy": "*"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    assert run.stderr == ""
    printed = [[line.rstrip() for line in part.splitlines() if line] for part in run.stdout.split(END)]
    said = [None if text is None else text.splitlines() for _, text in blocks()]
    assert [told if meant else None for told, meant in zip(printed, said, strict=True)] == said
    assert "completed completed" in run.stdout
    lines = [json.loads(line) for line in (tmp_path / "journal.ndjson").read_text(encoding="utf-8").splitlines()]
    assert lines[0]["data"]["title"] == DECLARATION["title"]
    meant = [(one.who, one.type, one.at, one.leads_to) for one in WALK if one.refused is None]
    walked = [(one["actor"]["name"], one["type"], one["position_before"], one["position_after"]) for one in lines[1:]]
    assert walked == meant


def test_the_readme_runs_as_pasted(running: tuple[str, dict[str, str]], tmp_path: Path) -> None:
    """The declaration and then the proof, with nothing to fill in but the tokens."""
    url, tokens = running
    blocks_of_it = [text for kind, text in BLOCK.findall(README.read_text(encoding="utf-8")) if kind == "sh"]
    text = "".join(block for block in blocks_of_it if "curl" in block)
    python = Path(sys.executable).as_posix()
    for said, meant in {
        "http://127.0.0.1:8000": url,
        "ANN=fbk_…": f"ANN={tokens['ann']}",
        "BEN=fbk_…": f"BEN={tokens['ben']}",
        ".venv/bin/python ": f"'{python}' ",
    }.items():
        assert said in text
        text = text.replace(said, meant)
    run = subprocess.run(
        [shutil.which("bash") or "bash"],
        input=text,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "no_proxy": "*"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert '"ok":true,"events":1' in run.stdout
    assert "intact" in run.stdout


def test_powershell_says_the_same_events() -> None:
    """No PowerShell is at hand here: at least every event type and position of the walk stands in its blocks."""
    text = "".join(block for kind, block in BLOCK.findall(PAGE.read_text(encoding="utf-8")) if kind == "powershell")
    for one in WALK:
        assert f"type = '{one.type}'" in text
        step, _, action = one.at.partition(".")
        assert f"'{one.at}'" in text or (f'"{step}.$action"' in text and f"'{action}'" in text), one.at


def test_the_demo_walks_against_a_running_service(
    running: tuple[str, dict[str, str]], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    url, tokens = running
    monkeypatch.setenv("FAILBACK_TOKEN_ANN", tokens["ann"])
    monkeypatch.setenv("FAILBACK_TOKEN_BEN", tokens["ben"])
    assert main(["--url", url]) == 0
    assert "result       intact" in capfd.readouterr().out


def test_the_demo_says_what_was_not_as_expected(
    running: tuple[str, dict[str, str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url, tokens = running
    monkeypatch.setenv("FAILBACK_TOKEN_ANN", tokens["ben"])
    monkeypatch.setenv("FAILBACK_TOKEN_BEN", tokens["ann"])
    assert main(["--url", url]) == 1
    assert "THE DEMO FAILED: expected: the declaration is taken" in capsys.readouterr().err
    monkeypatch.delenv("FAILBACK_TOKEN_BEN")
    assert main(["--url", url]) == 1

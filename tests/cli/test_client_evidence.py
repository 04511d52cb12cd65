"""Evidence tried and judged at the terminal, and statistics: what the client says of verdicts and figures."""

import json
from pathlib import Path

import pytest

from tests.cli.speaking import DECLARATION, Say, ground, people_logged_in, say

__all__ = ["ground", "people_logged_in", "say"]


@pytest.fixture
def execution(people_logged_in: Say) -> str:
    done = people_logged_in(*DECLARATION)
    assert done.code == 0, done.err
    people_logged_in("context", "execution", done.out.strip())
    return done.out.strip()


def test_evidence_is_tried_and_nothing_is_recorded(people_logged_in: Say, execution: str, tmp_path: Path) -> None:
    people_logged_in("confirm", "-y", "-m", "Cut")
    (tmp_path / "out.txt").write_text("what no system prints", encoding="utf-8")
    tried = people_logged_in("evidence-check", str(tmp_path / "out.txt"))
    assert tried.code == 1
    assert "out.txt: NOT RECOGNISED" in tried.out
    assert "nothing recorded" in tried.out
    assert "No evidence yet about" in tried.out
    told = people_logged_in("evidence-check", "-o", "json", given="what no system prints")
    assert json.loads(told.out)["checks"][0]["verdict"] == "not_recognised"
    free = people_logged_in("evidence-check", "--action", "fence-primary", "-w", "sql01", given="x")
    assert free.code == 0, free
    assert "stdin: not checked" in free.out
    assert json.loads(people_logged_in("executions", "show", "-o", "json").out)["version"] == 2
    done = people_logged_in("confirm", "-y", "-m", "As attached", "--evidence", str(tmp_path / "out.txt"))
    assert "out.txt: NOT RECOGNISED" in done.out


def test_figures_are_told_live_and_drill_apart(people_logged_in: Say, execution: str) -> None:
    people_logged_in("confirm", "-y", "-m", "Cut")
    told = people_logged_in("statistics", "standalone-vmm", "--since", "2020-01-01")
    assert told.code == 0, told.err
    assert "LIVE  standalone-vmm: " in told.out
    assert "fence-primary" in told.out
    assert people_logged_in("statistics", "-o", "name").out.startswith("standalone-vmm live")
    assert people_logged_in("statistics", "--mode", "drill", "-o", "jsonl").out == ""

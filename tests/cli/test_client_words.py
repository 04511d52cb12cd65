"""The words of the client: every type of event with every member can be said, and is said as the API takes it."""

import re
import shlex
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from typer.main import get_command

from app.cli import commands
from app.cli.client.body import event_body
from app.cli.client.words import BY_TYPE, COMMON, WORDS, At, Word, typed
from app.domain.events import AT_REQUIRED, EventType
from app.web.bodies.events import EVENT, EventBody
from tests.cli.running import ROOT

DOCUMENT = {
    "position": "fail-over-vmm.fence-primary",
    "attempt": 2,
    "items": [],
    "step": {"id": "fail-over-vmm"},
    "steps": [
        {"id": "fail-over-vmm", "actions": [{"id": "fence-primary"}]},
        {"id": "fail-over-workloads", "actions": [{"id": "commit-workloads"}]},
    ],
}
VALUES: dict[str, Any] = {
    "workloads": ("sql01",), "point_label": "2 am", "point_time": "2026-11-23T02:00:00Z", "symptom": "F03",
    "action": "fence-primary", "command_profile": "asr", "to": "fence-primary", "text": "Said.", "corrects": 3,
    "comment": "Because.", "performed_at": "2026-11-23T03:12", "performed_by": "Zoe", "evidence": (),
    "links": ("https://example.test/1",), "break_glass": True, "already_done": True, "reject": True,
    "drill_outcome": "passed", "evidence_waived": True,
}  # fmt: skip


def members_of(kind: str) -> set[str]:
    """Give the members that the API takes in an event of a type."""
    models = get_args(get_args(EventBody)[0])
    model = next(one for one in models if get_args(one.model_fields["type"].annotation) == (kind,))
    return set(model.model_fields)


def body(word: Word, **said: Any) -> dict[str, Any]:
    """Give the body of what was said; what is not said is as typer would give it."""
    silent = {one.name: "fence-primary" if one.default is ... else one.default for one in (*word.members, *COMMON)}
    session: Any = None  # asked for operators alone, who are said by id here
    return event_body(session, word, DOCUMENT, {**silent, **said})


def test_every_type_of_event_can_be_said() -> None:
    assert set(BY_TYPE) == {one.value for one in EventType} - {"declare"}


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.name)
def test_what_can_be_said_is_what_the_api_takes(word: Word) -> None:
    said = {one.name: VALUES[one.name] for one in (*word.members, *COMMON)}
    if word.type == "hand_over":
        said["to"] = "0198f0c0-0000-7000-8000-000000000000"
    whole = body(word, **said)
    EVENT.validate_python(whole)
    missing = members_of(word.type) - whole.keys() - {"at", "attempt"}
    assert missing == set()


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.name)
def test_an_event_about_a_position_is_tied_to_what_is_shown(word: Word) -> None:
    assert (word.at is At.SHOWN) == (word.type in AT_REQUIRED)
    said = body(word, **({"to": "0198f0c0-0000-7000-8000-000000000000"} if word.type == "hand_over" else {}))
    tied = {name: said[name] for name in ("at", "attempt") if name in said}
    shown = {"at": DOCUMENT["position"], "attempt": 2}
    assert tied == {At.SHOWN: shown, At.POSITION: {"at": shown["at"]}, At.NOWHERE: {}}[word.at]


def test_a_script_may_say_itself_what_it_speaks_of() -> None:
    assert body(BY_TYPE["confirm"], at="a.b") == {"type": "confirm", "at": "a.b"}
    assert body(BY_TYPE["confirm"], at="a.b", attempt=3)["attempt"] == 3


def test_what_to_type_is_said_for_every_event_that_is_offered() -> None:
    assert typed("change_profile", ["command_profile", "comment"]) == "failback change-profile PROFILE -m REASON"
    assert typed("undo", ["action", "comment"]) == "failback undo ACTION -m REASON"
    assert typed("retry", ["action"]) == "failback retry --action ACTION"
    assert typed("sign_off", ["decision"]) == "failback sign-off"
    assert typed("of_a_later_release", []) == ""


# --- the page about the client --------------------------------------------------------------------------------------

PAGE = (ROOT / "docs" / "terminal.md").read_text(encoding="utf-8")
GROUPS = ("context", "executions")  # the client's; the other groups are the administrator's
ADMINISTRATION = ("serve", "version", "db", "token", "runbook")


def every_command() -> Iterator[str]:
    """Give each command of the client as it is typed."""
    for name, command in get_command(commands).commands.items():  # type: ignore[attr-defined] # a group has commands
        if name not in ADMINISTRATION:
            yield from ([f"{name} {one}" for one in command.commands] if name in GROUPS else [name])


def lines_of_the_page() -> Iterator[str]:
    """Give each line of the page that begins with the client, without what the shell does with it."""
    for text in re.findall(
        r"`(failback [^`]+)`|^(?:\(|[^`|]*=\s)?(failback .*)$",
        PAGE.replace("\\\n", " ").replace("`\n", " "),
        re.MULTILINE,
    ):
        line = "".join(text)
        yield re.split(r" \\?\| | \|\| | < |;| +#|\)\.", line)[0]


@pytest.mark.parametrize("name", sorted(every_command()))
def test_the_page_shows_every_command(name: str) -> None:
    assert re.search(rf"failback {name}\b", PAGE), f"docs/terminal.md is silent on {name}"


@pytest.mark.parametrize("line", sorted(set(lines_of_the_page())))
def test_every_line_of_the_page_is_understood(line: str) -> None:
    command: Any = get_command(commands)
    words = shlex.split(line.replace("\\", "/").replace("@args", ""))[1:]
    while words and hasattr(command, "commands"):
        if words[0].startswith("-"):
            return
        command = command.commands[words.pop(0)]
    command.make_context(command.name, words)

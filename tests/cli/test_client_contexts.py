"""Who speaks to which service: tokens kept for their owner alone, contexts chosen, environments that go before."""

import json
import stat
from pathlib import Path

import pytest

from tests.cli.speaking import Ground, Say, ground, people_logged_in, say

__all__ = ["ground", "people_logged_in", "say"]


def kept(tmp_path: Path) -> Path:
    return tmp_path / "config" / "contexts.json"


def test_a_token_is_kept_for_its_owner_alone_and_never_shown(say: Say, ground: Ground, tmp_path: Path) -> None:
    done = say("login", "ann", "--url", ground.url + "/api/v1/", given=f"\ufeff{ground.tokens['ann']}\r\n")
    assert (done.code, done.err) == (0, "")
    assert done.out == "Logged in as ann (coordinator, operator) in the context ann\n"
    file = kept(tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert json.loads(file.read_text())["contexts"]["ann"]["urls"] == [ground.url]
    assert [one.name for one in file.parent.iterdir()] == ["contexts.json"]
    assert ground.tokens["ann"] not in say("context", "list", "-o", "json").out
    file.chmod(0o644)
    assert "chmod 600" in say("context", "list").err


def test_contexts_are_listed_chosen_and_forgotten(people_logged_in: Say, ground: Ground) -> None:
    listed = people_logged_in("context", "list").out
    assert [line.split()[:2] for line in listed.splitlines() if line.startswith("*")] == [["*", "ann"]]
    assert people_logged_in("context", "list", "-o", "name").out.split() == ["vic", "cora", "ben", "ann"]
    assert people_logged_in("whoami", "-o", "json").out.find('"name": "ann"') > 0
    assert "ben" in people_logged_in("whoami", "-c", "ben").out
    assert "ben" in people_logged_in("whoami", FAILBACK_CONTEXT="ben").out
    assert people_logged_in("context", "use", "vic").code == 0
    assert "viewer" in people_logged_in("whoami").out
    people_logged_in("context", "execution", "abc", "--context", "ben")
    assert json.loads(people_logged_in("context", "list", "-o", "jsonl").out.splitlines()[2])["execution"] == "abc"
    gone = people_logged_in("logout")
    assert (gone.code, "stays valid" in gone.err) == (0, True)
    assert people_logged_in("whoami").code == 6
    assert people_logged_in("logout", "ben").code == 0
    assert people_logged_in("whoami", "-c", "ben").code == 2
    assert people_logged_in("context", "use", "nobody").code == 2
    assert people_logged_in("context", "execution").code == 2
    # the address is known from before
    assert people_logged_in("login", "cora", given=ground.tokens["cora"]).code == 0


def test_the_environment_goes_before_what_is_kept(people_logged_in: Say, ground: Ground, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{ground.tokens['ben']}\n")
    by_file = people_logged_in("whoami", FAILBACK_TOKEN_FILE=file)
    assert "ben" in by_file.out
    assert "vic" in people_logged_in("whoami", FAILBACK_TOKEN=ground.tokens["vic"], FAILBACK_TOKEN_FILE=file).out
    nothing_kept = {"FAILBACK_CONFIG_DIR": tmp_path / "none", "FAILBACK_URL": f"{ground.url}, http://127.0.0.1:9"}
    assert people_logged_in("whoami", FAILBACK_TOKEN=ground.tokens["vic"], **nothing_kept).code == 0
    assert people_logged_in("whoami", FAILBACK_TOKEN_FILE=tmp_path / "none").code == 6
    logged = people_logged_in("login", "x", FAILBACK_TOKEN=ground.tokens["vic"], **nothing_kept)
    assert (logged.code, "viewer" in logged.out) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "given", "code", "said"),
    [
        (["login"], "fbk_x", 2, "Where is the service?"),
        (["login", "--url", "ftp://x"], "fbk_x", 2, "is no base URL"),
        (["login", "--url", "http://x:99999"], "fbk_x", 2, "is no base URL"),
        (["login", "--url", "http://ann:secret@x"], "fbk_x", 2, "is no base URL"),
        (["login", "--url", "URL"], "", 2, "No token was given"),
        (["login", "--url", "URL"], "é", 2, "That is no token"),
        (["login", "--url", "URL"], "fbk_000000000000_0", 6, "Refused"),
        (["login", "--url", "http://127.0.0.1:9"], "fbk_x", 7, "cannot be reached"),
        (["logout"], "", 2, "There is no context"),
        (["whoami"], "", 6, "You are not logged in"),
    ],
)
def test_what_cannot_be_a_context_is_said(
    *, say: Say, ground: Ground, tmp_path: Path, arguments: list[str], given: str, code: int, said: str
) -> None:
    done = say(*(ground.url if one == "URL" else one for one in arguments), given=given)
    assert (done.code, said in done.err) == (code, True), done
    assert not kept(tmp_path).exists()


def test_a_token_that_travels_in_the_clear_is_warned_of(say: Say) -> None:
    done = say(
        "login",
        "--url",
        "http://192.0.2.1:1",
        "--url",
        "http://localhost:9",
        given="fbk_x",
        HTTP_PROXY="http://127.0.0.1:9",
    )
    assert done.err.count("is not encrypted") == 1
    assert done.code == 7


@pytest.mark.parametrize("content", ["{", "[]", '{"current": null, "contexts": {"a": {"urls": 1}}}', "{}"])
def test_a_file_that_is_none_of_contexts_is_said(say: Say, tmp_path: Path, content: str) -> None:
    kept(tmp_path).parent.mkdir()
    kept(tmp_path).write_text(content)
    kept(tmp_path).chmod(0o600)
    done = say("whoami")
    assert (done.code, "is not a file of contexts" in done.err) == (1, True)


def test_a_file_that_cannot_be_read_or_written_is_said(say: Say, ground: Ground, tmp_path: Path) -> None:
    kept(tmp_path).mkdir(parents=True)
    assert "cannot be read" in say("whoami").err
    blocked = {"FAILBACK_CONFIG_DIR": tmp_path / "file" / "config"}
    (tmp_path / "file").write_text("")
    done = say("login", "--url", ground.url, given=ground.tokens["ann"], **blocked)
    assert (done.code, "contexts.json cannot be" in done.err) == (1, True)


def test_the_base_url_that_answers_is_tried_first_next_time(say: Say, ground: Ground, tmp_path: Path) -> None:
    dead = "http://127.0.0.1:9"
    assert say("login", "ann", "--url", dead, "--url", ground.url, given=ground.tokens["ann"]).code == 0
    contexts = json.loads(kept(tmp_path).read_text())
    assert contexts["contexts"]["ann"]["answered"] == ground.url
    contexts["contexts"]["ann"]["answered"] = None
    kept(tmp_path).write_text(json.dumps(contexts))
    first = say("whoami")
    assert (first.code, first.err) == (0, f"{ground.url} answers.\n")
    assert json.loads(kept(tmp_path).read_text())["contexts"]["ann"]["answered"] == ground.url
    assert say("whoami").err == ""

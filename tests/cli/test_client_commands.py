"""The client's commands against a running service: what they read, post and say, and with which exit code they end."""

import json
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from app.cli.client.body import moment
from tests.cli.running import ROOT, environment
from tests.cli.speaking import DECLARATION, Ground, Say, ground, own_ground, people_logged_in, say
from tests.wire import Person, Request, ask

__all__ = ["ground", "own_ground", "people_logged_in", "say"]

FENCE, FAIL_OVER = "fail-over-vmm.fence-primary", "fail-over-vmm.fail-over-vmm-vm"


@pytest.fixture
def execution(people_logged_in: Say) -> str:
    """Give a live execution of this test's own, which ann's context means."""
    done = people_logged_in(*DECLARATION)
    assert done.code == 0, done.err
    people_logged_in("context", "execution", done.out.strip())
    return done.out.strip()


def posted(say: Say, *arguments: str) -> dict[str, Any]:
    """Post an event that is accepted; give the answer."""
    done = say(*arguments, "-o", "json")
    assert done.code == 0, done.err
    answer: dict[str, Any] = json.loads(done.out)
    return answer


# --- which execution ------------------------------------------------------------------------------------------------


def test_the_one_that_runs_is_meant_and_of_several_one_has_to_be_said(own_ground: Ground, say: Say) -> None:
    say("login", "ann", "--url", own_ground.url, given=own_ground.tokens["ann"])
    none = say("next")
    assert (none.code, none.out) == (4, "")
    assert "There is no execution that runs" in none.err
    first = say(*DECLARATION).out.strip()
    assert json.loads(say("next", "-o", "json").out)["id"] == first
    drill = ["drill" if one == "live" else one for one in DECLARATION]
    second = say(*drill).out.strip()
    several = say("next")
    assert several.code == 2
    assert f"LIVE   {first}" in several.err
    assert f"DRILL  {second}" in several.err
    for said in (first, first.upper(), first[-6:], second[:30]):
        found = say("next", "-e", said, "-o", "json").out
        assert json.loads(found)["id"] == (second if said == second[:30] else first)
    assert say("next", FAILBACK_EXECUTION=second).out.startswith(" DRILL ")
    assert say("next", "-e", first[:3]).code == 2
    unknown = say("next", "-e", "zzz")
    assert (unknown.code, "begins or ends with 'zzz'" in unknown.err) == (4, True)
    assert say("next", "-e", "01980000-0000-7000-8000-000000000000").code == 4
    say("context", "execution", second[-8:])
    assert say("executions", "show").out.startswith(" DRILL ")
    assert say("executions", "show", first).out.startswith(" LIVE ")


def test_executions_are_listed_in_each_form(people_logged_in: Say, execution: str) -> None:
    table = people_logged_in("executions", "list", "-n", "1").out.splitlines()
    assert table[0].split() == ["MODE", "ID", "STATUS", "POSITION", "TITLE", "DECLARED"]
    assert table[1].startswith(f"LIVE  {execution[-12:]}  in_progress  {FENCE}  Flooded datacenter  20")
    assert people_logged_in("executions", "list", "-n", "1", "-o", "name").out == f"{execution}\n"
    lines = people_logged_in("executions", "list", "-q", "flooded", "--mode", "live", "-o", "jsonl").out.splitlines()
    assert json.loads(lines[0])["id"] == execution
    assert json.loads(people_logged_in("executions", "list", "-o", "json").out)["items"][0]["id"] == execution
    assert people_logged_in("executions", "list", "--status", "unheard-of").code == 2


# --- reading --------------------------------------------------------------------------------------------------------


def test_next_says_what_to_do_where_with_which_command_and_how_to_see_it(people_logged_in: Say, execution: str) -> None:
    shown = people_logged_in("next").out
    assert shown.startswith(f" LIVE  Flooded datacenter · in_progress · {execution}\n")
    assert f"Position {FENCE}, attempt 1" in shown
    assert "To check on sec-hv01 (powershell):\nGet-VM -Name 'vmm01' -ComputerName 'pri-hv01' |" in shown.replace(
        "  To", "To"
    )
    assert "To see: " in shown
    assert re.search(
        r"^confirm +operator +fail-over-vmm.fail-over-vmm-vm +failback confirm -m REASON", shown, re.MULTILINE
    )
    assert "Not possible now" not in shown
    assert re.search(r"^resume +The execution is not on hold.", people_logged_in("next", "--why-not").out, re.MULTILINE)
    assert people_logged_in("next", "-o", "name").out == f"{FENCE}\n"
    french = people_logged_in("next", "--lang", "fr").out
    assert "Assurez-vous" in french or "site principal" in french
    assert french.splitlines()[3:6] == people_logged_in("next", LC_ALL="fr_FR.UTF-8").out.splitlines()[3:6]


def test_an_execution_is_shown_with_its_sites_and_what_has_no_copy(people_logged_in: Say, execution: str) -> None:
    shown = people_logged_in("executions", "show").out
    assert re.search(r"^RUNS +AT +REPLICATION +NOTE", shown, re.MULTILINE)
    assert "vmm has no copy since 20" in shown
    assert people_logged_in("executions", "show", "-o", "name").out.strip() == execution
    assert json.loads(people_logged_in("executions", "show", "-o", "jsonl").out)["id"] == execution


def test_clocks_are_told_against_what_was_promised(people_logged_in: Say, execution: str) -> None:
    shown = people_logged_in("clocks").out
    assert shown.startswith(f" LIVE  Flooded datacenter · in_progress · {execution}\n")
    assert re.search(r"^outage +20\S+ \S+Z +running +0:00:0\d", shown, re.MULTILINE)
    assert "no copy of vmm" in shown
    assert json.loads(people_logged_in("clocks", "-o", "json").out)["execution_id"] == execution
    late = ["--outage-started-at", "2026-01-05T03:00:00Z", "--rto-minutes", "60", "--rpo-minutes", "15"]
    begun = people_logged_in(*DECLARATION, *late).out.strip()

    def confirm(*words: str) -> None:
        posted(people_logged_in, "confirm", "-e", begun, *words)

    confirm("-m", "Cut", "--performed-at", "2026-01-05T04:00:00Z")
    confirm("--recovery-point", "vmm01 - 02:00", "--recovery-time", "2026-01-05T02:00:00Z")
    confirm()
    posted(people_logged_in, "sign-off", "-c", "ben", "-e", begun)
    confirm()
    posted(people_logged_in, "waive", "-m", "Later", "-e", begun)
    confirm("--recovery-point", "the 2 am one", "--recovery-time", "2026-01-05T02:00:00Z", "-w", "sql01")
    shown = people_logged_in("clocks", "-e", begun).out
    assert "promised 1:00:00: MISSED" in shown
    assert re.search(r"^worst data loss +1:00:00 +promised 0:15:00: MISSED", shown, re.MULTILINE)
    assert "sql01 lost 1:00:00, from the 2 am one" in shown


def test_runbooks_are_listed_and_shown(people_logged_in: Say) -> None:
    listed = json.loads(people_logged_in("runbooks", "-o", "json").out)["items"]
    assert "standalone-vmm" in [one["id"] for one in listed]
    assert "standalone-vmm" in people_logged_in("runbooks").out
    shown = people_logged_in("runbooks", "standalone-vmm").out
    assert "commit-workloads" in shown
    assert "Erratum" in shown
    digest = next(one["digest"] for one in listed if one["id"] == "standalone-vmm")
    assert people_logged_in("runbooks", "standalone-vmm", "--digest", digest, "-o", "name").code == 0
    assert people_logged_in("runbooks", "none-such").code == 4


def test_a_checklist_is_worked_off_in_any_order(people_logged_in: Say) -> None:
    runbook = "prepare-vmm-servers"
    needed = json.loads(people_logged_in("runbooks", runbook, "-o", "json").out)["parameters"]
    given = [part for one in needed if one["required"] for part in ("-p", f"{one['name']}={one['example']}")]
    begun = people_logged_in(
        "executions", "declare", runbook, "--mode", "live", "-t", "Quarterly", *given, "-o", "name"
    )
    assert begun.code == 0, begun.err
    here = ["-e", begun.out.strip()]
    items = json.loads(people_logged_in("next", *here, "-o", "json").out)["items"]
    assert len(items) > 1
    last = items[-1]["id"]
    shown = people_logged_in("next", *here, "--item", last).out
    assert items[-1]["title"] + " (" in shown
    assert items[0]["title"] + " (" in people_logged_in("next", *here).out
    assert people_logged_in("next", *here, "--item", "none-such").code == 4
    failed = posted(people_logged_in, "fail", *here, "--action", last, "-m", "Not there yet")
    assert failed["event"]["action"] == last
    assert failed["execution"]["items"][-1]["status"] == "failed"
    again = posted(people_logged_in, "retry", *here, "--action", last, "-m", "Now it is")
    assert again["execution"]["items"][-1]["attempt"] == 2
    done = posted(people_logged_in, "confirm", *here, "--action", last, "-m", "Seen")
    assert done["execution"]["items"][-1]["status"] == "done"


def test_an_execution_is_declared_for_a_protected_set_whose_readiness_is_told(
    people_logged_in: Say, ground: Ground
) -> None:
    body = {
        "name": "Lyon ERP",
        "runbook": "standalone-vmm",
        "parameters": {"vmm_vm": "vmm01", "primary_host": "pri-hv01", "secondary_host": "sec-hv01"},
        "workloads": [{"name": "sql01"}],
        "required_checklists": ["prepare-vmm-servers"],
    }
    ann = Person("", "ann", ground.tokens["ann"])
    made = ask(Request(port=ground.service.port, who=ann, path="/protected-sets", body=body))
    assert made.status == 201, made.body
    assert re.search(r"Lyon ERP +1 +standalone-vmm +sql01", people_logged_in("protected-sets").out)
    identifier = people_logged_in("protected-sets", "-o", "name").out.strip()
    for said in ("lyon erp", identifier, identifier[-8:]):
        ready = people_logged_in("readiness", said)
        assert (ready.code, "Lyon ERP: NOT READY" in ready.out) == (1, True)
        assert re.search(r"^prepare-vmm-servers +not_ready", ready.out, re.MULTILINE)
        assert "- " in ready.out
    assert people_logged_in("readiness", "none-such").code == 4
    assert people_logged_in("readiness", "Lyon ERP", "-o", "name").out == "not_ready\n"
    drill = ("executions", "declare", "standalone-vmm", "--mode", "drill", "-t", "Quarterly")
    begun = people_logged_in(*drill, "--protected-set", "Lyon ERP", "-o", "json")
    assert begun.code == 0, begun.err
    shown = people_logged_in("executions", "show", json.loads(begun.out)["id"]).out
    assert "For the protected set Lyon ERP, revision 1" in shown
    assert "Not ready when declared: " in shown
    assert "sql01 would have no copy" in shown


# --- posting --------------------------------------------------------------------------------------------------------


def test_every_word_is_accepted_where_it_is_legal(people_logged_in: Say, execution: str, ground: Ground) -> None:
    def post(*arguments: str) -> dict[str, Any]:
        return posted(people_logged_in, *arguments)

    assert post("note", "The insurer was called", "--link", "https://example.test/7")["event"]["number"] == 2
    assert post("correct", "2", "It was the broker")["event"]["data"]["corrects"] == 2
    assert post("hold", "-m", "The network team")["execution"]["status"] == "on_hold"
    assert post("resume")["execution"]["status"] == "in_progress"
    assert post("confirm", "-m", "Power is cut", "--performed-by", "Zoe")["event"]["performed_by"] == "Zoe"
    assert post("retry", "--action", "fence-primary")["execution"]["position"] == FENCE
    again = post("confirm", "-m", "Cut, seen twice", "--attempt", "2", "--at", FENCE)
    assert again["event"]["attempt"] == 2
    post("confirm", "--recovery-point", "latest", "--recovery-time", "2026-11-23T02:00:00Z")
    assert post("undo", "fail-over-vmm-vm", "-m", "Wrong point")["execution"]["position"] == FAIL_OVER
    assert post("confirm", "--already-done", "-m", "Found so")["event"]["data"]["outcome"] == "already_done"
    post("confirm")
    assert post("sign-off", "-c", "ben", "-e", execution)["execution"]["step"]["number"] == 2
    post("confirm")
    failed = post("waive", "-m", "Later")
    assert failed["execution"]["position"] == "fail-over-workloads.fail-over-workload-vms"
    assert post("fail", "-w", "web01", "-s", "F04")["event"]["data"]["offers"] == ["retry"]
    post("retry", "-w", "web01")
    assert post("change-profile", "asr", "-m", "By Azure")["execution"]["command_profile"] == "asr"
    post("change-profile", "hyper-v-replica", "-m", "Not by Azure")
    post("confirm")
    point = ("--recovery-point", "2 am", "--recovery-time", "2026-11-23T02:00:00+01:00")
    chosen = post("choose-recovery-point", "-w", "web01", *point)
    assert chosen["event"]["data"]["recovery_point"]["time"].startswith("2026-11-23T01:00:00")
    post("confirm")
    assert post("authorize", "-c", "ben", "-e", execution)["execution"]["action"]["authorized_by"]["name"] == "ben"
    post("confirm")
    rejected = post("sign-off", "--reject", "--to", "check-workloads", "-m", "Look again", "-c", "ben", "-e", execution)
    assert rejected["event"]["data"]["to"].endswith("check-workloads")
    assert people_logged_in("hand-over", "cora").code == 4  # nobody has heard of her yet
    cora = json.loads(people_logged_in("whoami", "-c", "cora", "-o", "json").out)["id"]
    assert post("hand-over", cora)["execution"]["coordinator"]["name"] == "cora"
    post("note", "I am here", "-c", "cora", "-e", execution)
    assert post("hand-over", "me")["execution"]["coordinator"]["name"] == "ann"
    assert post("hand-over", "cora")["execution"]["coordinator"]["name"] == "cora"
    lost = people_logged_in("primary-lost", "-m", "Again")
    assert lost.code == 5
    assert post("secondary-lost", "-m", "Fire")["execution"]["position"]
    other = people_logged_in(*DECLARATION).out.strip()
    assert post("abort", "-m", "It came back", "-e", other)["execution"]["status"] == "aborted"


def test_what_came_of_an_event_is_said(people_logged_in: Say, execution: str) -> None:
    done = people_logged_in("confirm", "-m", "Power is cut")
    assert done.out.splitlines() == [
        f" LIVE  Flooded datacenter · in_progress · {execution}",
        "Event 2: confirm, by ann as operator",
        f"Now at {FAIL_OVER}",
    ]
    failed = people_logged_in("fail", "-s", "F03")
    assert "Still at" in failed.out
    assert "Advised: other_point" in failed.out
    assert people_logged_in("note", "x", "-o", "name").out == "4\n"
    assert people_logged_in("journal", "-o", "name").out.split() == ["1", "2", "3", "4"]


def test_of_two_who_say_the_same_the_second_is_told_who_was_faster(people_logged_in: Say, execution: str) -> None:
    assert people_logged_in("confirm", "-m", "Power is cut").code == 0
    second = people_logged_in("confirm", "-m", "Power is cut", "--at", FENCE, "-c", "cora", "-e", execution)
    assert (second.code, second.out) == (5, "")
    assert "ann was faster: event 2, confirm, 20" in second.err
    assert f"It stands at {FAIL_OVER}, version 2." in second.err
    assert "failback next" in second.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["confirm"], 2, "/comment: this action needs a comment"),
        (["sign-off", "-c", "ben"], 5, "  Possible here: confirm (operator)"),
        (["confirm", "-m", "x", "-c", "ben"], 6, "403 role-required"),
        (["note", "x", "-c", "vic"], 6, "403 role-required"),
        (["confirm", "-m", "x", "--at", "no.where"], 2, "/at: "),
        (["confirm", "-w", "none-such", "-m", "x"], 2, "/workloads/0: no workload"),
        (["undo", "none-such", "-m", "x"], 2, "No one action is named 'none-such'"),
        (["choose-recovery-point", "--recovery-point", "x"], 2, "A recovery point has a name and a time"),
        (["confirm", "-m", "x", "--performed-at", "yesterday"], 2, "is no time"),
        (["confirm", "-m", "x", "--evidence", "none-such.json"], 1, "none-such.json cannot be read"),
        (["whoami", "--context", "none-such"], 2, "There is no context 'none-such'"),
        (["journal", "99"], 4, "404 not-found"),
        (["confirm", "--unheard-of"], 2, "No such option"),
        (["correct", "zwei"], 2, "Invalid value for 'NUMBER'"),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, list) else None,
)
def test_a_refusal_says_why_and_the_way_out(
    people_logged_in: Say, execution: str, arguments: list[str], code: int, said: str
) -> None:
    done = people_logged_in(*arguments, FAILBACK_EXECUTION=execution)
    assert (done.code, said in done.err) == (code, True), done
    assert done.out == ""
    as_json = people_logged_in(*arguments, "-o", "json", FAILBACK_EXECUTION=execution)
    assert as_json.code == code
    if "Refused" in done.err:
        assert "Way out: " in done.err
        assert json.loads(as_json.err)["type"].startswith("/problems/")


def test_an_own_authorization_needs_a_second_person(people_logged_in: Say, ground: Ground, execution: str) -> None:
    done = people_logged_in("authorize", "--break-glass", "-m", "Alone")
    assert done.code == 5
    assert "Only an irreversible action is authorized" in done.err


def test_evidence_goes_with_an_event_as_the_text_that_it_is(
    people_logged_in: Say, execution: str, tmp_path: Path
) -> None:
    (tmp_path / "state.json").write_bytes('\ufeff{"State": "Off"}\r\n'.encode())
    (tmp_path / "table.txt").write_bytes("Name État\r\n\x1b[31mvmm01 Off\r\n".encode("utf-16"))
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\xff")
    done = posted(
        people_logged_in,
        *(
            "confirm",
            "-m",
            "Cut",
            "--evidence",
            str(tmp_path / "state.json"),
            "--evidence",
            str(tmp_path / "table.txt"),
        ),
        *("--link", "https://example.test/ticket"),
    )
    state, text, link = done["event"]["evidence"]
    assert (state["name"], state["media_type"], state["content"]) == (
        "state.json", "application/json", '\ufeff{"State": "Off"}\r\n',
    )  # fmt: skip
    assert (text["media_type"], text["content"]) == ("text/plain", "Name État\r\n\x1b[31mvmm01 Off\r\n")
    assert link["href"] == "https://example.test/ticket"
    assert people_logged_in("note", "x", "--evidence", str(tmp_path / "picture.png")).code == 2
    assert people_logged_in("note", "x", "--evidence", "-", given='{"State": "Off"}').code == 0
    shown = people_logged_in("journal", "2").out
    assert "\\x1b[31mvmm01" in shown
    assert "\x1b" not in shown
    assert "(3 attached)" in people_logged_in("journal").out


def test_a_late_entry_is_marked(people_logged_in: Say) -> None:
    begun = people_logged_in(*DECLARATION, "--outage-started-at", "2026-01-05T03:00:00Z").out.strip()
    done = people_logged_in("confirm", "-m", "x", "--performed-at", "2026-01-05T03:30:00+00:00", "-e", begun)
    assert done.code == 0, done.err
    assert "(done 2026-01-05 03:30:00Z)" in people_logged_in("journal", "-e", begun).out


def test_a_time_without_an_offset_is_local() -> None:
    assert moment("2026-11-23T03:12:00Z") == "2026-11-23T03:12:00+00:00"
    told = datetime.fromisoformat(moment("2026-07-01T03:12"))
    assert told.utcoffset() == datetime(2026, 7, 1, 3, 12).astimezone().utcoffset()


# --- declaring ------------------------------------------------------------------------------------------------------


def test_a_declaration_comes_from_a_file_and_options_go_before_it(
    people_logged_in: Say, ground: Ground, tmp_path: Path
) -> None:
    body = {
        "runbook": "standalone-vmm",
        "mode": "drill",
        "title": "From a file",
        "parameters": {"vmm_vm": "vmm01", "primary_host": "pri-hv01", "secondary_host": "sec-hv01"},
        "workloads": [{"name": "web01", "parameters": {"secondary_host": "sec-hv02"}}],
    }
    options = ["--rto-minutes", "240", "--rpo-minutes", "15", "--four-eyes", "every_step", "-t", "By hand"]
    done = people_logged_in("executions", "declare", "--file", "-", *options, "-o", "json", given=json.dumps(body))
    told = json.loads(done.out)
    assert (told["title"], told["mode"]) == ("By hand", "drill")
    assert told["targets"] == {"rto_minutes": 240, "rpo_minutes": 15}
    assert told["policy"]["four_eyes"] == "every_step"
    assert told["workloads"][0]["parameters"] == {"secondary_host": "sec-hv02"}
    (tmp_path / "body.json").write_text(json.dumps(body), encoding="utf-8-sig")
    outage = ["--outage-started-at", "2026-01-05T03:12:00+01:00", "--profile", "asr"]
    live = ["--file", str(tmp_path / "body.json"), "--mode", "live"]
    other = json.loads(people_logged_in("executions", "declare", *live, *outage, "-o", "jsonl").out)
    assert other["outage_started_at"].startswith("2026-01-05T02:12:00")
    assert other["command_profile"] == "asr"
    plain = people_logged_in("executions", "declare", *live)
    assert plain.out.splitlines()[0].startswith(" LIVE  From a file")
    assert plain.out.splitlines()[1] == f"Declared. Now at {FENCE}"


@pytest.mark.parametrize(
    ("arguments", "given", "code", "said"),
    [
        (["-p", "vmm_vm"], "", 2, "has no ="),
        (["--file", "none-such.json"], "", 1, "cannot be read"),
        (["--file", "-"], "{", 2, "is not JSON"),
        (["--file", "-"], "[]", 2, "holds no JSON object"),
        (["standalone-vmm", "--mode", "live"], "", 2, "/title"),
        (["standalone-vmm", "--mode", "live", "-t", "x", "-c", "ben"], "", 6, "403 role-required"),
    ],
)
def test_a_declaration_that_cannot_be_is_said(
    people_logged_in: Say, arguments: list[str], given: str, code: int, said: str
) -> None:
    done = people_logged_in("executions", "declare", *arguments, given=given)
    assert (done.code, said in done.err) == (code, True), done


# --- the journal ----------------------------------------------------------------------------------------------------


def test_the_journal_is_shown_filtered_and_marked(people_logged_in: Say, execution: str) -> None:
    people_logged_in("confirm", "-m", "Power is cut", "--performed-by", "Zoe")
    people_logged_in("fail", "-s", "F03")
    people_logged_in("correct", "2", "By Zoé, not Zoe")
    shown = people_logged_in("journal").out
    assert shown.startswith(f" LIVE  Flooded datacenter · blocked · {execution}\n")
    assert re.search(r"^2 +20\S+ \S+Z +confirm +ann +operator +.*\(by Zoe\) Power is cut", shown, re.MULTILINE)
    assert "corrects 2: By Zoé, not Zoe" in shown
    assert re.search(r"^3 .* F03", shown, re.MULTILINE)
    assert people_logged_in("journal", "--type", "confirm", "-o", "name").out == "2\n"
    assert people_logged_in("journal", "--after", "3", "-o", "name").out == "4\n"
    assert people_logged_in("journal", "--actor", "ben", "-o", "name").out == ""
    assert len(people_logged_in("journal", "--step", "fail-over-vmm", "-o", "jsonl").out.splitlines()) == 3
    assert json.loads(people_logged_in("journal", "2", "-o", "json").out)["number"] == 2
    assert "comment: Power is cut" in people_logged_in("journal", "2").out


def test_the_journal_is_taken_away_and_verified(people_logged_in: Say, execution: str, tmp_path: Path) -> None:
    people_logged_in("confirm", "-m", "Power is cut")
    file = tmp_path / "journal.ndjson"
    taken = people_logged_in("export", str(file))
    head = json.loads(people_logged_in("executions", "show", "-o", "json").out)["head"]
    assert f"2 events, head {head}" in taken.out
    assert people_logged_in("verify", str(file), "--head", head).code == 0
    assert people_logged_in("export", str(file)).code == 1
    assert people_logged_in("export", str(file), "--force", "-o", "name").out == f"{file}\n"
    assert people_logged_in("export", str(tmp_path / "none" / "x")).code == 1
    csv = people_logged_in("export", str(tmp_path / "journal.csv"), "--format", "csv")
    assert (csv.code, "cannot be verified" in csv.err) == (0, True)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["config", "journal.csv", "journal.ndjson"]
    proof = people_logged_in("executions", "verify")
    assert (proof.code, f"intact: 2 events, head {head}" in proof.out) == (0, True)
    assert people_logged_in("executions", "verify", execution, "-o", "name").out == f"{head}\n"
    assert people_logged_in("export", "-").out.encode() == file.read_bytes()


# --- the command line itself ----------------------------------------------------------------------------------------


def test_a_client_command_imports_nothing_of_the_service(ground: Ground, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "app", "executions", "list"],
        cwd=ROOT,
        env=environment(url=ground.url, token=ground.tokens["vic"], config_dir=str(tmp_path)),
        capture_output=True,
        text=True,
        check=True,
    )
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    own = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if "| app." in line.replace("  ", " ")}
    assert {"httpx2", "rich"} <= imported
    assert not {"fastapi", "sqlalchemy", "starlette", "alembic", "uvicorn", "structlog", "yaml"} & imported
    assert not {name for name in own if name.startswith(("app.services", "app.storage", "app.web", "app.runbooks"))}


def test_the_shell_completes_commands_and_contexts(people_logged_in: Say, tmp_path: Path) -> None:
    def completed(words: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", "import sys; sys.argv = ['failback']; from app.cli import main; main()"],
            cwd=ROOT,
            env={
                **environment(config_dir=str(tmp_path / "config")),
                "_FAILBACK_COMPLETE": "complete_bash",
                "COMP_WORDS": words,
                "COMP_CWORD": str(len(words.split(" ")) - 1),
            },
            capture_output=True,
            text=True,
            check=False,
        ).stdout

    assert "executions" in completed("failback exec")
    assert completed("failback next --context b").split() == ["ben"]

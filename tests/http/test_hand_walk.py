"""Disasters walked by hand: after every event the whole document is what somebody wrote down beforehand.

Each walk in walks/ is a list of events. What one changes stands beneath it in the notation of walks/notation.py;
whatever does not stand there must not have changed. Written from the contract and the procedure, not from the program.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest
import yaml
from starlette.testclient import TestClient

from app.domain.events import AT_REQUIRED, EventType, Role
from app.main import create_app
from app.services import identity
from app.services.definitions import Definitions
from app.services.service import Service
from app.settings import Settings
from app.storage.database import Database
from tests.http.walks.notation import NUMBERS, STEP_OF, STEPS, boiled_down, full, short

WALKS: Final = sorted(Path(__file__).parent.glob("walks/*.yaml"))
OUTAGE: Final = datetime(2025, 3, 7, 2, 0, tzinfo=UTC)
PEOPLE: Final = {
    "ann": (Role.COORDINATOR, Role.OPERATOR),
    "ben": (Role.APPROVER,),
    "cleo": (Role.COORDINATOR, Role.OPERATOR),
    "dora": (Role.APPROVER, Role.OPERATOR),
}
DEFINITIONS: Final = Definitions()
#: Members of an entry that are no lines of the notation.
ABOUT: Final = frozenset({"do", "refuse", "with", "now", "line", "shows", "undoes", "answers"})
#: Losing the secondary always leads to the same end; over an authorization, only a coordinator's broken glass can go.
SPELLED: Final = {
    "secondary_lost": "secondary_lost>escalated",
    "glass": "authorize/coordinator+break_glass+comment",
}


def at(told: str) -> datetime:
    """Give the time that `+1:05` or `-0:30` means."""
    hours, _, minutes = told[1:].partition(":")
    return OUTAGE + (1 if told[0] == "+" else -1) * timedelta(hours=int(hours), minutes=int(minutes))


class Walk:
    """One walk on its way: the hand-written state so far, and the service it is held against."""

    def __init__(self, client: TestClient, tokens: Mapping[str, str], declared: Mapping[str, Any]) -> None:
        """Declare the disaster."""
        self.client, self.tokens = client, tokens
        self.ids = {name: self.ask(name, "GET", "/me").json()["id"] for name in tokens}
        body = {**declared["with"], "outage_started_at": OUTAGE.isoformat()}
        answer = self.ask("ann", "POST", "/executions", body)
        assert answer.status_code == 201, answer.text
        self.first: dict[str, Any] = answer.json()
        self.document = self.first
        self.path = f"/executions/{self.first['id']}"
        self.runbook = self.ask("ann", "GET", "/runbooks/standalone-vmm").json()
        self.recorded = [self.first["declared_at"]]
        self.state: dict[str, str] = {}
        for number, actions in enumerate(STEPS.values(), 1):
            self.state |= dict.fromkeys(actions, "pending") | {f"step {number}": "pending"}
        self.hold_against(declared, self.first)

    def ask(self, who: str, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        """Send a request as somebody."""
        headers["authorization"] = f"Bearer {self.tokens[who]}"
        return self.client.request(method, f"/api/v1{path}", json=body, headers=headers)

    def told(self, time: str | None) -> str:
        """Give a time of the document in the notation."""
        if time is None:
            return ""
        if time in self.recorded:
            return f"@{self.recorded.index(time) + 1}"
        minutes, rest = divmod(datetime.fromisoformat(time) - OUTAGE, timedelta(minutes=1))
        assert not rest, time
        return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60}:{abs(minutes) % 60:02}"

    def posted(self, said: list[str], members: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """Give who posts what: `ann confirm fence-primary +0:10`, and further members."""
        who, kind, *rest = said
        body: dict[str, Any] = {"type": kind, **members}
        for part in rest:
            if part[0] in "+-":
                body["performed_at"] = at(part).isoformat()
            else:
                body["at"] = full(part)
        if kind in AT_REQUIRED:
            body.setdefault("at", full(self.state["position"]))
            body.setdefault("attempt", int(self.state["attempt"]))
        if kind == "hand_over":
            body["to"] = self.ids[body["to"]]
        elif "to" in body or "action" in body:
            body |= {name: full(body[name]) for name in ("to", "action") if name in body}
        if "recovery_point" in body:
            label, _, time = body["recovery_point"].rpartition("/")
            body["recovery_point"] = {"label": label, "time": at(time).isoformat()}
        return who, body

    def take(self, entry: Mapping[str, Any]) -> None:
        """Post what the entry says and hold the answer against it."""
        number, *said = entry["do"].split()
        who, body = self.posted(said, entry.get("with", {}))
        answer = self.ask(who, "POST", f"{self.path}/events", body)
        assert answer.status_code == 201, f"{entry}: {answer.text}"
        line, before = answer.json()["event"], dict(self.state)
        assert line["number"] == len(self.recorded) + 1 == int(number)
        self.recorded.append(line["recorded_at"])
        self.hold_against(entry, answer.json()["execution"])
        self.hold_line_against(entry, line, body, before)
        assert answer.headers["location"].endswith(f"{self.path}/events/{number}")
        assert line["actor"]["id"] == self.ids[who]
        assert self.document["head"] == line["hash"]

    def be_refused(self, entry: Mapping[str, Any]) -> None:
        """Post what must be refused: as the entry says, and nothing changes."""
        who, body = self.posted(entry["refuse"].split(), entry.get("with", {}))
        answer = self.ask(who, "POST", f"{self.path}/events", body)
        status, slug, *because = entry["answers"]
        problem = answer.json()
        assert (answer.status_code, problem["type"]) == (status, f"/problems/{slug}"), answer.text
        told = " ".join([problem["detail"], *problem.get("reasons", []), *map(str, problem.get("errors", []))])
        assert all(part in told for part in because), told
        self.hold_against({}, self.ask(who, "GET", self.path).json())

    def hold_against(self, entry: Mapping[str, Any], document: dict[str, Any]) -> None:
        """Turn the hand-written state by the entry's lines, and compare the document with it, whole."""
        self.turn(entry)
        self.document = document
        found = boiled_down(document, self.told)
        wrong = {
            key: {"by hand": self.state.get(key), "found": found.get(key)}
            for key in sorted(self.state.keys() | found.keys())
            if self.state.get(key, "") != found.get(key, "")
        }
        assert not wrong, (entry.get("do") or entry.get("refuse"), wrong)
        assert document["version"] == len(self.recorded)
        self.hold_the_rest(document)
        for name, commands in (("shows", "commands"), ("undoes", "undo")):
            if name in entry:
                shown = document["action"][commands]
                shown = shown["commands"] if name == "undoes" else shown
                assert [[one["workload"], one["run_on"], one["verify"], one["text"]] for one in shown] == entry[name]
                assert {one["shell"] for one in shown} <= {"powershell"}
        read = self.ask("ben", "GET", self.path)
        assert read.json() == document
        assert read.headers["etag"] == f'"{document["version"]}-en"'

    def turn(self, entry: Mapping[str, Any]) -> None:
        """Write the entry's lines into the state."""
        if "now" in entry:
            place, _, attempt = entry["now"].partition(" #")
            self.state |= {"position": place, "attempt": attempt or "1"}
            if place in STEP_OF:
                self.state[place] = f"open #{attempt}" if attempt else "open"
        for key, told in entry.items():
            if key not in ABOUT:
                self.state[key] = " ".join(sorted(_spelled(told))) if key == "can" else told or ""

    def hold_the_rest(self, document: Mapping[str, Any]) -> None:
        """Check what the notation leaves out: it is as declared, or as the runbook says of where the execution is."""
        kept = ("id", "runbook", "mode", "title", "declared_at", "outage_started_at", "parameters", "policy", "targets")
        assert [document[name] for name in kept] == [self.first[name] for name in kept]
        assert document.keys() == self.first.keys()
        picture = [{name: one[name] for name in ("name", "site", "replication")} for one in document["workloads"]]
        assert document["site_picture"]["workloads"] == picture
        steps = [[one["number"], one["id"], one["title"]] for one in document["steps"]]
        assert steps == [[one["number"], one["id"], one["title"]] for one in self.runbook["steps"]]
        step, _, action = full(self.state["position"]).partition(".")
        if not action:
            assert (document["step"], document["action"]) == (None, None)
            return
        place = self.runbook["steps"][NUMBERS[step] - 1]
        assert document["step"] == {name: place[name] for name in ("number", "id", "title")}
        if action == "sign-off":
            assert document["action"] is None
            return
        told = next(one for one in place["actions"] if one["id"] == action)
        own = {"authorized_by", "commands", "undo", "symptoms"}
        assert {name: document["action"][name] for name in document["action"].keys() - own} == {
            name: told[name] for name in document["action"].keys() - own
        }
        assert [one["id"] for one in document["action"]["symptoms"]] == [one["id"] for one in told["symptoms"]]
        undo, meant = document["action"]["undo"], told["undo"]
        assert (undo is None) == (meant is None)
        if undo is not None:
            names = ("to", "until", "profiles", "consequence")
            assert [undo[name] for name in names] == [meant[name] for name in names]

    def hold_line_against(
        self, entry: Mapping[str, Any], line: Mapping[str, Any], body: Mapping[str, Any], before: Mapping[str, str]
    ) -> None:
        """Check the journal's line: what was posted, from where to where, and what the entry says of it."""
        assert [line["type"], line["comment"], line["performed_by"]] == [
            body["type"],
            body.get("comment"),
            body.get("performed_by"),
        ]
        moment = body.get("performed_at")
        assert (line["performed_at"] and datetime.fromisoformat(line["performed_at"])) == (
            moment and datetime.fromisoformat(moment)
        )
        places = [short(line["position_before"]), short(line["position_after"])]
        assert [*places, line["status_after"]] == [before["position"], self.state["position"], self.state["status"]]
        assert line["attempt"] == int(before["attempt"])
        for name, told in entry.get("line", {}).items():
            found = line["actor"]["role"] if name == "role" else line.get(name, line["data"].get(name))
            found = [short(one) for one in found] if name == "passed" else found
            assert found == told, (entry["do"], name)
        assert ("passed" in line["data"]) == ("passed" in entry.get("line", {})), line["data"]


def _spelled(can: str | None) -> list[str]:
    """Give the tokens of a `can` line, the short ones in full."""
    return [SPELLED.get(token, token) for token in (can or "").split()]


@pytest.mark.parametrize("file", WALKS, ids=[file.stem for file in WALKS])
def test_the_document_after_each_event_is_the_one_written_by_hand(file: Path, database_url: str) -> None:
    declared, *entries = yaml.safe_load(file.read_text(encoding="utf-8"))
    database = Database(database_url)
    tokens = {name: identity.create_token(database, name=name, roles=roles).text for name, roles in PEOPLE.items()}
    app = create_app(Service(database, DEFINITIONS), Settings(database_url=database_url))
    with TestClient(app) as client:
        walk = Walk(client, tokens, declared)
        for entry in entries:
            walk.take(entry) if "do" in entry else walk.be_refused(entry)
        in_french = walk.ask("ben", "GET", f"{walk.path}?lang=fr").json()
        assert boiled_down(in_french, walk.told) == boiled_down(walk.document, walk.told)
        proof = walk.ask("ben", "GET", f"{walk.path}/verification").json()
        assert (proof["ok"], proof["events"], proof["head"]) == (True, len(walk.recorded), walk.document["head"]), proof


def test_every_kind_of_event_is_walked_under_both_profiles() -> None:
    walked: dict[str, set[str]] = {}
    for file in WALKS:
        declared, *entries = yaml.safe_load(file.read_text(encoding="utf-8"))
        profile = declared["profile"]
        for entry in (one for one in entries if "do" in one):
            profile = entry.get("profile", profile)
            walked.setdefault(entry["do"].split()[2], set()).add(profile)
    everywhere = {"confirm", "report_failure", "retry", "choose_recovery_point", "authorize", "waive", "sign_off"}
    assert everywhere <= {kind for kind, profiles in walked.items() if len(profiles) == len({"asr", "hyper-v-replica"})}
    assert set(EventType) - {EventType.DECLARE, EventType.ABORT} <= walked.keys()

"""The same night told to a running service at the times of day it happened: the same clocks and figures, to the second.

What a list tells from the row alone is what the clocks tell from the journal, on both databases.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from app.domain.chronicle import chronicle
from app.domain.errors import NotFound
from app.domain.events import Actor, Role, posted_from
from app.domain.statistics import Tally
from app.services import clocks, executions, identity, listing
from app.services.clocks import Chronicles, clocks_of, said
from app.services.declaring import declaration
from app.services.definitions import Definitions
from app.services.list_clocks import compact
from app.services.statistics import shown, statistics
from app.storage import queries
from app.storage.database import Database
from app.storage.rows import ExecutionSummary
from app.storage.writer import Writer
from tests.life import DORA, Life
from tests.told import TARGETS, moment, night, say, time


@dataclass
class Told:
    """A service's innards, and its people."""

    database: Database
    definitions: Definitions
    writer: Writer
    people: dict[str, Actor]

    def tell(self, life: Life, *, lines: slice = slice(1, None), execution_id: str = "") -> str:
        """Tell a life's lines to the service, each at its time; give the execution's id."""
        if not execution_id:
            data = life.lines[0]["data"]
            declared = declaration(
                self.definitions.bundled,
                runbook=life.runbook.id,
                mode=data["mode"],
                title=data["title"],
                parameters=data["parameters"],
                workloads=[(one["name"], {}) for one in data["workloads"]],
                command_profile=data["command_profile"],
                four_eyes=data["policy"]["four_eyes"],
                targets=data["targets"],
                outage_started_at=data["outage_started_at"],
            )
            asked = executions.declare(declared, actor=self.people["ann"], key=None, now=_at(life.lines[0]))
            execution_id = self.writer.submit(asked).result(10).execution_id
        for line in life.lines[lines]:
            job = executions.post(
                execution_id,
                posted_from(line),
                actor=self.people[line["actor"]["name"]],
                key=None,
                versions=None,
                definitions=self.definitions,
                language="en",
                now=_at(line),
            )
            self.writer.submit(job).result(10)
        return execution_id

    def clocks(self, execution_id: str, now: str) -> dict[str, Any]:
        with self.database.reading() as connection:
            return clocks_of(connection, Chronicles(self.definitions), execution_id, at=time(now))

    def row(self, execution_id: str) -> ExecutionSummary:
        with self.database.reading() as connection:
            found = queries.execution_summary(connection, execution_id)
        assert found is not None
        return found


def _at(line: dict[str, Any]) -> Callable[[], datetime]:
    moment = datetime.fromisoformat(line["recorded_at"])
    return lambda: moment


@pytest.fixture
def told(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    """Give a service that lives can be told to; ids are of the night too, as those of a real one would be."""
    begin = f"{int(moment('03:05').timestamp() * 1000):012x}"
    numbers = count()
    monkeypatch.setattr(executions, "uuid7", lambda: f"{begin[:8]}-{begin[8:]}-7000-8000-{next(numbers):012x}")
    database, definitions = Database(database_url), Definitions()
    definitions.publish(database)
    people = {}
    for name, roles in (
        ("ann", [Role.COORDINATOR, Role.OPERATOR]),
        ("ben", [Role.APPROVER]),
        ("dora", [Role.COORDINATOR]),
    ):
        token = identity.create_token(database, name=name, roles=roles)
        with database.reading() as connection:
            people[name] = identity.authenticate(connection, token.text)
    writer = Writer(database)
    writer.start()
    yield Told(database, definitions, writer, people)
    assert writer.stop(5)
    database.dispose()


def test_the_night_has_the_clocks_that_were_computed_by_hand(told: Told) -> None:
    found = told.clocks(told.tell(night()), "05:05")
    assert found["at"] == time("05:05")
    assert (found["mode"], found["status"], found["version"]) == ("live", "in_progress", 25)
    assert found["outage"] == {
        "from": time("03:00"), "until": time("04:55"), "seconds": 6900, "running": False, "negative": False,
    }  # fmt: skip
    assert found["outages"] == [{"event": 1, **found["outage"], "met": True}]
    assert found["decision"]["seconds"] == 300
    assert (found["failback"]["seconds"], found["failback"]["running"]) == (600, True)
    assert found["rto"] == {
        "target_seconds": 14_400, "actual_seconds": 6900, "due_at": time("07:00"), "remaining_seconds": 7500,
        "exceeded_by_seconds": 0, "met": True,
    }  # fmt: skip
    rpo = found["rpo"]
    assert (rpo["target_seconds"], rpo["worst_seconds"], rpo["worst_workload"], rpo["met"]) == (
        1200, 1800, "web01", False,
    )  # fmt: skip
    assert [(one["name"], one["loss_seconds"]) for one in rpo["workloads"]] == [("sql01", 900), ("web01", 1800)]
    assert rpo["vmm"] == {
        "recovery_point": {"label": "of 02:50", "time": time("02:50")}, "loss_seconds": 600, "negative": False,
    }  # fmt: skip
    assert found["spent"] == {
        "on_hold_seconds": 600, "sign_off_seconds": 990, "blocked_seconds": 600, "authorization_seconds": 240,
        "waiting_seconds": 1590, "hands_on_seconds": 3330, "active_seconds": 6750, "negative": True,
    }  # fmt: skip
    first = found["steps"][0]
    assert (first["expected_seconds"], first["due_at"], first["overdue"], first["overdue_seconds"]) == (
        1800, time("03:45"), True, 330,
    )  # fmt: skip
    assert [one["id"] for one in first["places"]] == ["fence-primary", "fail-over-vmm-vm", "start-vmm-vm", "sign-off"]
    assert (found["due_at"], found["overdue"]) == (time("08:55"), False)
    assert [(one["subject"], one["seconds"]) for one in found["unprotected"]] == [
        ("vmm", 7500), ("sql01", 7500), ("web01", 7500),
    ]  # fmt: skip
    assert [(one["first_event"], one["last_event"]) for one in found["out_of_order"]] == [(13, 14)]


def second_disaster() -> Life:
    life = night()
    say(life, "05:00", "hold")
    say(life, "05:30", "resume")
    life.go_to("fail-back-workloads.steady-state-restored")
    say(life, "40:30", "primary_lost", done="40:00", by=DORA)
    say(life, "40:31", "hold")
    say(life, "40:41", "resume")
    say(life, "40:50", "abort", by=DORA)
    say(life, "40:55", "note")
    return life


def test_after_every_event_the_list_tells_what_the_journal_does(told: Told) -> None:
    life = second_disaster()
    identifier = told.tell(life, lines=slice(0, 0))
    chronicles, whole = Chronicles(told.definitions), dict[str, Any]()
    for number, line in enumerate(life.lines):
        if number:
            told.tell(life, lines=slice(number, number + 1), execution_id=identifier)
        now = (datetime.fromisoformat(line["recorded_at"]) + timedelta(minutes=37)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        row = told.row(identifier)
        with told.database.reading() as connection:
            whole = clocks_of(connection, chronicles, identifier, at=now)
        short = compact(row, now)
        names = ("at", "outage", "rto", "due_at", "overdue", "overdue_seconds")
        assert {name: short[name] for name in names} == {name: whole[name] for name in names}, number
        assert whole == {"execution_id": identifier, **said(chronicle(life.runbook, life.lines[: number + 1]), now=now)}
    assert whole["ended_at"] == time("40:50")
    assert whole["outage"]["seconds"] == 3000


def test_a_row_of_before_tells_what_it_can_until_its_next_event(told: Told) -> None:
    life = Life(targets=TARGETS)
    identifier = told.tell(life)
    old = replace(told.row(identifier), timers=None)
    found = compact(old, time("04:00"))
    assert (found["outage"]["seconds"], found["outage"]["running"]) == (3600, True)
    assert (found["overdue"], found["due_at"], found["overdue_seconds"]) == (None, None, 0)
    ended = replace(old, position="aborted", status="aborted", updated_at=moment("03:30"))
    found = compact(ended, time("04:00"))
    assert (found["outage"]["seconds"], found["outage"]["running"], found["overdue"]) == (1800, False, False)


def test_the_next_event_of_an_old_row_gives_it_its_timers(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    life = Life(targets=TARGETS)
    with monkeypatch.context() as patched:
        patched.setattr("app.services.list_clocks.kept", lambda _: None)
        identifier = told.tell(life)
        assert told.row(identifier).timers is None
    say(life, "03:20", "confirm")
    told.tell(life, execution_id=identifier)
    assert compact(told.row(identifier), time("03:36"))["overdue_seconds"] == 60


def test_lists_and_clocks_are_at_the_servers_now(told: Told) -> None:
    identifier = told.tell(Life(targets=TARGETS))
    with told.database.reading() as connection:
        (one,) = listing.listed(connection, told.definitions)
        whole = clocks_of(connection, Chronicles(told.definitions), identifier)
    assert one["clocks"]["at"] <= whole["at"]
    assert one["clocks"]["due_at"] == whole["due_at"] == time("03:35")


def test_chronicles_are_followed_on_and_few_are_kept(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clocks, "KEPT", 2)
    ids = [told.tell(Life()) for _ in range(3)]
    chronicles = Chronicles(told.definitions)
    with told.database.reading() as connection:
        found = [chronicles.current(connection, one) for one in ids]
        assert chronicles.current(connection, ids[2]) is found[2]
        assert chronicles.current(connection, ids[0]) is not found[0]
        monkeypatch.setattr(clocks, "LONG", 0)
        assert chronicles.current(connection, ids[1]) is not chronicles.current(connection, ids[1])
        with pytest.raises(NotFound):
            chronicles.current(connection, "018f0000-0000-7000-8000-000000000001")


def test_statistics_are_the_same_figures_on_both_databases_live_and_drill_apart(told: Told) -> None:
    slow = Life(targets=TARGETS)
    say(slow, "03:35", "confirm")
    drill = Life(mode="drill", targets={})
    say(drill, "03:06", "confirm")
    for life in (night(), slow, drill):
        told.tell(life)
    with told.database.reading() as connection:
        found = statistics(connection, told.definitions, since=moment("03:00"))
        assert [(one["mode"], one["executions"]) for one in found["items"]] == [("drill", 1), ("live", 2)]
        for mode, runbook, modes in (
            ("live", None, ["live"]),
            ("drill", None, ["drill"]),
            (None, "no", []),
        ):
            narrowed = statistics(connection, told.definitions, since=moment("03:00"), mode=mode, runbook=runbook)
            assert [one["mode"] for one in narrowed["items"]] == modes
        assert statistics(connection, told.definitions, since=moment("03:06"))["items"] == []
        short = statistics(connection, told.definitions, since=moment("03:00"), max_lines=4)
        assert (short["truncated"], [one["executions"] for one in short["items"]]) == (True, [1, 1])
        assert statistics(connection, told.definitions)["truncated"] is False
    rehearsed, live = found["items"]
    assert rehearsed["steps"][0]["actions"][0]["median_seconds"] == 60
    step = live["steps"][1]
    assert (step["id"], step["count"], step["median_seconds"], step["waivers"], step["rejections"]) == (
        "fail-over-workloads", 1, 3030, 1, 1,
    )  # fmt: skip
    assert step["failures"] == [{"symptom": "F03", "count": 1}]
    fence = live["steps"][0]["actions"][0]
    assert (fence["id"], fence["count"], fence["median_seconds"], fence["p90_seconds"]) == (
        "fence-primary", 2, 1125, 1800,
    )  # fmt: skip
    assert live["ended"] == {"completed": 0, "aborted": 0, "escalated": 0}
    assert live["steps"][6]["actions"][-1]["median_seconds"] is None


def test_statistics_show_what_older_definitions_had_behind_what_the_newest_has() -> None:
    course, tally = Life().runbook, Tally()
    for place in ("fail-over-vmm.once", "fail-over-vmm.sign-off", "gone", "gone.once", "gone.once"):
        tally.at(place).waivers += 1
    found = shown(("standalone-vmm", "live"), course, tally)["steps"]
    assert [one["id"] for one in found] == [*(step.id for step in course.steps), "gone"]
    actions = [one["id"] for one in found[0]["actions"]]
    assert actions == ["fence-primary", "fail-over-vmm-vm", "start-vmm-vm", "once", "sign-off"]
    assert [(one["id"], one["waivers"]) for one in found[-1]["actions"]] == [("once", 2), ("sign-off", 0)]

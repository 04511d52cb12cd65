"""A second disaster from every position of the way back: where it leads, what then runs where, what was kept.

Each table is written by hand from the pages on the procedures, a line a position. The columns: where a loss of the
primary lands; where VMM and the workloads run just before; where they run just after it; since when each is without
protection (the outage, the loss itself, or what WHEN names); whether the outcomes of the failover step are kept.
After a loss nothing replicates, whatever the position.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from app.domain.runbook import Runbook
from tests.life import ASR, HYPER_V, NAMES, START, Life, checklist, stamp

FAILOVER = "fail-over-workloads."
#: position (an asterisk: only with the vault) | lands on | VMM, workloads before | after | VMM since | workloads since
STANDALONE = """
reverse-vmm-replication
  primary-site-available                | access | S S | S S | outage  | outage  | kept
  old-workload-vms-off                  | access | S S | S S | outage  | outage  | kept
  old-vmm-vm-off                        | access | S S | S S | outage  | outage  | kept
  primary-accepts-replication           | access | S S | S S | outage  | outage  | kept
  mark-old-primary-as-replica           | access | S S | S S | outage  | outage  | kept
  reverse-vmm-replication               | access | S S | S S | outage  | outage  | kept
  vmm-initial-replication-complete      | access | S S | S S | outage  | outage  | kept
  sign-off                              | access | S S | S S | loss    | outage  | kept
fail-back-vmm
  no-vault-job-running*                 | access | S S | S S | loss    | outage  | kept
  prepare-planned-failover              | access | S S | S S | loss    | outage  | kept
  fail-over-vmm-vm-to-primary           | access | N S | N S | loss    | outage  | kept
  commit-vmm-failback                   | access | N S | N S | over    | outage  | kept
  reverse-vmm-replication-again         | access | N S | N S | over    | outage  | kept
  start-vmm-vm-at-primary               | start  | N S | N S | loss    | outage  | kept
  sign-off                              | start  | P S | N S | loss    | outage  | kept
reverse-workload-replication
  vmm-ready-at-primary                  | start  | P S | N S | loss    | outage  | kept
  reverse-workloads                     | start  | P S | N S | loss    | outage  | kept
  workload-initial-replication-complete | start  | P S | N S | loss    | outage  | kept
  sign-off                              | start  | P S | N S | loss    | loss    | kept
fail-back-workloads
  fail-back-workload-vms                | start  | P S | N S | loss    | loss    | kept
  check-workloads-at-primary            | start  | P P | N N | loss    | moved   | kept
  commit-workload-failback              | start  | P P | N N | loss    | moved   | kept
  reverse-workloads-again               | start  | P P | N N | loss    | moved   | kept
  steady-state-restored                 | start  | P P | N N | loss    | loss    | gone
  sign-off                              | start  | P P | N N | loss    | loss    | gone
"""
STRETCHED = """
return-cluster
  primary-site-available                | start  | S S | S S | outage  | outage  | kept
  old-workload-vms-off                  | start  | S S | S S | outage  | outage  | kept
  primary-nodes-back                    | start  | S S | S S | outage  | outage  | kept
  resume-database                       | start  | S S | S S | outage  | outage  | kept
  group-synchronised                    | start  | S S | S S | outage  | outage  | kept
  no-vault-job-running*                 | start  | S S | S S | loss    | outage  | kept
  move-role-back                        | start  | S S | S S | loss    | outage  | kept
  sign-off                              | start  | P S | N S | loss    | outage  | kept
reverse-workload-replication
  vmm-ready                             | start  | P S | N S | loss    | outage  | kept
  primary-accepts-replication!          | start  | P S | N S | loss    | outage  | kept
  reverse-workloads                     | start  | P S | N S | loss    | outage  | kept
  workload-initial-replication-complete | start  | P S | N S | loss    | outage  | kept
  sign-off                              | start  | P S | N S | loss    | loss    | kept
fail-back-workloads
  fail-back-workload-vms                | start  | P S | N S | loss    | loss    | kept
  check-workloads-at-primary            | start  | P P | N N | loss    | moved   | kept
  commit-workload-failback              | start  | P P | N N | loss    | moved   | kept
  reverse-workloads-again               | start  | P P | N N | loss    | moved   | kept
  steady-state-restored                 | start  | P P | N N | loss    | loss    | gone
  sign-off                              | start  | P P | N N | loss    | loss    | gone
"""
TABLES = {"standalone-vmm": STANDALONE, "stretched-vmm-cluster": STRETCHED}
LANDINGS = {
    "standalone-vmm": {"access": "confirm-access.vmm-at-secondary", "start": "fail-over-vmm.fence-primary"},
    "stretched-vmm-cluster": {"start": "confirm-cluster-failover.fence-primary"},
}
WHEN = {"over": "fail-back-vmm.fail-over-vmm-vm-to-primary", "moved": "fail-back-workloads.fail-back-workload-vms"}
SITES = {"P": "primary", "S": "secondary", "N": "none"}
HOME = ("primary", "primary_to_secondary")


@dataclass(frozen=True)
class Row:
    """One line of a table, for one command profile."""

    runbook: str
    profile: str
    position: str
    landing: str
    before: tuple[str, str]
    after: tuple[str, str]
    since: tuple[str, str]
    kept: bool

    def __str__(self) -> str:
        """Name the test."""
        return f"{self.runbook} {self.profile} {self.position}"

    @property
    def definition(self) -> Runbook:
        """The bundled definition."""
        return checklist(self.runbook)

    def life(self) -> tuple[Life, dict[str, str]]:
        """Give a life that stands at the position, and when each action on the way was confirmed."""
        life, confirmed = Life(runbook=self.definition, profile=self.profile), {"outage": stamp(START)}
        while life.position != self.position:
            place = life.position
            confirmed[place] = life.go_on()["recorded_at"]
        return life, confirmed


def rows() -> Iterator[Row]:
    for runbook, table in TABLES.items():
        step = ""
        for line in table.strip().splitlines():
            if not line.startswith(" "):
                step = line
                continue
            name, lands, before, after, *since, kept = (cell.strip() for cell in line.split("|"))
            profiles = {"*": (ASR,), "!": (HYPER_V,)}.get(name[-1], (HYPER_V, ASR))
            for profile in profiles:
                yield Row(
                    runbook=runbook,
                    profile=profile,
                    position=f"{step}.{name.rstrip('*!')}",
                    landing=LANDINGS[runbook][lands],
                    before=(SITES[before[0]], SITES[before[-1]]),
                    after=(SITES[after[0]], SITES[after[-1]]),
                    since=(WHEN.get(since[0], since[0]), WHEN.get(since[1], since[1])),
                    kept=kept == "kept",
                )


ROWS = list(rows())
EVERY = pytest.mark.parametrize("row", ROWS, ids=str)


def test_the_tables_have_every_position_of_the_way_back() -> None:
    for runbook, first in (("standalone-vmm", "reverse-vmm-replication"), ("stretched-vmm-cluster", "return-cluster")):
        for profile in (HYPER_V, ASR):
            course = checklist(runbook).for_mode("live")
            after = course.positions.index(f"{first}.primary-site-available")
            walked = [
                place
                for place in course.positions[after:]
                if place not in course.actions or course.actions[place].in_profile(profile)
            ]
            assert [row.position for row in ROWS if (row.runbook, row.profile) == (runbook, profile)] == walked


def comes_home(life: Life, *, fails_over_again: bool) -> None:
    """Walk on to the end; the workloads are failed over on the way or not, and everything is as before the disaster."""
    failed_over = False
    while not life.facts.terminal:
        failed_over |= life.position == "fail-over-workloads.fail-over-workload-vms"
        life.go_on()
    assert failed_over is fails_over_again
    assert life.position == "completed"
    assert life.picture() == dict.fromkeys(("vmm", *NAMES), HOME)
    assert [one.subject for one in life.facts.unprotected if one.until is None] == []
    assert life.problems() == []


@EVERY
def test_the_primary_is_lost_again_and_the_way_leads_home(row: Row) -> None:
    life, confirmed = row.life()
    picture = life.picture()
    assert (picture["vmm"][0], {picture[name][0] for name in NAMES}) == (row.before[0], {row.before[1]})
    outcomes = {name: set(life.done(name)) for name in NAMES}
    restored = life.facts.restored_at
    assert restored is not None
    line = life.post("primary_lost", comment="power again")
    confirmed["loss"] = line["recorded_at"]
    assert (life.position, line["position_after"], life.facts.status) == (row.landing, row.landing, "in_progress")
    assert life.picture() == {"vmm": (row.after[0], "none"), **dict.fromkeys(NAMES, (row.after[1], "none"))}
    still_open = {one.subject: one.since for one in life.facts.unprotected if one.until is None}
    assert still_open == {
        "vmm": confirmed[row.since[0]],
        **dict.fromkeys(NAMES, confirmed[row.since[1]]),
    }
    for name in NAMES:
        kept = {place for place in life.done(name) if place.startswith(FAILOVER)}
        before = {place for place in outcomes[name] if place.startswith(FAILOVER)}
        committed = {"fail-over-workloads.commit-workloads"}  # a fact, until the failover it made final is done anew
        assert kept == (before if row.kept else committed)
        assert before > committed
    assert life.facts.restored_at == (None if row.landing.endswith(".fence-primary") else restored)
    assert life.facts.failures == []
    comes_home(life, fails_over_again=not row.kept)


@EVERY
def test_the_secondary_is_lost(row: Row) -> None:
    life, _ = row.life()
    line = life.post("secondary_lost", comment="and now this")
    where = {"vmm": row.before[0], **dict.fromkeys(NAMES, row.before[1])}
    left = {name: "none" if site == "secondary" else site for name, site in where.items()}
    assert life.picture() == {name: (site, "none") for name, site in left.items()}
    assert (life.position, life.facts.status) == ("escalated", "escalated")
    for member, site in (("gone", "secondary"), ("nowhere", "none"), ("goes_on", "primary")):
        assert line["data"][member] == [name for name, there in where.items() if there == site]
    assert {one.subject for one in life.facts.unprotected if one.until is None} == {"vmm", *NAMES}
    assert life.problems() == []


#: where web01 alone was confirmed: web01 and the others run then; web01's window and the others' opened; what is kept
ONE_AHEAD = """
reverse-workload-replication.reverse-workloads                     | S S | outage | outage | kept kept
reverse-workload-replication.workload-initial-replication-complete | S S | loss   | outage | kept kept
fail-back-workloads.fail-back-workload-vms                         | N S | here   | loss   | kept kept
fail-back-workloads.check-workloads-at-primary                     | N N | before | before | kept kept
fail-back-workloads.commit-workload-failback                       | N N | before | before | kept kept
fail-back-workloads.reverse-workloads-again                        | N N | loss   | before | gone kept
"""


@pytest.mark.parametrize("profile", [HYPER_V, ASR])
@pytest.mark.parametrize("runbook", TABLES)
@pytest.mark.parametrize("line", ONE_AHEAD.strip().splitlines(), ids=lambda line: line.partition(" ")[0])
def test_each_workload_by_how_far_it_was(runbook: str, profile: str, line: str) -> None:
    place, sites, own, others, kept = (cell.strip() for cell in line.split("|"))
    life, confirmed = Life(runbook=checklist(runbook), profile=profile), {"outage": stamp(START)}
    while life.position != place:
        before = life.position
        confirmed[before] = life.go_on()["recorded_at"]
    if life.runbook.actions[place].irreversible:
        life.authorize()
    confirmed["here"] = life.confirm(workloads=["web01"])["recorded_at"]
    confirmed["before"] = confirmed.get("fail-back-workloads.fail-back-workload-vms", "")
    confirmed["loss"] = life.post("primary_lost", comment="power again")["recorded_at"]
    assert life.position == LANDINGS[runbook]["start"]
    assert life.picture() == {
        name: (SITES["N" if name == "vmm" else sites[0 if name == "web01" else -1]], "none") for name in ("vmm", *NAMES)
    }
    since = {one.subject: one.since for one in life.facts.unprotected if one.until is None}
    assert since == {
        "vmm": confirmed["loss"],
        **{name: confirmed[own if name == "web01" else others] for name in NAMES},
    }
    failed_over = [name for name in NAMES if "fail-over-workloads.fail-over-workload-vms" in life.done(name)]
    assert failed_over == [name for name in NAMES if name != "web01" or kept.startswith("kept")]
    assert life.go_to("completed").picture() == dict.fromkeys(("vmm", *NAMES), HOME)
    assert life.problems() == []

"""Every position of a drill, under both profiles, times every event type: as live, with the clean-up in its place.

What is expected was written by hand; see test_every_position_and_event.py for the signs and for what is live.
"""

from typing import Any

import pytest

from tests.life import ASR, HYPER_V, Life
from tests.unit.test_every_position_and_event import ROWS, TYPES, check, check_undoes, expectation, positions

#: before which live position (None: at the end of the step) | as there
CLEAN_UP = """
reverse-vmm-replication.primary-site-available reverse-vmm-replication.clean-up-workload-tests  + i n p 3 + h  xx>>>
reverse-vmm-replication.primary-site-available reverse-vmm-replication.clean-up-vmm-test        + i n p 3 + h  xx>>>
fail-back-workloads.sign-off                   fail-back-workloads.no-test-left                 + i n + 1 + h  xxxxx
"""
ADDED = [words.split() for words in CLEAN_UP.strip().splitlines()]
DRILL = {
    place: row
    for live, signs in ROWS.items()
    for place, row in [*((own, rest) for before, own, *rest in ADDED if before == live), (live, signs)]
}
LAST = "fail-back-workloads.sign-off"
EVERYWHERE = [
    pytest.param(profile, place, id=f"{profile}-{place}")
    for profile in (HYPER_V, ASR)
    for place in positions(profile, DRILL)
]


def test_table_names_every_position_of_a_drill() -> None:
    assert tuple(DRILL) == Life(mode="drill").runbook.positions
    assert set(DRILL) - set(ROWS) == {own for _, own, *_ in ADDED}


@pytest.mark.parametrize(("profile", "position"), EVERYWHERE)
def test_every_event_type_is_accepted_or_refused_for_the_right_reason(profile: str, position: str) -> None:
    life = Life(profile=profile, mode="drill").go_to(position)
    for kind in TYPES:
        if kind != "undo":
            ends: dict[str, Any] = {"drill_outcome": "failed"} if (kind, position) == ("sign_off", LAST) else {}
            check(life, kind, expectation(profile, position, kind, DRILL), **ends)
    check_undoes(life, DRILL[position][-1])

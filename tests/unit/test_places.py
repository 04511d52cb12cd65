"""Places for streams: everybody while there is room, a fair share when there is none."""

from contextlib import ExitStack
from functools import partial

import pytest

from app.domain.errors import Unavailable
from app.services.places import PLACES, SURE, Place, Places


def nothing() -> None:
    """Wake nobody."""


def test_one_may_hold_every_place_and_then_no_more() -> None:
    places = Places()
    with ExitStack() as stack:
        for _ in range(PLACES):
            stack.enter_context(places.hold("dashboards", nothing))
        with pytest.raises(Unavailable) as refused:
            places.check("dashboards")
        assert refused.value.members == {"retry_after": 10}
        with pytest.raises(Unavailable), places.hold("dashboards", nothing):
            pass
        assert places.taken == PLACES
    assert places.taken == 0


def test_who_has_less_than_is_sure_gets_the_place_taken_last_of_who_has_most() -> None:
    places = Places(8, 2)
    woken: list[str] = []
    with ExitStack() as stack:
        held: dict[str, list[Place]] = {"many": [], "some": []}
        for name in ("many", "some", "many", "some", "many", "some", "many", "many"):
            wake = partial(woken.append, f"{name} {len(held[name])}")
            held[name].append(stack.enter_context(places.hold(name, wake)))
        places.check("ann")
        assert not woken  # to look takes nothing away
        for _ in range(2):
            stack.enter_context(places.hold("ann", nothing))
        assert woken == ["many 4", "many 3"]
        assert [one.lost for one in held["many"]] == [False, False, False, True, True]
        assert places.taken == 8
        with pytest.raises(Unavailable):  # her share is used up
            places.check("ann")
    assert places.taken == 0


def test_a_share_that_is_sure_is_taken_from_nobody() -> None:
    places = Places(2 * SURE)
    with ExitStack() as stack:
        for name in ("ann", "ben"):
            for _ in range(SURE):
                stack.enter_context(places.hold(name, nothing))
        with pytest.raises(Unavailable):
            places.check("cora")

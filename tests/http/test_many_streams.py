"""Many open streams on real processes: who posts is answered soon, the last reader told soon, and all ends in order."""

import asyncio
import os
import statistics
import time
import urllib.request
from collections.abc import Callable, Sequence
from typing import Any

import psutil  # type: ignore[import-untyped] # ships no types
import pytest

from tests.audience import Seat, last_heard, seated
from tests.lives import DECLARATION, first_step
from tests.processes import Served, people, served
from tests.wire import Line, Person, Request, ask, new_key

PROVE = bool(os.environ.get("FAILBACK_PROVE"))
STREAMS = 500
ROUNDS = 6 if PROVE else 2
TOLD = 1.0  # seconds until the last reader has an event
ENDED = 5.0  # seconds from SIGTERM to the end of the process
#: MB that a process may have more than before its first stream: with all open, and after they are gone. What it took
#: once it uses again rather than giving it back, so each further round may only add a little.
WITH_STREAMS, AFTERWARDS, A_ROUND = 60, 40, 4


def judged(times: Sequence[float]) -> float:
    """Give the worst of some times, or on a machine that other tests share the median."""
    return max(times) if PROVE else statistics.median(times)


def memory(service: Served) -> float:
    """Give the resident memory of the service's processes in MB."""
    processes = [psutil.Process(service.process.pid), *service.workers()]
    return float(sum(one.memory_info().rss for one in processes)) / 1e6


def declared(service: Served, who: Person) -> Any:
    """Declare an execution in which one person may do all."""
    body = {**DECLARATION, "policy": {"four_eyes": "none"}}
    return ask(Request(port=service.port, who=who, path="/executions", body=body)).json


async def post(service: Served, who: Person, execution: Any, **members: Any) -> tuple[int, float, float]:
    """Post an event where the execution stands; give its number, when it was sent, and how long its answer took."""
    path = f"/executions/{execution['id']}"

    def posted() -> tuple[int, float, float]:
        line = Line(service.port)
        shown = line.ask(Request(port=service.port, who=who, path=path)).json
        tied = {} if members["type"] == "note" else {"at": shown["position"], "attempt": shown["attempt"]}
        request = Request(port=service.port, who=who, path=f"{path}/events", body={**tied, **members}, key=new_key())
        begun = time.monotonic()
        answer = line.ask(request)
        took = time.monotonic() - begun
        line.close()
        assert answer.status == 201, answer.body
        return int(answer.json["event"]["number"]), begun, took

    return await asyncio.to_thread(posted)


async def gone(service: Served, seats: Sequence[Seat]) -> None:
    """Hang everybody up, and wait until the service has noticed."""
    await asyncio.gather(*(one.leave() for one in seats))
    deadline = time.monotonic() + ENDED
    while b"failback_streams 0.0" not in await asyncio.to_thread(metrics, service):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


def metrics(service: Served) -> bytes:
    """Give the figures of a process."""
    with urllib.request.urlopen(f"http://127.0.0.1:{service.port}/metrics") as answer:
        return bytes(answer.read())


def test_five_hundred_streams(make_database: Callable[..., str]) -> None:
    """Issue 4, proof; T46."""
    url = make_database("sqlite")
    crew = people(url, ["ann", "ben", "the dashboards"])

    async def life(service: Served) -> None:
        execution = await asyncio.to_thread(declared, service, crew[0])
        number, _, quiet = await post(service, crew[0], execution, type="note", comment="Nobody follows yet.")
        before = memory(service)
        after: list[float] = []
        seats: list[Seat] = []
        for turn in range(ROUNDS):
            seats = await seated(service.port, crew[2:], execution["id"], count=STREAMS, after=number)
            assert {one.status for one in seats} == {200}
            told: list[float] = []
            answered: list[float] = []
            events = [members for _, members in first_step()] if turn == 0 else [{"type": "note", "comment": "On."}] * 3
            for members in events:
                number, begun, took = await post(service, crew[0], execution, **members)
                answered.append(took)
                told.append(await last_heard(seats, number) - begun)
            print(
                f"{STREAMS} streams: the last told after {max(told) * 1000:.0f} ms, sign-off answered after "
                f"{answered[-1] * 1000:.0f} ms (without streams a note {quiet * 1000:.0f} ms), "
                f"{memory(service) - before:+.0f} MB"
            )
            assert judged(told) < TOLD
            assert judged(answered) < TOLD
            assert not [one for one in seats if one.gap]
            assert memory(service) < before + WITH_STREAMS
            if turn < ROUNDS - 1:
                await gone(service, seats)
                after.append(memory(service))
                print(f"afterwards {after[-1] - before:+.0f} MB")
        assert max(after) < before + AFTERWARDS
        assert after[-1] - after[0] < A_ROUND * len(after)
        begun = time.monotonic()
        service.process.terminate()
        await asyncio.gather(*(one.over() for one in seats))
        assert await asyncio.to_thread(service.ended, ENDED) == 0
        took = time.monotonic() - begun
        print(f"ended {took:.2f} s after SIGTERM")
        assert took < ENDED
        assert all(one.ended for one in seats)  # not broken off: each reader knows that it was the end

    with served(url) as (service,):
        asyncio.run(life(service))
        assert not service.troubles()


def test_a_full_process_refuses_and_still_has_a_place_for_others(make_database: Callable[..., str]) -> None:
    """T46: 600 ask; who posts does not notice, and who had none gets one."""
    url = make_database("sqlite")
    ann, crowd = people(url, ["ann", "crowd"])

    async def life(service: Served) -> None:
        execution = await asyncio.to_thread(declared, service, ann)
        seats = await seated(service.port, [crowd], execution["id"], count=600, after=1)
        refused = [one for one in seats if one.status != 200]
        assert {one.status for one in refused} == {503}
        assert len(refused) == 600 - 512
        assert all("retry-after: 10" in one.head.lower() for one in refused)
        (own,) = await seated(service.port, [ann], execution["id"], count=1, after=1)
        assert own.status == 200
        number, begun, took = await post(service, ann, execution, type="confirm", comment="No power.")
        assert took < TOLD
        assert await own.heard(number) - begun < TOLD
        await gone(service, [*seats, own])

    with served(url) as (service,):
        asyncio.run(life(service))
        assert not service.troubles()


@pytest.mark.parametrize("count", [STREAMS if PROVE else 60])
def test_an_event_at_one_worker_reaches_the_streams_of_the_other(make_database: Callable[..., str], count: int) -> None:
    url = make_database("postgresql")
    crew = people(url, ["ann", "ben"])

    async def life(service: Served) -> None:
        execution = await asyncio.to_thread(declared, service, crew[0])
        seats = await seated(service.port, crew, execution["id"], count=count, after=1)
        for _ in range(6):  # each on a connection of its own: both workers take some
            number, begun, _ = await post(service, crew[0], execution, type="note", comment="Told to all.")
            assert await last_heard(seats, number) - begun < TOLD
        assert not [one for one in seats if one.gap]
        begun = time.monotonic()
        service.process.terminate()
        await asyncio.gather(*(one.over() for one in seats))
        assert await asyncio.to_thread(service.ended, ENDED) == 0
        assert time.monotonic() - begun < ENDED

    with served(url, workers=2) as (service,):
        asyncio.run(life(service))
        assert not service.troubles()

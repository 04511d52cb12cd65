"""An audience: many who follow an execution's stream over real sockets, in one event loop of the test's own."""

import asyncio
import time
from contextlib import suppress
from typing import Self

from tests.wire import BASE, PATIENCE, Person


class Seat:
    """One who follows, from the line after a number on."""

    def __init__(self, port: int, who: Person, execution_id: str, *, after: int) -> None:
        """Take the port, whose stream it is, which execution, and the last line that is known already."""
        self.status = 0
        self.head = ""
        self.number = after  # the last line that came
        self.gap = False  # whether a line was missed, or came twice
        self.ended = False
        self._at: dict[int, float] = {}
        self._came = asyncio.Event()
        self._port = port
        self._request = (
            f"GET {BASE}/executions/{execution_id}/stream?after={after} HTTP/1.1\r\n"
            f"Host: audience\r\nAuthorization: Bearer {who.token}\r\n\r\n"
        )

    async def sit_down(self) -> Self:
        """Open the stream; come back when it has begun, or was refused (`status`)."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._writer.write(self._request.encode())
        self.head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        self.status = int(self.head[9:12])
        if self.status == 200:
            await self._reader.readuntil(b"retry: ")
            self._listening = asyncio.create_task(self._listen())
        return self

    async def _listen(self) -> None:
        with suppress(OSError):
            while line := await self._reader.readline():
                if line.startswith(b"id: "):
                    number = int(line[4:])
                    self.gap |= number != self.number + 1
                    self.number = number
                    self._at[number] = time.monotonic()
                    self._came.set()
                self.ended |= line == b"0\r\n"  # the end of a chunked answer, in order
        self._came.set()

    async def heard(self, number: int) -> float:
        """Wait for a line; give when it came, as time.monotonic does."""
        while number not in self._at:
            self._came.clear()
            await asyncio.wait_for(self._came.wait(), PATIENCE)
        return self._at[number]

    async def leave(self) -> None:
        """Hang up, if the service has not."""
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()
        if self.status == 200:
            await self._listening

    async def over(self) -> None:
        """Wait until the service has ended the stream."""
        await asyncio.wait_for(self._listening, PATIENCE)
        await self.leave()


async def seated(port: int, crew: list[Person], execution_id: str, *, count: int, after: int) -> list[Seat]:
    """Open so many streams, shared out among people, some at a time; give them in that order."""
    seats: list[Seat] = []
    for begin in range(0, count, 50):
        some = (
            Seat(port, crew[n % len(crew)], execution_id, after=after) for n in range(begin, min(begin + 50, count))
        )
        seats += await asyncio.gather(*(one.sit_down() for one in some))
    return seats


async def last_heard(seats: list[Seat], number: int) -> float:
    """Wait until everybody has a line; give when the last one got it."""
    return max(await asyncio.gather(*(one.heard(number) for one in seats)))

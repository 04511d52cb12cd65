"""The load of the benchmark: raw HTTP/1.1 over kept connections, so that the client costs little beside the server."""

import asyncio
import json
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, Self


class Http:
    """One keep-alive connection that writes raw HTTP/1.1, so that the client costs little beside the server."""

    def __init__(self, port: int) -> None:
        """Take the port on this machine."""
        self.port = port
        self.reader: asyncio.StreamReader
        self.writer: asyncio.StreamWriter

    async def open(self) -> Self:
        """Connect."""
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        return self

    async def send(self, request: bytes) -> tuple[int, bytes]:
        """Send one request; give the status and the body."""
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        status = int(head[9:12])
        length = 0
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                length = int(line[15:])
        return status, await self.reader.readexactly(length) if length else b""

    def close(self) -> None:
        """Hang up."""
        self.writer.close()


def get(path: str, token: str, extra: str = "") -> bytes:
    """Give a GET request."""
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n{extra}\r\n".encode()


def post(path: str, token: str, body: dict[str, Any]) -> bytes:
    """Give a POST request with an idempotency key of its own, as a careful client sends it."""
    content = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        f"Idempotency-Key: {uuid.uuid4()}\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


async def spin(clients: list[Http], seconds: float, work: Callable[[Http, int], Awaitable[None]]) -> float:
    """Let every client work for so many seconds; give the works a second of them all together."""
    done = 0
    end = time.perf_counter() + seconds

    async def one(client: Http, number: int) -> None:
        nonlocal done
        while time.perf_counter() < end:
            await work(client, number)
            done += 1

    begun = time.perf_counter()
    await asyncio.gather(*(one(client, number) for number, client in enumerate(clients)))
    return done / (time.perf_counter() - begun)

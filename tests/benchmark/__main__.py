"""The benchmark: what the service costs, as ratios to a bare server and to the raw database, all in one run.

`python -m tests.benchmark [--quick]`. Rounds are interleaved and medians are printed, so that a noisy neighbour slows
every side alike; a figure without the ratio beside it means nothing.
"""

import argparse
import asyncio
import contextlib
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.domain.events import Role
from app.services import identity
from app.storage.database import Database
from app.storage.upkeep import upgrade
from tests.benchmark.load import Http, get, post, spin
from tests.benchmark.raw import Raw, grow, raw_postgresql, raw_sqlite
from tests.own_postgresql import own_postgresql

CLIENTS = (1, 8, 32)
GROWTH = (1_000, 100_000, 1_000_000)

BARE = """
async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200,
                    "headers": [(b"content-length", b"%d"), (b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": b"x" * %d})
"""


def free_port() -> int:
    """Give a port that was free a moment ago."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextlib.contextmanager
def started(arguments: list[str], port: int, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Start a server and wait until it listens."""
    process = subprocess.Popen(
        [sys.executable, *arguments],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(600):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.1):
                break
            time.sleep(0.02)
        yield process
    finally:
        process.terminate()
        process.wait(20)


@dataclass
class Bench:
    """One database's bench: the service on it, tokens, and how long a round takes."""

    url: str
    port: int
    bare_port: int
    ann: str
    seconds: float
    rounds: int

    async def declare(self, client: Http) -> str:
        """Declare an execution; give its id."""
        body = {
            "runbook": "standalone-vmm",
            "mode": "live",
            "title": "Bench",
            "parameters": {"vmm_vm": "vmm01", "primary_host": "pri-hv01", "secondary_host": "sec-hv01"},
            "workloads": [{"name": name} for name in ("sql01", "web01", "file01")],
        }
        status, answer = await client.send(post("/api/v1/executions", self.ann, body))
        assert status == 201, answer
        return str(json.loads(answer)["id"])

    async def reading(self) -> None:
        """Print GET of an execution, 200 and 304, against a bare answer of the same size on the same server."""
        client = await Http(self.port).open()
        execution = await self.declare(client)
        path = f"/api/v1/executions/{execution}"
        _, document = await client.send(get(path, self.ann))
        bare = await Http(self.bare_port).open()
        full, fresh = get(path, self.ann), get(path, self.ann, 'If-None-Match: "1-en"\r\n')

        async def expect(one: Http, request: bytes, status: int) -> None:
            found, _ = await one.send(request)
            assert found == status, found

        rates: dict[str, list[float]] = {"bare": [], "200": [], "304": []}
        for _ in range(self.rounds):
            clients = [await Http(self.bare_port).open() for _ in range(8)]
            rates["bare"].append(await spin(clients, self.seconds, lambda one, _: expect(one, full, 200)))
            clients += (others := [await Http(self.port).open() for _ in range(8)])
            rates["200"].append(await spin(others, self.seconds, lambda one, _: expect(one, full, 200)))
            rates["304"].append(await spin(others, self.seconds, lambda one, _: expect(one, fresh, 304)))
            for one in clients:
                one.close()
        base = statistics.median(rates["bare"])
        print(f"  bare ASGI answer {base:8.0f}/s  (document of {len(document)} bytes)")
        for name in ("200", "304"):
            rate = statistics.median(rates[name])
            print(f"  GET → {name}        {rate:8.0f}/s  ratio {rate / base:.2f}")
        bare.close()
        client.close()

    async def writing(self, raw: Raw, counts: tuple[int, ...]) -> None:
        """Print accepted events over HTTP against the same rows written durably by the raw driver."""
        for count in counts:
            for shared in (False, True) if count > 1 else (False,):
                clients = [await Http(self.port).open() for _ in range(count)]
                ids = [await self.declare(clients[0]) for _ in range(1 if shared else count)]

                async def note(one: Http, number: int, ids: list[str] = ids) -> None:
                    path = f"/api/v1/executions/{ids[number % len(ids)]}/events"
                    status, answer = await one.send(post(path, self.ann, {"type": "note", "comment": "Going on."}))
                    assert status == 201, answer

                rates, raws = [], []
                for _ in range(self.rounds):
                    raws.append(await asyncio.to_thread(raw, count, self.seconds))
                    rates.append(await spin(clients, self.seconds, note))
                rate, base = statistics.median(rates), statistics.median(raws)
                kind = "one shared execution" if shared else "distinct executions"
                print(f"  {count:2} clients, {kind:20} {rate:7.0f}/s  raw {base:7.0f}/s  ratio {rate / base:.2f}")
                for one in clients:
                    one.close()


def memory_of(process: subprocess.Popen[bytes]) -> float:
    """Give a process's resident memory in MB; nan where the system does not say."""
    with contextlib.suppress(OSError):
        for text in Path(f"/proc/{process.pid}/status").read_text().splitlines():
            if text.startswith("VmRSS"):
                return int(text.split()[1]) / 1024
    return float("nan")


def bench(name: str, url: str, folder: Path, *, seconds: float, rounds: int, growth: tuple[int, ...]) -> None:
    """Run everything on one database and print it."""
    print(f"\n{name}")
    upgrade(url)
    database = Database(url)
    ann = identity.create_token(database, name="ann", roles=[Role.COORDINATOR, Role.OPERATOR]).text
    bare_port, port = free_port(), free_port()
    bare = folder / "bare_app.py"
    bare.write_text(BARE % (8_000, 8_000))
    bare_arguments = ["-m", "uvicorn", "bare_app:app", "--app-dir", str(folder), "--port", str(bare_port)]
    options = ["--http", "h11", "--no-access-log", "--log-level", "error"]
    begun = time.perf_counter()
    with started(["-m", "app", "serve", "--port", str(port)], port, {"FAILBACK_DATABASE_URL": url}) as server:
        print(f"  start until it listens {time.perf_counter() - begun:.2f} s, {memory_of(server):.0f} MB")
        with started([*bare_arguments, *options], bare_port, {}):
            one = Bench(url, port, bare_port, ann, seconds, rounds)
            raw = raw_sqlite(url) if database.is_sqlite else raw_postgresql(url, folder)
            asyncio.run(one.reading())
            asyncio.run(one.writing(raw, CLIENTS))
            for lines in growth:
                grow(database, lines)
                print(f"  with {lines:,} journal lines:")
                asyncio.run(one.reading())
                asyncio.run(one.writing(raw, (8,)))
            print(f"  memory at the end {memory_of(server):.0f} MB")
    database.dispose()


def main() -> None:
    """Run the bench on both databases."""
    parser = argparse.ArgumentParser(description="Ratios of the service to a bare server and the raw database.")
    parser.add_argument("--quick", action="store_true", help="short rounds, no growth: whether it runs at all")
    chosen = parser.parse_args()
    seconds, rounds = (0.3, 1) if chosen.quick else (1.0, 5)
    growth: tuple[int, ...] = () if chosen.quick else GROWTH
    folder = Path(tempfile.mkdtemp(prefix="failback-bench-"))
    try:
        bench("SQLite", f"sqlite:///{folder / 'bench.db'}", folder, seconds=seconds, rounds=rounds, growth=growth)
        with own_postgresql() as server:
            bench("PostgreSQL", server.url, folder, seconds=seconds, rounds=rounds, growth=growth)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()

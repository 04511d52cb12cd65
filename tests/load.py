"""Operators at work: each walks executions, keeps what was acknowledged, and asks again whatever stayed unanswered."""

import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any, Self

from tests.history import History, parsed
from tests.lives import DECLARATION
from tests.wire import Answer, Line, Lost, Person, Request, ask, new_key

UNKNOWN = frozenset({500, 502, 503, 504})  # after these a request is repeated with the same key


class Load:
    """So many operators who work at the same time, half of them on executions they share."""

    def __init__(self, ports: Sequence[int], people: Sequence[Person], *, seed: int = 0) -> None:
        """Take the processes to speak to, in turn, and who works."""
        self.history = History()
        self.answers: dict[str, tuple[Request, Answer]] = {}  # the last accepted ones, by key
        self.executions: set[str] = set()
        self.statuses: dict[int, int] = {}
        self.slowest = 0.0  # seconds to any answer
        self._ports = ports
        self._people = people
        self._shared: list[str] = []
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self.faults: list[BaseException] = []
        self._threads = [
            threading.Thread(target=self._work, args=(number, Random(seed * 1_000 + number)), daemon=True)
            for number in range(len(people))
        ]

    def __enter__(self) -> Self:
        """Begin."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, failed: object, *_: object) -> None:
        """Let everybody finish, unless the test has failed: the services have to run by now."""
        self._ending.set()
        for thread in self._threads if failed is None else ():
            thread.join(30)
            assert not thread.is_alive(), "somebody never got an answer"

    @property
    def accepted(self) -> int:
        """How many requests were accepted so far."""
        return len(self.history.accepted)

    def judge(self, port: int, reader: Person) -> None:
        """Compare what was acknowledged with what was kept, and ask again for some of what was answered."""
        assert not self.faults, self.faults
        journals = {}
        for one in self.executions:
            export = Request(
                port=port, who=reader, path=f"/executions/{one}/events", headers={"Accept": "application/x-ndjson"}
            )
            journals[one] = parsed(ask(export).body)
            proof = ask(Request(port=port, who=reader, path=f"/executions/{one}/verification")).json
            assert proof["ok"], proof
        assert self.history.faults(journals) == []
        answered = list(self.answers.values())
        for request, answer in Random(0).sample(answered, min(40, len(answered))):
            again = ask(replace(request, port=port))
            assert again.replayed
            assert (again.status, again.body) == (answer.status, answer.body)
        assert 500 not in self.statuses, self.statuses

    def _work(self, number: int, chance: Random) -> None:
        lines = {port: Line(port) for port in self._ports}
        try:
            while not self._ending.is_set():
                self._walk(number, chance, lines)
        except BaseException as error:  # noqa: BLE001 - told by the test, in its own thread
            self.faults.append(error)
        finally:
            for line in lines.values():
                line.close()

    def _walk(self, number: int, chance: Random, lines: dict[int, Line]) -> None:
        """Take an execution, new or shared, and post to it until it has ended or the work has."""
        me = self._people[number]
        partner = self._people[(number + 1) % len(self._people)]
        shared = self._shared[-1] if number % 2 and self._shared else None
        if shared is None:
            answer = self._settle(chance, lines, me, "/executions", DECLARATION)
            execution: dict[str, Any] = answer.json
            with self._lock:
                self.executions.add(execution["id"])
                self._shared.append(execution["id"])
        else:
            execution = self._read(chance, lines, me, shared)
        for _ in range(30):
            if self._ending.is_set() or execution["status"] not in {"in_progress", "on_hold"}:
                return
            who, body = _next(execution, chance, me, partner)
            answer = self._settle(chance, lines, who, f"/executions/{execution['id']}/events", body)
            if answer.status == 201:
                execution = answer.json["execution"]
            else:
                execution = self._read(chance, lines, me, execution["id"])

    def _read(self, chance: Random, lines: dict[int, Line], me: Person, execution_id: str) -> Any:
        return self._ask(chance, lines, Request(port=0, who=me, path=f"/executions/{execution_id}")).json

    def _settle(self, chance: Random, lines: dict[int, Line], who: Person, path: str, body: Any) -> Answer:
        """Post until the outcome is known; keep it."""
        request = Request(port=0, who=who, path=path, body=body, key=new_key())
        answer = self._ask(chance, lines, request)
        assert request.key is not None
        with self._lock:
            self.history.note(request.key, answer)
            if answer.status == 201:
                self.answers[request.key] = (request, answer)
        return answer

    def _ask(self, chance: Random, lines: dict[int, Line], request: Request) -> Answer:
        """Ask any of the processes until an answer is definite."""
        while True:
            began = time.monotonic()
            try:
                answer = lines[chance.choice(self._ports)].ask(request)
            except Lost:
                answer = None
            with self._lock:
                self.slowest = max(self.slowest, time.monotonic() - began)
                status = 0 if answer is None else answer.status
                self.statuses[status] = self.statuses.get(status, 0) + 1
            if answer is not None and answer.status not in UNKNOWN:
                return answer
            time.sleep(0.05)


def _next(execution: dict[str, Any], chance: Random, me: Person, partner: Person) -> tuple[Person, dict[str, Any]]:
    """Give who posts what next: mostly what leads on, at times a remark or a hold."""
    allowed = {one["type"] for one in execution["allowed"]}
    at = {"at": execution["position"]}
    if "resume" in allowed:
        return me, {"type": "resume", **at}
    if chance.random() < 0.2:
        return me, {"type": "note", "comment": "Still here."}
    if chance.random() < 0.05:
        return me, {"type": "hold", "comment": "A moment.", **at}
    if "sign_off" in allowed:
        return partner, {"type": "sign_off", "decision": "approve", **at}
    if "confirm" in allowed:
        return me, {"type": "confirm", "comment": "Done.", **at}
    return partner, {"type": "authorize", **at}

"""Talking to a service over real sockets: one request, or many that arrive at the same instant."""

import contextlib
import http.client
import json
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

BASE = "/api/v1"
PATIENCE = 20.0  # seconds until a test gives an answer up; the service promises far less


class Lost(Exception):  # noqa: N818 - a state of knowledge
    """No whole answer came: whether the request took effect is not known."""


@dataclass(frozen=True, slots=True)
class Person:
    """An operator and the token that speaks for them."""

    id: str
    name: str
    token: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def replayed(self) -> bool:
        """Whether it is the stored answer of an earlier request."""
        return self.headers.get("idempotency-replayed") == "true"

    @property
    def slug(self) -> str:
        """The kind of problem it is, empty where it is none."""
        return str(self.json["type"]).removeprefix("/problems/") if self.status >= 400 else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request of one person to one process (its port)."""

    port: int
    who: Person
    path: str
    body: Any = None
    key: str | None = None
    method: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def sent_by(self, connection: http.client.HTTPConnection, *, hold_back: int = 0) -> bytes:
        """Send it but for so many bytes of its end; give those."""
        payload = b"" if self.body is None else json.dumps(self.body).encode()
        connection.putrequest(self.method or ("GET" if self.body is None else "POST"), BASE + self.path)
        fields = {"Authorization": f"Bearer {self.who.token}", **self.headers}
        if self.body is not None:
            fields |= {"Content-Type": "application/json", "Content-Length": str(len(payload))}
        if self.key is not None:
            fields["Idempotency-Key"] = self.key
        for name, value in fields.items():
            connection.putheader(name, value)
        connection.endheaders(payload[: len(payload) - hold_back] or None)
        return payload[len(payload) - hold_back :]


def _answer(connection: http.client.HTTPConnection) -> Answer:
    response = connection.getresponse()
    body = response.read()
    return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, body)


class Line:
    """A connection kept open between requests, made anew when it is broken."""

    def __init__(self, port: int, *, patience: float = PATIENCE) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=patience)

    def ask(self, request: Request) -> Answer:
        """Send a request and give its answer; raises Lost where none came."""
        try:
            request.sent_by(self._connection)
            return _answer(self._connection)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Lost(repr(error)) from error

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def ask(request: Request, *, patience: float = PATIENCE) -> Answer:
    """Send one request on a connection of its own; raises Lost where no answer came."""
    with contextlib.closing(Line(request.port, patience=patience)) as line:
        return line.ask(request)


def volley(requests: Sequence[Request], *, between: Callable[[], None] = lambda: None) -> list[Answer | Lost]:
    """Send requests that arrive together: all but the last byte of each, `between`, then all the last bytes at once."""
    with held(requests) as (release, connections):
        between()
        release()
        return [received(connection) for connection in connections]


def received(connection: http.client.HTTPConnection) -> Answer | Lost:
    """Give the answer to what was sent on a connection."""
    try:
        return _answer(connection)
    except (OSError, http.client.HTTPException) as error:
        return Lost(repr(error))


@contextlib.contextmanager
def held(
    requests: Sequence[Request],
) -> Iterator[tuple[Callable[[], None], list[http.client.HTTPConnection]]]:
    """Give a barrier: connections on which only the last byte is missing, and the function that sends those."""
    connections = [http.client.HTTPConnection("127.0.0.1", one.port, timeout=PATIENCE) for one in requests]
    try:
        for connection in connections:
            connection.connect()
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        rest = [one.sent_by(line, hold_back=1) for one, line in zip(requests, connections, strict=True)]

        def release() -> None:
            for connection, last in zip(connections, rest, strict=True):
                connection.sock.sendall(last)

        yield release, connections
    finally:
        for connection in connections:
            connection.close()


def answered(answers: Sequence[Answer | Lost]) -> list[Answer]:
    """Give the answers, all of which must have come."""
    lost = [one for one in answers if isinstance(one, Lost)]
    assert not lost, lost
    return [one for one in answers if isinstance(one, Answer)]


def new_key() -> str:
    """Give an idempotency key that nobody used."""
    return str(uuid4())

"""Running services on one database, and people known to them: the ground on which tests let people meet."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.domain.events import Role
from tests.databases import drop_postgresql, make_postgresql
from tests.history import parsed
from tests.lives import DECLARATION
from tests.processes import Served, people, served
from tests.wire import Answer, Person, Request, ask, new_key

CROWD = 16  # operators, and as many approvers
#: On which database, and how many processes serve it.
SETTINGS = {"sqlite-1": ("sqlite", 1), "sqlite-2": ("sqlite", 2), "postgresql-2": ("postgresql", 2)}


@dataclass(frozen=True)
class Ground:
    """Running processes on one database, and people known to it."""

    processes: list[Served]
    operators: list[Person]
    approvers: list[Person]
    both: Person  # operator and approver

    @property
    def crowd(self) -> list[Person]:
        """Everybody."""
        return [*self.operators, *self.approvers]

    def port(self, number: int) -> int:
        """Give the port of a process, in turn."""
        return self.processes[number % len(self.processes)].port

    def declared(self) -> dict[str, Any]:
        """Declare a disaster; give the execution."""
        answer = ask(Request(port=self.port(0), who=self.operators[0], path="/executions", body=DECLARATION))
        assert answer.status == 201, answer.body
        execution: dict[str, Any] = answer.json
        return execution

    def read(self, path: str, *, accept: str = "application/json") -> Answer:
        """Read something from the process that did not declare."""
        request = Request(port=self.port(1), who=self.approvers[0], path=path, headers={"Accept": accept})
        answer = ask(request)
        assert answer.status == 200, answer.body
        return answer

    def event(self, execution: dict[str, Any], body: dict[str, Any], **more: Any) -> Request:
        """Give the request that posts an event, unless told otherwise of the first operator to the first process."""
        asked = {"port": self.port(0), "who": self.operators[0], "key": new_key(), **more}
        return Request(path=f"/executions/{execution['id']}/events", body=body, **asked)

    def lines(self, execution: dict[str, Any]) -> list[dict[str, Any]]:
        """Give the journal, from the exported file."""
        return parsed(self.read(f"/executions/{execution['id']}/events", accept="application/x-ndjson").body)


@pytest.fixture(scope="module", params=SETTINGS)
def ground(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """Give running processes; all tests of this module share them, each with executions of its own."""
    kind, processes = SETTINGS[request.param]
    server = ""
    if kind == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        file = tmp_path_factory.mktemp("races") / "failback.db"
        file.write_bytes(template.read_bytes())
        url = f"sqlite:///{file}"
    else:
        server = request.getfixturevalue("postgresql_server")
        url = make_postgresql(server, "races", template=request.getfixturevalue("postgresql_template"))
    operators = people(url, [f"op{one}" for one in range(CROWD)], roles=(Role.OPERATOR, Role.COORDINATOR))
    approvers = people(url, [f"ap{one}" for one in range(CROWD)], roles=(Role.APPROVER,))
    (both,) = people(url, ["both"])
    with served(url, processes=processes) as running:
        yield Ground(running, operators, approvers, both)
        assert not [line for one in running for line in one.troubles()]
    if server:
        drop_postgresql(server, url)

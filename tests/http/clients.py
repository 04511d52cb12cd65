"""A whole service in the test's own process, people with tokens, and what they say to it over HTTP."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI
from httpx2 import Response
from starlette.testclient import TestClient

from app.domain.events import Role
from app.main import create_app
from app.services import identity
from app.services.definitions import Definitions
from app.services.service import Service
from app.settings import Settings
from app.storage.database import Database
from app.web.deps import FailedAttempts

BASE = "/api/v1"
JSON = {"content-type": "application/json"}
PARAMETERS = {"vmm_vm": "vmm01", "primary_host": "pri-hv01", "secondary_host": "sec-hv01"}
#: One operator for each role alone, and the two of a first start.
PEOPLE: Mapping[str, tuple[Role, ...]] = {
    "ann": (Role.COORDINATOR, Role.OPERATOR),
    "ben": (Role.APPROVER,),
    **{role.value: (role,) for role in Role},
}
DEFINITIONS = Definitions()


def declaration(**members: Any) -> dict[str, Any]:
    """Give the body of a declaration; members given replace or add."""
    return {
        "runbook": "standalone-vmm",
        "mode": "live",
        "title": "Flooded datacenter",
        "parameters": PARAMETERS,
        "workloads": [{"name": "sql01"}, {"name": "web01"}],
        **members,
    }


@dataclass
class World:
    """One running service on a database of its own, and its people's tokens by name."""

    url: str
    app: FastAPI
    service: Service
    client: TestClient
    tokens: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    def ask(self, who: str | None, path: str, **options: Any) -> Response:
        """Send a request (default GET, or POST with `json`) below the API's base, or anywhere with a full path."""
        method = options.pop("method", "POST" if {"json", "content"} & set(options) else "GET")
        headers = dict(options.pop("headers", {}))
        if who is not None:
            headers.setdefault("authorization", f"Bearer {self.tokens[who]}")
        if "content" in options:
            headers.setdefault("content-type", "application/json")
        return self.client.request(method, BASE + path, headers=headers, **options)

    def declare(self, who: str = "ann", **members: Any) -> dict[str, Any]:
        """Declare an execution and give its document."""
        answer = self.ask(who, "/executions", json=declaration(**members))
        assert answer.status_code == 201, answer.text
        document: dict[str, Any] = answer.json()
        return document

    def post(self, who: str, execution: str | Mapping[str, Any], body: Mapping[str, Any], **headers: str) -> Response:
        """Post an event; header names are written with `_`."""
        identifier = execution if isinstance(execution, str) else execution["id"]
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask(who, f"/executions/{identifier}/events", json=dict(body), headers=named)

    def accepted(self, who: str, execution: str | Mapping[str, Any], **body: Any) -> dict[str, Any]:
        """Post an event that must be accepted; give the document after it."""
        answer = self.post(who, execution, body)
        assert answer.status_code == 201, answer.text
        document: dict[str, Any] = answer.json()["execution"]
        return document

    def read(self, execution: str | Mapping[str, Any], **query: str) -> dict[str, Any]:
        """Read an execution's document as it is now."""
        identifier = execution if isinstance(execution, str) else execution["id"]
        document: dict[str, Any] = self.ask("viewer", f"/executions/{identifier}", params=query).json()
        return document

    def journal(self, execution: str | Mapping[str, Any]) -> str:
        """Give an execution's journal as its verifiable export."""
        identifier = execution if isinstance(execution, str) else execution["id"]
        return self.ask("auditor", f"/executions/{identifier}/events", headers={"accept": "application/x-ndjson"}).text

    def onward(self, document: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """Give who posts what to go on from where an execution stands."""
        allowed = {one["type"]: one for one in document["allowed"]}
        at = document["position"]
        if "sign_off" in allowed:
            ends = "drill_outcome" in allowed["sign_off"]["needs"]
            attested = {"drill_outcome": "passed", "comment": "All test VMs came up."} if ends else {}
            return "ben", {"type": "sign_off", "at": at, "decision": "approve", **attested}
        if "confirm" in allowed:
            comment = {"comment": "As it should be."} if "comment" in allowed["confirm"]["needs"] else {}
            item = [{"action": one["id"]} for one in document["items"] if one["status"] == "open"]
            return "ann", {"type": "confirm", "at": at, **comment, **(item[0] if item else {})}
        return "ben", {"type": "authorize", "at": at}

    def walk(self, document: Mapping[str, Any], *, until: str = "completed") -> Iterator[dict[str, Any]]:
        """Go on event by event up to a position; give the document after each."""
        found = dict(document)
        while found["position"] != until:
            who, body = self.onward(found)
            found = self.accepted(who, found, **body)
            yield found

    def at(self, position: str, **members: Any) -> dict[str, Any]:
        """Declare an execution and take it to a position."""
        begun = self.declare(**members)
        return [begun, *self.walk(begun, until=position)][-1]

    def token(self, name: str, *roles: Role) -> str:
        """Make one more token for an operator, who is made if need be."""
        return identity.create_token(self.service.database, name=name, roles=roles).text

    def forgive(self) -> None:
        """Forget failed attempts."""
        self.app.state.failed_attempts = FailedAttempts()


@contextlib.contextmanager
def running(
    url: str,
    *,
    people: Mapping[str, tuple[Role, ...]] = PEOPLE,
    definitions: Definitions = DEFINITIONS,
    **settings: Any,
) -> Iterator[World]:
    """Run a service on a migrated database until the end of the block."""
    database = Database(url)
    service = Service(database, definitions)
    app = create_app(service, Settings(database_url=url, **settings))
    with TestClient(app, raise_server_exceptions=False) as client:
        world = World(url, app, service, client)
        for name, roles in people.items():
            world.tokens[name] = world.token(name, *roles)
            world.ids[name] = world.ask(name, "/me").json()["id"]
        yield world


def slug(answer: Response) -> tuple[int, str]:
    """Give an answer's status and the kind of problem that it is."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["title"]
    assert problem["detail"]
    return answer.status_code, problem["type"].removeprefix("/problems/")


def pointers(answer: Response) -> list[str]:
    """Give the fields that a 422 names; each has a sentence."""
    assert slug(answer) == (422, "invalid-request"), answer.text
    errors = answer.json()["errors"]
    assert all(one["message"] for one in errors)
    return [one["pointer"] for one in errors]

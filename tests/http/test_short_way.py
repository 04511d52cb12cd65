"""The short way to the two busiest calls answers as their routes do, and believes no token longer than it holds."""

import json
from typing import Any

import pytest
from httpx2 import Response

from app.domain.events import Role
from app.services import identity
from app.services.reading import Documents
from tests.http.clients import World, running

NOBODY = "01890000-0000-7000-8000-00000000abcd"


def _told(answer: Response) -> tuple[int, dict[str, str], Any]:
    kept = {name: value for name, value in answer.headers.items() if name not in {"date", "location", "etag"}}
    return answer.status_code, kept, answer.json() if answer.content else None


@pytest.mark.parametrize("who", ["viewer", "ann", None, "stranger"])
@pytest.mark.parametrize("execution", ["there", NOBODY, NOBODY.upper(), "x" * 36, "short"])
@pytest.mark.parametrize(
    "body",
    [None, b'{"type":"confirm","at":"nowhere.at-all"}', b'{"type":"approve"}', b"{", b'{"type":"note"}', b"[]"],
)
def test_it_refuses_as_the_route_does(world: World, who: str | None, execution: str, body: bytes | None) -> None:
    """A query makes a request take the route; the language it names is the one that is spoken anyway."""
    identifier = world.declare()["id"] if execution == "there" else execution
    path = f"/executions/{identifier}" + ("" if body is None else "/events")
    told = []
    for query in ("", "?lang=en"):
        world.forgive()
        headers = {"authorization": "Bearer fbk_a_b"} if who == "stranger" else {}
        more: dict[str, Any] = {} if body is None else {"content": body}
        told.append(_told(world.ask(None if who == "stranger" else who, path + query, headers=headers, **more)))
    assert told[0] == told[1]


def test_a_token_revoked_elsewhere_is_refused_at_once_whatever_is_sent(own_world: World) -> None:
    execution = own_world.declare()
    made = identity.create_token(own_world.service.database, name="bea", roles=[Role.OPERATOR])
    own_world.tokens["bea"] = made.text
    with running(own_world.url, people={}) as other:
        other.tokens["bea"] = made.text
        for world in (own_world, other):
            assert world.post("bea", execution, {"type": "note", "comment": "Here."}).status_code == 201
            assert world.ask("bea", f"/executions/{execution['id']}").status_code == 200
        version = own_world.read(execution)["version"]
        assert identity.revoke_token(other.service.database, made.id)
        for world in (own_world, other):
            for body in ({"type": "note", "comment": "Gone."}, {"type": "sign_off"}, {"kind": "nonsense"}):
                assert world.post("bea", execution, body).status_code == 401
            assert world.ask("bea", f"/executions/{execution['id']}").status_code == 401
    assert own_world.read(execution)["version"] == version


def test_a_document_made_from_the_one_before_a_note_is_the_document(own_world: World) -> None:
    """Also where a text holds what is replaced in it."""
    begun = own_world.declare(title='","version":2,"head":"' + "0" * 64 + '" {"version":1}')
    execution = [begun, *own_world.walk(begun, until="fail-over-workloads.fail-over-workload-vms")][-1]
    failure = {"at": execution["position"], "comment": "It does not start."}
    own_world.accepted("ann", execution, type="report_failure", workloads=["sql01"], **failure)
    for comment in ('","version":1,"head":"', "Calm.", "é"):
        said = own_world.post("ann", execution, {"type": "note", "comment": comment}).json()["execution"]
        own_world.service.documents = Documents(own_world.service.definitions)
        assert own_world.read(execution) == said
        own_world.post("ann", execution, {"type": "note", "comment": "Once more, from a kept one."})
    assert json.dumps(own_world.read(execution)).count(begun["runbook"]["digest"]) == 1

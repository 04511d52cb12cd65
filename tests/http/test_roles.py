"""Who may: every route and every kind of event for every role, denied unless somebody said otherwise."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

from app.domain.events import EventType, Role
from app.runbooks.yaml_lines import read_yaml
from app.services import identity
from app.services.places import Places
from app.web import deps
from app.web.api.example_runbook import EXAMPLE
from app.web.console.pages import PageRoute
from app.web.deps import DECLARER, READER, SPEAKER, Permission
from tests.http.clients import BASE, PARAMETERS, World, declaration, slug

#: The contract, read once more by hand. A new route has to be added here.
EVERYBODY = frozenset(Role)
SPEAKERS = frozenset({Role.OPERATOR, Role.APPROVER, Role.COORDINATOR})
ROUTES: dict[tuple[str, str], frozenset[Role] | None] = {
    ("POST", "/api/v1/executions"): frozenset({Role.COORDINATOR}),
    ("GET", "/api/v1/executions"): EVERYBODY,
    ("GET", "/api/v1/executions/{execution_id}"): EVERYBODY,
    ("POST", "/api/v1/executions/{execution_id}/events"): SPEAKERS,
    ("POST", "/api/v1/executions/{execution_id}/evidence-checks"): EVERYBODY,
    ("GET", "/api/v1/executions/{execution_id}/events"): EVERYBODY,
    ("GET", "/api/v1/executions/{execution_id}/events/{number}"): EVERYBODY,
    ("GET", "/api/v1/executions/{execution_id}/verification"): EVERYBODY,
    ("GET", "/api/v1/executions/{execution_id}/stream"): EVERYBODY,
    ("GET", "/api/v1/executions/{execution_id}/clocks"): EVERYBODY,
    ("GET", "/api/v1/statistics"): EVERYBODY,
    ("GET", "/api/v1/executions/{execution_id}/diagram"): EVERYBODY,
    ("GET", "/api/v1/events"): EVERYBODY,
    ("GET", "/api/v1/runbooks"): EVERYBODY,
    ("GET", "/api/v1/runbooks/{runbook_id}"): EVERYBODY,
    ("GET", "/api/v1/runbooks/{runbook_id}/diagram"): EVERYBODY,
    ("POST", "/api/v1/runbooks"): frozenset({Role.ADMIN}),
    ("GET", "/api/v1/runbooks/{runbook_id}/versions"): EVERYBODY,
    ("POST", "/api/v1/protected-sets"): frozenset({Role.COORDINATOR, Role.ADMIN}),
    ("GET", "/api/v1/protected-sets"): EVERYBODY,
    ("GET", "/api/v1/protected-sets/{protected_set_id}"): EVERYBODY,
    ("GET", "/api/v1/protected-sets/{protected_set_id}/revisions"): EVERYBODY,
    ("POST", "/api/v1/protected-sets/{protected_set_id}/revisions"): frozenset({Role.COORDINATOR, Role.ADMIN}),
    ("GET", "/api/v1/protected-sets/{protected_set_id}/readiness"): EVERYBODY,
    ("GET", "/api/v1/me"): EVERYBODY,
    ("GET", "/livez"): None,
    ("GET", "/readyz"): None,
    ("GET", "/metrics"): None,
    ("GET", "/problems"): None,
    ("GET", "/problems/{slug}"): None,
    ("GET", "/openapi.json"): None,
    ("GET", "/docs"): None,
    ("GET", "/files/{name}"): None,
}
RUNBOOK, _ = read_yaml(EXAMPLE)
MAY_POST: dict[EventType, frozenset[Role]] = {
    **dict.fromkeys(EventType, frozenset({Role.COORDINATOR})),
    **dict.fromkeys(
        (EventType.CONFIRM, EventType.REPORT_FAILURE, EventType.RETRY, EventType.CHOOSE_RECOVERY_POINT, EventType.UNDO),
        frozenset({Role.OPERATOR}),
    ),
    EventType.AUTHORIZE: frozenset({Role.APPROVER}),
    EventType.SIGN_OFF: frozenset({Role.APPROVER}),
    EventType.WAIVE: frozenset({Role.COORDINATOR, Role.OPERATOR}),
    EventType.NOTE: SPEAKERS,
    EventType.CORRECT: SPEAKERS,
}


def routes(app: FastAPI) -> Iterator[tuple[str, str, Dependant]]:
    for route in iter_route_contexts(app.routes):
        if isinstance(route.original_route, Mount):
            assert route.path == "/docs/files", "files of the documentation, and nothing else, are mounted"
            continue
        if isinstance(route.original_route, PageRoute):
            continue  # pages know people by a session; tests/console/test_permissions.py has their matrix
        for method in route.methods or ():
            yield method, str(route.path), route.dependant


def permissions(dependant: Dependant) -> list[Permission]:
    own = [dependant.call] if isinstance(dependant.call, Permission) else []
    return own + [found for one in dependant.dependencies for found in permissions(one)]


def test_every_route_declares_who_may_and_no_route_changes_what_is_recorded(world: World) -> None:
    found = {(method, path): permissions(dependant) for method, path, dependant in routes(world.app)}
    assert set(found) == set(ROUTES)
    assert {method for method, _ in found} == {"GET", "POST"}
    for route, declared in found.items():
        assert len(set(map(id, declared))) == 1, f"{route} declares {len(declared)} permissions"
        wanted = ROUTES[route]
        assert declared[0].public == (wanted is None), route
        assert declared[0].public == (not route[1].startswith(BASE)), route
        assert (declared[0].roles or EVERYBODY) == (wanted or EVERYBODY), route
    assert READER.roles == frozenset()
    assert SPEAKER.roles == SPEAKERS
    assert DECLARER.roles == {Role.COORDINATOR}


@pytest.fixture(scope="module")
def shown(world: World) -> dict[str, str | None]:
    """Give what may be shown as a token: nothing, things that are none, one of each role."""
    made = identity.create_token(world.service.database, name="gone", roles=list(Role))
    identity.revoke_token(world.service.database, made.id)
    valid = world.tokens["coordinator"]
    prefix, claimed, secret = valid.split("_")
    return {
        "none": None,
        "empty": "Bearer ",
        "basic": "Basic YW5uOmFubg==",
        "bare": valid,
        "unknown": "Bearer fbk_0123456789ab_" + "0" * 64,
        "wrong secret": f"Bearer {prefix}_{claimed}_{secret[:-1]}{'0' if secret[-1] != '0' else '1'}",
        "no secret": f"Bearer {prefix}_{claimed}_",
        "more": f"Bearer {valid}0",
        "another's id": f"Bearer {prefix}_{world.tokens['viewer'].split('_')[1]}_{secret}",
        "digest": f"Bearer {prefix}_{claimed}_{'0' * 64}",
        "two": f"Bearer {valid}, Bearer {valid}",
        "long": f"Bearer {prefix}_{claimed}_" + "0" * 4000,
        "injected": f"Bearer {prefix}_{claimed}' OR '1'='1_{secret}",
        "revoked": f"Bearer {made.text}",
        **{role.value: f"Bearer {world.tokens[role.value]}" for role in Role},
    }


@pytest.mark.parametrize(("method", "path"), list(ROUTES), ids=[" ".join(one) for one in ROUTES])
def test_every_route_for_everybody(
    world: World, shown: dict[str, str | None], method: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T39: all cells of the matrix."""
    monkeypatch.setattr(world.service, "places", Places(0))  # told 503: no stream is left open
    document = world.declare()
    contents = {"runbook": "standalone-vmm", "parameters": PARAMETERS, "workloads": [{"name": "sql01"}]}
    kept = world.ask("admin", "/protected-sets", json={"name": str(uuid4()), **contents}).json()
    address = path.format(
        protected_set_id=kept["id"],
        execution_id=document["id"],
        number=1,
        runbook_id="standalone-vmm",
        slug="not-found",
        name="console.css",
    )
    before = world.read(document)
    for name, authorization in shown.items():
        world.forgive()
        headers = {} if authorization is None else {"authorization": authorization}
        body: dict[str, Any] = {}
        if method == "POST":
            asked = {
                "executions": declaration(),
                "events": {"type": "note", "comment": name},
                "protected-sets": {"name": str(uuid4()), **contents},
                "revisions": contents,
                "evidence-checks": {"evidence": [{"kind": "text", "content": name}]},
                "runbooks": RUNBOOK,
            }
            body = {"json": asked[path.rpartition("/")[2]]}
        answer = world.client.request(method, address, headers=headers, **body)
        wanted = ROUTES[method, path]
        makes = method == "POST" and not path.endswith("checks")
        if wanted is None:
            assert answer.status_code == 200, name
        elif name not in EVERYBODY:
            assert slug(answer) == (401, "unauthenticated"), name
            assert answer.headers["www-authenticate"] == "Bearer"
            assert document["title"] not in answer.text
        elif Role(name) in wanted:
            assert answer.status_code in ({201} if makes else {200, 503}), name
            assert answer.status_code != 503 or path.endswith("/stream")
        else:
            assert slug(answer) == (403, "role-required"), name
            assert answer.json()["required"] == sorted(wanted)
            assert document["title"] not in answer.text
    accepted = len(SPEAKERS) if path.endswith("events") and method == "POST" else 0
    assert world.read(document)["version"] == before["version"] + accepted


@pytest.mark.parametrize("kind", [kind for kind in EventType if kind is not EventType.DECLARE])
def test_every_kind_of_event_for_every_role(world: World, kind: EventType) -> None:
    document = world.declare()
    for role in Role:
        for glass in (False, True):
            body = {"type": kind.value, **({"break_glass": True} if glass else {})}
            answer = world.post(role.value, document, body)
            breaks = glass and kind in {EventType.AUTHORIZE, EventType.SIGN_OFF}
            wanted = frozenset({Role.COORDINATOR}) if breaks else MAY_POST[kind]
            if role in wanted:
                assert slug(answer) != (403, "role-required") if answer.status_code >= 400 else True
                assert answer.status_code in {201, 409, 422}
            else:
                assert slug(answer) == (403, "role-required"), (role, glass)
                expected = SPEAKERS if role not in SPEAKERS else wanted
                assert set(answer.json()["required"]) == expected


def test_a_token_has_its_own_roles_and_not_its_operators(world: World) -> None:
    world.tokens["ann reads"] = world.token("ann", Role.VIEWER)
    assert slug(world.ask("ann reads", "/executions", json=declaration())) == (403, "role-required")
    assert world.ask("ann reads", "/me").json()["id"] == world.ids["ann"]


def bad(number: int) -> dict[str, str]:
    return {"authorization": f"Bearer fbk_{number:012x}_{'0' * 64}"}


def test_who_guesses_is_stopped_and_who_knows_is_not(world: World) -> None:
    """T38: ten a minute from one address, whatever is guessed; never a valid token, not even between two guesses."""
    for number in range(10):
        assert slug(world.ask(None, "/me", headers=bad(number))) == (401, "unauthenticated")
        assert world.ask("ann", "/me").status_code == 200
    for number in range(3):
        answer = world.ask(None, "/executions", headers=bad(number))
        assert slug(answer) == (429, "too-many-requests")
        assert 1 <= int(answer.headers["retry-after"]) <= 60
        assert slug(world.ask(None, "/nowhere", headers=bad(number))) == (429, "too-many-requests")
        assert world.ask("ann", "/me").status_code == 200
        assert slug(world.ask(None, "/me")) == (401, "unauthenticated"), "no token is no guess"


def test_guesses_at_one_token_count_from_everywhere(world: World) -> None:
    claimed = world.tokens["ben"].split("_")[1]
    wrong = {"authorization": f"Bearer fbk_{claimed}_{'0' * 64}"}

    def guess(number: int) -> Any:
        world.client._transport.client = (f"203.0.113.{number}", 9)  # type: ignore[attr-defined] # the test client's own, so that an address can be chosen
        return world.ask(None, "/me", headers=wrong)

    try:
        assert [slug(guess(number))[0] for number in range(12)] == [401] * 10 + [429] * 2
        assert world.ask("ben", "/me").status_code == 200
    finally:
        world.client._transport.client = ("testclient", 50000)  # type: ignore[attr-defined] # the test client's own, so that an address can be chosen


def test_a_token_without_any_role_is_none(world: World) -> None:
    assert deps.FAILURES.amount == 10
    with pytest.raises(Exception, match="at least one role"):
        identity.create_token(world.service.database, name="nobody", roles=[])

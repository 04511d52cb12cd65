"""Who may open which page, and who may send its form: every page for everybody."""

from collections.abc import Iterator

import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from app.domain.events import Role
from app.services.places import Places
from app.web.console.pages import PageRoute
from app.web.console.visitors import Visit
from tests.console.visitor import Visitor, signed_in
from tests.http.clients import World

EVERYBODY = frozenset(Role)
SPEAKERS = frozenset({Role.OPERATOR, Role.APPROVER, Role.COORDINATOR})
#: None: open to all. A new page has to be added here.
PAGES: dict[tuple[str, str], frozenset[Role] | None] = {
    ("GET", "/sign-in"): None,
    ("POST", "/sign-in"): None,
    ("POST", "/sign-out"): None,
    ("POST", "/preferences"): None,
    ("GET", "/"): EVERYBODY,
    ("GET", "/declare"): frozenset({Role.COORDINATOR}),
    ("POST", "/declare"): frozenset({Role.COORDINATOR}),
    ("GET", "/live"): EVERYBODY,
    ("GET", "/executions/{execution_id}"): EVERYBODY,
    ("POST", "/executions/{execution_id}"): SPEAKERS,
    ("GET", "/executions/{execution_id}/live"): EVERYBODY,
    ("GET", "/executions/{execution_id}/journal"): EVERYBODY,
    ("GET", "/executions/{execution_id}/offline"): EVERYBODY,
    ("GET", "/runbooks"): EVERYBODY,
    ("GET", "/runbooks/{runbook_id}"): EVERYBODY,
    ("GET", "/runbooks/{runbook_id}/diagram.svg"): EVERYBODY,
    ("GET", "/executions/{execution_id}/journal.{suffix}"): EVERYBODY,
}


def pages(world: World) -> Iterator[tuple[str, APIRoute]]:
    for route in iter_route_contexts(world.app.routes):
        if isinstance(route.original_route, PageRoute):
            for method in route.methods or ():
                yield method, route.original_route


def test_every_page_declares_who_may(quick: World) -> None:
    found = {}
    for method, route in pages(quick):
        declared = [one.call for one in route.dependant.dependencies if isinstance(one.call, Visit)]
        assert len(declared) == 1, route.path
        found[method, route.path] = None if declared[0].public else (declared[0].roles or EVERYBODY)
    assert found == PAGES


@pytest.mark.parametrize(("method", "path"), list(PAGES), ids=[" ".join(one) for one in PAGES])
def test_every_page_for_everybody(quick: World, method: str, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quick.service, "places", Places(0))  # told 503: no stream is left open
    document = quick.declare(title="Seen by those who may")
    address = path.format(execution_id=document["id"], runbook_id="standalone-vmm", suffix="csv")
    nobody = Visitor(quick)
    wanted = PAGES[method, path]
    fields = {"form": "note", "type": "note", "comment": "heard", "token": "none"}
    if method == "GET":
        answer = nobody._ask("GET", address, headers={})
        assert answer.status_code == (200 if wanted is None else 303)
    else:
        answer = nobody.post(address, fields)
        assert answer.status_code in ({303, 401} if wanted is None else {401})
    assert document["title"] not in answer.text
    for role in Role:
        visitor = signed_in(quick, role.value)
        answer = visitor.post(address, fields) if method == "POST" else visitor._ask("GET", address, headers={})
        if wanted is None:
            assert answer.status_code in {303, 401}
        elif role in wanted:
            assert answer.status_code in {200, 303, 422, 503}, role
        else:
            assert answer.status_code == 403, role
            assert "Not your role" in answer.text
            assert document["title"] not in answer.text
    quick.forgive()
    heard = len(SPEAKERS) if (method, path) == ("POST", "/executions/{execution_id}") else 0
    assert quick.read(document)["version"] == document["version"] + heard

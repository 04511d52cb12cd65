"""The contract's rows about the system: who am I, alive, ready, figures, the description and its page, problems."""

import re

import pytest

from app.domain import errors
from app.domain.events import Role
from app.web.api import system
from tests.http.clients import World, declaration, running, slug


def test_me_is_who_the_token_speaks_for(world: World) -> None:
    answer = world.ask("ann", "/me")
    assert answer.json() == {"id": world.ids["ann"], "name": "ann", "roles": ["coordinator", "operator"]}
    assert answer.headers["cache-control"] == "no-store"
    token = world.token("ANN", Role.VIEWER)
    again = world.ask(None, "/me", headers={"authorization": f"bearer   {token}"}).json()
    assert again == {"id": world.ids["ann"], "name": "ann", "roles": ["viewer"]}


def test_livez_touches_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world.service, "database", None)
    answer = world.client.get("/livez")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


def test_readyz_lists_what_it_looked_at(own_world: World) -> None:
    answer = own_world.client.get("/readyz")
    report = answer.json()
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert all(report[name] is True for name in ("ready", "writable", "revision_current", "durable", "writer"))
    assert report["database"] in own_world.url


@pytest.mark.parametrize("missing", ["writable", "revision_current", "durable"])
def test_readyz_says_no_when_anything_is_missing(
    own_world: World, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {**own_world.service.database.health(), missing: False}
    monkeypatch.setattr(own_world.service.database, "health", lambda: found)
    answer = own_world.client.get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (503, False)
    assert answer.json()[missing] is False
    assert "failback_ready 0.0" in own_world.client.get("/metrics").text
    assert own_world.client.get("/livez").status_code == 200


def test_readyz_looks_once_a_second_and_says_no_at_the_end(own_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    health = own_world.service.database.health

    def counted() -> dict[str, str | bool]:
        looked.append(1)
        return health()

    monkeypatch.setattr(own_world.service.database, "health", counted)
    for _ in range(5):
        assert own_world.client.get("/readyz").status_code == 200
    assert len(looked) == 1
    own_world.service.stopping = True
    assert own_world.client.get("/readyz").status_code == 503, "at once, whatever was seen a moment ago"
    own_world.service.stopping = False
    monkeypatch.setattr(system, "READY_SECONDS", 0.0)
    own_world.service.writer.stop(5)
    assert own_world.client.get("/readyz").json()["writer"] is False
    answer = own_world.ask("ann", "/executions", json=declaration())
    assert slug(answer) == (503, "unavailable")
    assert int(answer.headers["retry-after"]) >= 1
    assert own_world.ask("ann", "/executions").json()["items"] == []


def test_metrics_count_answers_and_name_nobody(own_world: World) -> None:
    document = own_world.declare(title="Confidential title")
    own_world.client.request("BREW", "/livez")
    own_world.client.request("X" * 300, "/livez")
    figures = own_world.client.get("/metrics")
    assert figures.headers["content-type"].startswith("text/plain; version=")
    assert 'failback_http_answers_total{method="POST",status="201"} 1.0' in figures.text
    assert 'failback_http_answers_total{method="other",status="405"} 2.0' in figures.text
    for word in ("Confidential", document["id"], "ann", "XXX", "BREW"):
        assert word not in figures.text


def test_the_description_is_served_and_its_page_asks_nobody_else(world: World) -> None:
    described = world.client.get("/openapi.json")
    assert described.headers["content-type"] == "application/json"
    assert described.json()["openapi"].startswith("3.1")
    page = world.client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    addresses = re.findall(r"""(?:src|href)=["']([^"']+)""", page.text)
    assert len(addresses) >= 3
    for address in addresses:
        assert address.startswith("/docs/files/")
        file = world.client.get(address)
        assert file.status_code == 200
        assert file.content
    assert not re.search(r"https?://", page.text.replace("http://www.w3.org", ""))
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "http" not in policy
    assert "unsafe-eval" not in policy
    assert "script-src 'self' 'sha256-" in policy
    for path in ("../../main.py", "..%2f..%2fmain.py", "nowhere.js", ""):
        assert slug(world.client.get(f"/docs/files/{path}"))[0] in (404, 405)


def test_every_problem_has_a_page(world: World) -> None:
    kinds = {kind.slug for kind in errors.Refusal.__subclasses__()}
    listed = world.client.get("/problems").text
    assert set(re.findall(r"/problems/([a-z-]+)", listed)) == kinds
    for kind in kinds:
        page = world.client.get(f"/problems/{kind}")
        assert page.status_code == 200
        assert len(page.text.split("\n\n")) >= 4
    for name in ("x", "..%2f", "%00", "é"):
        assert slug(world.client.get(f"/problems/{name}")) == (404, "not-found")


def test_only_hosts_that_are_ours_are_answered_and_links_name_none(world: World, database_url: str) -> None:
    """T31."""
    for _ in range(2):
        world.declare()
    forged = {"host": "evil.example", "x-forwarded-host": "evil.example", "forwarded": "host=evil.example"}
    answer = world.ask("viewer", "/executions?limit=1", headers=forged)
    assert "evil" not in answer.headers["link"]
    assert "evil" not in answer.text
    with running(database_url, people={}, allowed_hosts="failback.example, testserver") as strict:
        assert strict.client.get("/livez").status_code == 200
        assert strict.client.get("/livez", headers={"host": "FAILBACK.example:8000"}).status_code == 200
        assert slug(strict.client.get("/livez", headers={"host": "evil.example"})) == (400, "malformed-request")
        forged = {"host": "testserver", "x-forwarded-host": "evil.example"}
        assert strict.client.get("/livez", headers=forged).status_code == 200

"""Sessions: a token signs in, its revocation signs out, a form is taken from our own pages alone."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.domain.errors import Unauthenticated
from app.services import clock, identity, sessions
from tests.console.visitor import OURS, Visitor, signed_in
from tests.http.clients import World, running

COOKIE = "failback_session"


def cookie_line(world: World, who: str = "ann", **headers: str) -> str:
    answer = Visitor(world).post("/sign-in", {"token": world.tokens[who]}, headers={**OURS, **headers})
    return next(line for line in answer.headers.get_list("set-cookie") if "session" in line)


def test_signing_in_out_and_what_is_kept_of_it(world: World) -> None:
    visitor = Visitor(world)
    answer = visitor.get("/executions/00000000-0000-7000-8000-000000000000?kiosk")
    assert "Sign in" in visitor.page.text
    assert visitor.page.forms["/sign-in"].fields["next"] == ["/executions/00000000-0000-7000-8000-000000000000?kiosk"]
    answer = visitor.send("/sign-in", token=world.tokens["ann"], next="/?q=flood")
    assert (answer.status_code, answer.headers["location"]) == (303, "/?q=flood")
    kept = visitor.cookies[COOKIE]
    with world.service.database.reading() as connection:
        rows = connection.execute(text("SELECT * FROM sessions")).fetchall()
    assert kept not in repr(rows)
    assert world.tokens["ann"].split("_")[2] not in repr(rows)
    assert "Running now" in visitor.get("/").text
    assert visitor.send("/sign-out").headers["location"] == "/sign-in"
    assert COOKIE not in visitor.cookies
    visitor.cookies[COOKIE] = kept
    assert visitor.get("/").url.path == "/sign-in", "the session is gone, whoever kept its cookie"


def test_the_cookie_is_out_of_reach(quick: World) -> None:
    line = cookie_line(quick).lower()
    assert {"httponly", "samesite=strict", "path=/"} <= set(line.split("; "))
    assert "secure" not in line.split("; ")
    assert "max-age=43200" in line


def test_over_tls_the_cookie_is_for_tls_alone(quick: World) -> None:
    quick.app.state.behind_tls = True
    try:
        line = cookie_line(quick)
        assert line.startswith("__Host-failback_session=")
        assert "secure" in line.lower().split("; ")
        assert "domain" not in line.lower()
        visitor = signed_in(quick, "ann")
        assert visitor.get("/").url.path == "/"
        assert COOKIE not in visitor.cookies
    finally:
        quick.app.state.behind_tls = False


def test_behind_tls_is_a_setting(own_world: World) -> None:
    with running(own_world.url, people={}, behind_tls=True) as other:
        assert other.app.state.behind_tls is True


def test_an_id_known_before_is_worth_nothing_after(quick: World) -> None:
    """T35: a session that somebody planted, or that was read before, does not become the new one."""
    visitor = signed_in(quick, "ben")
    first = visitor.cookies[COOKIE]
    assert visitor.post("/sign-in", {"token": quick.tokens["ann"]}).status_code == 303
    assert visitor.cookies[COOKIE] != first
    assert Visitor(quick, {COOKIE: first}).get("/").url.path == "/sign-in"
    planted = Visitor(quick, {COOKIE: "planted"})
    planted.post("/sign-in", {"token": quick.tokens["ann"]})
    assert planted.cookies[COOKIE] != "planted"


def test_revoking_the_token_ends_the_session(world: World) -> None:
    made = identity.create_token(world.service.database, name="zoe", roles=identity.FIRST_OPERATORS[0][1])
    world.tokens["zoe"] = made.text
    visitor = signed_in(world, "zoe")
    document = world.declare()
    visitor.get(f"/executions/{document['id']}")
    assert identity.revoke_token(world.service.database, made.id)
    answer = visitor.send("form-note", comment="typed for nothing?")
    assert answer.status_code == 401
    assert "typed for nothing?" in answer.text, "what was typed is not lost"
    assert visitor.get("/").url.path == "/sign-in"
    assert world.read(document)["version"] == document["version"]


def test_a_session_runs_out(quick: World, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = signed_in(quick, "ann")
    later = clock.now() + sessions.LIFETIME
    monkeypatch.setattr(clock, "now", lambda: later)
    assert visitor.get("/").url.path == "/sign-in"
    signed_in(quick, "ben")
    with quick.service.database.reading() as connection:
        left = connection.execute(
            text("SELECT count(*) FROM sessions WHERE expires_at <= :now"), {"now": later}
        ).scalar()
        assert left == 0, "who signs in sweeps out what has run out"
        with pytest.raises(Unauthenticated):
            sessions.signed_in(connection, visitor.cookies[COOKIE])


def test_wrong_tokens_are_told_kindly_and_counted(quick: World) -> None:
    quick.forgive()
    visitor = Visitor(quick)
    visitor.get("/sign-in")
    for number in range(10):
        answer = visitor.send("/sign-in", token=f"fbk_{number:012x}_{'0' * 64}")
        assert answer.status_code == 401
        assert "no valid token" in visitor.page.text
        assert "0" * 64 not in answer.text
    answer = visitor.send("/sign-in", token=f"fbk_{11:012x}_{'0' * 64}")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
    assert visitor.send("/sign-in", token=quick.tokens["ann"]).status_code == 303, "who knows is never locked out"
    empty = Visitor(quick)
    empty.get("/sign-in")
    assert empty.send("/sign-in", token="").status_code == 401
    quick.forgive()


def test_who_is_signed_in_is_led_on(quick: World) -> None:
    answer = signed_in(quick, "ann").get("/sign-in?next=/%3Fq%3Dx")
    assert str(answer.url).endswith("/?q=x")


@pytest.mark.parametrize(
    "address", ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "", "/\t/x", "x"]
)
def test_no_address_leads_elsewhere(quick: World, address: str) -> None:
    answer = Visitor(quick).post("/sign-in", {"token": quick.tokens["ann"], "next": address})
    assert answer.headers["location"] == "/"


#: Headers that a browser may send with a form, and whether it is ours. None stands for the Host itself.
ORIGINS = {
    "modern, same origin": ({"sec-fetch-site": "same-origin", "origin": "http://testserver"}, True),
    "modern, no origin": ({"sec-fetch-site": "same-origin"}, True),
    "older, same origin": ({"origin": "http://testserver"}, True),
    "older, behind TLS": ({"origin": "https://testserver"}, True),
    "older, upper case": ({"origin": "http://TESTSERVER"}, True),
    "cross-site": ({"sec-fetch-site": "cross-site", "origin": "https://evil.example"}, False),
    "same site, other origin": ({"sec-fetch-site": "same-site", "origin": "http://other.testserver"}, False),
    "typed in the address": ({"sec-fetch-site": "none"}, False),
    "older, elsewhere": ({"origin": "https://evil.example"}, False),
    "older, another port": ({"origin": "http://testserver:81"}, False),
    "older, sandboxed": ({"origin": "null"}, False),
    "told two things": ({"sec-fetch-site": "same-origin", "origin": "https://evil.example"}, False),
    "nothing told": ({}, False),
}


@pytest.mark.parametrize("case", ORIGINS)
@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/preferences", "/executions/{id}"])
def test_a_form_comes_from_our_pages_alone(quick: World, case: str, path: str) -> None:
    """T34."""
    headers, ours = ORIGINS[case]
    visitor = signed_in(quick, "ann")
    document = quick.declare()
    fields = {"token": quick.tokens["ben"], "type": "note", "form": "note", "comment": "x", "language": "fr"}
    before = dict(visitor.cookies)
    answer = visitor.post(path.format(id=document["id"]), fields, headers=headers)
    assert answer.status_code == (303 if ours else 403)
    assert (quick.read(document)["version"] > 1) == (ours and "executions" in path)
    if not ours:
        assert visitor.cookies == before
        assert "Sent from elsewhere" in answer.text


def test_every_page_is_under_a_strict_policy(quick: World) -> None:
    document = quick.declare()
    visitor = signed_in(quick, "ann")
    for path in ("/sign-in", "/", f"/executions/{document['id']}", "/executions/nothing"):
        headers = (Visitor(quick) if path == "/sign-in" else visitor).get(path).headers
        policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
        assert policy["default-src"] == "'none'"
        assert {policy[name] for name in ("script-src", "style-src", "connect-src", "form-action")} == {"'self'"}
        assert {policy[name] for name in ("frame-ancestors", "base-uri")} == {"'none'"}
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"


def test_pages_hold_nothing_inline_and_nothing_from_elsewhere(quick: World) -> None:
    document = quick.at("fail-over-workloads.commit-workloads")
    for who in ("ann", "ben"):
        page = signed_in(quick, who).get(f"/executions/{document['id']}").text
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page)
        assert set(re.findall(r'(?:src|href|action)="(?!/|#)([^"]*)"', page)) == set()


def test_own_files_are_kept_by_browsers(quick: World) -> None:
    page = quick.client.get("/sign-in").text
    for address in re.findall(r'"(/files/[^"]+)"', page):
        answer = quick.client.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
    assert quick.client.get("/files/secrets.txt").status_code == 404


def test_session_lifetime_is_a_shift() -> None:
    assert timedelta(hours=8) <= sessions.LIFETIME <= timedelta(hours=24)

"""A whole disaster through the page alone: Ann in French on a phone, Ben in English at a desk, each in a browser."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.console.people import PHONE, WIDE, Person, come_in, watched
from tests.disaster import WALK
from tests.http.clients import PARAMETERS, World
from tests.processes import Served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SECOND = 1.0
BUSY = 4.0  # seconds that a machine with much else to do may take for one page


@pytest.fixture
def two(browser: "Browser", process: tuple[World, Served]) -> Iterator[tuple[Person, Person]]:
    """Give the two of them, signed in."""
    world, service = process
    address = f"http://127.0.0.1:{service.port}"
    phone = watched(browser, address, viewport=PHONE, is_mobile=True, has_touch=True, locale="fr-FR")
    with phone as hers, watched(browser, address, viewport=WIDE, color_scheme="dark") as his:
        yield come_in(hers, world, "ann", "/"), come_in(his, world, "ben", "/")


def declared(ann: Person) -> str:
    """Declare by the page; give the execution's path."""
    ann.page.get_by_role("link", name="Déclarer un sinistre").first.click()
    ann.page.locator("a[href*='runbook=standalone-vmm&mode=live']").click()
    ann.send(
        "declare",
        title="Salle inondée",
        workloads="sql01\nweb01\nfile01",
        rto_minutes="240",
        **{f"parameter-{name}": value for name, value in PARAMETERS.items()},
    )
    expect(ann.page.locator("h1")).to_have_text("Salle inondée")
    return ann.page.url.split("?", maxsplit=1)[0]


def test_two_people_walk_a_whole_disaster(two: tuple[Person, Person]) -> None:
    ann, ben = two
    path = declared(ann)
    ben.page.goto("/")
    ben.page.get_by_role("link", name="Salle inondée").first.click()
    expect(ben.page.locator("#pulse")).to_have_text("live")
    people, delays = {"ann": ann, "ben": ben}, []
    for said in WALK:
        person, members = people[said.who], dict(said.members)
        if said.refused:
            expect(ann.page.locator("#act")).to_contain_text("Attend une seconde personne")
            expect(ann.page.locator("#form-confirm")).not_to_be_attached()
            continue
        expect(person.page.locator("html")).to_have_attribute("lang", "fr" if person is ann else "en")
        person.sees(said.at)
        filled: dict[str, str] = {name: str(members[name]) for name in ("comment", "symptom") if name in members}
        if "recovery_point" in members:
            filled |= {"recovery_label": members["recovery_point"]["label"], "recovery_time": "2026-11-23T02:00"}
        person.did(said.type, tick=members.get("workloads"), **filled)
        sent = time.monotonic()
        other = ben if person is ann else ann
        number = person.page.url.rsplit("=", 1)[1]
        expect(other.page.locator(f"#lines #line-{number}")).to_be_attached()
        delays.append(time.monotonic() - sent)
        ann.fits()
    for person, word in ((ann, "Terminée"), (ben, "Completed")):
        expect(person.page.locator("#work-title")).to_have_text(word)
    assert sorted(delays)[len(delays) // 2] < SECOND, delays
    assert max(delays) < BUSY, delays
    identifier = path.rsplit("/", 1)[1]
    proof = ben.world.ask("ben", f"/executions/{identifier}/verification").json()
    assert (proof["ok"], proof["events"]) == (True, len(delays) + 1)

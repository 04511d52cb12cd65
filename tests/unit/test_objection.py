"""What stands against a person, asked for an offer before anything is posted."""

from app.domain.case import Case
from app.domain.decision import objection
from app.domain.errors import RoleRequired, SecondPersonRequired
from app.domain.events import Actor
from tests.life import ANN, BEN, CARL, DORA, EVE, OTTO, Life

COMMIT = "fail-over-workloads.commit-workloads"


def against(life: Life, who: Actor, kind: str, **members: object) -> type[Exception] | None:
    """Give the kind of refusal that would meet this person, None where nothing stands against it."""
    found = objection(Case(life.runbook, life.facts, life.posted(kind, **members)), who)
    return None if found is None else type(found)


def test_a_role_and_a_second_person_are_what_stands_against_somebody() -> None:
    life = Life()
    assert against(life, ANN, "confirm") is None
    assert against(life, BEN, "confirm") is RoleRequired
    assert against(life, EVE, "note") is RoleRequired
    assert against(life, DORA, "sign_off", break_glass=True) is None, "whether it can be here is another question"
    life.go_to(COMMIT)
    life.post("authorize", by=CARL)
    assert against(life, CARL, "confirm") is SecondPersonRequired
    assert against(life, OTTO, "confirm") is None
    assert against(life, OTTO, "waive", workloads=["sql01"]) is RoleRequired

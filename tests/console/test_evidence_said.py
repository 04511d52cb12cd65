"""Verdicts on evidence are said in the reader's language, and only of the action that the form was made for."""

import pytest

from app.web.console import evidence_said
from app.web.console.speech import Speech
from tests.console.visitor import signed_in
from tests.http.clients import World


@pytest.mark.parametrize(
    ("said", "french"),
    [
        ("It is empty: the command printed nothing.", "Elle est vide"),
        (
            "It does not say mode. Attach what this prints: Get-VM | x",
            "Elle ne dit pas : mode. Joignez ce qu'affiche : Get-VM | x",
        ),
        ("Its allowed_operations was cut off: ask for more with -Depth 4.", "Son champ allowed_operations"),
        ("state Odd is not known here. Attach what this prints: y", "state Odd est inconnu ici."),
        ("Said by a later release.", "Said by a later release."),
    ],
)
def test_what_a_check_says_is_said_in_french(said: str, french: str) -> None:
    check = {"verdict": "not_recognised", "findings": [], "warnings": ["vm1: health Warning; x"], "why": said}
    found = evidence_said.in_words(check, Speech("fr"))
    assert found is not None
    assert found["why"].startswith(french)
    assert found["warnings"] == ["vm1 : santé Warning ; ce n'est pas elle qui décide."]
    assert evidence_said.in_words(check | {"why": None}, Speech("fr")) == {**found, "why": None}


def test_evidence_is_not_checked_for_an_action_that_is_over(quick: World) -> None:
    document = quick.at("fail-over-vmm.fail-over-vmm-vm")
    ann = signed_in(quick, "ann")
    ann.get(f"/executions/{document['id']}")
    quick.accepted("operator", document, type="confirm", at=document["position"])
    answer = ann.send("form-confirm", check="1", evidence_content="{}", comment="of the failover")
    assert answer.status_code == 412
    assert "operator confirmed" in ann.page.text
    assert ann.page.forms["form-confirm"].fields["comment"] == [""]

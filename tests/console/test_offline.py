"""The offline runbook: all that is left, with its commands, boxes to sign, what to type in; it needs no network."""

import base64
import hashlib
import html
import re
import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from app.web.console import offline
from tests.console.paper import pages
from tests.console.visitor import Visitor, signed_in
from tests.http.clients import DEFINITIONS, World

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HOSTILE = "<script>alert(1)</script>'\"&"
LATE = (datetime.now(UTC) - timedelta(hours=1)).isoformat()


def sheet(world: World, document: dict[str, Any], language: str = "en") -> tuple[Visitor, str]:
    """Give the file as a viewer gets it."""
    visitor = signed_in(world, "viewer", accept_language=language)
    answer = visitor.get(f"/executions/{document['id']}/offline")
    assert answer.status_code == 200
    return visitor, answer.text


def squeezed(text: str | None) -> str:
    return " ".join((text or "").split())


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("mode", ["live", "drill"])
def test_everything_left_is_there(quick: World, mode: str, language: str) -> None:
    begun = quick.declare(mode=mode, title="Flooded")
    visitor, text = sheet(quick, begun, language)
    told = visitor.page.text
    course = DEFINITIONS.bundled["standalone-vmm"].for_mode(mode)
    for place, action in course.actions.items():
        if action.in_profile(begun["command_profile"]):
            assert place in text
            for said in (action.title, action.instruction, action.consequence, action.expectation):
                assert squeezed(said.in_language(language) if said else "") in told
    for step in course.steps:
        assert step.sign_off.approve.in_language(language) in told
    for symptom in course.symptoms.values():
        assert squeezed(symptom.advice.in_language(language)) in told
    for rule in course.on_loss.primary_lost:
        why = rule.refused or rule.because
        assert squeezed(why.in_language(language) if why else "") in told
    assert begun["head"] in told
    assert begun["runbook"]["digest"] in told
    assert ('class="band"' in text) == (mode == "drill")


def test_commands_are_filled_in_for_each_workload(quick: World) -> None:
    at = quick.at("fail-over-workloads.fail-over-workload-vms")
    visitor, text = sheet(quick, at)
    for command in at["action"]["commands"]:
        assert squeezed(command["text"]) in visitor.page.text
        assert command["run_on"] in text
    assert "{vmm_vm}" not in text
    assert "fail-over-vmm.fence-primary" not in text  # done already
    assert text.count("☐ sql01") == text.count("☐ web01") > 2
    first = quick.accepted("ann", at, type="confirm", at=at["position"], workloads=["sql01"])
    quick.accepted("ann", first, type="report_failure", at=at["position"], workloads=["web01"], symptom="F04")
    visitor, text = sheet(quick, at)
    assert "☐ web01 ✕" in text
    assert "F04" in text.split("</section>")[0]


def test_the_second_person_signs_what_is_not_authorized_yet(quick: World) -> None:
    at = quick.at("fail-over-workloads.commit-workloads")
    box = "Second person, before"
    assert box in sheet(quick, at)[1].split("sign-off")[0]
    some = quick.accepted("ben", at, type="authorize", at=at["position"], workloads=["sql01"])
    visitor, text = sheet(quick, some)
    assert "Authorized by ben" in text
    assert "Not authorized yet: web01" in visitor.page.text
    every = quick.accepted("ben", some, type="authorize", at=at["position"], workloads=["web01"])
    visitor, text = sheet(quick, every)
    assert "failback authorize --at fail-over-workloads.commit-workloads" not in text
    alone = quick.declare(policy={"four_eyes": "none"})
    assert box not in sheet(quick, alone)[1]
    assert "Not by somebody who confirmed" in sheet(quick, quick.declare(policy={"four_eyes": "every_step"}))[1]


def test_a_checklist_has_its_items_and_what_ended_has_nothing(quick: World) -> None:
    begun = quick.declare(runbook="prepare-vmm-servers", parameters={})
    visitor, text = sheet(quick, begun)
    for item in begun["items"]:
        assert squeezed(item["instruction"]) in visitor.page.text
    assert "in any order" in text
    first = begun["items"][0]["id"]
    quick.accepted("ann", begun, type="confirm", at=begun["position"], action=first, comment="Looked")
    assert f"--action {first} " not in sheet(quick, begun)[1]
    assert f"--action {begun['items'][1]['id']} " in sheet(quick, begun)[1]
    ended = quick.accepted("ann", begun, type="abort", comment="Enough")
    assert "this execution has ended" in sheet(quick, ended)[1]


def test_only_what_moves_something_is_said_to_run_somewhere(quick: World) -> None:
    for said in ("Outage since", "Runs at"):
        assert said in sheet(quick, quick.declare())[1]
        assert said not in sheet(quick, quick.declare(runbook="prepare-vmm-servers", parameters={}, workloads=[]))[1]


@pytest.mark.parametrize(
    "members",
    [{}, {"mode": "drill"}, {"runbook": "prepare-vmm-servers", "parameters": {}}],
    ids=["live", "drill", "checklist"],
)
def test_what_it_says_to_type_in_is_what_the_service_takes(quick: World, members: dict[str, Any]) -> None:
    begun = quick.declare(outage_started_at=LATE, **members)
    _, text = sheet(quick, begun)
    lines = html.unescape(text.split('<pre class="typed">')[1].split("</pre>")[0]).split("\n")
    for line in filter(None, lines):
        _, verb, *words = shlex.split(line)
        body: dict[str, Any] = {"type": verb.replace("-", "_"), "performed_at": LATE, "performed_by": "Zoé"}
        said = {name.lstrip("-").replace("-", "_"): value for name, value in zip(words[::2], words[1::2], strict=True)}
        body |= {name: value for name, value in said.items() if not name.startswith("performed")}
        body |= {"decision": "approve"} if verb == "sign-off" else {}
        quick.accepted("ann" if verb == "confirm" else "ben", begun, **body)
    assert quick.read(begun)["status"] == "completed"


def test_the_policy_allows_this_style_and_nothing_else(quick: World) -> None:
    begun = quick.declare(title=HOSTILE)
    visitor = signed_in(quick, "viewer")
    answer = visitor.get(f"/executions/{begun['id']}/offline")
    styles = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(styles[0].encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert len(styles) == 1
    assert offline.style() == (styles[0], policy)
    assert answer.headers["content-security-policy"] == f"{policy}; frame-ancestors 'none'"
    assert html.unescape(re.findall(r'Security-Policy" content="([^"]*)"', answer.text)[0]) == policy
    assert "<script" not in answer.text
    assert HOSTILE in visitor.page.text
    for fetched in ("src=", "href=", "url(", "@import"):
        assert fetched not in answer.text
    assert answer.headers["content-disposition"].startswith("attachment")
    shown = visitor.get(f"/executions/{begun['id']}/offline?show")
    assert shown.headers["content-disposition"].startswith("inline")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_it_opens_and_prints_without_any_network(
    quick: World, browser: "Browser", tmp_path: Path, language: str
) -> None:
    begun = quick.declare(mode="drill", title="Exercise of the year", workloads=[{"name": "sql01"}])
    file = tmp_path / "offline.html"
    file.write_text(sheet(quick, begun, language)[1], "utf-8")
    context = browser.new_context(offline=True, viewport={"width": 390, "height": 844})
    page = context.new_page()
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(file.as_uri())
    assert asked == [file.as_uri()]
    assert said == []  # no report of the policy either
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.evaluate("getComputedStyle(document.querySelector('.band')).borderTopStyle") == "solid"
    printed = pages(page.pdf(format="A4", prefer_css_page_size=True))
    context.close()
    assert len(printed) > 5
    for number, text in enumerate(printed, 1):
        assert begun["head"] in text
        assert begun["runbook"]["digest"] in text
        assert f"{number} / {len(printed)}" in text
        assert {"en": "DRILL", "fr": "EXERCICE"}[language] in text
        assert "UTC" in text

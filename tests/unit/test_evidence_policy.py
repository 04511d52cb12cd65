"""What a policy makes of evidence: asked for at the right actions, of the right subjects, waived by a coordinator."""

from dataclasses import replace

import pytest

from app.domain.errors import RoleRequired, TransitionRefused
from app.domain.evidence_asked import expected_of, worst
from app.domain.options import options
from app.domain.parts import Expectation
from app.domain.vocabulary import Output, Verdict
from app.runbooks import bundled_runbooks
from tests.life import ASR, BEN, DORA, HYPER_V, NAMES, OTTO, Life, standalone
from tests.unit.evidence import output, printed, shown

FAIL_OVER = "fail-over-vmm.fail-over-vmm-vm"
WORKLOADS = "fail-over-workloads.fail-over-workload-vms"
VMM = "VMM01"  # the example of the parameter


@pytest.mark.parametrize("profile", [HYPER_V, ASR])
def test_where_it_is_required_every_action_that_expects_something_waits_for_it(profile: str) -> None:
    life = Life(profile=profile, evidence="require")
    waited = 0
    while not life.facts.terminal:
        action = life.runbook.actions.get(life.position)
        if action is None or not action.expects:
            life.go_on()
            continue
        if action.irreversible:
            life.authorize()
        confirm = next(offer for offer, _ in options(life.runbook, life.facts) if offer.type == "confirm")
        evidence = shown(life, action)
        if evidence:
            waited += 1
            assert "evidence" in confirm.needs
            with pytest.raises(TransitionRefused, match="The policy requires evidence"):
                life.confirm()
        assert {one["check"]["verdict"] for one in life.confirm(evidence=evidence)["evidence"]} <= {"met"}
    assert waited > 15
    assert life.problems() == []


def test_one_workload_without_evidence_is_named_and_may_come_later() -> None:
    life = Life(evidence="require")
    while life.position != WORKLOADS:
        action = life.runbook.actions.get(life.position)
        if action is not None and action.irreversible:
            life.authorize()
        life.sign() if action is None else life.confirm(evidence=shown(life, action))
    one = printed(life.runbook.actions[WORKLOADS].expects[0], "SQL01")
    with pytest.raises(TransitionRefused, match="of web01, file01: attach"):
        life.confirm(evidence=(output(one),))
    with pytest.raises(TransitionRefused, match="of sql01, web01, file01: attach"):  # one of them shows something else
        life.confirm(evidence=(output(one), output({**one, "Name": "web01", "State": "Error"})))
    line = life.confirm(evidence=(output(one),), workloads=["sql01"])
    assert line["evidence"][0]["check"]["met"] == [{"expectation": 0, "about": "sql01"}]
    assert life.position == WORKLOADS
    life.confirm(evidence=(output([{**one, "Name": name} for name in NAMES]),))
    assert life.position != WORKLOADS


def test_a_coordinator_may_do_without_and_it_shows() -> None:
    life = Life(evidence="require").go_to(FAIL_OVER)
    for somebody in (OTTO, BEN):
        with pytest.raises(RoleRequired):
            life.confirm(by=somebody, evidence_waived=True)
    line = life.confirm(by=DORA, evidence_waived=True, comment="The console of the host is dead.")
    assert line["data"]["evidence_waived"] is True
    assert line["actor"]["role"] == "coordinator"
    assert life.facts.actions[FAIL_OVER].evidence is Verdict.WAIVED
    assert life.problems() == []


@pytest.mark.parametrize("policy", [None, "advise", "off", "require"])
def test_evidence_is_waived_only_where_it_is_required_and_lacking(policy: str | None) -> None:
    life = Life(evidence=policy).go_to(FAIL_OVER)
    evidence = shown(life, life.runbook.actions[FAIL_OVER])
    with pytest.raises(TransitionRefused, match="No required evidence is lacking"):
        life.confirm(by=DORA, evidence_waived=True, evidence=evidence)
    with pytest.raises(TransitionRefused, match="No required evidence is lacking"):
        Life(evidence=policy).confirm(by=DORA, evidence_waived=True)  # nothing is expected there


@pytest.mark.parametrize(("policy", "verdict"), [(None, "not_met"), ("advise", "not_met"), ("off", None)])
def test_advice_flags_and_lets_pass(policy: str | None, verdict: str | None) -> None:
    life = Life(evidence=policy).go_to(FAIL_OVER)
    line = life.confirm(evidence=(output({"Name": VMM, "State": "Error", "Mode": "Replica"}), {"kind": "text"}))
    assert [one.get("check") and one["check"]["verdict"] for one in line["evidence"]] == [verdict, None]
    assert life.facts.actions[FAIL_OVER].evidence == verdict
    assert life.facts.evidence_not_met() == (verdict is not None)
    assert life.problems() == []


def test_notes_and_reports_are_not_judged() -> None:
    life = Life(evidence="require").go_to(FAIL_OVER)
    for kind in ("note", "report_failure"):
        assert life.post(kind, comment="As it is.", evidence=(output({"Name": VMM}),))["evidence"][0]["check"] is None


def test_a_parameter_without_a_value_is_not_asked_about() -> None:
    runbook = standalone()
    life = Life()
    action = replace(
        runbook.actions[FAIL_OVER],
        expects=tuple(
            Expectation(output=Output.HYPER_V_VM, subject=name, named=named, state=("Off",))
            for name, named in (("certificate_thumbprint", None), ("replica_port", None), (None, "w"), (None, None))
        ),
    )
    assert [one.subject for one in expected_of(runbook, life.facts, action, ())] == ["80", "w"]


def test_the_worst_verdict_is_shown() -> None:
    assert worst([]) is None
    assert worst([None, Verdict.MET]) is Verdict.MET
    assert worst([Verdict.MET, Verdict.WAIVED]) is Verdict.WAIVED
    assert worst([Verdict.NOT_RECOGNISED, Verdict.NOT_MET, None]) is Verdict.NOT_MET


def test_what_is_expected_can_be_shown_by_a_command_of_the_action() -> None:
    seen = 0
    for _, runbook in bundled_runbooks():
        for place, action in runbook.actions.items():
            for one in action.expects:
                for profile in one.profiles or runbook.profile_ids:
                    mine = [c for c in action.commands if c.verify and (not c.profiles or profile in c.profiles)]
                    assert any("ConvertTo-Json" in c.text or "Invoke-AzRestMethod" in c.text for c in mine), place
                    seen += 1
    assert seen > 40


def test_the_host_of_each_side_is_known_also_where_a_workload_has_its_own() -> None:
    life = Life(evidence="require")
    workload = next(iter(life.facts.workloads.values()))
    workload.parameters["primary_host"] = "pri-hv09"
    action = life.runbook.actions["reverse-workload-replication.workload-initial-replication-complete"]
    wanted = expected_of(life.runbook, life.facts, action, list(life.facts.workloads))
    own = {(one.host, one.elsewhere) for one in wanted if one.subject == workload.name and one.expectation.site}
    hosts = [life.facts.parameters[f"{site}_host"] for site in ("primary", "secondary")]
    assert own == {("pri-hv09", hosts[1]), (hosts[1], "pri-hv09")}
    others = {(one.host, one.elsewhere) for one in wanted if one.subject != workload.name and one.expectation.site}
    assert others == {(hosts[0], hosts[1]), (hosts[1], hosts[0])}


def test_an_output_about_others_takes_nothing_away_from_what_is_shown() -> None:
    life = Life(evidence="require")
    while life.position != "fail-over-workloads.fail-over-workload-vms":
        action = life.runbook.actions.get(life.position)
        if action is None or not action.expects:
            life.go_on()
            continue
        if action.irreversible:
            life.authorize()
        life.confirm(evidence=shown(life, action))
    evidence = shown(life, life.runbook.actions[life.position])
    line = life.confirm(workloads=[NAMES[0]], evidence=evidence)
    assert [one["check"]["verdict"] for one in line["evidence"]] == ["met", *["not_met"] * (len(NAMES) - 1)]
    assert life.problems() == []


def test_each_workload_keeps_what_its_own_output_shows() -> None:
    life = Life().go_to(WORKLOADS)
    one = printed(life.runbook.actions[WORKLOADS].expects[0], "SQL01")
    life.confirm(evidence=(output([one, {**one, "Name": "web01", "State": "Error"}]),))
    kept = [life.facts.workloads[name].outcomes[WORKLOADS].evidence for name in NAMES]
    assert kept == [Verdict.MET, Verdict.NOT_MET, None]  # of file01 nothing was attached
    assert life.problems() == []


@pytest.mark.parametrize(
    ("value", "verdict"), [({"Name": "other", "State": 6, "Mode": 2}, "not_met"), ([], "not_recognised")]
)
def test_what_is_about_nobody_is_said_of_all(value: object, verdict: str) -> None:
    life = Life().go_to(WORKLOADS)
    life.confirm(evidence=(output(value),))
    assert {one.outcomes[WORKLOADS].evidence for one in life.facts.workloads.values()} == {verdict}

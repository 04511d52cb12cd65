"""Which evidence an action asks for, from whom; what the attached outputs show of it, and what is still lacking."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from app.domain.case import Case
from app.domain.events import EventType, Posted
from app.domain.evidence import WRONG_SUBJECT, Expected, check_output
from app.domain.facts import Facts
from app.domain.parts import Expectation
from app.domain.reasons import Because, Reason, because
from app.domain.runbook import Action, Runbook
from app.domain.vocabulary import EvidencePolicy, Site, Verdict

_OUTPUT: Final = "output"  # the kind of evidence that can be checked
_WORKLOAD: Final = "workload"
_OTHER: Final = {Site.PRIMARY: Site.SECONDARY, Site.SECONDARY: Site.PRIMARY}
#: Of several the worst is shown.
_WORST_FIRST: Final = (Verdict.NOT_MET, Verdict.NOT_RECOGNISED, Verdict.WAIVED, Verdict.MET)


def expected_of(runbook: Runbook, facts: Facts, action: Action, workloads: Iterable[str]) -> list[Expected]:
    """Give what the action expects to be shown under the current profile, of each of the workloads where it has them.

    An expectation about a parameter that has no value here is left out.
    """
    names = list(workloads)
    return [
        Expected(place, expectation, subject, *_hosts(runbook, facts, expectation, subject))
        for place, expectation in enumerate(action.expects)
        if not expectation.profiles or facts.profile in expectation.profiles
        for subject in _subjects(runbook, facts, expectation.subject, expectation.named, names)
    ]


def _subjects(
    runbook: Runbook, facts: Facts, subject: str | None, named: str | None, workloads: list[str]
) -> Iterator[str]:
    if subject == _WORKLOAD:
        yield from workloads
    elif subject is not None:
        value = _value(runbook, facts.parameters, subject)
        if value is not None:
            yield value
    elif named is not None:
        yield named


def _value(runbook: Runbook, given: Mapping[str, str], parameter: str) -> str | None:
    return given.get(parameter) or next((one.default for one in runbook.parameters if one.name == parameter), None)


def _hosts(runbook: Runbook, facts: Facts, wanted: Expectation, subject: str) -> tuple[str | None, str | None]:
    """Give the host of the site that is to print it, and the other's: what `primary_host`, `secondary_host` name."""
    if wanted.site not in _OTHER:
        return None, None
    own = facts.workloads[subject].parameters if wanted.subject == _WORKLOAD else {}
    host, elsewhere = (
        _value(runbook, {**facts.parameters, **own}, f"{site.value}_host")
        for site in (wanted.site, _OTHER[wanted.site])
    )
    return host, elsewhere


def asked(case: Case) -> list[Expected]:
    """Give what a confirmation has to show; nothing where the policy is off, or nothing is expected."""
    if case.posted.type is not EventType.CONFIRM or case.action is None or case.facts.evidence is EvidencePolicy.OFF:
        return []
    workloads = case.named or case.facts.open_workloads(case.facts.position)
    return expected_of(case.runbook, case.facts, case.action, workloads)


def checked(case: Case) -> Posted:
    """Give the event with a check beside each attached output. Never raises."""
    wanted = asked(case) if case.posted.evidence else []
    return replace(case.posted, evidence=with_checks(case.posted.evidence, wanted)) if wanted else case.posted


def with_checks(evidence: Iterable[Mapping[str, Any]], wanted: Sequence[Expected]) -> tuple[Mapping[str, Any], ...]:
    """Give pieces of evidence, as a line keeps them, each output with its check where something is wanted."""
    return tuple(
        {**one, "check": check_output(one["content"], wanted)} if wanted and one["kind"] == _OUTPUT else one
        for one in evidence
    )


def shown(evidence: Iterable[Mapping[str, Any]]) -> Iterator[tuple[int, str]]:
    """Give which expectations, of whom, the evidence meets."""
    for one in evidence:
        check = one.get("check")
        if check and check["verdict"] == Verdict.MET:
            yield from ((met["expectation"], met["about"]) for met in check["met"])


def lacking(case: Case) -> list[str]:
    """Give whose evidence a confirmation lacks."""
    return lacking_of(asked(case), case.posted.evidence)


def lacking_of(wanted: Sequence[Expected], evidence: Sequence[Mapping[str, Any]]) -> list[str]:
    """Give of whom something wanted is not shown; where an output shows something else of them, all is open again.

    An output about somebody else shows nothing here, and takes nothing away from what others show.
    """
    contradicted = any(
        found["field"] != WRONG_SUBJECT
        for one in evidence
        if one.get("check")
        for found in one["check"].get("findings", ())
    )
    there = set() if contradicted else set(shown(evidence))
    return list(dict.fromkeys(one.subject for one in wanted if (one.place, one.subject) not in there))


def is_required(facts: Facts) -> bool:
    """Say whether nothing is confirmed without the evidence that is expected."""
    return facts.evidence is EvidencePolicy.REQUIRE


def evidence_is_there(case: Case) -> Reason | None:
    """What the policy requires to be shown is shown, or a coordinator does without."""
    if not is_required(case.facts) or case.posted.evidence_waived:
        return None
    names = lacking(case)
    return because(Because.EVIDENCE_LACKING, names) if names else None


def waives_what_is_lacking(case: Case) -> Reason | None:
    """Evidence is waived only where it is required and lacking."""
    if not case.posted.evidence_waived or (is_required(case.facts) and lacking(case)):
        return None
    return because(Because.NO_EVIDENCE_TO_WAIVE)


def standing(posted: Posted, workload: str | None = None) -> Verdict | None:
    """Give what a confirmation's evidence came to, the worst of it, for one workload or (None) for the action.

    None where nothing was checked, or nothing of that workload.
    """
    checks = [one["check"] for one in posted.evidence if one.get("check")]
    found = {Verdict(one["verdict"]) if workload is None else _said_of(one, workload) for one in checks}
    if posted.evidence_waived:
        found.add(Verdict.WAIVED)
    return worst(found)


def _said_of(check: Mapping[str, Any], workload: str) -> Verdict | None:
    """Give what a check says of one workload; one that is about nobody who was asked about says the same of all."""
    if any(one["about"] == workload for one in check["findings"]):
        return Verdict.NOT_MET
    if any(one["about"] == workload for one in check["met"]):
        return Verdict.MET
    about_others = check["met"] or any(one["field"] != "name" for one in check["findings"])
    return None if about_others else Verdict(check["verdict"])


def worst(found: Iterable[Verdict | None]) -> Verdict | None:
    """Give the worst of some verdicts, None of none."""
    there = set(found)
    return next((one for one in _WORST_FIRST if one in there), None)


def pretended(wanted: Iterable[Expected]) -> tuple[Mapping[str, Any], ...]:
    """Give evidence as if it met all that is wanted, to ask the rules what would be allowed with it."""
    met = [{"expectation": one.place, "about": one.subject} for one in wanted]
    return ({"kind": _OUTPUT, "check": {"verdict": Verdict.MET.value, "met": met, "findings": []}},)

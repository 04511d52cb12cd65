"""The decision about one posted event: may this be, here and now, by this person; or why not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.case import Case, asks_for_authorization, loss_rule
from app.domain.errors import RoleRequired, SecondPersonRequired, TransitionRefused
from app.domain.events import REMARKS, Actor, Decision, EventType, FourEyes, Posted, Role, roles_for
from app.domain.facts import SETTLED, Facts
from app.domain.happening import said_as, workloads_meant
from app.domain.machine import Machine
from app.domain.options import options, told
from app.domain.projection import PLAYED, preceded
from app.domain.reasons import Because, Reason, because
from app.domain.repeats import moved, said_already
from app.domain.rules import why_not
from app.domain.sites import after_the_secondary


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a permitted event means: the workloads it is about, the role it is allowed under, what its line adds."""

    workloads: tuple[str, ...]
    role: Role
    data: Mapping[str, Any]


def decide(machine: Machine, facts: Facts, posted: Posted, actor: Actor, *, language: str = "en") -> Verdict:
    """Permit an event or refuse it.

    Takes an event that passed `check_form`, with workloads as the execution names them. Raises, in the contract's
    order, PositionMoved, TransitionRefused (with every reason), RoleRequired and SecondPersonRequired. `language` is
    that of the reasons.
    """
    case = Case(machine.runbook, facts, posted)
    _check_position(machine, case, language)
    reasons = why_not(case)
    again = said_already(case, refused=bool(reasons))
    if again is not None:
        raise moved(facts, again)
    if reasons:
        raise _refused(machine, case, reasons, language)
    role = _role(case, actor)
    _check_second_person(case, actor)
    return Verdict(workloads=workloads_meant(case), role=role, data=_data(case))


def objection(case: Case, actor: Actor) -> RoleRequired | SecondPersonRequired | None:
    """Give what stands against this person posting the event, whatever the position says to it; None: nothing."""
    try:
        _role(case, actor)
        _check_second_person(case, actor)
    except (RoleRequired, SecondPersonRequired) as refusal:
        return refusal
    return None


def _check_position(machine: Machine, case: Case, language: str) -> None:
    """Compare what the sender saw with where the execution stands."""
    facts, posted = case.facts, case.posted
    if posted.type in REMARKS:
        return
    if posted.at not in (None, facts.position):
        settled = facts.left_by.get(posted.action or "") if posted.at in case.runbook.items else None
        mover = settled or facts.left_by.get(posted.at or "")
        if mover is None:
            raise _refused(machine, case, [because(Because.NOT_REACHED)], language)
        raise moved(facts, mover)
    if posted.attempt is not None and posted.attempt != facts.attempt_at(case.place) and facts.entered_by is not None:
        reopened = facts.visit.get(said_as(EventType.RETRY, facts.position, case.place))
        raise moved(facts, facts.entered_by if reopened is None else reopened.mark)


def _refused(machine: Machine, case: Case, reasons: list[Reason], language: str) -> TransitionRefused:
    sentences = [reason.in_language(language) for reason in reasons]
    return TransitionRefused(
        " ".join(sentences),
        position=case.facts.position,
        version=case.facts.version,
        allowed=[told(machine, case.facts, offer) for offer, found in options(case.runbook, case.facts) if not found],
        reasons=sentences,
    )


def _role(case: Case, actor: Actor) -> Role:
    """Give the role the event is allowed under; raises RoleRequired."""
    roles = roles_for(case.posted.type, above=case.posted.above)
    if case.posted.type is EventType.WAIVE and not (case.action is not None and case.action.optional):
        roles = (Role.COORDINATOR,)
    for role in roles:
        if role in actor.roles:
            return role
    wanted = " or ".join(role.value for role in roles)
    raise RoleRequired(f"This needs the role {wanted}; your token has {_listed(actor)}.", required=[*roles])


def _listed(actor: Actor) -> str:
    return ", ".join(sorted(actor.roles)) or "none"


def _check_second_person(case: Case, actor: Actor) -> None:
    """Refuse who would be both first and second person; break glass lifts it, for that one event."""
    facts, kind = case.facts, case.posted.type
    if kind is EventType.CONFIRM and asks_for_authorization(case):
        for name in workloads_meant(case) if case.per_workload else (None,):
            one = facts.authorization_for(name)
            if one is not None and not one.break_glass and one.by.id == actor.id:
                raise SecondPersonRequired(
                    "You authorized this irreversible action; somebody else has to confirm it, or a coordinator "
                    "breaks the glass."
                )
    if kind is EventType.SIGN_OFF and facts.four_eyes is FourEyes.EVERY_STEP and not case.posted.break_glass:
        step = case.runbook.step_of(facts.position)
        places = [f"{step.id}.{action.id}" for action in step.actions]
        outcomes = [facts.actions[place] for place in places if place in facts.actions]
        outcomes += [one.outcomes[p] for one in facts.workloads.values() for p in places if p in one.outcomes]
        if any(one.by.id == actor.id and one.outcome in SETTLED for one in outcomes):
            raise SecondPersonRequired(
                "You confirmed an action of this step; somebody else has to sign it off, or a coordinator breaks "
                "the glass."
            )


def _data(case: Case) -> dict[str, Any]:
    """Give what the runbook adds to the line, in English whoever asks: the table's advice, a sign-off's meaning."""
    runbook, posted = case.runbook, case.posted
    if posted.type is EventType.REPORT_FAILURE and posted.symptom is not None:
        return {"offers": [one.value for one in runbook.symptoms[posted.symptom].outcomes]}
    if posted.type is EventType.REPORT_FAILURE:
        return {"offers": []}
    if posted.type is EventType.SIGN_OFF:
        meaning = runbook.step_of(case.facts.position).sign_off
        text = meaning.reject if posted.decision is Decision.REJECT else meaning.approve
        return {"meaning": preceded(PLAYED, text).en if case.facts.drill is not None else text.en}
    if posted.type is EventType.PRIMARY_LOST:
        rule = loss_rule(runbook, case.facts)
        return {"text": rule.because.en} if rule is not None and rule.because is not None else {}
    if posted.type is EventType.SECONDARY_LOST and runbook.on_loss.secondary_lost is not None:
        return after_the_secondary(runbook.on_loss.secondary_lost, case.facts)
    return {}

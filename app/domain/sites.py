"""The site picture: where VMM and each workload run, which way they replicate, and since when nothing protects them.

Derived from the journal alone. Source of the effects: the runbook; of the rules for a loss: a site that is gone runs
nothing, and neither sends nor receives replication.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from app.domain.case import was_confirmed
from app.domain.events import OutcomeKind, Posted
from app.domain.facts import Facts, Place, Point, Window
from app.domain.runbook import Effects, Picture, Replication, Runbook, SecondaryLoss, Site, Standing, Undo

VMM = "vmm"  # the subject of an unprotected window that is not a workload


def change(facts: Facts, effects: Effects, names: Iterable[str] | None, *, when: str) -> None:
    """Change where things run as an action's effects say.

    `names` are the workloads the event is about; None means all that are not waived. `when` (UTC RFC 3339) closes or
    opens the windows without protection.
    """
    if effects.vmm is not None:
        facts.vmm = _moved(facts, VMM, facts.vmm, effects.vmm, when)
    if effects.workloads is not None:
        everyone = [name for name, one in facts.workloads.items() if one.waived_at is None]
        for name in everyone if names is None else names:
            workload = facts.workloads[name]
            workload.place = _moved(facts, name, workload.place, effects.workloads, when)


def put_back(facts: Facts, runbook: Runbook, undo: Undo, names: Iterable[str], *, when: str) -> None:
    """Change the picture as an undo says; a direction comes back only where it was really set up."""
    if undo.effects.vmm is not None:
        facts.vmm = _moved(facts, VMM, facts.vmm, _set_up(facts, runbook, undo.effects.vmm, None), when)
    if undo.effects.workloads is not None:
        for name in names:
            workload = facts.workloads[name]
            back = _set_up(facts, runbook, undo.effects.workloads, name)
            workload.place = _moved(facts, name, workload.place, back, when)


def _set_up(facts: Facts, runbook: Runbook, effect: Standing, workload: str | None) -> Standing:
    """Give the effect; without its direction where what sets that up (an initial replication) was not confirmed."""
    for place, action in runbook.actions.items():
        sets_up = action.effects.vmm if workload is None else action.effects.workloads
        same = sets_up is not None and sets_up.replication == effect.replication
        if same and was_confirmed(facts, place, workload):
            return effect
    return replace(effect, replication=None)


def lose(facts: Facts, site: Site, *, when: str) -> None:
    """Take a site away: what ran there runs nowhere, and nothing replicates any more."""
    gone = Standing(site=Site.NONE, replication=Replication.NONE)
    cut = Standing(replication=Replication.NONE)
    facts.vmm = _moved(facts, VMM, facts.vmm, gone if facts.vmm.site == site else cut, when)
    for name, workload in facts.workloads.items():
        workload.place = _moved(facts, name, workload.place, gone if workload.place.site == site else cut, when)


def _moved(facts: Facts, subject: str, place: Place, effect: Standing, when: str) -> Place:
    """Give the subject's new place; keep its windows without protection."""
    stays = effect.site is None or effect.only_from not in (None, place.site)
    moved = Place(
        site=place.site if effect.site is None or stays else effect.site.value,
        replication=place.replication if effect.replication is None else effect.replication.value,
    )
    if place.replication != moved.replication:
        if moved.replication == Replication.NONE:
            facts.unprotected.append(Window(subject, when))
        else:
            facts.unprotected[:] = [
                replace(window, until=when) if window.subject == subject and window.until is None else window
                for window in facts.unprotected
            ]
    return moved


def is_anew(posted: Posted, site: str, effect: Standing | None) -> bool:
    """Say whether the failover really ran again: confirmed as done, or its subject is not where it leads."""
    moves = effect is not None and effect.site is not None and effect.site != site
    return posted.outcome is OutcomeKind.DONE or site == Site.NONE or moves


def not_home(facts: Facts, steady: Picture) -> list[str]:
    """Give the subjects that do not stand and replicate as before the disaster; waived workloads do not count."""
    workloads = [one for one in facts.workloads.values() if one.waived_at is None]
    away = [one.name for one in workloads if not _stands(one.place, steady.workloads)]
    return away if _stands(facts.vmm, steady.vmm) else [VMM, *away]


def _stands(place: Place, standing: Standing) -> bool:
    return place.site == standing.site and place.replication == standing.replication


def after_the_secondary(rule: SecondaryLoss, facts: Facts) -> dict[str, Any]:
    """Give what the line of a lost secondary says, by the picture of that moment: what is gone, and what runs on."""
    points = {one.name: one.recovery_point for one in facts.workloads.values() if one.recovery_point is not None}
    sites = {VMM: facts.vmm.site, **{one.name: one.place.site for one in facts.workloads.values()}}
    at: dict[Site, list[str]] = {site: [name for name, where in sites.items() if where == site] for site in Site}
    told = {site: [_with_point(name, points.get(name)) for name in names] for site, names in at.items()}
    said = [(rule.running_at_secondary, told[Site.SECONDARY]), (rule.running_nowhere, told[Site.NONE])]
    sentences = [f"{text.en} ({', '.join(names)})" for text, names in said if names]
    if any(name in points for name in (*at[Site.SECONDARY], *at[Site.NONE])):
        sentences.append(rule.recovery_points.en)
    if at[Site.PRIMARY]:
        sentences.append(f"{rule.running_at_primary.en} ({', '.join(at[Site.PRIMARY])})")
    return {
        "text": " ".join(sentences),
        "gone": told[Site.SECONDARY],
        "nowhere": told[Site.NONE],
        "goes_on": at[Site.PRIMARY],
    }


def _with_point(name: str, point: Point | None) -> str:
    return name if point is None else f"{name} ({point.label}, {point.time})"

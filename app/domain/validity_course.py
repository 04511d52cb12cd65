"""What makes the course of a runbook valid: undo leads back, a second loss has its answer, the picture comes home."""

from collections.abc import Iterable, Iterator

from app.domain.runbook import Action, LossRule, Order, Picture, Replication, Runbook, Site, Standing, Undo

Path = tuple[str | int, ...]
Finding = tuple[Path, str]
Places = dict[str, int]  # of the actions: step.action to its place among all


def course_findings(runbook: Runbook) -> Iterator[Finding]:
    """Give what is wrong with undo, completes, the loss table and the site picture."""
    order = {position: place for place, position in enumerate(runbook.actions)}
    for number, step in enumerate(runbook.steps):
        for index, action in enumerate(step.actions):
            path: Path = ("steps", number, "actions", index)
            here = order.get(f"{step.id}.{action.id}", -1)
            if action.undo is not None and step.order is Order.ANY:
                yield (*path, "undo"), "a step whose actions have no order has no way back"
            elif action.undo is not None:
                found = _undo(runbook, action, action.undo, order, here)
                yield from (((*path, "undo", *where), message) for where, message in found)
            for place, position in enumerate(action.completes):
                where: Path = (*path, "completes", place)
                yield from _action_position(order, where, position)
                if order.get(position, -1) >= here:
                    yield where, f"{position!r} does not come before this action"
    yield from _losses(runbook, order)
    yield from _picture(runbook)


def _action_position(order: Places, path: Path, position: str) -> Iterator[Finding]:
    if position not in order:
        yield path, f"there is no action {position!r}; name it as step.action"


def _undo(runbook: Runbook, action: Action, undo: Undo, order: Places, here: int) -> Iterator[Finding]:
    own = [profile for profile in runbook.profile_ids if action.in_profile(profile)]
    for place, profile in enumerate(undo.profiles):
        if profile not in own:
            yield ("profiles", place), f"the action is not in a profile {profile!r}"
    yield from _action_position(order, ("to",), undo.to)
    if order.get(undo.to, here) > here:
        yield ("to",), f"{undo.to!r} comes after this action; an undo leads back"
    if not undo.until:
        yield ("until",), "say what ends the time in which this can be undone"
    for place, position in enumerate(undo.until):
        yield from _action_position(order, ("until", place), position)
        if order.get(position, here + 1) <= here:
            yield ("until", place), f"{position!r} does not come after this action"
    if action.per_workload:
        for where, position in (("to", undo.to), *(("until", position) for position in undo.until)):
            if position in order and not runbook.actions[position].per_workload:
                yield (where,), f"{position!r} is not per workload, but this action is"
    ends = [runbook.actions[position] for position in undo.until if position in order]
    for profile in undo.profiles or own:
        if ends and not any(end.in_profile(profile) for end in ends):
            yield ("until",), f"the profile {profile!r} has none of these actions"


def _losses(runbook: Runbook, order: Places) -> Iterator[Finding]:
    rules = runbook.on_loss.primary_lost
    for number, rule in enumerate(rules):
        path: Path = ("on_loss", "primary_lost", number)
        if rule.step is None and rule.since is None:
            yield path, "a rule has `step` or `since`"
            continue
        if rule.step is not None and rule.step not in runbook.step_by_id:
            yield (*path, "step"), f"there is no step {rule.step!r}"
            continue
        if any(earlier.step == rule.step and _is_whole(earlier) for earlier in rules[:number]):
            yield path, f"never reached: an earlier rule answers for all of {rule.step!r}"
        yield from ((path + where, message) for where, message in _loss_rule(runbook, rule, order))
    whole = {rule.step for rule in rules if _is_whole(rule)}
    for step in runbook.steps:
        if rules and step.id not in whole:
            message = f"no rule says where a loss in {step.id!r} leads, or why it is refused, for all of that step"
            yield ("on_loss", "primary_lost"), message
    if runbook.on_loss.secondary_lost is not None:
        yield from _action_position(order, ("on_loss", "secondary_lost", "since"), runbook.on_loss.secondary_lost.since)


def _is_whole(rule: LossRule) -> bool:
    """Say whether the rule answers for all of its step."""
    return rule.until is None and rule.since is None


def _loss_rule(runbook: Runbook, rule: LossRule, order: Places) -> Iterator[Finding]:
    if (rule.to is None) == (rule.refused is None):
        yield (), "a rule has either `to` or `refused`"
    if rule.since is not None:
        yield from _action_position(order, ("since",), rule.since)
    if rule.until is not None:
        yield from _action_position(order, ("until",), rule.until)
        if rule.until in order and not rule.until.startswith(f"{rule.step}."):
            yield ("until",), f"{rule.until!r} is not in the step {rule.step!r}"
    if rule.to is None:
        for member in ("because", "keeps", "back_once", "clears_restored"):
            if getattr(rule, member):
                yield (member,), "a refused loss changes nothing"
    elif rule.to not in runbook.step_by_id:
        yield ("to",), f"there is no step {rule.to!r}"
    else:
        if rule.step is None and runbook.number_of(rule.to) > 1:
            yield ("to",), "without `step` the rule holds anywhere, so that only the first step lies behind"
        elif rule.step is not None and runbook.number_of(rule.to) > runbook.number_of(rule.step):
            yield ("to",), f"{rule.to!r} comes after {rule.step!r}; a loss leads back"
        if rule.because is None:
            yield (), "say why the loss leads there (`because`)"
        yield from _kept(runbook, rule, order, runbook.number_of(rule.to))


def _kept(runbook: Runbook, rule: LossRule, order: Places, landing: int) -> Iterator[Finding]:
    for place, kept in enumerate(rule.keeps):
        if kept not in runbook.step_by_id:
            yield ("keeps", place), f"there is no step {kept!r}"
        elif runbook.number_of(kept) < landing:
            yield ("keeps", place), f"{kept!r} comes before the landing, so it is kept anyway"
    if bool(rule.keeps) != (rule.back_once is not None):
        yield (), "`keeps` and `back_once` go together"
    if rule.back_once is not None:
        yield from _action_position(order, ("back_once",), rule.back_once)
        if rule.back_once in order and not runbook.actions[rule.back_once].per_workload:
            yield ("back_once",), f"{rule.back_once!r} is not per workload"


def _picture(runbook: Runbook) -> Iterator[Finding]:
    whole = True
    pictures = runbook.site_picture
    if pictures is None:
        return
    for moment in ("steady", "outage"):
        picture: Picture = getattr(pictures, moment)
        for subject in ("vmm", "workloads"):
            standing: Standing = getattr(picture, subject)
            if standing.only_from is not None:
                yield ("site_picture", moment, subject, "only_from"), "only an effect has this"
            if standing.site is None or standing.replication is None:
                whole = False
                yield ("site_picture", moment, subject), "a picture says both `site` and `replication`"
    for profile in runbook.profile_ids if whole else ():
        actions = [action for action in runbook.actions.values() if action.in_profile(profile)]
        for subject in ("vmm", "workloads"):
            changes = [getattr(action.effects, subject) for action in actions]
            end = _fold(getattr(pictures.outage, subject), changes)
            wanted: Standing = getattr(pictures.steady, subject)
            if end != wanted:
                message = (
                    f"with the profile {profile!r} the effects do not bring {subject} home: "
                    f"they end at {_said(end)}, not at {_said(wanted)}"
                )
                yield ("site_picture", "steady", subject), message


def _fold(standing: Standing, changes: Iterable[Standing | None]) -> Standing:
    site: Site | None = standing.site
    replication: Replication | None = standing.replication
    for change in changes:
        if change is not None:
            site = change.site if change.site and change.only_from in (None, site) else site
            replication = change.replication or replication
    return Standing(site=site, replication=replication)


def _said(standing: Standing) -> str:
    return f"site {standing.site}, replication {standing.replication}"

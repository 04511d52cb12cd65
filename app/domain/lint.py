"""What is doubtful in a valid definition: nobody refuses it, but somebody should look again, or say why it is so.

A rule of validity says what cannot work; a rule here says what has hurt people who followed a runbook at night.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.domain.runbook import Action, Command, Kind, Order, Runbook, Step
from app.domain.texts import texts_in

Path = tuple[str | int, ...]
Found = tuple[Path, str]

LONGEST = 60  # words of a text that somebody has to take in at three in the morning

#: Verbs that give data or a way back up for good. Sources: the Hyper-V, Az.RecoveryServices and FailoverClusters
#: modules, Transact-SQL; what undoes a failover (Stop-VMFailover) is not among them, since it can be failed over again.
FINAL = re.compile(
    r"Complete-VMFailover|-AsReplica\b|Remove-VM\w*|-Resynchronize\b|CommitFailoverJob"
    r"|Remove-AzRecoveryServicesAsr\w+|Disable-AzRecoveryServicesAsr\w+|Remove-Cluster\w+"
    r"|FORCE_FAILOVER_ALLOW_DATA_LOSS|SET HADR (?:RESUME|OFF)|DROP (?:DATABASE|AVAILABILITY GROUP)",
    re.IGNORECASE,
)
#: What stands for a host without naming one: whoever pastes is always on some "localhost".
NO_HOST = re.compile(
    r"local ?host|127\.0\.0\.1|::1|\.|\?+|-+|n/?a|tbd|todo|here|anywhere"
    r"|(?:(?:the|this|any|some) )?(?:host|server|machine|computer|node|vm)",
    re.IGNORECASE,
)


class Rule(StrEnum):
    """What a finding is about."""

    SECOND_PERSON = "second-person"  # something final that nobody else is asked about
    DONE_ANEW = "done-anew"  # something final that is never asked for again, should the failover happen twice
    NO_CHECK = "no-check"  # a task after which nobody looks
    NO_HOST = "no-host"  # a command that does not say where it runs
    TOO_LONG = "too-long"  # a text that nobody reads to its end


@dataclass(frozen=True, slots=True)
class Finding:
    """One doubtful thing: the rule, where (members and indexes from the top of the definition), and what to do."""

    rule: Rule
    path: Path
    message: str


def lint(runbook: Runbook) -> list[Finding]:
    """Give everything doubtful in a definition that is valid, in the order of the rules."""
    return [Finding(rule, path, message) for rule, look in RULES.items() for path, message in look(runbook)]


def _actions(runbook: Runbook) -> Iterator[tuple[Path, Step, Action]]:
    for number, step in enumerate(runbook.steps):
        for place, action in enumerate(step.actions):
            yield ("steps", number, "actions", place), step, action


def _without_a_second_person(runbook: Runbook) -> Iterator[Found]:
    """Only an irreversible action is authorized, and only it: its undo and its drill are not asked about."""
    for path, _, action in _actions(runbook):
        for where, command in _commands(action):
            verb = None if command.verify else FINAL.search(command.text)
            if verb is not None and (not action.irreversible or where[0] != "commands"):
                yield (*path, *where, "text"), f"{verb[0]} is final, and nobody else is asked: see `irreversible`"


def _never_done_anew(runbook: Runbook) -> Iterator[Found]:
    for path, _, action in _actions(runbook):
        if action.irreversible and not action.completes and runbook.on_loss.primary_lost:
            message = (
                "stays done after a second disaster: name in `completes` what has to happen before it is due again"
            )
            yield (*path, "irreversible"), message


def _without_a_check(runbook: Runbook) -> Iterator[Found]:
    for path, step, action in _actions(runbook):
        if action.kind is Kind.TASK:
            for profile in runbook.profile_ids:
                if action.in_profile(profile) and not _is_looked_at(step, action, profile):
                    yield (
                        path,
                        f"a task, after which nobody looks (profile {profile}): end with a command that verifies",
                    )
                    break
        if action.drill is not None and _acts_last(action.drill.commands):
            yield (
                (*path, "drill"),
                "a drill does something here, after which nobody looks: end with a command that verifies",
            )


def _is_looked_at(step: Step, action: Action, profile: str) -> bool:
    """Say whether what was done is looked at: by its own last command, by its expectation, or by a later check."""
    own = [one for one in action.commands if not one.profiles or profile in one.profiles]
    if action.expectation is not None and not _acts_last(own):
        return True
    later = () if step.order is Order.ANY else step.actions[step.actions.index(action) + 1 :]
    return any(one.kind is Kind.CHECK and one.in_profile(profile) and not one.drill_only for one in later)


def _acts_last(commands: Sequence[Command]) -> bool:
    return bool(commands) and not commands[-1].verify


def _without_a_host(runbook: Runbook) -> Iterator[Found]:
    for path, _, action in _actions(runbook):
        for where, command in _commands(action):
            if NO_HOST.fullmatch(command.run_on.strip()):
                yield (
                    (*path, *where, "run_on"),
                    f"{command.run_on!r} names no host: say on which machine this is pasted",
                )


def _commands(action: Action) -> Iterator[tuple[Path, Command]]:
    held: list[tuple[Path, Sequence[Command]]] = [(("commands",), action.commands)]
    if action.undo is not None:
        held.append((("undo", "commands"), action.undo.commands))
    if action.drill is not None:
        held.append((("drill", "commands"), action.drill.commands))
        if action.drill.undo is not None:
            held.append((("drill", "undo", "commands"), action.drill.undo.commands))
    for where, commands in held:
        yield from (((*where, place), command) for place, command in enumerate(commands))


def _too_long(runbook: Runbook) -> Iterator[Found]:
    for path, text in texts_in(runbook):
        for language in ("en", "fr"):
            words = sum(any(map(str.isalnum, one)) for one in text.in_language(language).split())
            if words > LONGEST:
                yield (*path, language), f"has {words} words; people at night read {LONGEST} at most"


RULES: Mapping[Rule, Callable[[Runbook], Iterator[Found]]] = {
    Rule.SECOND_PERSON: _without_a_second_person,
    Rule.DONE_ANEW: _never_done_anew,
    Rule.NO_CHECK: _without_a_check,
    Rule.NO_HOST: _without_a_host,
    Rule.TOO_LONG: _too_long,
}

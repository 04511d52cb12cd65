"""Commands as text that an administrator pastes: every value goes in as a single-quoted PowerShell literal.

PowerShell ends a single-quoted string at any of five characters, so each is doubled: the apostrophe and the four
typographic quotes it treats alike (about_Quoting_Rules).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.domain.facts import Facts
from app.domain.runbook import PLACEHOLDER, Action, Command, Runbook

_QUOTES = re.compile("(['\u2018\u2019\u201a\u201b])")


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledCommand:
    """One command ready to paste: for which workload (None: the whole), where it runs, and whether it only looks."""

    workload: str | None
    run_on: str
    shell: str
    text: str
    verify: bool


def quoted(value: str) -> str:
    """Give `value` as a PowerShell literal that yields exactly the value back."""
    return "'" + _QUOTES.sub(r"\1\1", value) + "'"


def commands_for(runbook: Runbook, facts: Facts, action: Action, workloads: Iterable[str]) -> Iterator[FilledCommand]:
    """Fill the action's commands of the current profile: once, or once for each of `workloads`."""
    for name in workloads if action.per_workload else (None,):
        yield from filled(runbook, facts, action.commands, name)


def filled(
    runbook: Runbook, facts: Facts, commands: Iterable[Command], workload: str | None
) -> Iterator[FilledCommand]:
    """Fill those commands that the profile and the values ask for, for one workload or (None) for the whole."""
    values = values_for(runbook, facts, workload)
    for command in commands:
        if _shown(command, facts.profile, values):
            yield FilledCommand(
                workload=workload,
                run_on=_fill(command.run_on, values, quote=False),
                shell=command.shell,
                text=_fill(command.text, values, quote=True),
                verify=command.verify,
            )


def values_for(runbook: Runbook, facts: Facts, workload: str | None) -> dict[str, str]:
    """Give every parameter's value: the workload's own, else the execution's, else the runbook's default."""
    values = {one.name: one.default for one in runbook.parameters if one.default is not None}
    values |= facts.parameters
    if workload is not None:
        subject = facts.workloads[workload]
        values |= subject.parameters
        values["workload"] = workload
        if subject.recovery_point is not None:
            values["recovery_point"] = subject.recovery_point.label
    return values


def _shown(command: Command, profile: str, values: Mapping[str, str]) -> bool:
    if command.profiles and profile not in command.profiles:
        return False
    if command.if_set is not None and not values.get(command.if_set):
        return False
    return command.if_not_set is None or not values.get(command.if_not_set)


def _fill(template: str, values: Mapping[str, str], *, quote: bool) -> str:
    """Fill the placeholders in one pass, so that a value that looks like a placeholder stays what it is."""

    def value(found: re.Match[str]) -> str:
        text = values[found[1]]
        return quoted(text) if quote else text

    return PLACEHOLDER.sub(value, template)

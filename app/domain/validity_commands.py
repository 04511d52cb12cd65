"""What makes the commands of a runbook valid: every placeholder has a value and stands where its quoting holds."""

import re
from collections.abc import Iterator

from app.domain.runbook import BUILT_IN_PARAMETERS, PLACEHOLDER, Action, Command, Runbook

Path = tuple[str | int, ...]
Finding = tuple[Path, str]

#: Values are written as PowerShell literals, so another shell would read them wrongly.
SHELL = "powershell"
#: PowerShell's strings and comments: a literal put into one of them would end it, and let its value be code.
STRING_OR_COMMENT = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"`]|`.|\"\")*\"|(?<!\S)#[^\n]*", re.DOTALL)
BEFORE = frozenset(" \n(,;={|[")
AFTER = frozenset(" \n),;}|]")


def used_parameters(runbook: Runbook) -> set[str]:
    """Give the names of the parameters that some command fills in or depends on."""
    used: set[str] = set()
    for _, _, command in _commands(runbook):
        used.update(PLACEHOLDER.findall(command.text), PLACEHOLDER.findall(command.run_on))
        used.update(name for name in (command.if_set, command.if_not_set) if name)
    return used


def command_findings(runbook: Runbook) -> Iterator[Finding]:
    """Give what is wrong with the commands of actions and of undoing them."""
    declared = {parameter.name for parameter in runbook.parameters} | BUILT_IN_PARAMETERS
    always = {one.name for one in runbook.parameters if one.required or one.default is not None} | {"workload"}
    for path, action, command in _commands(runbook):
        yield from ((path + where, message) for where, message in _form(command))
        for member in ("if_set", "if_not_set"):
            name = getattr(command, member)
            if name is not None:
                yield from _known((*path, member), name, declared, action)
        for name in dict.fromkeys(PLACEHOLDER.findall(command.run_on)):
            yield from _known((*path, "run_on"), name, declared, action)
            if name in declared and name not in always:
                yield (*path, "run_on"), f"{{{name}}} may have no value; the host must be known"
        for name in dict.fromkeys(PLACEHOLDER.findall(command.text)):
            yield from _known((*path, "text"), name, declared, action)
            if name in declared and name not in always and command.if_set != name:
                yield (*path, "text"), f"{{{name}}} may have no value; say `if_set: {name}`"
        yield from _profiles(runbook, action, command, path)


def _commands(runbook: Runbook) -> Iterator[tuple[Path, Action, Command]]:
    for number, step in enumerate(runbook.steps):
        for place, action in enumerate(step.actions):
            path: Path = ("steps", number, "actions", place)
            for index, command in enumerate(action.commands):
                yield (*path, "commands", index), action, command
            for index, command in enumerate(action.undo.commands if action.undo else ()):
                yield (*path, "undo", "commands", index), action, command
            for index, command in enumerate(action.drill.commands if action.drill else ()):
                yield (*path, "drill", "commands", index), action, command
            for index, command in enumerate(action.drill.undo.commands if action.drill and action.drill.undo else ()):
                yield (*path, "drill", "undo", "commands", index), action, command


def _form(command: Command) -> Iterator[Finding]:
    if command.shell != SHELL:
        yield ("shell",), f"must be {SHELL!r}: values are quoted for no other shell"
    if not command.text.strip():
        yield ("text",), "the command is empty"
    if not command.run_on.strip():
        yield ("run_on",), "say where the command runs"
    if command.if_set is not None and command.if_set == command.if_not_set:
        yield ("if_not_set",), "the command would never be shown"
    for span in STRING_OR_COMMENT.finditer(command.text):
        for name in PLACEHOLDER.findall(span[0]):
            yield ("text",), f"{{{name}}} stands inside quotes or a comment: its value comes with its own quotes"
    for found in PLACEHOLDER.finditer(command.text):
        before, after = command.text[: found.start()][-1:], command.text[found.end() :][:1]
        if (before and before not in BEFORE) or (after and after not in AFTER):
            yield ("text",), f"{found[0]} must stand alone, as a value by itself"


def _known(path: Path, name: str, declared: set[str], action: Action) -> Iterator[Finding]:
    if name not in declared:
        yield path, f"there is no parameter {name!r}"
    elif name in BUILT_IN_PARAMETERS and not action.per_workload:
        yield path, f"{name!r} has a value in per-workload actions only"


def _profiles(runbook: Runbook, action: Action, command: Command, path: Path) -> Iterator[Finding]:
    own = action.profiles or runbook.profile_ids
    if "undo" in path and action.undo is not None and action.undo.profiles:
        own = action.undo.profiles
    for place, profile in enumerate(command.profiles):
        if profile not in own:
            yield (*path, "profiles", place), f"the command would never be shown: no {profile!r} here"

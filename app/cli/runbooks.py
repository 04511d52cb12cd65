"""`runbook check|lint|diff|show`: what an author asks of a definition."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from app.cli.difference_said import said
from app.cli.runbook_said import Page
from app.cli.runbook_source import ARGUMENT, CANNOT_TELL, Read, read
from app.cli.said import Stop, complain, printable, tell

commands = typer.Typer(help="Work on runbook definitions.", no_args_is_help=True)

Source = Annotated[str, typer.Argument(help=ARGUMENT)]
DIFFERENT = 1
DOUBTFUL = 1


@commands.command()
def check(file: Annotated[Path, typer.Argument(help="A definition in YAML.")]) -> None:
    """Print the definition's id, version and digest; or every fault as `file:line: …`, with exit code 1."""
    from app.domain.machine import machine_for
    from app.runbooks import RunbookFault, read_runbook

    try:
        _, runbook = read_runbook(file)
    except RunbookFault as fault:
        raise Stop("\n".join(printable(str(one)) for one in fault.faults)) from None
    for profile in runbook.profile_ids:
        machine_for(runbook, profile)
    tell(f"{runbook.id} {runbook.version} {runbook.digest}")


@commands.command()
def lint(
    sources: Annotated[list[str] | None, typer.Argument(help=f"{ARGUMENT} None: every bundled runbook.")] = None,
) -> None:
    """Print what is doubtful as `file:line: member: … [rule]`, faults included.

    Exit code 0: nothing is; 1: something is; 2: it could not be told.
    """
    from app.domain.lint import lint as doubts
    from app.runbooks import RunbookFault, bundled_runbooks

    found: list[str] = []
    for source in sources or [runbook.id for _, runbook in bundled_runbooks()]:
        try:
            one = read(source)
        except RunbookFault as fault:
            found += [f"{each} [fault]" for each in fault.faults]
            continue
        in_order = sorted(doubts(one.runbook), key=lambda finding: one.lines.of(finding.path))
        found += [
            f"{_place(one, finding.path)}: {one.lines.said(finding.path)}: {finding.message} [{finding.rule}]"
            for finding in in_order
        ]
    for line in found:
        tell(printable(line))
    if found:
        raise Stop(f"{len(found)} doubtful" if len(found) > 1 else "1 doubtful", code=DOUBTFUL)


def _place(one: Read, path: tuple[str | int, ...]) -> str:
    return f"{one.name}:{one.lines.of(path)}" if one.in_file else one.name


@commands.command()
def diff(before: Source, after: Source) -> None:
    """Print what differs by meaning: steps, actions, flags, texts, commands and their order.

    Exit code 0: they mean the same; 1: they differ; 2: it could not be told.
    """
    from app.domain.differences import differences

    old, new = _valid(before), _valid(after)
    found = differences(old.runbook, new.runbook)
    for one in found:
        for line in said(one):
            tell(line)
    if not found:
        return
    if old.runbook.id == new.runbook.id and old.runbook.version == new.runbook.version:
        complain(f"Both say version {new.runbook.version}: a changed definition needs a higher one to be published.")
    raise Stop(code=DIFFERENT)


@commands.command()
def show(
    source: Source,
    language: Annotated[Literal["en", "fr"], typer.Option("--lang", help="Language of the texts.")] = "en",
    mode: Annotated[Literal["live", "drill"], typer.Option("--mode", help="As live ones walk it, or drills.")] = "live",
    profile: Annotated[str | None, typer.Option("--profile", help="Only what this command profile has.")] = None,
) -> None:
    """Print a runbook to be read: what it asks for, each step and action with its commands, what a loss leads to."""
    runbook = _valid(source).runbook.for_mode(mode)
    if profile is not None and profile not in runbook.profile_ids:
        known = ", ".join(runbook.profile_ids)
        raise Stop(f"There is no command profile {printable(profile)}; there is: {known}", code=CANNOT_TELL)
    Page(runbook, language=language, profile=profile).say()


def _valid(source: str) -> Read:
    """Give the definition; raises Stop, with exit code 2, with its faults."""
    from app.runbooks import RunbookFault

    try:
        return read(source)
    except RunbookFault as fault:
        raise Stop("\n".join(printable(str(one)) for one in fault.faults), code=CANNOT_TELL) from None

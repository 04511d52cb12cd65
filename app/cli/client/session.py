"""A session: what every command that speaks to the service is given."""

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import typer

from app.cli.client.codes import FAILED, INTERRUPTED
from app.cli.client.contexts import chosen, remember_who_answered
from app.cli.client.options import EXECUTION, SHARED, WHICH, Option, add_command
from app.cli.client.refused import Refused
from app.cli.client.shown import Form, say
from app.cli.said import Stop

if TYPE_CHECKING:
    from app.cli.client.calls import Calls

LANGUAGES: Final = ("en", "fr")


@dataclass(frozen=True, slots=True)
class Session:
    """Who speaks to whom, and how what comes back is shown."""

    calls: "Calls"
    form: Form
    execution: str | None  # as given by an option, the environment or the context

    @property
    def interactive(self) -> bool:
        """Whether there is somebody to ask."""
        return sys.stdin.isatty() and sys.stderr.isatty()


def add(
    commands: typer.Typer,
    name: str,
    function: Callable[..., None],
    *options: Option,
    said: str = "",
    about_one: bool = False,
    by_argument: bool = False,
) -> None:
    """Make `function(session, …)` a command with these options.

    `about_one`: it speaks of one execution, named by an option; with `by_argument`, by its only argument as well.
    """
    shared: Sequence[Option] = (*([EXECUTION] if about_one or by_argument else []), *SHARED)

    def run(**given: Any) -> None:
        told = {one.name: given.pop(one.name) for one in shared}
        if by_argument:
            told["execution"] = given.pop(WHICH.name) or told["execution"]
        _run(lambda session: function(session, **given), **told)

    add_command(
        commands, name, run, [*([WHICH] if by_argument else []), *options, *shared], said=said or function.__doc__ or ""
    )


def _run(
    function: Callable[[Session], None],
    *,
    context: str | None,
    form: Form,
    patience: float,
    lang: str | None,
    execution: str | None = None,
) -> None:
    from app.cli.client.calls import Calls  # the HTTP library is imported by who calls

    here = chosen(context)

    def another_answers(url: str) -> None:
        say(f"{url} answers.")
        remember_who_answered(here, url)

    with Calls(here, language=_language(lang), patience=patience, on_answer=another_answers) as calls:
        try:
            function(Session(calls, form, execution or here.execution))
        except Refused as refused:
            if form not in {Form.JSON, Form.JSONL}:
                raise
            print(refused.as_json, file=sys.stderr, flush=True)
            raise Stop(code=refused.code) from None
        except BrokenPipeError:  # whoever reads has enough: `| head`
            raise
        except OSError as error:  # a full disk, say: whatever was asked for is done, but cannot be shown
            _write_no_more()
            raise Stop(f"The answer came, but cannot be written: {error.strerror or error}", code=FAILED) from None
        except KeyboardInterrupt:
            raise Stop(code=INTERRUPTED) from None


def _write_no_more() -> None:
    """Let what is still buffered go: the interpreter would try it again at its end, and end with a code of its own."""
    with suppress(OSError, ValueError):  # a standard output without a file has nothing to let go
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _language(lang: str | None) -> str:
    """Give the language asked for, else that of the person's locale, else English."""
    if lang is not None:
        return lang
    said = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return next((one for one in LANGUAGES if said.lower().startswith(one)), LANGUAGES[0])

"""Options as typer takes them, and those that every command of the client has."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from inspect import Parameter
from typing import Annotated, Any, Final

import typer

from app.cli.client.contexts import load
from app.cli.client.shown import Form

PATIENCE: Final = 15.0


@dataclass(frozen=True, slots=True)
class Option:
    """One option or argument: its name, how typer takes it, and its default (`...`: it has to be given)."""

    name: str
    kind: Any
    default: Any = None

    @property
    def parameter(self) -> Parameter:
        """It as a parameter of a function, as typer reads it."""
        default = Parameter.empty if self.default is ... else self.default
        return Parameter(self.name, Parameter.KEYWORD_ONLY, annotation=self.kind, default=default)


def option(name: str, kind: Any, *flags: str, said: str, default: Any = None, **more: Any) -> Option:
    """Give an option by its flags and what help says of it."""
    return Option(name, Annotated[kind, typer.Option(*flags, help=said, **more)], default)


def argument(name: str, kind: Any, metavar: str, *, said: str = "", default: Any = ...) -> Option:
    """Give an argument, said without a flag."""
    return Option(name, Annotated[kind, typer.Argument(metavar=metavar, help=said)], default)


def _known_contexts() -> list[str]:
    return list(load().by_name)


SHARED: Final = (
    option(
        "context", str | None, "--context", "-c", envvar="FAILBACK_CONTEXT", metavar="NAME",
        said="Speak in this context; else in the current one.", autocompletion=_known_contexts,
    ),
    option("form", Form, "--output", "-o", default=Form.TABLE, said="How data is given on stdout."),
    option(
        "patience", float, "--patience", envvar="FAILBACK_PATIENCE", metavar="SECONDS", default=PATIENCE,
        said="How long a request that is not answered is repeated, by the same key.",
    ),
    option("lang", str | None, "--lang", envvar="FAILBACK_LANG", metavar="en|fr", said="Language of the texts."),
)  # fmt: skip
EXECUTION: Final = option(
    "execution", str | None, "--execution", "-e", envvar="FAILBACK_EXECUTION", metavar="ID",
    said="The execution, or the beginning or end of its id; else the context's, else the one that runs.",
)  # fmt: skip
WHICH: Final = argument("which", str | None, "[ID]", said="The same as --execution.", default=None)


def add_command(
    commands: typer.Typer, name: str, function: Callable[..., None], options: Sequence[Option], *, said: str
) -> None:
    """Make `function`, called with the options by their names, the command `name`."""
    from inspect import Signature

    def run(**given: Any) -> None:
        function(**given)

    parameters = [one.parameter for one in options]
    run.__signature__ = Signature(parameters)  # type: ignore[attr-defined] # where typer looks for it
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    commands.command(name, help=said)(run)

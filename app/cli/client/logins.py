"""`login`, `logout`, `whoami` and `context`: who speaks to which service, kept for the next command."""

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import typer

from app.cli.client import contexts
from app.cli.client.codes import USAGE
from app.cli.client.contexts import Context
from app.cli.client.options import SHARED, Option, add_command, argument, option
from app.cli.client.session import Session, add
from app.cli.client.shown import Form, give, put, say, table
from app.cli.said import Stop

_FORM: Final = next(one for one in SHARED if one.name == "form")


def log_in(*, name: str | None, urls: Sequence[str], form: Form) -> None:
    """Keep who you are and where the service is; the new context becomes the current one.

    The token comes from FAILBACK_TOKEN or FAILBACK_TOKEN_FILE, else it is asked for, else it is read from stdin: never
    from the command line, which other users of the machine can read.
    """
    from app.cli.client.calls import Calls

    kept = contexts.load()
    name = name or kept.current or "default"
    known = kept.by_name.get(name)
    given = contexts.base_urls(urls or os.environ.get("FAILBACK_URL", "").replace(",", " ").split())
    where = given or (known.urls if known else ())
    if not where:
        raise Stop("Where is the service? failback login --url http://127.0.0.1:8000", code=USAGE)
    for url in filter(contexts.travels_in_the_clear, where):
        say(f"{url} is not encrypted: whoever is on the way can read the token. Better https.")
    context = Context(name=name, urls=where, token=_token(), execution=known.execution if known else None)
    with Calls(context, patience=0) as calls:
        me = calls.get("/me")
        context = replace(context, answered=calls.urls[0])
    kept = contexts.load()
    kept.keep(context)
    kept.current = name
    contexts.save(kept)
    told = {"context": name, "urls": list(where), **me}
    give(
        form,
        told,
        names=[name],
        draw=lambda: put(f"Logged in as {me['name']} ({', '.join(me['roles'])}) in the context {name}"),
    )


def _token() -> str:
    token = contexts.token_from_environment()
    if not token and sys.stdin.isatty():
        token = typer.prompt("Token", hide_input=True, err=True).strip()
    token = token or contexts.token_from_stdin()
    if not token:
        raise Stop("No token was given: type it when asked, pipe it in, or set FAILBACK_TOKEN.", code=USAGE)
    if not token.isascii() or not token.isprintable():
        raise Stop("That is no token: it holds characters that no token has.", code=USAGE)
    return token


def log_out(*, name: str | None) -> None:
    """Forget a context and its token, here; revoking the token is the administrator's: token revoke."""
    kept = contexts.load()
    gone = kept.named(name or kept.current or "default").name
    del kept.by_name[gone]
    kept.current = None if kept.current == gone else kept.current
    contexts.save(kept)
    say(f"The context {gone} is forgotten here. Its token stays valid until an administrator revokes it.")


def who_am_i(session: Session) -> None:
    """Say who the token speaks for, in which roles, and by which base URL."""
    me = session.calls.get("/me")
    told = {**me, "url": session.calls.urls[0]}
    give(
        session.form,
        told,
        names=[me["id"]],
        draw=lambda: table(
            ("NAME", "ID", "ROLES", "URL"), [(me["name"], me["id"], ", ".join(me["roles"]), told["url"])]
        ),
    )


def list_contexts(*, form: Form) -> None:
    """List the contexts; the current one is marked."""
    kept = contexts.load()
    items: list[dict[str, Any]] = [
        {"name": one.name, "current": one.name == kept.current, "urls": list(one.urls), "execution": one.execution}
        for one in kept.by_name.values()
    ]
    rows = [("*" if one["current"] else "", one["name"], " ".join(one["urls"]), one["execution"]) for one in items]
    give(
        form,
        {"items": items},
        items=items,
        names=[one["name"] for one in items],
        draw=lambda: table(("", "NAME", "URLS", "EXECUTION"), rows, fixed=2),
    )


def use_context(*, name: str) -> None:
    """Make a context the current one."""
    kept = contexts.load()
    kept.current = kept.named(name).name
    contexts.save(kept)


def choose_execution(*, execution: str | None, context: str | None) -> None:
    """Let a context's commands mean this execution by default; without one, the one that runs."""
    kept = contexts.load()
    name = context or kept.current
    if name is None:
        raise Stop("There is no current context. Log in first: failback login --url URL", code=USAGE)
    kept.keep(replace(kept.named(name), execution=execution))
    contexts.save(kept)


def register(commands: typer.Typer) -> None:
    """Add `login`, `logout`, `whoami` and the group `context`."""
    name = argument("name", str | None, "[CONTEXT]", said="Its name; else the current one.", default=None)
    urls = option("urls", list[str], "--url", said="A base URL; repeat it: they are tried in turn.", default=())
    add_command(commands, "login", log_in, [name, urls, _FORM], said=log_in.__doc__ or "")
    add_command(commands, "logout", log_out, [name], said=log_out.__doc__ or "")
    add(commands, "whoami", who_am_i)
    group = typer.Typer(help="Who speaks to which service.", no_args_is_help=True)
    known: list[tuple[str, Any, list[Option]]] = [
        ("list", list_contexts, [_FORM]),
        ("use", use_context, [argument("name", str, "NAME")]),
        (
            "execution",
            choose_execution,
            [
                argument("execution", str | None, "[ID]", said="Its id, or the beginning or end of it.", default=None),
                next(one for one in SHARED if one.name == "context"),
            ],
        ),
    ]
    for word, function, options in known:
        add_command(group, word, function, options, said=function.__doc__ or "")
    commands.add_typer(group, name="context")

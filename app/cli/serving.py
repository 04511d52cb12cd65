"""`serve`: everything that can be wrong is found out and said first; then uvicorn serves until it is told to end."""

import errno
import logging.config
import os
import signal
import socket
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.opened import open_database, prepare_database, read_settings
from app.cli.said import Stop, tell

if TYPE_CHECKING:
    from uvicorn import Config

    from app.logs import Form
    from app.storage.database import Database

GRACE_SECONDS = 5  # for requests in flight when told to end; an event takes milliseconds


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; else FAILBACK_HOST, else 127.0.0.1.")] = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Port; else FAILBACK_PORT, else 8000. 0: any that is free."),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes; more than one needs PostgreSQL.")] = 1,
) -> None:
    """Serve the API. A SQLite database is migrated first; the first start makes the operators ann and ben."""
    from app.logs import log_config

    settings = read_settings()
    logging.config.dictConfig(log_config(settings.log_format))
    _check_definitions()
    database = open_database(settings)
    try:
        if database.is_sqlite and workers > 1:
            raise Stop(
                f"--workers {workers} needs PostgreSQL: a SQLite file has one writing process, more of them would only "
                "wait for each other. Leave --workers out, or set FAILBACK_DATABASE_URL=postgresql://…"
            )
        listening = _bind(settings.host if host is None else host, settings.port if port is None else port)
        prepare_database(database, settings)
        _greet(database, show_tokens=settings.print_tokens or sys.stdout.isatty())
    finally:
        database.dispose()
    _say_where(listening)
    _run(listening, workers=workers, form=settings.log_format)


def _check_definitions() -> None:
    """Refuse to start on a bad runbook, and on one that gives no machine."""
    from app.runbooks import RunbookFault
    from app.services.definitions import Definitions

    try:
        Definitions()
    except RunbookFault as fault:
        raise Stop(f"A runbook cannot be used (python -m app runbook check says the same):\n{fault}") from None


def _bind(host: str, port: int) -> socket.socket:
    """Take the address before anything is changed; raises Stop where it cannot be had."""
    if not host:
        raise Stop("The host to listen on is empty, which would mean every address; for that say 0.0.0.0 or ::")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, since asyncio turns Nagle's delay off only for sockets that say so.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere it would let two programs have one port
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise _no_port(error, host, port) from None
    bound.set_inheritable(True)
    return bound


def _no_port(error: OSError, host: str, port: int) -> Stop:
    if error.errno == errno.EADDRINUSE:
        return Stop(f"Port {port} of {host} is in use, perhaps by another Failback. Choose another: --port {port + 1}")
    return Stop(f"Cannot listen on {host} port {port}: {error.strerror or error}")


def _greet(database: "Database", *, show_tokens: bool) -> None:
    """Make the two first operators, but only where somebody will see their tokens, which are shown this once."""
    from app.services import identity

    if show_tokens:
        made = identity.first_operators(database)
        if made:
            tell("First start: two operators were made. Their tokens are shown this once; keep them.")
        for one in made:
            tell(f"  {one.name}  {one.text}  ({', '.join(one.roles)})")
    elif not identity.list_tokens(database):
        tell(
            "Nobody has a token yet, and none is printed where it may end in a log. Make the first two:\n"
            "  python -m app token create --name ann --role coordinator --role operator\n"
            "  python -m app token create --name ben --role approver"
        )


def _say_where(listening: socket.socket) -> None:
    host, port = listening.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - what to type, not what to bind
    url = f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"
    tell(f"Failback on {url}  (Ctrl+C ends it)")
    tell(f"  the console, for people with a token: {url}/")
    tell(f"  the API, to read and to try: {url}/docs")
    tell("  a whole disaster, hand by hand: README.md; by itself: make demo")


def _end(_number: int, _frame: object) -> None:
    """Take the SIGTERM that the server repeats once it has ended: that is good order, and the exit code says so."""
    raise SystemExit(0)


def _run(listening: socket.socket, *, workers: int, form: "Form") -> None:
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    from app.logs import log_config

    config: Config = uvicorn.Config(
        "app.main:application",
        factory=True,
        workers=workers,
        http="h11",  # takes 64 KiB of headers at most; the faster parser takes any number
        ws="none",
        lifespan="on",
        access_log=False,
        server_header=False,
        proxy_headers=False,  # who asks is who is connected: anybody can write a header
        timeout_graceful_shutdown=GRACE_SECONDS,
        log_config=log_config(form),
    )
    server = uvicorn.Server(config)
    signal.signal(signal.SIGTERM, _end)
    try:
        if workers > 1:
            Multiprocess(config, sockets=[listening]).run()
        else:
            server.run(sockets=[listening])
    except KeyboardInterrupt:  # it has ended in good order, and then repeats the signal
        return
    except OSError as error:  # the other program had taken the port too, and listened first
        raise _no_port(error, *listening.getsockname()[:2]) from None
    finally:
        listening.close()

"""Logs: one form for ours and uvicorn's, as JSON or text on stderr, in which no token and no password is ever shown."""

import logging
import re
from collections.abc import MutableMapping
from typing import Any, Final, Literal

import structlog
from structlog.typing import Processor

Form = Literal["json", "text"]

_TOKEN: Final = re.compile(r"\b(fbk_[0-9A-Za-z]+_)[0-9A-Za-z_~+/=.-]+")
_PASSWORD: Final = re.compile(r"(://[^\s:/@\"']*:)[^\s@/\"']+(?=@)")
#: What would begin a line of its own, or move a terminal's cursor.
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def redacted(text: str) -> str:
    """Give the text without the secret of any token, and without a database URL's password."""
    return _PASSWORD.sub(r"\1***", _TOKEN.sub(r"\1***", text))


def one_line(text: str) -> str:
    """Give the text with its control characters written out, so that it can neither break a line nor a terminal."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


class RedactingFormatter(structlog.stdlib.ProcessorFormatter):
    """Looks at every line last, whatever made it: a message, a value, a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the record's line."""
        return redacted(super().format(record))


def _values_in_one_line(_logger: object, _name: str, said: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keep what came from outside from looking like another line; a traceback, which is ours, keeps its lines."""
    return {
        one_line(name): one_line(value) if isinstance(value, str) and name != "exception" else value
        for name, value in said.items()
        if name != "color_message"  # uvicorn's, for terminals
    }


def formatter(form: Form) -> logging.Formatter:
    """Give the formatter of all lines; on the way structlog's own loggers are led into the standard library's.

    In a worker process this is the first call that `log_config` leads to, so that both are set up there as well.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    last: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(
            colors=False, pad_event_to=0, timestamp_key="time", exception_formatter=structlog.dev.plain_traceback
        )
    )
    return RedactingFormatter(
        foreign_pre_chain=[
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ExtraAdder(),
            *shared,
        ],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _values_in_one_line, last],
    )


def log_config(form: Form) -> dict[str, Any]:
    """Give the configuration for `logging.config.dictConfig`, which uvicorn applies in each of its processes."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "app.logs.formatter", "form": form}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "stream": "ext://sys.stderr", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {"alembic": {"level": "WARNING"}, "transitions": {"level": "WARNING"}},
    }

"""Logs: one form, one line each, and no secret in any of them."""

import io
import json
import logging
import logging.config
from collections.abc import Iterator

import pytest
import structlog

from app.logs import Form, log_config, one_line, redacted

SECRET = "ab" * 32
TOKEN = f"fbk_0123456789ab_{SECRET}"


@pytest.fixture(params=["json", "text"])
def form(request: pytest.FixtureRequest) -> Form:
    given: Form = request.param
    return given


@pytest.fixture
def out(form: Form) -> Iterator[io.StringIO]:
    """Give what is logged in that form; everything is put back afterwards."""
    stream = io.StringIO()
    config = log_config(form)
    config["handlers"]["stderr"]["stream"] = stream
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    logging.config.dictConfig(config)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


def log_everywhere() -> None:
    """Put a token wherever one could get into a line, by both kinds of logger."""
    try:
        int(TOKEN)
    except ValueError:
        logging.getLogger("one").exception("said %s", TOKEN, extra={"header": f"Bearer {TOKEN}"})
        structlog.get_logger("two").exception(f"said {TOKEN}", nested={"list": [TOKEN]}, key=TOKEN.encode())
    logging.getLogger("three").error("postgresql://failback:s3cret@host/db")


def test_no_secret_is_in_any_line(out: io.StringIO) -> None:
    log_everywhere()
    assert SECRET not in out.getvalue()
    assert "s3cret" not in out.getvalue()
    assert out.getvalue().count("fbk_0123456789ab_***") >= 6
    assert "postgresql://failback:***@host/db" in out.getvalue()


def test_what_comes_from_outside_begins_no_line_of_its_own(out: io.StringIO, form: Form) -> None:
    logging.getLogger("one").warning("said %s", "a\nb\x1b[2J\r\u2028c")
    structlog.get_logger("two").warning("said", name="a\nb\x1b[2J\r\u2028c")
    assert len(out.getvalue().splitlines()) == 2
    assert "\x1b" not in out.getvalue()
    if form == "json":
        first = json.loads(out.getvalue().splitlines()[0])
        assert first["event"] == "said a\\nb\\x1b[2J\\r\\u2028c"


def test_a_line_says_when_who_and_how_grave(out: io.StringIO, form: Form) -> None:
    logging.getLogger("uvicorn.error").info("Started", extra={"color_message": "\x1b[36mStarted"})
    structlog.get_logger("app.web").warning("odd", times=3)
    assert "color_message" not in out.getvalue()
    if form == "json":
        first, second = (json.loads(line) for line in out.getvalue().splitlines())
        assert (first["event"], first["logger"], first["level"]) == ("Started", "uvicorn.error", "info")
        assert (second["times"], second["logger"], second["level"]) == (3, "app.web", "warning")
        assert first["time"].endswith("Z")
    else:
        assert "odd" in out.getvalue()
        assert "times=3" in out.getvalue()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (TOKEN, "fbk_0123456789ab_***"),
        (f'"{TOKEN}"', '"fbk_0123456789ab_***"'),
        (f"a={TOKEN}&b", "a=fbk_0123456789ab_***&b"),
        ("fbk_short_x", "fbk_short_***"),
        ("postgresql://u:p@h/d", "postgresql://u:***@h/d"),
        ("http://h:80/p", "http://h:80/p"),
        ("nothing here", "nothing here"),
    ],
)
def test_a_secret_is_replaced_and_nothing_else(text: str, shown: str) -> None:
    assert redacted(text) == shown


def test_control_characters_are_written_out() -> None:
    assert one_line("a\tb\x00\x7f\u2029é") == "a\\tb\\x00\\x7f\\u2029é"

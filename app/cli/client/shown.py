"""What a command shows: documents as tables or JSON on stdout, messages on stderr; nothing that steers a terminal."""

import json
import os
import sys
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from rich.console import Console

_STEERS: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_NO_EDGE: Final = 100_000  # columns where no terminal shows it: no line is broken
#: How each mode is marked, as a word and not by its colour alone.
MODES: Final = {"live": ("LIVE", "bold white on red"), "drill": ("DRILL", "bold black on yellow")}


class Form(StrEnum):
    """How a command gives its data."""

    TABLE = "table"  # for people
    JSON = "json"  # the service's document
    JSONL = "jsonl"  # one item a line
    NAME = "name"  # ids alone, one a line


def clean(text: Any) -> str:
    """Give text from outside with what could steer a terminal written out; line breaks and spaces of any width stay."""
    said = str(text)
    if said.isascii() and said.isprintable():
        return said
    return "".join(
        one if one in "\n\t" or unicodedata.category(one) not in _STEERS else one.encode("unicode_escape").decode()
        for one in said
    )


def _only_ascii() -> bool:
    """Say whether stdout takes less than Unicode, as a pipe on Windows does."""
    return not (sys.stdout.encoding or "").lower().startswith("utf")


def compact(document: Any) -> str:
    """Give a document as one line of JSON."""
    return json.dumps(document, ensure_ascii=_only_ascii(), separators=(",", ":"))


def on(stream: Any) -> "Console":
    """Give a console on a stream: colours and the width of a terminal where it is one, else plain text, unbroken."""
    from rich.console import Console

    width = None if stream.isatty() else _NO_EDGE
    colours: Literal["auto"] | None = None if os.environ.get("NO_COLOR") else "auto"
    return Console(file=stream, width=width, color_system=colours, highlight=False, markup=False, emoji=False)


def when(text: str | None) -> str:
    """Give a time of the service as people read it: UTC, to the second."""
    return "" if text is None else f"{text[:10]} {text[11:19]}Z"


def put(text: str = "", *, style: str = "", indent: int = 0) -> None:
    """Say a line on stdout, broken at the terminal's edge between words."""
    from rich.padding import Padding
    from rich.text import Text

    if not text:
        print()
        return
    on(sys.stdout).print(Padding(Text(clean(text), style=style), (0, 0, 0, indent), expand=False))


def verbatim(text: str) -> None:
    """Say text on stdout to be copied: never broken, never coloured."""
    print(clean(text), flush=True)


def say(text: str = "", *, style: str = "") -> None:
    """Say a message on stderr."""
    from rich.text import Text

    on(sys.stderr).print(Text(clean(text), style=style), soft_wrap=True)


def mode_of(document: Any) -> str:
    """Give the word that marks an execution's mode."""
    return clean(MODES.get(str(document["mode"]), (str(document["mode"]).upper(), ""))[0])


def heading(document: Any, *, stream: Any = None) -> None:
    """Say which execution this is about, its mode before anything else."""
    from rich.text import Text

    style = MODES.get(document["mode"], ("", "bold"))[1]
    rest = f" {document['title']} · {document['status']} · {document['id']}"
    line = Text.assemble((f" {mode_of(document)} ", style), (clean(rest), "bold"))
    on(stream or sys.stdout).print(line, soft_wrap=True)


def table(headings: Sequence[str], rows: Iterable[Sequence[Any]], *, fixed: int = 1) -> None:
    """Draw a table on stdout, its first `fixed` columns never broken; a row's cell None is empty."""
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for number, name in enumerate(headings):
        drawn.add_column(name, no_wrap=number < fixed, overflow="fold")
    for row in rows:
        drawn.add_row(*(Text("" if cell is None else clean(cell)) for cell in row))
    on(sys.stdout).print(drawn)


def give(
    form: Form,
    document: Any,
    *,
    draw: Callable[[], None],
    names: Iterable[Any],
    items: Iterable[Any] | None = None,
) -> None:
    """Give data on stdout in the form asked for: `draw` for people, else the document, its items, or their names."""
    if form is Form.TABLE:
        draw()
    elif form is Form.NAME:
        for name in names:
            verbatim(str(name))
    elif form is Form.JSONL:
        for item in [document] if items is None else items:
            print(compact(item), flush=True)
    else:
        print(json.dumps(document, ensure_ascii=_only_ascii(), indent=2), flush=True)

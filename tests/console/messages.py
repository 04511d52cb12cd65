"""Every text of the console that is to be translated, found as Babel finds them.

`python -m tests.console.messages` brings the catalogue up to date: new texts come without a translation, texts that are
gone are removed.
"""

from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

CONSOLE: Final = Path(str(files("app.web.console")))
METHODS: Final = [("**.py", "python"), ("templates/**.html", "jinja2")]
OPTIONS: Final = {"templates/**.html": {"trimmed": "true"}}
HEAD: Final = r"""msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\n"
"Language: {}\n"

"""
KEYWORDS: Final = {"_": None, "gettext": None, "ngettext": (1, 2), "say": None}


def found() -> Catalog:
    """Give every text in the code and the templates."""
    catalogue = Catalog(locale="fr", charset="utf-8")
    for _, _, message, _, _ in extract_from_dir(CONSOLE, METHODS, OPTIONS, KEYWORDS):
        catalogue.add(message)
    return catalogue


def kept(language: str) -> Catalog:
    """Give the catalogue of a language as it is kept."""
    return read_po(BytesIO((CONSOLE / "locale" / f"{language}.po").read_bytes()), locale=language)


def brought_up_to_date(language: str) -> None:
    """Write the catalogue with what the code says now, keeping the translations there are."""
    known = kept(language)
    fresh = found()
    for message in fresh:
        old = known.get(message.id) if message.id else None
        if old is not None:
            message.string = old.string
    text = BytesIO()
    write_po(text, fresh, width=110, omit_header=True, sort_output=True, no_location=True)
    (CONSOLE / "locale" / f"{language}.po").write_bytes(HEAD.format(language).encode() + text.getvalue())


if __name__ == "__main__":
    brought_up_to_date("fr")

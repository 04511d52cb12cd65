"""Speech: the console's words in the reader's language; catalogues are gettext `.po` files, compiled at the start."""

import gettext
from functools import cache
from importlib.resources import files
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from app.domain.runbook import LANGUAGES, Text


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """Give the translations into `language`; English is what the code is written in, so it has none."""
    if language == LANGUAGES[0]:
        return gettext.NullTranslations()
    source = files("app.web.console").joinpath("locale", f"{language}.po").read_bytes()
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(source), locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def marked(text: str) -> str:
    """Mark a text for translation where it stands in a table; it is translated when it is said."""
    return text


class Speech:
    """One language's voice, for what is put together in Python; templates have the same words through gettext."""

    def __init__(self, language: str) -> None:
        """Take the language: `en` or `fr`."""
        self.language = language
        self._catalogue = catalogue(language)

    def say(self, text: str, **values: object) -> str:
        """Give a text in this language, its `%(name)s` filled in."""
        said = self._catalogue.gettext(text)
        return said % values if values else said

    def read(self, text: Text) -> str:
        """Give a runbook's text in this language."""
        return text.in_language(self.language)

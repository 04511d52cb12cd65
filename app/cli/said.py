"""What a command says, and how it ends: one exception that carries the last sentence and the exit code."""

import sys
from typing import Final

LONGEST: Final = 600  # characters of one thing said: what a file holds may be a megabyte


class Stop(Exception):  # noqa: N818 - the end of a command, not always an error
    """The command ends here."""

    def __init__(self, sentence: str = "", *, code: int = 1) -> None:
        """Take what to say on stderr (nothing where all was said), and the exit code."""
        self.sentence = sentence
        self.code = code
        super().__init__(sentence)


def printable(text: str) -> str:
    """Give text from outside so that it cannot steer a terminal or fill it: odd characters written out, cut if long."""
    shown = "".join(one if one.isprintable() else one.encode("unicode_escape", "replace").decode() for one in text)
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]} …"


def tell(text: str = "") -> None:
    """Say it on stdout, at once."""
    print(text, flush=True)


def complain(text: str) -> None:
    """Say it on stderr, without secrets."""
    from app.logs import redacted

    print(redacted(text), file=sys.stderr, flush=True)

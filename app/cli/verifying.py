"""`verify`: whether an exported journal is as it was written, told from the file alone."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, Final

import typer

from app.cli.said import Stop, printable, tell

if TYPE_CHECKING:
    from app.cli.examination import Examination
    from app.domain.runbook import Runbook

CANNOT_TELL: Final = 1
HASH_LENGTH: Final = 64
RESULTS: Final = ("intact", "could not tell", "tampered")  # by exit code


def verify(
    file: Annotated[str, typer.Argument(help="A journal exported as application/x-ndjson; - for stdin.")],
    head: Annotated[
        str | None, typer.Option(metavar="HASH", help="The head that was noted elsewhere: the last line's hash.")
    ] = None,
    definition: Annotated[
        Path | None,
        typer.Option(
            help="YAML file of the journal's runbook, where this release has none of its digest. What "
            "GET /runbooks/{id} answers will not do: it is one language's view."
        ),
    ] = None,
) -> None:
    """Recompute an exported journal: hashes, chain, numbers, continuity, and the rules of its runbook.

    Exit code 0: intact. 2: tampered, and the line is named. 1: could not tell; so is a wrong command line.
    """
    if head is not None and (len(head) != HASH_LENGTH or not set(head.lower()) <= set("0123456789abcdef")):
        raise Stop("--head takes a hash: 64 hexadecimal digits.", code=CANNOT_TELL)
    own = None if definition is None else _read_definition(definition)
    from app.cli.examination import Examination

    try:
        with _opened(file) as stream:
            found = Examination(stream, head=None if head is None else head.lower(), definition=own)
    except OSError as error:
        raise Stop(f"{printable(file)} cannot be read: {error.strerror or error}", code=CANNOT_TELL) from None
    _report(found)
    raise Stop(code=found.code)


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    """Give the file, which will be read twice; what can be read but once is put aside on the disk first."""
    if file == "-":
        with _put_aside(sys.stdin.buffer) as kept:
            yield kept
        return
    with Path(file).open("rb") as stream:
        if stream.seekable():
            yield stream
            return
        with _put_aside(stream) as kept:
            yield kept


@contextmanager
def _put_aside(stream: BinaryIO) -> Iterator[BinaryIO]:
    with tempfile.TemporaryFile() as kept:
        shutil.copyfileobj(stream, kept)
        kept.seek(0)
        yield kept


def _read_definition(file: Path) -> "Runbook":
    """Give the definition in a file, held only against its shape: it was accepted once, perhaps by other rules."""
    from app.runbooks import RunbookFault, build_runbook
    from app.runbooks.yaml_lines import YamlFault, read_yaml

    try:
        content, _ = read_yaml(file.read_text(encoding="utf-8"))
        return build_runbook(content)
    except (OSError, UnicodeDecodeError, YamlFault, RunbookFault) as error:
        raise Stop(
            f"--definition {file} is no definition of a runbook: {printable(str(error))}\n"
            "It takes the YAML file of the release that the journal began with. What GET /runbooks/{id} answers is one "
            "language's view, from which neither the digest nor the rules can be had.",
            code=CANNOT_TELL,
        ) from None


def _report(found: "Examination") -> None:
    """Say what was found, in lines of a word and what it is about."""
    from app.domain.vocabulary import DRILL

    said = [("mode", "drill, not a live execution")] if found.mode == DRILL else []
    said.append(("events", str(found.events)))
    if found.last:
        said += [
            ("execution", str(found.last["execution_id"])),
            ("head" if found.chain_holds else "good until", str(found.last["hash"])),
        ]
    said.append(("result", RESULTS[found.code]))
    said += [(f"line {one.number}" if one.number else "file", one.problem) for one in found.problems]
    said += [("in doubt", one) for one in found.doubts]
    said += [("checked", one) for one in found.checked]
    said += [("not checked", one) for one in found.unchecked]
    for word, what in said:
        tell(f"{word:<12} {printable(what)}")

"""What `runbook lint|diff|show` work on: a file, a definition of this release, or any that the database knows."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.cli.said import Stop, printable

if TYPE_CHECKING:
    from app.domain.runbook import Runbook
    from app.runbooks.yaml_lines import Lines

CANNOT_TELL: Final = 2  # the exit code where there is nothing to lint, compare or show
ARGUMENT: Final = "A YAML file, the id of a bundled runbook, or a definition's digest."
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_ID: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A definition that was read: its name, where its members stand, and whether they stand on lines at all."""

    name: str
    lines: "Lines"
    runbook: "Runbook"
    in_file: bool = False


def read(source: str) -> Read:
    """Give the definition that a file holds, or that an id or a digest names.

    Raises Stop, with exit code 2, for what is not there or cannot be read; RunbookFault for a definition with faults.
    """
    if _DIGEST.fullmatch(source):
        return _by_digest(source)
    if _ID.fullmatch(source) and not Path(source).exists():
        from app import runbooks

        bundled = Path(runbooks.__file__).with_name(f"{source}.yaml")
        return _in_file(bundled if bundled.exists() else Path(source))
    return _in_file(Path(source))


def _in_file(path: Path) -> Read:
    from app.runbooks import RunbookFault, read_runbook
    from app.runbooks.yaml_lines import read_yaml

    if not path.is_file():
        raise Stop(f"{printable(str(path))}: there is no such file, bundled runbook or digest", code=CANNOT_TELL)
    try:
        _, runbook = read_runbook(path)
        _, lines = read_yaml(path.read_text(encoding="utf-8"))
    except RunbookFault as fault:
        if all(one.line == 0 and not one.path for one in fault.faults):  # of the file itself, not of what it says
            raise Stop("\n".join(printable(str(one)) for one in fault.faults), code=CANNOT_TELL) from None
        raise
    return Read(name=str(path), lines=lines, runbook=runbook, in_file=True)


def _by_digest(digest: str) -> Read:
    """Give the definition of a digest: this release's, or one that the database of the settings holds."""
    from app.runbooks import bundled_runbooks
    from app.runbooks.yaml_lines import Lines

    for content, runbook in bundled_runbooks():
        if runbook.digest == digest:
            return Read(name=digest[:12], lines=Lines(content, {}), runbook=runbook)
    return _stored(digest)


def _stored(digest: str) -> Read:
    import json

    from app.cli.opened import database_as_it_is
    from app.domain.errors import Refusal
    from app.runbooks import build_runbook
    from app.runbooks.yaml_lines import Lines
    from app.storage import queries

    unknown = f"{digest[:12]}… is no bundled runbook's digest"
    try:
        with database_as_it_is() as database, database.reading() as connection:
            row = queries.definition(connection, digest)
    except Stop as stop:
        raise Stop(f"{unknown}. {stop.sentence}", code=CANNOT_TELL) from None
    except Refusal as refusal:
        raise Stop(f"{unknown}. {refusal.__cause__ or refusal.detail}", code=CANNOT_TELL) from None
    if row is None:
        raise Stop(f"{unknown}, and none in the database", code=CANNOT_TELL)
    content = json.loads(row.content)
    return Read(name=digest[:12], lines=Lines(content, {}), runbook=build_runbook(content, digest))

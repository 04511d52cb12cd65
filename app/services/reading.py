"""What people read of executions: the document at any version, the list, the proof that the journal is whole."""

import json
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_json

from app.domain.chain import Problem, chain_problems
from app.domain.errors import NotFound
from app.domain.facts import Facts
from app.domain.journal import fold, rewritten
from app.domain.machine import machine_for
from app.domain.runbook import Runbook
from app.domain.vocabulary import DRILL
from app.services.definitions import Definitions
from app.services.document import document
from app.services.executions import FACTS
from app.storage import queries
from app.storage.database import Connection
from app.storage.rows import ExecutionRow

CACHE_BYTES = 32 * 1024 * 1024
#: Beyond these a document takes long enough to make that it is made in a thread, so that nobody else waits for it.
MANY_WORKLOADS = 50
LATEST = 256  # executions whose latest document may serve the next one
LARGE_FACTS = 100_000  # characters of the stored facts, whose workloads nobody has counted
MAX_NUMBER = 2**31 - 1  # the largest that PostgreSQL's integer takes: no journal gets there


@dataclass(frozen=True, slots=True)
class Rendered:
    """A document as bytes, and the version it is of."""

    version: int
    body: bytes


class Documents:
    """Rendered documents by (execution, version, language): what a version says never changes, so it is kept."""

    def __init__(self, definitions: Definitions, limit: int = CACHE_BYTES) -> None:
        """Take the definitions that documents are made with, and how many bytes to keep at most."""
        self.definitions = definitions
        self._limit = limit
        self._bodies: OrderedDict[tuple[str, int, str], bytes] = OrderedDict()
        self._latest: OrderedDict[tuple[str, str], Facts] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, execution_id: str, version: int, language: str) -> bytes | None:
        """Give a kept document, or None."""
        return self._bodies.get((execution_id, version, language))

    def render(self, runbook: Runbook, facts: Facts, execution_id: str, language: str) -> bytes:
        """Give the document of these facts as JSON, and keep it."""
        kept = self.get(execution_id, facts.version, language)
        if kept is not None:
            return kept
        body = self._after_a_remark(facts, execution_id, language) or to_json(
            document(machine_for(runbook, facts.profile), facts, execution_id=execution_id, language=language)
        )
        with self._lock:
            self._latest[execution_id, language] = facts
            if len(self._latest) > LATEST:
                self._latest.popitem(last=False)
            if self._bodies.setdefault((execution_id, facts.version, language), body) is body:
                self._size += len(body)
            while self._size > self._limit and self._bodies:
                self._size -= len(self._bodies.popitem(last=False)[1])
        return body

    def _after_a_remark(self, facts: Facts, execution_id: str, language: str) -> bytes | None:
        """Give the document made from the last one where only their lines differ; None where more does.

        In JSON a quote inside a text is escaped, so what is replaced cannot be part of one.
        """
        last = self._latest.get((execution_id, language))
        kept = None if last is None else self.get(execution_id, last.version, language)
        if last is None or kept is None or not facts.alike(last):
            return None
        return kept.replace(_stamp(last), _stamp(facts), 1)


def _stamp(facts: Facts) -> bytes:
    """Give the two members of a document that name its line, as JSON."""
    return b'"version":%d,"head":"%b"' % (facts.version, facts.head.encode())


def version_of(connection: Connection, execution_id: str) -> int:
    """Give an execution's current version. Raises NotFound."""
    found = queries.version(connection, execution_id)
    if found is None:
        raise NotFound("There is no execution of that id.")
    return found


def soon(connection: Connection, documents: Documents, execution_id: str, language: str) -> Rendered | None:
    """Give the document as it is now, or None where it is so large that making it would keep others waiting.

    Raises NotFound.
    """
    row = _row(connection, execution_id)
    return None if len(row.facts) > LARGE_FACTS else _rendered(connection, documents, row, language)


def current(connection: Connection, documents: Documents, execution_id: str, language: str) -> Rendered:
    """Give the document as it is now: version and content from one row. Raises NotFound."""
    return _rendered(connection, documents, _row(connection, execution_id), language)


def _rendered(connection: Connection, documents: Documents, row: ExecutionRow, language: str) -> Rendered:
    kept = documents.get(row.id, row.version, language)
    if kept is not None:
        return Rendered(row.version, kept)
    runbook = documents.definitions.course(connection, row)
    facts = FACTS.validate_json(row.facts)
    return Rendered(facts.version, documents.render(runbook, facts, row.id, language))


def at_hand(
    connection: Connection, documents: Documents, execution_id: str, version: int, language: str
) -> Rendered | None:
    """Give the document as it was at a version that is kept or still the current one; None where it has to be folded.

    Raises NotFound.
    """
    kept = documents.get(execution_id, version, language)
    if kept is None and version_of(connection, execution_id) == version:
        found = current(connection, documents, execution_id, language)
        return found if found.version == version else None
    return None if kept is None else Rendered(version, kept)


def at_version(
    connection: Connection, documents: Documents, execution_id: str, version: int, language: str
) -> Rendered:
    """Give the document as it was at a version, by folding the journal up to there. Raises NotFound."""
    kept = documents.get(execution_id, version, language)
    if kept is not None:
        return Rendered(version, kept)
    runbook = documents.definitions.course(connection, _row(connection, execution_id))
    facts = fold(runbook, lines(connection, execution_id, until=version))
    return Rendered(version, documents.render(runbook, facts, execution_id, language))


def standing(connection: Connection, definitions: Definitions, execution_id: str) -> tuple[Runbook, Facts]:
    """Give the course that an execution walks and its facts. Raises NotFound."""
    row = _row(connection, execution_id)
    return definitions.course(connection, row), FACTS.validate_json(row.facts)


def _row(connection: Connection, execution_id: str) -> ExecutionRow:
    row = queries.execution(connection, execution_id)
    if row is None:
        raise NotFound("There is no execution of that id.")
    return row


def lines(connection: Connection, execution_id: str, *, until: int, after: int = 0) -> Iterator[dict[str, Any]]:
    """Give the journal's lines after a number and up to another, oldest first."""
    for chunk in queries.chunks(connection, execution_id, until=until, after=after):
        for row in chunk:
            yield json.loads(row.line)


def verification(connection: Connection, definitions: Definitions, execution_id: str) -> dict[str, Any]:
    """Recompute an execution's chain and fold, and compare them with what is stored beside. Raises NotFound.

    Events may arrive meanwhile: the lines up to the version of the row are what is compared with it.
    """
    row = _row(connection, execution_id)
    runbook = definitions.by_digest(connection, row.runbook_digest)
    found: list[dict[str, Any]] = []
    problems: list[Problem] = []
    try:
        found.extend(map(dict, lines(connection, execution_id, until=row.version)))  # those before a bad one stay
    except (ValueError, TypeError):
        problems = [Problem(len(found) + 1, "is not a JSON object")]
    problems = problems or list(chain_problems(found))
    if not problems:
        facts, problem = rewritten(runbook, found)
        problems = list(_state_problems(facts, row, found)) if problem is None else [problem]
    problems += _lines_beyond(connection, row)
    return {
        "ok": not problems,
        "events": len(found),
        "head": found[-1].get("hash") if found else None,
        "problems": [{"number": one.number, "problem": one.problem} for one in problems],
        **({"mode": DRILL} if row.mode == DRILL else {}),
    }


def _lines_beyond(connection: Connection, row: ExecutionRow) -> Iterator[Problem]:
    """Give the first line that the stored version does not know of: both are written in one transaction.

    The version is read after the line, so that an event that arrives meanwhile is none.
    """
    beyond = queries.chunk(connection, row.id, after=row.version, until=MAX_NUMBER)
    if beyond and beyond[-1].number > (queries.version(connection, row.id) or 0):
        yield Problem(beyond[-1].number, "is beyond the version of the stored state")


def _state_problems(facts: Facts | None, row: ExecutionRow, found: list[dict[str, Any]]) -> Iterator[Problem]:
    """Compare the stored state with what the journal folds to."""
    if facts is None:
        yield Problem(0, "the journal is empty")
        return
    try:
        kept = FACTS.validate_json(row.facts)
    except ValueError:
        kept = None
    if kept != facts:
        yield Problem(0, "the stored facts are not what the journal folds to")
    stored = (row.version, row.head, row.position, row.status)
    if stored != (facts.version, facts.head, facts.position, facts.status):
        yield Problem(0, "the stored version, head, position or status is not the journal's")
    if found[0]["execution_id"] != row.id or found[0]["runbook_digest"] != row.runbook_digest:
        yield Problem(0, "the journal is another execution's")

"""The examination of an exported journal: what is wrong with it, what is doubtful, and what was not looked at."""

from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from app.cli.export_file import ExportFile
from app.domain.chain import Problem, chain_problems
from app.domain.journal import rule_problems
from app.domain.runbook import Runbook
from app.runbooks import RunbookFault, bundled_runbooks

INTACT: Final = 0
CANNOT_TELL: Final = 1
TAMPERED: Final = 2


class Examination:
    """What was found in one file; `code` is the exit code that it comes to.

    `events` lines, up to `last`, hold together by themselves; `problems` name those that do not, or that the rules
    would not have written. What comes after the first bad line stands on it and is not looked at.
    """

    def __init__(self, stream: BinaryIO, *, head: str | None, definition: Runbook | None) -> None:
        """Examine a stream that can go back to its start.

        Takes the head that was noted elsewhere (lower-case hex), and the definition to use where this release has none
        of the journal's digest.
        """
        self.events = 0
        self.last: dict[str, Any] = {}
        self.mode = ""  # as the declaration says
        self.problems: list[Problem] = []
        self.doubts: list[str] = []
        self.checked: list[str] = []
        self.unchecked: list[str] = []
        self._head_at = 0
        self._file = ExportFile(stream)
        self._check_chain(head)
        self.chain_holds = not self.problems
        if self.chain_holds:
            self.checked.append("form, hashes, chain, numbers, continuity of positions")
            self._check_rules(stream, definition)
            self._check_head(head)
        self.doubts += [f"{what}: this is not the file as it was exported" for what in self._file.odd]
        if self.problems:
            self.checked, self.unchecked = [], ["what comes after the first line in question"]
            if not self._is_a_journal(head):
                self.doubts.append("this is not a journal as it is exported with Accept: application/x-ndjson")
                self.code = CANNOT_TELL
                return
        self.code = TAMPERED if self.problems else CANNOT_TELL if self.doubts else INTACT

    def _check_chain(self, head: str | None) -> None:
        """Check each line's form and hash, numbers, chain, continuity of positions, up to the first bad line."""
        for problem in chain_problems(self._lines_until_a_problem(head)):
            self.problems.append(problem)
        if self._file.bad is not None:
            self.problems = [one for one in self.problems if one.number] + [self._file.bad]

    def _lines_until_a_problem(self, head: str | None) -> Iterator[dict[str, Any]]:
        for line in self._file.lines():
            yield line
            if self.problems:
                return
            if line["number"] == 1 and isinstance(line["data"], dict):
                self.mode = str(line["data"].get("mode"))
            self.last = line
            self.events += 1
            if line["hash"] == head:
                self._head_at = self.events

    def _check_rules(self, stream: BinaryIO, definition: Runbook | None) -> None:
        """Walk the journal through its runbook's machine, in a second reading: the first saw to its form."""
        runbook = self._runbook(definition)
        if runbook is None:
            return
        stream.seek(0)
        again = ExportFile(stream)
        self.problems += rule_problems(runbook, again.lines())
        if not self.problems and again.digest != self._file.digest:
            self.doubts.append("the file changed while it was read")
        self.checked.append(f"the rules of {runbook.id} {runbook.version}")

    def _runbook(self, definition: Runbook | None) -> Runbook | None:
        """Give the definition of the journal's digest; note why where there is none."""
        digest = str(self.last["runbook_digest"])
        if definition is not None and definition.digest != digest:
            self.doubts.append(f"--definition has the digest {definition.digest}, the journal's is {digest}")
            return None
        if definition is not None:
            return definition
        try:
            found = next((one for _, one in bundled_runbooks() if one.digest == digest), None)
        except RunbookFault as fault:
            self.unchecked.append(f"the rules: a runbook of this release cannot be read: {fault}")
            return None
        if found is None:
            self.unchecked.append(
                f"the rules: this release has no runbook of the digest {digest}; give the YAML file that "
                "was published, or that of the release that had it, by --definition"
            )
        return found

    def _check_head(self, head: str | None) -> None:
        """Compare the head with the one noted elsewhere: nothing else shows that lines were cut off at the end."""
        if head is None:
            self.unchecked.append("whether lines are missing at the end: give a head noted elsewhere by --head")
            return
        self.checked.append("the head")
        if not self._head_at:
            said = f"its hash is not {head}: lines are missing at the end, or this is another journal"
            self.problems.append(Problem(self.events, said))
        elif self._head_at != self.events:
            said = f"was added after line {self._head_at}, whose hash is the head that was noted"
            self.problems.append(Problem(self._head_at + 1, said))

    def _is_a_journal(self, head: str | None) -> bool:
        """Say whether the file ever was a journal. An empty one was, where a head was noted: it had lines then."""
        if not self._file.looks_like_a_journal:
            self._file.look_further()
        return self._file.looks_like_a_journal or (self._file.read == 0 and head is not None)

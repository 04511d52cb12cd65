"""`verify`: nothing that is altered passes, nothing that is whole is accused, and what was not looked at is said."""

import io
import json
import os
import random
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from app.cli.examination import CANNOT_TELL, INTACT, TAMPERED, Examination
from app.cli.export_file import LONGEST_LINE
from app.domain.chain import MEMBERS, canonical
from app.domain.runbook import Runbook
from app.runbooks import build_runbook, bundled_runbooks
from tests.cli.journals import Line, exported, journal, rechained, standalone
from tests.cli.running import run
from tests.life import Life

BOM = b"\xef\xbb\xbf"


@cache
def runbook() -> Runbook:
    return standalone()


@cache
def text() -> bytes:
    return exported(journal(runbook()))


def lines() -> list[Line]:
    return [json.loads(line) for line in text().splitlines()]


def examine(content: bytes, *, head: str | None = None) -> Examination:
    return Examination(io.BytesIO(content), head=head, definition=runbook())


def named(found: Examination) -> int:
    """Give the first line that is named."""
    return found.problems[0].number


def test_a_whole_journal_is_intact_and_its_head_is_told() -> None:
    found = examine(text(), head=lines()[-1]["hash"])
    assert (found.code, found.problems, found.doubts, found.unchecked) == (INTACT, [], [], [])
    assert found.events == len(lines())
    assert found.last["hash"] == lines()[-1]["hash"]


def test_what_the_service_writes_is_intact() -> None:
    assert examine(b"".join(canonical(line) + b"\n" for line in lines())).code == INTACT


def test_spaces_and_the_order_of_members_carry_nothing() -> None:
    turned = [dict(reversed(line.items())) for line in lines()]
    content = b"".join(json.dumps(line, separators=(" , ", " : ")).encode() + b"\n" for line in turned)
    assert examine(content).code == INTACT


def test_a_last_line_without_its_end_of_line_is_whole() -> None:
    assert examine(text().removesuffix(b"\n")).code == INTACT


def altered(value: Any) -> list[Any]:
    """Give values that somebody could put in a value's place."""
    others: list[Any] = [None, True, 0, -1, "", "x", [], ["x"], {}, {"x": 1}]
    if isinstance(value, str):
        others += [value + " ", value.upper(), value[:-1]]
    if isinstance(value, int):
        others += [value + 1, str(value)]
    return [other for other in others if json.dumps(other) != json.dumps(value)]


@pytest.mark.parametrize("member", sorted(MEMBERS))
def test_every_member_of_every_line_is_protected(member: str) -> None:
    for place, line in enumerate(lines()):
        for value in altered(line[member]):
            forged = lines()
            forged[place][member] = value
            found = examine(exported(forged))
            assert (found.code, named(found)) == (TAMPERED, place + 1), (place, value)
        forged = lines()
        del forged[place][member]
        found = examine(exported(forged))
        assert (found.code, named(found)) == (TAMPERED, place + 1)


def test_a_member_more_is_found() -> None:
    for place in range(len(lines())):
        forged = lines()
        forged[place]["extra"] = 1
        assert named(examine(exported(forged))) == place + 1


def test_every_line_that_is_taken_out_is_missed() -> None:
    for place in range(len(lines()) - 1):
        kept = lines()
        del kept[place]
        found = examine(exported(kept))
        assert (found.code, named(found)) == (TAMPERED, place + 1)


def test_lines_that_change_places_are_found() -> None:
    for one in range(len(lines())):
        for other in range(one):
            turned = lines()
            turned[one], turned[other] = turned[other], turned[one]
            found = examine(exported(turned))
            assert (found.code, named(found)) == (TAMPERED, other + 1)


def test_a_line_that_is_there_twice_is_found() -> None:
    for source in range(len(lines())):
        for place in range(len(lines()) + 1):
            doubled = lines()
            doubled.insert(place, doubled[source])
            assert examine(exported(doubled)).code == TAMPERED


def test_an_end_that_is_cut_off_is_found_with_the_head_and_only_with_it() -> None:
    head = lines()[-1]["hash"]
    for length in range(len(lines())):
        found = examine(exported(lines()[:length]), head=head)
        assert found.code == TAMPERED, length
        if length:
            without = examine(exported(lines()[:length]))
            assert without.code == INTACT
            assert any("missing at the end" in one for one in without.unchecked)


def test_a_line_added_after_the_head_that_was_noted_is_named() -> None:
    found = examine(text(), head=lines()[4]["hash"])
    assert (found.code, named(found)) == (TAMPERED, 6)


def test_two_journals_in_one_file_are_found() -> None:
    other = journal(runbook(), execution=8)
    both = examine(text() + exported(other))
    assert (both.code, named(both)) == (TAMPERED, len(lines()) + 1)
    mixed = [line for pair in zip(lines(), other, strict=True) for line in pair]
    found = examine(exported(mixed))
    assert (found.code, named(found)) == (TAMPERED, 2)


def test_any_byte_that_is_altered_is_found_or_carries_nothing() -> None:
    chance = random.Random(7)
    for _ in range(1_000):
        content = bytearray(text())
        place = chance.randrange(len(content))
        content[place] ^= 1 << chance.randrange(8)
        found = examine(bytes(content))
        if found.code == INTACT:
            assert [json.loads(line) for line in bytes(content).splitlines()] == lines()
        elif found.code == CANNOT_TELL:  # a line's end became a carriage return or the like: the lines are the same
            assert found.doubts
            assert not found.problems
        else:
            assert named(found) == text().count(b"\n", 0, place) + 1


def test_a_file_that_is_cut_off_anywhere_is_never_intact_within_a_line() -> None:
    first = text().index(b"\n") + 1
    for end in range(first + 1, len(text()), 97):
        if text()[end - 1 : end + 1].count(b"\n"):
            continue
        found = examine(text()[:end])
        assert (found.code, named(found)) == (TAMPERED, text().count(b"\n", 0, end) + 1)
        assert "broke off" in found.problems[-1].problem


def insert(place: int, raw: bytes) -> bytes:
    """Give the journal with bytes put in before a line (from 0)."""
    parts = text().splitlines(keepends=True)
    return b"".join([*parts[:place], raw, *parts[place:]])


@pytest.mark.parametrize(
    "raw",
    [
        b"garbage\n",
        b"{}\n",
        b"[]\n",
        b"null\n",
        b'"text"\n',
        b"1\n",
        b"{\n",
        b"\xff\xfe\xfd\n",
        b"\x00\n",
        b"[" * 100_000 + b"\n",
        b'{"a":' * 100_000 + b"\n",
        b"NaN\n",
    ],
    ids=range(12),
)
@pytest.mark.parametrize("place", [0, 1, 12])
def test_garbage_between_the_lines_is_found(raw: bytes, place: int) -> None:
    found = examine(insert(place, raw))
    assert (found.code, named(found)) == (TAMPERED, place + 1)


def with_line(place: int, edit: Callable[[bytes], bytes]) -> bytes:
    """Give the journal with a line's text (from 0, without its end) edited."""
    parts = text().splitlines()
    parts[place] = edit(parts[place])
    return b"\n".join(parts) + b"\n"


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda raw: raw.replace(b'"attempt": 1', b'"attempt": 1, "attempt": 1'), "attempt is there twice"),
        (lambda raw: raw.replace(b'"actor": {', b'"actor": {"role": "admin", '), "role is there twice"),
        (lambda raw: raw.replace(b'"attempt": 1', b'"attempt": 1.0'), "1.0"),
        (lambda raw: raw.replace(b'"attempt": 1', b'"attempt": 1e0'), "1e0"),
        (lambda raw: raw.replace(b'"attempt": 1', b'"attempt": NaN'), "NaN"),
        (lambda raw: raw.replace(b'"attempt": 1', b'"attempt": 9007199254740993'), "no line can hold"),
        (lambda raw: raw.replace(b'"attempt": 1', b'"attempt": ' + b"1" * 10_000), "no line can hold"),
        (lambda raw: raw.replace(b'"comment": ', b'"comment": "\\ud800", "x": '), "half of a character"),
        (lambda raw: raw.replace(b'"comment": ', b'"\\udc00": '), "half of a character"),
        (lambda raw: raw + b" garbage", "not JSON"),
        (lambda raw: raw + raw, "not JSON"),
        (lambda raw: raw + b"\xe9", "not UTF-8"),
        (lambda raw: raw[:-1], "not JSON"),
        (lambda raw: b"[" + raw + b"]", "not a JSON object"),
        (lambda raw: raw + b" " * LONGEST_LINE, "longer than"),
    ],
    ids=range(15),
)
@pytest.mark.parametrize("place", [0, 2])
def test_what_two_readers_could_read_differently_is_refused(
    edit: Callable[[bytes], bytes], said: str, place: int
) -> None:
    assert edit(text().splitlines()[place]) != text().splitlines()[place]
    found = examine(with_line(place, edit))
    assert (found.code, named(found)) == (TAMPERED, place + 1)
    assert said in found.problems[-1].problem


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (lambda: BOM + text(), "byte order mark"),
        (lambda: text().replace(b"\n", b"\r\n"), "CR LF"),
        (lambda: insert(3, b"\n"), "line 4 is blank"),
        (lambda: text() + b"\n", "is blank"),
        (lambda: insert(0, b" \t\r\n"), "line 1 is blank"),
    ],
    ids=["mark", "crlf", "blank within", "blank at the end", "blank first"],
)
def test_a_file_that_was_through_other_hands_is_neither_intact_nor_accused(
    content: Callable[[], bytes], said: str
) -> None:
    found = examine(content())
    assert (found.code, found.problems) == (CANNOT_TELL, [])
    assert any(said in one for one in found.doubts)


def test_odd_forms_hide_no_tampering() -> None:
    forged = lines()
    forged[3]["comment"] = "x"
    assert examine(BOM + exported(forged).replace(b"\n", b"\r\n")).code == TAMPERED


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"garbage",
        b"{}\n",
        b'{"a": 1}\n{"b": 2}\n',
        b"\x00" * 100,
        b"number,id,type\n1,2,declare\n",
        b"\x1f\x8b\x08\x00",
    ],
    ids=range(8),
)
def test_what_is_no_journal_cannot_be_told(content: bytes) -> None:
    assert examine(content).code == CANNOT_TELL


def test_other_exports_of_a_journal_are_no_ndjson() -> None:
    page = json.dumps({"items": lines(), "next": None}).encode()
    assert examine(page).code == CANNOT_TELL
    assert examine(page[:-5]).code == CANNOT_TELL
    assert examine(json.dumps(lines(), indent=2).encode()).code == CANNOT_TELL
    utf16 = examine(text().decode().encode("utf-16"))
    assert utf16.code == CANNOT_TELL
    assert any("UTF-16" in one for one in utf16.doubts)


def test_an_empty_file_where_a_head_was_noted_lost_its_lines() -> None:
    assert examine(b"", head="0" * 64).code == TAMPERED


def edit_line(place: int, **members: Any) -> Callable[[list[Line]], None]:
    return lambda forged: forged[place].update(members)


def edit_data(place: int, **members: Any) -> Callable[[list[Line]], None]:
    return lambda forged: forged[place]["data"].update(members)


@pytest.mark.parametrize(
    ("edit", "line"),
    [
        (edit_line(2, comment=None), 3),
        (edit_line(2, action="start-vmm-vm"), 3),
        (edit_line(2, step="fail-over-workloads"), 3),
        (edit_line(2, workloads=["SQL01"]), 3),
        (edit_line(2, type="note"), 3),
        (edit_line(2, type="authorize"), 3),
        (edit_line(2, type="unheard_of"), 3),
        (edit_line(2, status_after="completed"), 3),
        (edit_line(5, attempt=1), 6),
        (edit_line(2, performed_at="2026-11-23T02:00:00.000000Z"), 3),
        (edit_line(2, performed_at="2026-11-24T02:00:00.000000Z"), 3),
        (edit_line(2, actor={"id": "x", "name": "x", "role": "approver"}), 3),
        (edit_line(2, actor={"id": "x", "name": "x", "role": "king"}), 3),
        (edit_line(2, actor=None), 3),
        (edit_data(0, workloads=[]), 1),
        (edit_data(0, policy={"four_eyes": "sometimes"}), 1),
        (edit_data(11, decision="reject"), 12),
        (edit_data(11, meaning="Something else"), 12),
        (edit_data(11, extra="smuggled"), 12),
        (lambda forged: forged[11].update(position_after="completed", status_after="completed"), 12),
        (lambda forged: forged.pop(2), 3),
        (lambda forged: forged.insert(3, dict(forged[2])), 4),
        (lambda forged: forged[2:4].reverse(), 0),
    ],
    ids=range(23),
)
def test_a_forger_who_recomputes_every_hash_is_found_by_the_rules(
    edit: Callable[[list[Line]], None], line: int
) -> None:
    forged = rechained(lines(), edit)
    found = examine(exported(forged))
    if line == 0:  # the control: an edit that edits nothing, rechained, is the journal itself
        assert forged == lines()
        assert found.code == INTACT
        return
    assert (found.code, named(found)) == (TAMPERED, line)


def test_without_the_definition_the_rules_are_not_checked_and_that_is_said() -> None:
    def edit(forged: list[Line]) -> None:
        for line in forged:
            line["runbook_digest"] = "f" * 64

    forged = exported(rechained(lines(), edit))
    found = Examination(io.BytesIO(forged), head=None, definition=None)
    assert found.code == INTACT
    assert any("the rules" in one and "f" * 64 in one for one in found.unchecked)
    other = Examination(io.BytesIO(forged), head=None, definition=runbook())
    assert (other.code, other.problems) == (CANNOT_TELL, [])
    assert "--definition" in other.doubts[0]


def test_a_file_that_changes_while_it_is_read_cannot_be_told() -> None:
    class Changing(io.BytesIO):
        def seek(self, place: int, whence: int = 0) -> int:
            self.truncate(len(text()))
            super().seek(0, 2)
            self.write(b"\n")
            return super().seek(place, whence)

    found = Examination(Changing(text()), head=None, definition=runbook())
    assert (found.code, found.problems) == (CANNOT_TELL, [])


# --- as a process ---------------------------------------------------------------------------------------------------


def saved(folder: Path, content: bytes) -> str:
    file = folder / "journal.ndjson"
    file.write_bytes(content)
    return str(file)


def test_the_command_says_events_head_and_result(tmp_path: Path) -> None:
    head = lines()[-1]["hash"]
    done = run("verify", saved(tmp_path, text()), "--head", head.upper(), cwd=tmp_path)
    said = done.stdout.decode()
    assert (done.returncode, done.stderr) == (0, b"")
    assert f"events       {len(lines())}\n" in said
    assert f"head         {head}\n" in said
    assert "result       intact\n" in said
    assert not list(tmp_path.glob("data*"))


def test_the_report_says_of_a_drill_that_it_is_one(tmp_path: Path) -> None:
    drill = Life(mode="drill").go_to("fail-over-workloads.verify-vmm")
    done = run("verify", saved(tmp_path, exported(drill.lines)), cwd=tmp_path)
    assert done.stdout.startswith(b"mode         drill, not a live execution\nevents       5\n")
    assert done.returncode == 0
    assert b"drill" not in run("verify", saved(tmp_path, text()), cwd=tmp_path).stdout
    odd = [*drill.lines]
    odd[0] = {**odd[0], "data": "drill"}
    assert examine(exported(rechained(odd))).mode == ""


def test_the_command_reads_stdin_and_pipes(tmp_path: Path) -> None:
    assert run("verify", "-", cwd=tmp_path, given=text()).returncode == 0
    assert run("verify", "-", cwd=tmp_path, given=text()[:-40]).returncode == 2
    assert run("verify", "/dev/stdin", cwd=tmp_path, given=text()).returncode == 0
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(text(),))
    writer.start()
    assert run("verify", str(pipe), cwd=tmp_path).returncode == 0
    writer.join()


def test_the_command_names_the_line(tmp_path: Path) -> None:
    forged = lines()
    forged[6]["comment"] = "\x1b[2Jnothing to see\nline 99  fine"
    forged[6]["position_after"] = "\x1b[31m"
    done = run("verify", saved(tmp_path, exported(forged)), cwd=tmp_path)
    assert done.returncode == 2
    assert b"result       tampered\nline 7 " in done.stdout
    assert b"good until   " + lines()[5]["hash"].encode() in done.stdout
    assert b"\x1b" not in done.stdout


def test_another_head_is_a_2(tmp_path: Path) -> None:
    done = run("verify", saved(tmp_path, text()), "--head", "0" * 64, cwd=tmp_path)
    assert done.returncode == 2
    assert b"line 12 " in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["verify"],
        ["verify", "{file}", "{file}"],
        ["verify", "{file}", "--unheard-of"],
        ["verify", "{file}", "--head"],
        ["verify", "{file}", "--head", "abc"],
        ["verify", "{file}", "--head", "g" * 64],
        ["verify", "{file}", "--definition", "missing.yaml"],
        ["verify", "{file}", "--definition", "{file}"],
        ["verify", "missing.ndjson"],
        ["verify", "."],
        ["--unheard-of", "verify", "{file}"],
    ],
    ids=" ".join,
)
def test_a_wrong_call_of_verify_is_a_1(tmp_path: Path, arguments: list[str]) -> None:
    file = saved(tmp_path, text())
    done = run(*(one.format(file=file) for one in arguments), cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr
    assert b"Traceback" not in done.stderr
    assert b"intact" not in done.stdout


def test_a_file_that_may_not_be_read_is_a_1(tmp_path: Path) -> None:
    done = run("verify", "/proc/self/mem", cwd=tmp_path)
    assert done.returncode == 1
    assert b"cannot be read" in done.stderr


def test_help_is_no_wrong_call(tmp_path: Path) -> None:
    assert run("verify", "--help", cwd=tmp_path).returncode == 0


def test_the_definition_of_another_release_is_taken_from_its_file(tmp_path: Path) -> None:
    content, _ = next(one for one in bundled_runbooks() if one[1].id == "standalone-vmm")
    older = {**content, "version": "0.9.0"}
    file = tmp_path / "older.yaml"
    file.write_text(json.dumps(older), encoding="utf-8")  # JSON is YAML
    exported_older = saved(tmp_path, exported(journal(build_runbook(older))))
    without = run("verify", exported_older, cwd=tmp_path)
    assert without.returncode == 0
    assert b"not checked  the rules" in without.stdout
    done = run("verify", exported_older, "--definition", str(file), cwd=tmp_path)
    assert done.returncode == 0
    assert b"the rules of standalone-vmm 0.9.0" in done.stdout
    assert run("verify", saved(tmp_path, text()), "--definition", str(file), cwd=tmp_path).returncode == 1


def test_the_view_that_the_api_gives_of_a_runbook_is_no_definition(tmp_path: Path) -> None:
    view = tmp_path / "view.json"
    view.write_text(json.dumps({"id": "standalone-vmm", "digest": runbook().digest, "title": "…"}), encoding="utf-8")
    done = run("verify", saved(tmp_path, text()), "--definition", str(view), cwd=tmp_path)
    assert done.returncode == 1
    assert b"GET /runbooks/{id}" in done.stderr


def test_the_memory_it_takes_does_not_grow_with_the_file(tmp_path: Path) -> None:
    import tracemalloc  # noqa: PLC0415 - in the process that is measured

    one = lines()[0]

    def peak(times: int) -> int:
        file = tmp_path / f"{times}.ndjson"
        with file.open("wb") as stream:
            for number in range(times):
                stream.write(json.dumps({**one, "number": number, "comment": "x" * 4_000}).encode() + b"\n")
        tracemalloc.start()
        with file.open("rb") as stream:
            from app.cli.export_file import ExportFile  # noqa: PLC0415 - in the process that is measured

            assert sum(1 for _ in ExportFile(stream).lines()) == times
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    assert peak(2_000) < 2 * peak(100)

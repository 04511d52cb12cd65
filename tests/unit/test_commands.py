"""Commands: whatever a value holds, PowerShell reads it back as that value and as nothing else (threat T56)."""

from itertools import product

import pytest

from app.domain.commands import commands_for, filled, quoted, values_for
from app.domain.facts import Point
from tests.life import ASR, HYPER_V, Life

QUOTES = "'\u2018\u2019\u201a\u201b"
DOUBLE = '"\u201c\u201d\u201e'

BAITS = [
    "x{q}; Stop-Computer #",
    "{q}",
    "{q}{q}",
    "{q}{q}{q}",
    "{q}; $(Stop-Computer); {q}",
    "a{q}b{q}c",
    "{q} | Remove-VM -Force {q}",
    "VM{q}01",
    "{q}+{q}",
    "end{q}",
]
PLAIN = [
    "$(Stop-Computer)",
    "`$(Stop-Computer)",
    "$env:PATH",
    "$x",
    "`",
    "``n",
    '"',
    '"; Stop-Computer; "',
    "@'",
    "'@",
    '@"',
    "# not a comment",
    "<# nor this #>",
    "; Stop-Computer",
    "| Stop-Computer",
    "& Stop-Computer",
    "&& Stop-Computer",
    "{workload}",
    "{vmm_vm}",
    "{recovery_point}",
    "{{workload}}",
    "{no_such_thing}",
    "-Confirm:$true",
    "--%",
    "%PATH%",
    "$null",
    "()",
    "{ Stop-Computer }",
    "[System.IO.File]::Delete(1)",
    "\\",
    "\\'",
    "\\\\server\\share",
    "*",
    "?",
    "a,b",
    "a b",
    "é ñ 漢字 🙂",
    "\u201c; Stop-Computer; \u201d",
    "\u00b4 \u02bc \uff07 \u2032",  # look like quotes, are none
    "1..99999",
    "> C:\\x",
    "2>&1",
    "a\u00a0b",
    "Ω",
    "\u2014\u2014whatif",
]
HOSTILE = [
    *PLAIN,
    *(bait.format(q=quote) for bait, quote in product(BAITS, QUOTES)),
    *(f"{one}x{two}; Stop-Computer #" for one, two in product(QUOTES, QUOTES)),
    *(f"{quote}{plain}{quote}" for quote, plain in product("'\u2019", PLAIN)),
]


def literals(text: str) -> list[str]:
    """Read PowerShell text and give the values of its single-quoted strings; what stands between them becomes one too.

    Any of five characters opens and closes such a string, and two of them together stand for the first.
    """
    found: list[str] = []
    between, place = "", 0
    while place < len(text):
        sign = text[place]
        if sign in QUOTES:
            found.append(between)
            between, value, place = "", "", place + 1
            while text[place] not in QUOTES or text[place + 1 : place + 2] in [*QUOTES]:
                value += text[place]
                place += 2 if text[place] in QUOTES else 1
            found.append(value)
        elif sign in DOUBLE:
            end = next(at for at in range(place + 1, len(text)) if text[at] in DOUBLE)
            between += text[place : end + 1]
            place = end
        elif sign == "#":
            end = text.find("\n", place)
            end = len(text) if end < 0 else end
            between += text[place:end]
            place = end - 1
        else:
            between += sign
        place += 1
    return [*found, between]


def test_there_are_at_least_two_hundred_hostile_values() -> None:
    assert len(set(HOSTILE)) >= 200


@pytest.mark.parametrize("value", HOSTILE)
def test_a_quoted_value_reads_back_as_itself(value: str) -> None:
    assert literals(f"Get-VM {quoted(value)} -Force") == ["Get-VM ", value, " -Force"]


def test_reader_would_see_a_value_that_breaks_out() -> None:
    assert literals("Get-VM 'x'; Stop-Computer #'") == ["Get-VM ", "x", "; Stop-Computer #'"]
    assert literals("Get-VM 'x\u2019; Stop-Computer #'") == ["Get-VM ", "x", "; Stop-Computer #'"]


def filled_with(value: str, profile: str, *, chosen: bool) -> dict[str, list[str]]:
    """Give every command of the runbook, by place, with one value in every parameter and name."""
    life = Life(profile=profile, names=[value])
    life.facts.parameters = {one.name: value for one in life.runbook.parameters}
    if chosen:
        life.facts.workloads[value].recovery_point = Point(value, "2026-11-23T02:00:00.000000Z")
    found: dict[str, list[str]] = {}
    for place, action in life.runbook.actions.items():
        texts = [one.text for one in commands_for(life.runbook, life.facts, action, [value])]
        if action.undo is not None:
            undone = value if action.per_workload else None
            texts += [one.text for one in filled(life.runbook, life.facts, action.undo.commands, undone)]
        found[place] = texts
    return found


@pytest.mark.parametrize("profile", [HYPER_V, ASR])
@pytest.mark.parametrize("chosen", [False, True])
def test_no_command_of_the_runbook_changes_its_sense_by_a_value(profile: str, chosen: bool) -> None:  # noqa: FBT001 - a parameter of pytest's
    harmless = "Qx7Zq"  # in no template
    plain = filled_with(harmless, profile, chosen=chosen)
    assert sum(len(texts) for texts in plain.values()) > 40
    for value in HOSTILE:
        hostile = filled_with(value, profile, chosen=chosen)
        for place, texts in plain.items():
            expected = [[value if token == harmless else token for token in literals(text)] for text in texts]
            assert [literals(text) for text in hostile[place]] == expected, (place, value)


def test_a_value_that_looks_like_a_placeholder_is_not_filled_again() -> None:
    life = Life(names=["{vmm_vm}"])
    life.facts.parameters = {**life.facts.parameters, "vmm_vm": "{primary_host}"}
    action = life.runbook.actions["fail-over-workloads.fail-over-workload-vms"]
    texts = [one.text for one in commands_for(life.runbook, life.facts, action, ["{vmm_vm}"])]
    assert "Start-VMFailover -VMName '{vmm_vm}' -Confirm:$false" in texts


def test_a_workloads_own_parameters_stand_before_the_executions_and_those_before_the_defaults() -> None:
    life = Life()
    life.facts.workloads["web01"].parameters["secondary_host"] = "hv-9"
    life.facts.parameters["replica_port"] = "443"
    own, others = (values_for(life.runbook, life.facts, name) for name in ("web01", "sql01"))
    whole = values_for(life.runbook, life.facts, None)
    assert (own["secondary_host"], others["secondary_host"]) == ("hv-9", life.facts.parameters["secondary_host"])
    assert (own["replica_port"], own["authentication"]) == ("443", "Kerberos")
    assert (own["workload"], "workload" in whole) == ("web01", False)


def test_commands_say_which_workload_where_and_whether_they_only_look() -> None:
    life = Life().go_to("fail-over-workloads.fail-over-workload-vms")
    life.facts.workloads["web01"].parameters["secondary_host"] = "hv-9"
    action = life.runbook.actions[life.position]
    commands = list(commands_for(life.runbook, life.facts, action, ["sql01", "web01"]))
    assert {one.workload for one in commands} == {"sql01", "web01"}
    assert {one.run_on for one in commands if one.workload == "web01"} == {"hv-9"}
    assert {one.verify for one in commands} == {True, False}
    gate = life.runbook.actions["fail-over-vmm.fence-primary"]
    assert [one.workload for one in commands_for(life.runbook, life.facts, gate, ["web01"])] == [None]


def test_a_chosen_recovery_point_changes_the_command() -> None:
    life = Life().go_to("fail-over-workloads.fail-over-workload-vms")
    action = life.runbook.actions[life.position]
    latest = [one.text for one in commands_for(life.runbook, life.facts, action, ["web01"])]
    life.facts.workloads["web01"].recovery_point = Point("it's 3 o'clock", "2026-11-23T02:00:00.000000Z")
    chosen = [one.text for one in commands_for(life.runbook, life.facts, action, ["web01"])]
    assert any(text.startswith("Start-VMFailover -VMName 'web01'") for text in latest)
    assert not any(text.startswith("Start-VMFailover -VMName 'web01'") for text in chosen)
    assert any("'it''s 3 o''clock'" in text for text in chosen)

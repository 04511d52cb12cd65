"""What differs between two definitions: by meaning, named by step and action, whatever their files look like."""

import copy
import random
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from app.domain.differences import Change, Difference, differences
from app.domain.runbook import Runbook
from app.runbooks import build_runbook, bundled_runbooks, parse_runbook

CONTENT, BEFORE = next(one for one in bundled_runbooks() if one[1].id == "standalone-vmm")
START = "steps[fail-over-vmm].actions[start-vmm-vm]"


def edited(edit: Callable[[dict[str, Any]], object]) -> Runbook:
    content = copy.deepcopy(dict(CONTENT))
    edit(content)
    return build_runbook(content)


def told(edit: Callable[[dict[str, Any]], object]) -> list[tuple[Change, str]]:
    return [(one.change, one.path) for one in differences(BEFORE, edited(edit))]


def actions(content: dict[str, Any], step: int = 0) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = content["steps"][step]["actions"]
    return found


def test_a_definition_differs_from_itself_in_nothing() -> None:
    assert differences(BEFORE, BEFORE) == []


def test_what_holds_anyway_and_the_order_of_what_has_none_are_no_difference() -> None:
    spelt = edited(lambda content: actions(content)[2].update(optional=False, per_workload=False, waivable=True))
    assert spelt.digest != BEFORE.digest
    assert differences(BEFORE, spelt) == []
    swapped = edited(lambda content: actions(content, 1)[3]["undo"]["until"].reverse())
    assert differences(BEFORE, swapped) == []


def test_another_layout_is_the_same_definition() -> None:
    text = yaml.safe_dump(dict(CONTENT), sort_keys=True, allow_unicode=True, width=200)
    _, again = parse_runbook(text, file="turned.yaml")
    assert again.digest == BEFORE.digest
    assert differences(BEFORE, again) == []


@pytest.mark.parametrize(("edit", "change", "path"), [
    (lambda c: c.update(version="9.0.0"), Change.CHANGED, "version"),
    (lambda c: actions(c)[2]["title"].update(fr="Autre"), Change.CHANGED, f"{START}.title.fr"),
    (lambda c: actions(c)[2].update(waivable=False), Change.CHANGED, f"{START}.waivable"),
    (lambda c: actions(c)[2].pop("effects"), Change.REMOVED, f"{START}.effects.vmm"),
    (lambda c: actions(c)[2].pop("expectation"), Change.REMOVED, f"{START}.expectation"),
    (lambda c: actions(c)[2].update(profiles=["asr"]), Change.CHANGED, f"{START}.profiles"),
    (lambda c: actions(c)[2].update(symptoms=["F06", "F04"]), Change.CHANGED, f"{START}.symptoms"),
    (lambda c: actions(c)[2]["commands"][3].update(text="Get-VM"), Change.CHANGED, f"{START}.commands[3].text"),
    (lambda c: actions(c)[2]["commands"][2].update(verify=True), Change.CHANGED, f"{START}.commands[2].verify"),
    (lambda c: actions(c)[2]["commands"].pop(0), Change.REMOVED, f"{START}.commands[0]"),
    (lambda c: actions(c)[2]["commands"].insert(1, {"run_on": "x", "text": "y"}), Change.ADDED, f"{START}.commands[1]"),
    (lambda c: actions(c)[2].pop("commands"), Change.REMOVED, f"{START}.commands[0]"),
    (lambda c: c["steps"].pop(6), Change.REMOVED, "steps[fail-back-workloads]"),
    (lambda c: c["symptoms"].pop("F31"), Change.REMOVED, "symptoms[F31]"),
    (lambda c: c["symptoms"].update(F99=c["symptoms"]["F31"]), Change.ADDED, "symptoms[F99]"),
    (lambda c: c["parameters"][0].update(example="x"), Change.CHANGED, "parameters[vmm_vm].example"),
    (lambda c: c["on_loss"]["primary_lost"][4].update(to="fail-over-vmm"), Change.CHANGED,
     "on_loss.primary_lost[4].to"),
    (lambda c: c["on_loss"]["primary_lost"].pop(1), Change.REMOVED, "on_loss.primary_lost[1]"),
    (lambda c: c["parameters"][5].update(required_with={"authentication": "x"}), Change.CHANGED,
     "parameters[certificate_thumbprint].required_with[authentication]"),
], ids=range(19))  # fmt: skip
def test_each_change_is_told_where_it_is(edit: Callable[[dict[str, Any]], object], change: Change, path: str) -> None:
    assert told(edit)[0] == (change, path)
    after = edited(edit)
    back = differences(after, BEFORE)
    mirrored = {Change.ADDED: Change.REMOVED, Change.REMOVED: Change.ADDED}
    assert back[0].change is mirrored.get(change, change)
    assert len(back) == len(differences(BEFORE, after))


def test_both_values_are_told() -> None:
    (one,) = differences(BEFORE, edited(lambda content: content.update(version="9.0.0")))
    assert one == Difference(Change.CHANGED, "version", BEFORE.version, "9.0.0")


def test_order_is_told_by_what_moved_alone() -> None:
    def last_to_first(content: dict[str, Any]) -> None:
        actions(content).insert(0, actions(content).pop())

    assert differences(BEFORE, edited(last_to_first)) == [Difference(Change.MOVED, START, "fail-over-vmm-vm", None)]

    def steps_too(content: dict[str, Any]) -> None:
        content["steps"].append(content["steps"].pop(0))

    assert differences(BEFORE, edited(steps_too)) == [
        Difference(Change.MOVED, "steps[fail-over-vmm]", None, "fail-back-workloads")
    ]


def test_an_action_that_moved_is_compared_all_the_same() -> None:
    def moved_and_changed(content: dict[str, Any]) -> None:
        actions(content)[2]["title"]["en"] = "Other"
        actions(content).insert(0, actions(content).pop())

    assert told(moved_and_changed) == [(Change.CHANGED, f"{START}.title.en"), (Change.MOVED, START)]


def test_no_edit_goes_unnoticed() -> None:
    """Whatever text, flag or number is changed somewhere is one difference, and undone it is none."""
    leaves: list[tuple[Any, Any]] = []

    def collect(node: Any) -> None:
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            if isinstance(value, dict | list):
                collect(value)
            elif key in {"en", "fr", "text", "run_on", "example", "verify", "expected_minutes", "reference"}:
                leaves.append((node, key))

    content = copy.deepcopy(dict(CONTENT))
    collect(content)
    for node, key in random.Random(7).sample(leaves, 60):
        kept = node[key]
        node[key] = (not kept) if isinstance(kept, bool) else kept + (1 if isinstance(kept, int) else "!")
        (one,) = differences(BEFORE, build_runbook(content))
        assert one.path.rpartition(".")[2] == key
        node[key] = kept
    assert differences(BEFORE, build_runbook(content)) == []

"""Random documents: a check never fails, and is met only where an oracle without shared code finds all that is due."""

import json
import os
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.evidence import Expected, check_output
from app.domain.parts import Expectation
from app.domain.vocabulary import Output

EXAMPLES = 10_000 if os.environ.get("FAILBACK_PROVE") else 300
NAMES = ["vmm01", "VMM01", "sql01", "", None, 7]
STATES = [0, 3, 4, 6, 7, 8, 99, "Replicating", "FailedOver", "Off", "Running", "Succeeded", "Suspended", "odd", None]
KEYS = ["Name", "VMName", "State", "ReplicationState", "Mode", "ReplicationMode", "Status", "friendlyName", "Health"]
KEYS += ["activeLocation", "allowedOperations", "StateDescription", "TargetObjectName", "ElementName", "x"]

scalars = st.sampled_from([*NAMES, *STATES, "Primary", "Recovery", "Replica", 1, 2, True, 1.5, "System.Object[]"])
leaves = scalars | st.lists(st.sampled_from(["Commit", "ChangePit", "PlannedFailover", 3]), max_size=3)
things = st.dictionaries(st.sampled_from(KEYS), leaves | st.dictionaries(st.just("Value"), scalars), max_size=9)
nested = things | st.builds(lambda one: {"properties": one}, things)
documents = st.recursive(
    st.none() | st.text(max_size=5) | nested | st.lists(nested, max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["value", *KEYS]), inner, max_size=3),
    max_leaves=12,
)
EXPECTATIONS = [
    Expectation(output=Output.HYPER_V_REPLICATION, subject="p", mode=("Replica",), state=("FailedOver", "Replicating")),
    Expectation(output=Output.HYPER_V_VM, subject="p", state=("Off",)),
    Expectation(output=Output.SERVICE, named="vmm01", state=("Running",)),
    Expectation(output=Output.ASR_PROTECTED_ITEM, subject="p", active_location=("Recovery",), allows=("Commit",)),
    Expectation(output=Output.ASR_PROTECTED_ITEM, subject="p", not_allows=("Commit",)),
    Expectation(output=Output.ASR_JOB, subject="p", state=("Succeeded",)),
]


def mentions(value: Any) -> set[str]:
    """Give every word and number anywhere in a document, folded: the oracle looks for what has to be there at all."""
    if isinstance(value, dict):
        return {found for one in value.values() for found in mentions(one)}
    if isinstance(value, list):
        return {found for one in value for found in mentions(one)}
    return {str(value).casefold()}


NUMBERS = {
    Output.HYPER_V_REPLICATION: {"failedover": "7", "replicating": "4", "replica": "2"},
    Output.HYPER_V_VM: {"off": "3"},
    Output.SERVICE: {"running": "4"},
}


def there(word: str, said: set[str], output: Output) -> bool:
    return word.casefold() in said or NUMBERS.get(output, {}).get(word.casefold()) in said


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents, st.sampled_from(EXPECTATIONS))
def test_a_check_never_fails_and_is_met_only_where_all_that_is_expected_is_said(value: Any, one: Expectation) -> None:
    check = check_output(json.dumps(value), [Expected(0, one, "vmm01")])
    assert check["verdict"] in {"met", "not_met", "not_recognised"}
    assert (check["verdict"] == "not_recognised") == (check["why"] is not None)
    assert (check["verdict"] == "not_met") == bool(check["findings"])
    json.dumps(check, allow_nan=False)
    if check["verdict"] == "met":
        said = mentions(value)
        assert "vmm01" in said
        for words in (one.mode, one.state, one.active_location):
            assert not words or any(there(word, said, one.output) for word in words)
        assert all(word.casefold() in said for word in one.allows)
        if one.not_allows:
            assert said & {"changepit", "plannedfailover", "3"} or said - {"commit"}


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.text(max_size=200) | st.binary(max_size=100).map(lambda raw: raw.decode("latin-1")))
def test_no_text_is_too_odd(text: str) -> None:
    check = check_output(text, [Expected(0, EXPECTATIONS[0], "vmm01")])
    assert check["verdict"] == "not_recognised"

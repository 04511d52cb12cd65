"""Whatever is sent, valid by the description or not, with a token or without: the answer is one that is described.

A few examples of each here, thousands with FAILBACK_PROVE=1.
"""

import os
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.web import headers
from tests.http.clients import PARAMETERS, World
from tests.http.test_openapi import OPERATIONS

EXAMPLES = 2_000 if os.environ.get("FAILBACK_PROVE") else 12
#: A stream never ends by itself; what is wrong with asking for one is asked for in its own test.
FINITE = sorted(set(OPERATIONS) - {"stream_events"})
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def target(world: World) -> dict[str, Any]:
    """Give an execution that requests are aimed at."""
    return world.at("fail-over-workloads.fail-over-workload-vms")


@pytest.fixture(scope="module")
def protected(world: World) -> str:
    """Give the id of a protected set that requests are aimed at."""
    body = {"runbook": "standalone-vmm", "parameters": PARAMETERS, "workloads": [{"name": "sql01"}]}
    made: str = world.ask("ann", "/protected-sets", json={"name": "Fuzzed", **body}).json()["id"]
    return made


@pytest.fixture(scope="module")
def described(world: World) -> Any:
    return schemathesis.openapi.from_dict(world.client.get("/openapi.json").json())


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        (name, mode)
        for name in FINITE
        for mode in GenerationMode
        if mode is GenerationMode.POSITIVE or " /api/" in OPERATIONS[name]  # the others take nothing to be wrong with
    ],
)
def test_every_answer_is_described(
    *,
    world: World,
    target: dict[str, Any],
    protected: str,
    described: Any,
    name: str,
    mode: GenerationMode,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(headers, "MAX_WAIT", 0)
    method, path = OPERATIONS[name].split()
    known = {"execution_id": target["id"], "runbook_id": "standalone-vmm", "number": 3, "slug": "not-found"}
    known["protected_set_id"] = protected

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=EXAMPLES < 100,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(
        case=described[path][method].as_strategy(generation_mode=mode),
        aimed=st.sampled_from([True, True, False]),
        who=st.sampled_from(["ann", "ann", "ben", "viewer", None]),
        spoken=st.booleans(),
    )
    def ask(case: Any, aimed: bool, who: str | None, spoken: bool) -> None:  # noqa: FBT001 - drawn
        if aimed and mode is GenerationMode.POSITIVE:
            case.path_parameters = {one: known[one] for one in case.path_parameters or {}}
            if spoken and isinstance(case.body, dict):  # so that some are accepted
                case.body = {**case.body, **_fitting(name, case.body, target)}
        world.forgive()
        sent = case.as_transport_kwargs(base_url="http://testserver", headers=_authorized(world, who))
        fields = [(key.encode(), value.encode("latin-1", "replace")) for key, value in sent.pop("headers").items()]
        body = {"content": sent.pop("data")} if isinstance(sent.get("data"), bytes | str) else {}
        sent.pop("data", None)
        sent.pop("cookies", None)
        answer = world.client.request(headers=fields, **body, **sent)
        rejects = [negative_data_rejection] if mode is GenerationMode.NEGATIVE and who == "ann" else []
        case.validate_response(answer, checks=[*CHECKS, *rejects])

    ask()
    assert world.read(target)["id"] == target["id"]


def _fitting(name: str, body: dict[str, Any], target: dict[str, Any]) -> dict[str, Any]:
    if name == "declare_execution":
        return {
            "runbook": "standalone-vmm",
            "parameters": PARAMETERS,
            "workloads": [{"name": "w"}],
            "command_profile": "asr",
        }
    return {"at": target["position"]} if "at" in body else {}


def _authorized(world: World, who: str | None) -> dict[str, str]:
    return {} if who is None else {"Authorization": f"Bearer {world.tokens[who]}"}


def test_what_was_accepted_on_the_way_is_whole(world: World, target: dict[str, Any]) -> None:
    """Run last of this module: events that were made up and fitted are as good as any."""
    items = world.ask("viewer", "/executions?limit=200").json()["items"]
    for identifier in {target["id"], *(one["id"] for one in items)}:
        proof = world.ask("auditor", f"/executions/{identifier}/verification").json()
        assert proof["ok"], proof

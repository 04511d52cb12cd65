"""An expectation that no output could show, or that contradicts itself, is a fault of the runbook, with its line."""

import pytest

from tests.unit.test_runbook_reader import TEXT, faults_of

FIRST = "          - {output: hyper-v-replication, subject: vmm_vm, site: secondary, mode: [Replica], state: [FailedOverWaitingCompletion]}\n"  # fmt: skip  # noqa: E501 - as long as the line it stands for


@pytest.mark.parametrize(
    ("line", "path", "message"),
    [
        ("{output: hyper-v-vm, subject: nobody, state: [Running]}", ".subject", "there is no parameter 'nobody'"),
        ("{output: hyper-v-vm, subject: workload, state: [Running]}", ".subject", "not done per workload"),
        ("{output: hyper-v-vm, state: [Running]}", "", "has either `subject`"),
        ("{output: hyper-v-vm, subject: vmm_vm, named: x, state: [Running]}", "", "has either `subject`"),
        ("{output: hyper-v-vm, subject: vmm_vm}", "", "expects nothing"),
        ("{output: hyper-v-vm, subject: vmm_vm, mode: [Replica]}", ".mode", "is nothing that hyper-v-vm says"),
        ("{output: hyper-v-vm, subject: vmm_vm, state: [Replicating]}", ".state", "Replicating: not known; one of"),
        ("{output: sql, subject: vmm_vm, state: [Running]}", ".output", ""),
        (
            "{output: asr-protected-item, subject: vmm_vm, allows: [Commit], not_allows: [commit]}",
            ".not_allows",
            "contra",
        ),
        (
            "{output: service, named: x, state: [Running], profiles: [azure]}",
            ".profiles",
            "no such command profile: azure",
        ),
    ],
    ids=range(10),
)
def test_a_bad_expectation_is_named_with_its_line(line: str, path: str, message: str) -> None:
    where = TEXT[: TEXT.index(FIRST)].count("\n") + 1
    found = faults_of(TEXT.replace(FIRST, f"          - {line}\n", 1))
    place = f"steps[fail-over-vmm].actions[fail-over-vmm-vm].expects[0]{path}"
    assert [one for one in found if one.startswith(f"mine.yaml:{where}: {place}: ") and message in one], found


def test_two_that_say_of_the_same_thing_are_a_fault_unless_their_profiles_differ() -> None:
    twice = (
        FIRST + "          - {output: hyper-v-replication, subject: vmm_vm, site: secondary, state: [FailedOver]%s}\n"
    )
    assert "says of the same subject" in faults_of(TEXT.replace(FIRST, twice % "", 1))[0]
    assert "says of the same subject" in faults_of(TEXT.replace(FIRST, twice % ", profiles: [asr]", 1))[0]
    apart = FIRST.replace("mode:", "profiles: [hyper-v-replica], mode:") + twice[len(FIRST) :] % ", profiles: [asr]"
    changed = TEXT.replace(FIRST, apart, 1).replace("id: standalone-vmm\n", "id: Mine\n", 1)
    assert not [one for one in faults_of(changed) if "says of the same subject" in one]

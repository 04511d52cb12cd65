"""The standalone-vmm definition says all that the source's item 7 says, in order, and short enough for the night."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping

import pytest

from app.domain.runbook import MODES, PLACEHOLDER, Action, Choice, Command, Kind, Origin, Runbook, Text
from app.runbooks import build_runbook, bundled_runbooks

CONTENT, DEFINITION = next(pair for pair in bundled_runbooks() if pair[1].id == "standalone-vmm")
RUNBOOK = DEFINITION.for_mode("live")  # what drills do instead, and besides: test_drill_forms.py
COURSES = [pytest.param(DEFINITION.for_mode(mode), id=mode) for mode in MODES]

#: Each sentence of the source's item 7 (Microsoft, July 2017, French), cut where it asks for more than one thing, and
#: the actions that carry it. Nothing of these sentences is in the product.
SENTENCES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "7.1",
        (
            "Dans la console Hyper-V Manager sur le site secondaire, exécutez un basculement non planifié pour "
            "basculer la machine virtuelle VMM du site principal vers le site secondaire."
        ),
        ("fail-over-vmm.fail-over-vmm-vm",),
    ),
    ("7.2", "Vérifiez que la machine virtuelle VMM est opérationnelle", ("fail-over-workloads.verify-vmm",)),
    ("7.2", "et dans le coffre,", ("fail-over-workloads.verify-provider",)),
    (
        "7.2",
        (
            "puis exécutez un basculement non planifié des machines virtuelles du cloud principal "
            "vers le cloud secondaire."
        ),
        ("fail-over-workloads.fail-over-workload-vms",),
    ),
    ("7.2", "Validez le basculement,", ("fail-over-workloads.commit-workloads",)),
    (
        "7.2",
        "puis sélectionnez un autre point de récupération si nécessaire.",
        ("fail-over-workloads.check-workloads",),  # before the commit: the second erratum
    ),
    (
        "7.3",
        (
            "Une fois que le basculement non planifié est terminé, l'utilisateur peut à nouveau accéder à toutes les "
            "ressources sur le site principal."
        ),
        ("confirm-access.confirm-users-can-work",),
    ),
    (
        "7.4",
        "Lorsque le site principal est de nouveau disponible,",
        ("reverse-vmm-replication.primary-site-available",),
    ),
    (
        "7.4",
        (
            "dans la console du gestionnaire Hyper-V du site secondaire, activez la réplication inverse de la machine "
            "virtuelle VMM. La réplication de la machine virtuelle du site secondaire au site principal démarre."
        ),
        ("reverse-vmm-replication.reverse-vmm-replication",),
    ),
    (
        "7.5",
        (
            "Exécutez un basculement planifié dans la console du gestionnaire Hyper-V du site secondaire, afin de "
            "basculer la machine virtuelle VMM vers le site principal."
        ),
        ("fail-back-vmm.prepare-planned-failover", "fail-back-vmm.fail-over-vmm-vm-to-primary"),
    ),
    ("7.5", "Validez le basculement.", ("fail-back-vmm.commit-vmm-failback",)),
    (
        "7.5",
        (
            "Activez ensuite la réplication inverse, de manière à ce que la machine virtuelle VMM soit de nouveau "
            "répliquée du site principal vers le site secondaire."
        ),
        ("fail-back-vmm.reverse-vmm-replication-again",),
    ),
    (
        "7.6",
        (
            "Dans le coffre Recovery Services, activez la réplication inverse pour les machines virtuelles de charge "
            "de travail pour démarrer la réplication du site secondaire vers le site principal."
        ),
        ("reverse-workload-replication.reverse-workloads",),
    ),
    (
        "7.7",
        (
            "Dans le coffre Recovery Services, exécutez un basculement planifié pour restaurer les machines virtuelles "
            "de charge de travail vers le site principal."
        ),
        ("fail-back-workloads.fail-back-workload-vms",),
    ),
    ("7.7", "Validez le basculement pour le terminer.", ("fail-back-workloads.commit-workload-failback",)),
    (
        "7.7",
        (
            "Ensuite, activez la réplication inverse pour commencer la réplication des machines virtuelles de charge "
            "de travail du site principal vers le site secondaire."
        ),
        ("fail-back-workloads.reverse-workloads-again",),
    ),
)

#: Choosing another point is the source's, but the check it belongs to is this runbook's own.
CARRIED_BY_ADDITION = {"fail-over-workloads.check-workloads"}

IRREVERSIBLE = {
    "complete-vmm-failover",
    "commit-workloads",
    "mark-old-primary-as-replica",
    "reverse-vmm-replication",
    "commit-vmm-failback",
    "reverse-workloads",
    "commit-workload-failback",
}
NOT_WAIVABLE = {
    "fence-primary",
    "fail-over-vmm-vm",
    "old-workload-vms-off",
    "old-vmm-vm-off",
    "reverse-vmm-replication",
    "fail-over-vmm-vm-to-primary",
    "commit-vmm-failback",
    "reverse-vmm-replication-again",
    "reverse-workloads",
    "reverse-workloads-again",
}
PER_WORKLOAD = {
    "fail-over-workload-vms",
    "check-workloads",
    "commit-workloads",
    "old-workload-vms-off",
    "reverse-workloads",
    "workload-initial-replication-complete",
    "fail-back-workload-vms",
    "check-workloads-at-primary",
    "commit-workload-failback",
    "reverse-workloads-again",
}
#: The failure table: which step each symptom shows in.
SYMPTOM_STEPS = {
    "F01": {1}, "F02": {1}, "F03": {1, 2}, "F04": {1, 2}, "F05": {1, 2}, "F06": {1}, "F07": {2}, "F08": {2, 6},
    "F10": {2, 6, 7}, "F11": {2}, "F12": {2}, "F13": {2}, "F14": {2, 7}, "F15": {2, 7}, "F16": {2},
    "F17": {2, 3, 4, 5, 6}, "F18": {4}, "F19": {4}, "F20": {4}, "F21": {4}, "F22": {4, 6}, "F24": {5}, "F25": {5},
    "F26": {5}, "F27": {5}, "F28": {6}, "F29": {7}, "F30": {7}, "F31": {7}, "F33": {2, 6, 7},
}  # fmt: skip
#: What a command that only looks may call. The vault's context is of the session, nothing is changed by it.
LOOKING = re.compile(
    r"(Get|Test|Select|Where|Sort|Format|ConvertTo|Read|Out)-\w+|Set-AzRecoveryServicesAsrVaultContext"
    r"|Invoke-AzRestMethod -Method GET|Invoke-Command"
)
VERB = re.compile(r"\b[A-Z][a-zA-Z]+-[A-Z]\w+(?: -Method GET)?")


def texts(node: object, path: str = "") -> Iterator[tuple[str, Text]]:
    """Every text of the definition, from its content: a mapping of exactly `en` and `fr`."""
    if isinstance(node, Mapping):
        if set(node) == {"en", "fr"}:
            yield path, Text(**node)
        for key, value in node.items():
            yield from texts(value, f"{path}.{key}")
    elif isinstance(node, list):
        for place, value in enumerate(node):
            yield from texts(value, f"{path}[{place}]")


def commands(runbook: Runbook) -> Iterator[tuple[str, Action, Command]]:
    for position, action in runbook.actions.items():
        for command in (*action.commands, *(action.undo.commands if action.undo else ())):
            yield position, action, command


def ids(wanted: str) -> set[str]:
    return {action.id for action in RUNBOOK.actions.values() if getattr(action, wanted)}


@pytest.mark.parametrize(("reference", "sentence", "positions"), SENTENCES)
def test_every_sentence_of_the_source_has_its_action(reference: str, sentence: str, positions: tuple[str, ...]) -> None:
    assert sentence
    for position in positions:
        action = RUNBOOK.actions[position]
        if position in CARRIED_BY_ADDITION:
            assert action.choose_recovery_point is Choice.ALWAYS
        else:
            assert (action.origin, action.source) == (Origin.SEED, reference)


def test_every_action_of_the_source_carries_a_sentence() -> None:
    carried = {position for _, _, positions in SENTENCES for position in positions}
    of_the_source = {position for position, action in RUNBOOK.actions.items() if action.origin is Origin.SEED}
    assert of_the_source == carried - CARRIED_BY_ADDITION


def test_the_seven_places_of_the_source_are_the_seven_steps() -> None:
    for number, step in enumerate(RUNBOOK.steps, 1):
        assert {action.source for action in step.actions if action.source} == {f"7.{number}"}
    assert len(RUNBOOK.steps) == 7


def test_the_sentences_follow_the_order_of_the_source_but_for_the_commit() -> None:
    places = [RUNBOOK.rank[positions[0]] for _, _, positions in SENTENCES]
    commit, choice = (RUNBOOK.rank[f"fail-over-workloads.{name}"] for name in ("commit-workloads", "check-workloads"))
    assert choice < commit  # the source has them the other way round
    swapped = [{commit: choice, choice: commit}.get(place, place) for place in places]
    assert swapped == sorted(swapped)


def test_no_text_is_the_sources_own() -> None:
    def runs(text: str) -> set[tuple[str, ...]]:
        words = re.findall(r"[\w']+", text.lower().replace("’", "'"))
        return {tuple(words[place : place + 7]) for place in range(len(words) - 6)}

    source = set[tuple[str, ...]]().union(*(runs(sentence) for _, sentence, _ in SENTENCES))
    assert [path for path, text in texts(CONTENT) if runs(text.fr) & source] == []


def test_titles_and_instructions_are_short() -> None:
    for position, action in RUNBOOK.actions.items():
        for language in ("en", "fr"):
            assert len(action.title.in_language(language).split()) <= 14, position
            assert len(action.instruction.in_language(language).split()) <= 60, position


def test_both_languages_speak_and_differ() -> None:
    found = list(texts(CONTENT))
    assert len(found) > 200
    for path, text in found:
        assert text.en.strip(), path
        assert text.fr.strip(), path
        assert text.en != text.fr, path


def test_flags_are_those_of_the_procedure() -> None:
    assert ids("irreversible") == IRREVERSIBLE
    assert {action.id for action in RUNBOOK.actions.values() if not action.waivable} == NOT_WAIVABLE
    assert ids("per_workload") == PER_WORKLOAD
    assert ids("optional") == {"complete-vmm-failover"}
    assert ids("comment_required") == {"fence-primary"}
    assert ids("recovery_point") == {"fail-over-vmm-vm", "fail-over-workload-vms"}
    assert ids("undo") == {
        "fail-over-vmm-vm",
        "fail-over-workload-vms",
        "prepare-planned-failover",
        "fail-over-vmm-vm-to-primary",
        "fail-back-workload-vms",
    }
    assert {action.id for action in RUNBOOK.actions.values() if action.profiles} == {
        "verify-provider",
        "no-vault-job-running",
    }
    assert [number for number, step in enumerate(RUNBOOK.steps, 1) if step.profile_change] == [2, 6, 7]
    assert [step.id for step in RUNBOOK.steps if step.ends_outage] == ["confirm-access"]
    assert RUNBOOK.profile_ids == ("hyper-v-replica", "asr")
    assert Counter(action.kind for action in RUNBOOK.actions.values()) == {Kind.TASK: 16, Kind.CHECK: 10, Kind.GATE: 6}


def test_symptoms_show_in_the_steps_of_the_failure_table() -> None:
    shown: dict[str, set[int]] = {}
    for number, step in enumerate(RUNBOOK.steps, 1):
        for action in step.actions:
            for symptom in action.symptoms:
                shown.setdefault(symptom, set()).add(number)
    assert shown == SYMPTOM_STEPS


def test_only_three_parameters_must_be_given() -> None:
    assert [parameter.name for parameter in RUNBOOK.parameters if parameter.required] == [
        "vmm_vm",
        "primary_host",
        "secondary_host",
    ]


@pytest.mark.parametrize("profile", RUNBOOK.profile_ids)
def test_every_task_has_a_command_that_acts_and_one_that_looks(profile: str) -> None:
    for position, action in RUNBOOK.actions.items():
        shown = [one for one in action.commands if not one.profiles or profile in one.profiles]
        if action.kind is Kind.TASK:
            assert {one.verify for one in shown} == {True, False}, position
        elif position != "reverse-vmm-replication.primary-site-available":
            assert shown, position


@pytest.mark.parametrize("course", COURSES)
def test_commands_that_only_look_change_nothing(course: Runbook) -> None:
    for position, _, command in commands(course):
        calls = VERB.findall(re.sub(r"'[^'\n]*'", "", command.text))
        changing = [call for call in calls if not LOOKING.fullmatch(call)]
        assert bool(changing) != command.verify, (position, command.text, changing)


@pytest.mark.parametrize("course", COURSES)
def test_commands_paste_as_one_piece(course: Runbook) -> None:
    for position, _, command in commands(course):
        filled = PLACEHOLDER.sub("'x'", command.text)
        code = re.sub(r"'[^'\n]*'", "''", "\n".join(line for line in filled.split("\n") if line.strip()[:1] != "#"))
        for pair in ("()", "{}", "[]"):
            assert code.count(pair[0]) == code.count(pair[1]), (position, command.text)
        assert code.count('"') % 2 == 0, (position, command.text)
        lines = code.strip().split("\n")
        # Several lines are one block, so that no console answers a question with the line that follows it.
        assert len(lines) == 1 or (lines[0] == ". {" and lines[-1] == "}"), (position, command.text)


@pytest.mark.parametrize("course", COURSES)
def test_a_vault_command_acts_on_the_workload_it_names_only(course: Runbook) -> None:
    for position, action, command in commands(course):
        if action.per_workload and command.run_on == "Azure PowerShell" and not command.verify:
            assert "if ($item.FriendlyName -ne {workload}) { throw" in command.text, position


def test_the_content_is_json_and_names_its_runbook() -> None:
    again = json.loads(json.dumps(CONTENT))
    assert again == CONTENT
    assert build_runbook(again, RUNBOOK.digest) == DEFINITION
    assert re.fullmatch("[0-9a-f]{64}", RUNBOOK.digest)
    assert "digest" not in CONTENT


def test_the_errata_of_the_source_are_shown_beside_their_steps() -> None:
    assert [erratum.step for erratum in RUNBOOK.errata] == [
        "confirm-access",
        "fail-over-workloads",
        "fail-over-workloads",
        "reverse-vmm-replication",
        "fail-over-workloads",
    ]
    assert "secondary" in RUNBOOK.errata[0].we_say.en

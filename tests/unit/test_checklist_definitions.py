"""The four checklists have every item of the readiness page, short, in both languages, with its place in the source."""

import re
from itertools import pairwise

import pytest
import yaml

from app.domain.runbook import Kind, Order, Origin, RunbookKind
from app.domain.texts import Text
from app.runbooks import RunbookFault, bundled_runbooks, parse_runbook
from tests.life import checklist, standalone

#: checklist: its items and the place in the source of each, "+" for an addition; copied from the page by hand
PAGE = {
    "prepare-vmm-servers": """
        vmm-version-supported 1  no-mixed-or-upgraded-vmm +  vmm-reaches-service-urls 2  firewall-allows-azure-ranges 2
        secondary-site-reaches-too +  ready-for-network-mapping 3""",
    "prepare-hyper-v-hosts": """
        hosts-and-clusters-supported 1  cluster-update-installed 1  replica-broker-made +  guest-systems-supported 2
        linux-file-systems-supported +  host-network-supported 3  guest-network-supported 3  host-storage-supported 3
        guest-storage-supported 3  hosts-reach-service-urls 4  firewall-allows-azure-ranges 4""",
    "deploy-standalone-vmm": """
        single-server deployment  vmm-and-sql-on-one-vm 1  two-clouds 2  vault-and-replication 3  networks-mapped 4
        vmm-vm-replicates 5  vmm-vm-not-in-vault 5  recovery-plans-same-server 6  replica-server-at-both-hosts +
        all-vmm-disks-replicated +  failover-address-set +  directory-and-dns-at-secondary +  vmm-vm-autostart-off +
        test-failover-done +""",
    "deploy-stretched-vmm-cluster": """
        single-server deployment  vmm-highly-available 1  database-in-availability-group 2  vault-and-protection 3
        provider-on-every-node 3  keys-in-directory +  witness-at-third-site +""",
}
#: What the page says that has to be read somewhere in the texts of the item, in both languages.
SAID = {
    "vmm-version-supported": ["2016", "2012 R2", "2012 SP1"],
    "no-mixed-or-upgraded-vmm": ["2012 R2", "2016"],
    "vmm-reaches-service-urls": [
        "*.hypervrecoverymanager.windowsazure.com", "*.accesscontrol.windows.net", "*.backup.windowsazure.com",
        "*.blob.core.windows.net", "*.store.core.windows.net", "time.nist.gov", "time.windows.com",
    ],
    "hosts-reach-service-urls": [
        "*.hypervrecoverymanager.windowsazure.com", "*.accesscontrol.windows.net", "*.backup.windowsazure.com",
        "*.blob.core.windows.net", "*.store.core.windows.net", "time.nist.gov", "time.windows.com",
    ],
    "firewall-allows-azure-ranges": ["443", "Azure"],
    "hosts-and-clusters-supported": ["2016", "2012 R2", "VMM 2016"],
    "cluster-update-installed": ["2961977"],
    "replica-broker-made": ["2012", "Broker"],
    "linux-file-systems-supported": ["EXT3", "EXT4", "XFS", "LVM2"],
    "host-network-supported": ["IPv4", "IPv6", "VLAN"],
    "guest-network-supported": ["IPv6", "IPv4"],
    "host-storage-supported": ["SMB 3.0", "iSCSI", "SAN"],
    "guest-storage-supported": ["VHD", "VHDX", "NFS", "SMB"],
    "single-server": ["Azure", "cloud"],
    "vmm-and-sql-on-one-vm": ["SQL Server"],
    "vmm-vm-not-in-vault": ["Site Recovery"],
    "replica-server-at-both-hosts": ["80", "443", "Kerberos"],
    "database-in-availability-group": ["AlwaysOn", "SQL Server"],
    "keys-in-directory": ["Active Directory"],
}  # fmt: skip
NAMES = sorted(PAGE)


def words(text: str) -> int:
    return len(text.split())


def test_there_are_four_and_they_hold_for_ninety_days() -> None:
    found = [runbook for _, runbook in bundled_runbooks() if runbook.kind is RunbookKind.CHECKLIST]
    assert sorted(one.id for one in found) == NAMES
    assert {one.holds_days for one in found} == {90}
    assert standalone().holds_days is None


@pytest.mark.parametrize("name", NAMES)
def test_every_item_of_the_page_is_there_with_its_place_in_the_source(name: str) -> None:
    wanted = dict(pairwise(PAGE[name].split()))
    wanted = {item: place for item, place in wanted.items() if "-" in item and item != "deployment"}
    found = {}
    for place, action in checklist(name).actions.items():
        assert action.origin is (Origin.SEED if action.source else Origin.ADDITION)
        found[place.partition(".")[2]] = (action.source or "+").rpartition(".")[2].rpartition("-")[2]
    assert found == wanted
    assert all(step.order is Order.ANY for step in checklist(name).steps)


@pytest.mark.parametrize("name", NAMES)
def test_texts_are_short_imperative_and_say_what_the_page_says(name: str) -> None:
    for place, action in checklist(name).actions.items():
        for language in ("en", "fr"):
            told = action.instruction.in_language(language)
            assert words(told) <= 60, place
            assert told.endswith("."), place
            everything = " ".join(text.in_language(language) for text in (action.title, action.instruction))
            everything += " " + (action.expectation.in_language(language) if action.expectation else "")
            missing = [word for word in SAID.get(action.id, []) if word not in everything]
            assert not missing, (place, language)
        assert action.expectation is not None, place
        assert action.instruction.en != action.instruction.fr
        assert not re.search(r"\b(should|please|simply|just)\b", action.instruction.en), place


def test_conflicts_of_the_source_are_shown() -> None:
    (erratum,) = checklist("prepare-vmm-servers").errata
    for text in (erratum.source_says, erratum.why):
        assert isinstance(text, Text)
    assert "2012 SP1" in erratum.source_says.en
    assert "2012 SP1" not in erratum.we_say.fr
    for name in ("deploy-standalone-vmm", "deploy-stretched-vmm-cluster"):
        assert any("2023" in one.why.fr for one in checklist(name).errata)


def test_the_decision_for_one_server_is_attested_in_words() -> None:
    for name in ("deploy-standalone-vmm", "deploy-stretched-vmm-cluster"):
        decision = checklist(name).actions["decide.single-server"]
        assert decision.kind is Kind.GATE
        assert decision.comment_required
        assert not decision.waivable


def test_parameters_are_those_of_the_procedure_that_the_checklist_prepares() -> None:
    known = {one.name for one in standalone().parameters}
    for name in NAMES:
        assert {one.name for one in checklist(name).parameters} <= known
        assert not any(one.required for one in checklist(name).parameters)


# -- what makes a checklist valid ----------------------------------------------------------------------------------

MINE = """
id: mine
version: "1"
kind: checklist
title: {en: Mine, fr: La mienne}
parameters: []
steps:
  - id: look
    order: any
    expected_minutes: 5
    title: {en: Look, fr: Regarder}
    sign_off: {approve: {en: Seen., fr: Vu.}, reject: {en: Not seen., fr: Pas vu.}}
    actions:
      - id: left
        kind: check
        origin: addition
        title: {en: Left, fr: Gauche}
        instruction: {en: Look left., fr: Regardez à gauche.}
      - id: right
        kind: task
        origin: addition
        title: {en: Right, fr: Droite}
        instruction: {en: Look right., fr: Regardez à droite.}
"""
PICTURE = {
    moment: {subject: {"site": "primary", "replication": "none"} for subject in ("vmm", "workloads")}
    for moment in ("steady", "outage")
}
ACTION_FAULTS = [
    ("irreversible", {"irreversible": True, "consequence": {"en": "x", "fr": "x"}}),
    ("per_workload", {"per_workload": True}),
    ("undo", {"undo": {"to": "look.right", "until": []}}),
    ("completes", {"completes": ["look.left"]}),
    ("recovery_point", {"recovery_point": True}),
    ("choose_recovery_point", {"choose_recovery_point": "always"}),
    ("requires_steady_picture", {"requires_steady_picture": True}),
    ("effects", {"effects": {"vmm": {"site": "primary"}}}),
    ("profiles", {"profiles": ["mine"]}),
]


def faults_of(**changes: object) -> str:
    content = yaml.safe_load(MINE) | changes
    with pytest.raises(RunbookFault) as found:
        parse_runbook(yaml.safe_dump(content, allow_unicode=True), file="mine.yaml")
    return str(found.value)


def test_a_checklist_needs_no_profiles_phases_picture_losses_or_validity() -> None:
    _, mine = parse_runbook(MINE, file="mine.yaml")
    assert mine.holds_days == 90
    assert mine.profile_ids == ("none",)
    assert mine.positions == ("look.items", "look.sign-off")
    _, shorter = parse_runbook(MINE.replace("parameters: []", "parameters: []\nvalid_days: 30"), file="mine.yaml")
    assert shorter.holds_days == 30


@pytest.mark.parametrize(("member", "members"), ACTION_FAULTS, ids=[case[0] for case in ACTION_FAULTS])
def test_an_item_takes_part_in_no_failover(member: str, members: dict[str, object]) -> None:
    steps = yaml.safe_load(MINE)["steps"]
    steps[0]["actions"][1] |= members
    assert re.search(rf"steps\[look\]\.actions\[right\]\.{member}: ", faults_of(steps=steps))


def test_what_a_checklist_has_no_use_for_is_refused() -> None:
    assert "site_picture: a checklist moves nothing" in faults_of(site_picture=PICTURE)
    loss = {"primary_lost": [{"step": "look", "refused": {"en": "No.", "fr": "Non."}}]}
    assert "on_loss: a checklist moves nothing" in faults_of(on_loss=loss)
    assert "valid_days: must be more than 0" in faults_of(valid_days=0)
    steps = yaml.safe_load(MINE)["steps"]
    steps[0] |= {"ends_outage": True, "phase": "none-such"}
    found = faults_of(steps=steps)
    assert "ends_outage: a checklist ends no outage" in found
    assert "phase: there is no phase" in found


def test_what_a_procedure_needs_is_asked_for() -> None:
    found = faults_of(kind="procedure", valid_days=90)
    for named in (
        "site_picture: a procedure",
        "valid_days: only a checklist",
        "command_profiles: there must",
        "phases: there must",
        "phase: a procedure",
        "order: only a checklist has steps in any order",
    ):
        assert named in found

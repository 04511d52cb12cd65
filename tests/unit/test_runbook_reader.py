"""A bad definition is refused with the file, the line and the fault; each kind of fault is shown on the real one."""

import re
from pathlib import Path

import pytest
import yaml

import app.runbooks
from app.domain.runbook import content_digest
from app.runbooks import RunbookFault, build_runbook, bundled_runbooks, parse_runbook, read_runbook, yaml_lines
from app.runbooks.yaml_lines import read_yaml

FILE = Path(app.runbooks.__file__).with_name("standalone-vmm.yaml")
TEXT = FILE.read_text(encoding="utf-8")
CONTENT, RUNBOOK = parse_runbook(TEXT, file=FILE.name)

VERSION = f"version: {RUNBOOK.version}"

# Long passages that the table below changes.
REVERSE = (
    "Set-VMReplication -VMName {vmm_vm} -Reverse -ReplicaServerName {primary_host}"
    " -ReplicaServerPort {replica_port} -AuthenticationType {authentication}"
)
STOP = "text: &stop_workload_failover Stop-VMFailover -VMName {workload} -Confirm:$false\n"
BECAUSE = (
    "      because:\n"
    "        en: VMM and the workloads still run at the secondary site; only the copy on its way back is lost.\n"
    "        fr: VMM et les charges tournent encore au site secondaire ; seule la copie en route est perdue.\n"
)


def faults_of(text: str) -> list[str]:
    with pytest.raises(RunbookFault) as refused:
        parse_runbook(text, file="mine.yaml")
    return str(refused.value).split("\n")


def case(name: str, old: str, new: str, path: str, message: str, *, after: str = "", at: str | None = None) -> object:
    """Replace the first `old` after `after`; the fault shows where `at` stands after that, or at the change itself."""
    start = TEXT.index(old, TEXT.index(after))
    text = TEXT[:start] + new + TEXT[start + len(old) :]
    place = start + len(new) - len(new.lstrip()) if at is None else text.index(at, TEXT.index(after))
    return pytest.param(text, text.count("\n", 0, place) + 1, path, message, id=name)


CASES = [
    case(
        "twice the same member",
        "    phase: failover\n",
        "    phase: failover\n    phase: failback\n",
        "steps[fail-over-vmm].phase",
        "is here twice; first in line",
        after="- id: fail-over-vmm\n",
        at="    phase: failback",
    ),
    case("a float", "expected_minutes: 30", "expected_minutes: 1.5", "steps[fail-over-vmm].expected_minutes", "float"),
    case(
        "an octal number",
        "expected_minutes: 30",
        "expected_minutes: 030",
        "steps[fail-over-vmm].expected_minutes",
        "int",
    ),
    case(
        "a huge number",
        "expected_minutes: 30",
        "expected_minutes: 99999999999999999",
        "steps[fail-over-vmm].expected_minutes",
        "int",
    ),
    case("a date", VERSION, "version: 2026-11-01", "version", "timestamp"),
    case("a yes", "waivable: false", "waivable: no", "steps[fail-over-vmm].actions[fence-primary].waivable", "bool"),
    case("a null", "    phase: failover\n", "    phase:\n", "steps[fail-over-vmm].phase", "null"),
    case(
        "a tag of its own",
        "    phase: failover\n",
        "    phase: !other failover\n",
        "steps[fail-over-vmm].phase",
        "other",
    ),
    case(
        "a tag on a list",
        "symptoms: [F02]",
        "symptoms: !!set {F02}",
        "steps[fail-over-vmm].actions[fence-primary].symptoms",
        "set",
    ),
    case(
        "a repeated structure",
        "    vmm: {site: none, replication: none}\n    workloads: {site: none, replication: none}",
        "    vmm: &nowhere {site: none, replication: none}\n    workloads: *nowhere",
        "site_picture.outage.workloads",
        "an alias may repeat a text",
        at="    workloads: *nowhere",
    ),
    case(
        "a symptom twice in the table",
        "\n  F28:\n",
        "\n  F27:\n",
        "symptoms.F27",
        "is here twice",
        at="  F27:\n    symptom:\n      en: No suitable",
    ),
    case("a number for a name", "    phase: failover\n", "    7: failover\n", "steps[fail-over-vmm]", "must be text"),
    case(
        "an unknown member",
        "        waivable: false\n",
        "        waiveable: false\n",
        "steps[fail-over-vmm].actions[fence-primary].waiveable",
        "is not a member that exists here",
    ),
    case(
        "an unknown member far down",
        "vmm: {site: secondary}",
        "vmm: {sight: secondary}",
        "steps[fail-over-vmm].actions[start-vmm-vm].effects.vmm.sight",
        "is not a member",
    ),
    case(
        "a missing French text",
        "          fr: Basculer la VM VMM, sans planification\n",
        "",
        "steps[fail-over-vmm].actions[fail-over-vmm-vm].title.fr",
        "is missing",
        after="- id: fail-over-vmm-vm\n",
        at="title:",
    ),
    case(
        "a text for a list",
        "symptoms: [F02]",
        "symptoms: F02",
        "steps[fail-over-vmm].actions[fence-primary].symptoms",
        "list",
    ),
    case(
        "a list for a mapping",
        "steady:\n    vmm: {site: primary, replication: primary_to_secondary}",
        "steady:\n    vmm: []",
        "site_picture.steady.vmm",
        "mapping",
        at="vmm: []",
    ),
    case(
        "a kind that does not exist",
        "kind: gate",
        "kind: gaet",
        "steps[fail-over-vmm].actions[fence-primary].kind",
        "'gate'",
    ),
    case(
        "a number as text",
        "expected_minutes: 30",
        'expected_minutes: "30"',
        "steps[fail-over-vmm].expected_minutes",
        "integer",
    ),
    case(
        "a flag as text",
        "waivable: false",
        'waivable: "false"',
        "steps[fail-over-vmm].actions[fence-primary].waivable",
        "boolean",
    ),
    case(
        "a digest written by hand",
        "kind: procedure",
        "kind: procedure\ndigest: abc",
        "digest",
        "never written",
        at="digest:",
    ),
    case(
        "an action twice",
        "- id: start-vmm-vm\n",
        "- id: fence-primary\n",
        "steps[fail-over-vmm].actions[fence-primary].id",
        "already",
    ),
    case(
        "a step twice",
        "- id: fail-over-workloads\n    phase",
        "- id: fail-over-vmm\n    phase",
        "steps[fail-over-vmm].id",
        "already",
    ),
    case(
        "an id with capitals",
        "- id: start-vmm-vm\n",
        "- id: Start_VM\n",
        "steps[fail-over-vmm].actions[Start_VM].id",
        "hyphens",
    ),
    case(
        "a reserved id",
        "- id: start-vmm-vm\n",
        "- id: sign-off\n",
        "steps[fail-over-vmm].actions[sign-off].id",
        "reserved",
    ),
    case("a reserved step", "- id: fail-over-vmm\n", "- id: aborted\n", "steps[aborted].id", "reserved"),
    case(
        "a profile twice", "- id: asr\n", "- id: hyper-v-replica\n", "command_profiles[hyper-v-replica].id", "already"
    ),
    case(
        "a parameter twice but for case", "- name: vault_name", "- name: VMM_vm", "parameters[VMM_vm].name", "already"
    ),
    case(
        "a parameter with hyphens",
        "- name: vault_name",
        "- name: vault-name",
        "parameters[vault-name].name",
        "underscores",
    ),
    case("a built-in parameter", "- name: vault_name", "- name: workload", "parameters[workload].name", "built in"),
    case("a symptom of odd name", "\n  F28:\n", "\n  x28:\n", "symptoms.x28", "F01"),
    case("a runbook of odd name", "id: standalone-vmm\n", "id: Standalone\n", "id", "hyphens"),
    case("no version", VERSION, 'version: ""', "version", "numbers"),
    case("a version that has no order", VERSION, "version: draft", "version", "such as 1.2.0"),
    case(
        "an unknown phase",
        "    phase: failback\n",
        "    phase: later\n",
        "steps[reverse-vmm-replication].phase",
        "no phase 'later'",
    ),
    case(
        "an unknown profile",
        "profiles: [asr]\n",
        "profiles: [vmware]\n",
        "steps[fail-over-workloads].actions[verify-provider].profiles[0]",
        "no command profile",
        after="- id: verify-provider",
    ),
    case(
        "an unknown symptom",
        "symptoms: [F02]",
        "symptoms: [F02, F99]",
        "steps[fail-over-vmm].actions[fence-primary].symptoms[1]",
        "no symptom 'F99'",
    ),
    case(
        "a symptom twice",
        "symptoms: [F02]",
        "symptoms: [F02, F02]",
        "steps[fail-over-vmm].actions[fence-primary].symptoms[1]",
        "already",
    ),
    case(
        "a symptom that nothing shows",
        "symptoms: [F17, F25, F26]",
        "symptoms: [F17, F26]",
        "symptoms.F25",
        "no action names",
        at="  F25:",
    ),
    case(
        "an outcome twice", "outcomes: [wait, retry]", "outcomes: [wait, wait]", "symptoms.F10.outcomes[1]", "already"
    ),
    case("no outcome", "outcomes: [wait, retry]", "outcomes: []", "symptoms.F10.outcomes", "at least one"),
    case(
        "an erratum of no step",
        "  - step: confirm-access\n    source_says",
        "  - step: confirm\n    source_says",
        "errata[0].step",
        "no step",
    ),
    case(
        "an empty text",
        "en: Connect and start the VMM VM",
        'en: " "',
        "steps[fail-over-vmm].actions[start-vmm-vm].title.en",
        "empty",
    ),
    case(
        "a placeholder in a text",
        "en: Connect and start the VMM VM",
        "en: Start {vmm_vm}",
        "steps[fail-over-vmm].actions[start-vmm-vm].title.en",
        "only commands",
    ),
    case(
        "a required parameter with a default",
        "    required: true\n",
        "    required: true\n    default: VMM01\n",
        "parameters[vmm_vm].default",
        "no default",
        at="    default:",
    ),
    case(
        "a default that is no choice",
        "default: Kerberos",
        "default: NTLM",
        "parameters[authentication].default",
        "choices",
    ),
    case(
        "a parameter asked for with a value that cannot be",
        "    required_with: {authentication: Certificate}\n    description:\n      en: Thumbprint",
        "    required_with: {authentication: NTLM}\n    description:\n      en: Thumbprint",
        "parameters[certificate_thumbprint].required_with.authentication",
        "can have the value",
        at="    required_with: {authentication: NTLM}",
    ),
    case(
        "a parameter asked for by one that is not",
        "    required_with: {authentication: Certificate}\n    description:\n      en: Thumbprint",
        "    required_with: {nobody: Certificate}\n    description:\n      en: Thumbprint",
        "parameters[certificate_thumbprint].required_with.nobody",
        "no parameter",
        at="    required_with: {nobody: Certificate}",
    ),
    case(
        "a parameter that nothing uses",
        "  - name: vault_name",
        "  - name: idle\n    description: {en: a, fr: b}\n    example: x\n  - name: vault_name",
        "parameters[idle]",
        "no command",
    ),
    case(
        "an undeclared parameter",
        "Start-VM -Name {vmm_vm}",
        "Start-VM -Name {vm_name}",
        "steps[fail-over-vmm].actions[start-vmm-vm].commands[2].text",
        "no parameter 'vm_name'",
        at="text: &start_vmm",
    ),
    case(
        "an undeclared host",
        'run_on: "{secondary_host}"',
        'run_on: "{third_host}"',
        "steps[fail-over-vmm].actions[fence-primary].commands[0].run_on",
        "no parameter 'third_host'",
    ),
    case(
        "a host that may be unknown",
        'run_on: "{secondary_host}"',
        'run_on: "{certificate_thumbprint}"',
        "steps[fail-over-vmm].actions[fence-primary].commands[0].run_on",
        "must be known",
    ),
    case(
        "an undeclared condition",
        "if_set: certificate_thumbprint",
        "if_set: thumbprint",
        "steps[reverse-workload-replication].actions[reverse-workloads].commands[2].if_set",
        "no parameter 'thumbprint'",
        after="- id: reverse-workloads\n",
    ),
    case(
        "a workload where there is none",
        "text: Test-WSMan -ComputerName {primary_host}",
        "text: Get-VM -Name {workload}",
        "steps[reverse-vmm-replication].actions[primary-site-available].commands[0].text",
        "per-workload",
    ),
    case(
        "a value that may not be there",
        "            if_set: certificate_thumbprint\n",
        "",
        "steps[reverse-vmm-replication].actions[reverse-vmm-replication].commands[1].text",
        "if_set: certificate_thumbprint",
        after="- id: reverse-vmm-replication\n        kind",
        at=f"text: {REVERSE} -CertificateThumbprint",
    ),
    case(
        "a recovery point that may not be there",
        "            if_set: recovery_point\n",
        "",
        "steps[fail-over-workloads].actions[fail-over-workload-vms].commands[2].text",
        "if_set: recovery_point",
        after="- id: fail-over-workload-vms",
        at="text: |-",
    ),
    case(
        "a condition against itself",
        "            if_set: recovery_point\n",
        "            if_set: recovery_point\n            if_not_set: recovery_point\n",
        "steps[fail-over-workloads].actions[fail-over-workload-vms].commands[2].if_not_set",
        "never be shown",
        after="- id: fail-over-workload-vms",
        at="            if_not_set: recovery_point\n            text: |-",
    ),
    case(
        "a value in single quotes",
        "text: Stop-VM -Name {workload}\n",
        "text: Stop-VM -Name '{workload}'\n",
        "steps[fail-back-workloads].actions[fail-back-workload-vms].commands[0].text",
        "inside quotes",
    ),
    case(
        "a value in double quotes",
        "text: Stop-VM -Name {workload}\n",
        'text: Stop-VM -Name "VM {workload} x"\n',
        "steps[fail-back-workloads].actions[fail-back-workload-vms].commands[0].text",
        "inside quotes",
    ),
    case(
        "a value in a comment",
        "text: Stop-VM -Name {workload}\n",
        "text: |-\n              # {workload}\n              Stop-VM -Name x\n",
        "steps[fail-back-workloads].actions[fail-back-workload-vms].commands[0].text",
        "a comment",
    ),
    case(
        "a value within a word",
        "text: Stop-VM -Name {workload}\n",
        "text: Stop-VM -Name {workload}.old\n",
        "steps[fail-back-workloads].actions[fail-back-workload-vms].commands[0].text",
        "must stand alone",
    ),
    case(
        "another shell",
        "text: Stop-VM -Name {workload}\n",
        "text: Stop-VM -Name {workload}\n            shell: bash\n",
        "steps[fail-back-workloads].actions[fail-back-workload-vms].commands[0].shell",
        "powershell",
        at="            shell:",
    ),
    case(
        "an empty command",
        "text: Stop-VM -Name {workload}\n",
        'text: ""\n',
        "steps[fail-back-workloads].actions[fail-back-workload-vms].commands[0].text",
        "empty",
    ),
    case(
        "a command nowhere",
        "run_on: Azure PowerShell",
        'run_on: " "',
        "steps[fail-over-workloads].actions[verify-provider].commands[0].run_on",
        "where",
    ),
    case(
        "a command of no profile here",
        STOP,
        STOP + "              profiles: [asr]\n",
        "steps[fail-over-workloads].actions[fail-over-workload-vms].undo.commands[0].profiles[0]",
        "never be shown",
        at="              profiles",
    ),
    case(
        "no minutes",
        "expected_minutes: 30",
        "expected_minutes: 0",
        "steps[fail-over-vmm].expected_minutes",
        "more than 0",
    ),
    case(
        "irreversible without a text",
        "        waivable: false\n        recovery_point: true\n",
        "        waivable: false\n        recovery_point: true\n        irreversible: true\n",
        "steps[fail-over-vmm].actions[fail-over-vmm-vm].irreversible",
        "what becomes impossible",
        at="        irreversible",
    ),
    case(
        "a consequence of nothing",
        "        irreversible: true\n",
        "",
        "steps[fail-back-workloads].actions[commit-workload-failback].consequence",
        "only an irreversible",
        after="- id: commit-workload-failback",
        at="consequence:",
    ),
    case(
        "no place in the source",
        'source: "7.1"',
        "source: seven",
        "steps[fail-over-vmm].actions[fail-over-vmm-vm].source",
        "such as 7.2",
    ),
    case(
        "a place for an addition",
        "        origin: addition\n",
        '        origin: addition\n        source: "7.1"\n',
        "steps[fail-over-vmm].actions[fence-primary].source",
        "an addition",
        at="        source",
    ),
    case(
        "optional and not waivable",
        "        optional: true\n",
        "        optional: true\n        waivable: false\n",
        "steps[fail-over-workloads].actions[complete-vmm-failover].waivable",
        "optional",
        after="- id: complete-vmm-failover",
        at="        waivable",
    ),
    case(
        "an optional effect",
        "        optional: true\n",
        "        optional: true\n        effects:\n          vmm: {site: secondary}\n",
        "steps[fail-over-workloads].actions[complete-vmm-failover].effects",
        "left out",
        after="- id: complete-vmm-failover",
        at="        effects",
    ),
    case(
        "a choice for all at once",
        "        waivable: false\n        recovery_point: true\n",
        "        waivable: false\n        recovery_point: true\n        choose_recovery_point: always\n",
        "steps[fail-over-vmm].actions[fail-over-vmm-vm].choose_recovery_point",
        "per-workload",
        at="        choose",
    ),
    case(
        "an irreversible look",
        "        kind: task\n",
        "        kind: check\n",
        "steps[fail-over-workloads].actions[commit-workloads].irreversible",
        "does nothing",
        after="- id: commit-workloads\n",
        at="        irreversible",
    ),
    case(
        "a gate with an effect",
        "        kind: task\n",
        "        kind: gate\n",
        "steps[fail-over-vmm].actions[start-vmm-vm].effects",
        "changes nothing",
        after="- id: start-vmm-vm\n",
        at="        effects:",
    ),
    case(
        "a change of profile not allowed",
        "    profile_change: true\n",
        "",
        "steps[fail-back-workloads].actions[fail-back-workload-vms].symptoms[5]",
        "another profile",
        after="- id: fail-back-workloads\n",
        at="symptoms: [F10, F14, F29",
    ),
    case(
        "two ends of the outage",
        "    profile_change: true\n",
        "    profile_change: true\n    ends_outage: true\n",
        "steps[fail-back-workloads].ends_outage",
        "already",
        after="- id: fail-back-workloads\n",
        at="    ends_outage",
    ),
    case(
        "undo to nowhere",
        "to: fail-over-vmm.fail-over-vmm-vm\n",
        "to: fail-over-vmm.fail-over\n",
        "steps[fail-over-vmm].actions[fail-over-vmm-vm].undo.to",
        "no action 'fail-over-vmm.fail-over'",
    ),
    case(
        "undo to a sign-off",
        "to: fail-over-vmm.fail-over-vmm-vm\n",
        "to: fail-over-vmm.sign-off\n",
        "steps[fail-over-vmm].actions[fail-over-vmm-vm].undo.to",
        "no action",
    ),
    case(
        "undo that leads on",
        "to: fail-over-vmm.fail-over-vmm-vm\n",
        "to: fail-over-vmm.start-vmm-vm\n",
        "steps[fail-over-vmm].actions[fail-over-vmm-vm].undo.to",
        "comes after",
    ),
    case(
        "undo for ever",
        "until: [fail-over-workloads.complete-vmm-failover, fail-over-workloads.fail-over-workload-vms]",
        "until: []",
        "steps[fail-over-vmm].actions[fail-over-vmm-vm].undo.until",
        "what ends",
    ),
    case(
        "undo until something unknown",
        "until: [fail-over-workloads.complete-vmm-failover, fail-over-workloads.fail-over-workload-vms]",
        "until: [fail-over-vmm.done]",
        "steps[fail-over-vmm].actions[fail-over-vmm-vm].undo.until[0]",
        "no action 'fail-over-vmm.done'",
    ),
    case(
        "undo until something earlier",
        "until: [fail-over-workloads.complete-vmm-failover, fail-over-workloads.fail-over-workload-vms]",
        "until: [fail-over-vmm.fence-primary]",
        "steps[fail-over-vmm].actions[fail-over-vmm-vm].undo.until[0]",
        "does not come after",
    ),
    case(
        "undo until what a profile lacks",
        "until: [fail-over-workloads.complete-vmm-failover, fail-over-workloads.fail-over-workload-vms]",
        "until: [fail-over-workloads.verify-provider]",
        "steps[fail-over-vmm].actions[fail-over-vmm-vm].undo.until",
        "'hyper-v-replica' has none",
    ),
    case(
        "undo per workload until one for all",
        "until: [fail-over-workloads.commit-workloads]",
        "until: [reverse-vmm-replication.old-vmm-vm-off]",
        "steps[fail-over-workloads].actions[fail-over-workload-vms].undo.until",
        "is not per workload",
    ),
    case(
        "undo of an unknown profile",
        "          profiles: [hyper-v-replica]\n",
        "          profiles: [vmware]\n",
        "steps[fail-over-workloads].actions[fail-over-workload-vms].undo.profiles[0]",
        "not in a profile",
        after="until: [fail-over-workloads.commit-workloads]",
    ),
    case(
        "undo without an order",
        "    expected_minutes: 30\n",
        "    expected_minutes: 30\n    order: any\n",
        "steps[fail-over-vmm].actions[fail-over-vmm-vm].undo",
        "no order",
        at="        undo:",
    ),
    case(
        "completes something unknown",
        "completes: [fail-over-vmm.fail-over-vmm-vm]",
        "completes: [fail-over-vmm.vm]",
        "steps[fail-over-workloads].actions[complete-vmm-failover].completes[0]",
        "no action 'fail-over-vmm.vm'",
    ),
    case(
        "completes something later",
        "completes: [fail-over-vmm.fail-over-vmm-vm]",
        "completes: [fail-back-vmm.prepare-planned-failover]",
        "steps[fail-over-workloads].actions[complete-vmm-failover].completes[0]",
        "does not come before",
    ),
    case(
        "completes but can be undone",
        "        waivable: false\n        recovery_point: true\n",
        "        waivable: false\n        recovery_point: true\n        completes: [fail-over-vmm.fence-primary]\n",
        "steps[fail-over-vmm].actions[fail-over-vmm-vm].completes",
        "only an irreversible",
        at="        completes",
    ),
    case(
        "no answer to a loss",
        "    - step: reverse-workload-replication\n      to: fail-over-vmm\n",
        "    - step: fail-back-workloads\n      to: fail-over-vmm\n",
        "on_loss.primary_lost",
        "a loss in 'reverse-workload-replication' leads",
        at="  primary_lost:",
    ),
    case(
        "an answer never reached",
        "    - step: reverse-workload-replication\n      to: fail-over-vmm\n",
        "    - step: fail-back-vmm\n      to: fail-over-vmm\n",
        "on_loss.primary_lost[7]",
        "never reached",
    ),
    case(
        "an answer for part of a step",
        "      to: confirm-access\n",
        "      to: confirm-access\n      until: reverse-vmm-replication.old-vmm-vm-off\n",
        "on_loss.primary_lost",
        "for all of that step",
        at="  primary_lost:",
    ),
    case(
        "an answer to a loss neither in a step nor since something",
        "    - since: fail-back-vmm.reverse-vmm-replication-again\n      to: fail-over-vmm\n",
        "    - to: fail-over-vmm\n",
        "on_loss.primary_lost[0]",
        "has `step` or `since`",
    ),
    case(
        "an answer since nothing known",
        "    - since: fail-back-vmm.reverse-vmm-replication-again\n",
        "    - since: fail-back-vmm.again\n",
        "on_loss.primary_lost[0].since",
        "no action",
    ),
    case(
        "an answer anywhere that may lead on",
        "    - since: fail-back-vmm.reverse-vmm-replication-again\n      to: fail-over-vmm\n",
        "    - since: fail-back-vmm.reverse-vmm-replication-again\n      to: fail-over-workloads\n",
        "on_loss.primary_lost[0].to",
        "only the first step",
        after="  primary_lost:",
        at="      to: fail-over-workloads",
    ),
    case(
        "a step in any order",
        "    profile_change: true\n",
        "    profile_change: true\n    order: any\n",
        "steps[fail-over-workloads].order",
        "only a checklist has steps in any order",
        at="    order: any",
    ),
    case(
        "a picture with a condition",
        "    vmm: {site: none, replication: none}\n",
        "    vmm: {site: none, replication: none, only_from: none}\n",
        "site_picture.outage.vmm.only_from",
        "only an effect",
    ),
    case(
        "a loss in no step",
        "    - step: reverse-workload-replication\n      to: fail-over-vmm\n",
        "    - step: nowhere\n      to: fail-over-vmm\n",
        "on_loss.primary_lost[7].step",
        "no step 'nowhere'",
    ),
    case(
        "a loss to no step",
        "    - step: reverse-workload-replication\n      to: fail-over-vmm\n",
        "    - step: reverse-workload-replication\n      to: nowhere\n",
        "on_loss.primary_lost[7].to",
        "no step 'nowhere'",
        at="      to: nowhere",
    ),
    case(
        "a loss that leads on",
        "    - step: reverse-workload-replication\n      to: fail-over-vmm\n",
        "    - step: reverse-workload-replication\n      to: fail-back-workloads\n",
        "on_loss.primary_lost[7].to",
        "leads back",
        after="  primary_lost:",
        at="      to: fail-back-workloads",
    ),
    case(
        "both an answer and a refusal",
        "    - step: reverse-workload-replication\n      to: fail-over-vmm\n",
        "    - step: reverse-workload-replication\n      to: fail-over-vmm\n      refused: {en: a, fr: b}\n",
        "on_loss.primary_lost[7]",
        "either `to` or `refused`",
    ),
    case(
        "neither an answer nor a refusal",
        "    - step: reverse-workload-replication\n      to: fail-over-vmm\n",
        "    - step: reverse-workload-replication\n",
        "on_loss.primary_lost[7]",
        "either `to` or `refused`",
    ),
    case(
        "a refusal that keeps",
        "    - step: reverse-workload-replication\n      to: fail-over-vmm\n",
        "    - step: reverse-workload-replication\n      refused: {en: a, fr: b}\n",
        "on_loss.primary_lost[7].keeps",
        "a refused loss",
        after="    - step: reverse-workload-replication\n",
        at="      keeps",
    ),
    case(
        "an answer until another step",
        "      until: fail-back-vmm.reverse-vmm-replication-again\n",
        "      until: fail-back-workloads.reverse-workloads-again\n",
        "on_loss.primary_lost[5].until",
        "is not in the step",
    ),
    case(
        "an answer until nothing known",
        "      until: fail-back-vmm.reverse-vmm-replication-again\n",
        "      until: fail-back-vmm.again\n",
        "on_loss.primary_lost[5].until",
        "no action",
    ),
    case(
        "keeps of no step",
        "      keeps: [fail-over-workloads]\n",
        "      keeps: [nowhere]\n",
        "on_loss.primary_lost[0].keeps[0]",
        "no step 'nowhere'",
    ),
    case(
        "keeps from before the landing",
        "      to: fail-over-vmm\n      keeps: [fail-over-workloads]\n",
        "      to: confirm-access\n      keeps: [fail-over-workloads]\n",
        "on_loss.primary_lost[0].keeps[0]",
        "kept anyway",
        at="      keeps",
    ),
    case(
        "keeps for ever",
        "      back_once: fail-back-workloads.reverse-workloads-again\n",
        "",
        "on_loss.primary_lost[0]",
        "go together",
        at="    - since: ",
    ),
    case(
        "back once for all",
        "      back_once: fail-back-workloads.reverse-workloads-again\n",
        "      back_once: fail-back-vmm.commit-vmm-failback\n",
        "on_loss.primary_lost[0].back_once",
        "is not per workload",
    ),
    case(
        "a loss without why",
        BECAUSE,
        "",
        "on_loss.primary_lost[4]",
        "`because`",
        at="    - step: reverse-vmm-replication\n      to",
    ),
    case(
        "a secondary lost since nothing known",
        "    since: fail-over-vmm.fail-over-vmm-vm\n",
        "    since: fail-over-vmm.now\n",
        "on_loss.secondary_lost.since",
        "no action",
    ),
    case(
        "an effect that does not come home",
        "        effects:\n          vmm: {site: primary}\n",
        "",
        "site_picture.steady.vmm",
        "with the profile 'asr' the effects do not bring vmm home: they end at site none,",
        at="    vmm: {site: primary, replication: primary_to_secondary}",
    ),
    case(
        "half a picture",
        "    vmm: {site: none, replication: none}\n",
        "    vmm: {site: none}\n",
        "site_picture.outage.vmm",
        "both `site` and `replication`",
    ),
]


@pytest.mark.parametrize(("text", "line", "path", "message"), CASES)
def test_a_fault_is_named_with_its_line(text: str, line: int, path: str, message: str) -> None:
    found = faults_of(text)
    assert [one for one in found if one.startswith(f"mine.yaml:{line}: {path}: ") and message in one], found


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("id: [a, b\nkind: x\n", "mine.yaml:2: not YAML: "),
        ("id: a\n\tkind: x\n", "mine.yaml:2: not YAML: "),
        ("id: a\n---\nid: b\n", "mine.yaml:2: not YAML: "),
        ("id: a\nkind: x\x07y\n", "mine.yaml:2: not YAML: "),
        ("id: a\nkind: *b\n", "mine.yaml:2: not YAML: "),
        ('id: a\nkind: "\\ud800"\n', "mine.yaml:2: "),
        ("", "mine.yaml:1: a runbook is a mapping"),
        ("- a\n- b\n", "mine.yaml:1: a runbook is a mapping"),
        ("id:\n  " + "[" * 200_000, "mine.yaml:2: nested too deeply"),
        ("id: " + "[" * 22 + "]" * 22, "mine.yaml:1: nested too deeply"),
        ("a: &a [*a]\n", "mine.yaml:1: a[0]: an alias may repeat a text"),
        ("? [a]\n: b\n", "mine.yaml:1: the name of a member must be text"),
        ("a: {<<: {b: c}}\n", "mine.yaml:1: a: the name of a member must be text"),
    ],
)
@pytest.mark.parametrize("loader", [yaml.SafeLoader, yaml.CSafeLoader])
def test_what_is_not_yaml_is_refused_by_line(
    text: str, fault: str, loader: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(yaml_lines, "_LOADER", loader)
    assert faults_of(text)[0].startswith(fault), faults_of(text)


def test_both_loaders_give_the_same_data_and_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    fast = read_yaml(TEXT)
    monkeypatch.setattr(yaml_lines, "_LOADER", yaml.SafeLoader)
    slow = read_yaml(TEXT)
    assert fast[0] == slow[0]
    assert vars(fast[1]) == vars(slow[1])


def test_a_profile_without_an_action_in_a_step_is_a_fault() -> None:
    start = TEXT.index("  - id: confirm-access\n")
    end = TEXT.index("  - id: reverse-vmm-replication\n", start)
    step = TEXT[start:end].replace("        kind: check\n", "        kind: check\n        profiles: [asr]\n")
    line = TEXT.count("\n", 0, TEXT.index("    actions:\n", start)) + 1
    wanted = (
        f"mine.yaml:{line}: steps[confirm-access].actions: the profile 'hyper-v-replica' has no action in this step"
    )
    assert wanted in faults_of(TEXT[:start] + step + TEXT[end:])


@pytest.mark.parametrize("member", ["command_profiles", "phases", "steps"])
def test_an_empty_list_of_what_is_needed_is_a_fault(member: str) -> None:
    start = TEXT.index(f"\n{member}:\n") + 1
    end = next(found.start() for found in re.finditer(r"^[a-z_]+:", TEXT, re.MULTILINE) if found.start() > start)
    line = TEXT.count("\n", 0, start) + 1
    found = faults_of(TEXT[:start] + f"{member}: []\n" + TEXT[end:])
    assert f"mine.yaml:{line}: {member}: there must be at least one" in found


def test_every_fault_of_a_kind_is_told_at_once_in_the_order_of_the_file() -> None:
    text = TEXT.replace("waivable: false", "waivabel: false").replace("kind: gate", "kind: gaet")
    found = faults_of(text)
    assert len(found) == TEXT.count("waivable: false") + TEXT.count("kind: gate")
    lines = [int(one.split(":")[1]) for one in found]
    assert lines == sorted(lines)


def test_a_runbook_without_an_answer_to_a_second_loss_is_valid() -> None:
    start, end = TEXT.index("\non_loss:\n") + 1, TEXT.index("\nerrata:\n") + 1
    _, runbook = parse_runbook(TEXT[:start] + TEXT[end:], file="mine.yaml")
    assert runbook.on_loss.secondary_lost is None


def test_a_file_is_read_or_refused(tmp_path: Path) -> None:
    good = tmp_path / "good.yaml"
    good.write_text(TEXT, encoding="utf-8")
    assert read_runbook(good) == (CONTENT, RUNBOOK)
    bad = tmp_path / "bad.yaml"
    bad.write_bytes(b"id: a\nkind: \xff\n")
    with pytest.raises(RunbookFault, match=r"bad\.yaml:2: not UTF-8 text"):
        read_runbook(bad)
    with pytest.raises(RunbookFault, match=r"none\.yaml: cannot be read: "):
        read_runbook(tmp_path / "none.yaml")


def test_the_bundled_definitions_are_valid() -> None:
    assert {runbook.id for _, runbook in bundled_runbooks()} >= {"standalone-vmm"}


def test_the_digest_follows_the_content_alone() -> None:
    assert content_digest(CONTENT) == RUNBOOK.digest
    commented, _ = parse_runbook("# a comment\n" + TEXT, file="mine.yaml")
    assert content_digest(commented) == RUNBOOK.digest
    reordered = build_runbook(dict(reversed(CONTENT.items())))
    assert reordered.digest == RUNBOOK.digest
    assert len({reordered, RUNBOOK}) == 1  # so both find the one machine
    assert build_runbook({**CONTENT, "version": "1.0.1"}).digest != RUNBOOK.digest


def test_stored_content_is_built_by_shape_and_digest_alone() -> None:
    assert build_runbook(CONTENT, RUNBOOK.digest) == RUNBOOK
    assert build_runbook({**CONTENT, "id": "An Older Spelling"}).id == "An Older Spelling"
    with pytest.raises(RunbookFault, match=r"stored definition: its digest is [0-9a-f]{64}, not 00"):
        build_runbook(CONTENT, "00")
    with pytest.raises(RunbookFault, match="stored definition: extra: is not a member"):
        build_runbook({**CONTENT, "extra": 1})
    with pytest.raises(RunbookFault, match="stored definition: steps: is missing"):
        build_runbook({key: value for key, value in CONTENT.items() if key != "steps"})
    with pytest.raises(RunbookFault, match="stored definition: digest: "):
        build_runbook({**CONTENT, "digest": RUNBOOK.digest})

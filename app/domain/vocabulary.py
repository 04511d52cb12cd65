"""The words of a runbook: its reserved ids, and the enumerations whose members its files are written in."""

import re
from enum import StrEnum

COMPLETED = "completed"
ABORTED = "aborted"
ESCALATED = "escalated"
TERMINAL = (COMPLETED, ABORTED, ESCALATED)
SIGN_OFF = "sign-off"
ITEMS = "items"  # the one position of a step whose actions may be done in any order
NO_PROFILE = "none"  # the command profile of a runbook that has none
VALID_DAYS = 90  # how long a checklist holds where it does not say so itself
LANGUAGES = ("en", "fr")
LIVE = "live"
DRILL = "drill"
MODES = (LIVE, DRILL)
PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
#: Filled by the machine, not declared by a runbook: the workload's name and its chosen recovery point.
BUILT_IN_PARAMETERS = frozenset({"workload", "recovery_point"})


class Kind(StrEnum):
    """What an action asks of a person."""

    GATE = "gate"  # a fact that somebody attests before going on; nothing is done
    TASK = "task"  # something is done
    CHECK = "check"  # something is looked at


class Origin(StrEnum):
    """Who says that the action is needed."""

    SEED = "seed"  # the source document names it
    ADDITION = "addition"  # the source leaves it out, the procedure needs it


class Order(StrEnum):
    """In which order the actions of a step may be done."""

    STRICT = "strict"
    ANY = "any"


class RunbookKind(StrEnum):
    """What an execution of the runbook is."""

    PROCEDURE = "procedure"
    CHECKLIST = "checklist"


class Site(StrEnum):
    """Where something runs."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    NONE = "none"  # nowhere


class Replication(StrEnum):
    """Which way something replicates."""

    PRIMARY_TO_SECONDARY = "primary_to_secondary"
    SECONDARY_TO_PRIMARY = "secondary_to_primary"
    NONE = "none"  # not at all: it is unprotected


class Advice(StrEnum):
    """What the failure table says to do about a symptom."""

    RETRY = "retry"
    WAIT = "wait"
    OTHER_POINT = "other_point"
    UNDO = "undo"
    RESYNC = "resync"
    RESEED = "reseed"
    ACCEPT = "accept"
    CHANGE_PROFILE = "change_profile"
    ESCALATE = "escalate"


class Choice(StrEnum):
    """When another recovery point may be chosen by `choose_recovery_point`."""

    WHEN_FAILED = "when_failed"
    ALWAYS = "always"


class Output(StrEnum):
    """Which output an expectation can be checked against."""

    HYPER_V_REPLICATION = "hyper-v-replication"  # Get-VMReplication, or Get-VM with the replication's state and mode
    HYPER_V_VM = "hyper-v-vm"  # Get-VM: whether it runs
    SERVICE = "service"  # Get-Service
    ASR_PROTECTED_ITEM = "asr-protected-item"  # a replication protected item of Azure Site Recovery
    ASR_JOB = "asr-job"  # a job of Azure Site Recovery


class Verdict(StrEnum):
    """What came of checking evidence."""

    MET = "met"  # it shows what is expected
    NOT_MET = "not_met"  # it shows something else, or something about another subject
    NOT_RECOGNISED = "not_recognised"  # it cannot be read as what is expected
    WAIVED = "waived"  # a coordinator let it be confirmed without


class EvidencePolicy(StrEnum):
    """What a declaration asks of evidence."""

    OFF = "off"  # nothing is checked
    ADVISE = "advise"  # checked and flagged; the default
    REQUIRE = "require"  # confirmed only with evidence that meets what is expected, or with a waiver

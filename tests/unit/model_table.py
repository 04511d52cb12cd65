"""The standalone procedure as the independent model knows it: copied by hand from the procedure page and contract."""

OK = "accepted"
INVALID, MOVED, REFUSED = "invalid-request", "position-moved", "transition-refused"
ROLE, SECOND = "role-required", "second-person-required"

P, S, NOWHERE = "primary", "secondary", "none"
HOME, AWAY, CUT = "primary_to_secondary", "secondary_to_primary", "none"

#: step: its actions in order; g gate, c check, t task; w per workload, ! irreversible, - not waivable, ? optional,
#: a profile asr alone, p confirm may name a recovery point, d drills alone
TABLE = """
fail-over-vmm: fence-primary=g-  fail-over-vmm-vm=t-p  start-vmm-vm=t
fail-over-workloads: verify-vmm=c  verify-provider=ca  complete-vmm-failover=t?!  fail-over-workload-vms=twp
  check-workloads=cw  commit-workloads=tw!
confirm-access: vmm-at-secondary=c  confirm-users-can-work=c
reverse-vmm-replication: clean-up-workload-tests=twd-  clean-up-vmm-test=td-
  primary-site-available=g  old-workload-vms-off=gw-  old-vmm-vm-off=g-
  primary-accepts-replication=c  mark-old-primary-as-replica=t!  reverse-vmm-replication=t!-
  vmm-initial-replication-complete=c
fail-back-vmm: no-vault-job-running=ga  prepare-planned-failover=t  fail-over-vmm-vm-to-primary=t-
  commit-vmm-failback=t!-  reverse-vmm-replication-again=t-  start-vmm-vm-at-primary=t
reverse-workload-replication: vmm-ready-at-primary=g  reverse-workloads=tw!-  workload-initial-replication-complete=cw
fail-back-workloads: fail-back-workload-vms=tw  check-workloads-at-primary=cw  commit-workload-failback=tw!
  reverse-workloads-again=tw-  steady-state-restored=c
  no-test-left=cd-
"""


def _read() -> tuple[list[str], list[str], dict[str, str]]:
    steps: list[str] = []
    order: list[str] = []
    flags: dict[str, str] = {}
    for word in TABLE.split():
        if word.endswith(":"):
            order += [f"{step}.sign-off" for step in steps[-1:]]
            steps.append(word[:-1])
        else:
            name, _, signs = word.partition("=")
            order.append(f"{steps[-1]}.{name}")
            flags[order[-1]] = signs
    return steps, [*order, f"{steps[-1]}.sign-off"], flags


STEPS, ORDER, FLAGS = _read()
RANK = {place: rank for rank, place in enumerate(ORDER)}
ENDS = ("completed", "aborted", "escalated")
BY_NAME = {place.partition(".")[2]: place for place in FLAGS}  # the actions' ids happen to be unique

FENCE, FAIL_OVER = BY_NAME["fence-primary"], BY_NAME["fail-over-vmm-vm"]
FAIL_OVER_W, CHECK_W, COMMIT_W = (BY_NAME[n] for n in ("fail-over-workload-vms", "check-workloads", "commit-workloads"))
PREPARE, TO_PRIMARY = BY_NAME["prepare-planned-failover"], BY_NAME["fail-over-vmm-vm-to-primary"]
COMMIT_BACK, AGAIN = BY_NAME["commit-vmm-failback"], BY_NAME["reverse-vmm-replication-again"]
FAIL_BACK_W, COMMIT_BACK_W = BY_NAME["fail-back-workload-vms"], BY_NAME["commit-workload-failback"]
AGAIN_W, STEADY = BY_NAME["reverse-workloads-again"], BY_NAME["steady-state-restored"]
MARK, REVERSE, REVERSE_W = (
    BY_NAME[n] for n in ("mark-old-primary-as-replica", "reverse-vmm-replication", "reverse-workloads")
)
COMPLETE, USERS = BY_NAME["complete-vmm-failover"], BY_NAME["confirm-users-can-work"]
VMM_THERE = BY_NAME["vmm-at-secondary"]

#: actions at which a policy of `require` waits for an output that shows what is expected, with every profile
EXPECTS = {
    BY_NAME[name]
    for name in (
        "fail-over-vmm-vm", "start-vmm-vm", "verify-vmm", "complete-vmm-failover", "fail-over-workload-vms",
        "commit-workloads", "vmm-at-secondary", "old-workload-vms-off", "old-vmm-vm-off", "mark-old-primary-as-replica",
        "reverse-vmm-replication", "vmm-initial-replication-complete", "prepare-planned-failover",
        "fail-over-vmm-vm-to-primary", "commit-vmm-failback", "reverse-vmm-replication-again",
        "start-vmm-vm-at-primary", "vmm-ready-at-primary", "reverse-workloads", "workload-initial-replication-complete",
        "fail-back-workload-vms", "commit-workload-failback", "reverse-workloads-again", "steady-state-restored",
    )
}  # fmt: skip
#: … and in a drill, where test VMs have other names and states: only once they are gone; with these profiles
EXPECTS_IN_A_DRILL = {
    BY_NAME["clean-up-workload-tests"]: ("hyper-v-replica",),
    BY_NAME["clean-up-vmm-test"]: ("hyper-v-replica", "asr"),
}

#: action: (what of VMM, what of the workloads) it changes in the picture, as (site, replication), None for unchanged
EFFECTS: dict[str, tuple[str | None, str | None]] = {
    BY_NAME["start-vmm-vm"]: (S, None),
    FAIL_OVER_W: (S, None),
    VMM_THERE: (S, None),  # after a loss on the way back it is stopped and started there
    USERS: (S, None),  # likewise the workloads whose failback the loss cut short
    BY_NAME["vmm-initial-replication-complete"]: (None, AWAY),
    PREPARE: (NOWHERE, None),
    TO_PRIMARY: (None, CUT),
    AGAIN: (None, HOME),
    BY_NAME["start-vmm-vm-at-primary"]: (P, None),
    BY_NAME["workload-initial-replication-complete"]: (None, AWAY),
    FAIL_BACK_W: (P, CUT),
    AGAIN_W: (None, HOME),
}
#: action: back to, until one of, only under, and what the picture is after it (a direction only if it was set up)
UNDO: dict[str, tuple[str, tuple[str, ...], str | None, tuple[str, str | None], str | None]] = {
    FAIL_OVER: (FAIL_OVER, (COMPLETE, FAIL_OVER_W, MARK, REVERSE), None, (NOWHERE, None), None),
    FAIL_OVER_W: (FAIL_OVER_W, (COMMIT_W, REVERSE_W), "hyper-v-replica", (NOWHERE, None), None),
    PREPARE: (PREPARE, (COMMIT_BACK, AGAIN), None, (S, AWAY), BY_NAME["vmm-initial-replication-complete"]),
    TO_PRIMARY: (PREPARE, (COMMIT_BACK, AGAIN), None, (S, AWAY), BY_NAME["vmm-initial-replication-complete"]),
    FAIL_BACK_W: (
        FAIL_BACK_W,
        (COMMIT_BACK_W,),
        "hyper-v-replica",
        (S, AWAY),
        BY_NAME["workload-initial-replication-complete"],
    ),
}
#: failover: what makes it final, done until the failover is done anew; and the site it leads to
FINAL = {
    FAIL_OVER: ((COMPLETE, MARK, REVERSE), None),
    FAIL_OVER_W: ((COMMIT_W, REVERSE_W), S),
    PREPARE: ((COMMIT_BACK,), NOWHERE),
    TO_PRIMARY: ((COMMIT_BACK,), None),
    FAIL_BACK_W: ((COMMIT_BACK_W,), P),
}
CHANGES_PROFILE = {"fail-over-workloads", "reverse-workload-replication", "fail-back-workloads"}
ON_HOLD = {
    "note", "correct", "hand_over", "report_failure", "primary_lost", "secondary_lost", "resume", "abort"
}  # fmt: skip
AT_REQUIRED = {
    "confirm", "report_failure", "retry", "choose_recovery_point", "undo", "authorize", "waive", "change_profile",
    "sign_off",
}  # fmt: skip
ROLES = {
    "confirm": "operator", "report_failure": "operator", "retry": "operator", "choose_recovery_point": "operator",
    "undo": "operator", "authorize": "approver", "change_profile": "coordinator", "sign_off": "approver",
    "hold": "coordinator", "resume": "coordinator", "abort": "coordinator", "primary_lost": "coordinator",
    "secondary_lost": "coordinator", "hand_over": "coordinator",
}  # fmt: skip
NEEDS = {
    "choose_recovery_point": ("recovery_point",), "undo": ("action", "comment"), "waive": ("comment",),
    "change_profile": ("command_profile", "comment"), "sign_off": ("decision",), "hold": ("comment",),
    "abort": ("comment",), "primary_lost": ("comment",), "secondary_lost": ("comment",), "hand_over": ("to",),
    "correct": ("corrects", "comment"),
}  # fmt: skip
DONE = ("done", "already_done")

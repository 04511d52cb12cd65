"""An independent model of the contract's state machine, for the standalone runbook.

Written from the contract and the procedure page, not from app/: its own table of actions, its own bookkeeping, plain
dicts. What both get wrong would have to be misread twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

OK = "accepted"
INVALID, MOVED, REFUSED = "invalid-request", "position-moved", "transition-refused"
ROLE, SECOND = "role-required", "second-person-required"

P, S, NOWHERE = "primary", "secondary", "none"
HOME, AWAY, CUT = "primary_to_secondary", "secondary_to_primary", "none"

#: step: its actions in order; g gate, c check, t task; w per workload, ! irreversible, - not waivable, ? optional,
#: a profile asr alone, p confirm may name a recovery point
TABLE = """
fail-over-vmm: fence-primary=g-  fail-over-vmm-vm=t-p  start-vmm-vm=t
fail-over-workloads: verify-vmm=c  verify-provider=ca  complete-vmm-failover=t?!  fail-over-workload-vms=twp
  check-workloads=cw  commit-workloads=tw!
confirm-access: vmm-at-secondary=c  confirm-users-can-work=c
reverse-vmm-replication: primary-site-available=g  old-workload-vms-off=gw-  old-vmm-vm-off=g-
  primary-accepts-replication=c  mark-old-primary-as-replica=t!  reverse-vmm-replication=t!-
  vmm-initial-replication-complete=c
fail-back-vmm: no-vault-job-running=ga  prepare-planned-failover=t  fail-over-vmm-vm-to-primary=t-
  commit-vmm-failback=t!-  reverse-vmm-replication-again=t-  start-vmm-vm-at-primary=t
reverse-workload-replication: vmm-ready-at-primary=g  reverse-workloads=tw!-  workload-initial-replication-complete=cw
fail-back-workloads: fail-back-workload-vms=tw  check-workloads-at-primary=cw  commit-workload-failback=tw!
  reverse-workloads-again=tw-  steady-state-restored=c
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

#: action: (what of VMM, what of the workloads) it changes in the picture, as (site, replication), None for unchanged
EFFECTS: dict[str, tuple[str | None, str | None]] = {
    BY_NAME["start-vmm-vm"]: (S, None),
    FAIL_OVER_W: (S, None),
    BY_NAME["vmm-at-secondary"]: (S, None),  # after a loss on the way back it is stopped and started there
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


@dataclass
class Came:
    """What came of an action for one subject."""

    kind: str
    number: int
    who: str


@dataclass
class Failed:
    """A failure that is not resolved; no names: the action as a whole."""

    place: str
    symptom: str | None
    comment: str | None
    names: frozenset[str]
    number: int


@dataclass
class Model:
    """What the contract says an execution is. `None` as a subject means the action itself, or VMM."""

    names: tuple[str, ...]
    profile: str
    policy: str
    coordinator: str
    position: str = FENCE
    number: int = 1
    held: bool = False
    restored: bool = False
    came: dict[tuple[str, str | None], Came] = field(default_factory=dict)
    waived: dict[str, str] = field(default_factory=dict)
    failed: list[Failed] = field(default_factory=list)
    yes: dict[str | None, tuple[str, bool]] = field(default_factory=dict)
    place: dict[str | None, list[str]] = field(default_factory=dict)
    points: dict[str, str] = field(default_factory=dict)
    signed: set[str] = field(default_factory=set)
    left: set[str] = field(default_factory=set)
    heard: list[tuple[int, dict[str, Any], tuple[str, ...]]] = field(default_factory=list)  # at this position, attempt
    raised: bool = False  # the last event raised the attempt

    def __post_init__(self) -> None:
        self.place = {subject: [NOWHERE, CUT] for subject in (None, *self.names)}

    # -- what is so ------------------------------------------------------------------------------------------------

    @property
    def status(self) -> str:
        if self.position in ENDS:
            return self.position
        return "on_hold" if self.held else "blocked" if self.failed else "in_progress"

    def has(self, flag: str, place: str | None = None) -> bool:
        return flag in FLAGS.get(place or self.position, "")

    def is_done(self, place: str, *subjects: str | None) -> bool:
        """Whether the action is done for one of the subjects (none given: for whomever)."""
        wanted = subjects or (None, *self.names)
        return any((place, one) in self.came and self.came[place, one].kind in DONE for one in wanted)

    def left_open(self, place: str) -> list[str]:
        return [name for name in self.names if name not in self.waived and (place, name) not in self.came]

    def failed_here(self) -> set[str]:
        return {name for one in self.failed if one.place == self.position for name in one.names}

    def whole_failed(self) -> bool:
        return any(one.place == self.position and not one.names for one in self.failed)

    def is_open(self, place: str) -> bool:
        if place not in FLAGS:
            return True
        if self.has("a", place) and self.profile != "asr":
            return False
        return bool(self.left_open(place)) if self.has("w", place) else (place, None) not in self.came

    def belongs_to_primary(self, subject: str | None) -> bool:
        """Whether its replication was reversed again: confirmed, or still to be seen in the picture."""
        again = AGAIN if subject is None else AGAIN_W
        return self.is_done(again, subject) or self.place[subject][1] == HOME

    def meant(self, event: dict[str, Any]) -> tuple[str, ...]:
        """The workloads that an event which may name some is about."""
        if event.get("workloads"):
            return tuple(event["workloads"])
        here = self.position
        match event["type"]:
            case "confirm":
                return tuple(n for n in self.left_open(here) if n not in self.failed_here())
            case "waive":
                return tuple(self.left_open(here))
            case "authorize":
                return tuple(n for n in self.left_open(here) if not self._sure(n, event))
            case "choose_recovery_point" if here == CHECK_W:
                return tuple(n for n in self.names if n not in self.waived)
            case "choose_recovery_point":
                failed = self.failed_here() | (set(self.left_open(here)) if self.whole_failed() else set())
                return tuple(n for n in self.names if n in failed)
            case "retry":
                return tuple(n for n in self.names if n in self.failed_here())
            case _:
                return ()

    def _sure(self, subject: str | None, event: dict[str, Any]) -> bool:
        return subject in self.yes and (self.yes[subject][1] or not event.get("break_glass"))

    def _undone(self, event: dict[str, Any]) -> list[str]:
        """The workloads that an undo is about."""
        place = event["action"]
        failed = self.failed_here() if place == self.position else set()
        return list(event.get("workloads") or ()) or [
            n for n in self.names if n not in self.waived and (self.is_done(place, n) or n in failed)
        ]

    # -- the verdict -----------------------------------------------------------------------------------------------

    def judge(self, event: dict[str, Any], *, who: str, roles: set[str], attempt: int) -> str:
        """Say what the contract answers; `attempt` is the current one. Nothing changes."""
        if self._is_malformed(event):
            return INVALID
        kind, at = event["type"], event.get("at")
        if at is not None and at != self.position:
            return MOVED if at in self.left else REFUSED
        if event.get("attempt") not in (None, attempt):
            return MOVED
        legal = self._is_legal(event)
        if self._repeats(event, legal=legal):
            return MOVED
        if not legal:
            return REFUSED
        if not self._wanted_roles(event) & roles:
            return ROLE
        if kind == "confirm" and self.has("!") and self.policy != "none":
            subjects = self.meant(event) if self.has("w") else (None,)
            if any(self.yes[one] == (who, False) for one in subjects):
                return SECOND
        if kind == "sign_off" and self.policy == "every_step" and not event.get("break_glass"):
            step = self.position.partition(".")[0]
            mine = [one for (place, _), one in self.came.items() if place.startswith(step + ".") and one.kind in DONE]
            if any(one.who == who for one in mine):
                return SECOND
        return OK

    def _wanted_roles(self, event: dict[str, Any]) -> set[str]:
        if event["type"] in ("note", "correct"):
            return {"operator", "approver", "coordinator"}
        if event.get("break_glass"):
            return {"coordinator"}
        if event["type"] == "waive":
            return {"coordinator", "operator"} if self.has("?") else {"coordinator"}
        return {ROLES[event["type"]]}

    def _is_malformed(self, event: dict[str, Any]) -> bool:
        kind, reason = event["type"], event.get("comment")
        missing = [name for name in NEEDS.get(kind, ()) if event.get(name) is None]
        wants_reason = (
            event.get("break_glass")
            or (kind == "confirm" and event.get("outcome") == "already_done")
            or (kind == "confirm" and self.position == FENCE and event.get("at") == FENCE)
            or (kind == "report_failure" and event.get("symptom") is None)
            or (kind == "sign_off" and event.get("decision") == "reject")
            or kind == "note"
        )
        unknown = (
            event.get("at", FENCE) not in (*ORDER, *ENDS)
            or event.get("action", FENCE) not in FLAGS
            or (kind == "sign_off" and event.get("to", FENCE) not in FLAGS)
            or event.get("command_profile", "asr") not in ("asr", "hyper-v-replica")
            or not 1 <= event.get("corrects", 1) <= self.number
            or event.get("symptom", "F01") in ("F09", "F23", "F32", "F99")  # numbers that the table does not use
        )
        stray = kind == "sign_off" and event.get("to") is not None and event.get("decision") == "approve"
        return bool(missing or (wants_reason and reason is None) or unknown or stray)

    def _is_legal(self, event: dict[str, Any]) -> bool:
        kind = event["type"]
        if kind in ("note", "correct"):
            return True
        if self.position in ENDS or (self.held and kind not in ON_HOLD):
            return False
        return bool(getattr(self, f"_may_{kind}")(event))

    def _named(self, event: dict[str, Any], *, settled: bool = False) -> bool:
        """Whether naming these workloads at this action makes sense."""
        named = event.get("workloads") or ()
        if named and not self.has("w"):
            return False
        out = any(name in self.waived for name in named)
        return not out and (settled or not any((self.position, name) in self.came for name in named))

    def _may_confirm(self, event: dict[str, Any]) -> bool:
        if self.position not in FLAGS or not self._named(event):
            return False
        accepts = event.get("outcome") == "already_done"
        if not accepts and (self.whole_failed() or set(event.get("workloads") or ()) & self.failed_here()):
            return False
        if self.has("w") and not self.meant(event):
            return False
        if event.get("recovery_point") is not None and not self.has("p"):
            return False
        subjects: tuple[str | None, ...] = self.meant(event) if self.has("w") else (None,)
        if self.has("!") and self.policy != "none" and not all(one in self.yes for one in subjects):
            return False
        if self.position == STEADY:
            there = [self.place[one] for one in (None, *self.names) if one not in self.waived]
            return all(one == [P, HOME] for one in there)
        return True

    def _may_report_failure(self, event: dict[str, Any]) -> bool:
        if self.position not in FLAGS or not self._named(event, settled=True):
            return False
        same = self._same_failures(event)
        named = set(event.get("workloads") or ())
        return not any((one.names & named) if named else not one.names for one in same)

    def _same_failures(self, event: dict[str, Any]) -> list[Failed]:
        symptom = event.get("symptom")
        return [
            one
            for one in self.failed
            if one.place == self.position
            and one.symptom == symptom
            and (symptom is not None or one.comment == event["comment"])
        ]

    def _may_retry(self, event: dict[str, Any]) -> bool:
        named, target = set(event.get("workloads") or ()), event.get("action")
        if target is None:
            if named:
                return named <= self.failed_here() or named <= set(self.waived)
            return bool(self.failed_here()) or self.whole_failed()
        same_step = target.partition(".")[0] == self.position.partition(".")[0]
        looked = [one.number for (place, who), one in self.came.items() if place == target and who not in self.waived]
        if not same_step or RANK[target] >= RANK[self.position] or self.has("t", target) or not looked:
            return False
        if named and (not self.has("w", target) or named & set(self.waived)):
            return False
        between = [place for place in ORDER[RANK[target] : RANK[self.position] + 1] if self.has("t", place)]
        return not any(
            place in between and one.kind in DONE and one.number > min(looked) and who not in self.waived
            for (place, who), one in self.came.items()
        )

    def _may_choose_recovery_point(self, event: dict[str, Any]) -> bool:
        if self.position not in (FAIL_OVER_W, CHECK_W) or not self._named(event, settled=True):
            return False
        everyone = self.meant({"type": "choose_recovery_point"})
        wanted = event.get("workloads") or everyone
        if self.position == FAIL_OVER_W and (not wanted or not set(wanted) <= set(everyone)):
            return False
        checked = wanted if event.get("workloads") else [n for n in self.names if n not in self.waived]
        return not any(
            self.place[name][0] != NOWHERE and (self.is_done(COMMIT_W, name) or self.is_done(REVERSE_W, name))
            for name in checked
        )

    def _may_undo(self, event: dict[str, Any]) -> bool:
        place, named = event["action"], set(event.get("workloads") or ())
        if place not in UNDO or named & set(self.waived) or RANK[place] > RANK[self.position]:
            return False
        _, until, profile, _, _ = UNDO[place]
        if profile not in (None, self.profile):
            return False
        if not self.has("w", place):
            tried = self.is_done(place, None) or (place == self.position and self.whole_failed())
            return not named and tried and not any(self.is_done(one) for one in until)
        failed = self.failed_here() if place == self.position else set()
        targets = self._undone(event)
        return bool(targets) and all(
            (self.is_done(place, name) or name in failed) and not any(self.is_done(one, name) for one in until)
            for name in targets
        )

    def _may_authorize(self, event: dict[str, Any]) -> bool:
        if not self.has("!") or self.policy == "none" or not self._named(event):
            return False
        if not self.has("w"):
            return not self._sure(None, event)
        named = event.get("workloads") or ()
        return not any(self._sure(one, event) for one in named) if named else bool(self.meant(event))

    def _may_waive(self, event: dict[str, Any]) -> bool:
        return self.position in FLAGS and not self.has("-") and self._named(event)

    def _may_change_profile(self, event: dict[str, Any]) -> bool:
        return self.position.partition(".")[0] in CHANGES_PROFILE and event["command_profile"] != self.profile

    def _may_sign_off(self, event: dict[str, Any]) -> bool:
        if not self.position.endswith(".sign-off"):
            return False
        target = event.get("to")
        if target is None:
            return True
        same_step = target.partition(".")[0] == self.position.partition(".")[0]
        if not same_step or (self.has("a", target) and self.profile != "asr"):
            return False
        again = ORDER[RANK[target] : RANK[self.position]]
        return any(self._would_reopen(place) for place in again)

    def _would_reopen(self, place: str) -> bool:
        """Whether going back behind it makes the action due again."""
        if self.has("a", place) and self.profile != "asr":
            return False
        subjects = [n for n in self.names if n not in self.waived] if self.has("w", place) else [None]
        return any(not (self.has("!", place) and self.is_done(place, one)) for one in subjects)

    def _may_hold(self, event: dict[str, Any]) -> bool:
        return not self.held

    def _may_resume(self, event: dict[str, Any]) -> bool:
        return self.held

    def _may_abort(self, event: dict[str, Any]) -> bool:
        return True

    def _may_hand_over(self, event: dict[str, Any]) -> bool:
        return True

    def _may_primary_lost(self, event: dict[str, Any]) -> bool:
        return STEPS.index(self.position.partition(".")[0]) >= 3

    def _may_secondary_lost(self, event: dict[str, Any]) -> bool:
        return self.is_done(FAIL_OVER, None) or any(site == S for site, _ in self.place.values())

    # -- repetition ------------------------------------------------------------------------------------------------

    def _repeats(self, event: dict[str, Any], *, legal: bool) -> bool:
        """Whether an accepted event of this position and attempt did already all that this one asks for."""
        kind, named = event["type"], event.get("workloads") or ()
        if kind in ("note", "correct") or (self.held and kind not in ON_HOLD and kind != "hold"):
            return False
        before = [
            (number, said, about)
            for number, said, about in self.heard
            if said["type"] == kind and (event.get("at") is None or said["_from"] == self.position)
        ]
        if not before:
            return False
        number, said, about = before[-1]
        here = self.position
        if kind == "choose_recovery_point":
            return legal and all(self.points.get(n) == event["recovery_point"] for n in self.meant(event))
        if kind == "hand_over":
            return legal and event["to"] == self.coordinator
        if legal:
            return False
        since = {number for number, _, _ in self.heard}
        match kind:
            case "confirm" | "waive" if named:
                wanted = DONE if kind == "confirm" else ("waived",)
                came = [self.came.get((here, n)) for n in named]
                return all(one is not None and one.kind in wanted and one.number in since for one in came)
            case "confirm":
                return not self.meant(event) and all(f.number < number for f in self.failed if f.place == here)
            case "report_failure":
                same = [one for one in self._same_failures(event) if one.number in since]
                return all(any(n in one.names for one in same) for n in named) and (
                    bool(named) or any(not one.names for one in same)
                )
            case "authorize":
                given = {n for _, one, names in before for n in (names or (None,))}
                wanted_now: tuple[str | None, ...] = (
                    tuple(named) or tuple(self.left_open(here)) if self.has("w") else (None,)
                )
                return all(self._sure(n, event) and n in given for n in wanted_now)
            case "undo" | "retry":
                return event.get("action") == said.get("action") and set(named) <= set(about)
            case _:
                return True

    # -- what an accepted event does -------------------------------------------------------------------------------

    def accept(self, event: dict[str, Any], *, who: str) -> None:
        """Let it happen; it was judged OK."""
        self.number += 1
        self.raised = False
        before, kind = self.position, event["type"]
        if kind in ("note", "correct"):
            return
        about = tuple(self._undone(event)) if kind == "undo" and self.has("w", event["action"]) else self.meant(event)
        if not self.has("w") and kind in ("confirm", "waive", "authorize"):
            about = ()
        target = getattr(self, f"_do_{kind}")(event, who)
        if target is not None:
            self._enter(before, target)
        if self.position != before or self.raised:
            self.heard = []
        if self.position == before or kind not in AT_REQUIRED:
            self.heard.append((self.number, {**event, "_from": before}, about))

    def _enter(self, before: str, target: str) -> None:
        """Go from `before` to the first open position from `target` on."""
        passed = []
        while target not in ENDS and not self.is_open(target):
            passed.append(target)
            target = ORDER[RANK[target] + 1]
        if target == before:
            return
        if target in ENDS or RANK[target] > RANK[before]:
            self.left |= {before, *passed}
            if target not in ENDS:
                self.failed = [one for one in self.failed if one.place not in (before, *passed)]
        else:
            self.left |= {*ORDER[RANK[target] + 1 : RANK[before] + 1], *passed}
        self.yes = {}
        self.position = target

    def _next(self) -> str:
        rank = RANK[self.position] + 1
        return ORDER[rank] if rank < len(ORDER) else "completed"

    def _set(self, subject: str | None, site: str | None, replication: str | None) -> None:
        place = self.place[subject]
        place[0] = site or place[0]
        place[1] = replication or place[1]

    def _resolve(self, names: set[str] | None, *, whole: bool) -> None:
        """Close failures at this position: all, or what is said of these workloads."""
        kept = []
        for one in self.failed:
            if one.place != self.position:
                kept.append(one)
            elif names is None or (whole and not one.names):
                continue
            elif not one.names:
                kept.append(one)
            elif one.names - names:
                kept.append(Failed(one.place, one.symptom, one.comment, one.names - names, one.number))
        self.failed = kept

    def _do_confirm(self, event: dict[str, Any], who: str) -> str:
        here, kind = self.position, event.get("outcome", "done")
        subjects: tuple[str | None, ...] = self.meant(event) if self.has("w") else (None,)
        if kind == "already_done":
            self._resolve({one for one in subjects if one}, whole=True)
        site, replication = EFFECTS.get(here, (None, None))
        for one in subjects:
            final, leads = FINAL.get(here, ((), None))
            stands = self.place[one][0]
            if kind == "done" or stands == NOWHERE or (leads is not None and leads != stands):
                for place in final:
                    self.came.pop((place, one), None)
            self.came[here, one] = Came(kind, self.number, who)
            if one is not None and event.get("recovery_point") is not None:
                self.points[one] = event["recovery_point"]
            if here != USERS:
                self._set(one, site, replication)
        if here == USERS:
            for name in self.names:
                if name not in self.waived:
                    self._set(name, site, replication)
        return here if self.has("w") and self.left_open(here) else self._next()

    def _do_report_failure(self, event: dict[str, Any], who: str) -> None:
        named = frozenset(event.get("workloads") or ())
        for name in named:
            self.came.pop((self.position, name), None)
        self.failed.append(Failed(self.position, event.get("symptom"), event.get("comment"), named, self.number))

    def _do_retry(self, event: dict[str, Any], who: str) -> str | None:
        named, here = set(event.get("workloads") or ()), self.position
        if event.get("action") is not None:
            return self._back(event["action"], named or None)
        back = {name for name in named if name in self.waived}
        if not back:
            self._resolve(named or None, whole=False)
            self.raised = True
            return None
        since = {name: self._missed_from(name) for name in back}
        for name, place in since.items():
            self.came.pop((self.waived.pop(name), name), None)
            self._clear(place, {name})
        earliest = min(since.values(), key=RANK.__getitem__)
        return self._back(earliest, back) if RANK[earliest] <= RANK[here] else None

    def _missed_from(self, name: str) -> str:
        """Where it was waived; or the first action it has not done, where all went back behind that since."""
        return next(
            place
            for place in FLAGS
            if self.has("w", place) and ((place, name) not in self.came or self.came[place, name].kind == "waived")
        )

    def _clear(self, target: str, names: set[str] | None) -> None:
        """Clear outcomes from `target` on, but not what was done for good, nor that a workload is waived."""
        for (place, one), came in list(self.came.items()):
            if RANK[place] < RANK[target] or (names is not None and one not in names):
                continue
            if self.has("!", place) and came.kind in DONE:
                continue
            if names is None and one is not None and self.waived.get(one) == place:
                continue
            del self.came[place, one]

    def _back(self, target: str, names: set[str] | None) -> str:
        self._clear(target, names)
        kept = []
        for one in self.failed:
            if RANK[one.place] < RANK[target]:
                kept.append(one)
            elif names is not None and (not one.names or one.names - names):
                kept.append(Failed(one.place, one.symptom, one.comment, one.names - names, one.number))
        self.failed = kept
        if names is not None and target == self.position:
            self.yes = {one: yes for one, yes in self.yes.items() if one not in names}
        else:
            self.yes = {}
        step = STEPS.index(target.partition(".")[0])
        self.signed -= set(STEPS[step:])
        self.raised = True
        return target

    def _do_choose_recovery_point(self, event: dict[str, Any], who: str) -> None:
        for name in self.meant(event):
            self.points[name] = event["recovery_point"]
            self.came.pop((self.position, name), None)

    def _do_undo(self, event: dict[str, Any], who: str) -> str:
        place = event["action"]
        target, _, _, (site, replication), set_up = UNDO[place]
        subjects: list[str | None] = [*self._undone(event)] if self.has("w", place) else [None]
        for one in subjects:
            known = set_up is not None and self.is_done(set_up, one)
            self._set(one, site, replication if known else None)
            if one is not None and self.has("p", place):
                self.points.pop(one, None)
        return self._back(target, set(event["workloads"]) if event.get("workloads") else None)

    def _do_authorize(self, event: dict[str, Any], who: str) -> None:
        for one in self.meant(event) if self.has("w") else (None,):
            self.yes[one] = (who, bool(event.get("break_glass")))

    def _do_waive(self, event: dict[str, Any], who: str) -> str:
        here = self.position
        if not self.has("w"):
            self._resolve(None, whole=True)
            self.came[here, None] = Came("waived", self.number, who)
            return self._next()
        meant = self.meant(event)
        self._resolve(set(meant), whole=False)
        for name in meant:
            self.came[here, name] = Came("waived", self.number, who)
            self.waived[name] = here
        return here if self.left_open(here) else self._next()

    def _do_change_profile(self, event: dict[str, Any], who: str) -> str:
        self.profile = event["command_profile"]
        self.yes = {}
        return self.position

    def _do_sign_off(self, event: dict[str, Any], who: str) -> str:
        step = self.position.partition(".")[0]
        if event["decision"] == "reject":
            own = (place for place in FLAGS if place.startswith(step + "."))
            first = next(place for place in own if self.profile == "asr" or not self.has("a", place))
            return self._back(event.get("to") or first, None)
        self.signed.add(step)
        self.restored = self.restored or step == "confirm-access"
        return self._next()

    def _do_hold(self, event: dict[str, Any], who: str) -> None:
        self.held = True

    def _do_resume(self, event: dict[str, Any], who: str) -> None:
        self.held = False

    def _do_abort(self, event: dict[str, Any], who: str) -> str:
        return "aborted"

    def _do_hand_over(self, event: dict[str, Any], who: str) -> None:
        self.coordinator = event["to"]

    def _do_primary_lost(self, event: dict[str, Any], who: str) -> str:
        step = STEPS.index(self.position.partition(".")[0])
        to_access = step == 3 or (step == 4 and not self.belongs_to_primary(None))
        back = {name for name in self.names if self.belongs_to_primary(name)}
        kept = {
            key: one
            for key, one in self.came.items()
            if key[1] is not None and key[1] not in back and key[0].startswith("fail-over-workloads.")
        }
        for place in self.place.values():
            place[:] = [NOWHERE if place[0] == P else place[0], CUT]
        target = self._back(BY_NAME["vmm-at-secondary"] if to_access else FENCE, None)
        if not to_access:
            self.came |= kept
            self.restored = False
            for name in back:
                self.points.pop(name, None)
        return target

    def _do_secondary_lost(self, event: dict[str, Any], who: str) -> str:
        for place in self.place.values():
            place[:] = [NOWHERE if place[0] == S else place[0], CUT]
        return "escalated"


def onward(model: Model) -> Iterator[dict[str, Any]]:
    """Give the events, one or two, that do what is due where the model stands; each with who posts it."""
    if model.position in ENDS:
        return
    if model.held:
        yield {"type": "resume", "_who": "ann"}
    elif model.position.endswith(".sign-off"):
        yield {"type": "sign_off", "decision": "approve", "_who": "ben"}
    elif model.whole_failed() or model.failed_here():
        yield {"type": "retry", "_who": "ann"}
    else:
        if model.has("!") and model.policy != "none" and not all(n in model.yes for n in _due(model)):
            yield {"type": "authorize", "_who": "ben"}
        waive = model.position == STEADY and not model._may_confirm({"type": "confirm"})
        yield {"type": "waive" if waive else "confirm", "comment": "as shown", "_who": "ann"}


def _due(model: Model) -> tuple[str | None, ...]:
    return tuple(model.left_open(model.position)) if model.has("w") else (None,)

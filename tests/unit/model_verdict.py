"""The independent model's verdict on an event: accepted, or which class of refusal, in the contract's order."""

from dataclasses import dataclass
from typing import Any

from tests.unit.model_state import Failed, State
from tests.unit.model_table import (
    CHANGES_PROFILE,
    CHECK_W,
    COMMIT_W,
    DONE,
    ENDS,
    EXPECTS,
    EXPECTS_IN_A_DRILL,
    FAIL_OVER,
    FAIL_OVER_W,
    FENCE,
    FLAGS,
    HOME,
    INVALID,
    MOVED,
    NEEDS,
    NOWHERE,
    OK,
    ON_HOLD,
    ORDER,
    RANK,
    REFUSED,
    REVERSE_W,
    ROLE,
    ROLES,
    SECOND,
    STEADY,
    STEPS,
    UNDO,
    P,
    S,
)


@dataclass
class Judge(State):
    """A state that answers events."""

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
        if event.get("break_glass") or event.get("evidence_waived"):
            return {"coordinator"}
        if event["type"] == "waive":
            return {"coordinator", "operator"} if self.has("?") else {"coordinator"}
        return {ROLES[event["type"]]}

    def _is_malformed(self, event: dict[str, Any]) -> bool:
        kind, reason = event["type"], event.get("comment")
        missing = [name for name in NEEDS.get(kind, ()) if event.get(name) is None]
        wants_reason = (
            event.get("break_glass")
            or event.get("evidence_waived")
            or (kind == "confirm" and event.get("outcome") == "already_done")
            or (kind == "confirm" and self.position == FENCE and event.get("at") == FENCE)
            or (kind == "report_failure" and event.get("symptom") is None)
            or (kind == "sign_off" and event.get("decision") == "reject")
            or kind == "note"
        )
        actions = [place for place in FLAGS if self.is_known(place)]
        unknown = (
            event.get("at", FENCE) not in (*ORDER, *ENDS)
            or not self.is_known(event.get("at", FENCE))
            or event.get("action", FENCE) not in actions
            or (kind == "sign_off" and event.get("to", FENCE) not in actions)
            or event.get("command_profile", "asr") not in ("asr", "hyper-v-replica")
            or not 1 <= event.get("corrects", 1) <= self.number
            or event.get("symptom", "F01") in ("F09", "F23", "F32", "F99")  # numbers that the table does not use
        )
        stray = kind == "sign_off" and event.get("to") is not None and event.get("decision") == "approve"
        return bool(missing or (wants_reason and reason is None) or unknown or stray or self._attests_wrongly(event))

    def _attests_wrongly(self, event: dict[str, Any]) -> bool:
        """Whether it says how a drill went where that has no sense, or does not say it where a drill ends by it."""
        if event["type"] != "sign_off":
            return False
        if event.get("drill_outcome") is not None:
            return self.mode == "live" or event.get("decision") == "reject" or event.get("comment") is None
        ends = self.position == event.get("at") == ORDER[-1] and event.get("decision") == "approve"
        return self.mode == "drill" and ends

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
        if self.lacks(event) != bool(event.get("evidence_waived")):
            return False
        if self.position == STEADY:
            there = [self.place[one] for one in (None, *self.names) if one not in self.waived]
            return all(one == [P, HOME] for one in there)
        return True

    def lacks(self, event: dict[str, Any]) -> bool:
        """Whether a confirmation does not show what has to be shown here; `all` shows it."""
        in_a_drill = self.profile in EXPECTS_IN_A_DRILL.get(self.position, ())
        expects = in_a_drill if self.mode == "drill" else self.position in EXPECTS
        return self.evidence == "require" and expects and event.get("evidence") != "all"

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
        if not self.has("w", place):
            tried = self.is_done(place, None) or (place == self.position and self.whole_failed())
            return not named and tried and not any(self.is_done(one) or self.shows(one, None) for one in until)
        failed = self.failed_here() if place == self.position else set()
        targets = self._undone(event)
        under = {n: self.came[place, n].profile if self.is_done(place, n) else self.profile for n in targets}
        return bool(targets) and all(
            (self.is_done(place, name) or name in failed)
            and profile in (None, under[name])
            and not any(self.is_done(one, name) or self.shows(one, name) for one in until)
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
        if event.get("drill_outcome") is not None and self.position != ORDER[-1]:
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
        if not self.is_known(place):
            return False
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
        return STEPS.index(self.position.partition(".")[0]) >= 3 or self.belongs_to_primary(None)

    def _may_secondary_lost(self, event: dict[str, Any]) -> bool:
        return self.is_done(FAIL_OVER, None) or any(site == S for site, _ in self.place.values())

    # -- repetition ------------------------------------------------------------------------------------------------

    def _repeats(self, event: dict[str, Any], *, legal: bool) -> bool:
        """Whether an accepted event of this position and attempt did already all that this one asks for."""
        kind = event["type"]
        if kind in ("note", "correct") or (self.held and kind not in ON_HOLD and kind != "hold"):
            return False
        before = [
            (number, said, about)
            for number, said, about in self.heard
            if said["type"] == kind and (event.get("at") is None or said["_from"] == self.position)
        ]
        if not before:
            return False
        if kind == "choose_recovery_point":
            return legal and all(self.points.get(n) == event["recovery_point"] for n in self.meant(event))
        if kind == "hand_over":
            return legal and event["to"] == self.coordinator
        return not legal and self._said(event, before)

    def _said(self, event: dict[str, Any], before: list[tuple[int, dict[str, Any], tuple[str, ...]]]) -> bool:
        """Whether what is refused now was said before, by the latest of these or by all of them together."""
        kind, named, here = event["type"], event.get("workloads") or (), self.position
        number, said, about = before[-1]
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
            case "authorize" if named and not self.has("w"):
                return False
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

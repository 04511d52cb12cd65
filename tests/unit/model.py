"""An independent model of the contract's state machine, for the standalone runbook.

Written from the contract and the procedure page, not from app/: its own table of actions, its own bookkeeping, plain
dicts. What both get wrong would have to be misread twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.unit.model_state import Came, Failed
from tests.unit.model_table import (
    AT_REQUIRED,
    BY_NAME,
    CUT,
    DONE,
    EFFECTS,
    ENDS,
    FENCE,
    FINAL,
    FLAGS,
    NOWHERE,
    ORDER,
    RANK,
    STEADY,
    STEPS,
    UNDO,
    USERS,
    VMM_THERE,
    P,
    S,
)
from tests.unit.model_verdict import Judge


@dataclass
class Model(Judge):
    """An execution as the contract has it: judge an event, then, if it was accepted, let it happen."""

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
        if self.mode == "drill" and self.position in ENDS and before not in ENDS:
            cut_short = "failed" if self.came else None
            self.drill = event["drill_outcome"] if self.position == "completed" else cut_short
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
            some_left = event.get("workloads") and set(self.left_open(here)) - set(subjects)
            self._resolve({one for one in subjects if one}, whole=not some_left)
        site, replication = EFFECTS.get(here, (None, None))
        for one in subjects:
            final, leads = FINAL.get(here, ((), None))
            stands = self.place[one][0]
            if kind == "done" or stands == NOWHERE or (leads is not None and leads != stands):
                for place in final:
                    self.came.pop((place, one), None)
            self.came[here, one] = Came(kind, self.number, who, self.profile)
            if one is not None and event.get("recovery_point") is not None:
                self.points[one] = event["recovery_point"]
            if here not in (VMM_THERE, USERS):
                self._set(one, site, replication)
        if here in (VMM_THERE, USERS):  # there what a loss stopped is started again, and nothing else moved
            for one in (None,) if here == VMM_THERE else self.names:
                if one not in self.waived and self.place[one][0] == NOWHERE:
                    self._set(one, site, replication)
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
        first = {name for name, place in since.items() if place == earliest}
        return self._back(earliest, first) if RANK[earliest] <= RANK[here] else None

    def _missed_from(self, name: str) -> str:
        """Where it was waived; or the first action it has not done, where all went back behind that since."""
        return next(
            place
            for place in FLAGS
            if self.is_known(place)
            and self.has("w", place)
            and ((place, name) not in self.came or self.came[place, name].kind == "waived")
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
            own = (place for place in FLAGS if place.startswith(step + ".") and self.is_known(place))
            self.restored = self.restored and step != "confirm-access"
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
        to_access = not self.belongs_to_primary(None)
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
        attested = {"drill_outcome": "passed", "comment": "it went well"}
        ends = model.mode == "drill" and model.position == ORDER[-1]
        yield {"type": "sign_off", "decision": "approve", "_who": "ben", **(attested if ends else {})}
    elif model.whole_failed() or model.failed_here():
        yield {"type": "retry", "_who": "ann"}
    else:
        if model.has("!") and model.policy != "none" and not all(n in model.yes for n in _due(model)):
            yield {"type": "authorize", "_who": "ben"}
        shown = {"evidence": "all"} if model.lacks({}) else {}
        waive = model.position == STEADY and not model._may_confirm({"type": "confirm", **shown})
        yield {
            "type": "waive" if waive else "confirm",
            "comment": "as shown",
            "_who": "ann",
            **({} if waive else shown),
        }


def _due(model: Model) -> tuple[str | None, ...]:
    return tuple(model.left_open(model.position)) if model.has("w") else (None,)

"""An independent model of a checklist: items in any order, written from the contract and the readiness page alone.

Plain sets and dicts, a table copied by hand. What both this and app/ get wrong would have to be misread twice.
"""

from dataclasses import dataclass, field
from typing import Any

from tests.unit.model_table import AT_REQUIRED, DONE, ENDS, INVALID, MOVED, NEEDS, OK, ON_HOLD, REFUSED, ROLE, ROLES
from tests.unit.model_table import SECOND as SECOND_PERSON

#: step: its items; g gate, c check, t task; - not waivable, ? optional, # a comment is needed to confirm
TABLE = {
    "decide": {"single-server": "g-#"},
    "deploy": {
        "vmm-and-sql-on-one-vm": "t",
        "two-clouds": "t",
        "vault-and-replication": "t",
        "networks-mapped": "t",
        "vmm-vm-replicates": "t-",
        "vmm-vm-not-in-vault": "g-",
        "recovery-plans-same-server": "c?",
        "replica-server-at-both-hosts": "t",
        "all-vmm-disks-replicated": "c",
        "failover-address-set": "t",
        "directory-and-dns-at-secondary": "c",
        "vmm-vm-autostart-off": "t",
        "test-failover-done": "t",
    },
}
STEPS = list(TABLE)
ITEMS = {f"{step}.{item}": flags for step, items in TABLE.items() for item, flags in items.items()}
POSITIONS = [f"{step}.{kind}" for step in STEPS for kind in ("items", "sign-off")]
ABOUT_ITEMS = ("confirm", "report_failure", "retry", "waive")
NEVER = ("authorize", "choose_recovery_point", "undo", "change_profile", "primary_lost", "secondary_lost")


@dataclass
class Came:
    """What came of an item."""

    kind: str
    number: int
    who: str


@dataclass
class Failed:
    """A failure of an item that is not resolved."""

    item: str
    comment: str
    number: int


@dataclass
class Checklist:
    """An execution of the checklist as the contract has it: judge an event, then let it happen."""

    policy: str
    coordinator: str
    position: str = "decide.items"
    number: int = 1
    held: bool = False
    came: dict[str, Came] = field(default_factory=dict)
    failed: list[Failed] = field(default_factory=list)
    attempts: dict[str, int] = field(default_factory=dict)
    signed: set[str] = field(default_factory=set)
    left: set[str] = field(default_factory=set)
    heard: dict[tuple[str, str | None], tuple[dict[str, Any], str]] = field(default_factory=dict)

    @property
    def status(self) -> str:
        if self.position in ENDS:
            return self.position
        return "on_hold" if self.held else "blocked" if self.failed else "in_progress"

    @property
    def at_items(self) -> bool:
        return self.position.endswith(".items")

    @property
    def step(self) -> str:
        return self.position.partition(".")[0]

    def own(self) -> list[str]:
        return [item for item in ITEMS if item.startswith(self.step + ".")]

    def open_items(self) -> list[str]:
        return [item for item in self.own() if item not in self.came]

    def attempt(self, place: str) -> int:
        return self.attempts.get(place, 1)

    def about(self, event: dict[str, Any]) -> str | None:
        """The item that an event is about here."""
        return event.get("action") if self.at_items and event["type"] in ABOUT_ITEMS else None

    def failures_of(self, item: str | None) -> list[Failed]:
        return [one for one in self.failed if one.item == item]

    # -- the verdict -----------------------------------------------------------------------------------------------

    def judge(self, event: dict[str, Any], *, who: str, roles: set[str]) -> str:
        """Say what the contract answers. Nothing changes."""
        if self._is_malformed(event):
            return INVALID
        kind, at = event["type"], event.get("at")
        item = self.about(event)
        if at is not None and at != self.position:
            return MOVED if at in self.left else REFUSED
        if event.get("attempt") not in (None, self.attempt(item or self.position)):
            return MOVED
        legal = self._is_legal(event, item)
        if self._repeats(event, item, legal=legal):
            return MOVED
        if not legal:
            return REFUSED
        if not self._wanted(event, item) & roles:
            return ROLE
        if kind == "sign_off" and self.policy == "every_step" and not event.get("break_glass"):
            own = self.own()
            if any(place in own and one.kind in DONE and one.who == who for place, one in self.came.items()):
                return SECOND_PERSON
        return OK

    def _wanted(self, event: dict[str, Any], item: str | None) -> set[str]:
        if event["type"] in ("note", "correct"):
            return {"operator", "approver", "coordinator"}
        if event.get("break_glass"):
            return {"coordinator"}
        if event["type"] == "waive":
            return {"coordinator", "operator"} if "?" in ITEMS[item or ""] else {"coordinator"}
        return {ROLES[event["type"]]}

    def _is_malformed(self, event: dict[str, Any]) -> bool:
        kind, at, item = event["type"], event.get("at"), event.get("action")
        reason_needed = (
            event.get("break_glass")
            or (kind == "confirm" and event.get("outcome") == "already_done")
            or (kind == "confirm" and at == self.position and self.at_items and "#" in ITEMS.get(item or "", ""))
            or (kind == "report_failure")  # a checklist has no table of symptoms
            or (kind == "sign_off" and event.get("decision") == "reject")
            or kind == "note"
        )
        at_items = (at or self.position).endswith(".items")
        strange_item = kind in ABOUT_ITEMS and (
            (at_items and (item is None or (at or "").partition(".")[0] != item.partition(".")[0]))
            or (not at_items and item is not None and kind != "retry")
        )
        unknown = (
            (at is not None and at not in (*POSITIONS, *ENDS))
            or (item is not None and item not in ITEMS)
            or (kind == "sign_off" and event.get("to", "decide.items") not in (*ITEMS, "decide.items", "deploy.items"))
            or event.get("command_profile", "none") != "none"
            or not 1 <= event.get("corrects", 1) <= self.number
        )
        stray = kind == "sign_off" and event.get("to") is not None and event.get("decision") == "approve"
        missing = any(event.get(name) is None for name in NEEDS.get(kind, ()))
        return bool(missing or (reason_needed and event.get("comment") is None) or strange_item or unknown or stray)

    def _is_legal(self, event: dict[str, Any], item: str | None) -> bool:
        kind = event["type"]
        if kind in ("note", "correct"):
            return True
        if self.position in ENDS or kind in NEVER or (self.held and kind not in ON_HOLD):
            return False
        if kind in ABOUT_ITEMS and kind != "retry":
            return item is not None and self._is_open_to(event, item)  # none: at a sign-off
        target = event.get("to") if kind == "sign_off" else event.get("action")
        return {
            "hold": not self.held,
            "resume": self.held,
            "sign_off": not self.at_items and (target is None or target.partition(".")[0] == self.step),
            "retry": target in self.own() and self._may_be_taken_back(target or ""),
        }.get(kind, True)

    def _is_open_to(self, event: dict[str, Any], item: str) -> bool:
        if event["type"] == "report_failure":
            waived = item in self.came and self.came[item].kind == "waived"
            return not waived and not any(one.comment == event["comment"] for one in self.failures_of(item))
        if event["type"] == "waive":
            return item not in self.came and "-" not in ITEMS[item]
        return item not in self.came and (event.get("outcome") == "already_done" or not self.failures_of(item))

    def _may_be_taken_back(self, item: str) -> bool:
        """What failed or was waived; and a look that was settled, while nothing that was done is taken back."""
        if self.failures_of(item):
            return True
        return item in self.came and (self.came[item].kind == "waived" or "t" not in ITEMS[item])

    def _repeats(self, event: dict[str, Any], item: str | None, *, legal: bool) -> bool:
        """Whether an accepted event of this position and attempt did already all that this one asks for."""
        kind = event["type"]
        said = self.heard.get((kind, item))
        if kind in ("note", "correct") or said is None or (self.held and kind not in (*ON_HOLD, "hold")):
            return False
        if event.get("at") is not None and said[1] != self.position:
            return False
        if kind == "hand_over":
            return legal and event["to"] == self.coordinator
        if legal:
            return False
        if kind in ("confirm", "waive"):
            one = self.came.get(item or "")
            return one is not None and (one.kind == "waived") == (kind == "waive")
        if kind == "report_failure":
            return any(one.comment == event["comment"] for one in self.failures_of(item))
        return kind != "retry" or event.get("action") == said[0].get("action")

    # -- what an accepted event does -------------------------------------------------------------------------------

    def accept(self, event: dict[str, Any], *, who: str) -> None:
        """Let it happen; it was judged OK."""
        self.number += 1
        kind, before, item = event["type"], self.position, self.about(event)
        if kind in ("note", "correct"):
            return
        getattr(self, f"_do_{kind}")(event, item, who)
        if self.position != before:
            self.heard = {}
        if self.position == before or kind not in AT_REQUIRED:
            self.heard[kind, item] = (event, before)

    def _forget(self, item: str) -> None:
        self.failed = [one for one in self.failed if one.item != item]

    def _settle(self, item: str, kind: str, who: str) -> None:
        self.came[item] = Came(kind, self.number, who)
        if not self.open_items():
            self.left.add(self.position)
            self.position = f"{self.step}.sign-off"

    def _do_confirm(self, event: dict[str, Any], item: str, who: str) -> None:
        if event.get("outcome") == "already_done":
            self._forget(item)
        self._settle(item, event.get("outcome", "done"), who)

    def _do_waive(self, event: dict[str, Any], item: str, who: str) -> None:
        self._forget(item)
        self._settle(item, "waived", who)

    def _do_report_failure(self, event: dict[str, Any], item: str, who: str) -> None:
        self.came.pop(item, None)
        self.failed.append(Failed(item, event["comment"], self.number))

    def _do_retry(self, event: dict[str, Any], item: str | None, who: str) -> None:
        if item is None:  # at the sign-off: back to the items, of which one is open again
            self._back([event["action"]])
            return
        self._forget(item)
        self.came.pop(item, None)
        self.attempts[item] = self.attempt(item) + 1
        self.heard = {key: said for key, said in self.heard.items() if key[1] != item}

    def _back(self, items: list[str]) -> None:
        self.left.add(self.position)
        for place in (*items, self.position, f"{self.step}.items"):
            self.attempts[place] = self.attempt(place) + 1
        for place in items:
            del self.came[place]
        self.position = f"{self.step}.items"

    def _do_sign_off(self, event: dict[str, Any], item: None, who: str) -> None:
        if event["decision"] == "reject":
            target = event.get("to")
            self._back([target] if target in ITEMS else self.own())
            return
        self.signed.add(self.step)
        self.left.add(self.position)
        self.position = "deploy.items" if self.step == "decide" else "completed"

    def _do_hold(self, event: dict[str, Any], item: None, who: str) -> None:
        self.held = True

    def _do_resume(self, event: dict[str, Any], item: None, who: str) -> None:
        self.held = False

    def _do_abort(self, event: dict[str, Any], item: None, who: str) -> None:
        self.left.add(self.position)
        self.position = "aborted"

    def _do_hand_over(self, event: dict[str, Any], item: None, who: str) -> None:
        self.coordinator = event["to"]

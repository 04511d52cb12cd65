"""Words: what the contract's terms are called on a page, in the reader's language."""

from collections.abc import Mapping
from functools import cache
from typing import Final

from app.web.console.speech import Speech
from app.web.console.speech import marked as _

_TABLES: Final[Mapping[str, Mapping[str, str]]] = {
    "mode": {"live": _("Live"), "drill": _("Drill")},
    "status": {
        "in_progress": _("in progress"),
        "blocked": _("blocked"),
        "on_hold": _("on hold"),
        "completed": _("completed"),
        "aborted": _("aborted"),
        "escalated": _("escalated"),
    },
    "step": {
        "pending": _("waiting"),
        "in_progress": _("here"),
        "blocked": _("blocked"),
        "awaiting_sign_off": _("to be signed off"),
        "signed_off": _("signed"),
    },
    "outcome": {
        "pending": _("waiting"),
        "open": _("open"),
        "done": _("done"),
        "already_done": _("found done"),
        "waived": _("waived"),
        "failed": _("failed"),
        "passed": _("passed over"),
    },
    "kind": {"gate": _("Attest"), "task": _("Do"), "check": _("Check")},
    "role": {
        "viewer": _("viewer"),
        "operator": _("operator"),
        "approver": _("approver"),
        "coordinator": _("coordinator"),
        "auditor": _("auditor"),
        "admin": _("admin"),
    },
    "site": {"primary": _("Primary"), "secondary": _("Secondary"), "none": _("Nowhere")},
    "advice": {
        "retry": _("try again"),
        "wait": _("wait"),
        "other_point": _("choose another recovery point, then try again"),
        "undo": _("undo"),
        "resync": _("resynchronise"),
        "reseed": _("replicate anew"),
        "accept": _("accept it as done"),
        "change_profile": _("change the command profile"),
        "escalate": _("escalate"),
    },
    "four_eyes": {
        "none": _("one person may do all"),
        "irreversible": _("a second person for what cannot be undone"),
        "every_step": _("a second person for every step"),
    },
    "evidence": {
        "off": _("attached outputs are not checked"),
        "advise": _("attached outputs are checked, and what does not fit is marked"),
        "require": _("nothing is confirmed without an output that shows what is expected"),
    },
    "verdict": {
        "met": _("shows what is expected"),
        "not_met": _("does not show what is expected"),
        "not_recognised": _("not recognised"),
        "waived": _("evidence waived"),
    },
    "field": {
        "mode": _("mode"),
        "state": _("state"),
        "active_location": _("active location"),
        "allowed_operations": _("allowed operations"),
        "description": _("description"),
    },
    #: What somebody did, as the journal's lines say it.
    "did": {
        "declare": _("declared"),
        "confirm": _("confirmed"),
        "report_failure": _("reported a failure"),
        "retry": _("tries again"),
        "choose_recovery_point": _("chose another recovery point"),
        "undo": _("undid"),
        "authorize": _("authorized"),
        "waive": _("went on without"),
        "change_profile": _("changed the command profile"),
        "sign_off": _("signed off"),
        "hold": _("put on hold"),
        "resume": _("resumed"),
        "abort": _("aborted the execution"),
        "primary_lost": _("declared the primary site lost again"),
        "secondary_lost": _("declared the secondary site lost"),
        "hand_over": _("handed over"),
        "note": _("noted"),
        "correct": _("corrected"),
    },
    #: What somebody else is waited for to do.
    "waits_for": {
        "confirm": _("an operator to confirm"),
        "retry": _("an operator to try again, or another way out of the failure"),
        "authorize": _("an approver to authorize"),
        "sign_off": _("an approver to sign off"),
        "resume": _("the coordinator to resume"),
    },
    "readiness": {"ready": _("ready"), "stale": _("stale"), "not_ready": _("not ready")},
    "theme": {"auto": _("As the system"), "light": _("Light"), "dark": _("Dark")},
}
LANGUAGE_NAMES: Final = {"en": "English", "fr": "Français"}


@cache
def in_language(language: str) -> Mapping[str, Mapping[str, str]]:
    """Give every table in `language`, with the languages' own names."""
    speech = Speech(language)
    told = {name: {term: speech.say(word) for term, word in table.items()} for name, table in _TABLES.items()}
    return {**told, "language": LANGUAGE_NAMES}

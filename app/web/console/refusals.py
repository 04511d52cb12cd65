"""Refusals in the words of a page: what happened, who was faster, which field; each with the way out."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from app.domain import errors
from app.web.console import times, words
from app.web.console.speech import Speech
from app.web.console.speech import marked as _


class Telling(NamedTuple):
    """How a page says a refusal: its title, and one or two sentences with the way out."""

    title: str
    sentence: str


TELLINGS: Final[Mapping[type[errors.Refusal], Telling]] = {
    errors.Unauthenticated: Telling(_("Your session has ended"), _("Sign in again; what you typed is kept below.")),
    errors.RoleRequired: Telling(
        _("Not your role"), _("None of your roles may do this. Ask somebody who has the role, or have it given to you.")
    ),
    errors.SecondPersonRequired: Telling(
        _("A second person is needed"),
        _("You are one of the two people already. Somebody else has to do this, or a coordinator breaks the glass."),
    ),
    errors.ForeignForm: Telling(
        _("Sent from elsewhere"),
        _("This form did not come from a page of this service. Open the page and send it there."),
    ),
    errors.NotFound: Telling(_("Not found"), _("There is nothing at this address. Go on from the list of executions.")),
    errors.MethodNotAllowed: Telling(
        _("Not in this way"), _("This address takes no request of that kind. Go on from the list of executions.")
    ),
    errors.MalformedRequest: Telling(
        _("Cannot be read"), _("Something on the way cut or changed what was sent. Open the page again and repeat it.")
    ),
    errors.PositionMoved: Telling(_("Somebody was faster"), _("The execution has moved on. Nothing was recorded.")),
    errors.TransitionRefused: Telling(_("Not possible here"), _("Nothing was recorded.")),
    errors.VersionMismatch: Telling(
        _("What you saw has changed"),
        _("Something this form showed is different now. Nothing was recorded: look again, then decide."),
    ),
    errors.InvalidRequest: Telling(
        _("Not complete yet"), _("Nothing was recorded. Mend what is named, then send again.")
    ),
    errors.IdempotencyKeyReused: Telling(
        _("Sent before"),
        _("This form was recorded already, with another text. Look at the journal; send again if it is something new."),
    ),
    errors.PayloadTooLarge: Telling(
        _("Too large"), _("More than 1 MiB was sent. Attach less, or a link to where the rest is kept.")
    ),
    errors.TooManyRequests: Telling(
        _("Too many attempts"), _("Wait a minute, then try again. A right token works at once.")
    ),
    errors.Unavailable: Telling(
        _("Not available for now"),
        _("The database does not answer: whether this was recorded is not known. Send it again, it takes effect once."),
    ),
}
_OTHER: Final = Telling(_("This did not work"), _("The service met a fault. Send it again: it takes effect once."))

#: What is said of a field, by what the check of forms says in English; `…` stands for what is kept.
_FIELD: Final = (
    (r"is required.*", _("Needed here.")),
    (r"this action needs a comment.*", _("Needed here: say how you know.")),
    (r"is blank.*|should not be empty", _("Needed, or leave it out.")),
    (r"is longer than (?P<limit>\d+) characters.*", _("Longer than %(limit)s characters; shorten it.")),
    (r"is larger than (?P<limit>\d+) KiB.*", _("Larger than %(limit)s KiB; attach the part that shows it, or a link.")),
    (r"holds U\+(?P<code>\w+).*", _("Holds a character that cannot be seen (U+%(code)s); remove it.")),
    (r"begins or ends with a space.*", _("Begins or ends with a space; remove it.")),
    (r"is in the future.*", _("Lies in the future. Leave it out for what is done now.")),
    (r"is before the outage began \((?P<since>.+)\)", _("Lies before the outage began (%(since)s).")),
    (r"is not a time.*|should be a time.*|is a text such as.*", _("Is not a time.")),
    (r"no such symptom.*", _("Choose a symptom of the list, or none and describe it.")),
    (r"no such position.*|no such action.*", _("There is no such action.")),
    (r"no such line; the journal has (?P<last>\d+)", _("There is no such line; the journal has %(last)s.")),
    (r"no operator has that id.*", _("There is no such person.")),
    (r"no workload of this execution.*", _("There is no such workload here.")),
    (r"should match .*", _("Is not of the form it has to have.")),
    (r"has (?P<found>\d+) entries, at most (?P<most>\d+).*", _("%(found)s are too many; %(most)s at most.")),
    (r"should be a whole number.*|should be \d+ or (?:more|less)", _("Is not a number that fits here.")),
    (r"tick at least one", _("Tick at least one workload.")),
    (r"type the title", _("Type the title exactly as it stands above.")),
    (r"cannot be read as text", _("Cannot be read as text. Attach output as text, or a link.")),
    (r"is the same name as .*", _("Named twice, ignoring case.")),
    (r"one of (?P<known>.+)", _("One of %(known)s.")),
    (r"name one workload at least.*", _("Name at least one workload, each on a line of its own.")),
    (r"is the name the site picture has.*", _("This name stands for the VMM server itself.")),
    (r"no protected set has.*", _("There is no such protected set.")),
    (r"the set (?P<set>.+) is of (?P<runbook>\S+);.*", _("The set %(set)s is of another runbook (%(runbook)s).")),
    (r"no such parameter.*", _("There is no such parameter.")),
)


def title(refusal: errors.Refusal, speech: Speech) -> str:
    """Give the title of a refusal."""
    return speech.say(TELLINGS.get(type(refusal), _OTHER).title)


def sentences(refusal: errors.Refusal, speech: Speech) -> list[str]:
    """Give what a page says of a refusal; the first sentence is about what happened."""
    said = speech.say(TELLINGS.get(type(refusal), _OTHER).sentence)
    winner = refusal.members.get("moved_by")
    if winner is not None:
        return [who_was_faster(winner, speech), said]
    reasons: list[str] = refusal.members.get("reasons", [])
    return [*reasons, said] if reasons else [said]


def who_was_faster(winner: Mapping[str, object], speech: Speech) -> str:
    """Name the event that won, and who posted it (`moved_by` of the refusal)."""
    actor = winner["actor"]
    name = actor["name"] if isinstance(actor, dict) else ""
    return speech.say(
        "%(who)s %(did)s at %(time)s UTC (line %(number)s) while you were reading.",
        who=name,
        did=words.in_language(speech.language)["did"][str(winner["type"])],
        time=times.clock(str(winner["at"])),
        number=winner["number"],
    )


def faults(refusal: errors.Refusal, speech: Speech) -> dict[str, str]:
    """Give what is wrong with each field, by its pointer; nothing where the refusal is about no field."""
    if not isinstance(refusal, errors.InvalidRequest):
        return {}
    return {fault.pointer: _of_field(fault.message, speech) for fault in refusal.faults}


def _of_field(message: str, speech: Speech) -> str:
    for pattern, text in _FIELD:
        found = re.fullmatch(pattern, message, re.DOTALL)
        if found is not None:
            return speech.say(text, **found.groupdict())
    return message


def keeps_form(refusal: errors.Refusal) -> bool:
    """Say whether the form that was refused may be mended and sent again; else the position it spoke of is gone."""
    return not isinstance(refusal, (errors.PositionMoved, errors.VersionMismatch))

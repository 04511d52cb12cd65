"""The words for events: which command posts which type with which members. One row more is one command more.

It says how an event is spoken, never whether it is allowed: that is read from the execution's document.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from app.cli.client.options import Option, argument, option


class At(Enum):
    """How an event is tied to what the person saw."""

    SHOWN = "position and attempt, as shown"
    POSITION = "the position, as shown"
    NOWHERE = "it is right wherever the execution stands"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One command: the event type that it posts, how it is tied to the position, and what can be said with it.

    With `deliberate` the person types the execution's title before it is posted.
    """

    name: str
    type: str
    help: str
    at: At = At.SHOWN
    members: Sequence[Option] = ()
    deliberate: bool = False


WORKLOADS: Final = option(
    "workloads",
    list[str],
    "--workload",
    "-w",
    said="A workload; may be given several times.",
    metavar="NAME",
    default=(),
)
ITEM: Final = option("action", str | None, "--action", said="The item of a checklist, or an earlier action.")
BREAK_GLASS: Final = option(
    "break_glass",
    bool,
    "--break-glass",
    said="As coordinator, without the second person; needs --comment.",
    default=False,
)
POINT: Final = (
    option("point_label", str | None, "--recovery-point", said="The recovery point's name.", metavar="LABEL"),
    option(
        "point_time",
        str | None,
        "--recovery-time",
        said="Its time, such as 2026-11-23T02:00:00+01:00; without an offset it is local time.",
        metavar="TIME",
    ),
)
#: What every event may carry.
COMMON: Final = (
    option("comment", str | None, "--comment", "-m", said="Comment, or the reason."),
    option("performed_at", str | None, "--performed-at", said="When it was really done.", metavar="TIME"),
    option("performed_by", str | None, "--performed-by", said="Who really did it.", metavar="NAME"),
    option(
        "evidence",
        list[str],
        "--evidence",
        said="Attach a file as output; - is stdin. May be repeated.",
        metavar="FILE",
        default=(),
    ),
    option("links", list[str], "--link", said="Attach a link. May be repeated.", metavar="URL", default=()),
)
#: How it is posted.
MANNER: Final = (
    option("yes", bool, "--yes", "-y", said="Post without asking.", default=False),
    option("key", str | None, "--idempotency-key", said="To ask for a lost answer again.", metavar="KEY"),
)
PLACE: Final = option(
    "at", str | None, "--at", said="The position you speak of; else the one that is shown.", metavar="POSITION"
)
ATTEMPT: Final = option("attempt", int | None, "--attempt", said="The attempt you speak of, with --at.", metavar="N")

WORDS: Final[tuple[Word, ...]] = (
    Word(
        name="confirm",
        type="confirm",
        help="Say that the current action is carried out, attested or checked.",
        members=(
            WORKLOADS,
            option("already_done", bool, "--already-done", said="Found done, or accepted as it is.", default=False),
            option(
                "evidence_waived",
                bool,
                "--waive-evidence",
                said="As coordinator, without the evidence that is required; needs --comment.",
                default=False,
            ),
            ITEM,
            *POINT,
        ),
    ),
    Word(
        name="fail",
        type="report_failure",
        help="Report that it did not work, for the action or for some workloads.",
        members=(
            option("symptom", str | None, "--symptom", "-s", said="As the table numbers it: F03."),
            WORKLOADS,
            ITEM,
        ),
    ),
    Word(
        name="retry",
        type="retry",
        help="Try again; take a waived workload or a mis-click back.",
        members=(WORKLOADS, ITEM),
    ),
    Word(
        name="choose-recovery-point",
        type="choose_recovery_point",
        help="Fail over to another point in time.",
        members=(*POINT, WORKLOADS),
    ),
    Word(
        name="undo",
        type="undo",
        help="Say that an action was cancelled in the real system.",
        members=(argument("action", str, "ACTION"), WORKLOADS),
    ),
    Word(
        name="authorize",
        type="authorize",
        help="Say the second person's yes before something irreversible.",
        members=(WORKLOADS, BREAK_GLASS),
    ),
    Word(
        name="waive",
        type="waive",
        help="Go on without an action, or without some workloads.",
        members=(WORKLOADS, ITEM),
    ),
    Word(
        name="change-profile",
        type="change_profile",
        help="Carry the rest out by other commands.",
        members=(argument("command_profile", str, "PROFILE"),),
    ),
    Word(
        name="sign-off",
        type="sign_off",
        help="End the step, or with --reject send it back.",
        members=(
            option("reject", bool, "--reject", said="Send the step back; needs --comment.", default=False),
            option(
                "drill_outcome",
                str | None,
                "--drill-outcome",
                said="At a drill's last sign-off: passed or failed.",
                metavar="OUTCOME",
            ),
            option("to", str | None, "--to", said="With --reject: the action to go back to.", metavar="ACTION"),
            BREAK_GLASS,
        ),
    ),
    Word(name="hold", type="hold", help="Stop: nothing goes on until resumed.", at=At.NOWHERE),
    Word(name="resume", type="resume", help="Go on after a hold.", at=At.NOWHERE),
    Word(name="abort", type="abort", help="End the execution where it stands.", at=At.POSITION, deliberate=True),
    Word(
        name="primary-lost",
        type="primary_lost",
        help="Second disaster: the primary is lost again.",
        at=At.POSITION,
        deliberate=True,
    ),
    Word(
        name="secondary-lost",
        type="secondary_lost",
        help="Second disaster: the secondary is lost.",
        at=At.POSITION,
        deliberate=True,
    ),
    Word(
        name="hand-over",
        type="hand_over",
        help="Put another coordinator in charge.",
        at=At.NOWHERE,
        members=(argument("to", str, "OPERATOR", said="A name, an id, or me."),),
    ),
    Word(
        name="note",
        type="note",
        help="Say something for the record.",
        at=At.NOWHERE,
        members=(argument("text", str | None, "TEXT", default=None),),
    ),
    Word(
        name="correct",
        type="correct",
        help="Say that an earlier line is wrong, and what is right.",
        at=At.NOWHERE,
        members=(
            argument("corrects", int, "NUMBER", said="The line's number."),
            argument("text", str | None, "TEXT", said="What is right.", default=None),
        ),
    ),
)
BY_TYPE: Final[Mapping[str, Word]] = {word.type: word for word in WORDS}

#: How what an event needs is said on the command line.
FLAGS: Final[Mapping[str, str]] = {
    "comment": "-m REASON",
    "workloads": "-w NAME",
    "recovery_point": "--recovery-point LABEL --recovery-time TIME",
    "outcome": "--already-done",
    "command_profile": "PROFILE",
    "corrects": "NUMBER",
    "to": "OPERATOR",
    "break_glass": "--break-glass",
    "evidence_waived": "--waive-evidence",
    "action": "--action ACTION",
    "decision": "",
    "drill_outcome": "--drill-outcome passed|failed",
}


def typed(type: str, needs: Sequence[str]) -> str:
    """Give what to type for an event of the type with those members; empty where this release knows no command."""
    word = BY_TYPE.get(type)
    if word is None:
        return ""
    arguments = {one.name for one in word.members if one.default is ...}
    flags = ["ACTION" if name == "action" and name in arguments else FLAGS.get(name, name) for name in needs]
    return " ".join(filter(None, ["failback", word.name, *flags]))

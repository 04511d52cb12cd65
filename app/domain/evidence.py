"""Evidence checked: an attached output against what the action at hand expects it to show.

The verdict is met, not met (with field, expected, found) or not recognised (with why). What decides are modes and
states, and of Azure Site Recovery activeLocation and allowedOperations; health never does. A verdict is only ever met
because every object about a subject shows what is expected of it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from app.domain.outputs import COMMANDS, Said, Unread, fields_of, objects, oddity, shortened
from app.domain.parts import Expectation
from app.domain.vocabulary import Output, Verdict

MAX_FINDINGS: Final = 20  # of one output, but one of each subject that falls short
WRONG_SUBJECT: Final = "name"  # the field of a finding that an output is about others alone
_UNHEALTHY: Final = frozenset({"Warning", "Critical"})
#: Descriptions under which a job that succeeded has not done all of it.
_PARTLY: Final = frozenset({"partiallysucceeded", "completedwithinformation"})

Check = dict[str, Any]


class Expected(NamedTuple):
    """One thing that an output has to show: its place among the action's expectations, and whom it is about.

    `host` is that of the site it is expected of and `elsewhere` that of the other one, where they are known.
    """

    place: int
    expectation: Expectation
    subject: str
    host: str | None = None
    elsewhere: str | None = None


Shortcoming = tuple[str, str, str]  # field, expected, found


def check_output(text: str, expected: Sequence[Expected]) -> Check:
    """Check an attached output; never raises.

    Takes the text as it came and what is expected of it. Gives `verdict`, `met` (which expectations it shows, of
    whom), `findings` (about, field, expected, found), `warnings`, and `why` where it was not recognised. Outputs
    need not say which host printed them, so that of several expectations about one subject an object has to show one;
    one that names the other site's host does not show what is expected of this one.
    """
    try:
        found = objects(text)
    except Unread as fault:
        return _unrecognised(str(fault), expected)
    met: set[int] = set()
    findings: list[dict[str, str]] = []
    warnings: list[str] = []
    odd: list[str] = []
    others: dict[str, None] = {}
    about: set[int] = set()  # the objects that were read as being about a subject …
    blurred: dict[int, str] = {}  # … and those that name one, of which nothing further can be read
    for output, subjects in _subjects(expected).items():
        for number, one in enumerate(found):
            said = fields_of(output, one)
            name = said.get("name")
            strange = oddity(output, one, said)
            subject, places = subjects.get(name.casefold() if isinstance(name, str) else "", ("", ()))
            if strange is not None or not isinstance(name, str):
                odd.append(strange or "It does not say what it is about.")
                if places:
                    blurred.setdefault(number, odd[-1])
            elif not places:
                others[name] = None
            else:
                about.add(number)
                short = {place: list(_shortcomings(expected[place], said)) for place in places}
                met |= {place for place, lacks in short.items() if not lacks}
                if all(short.values()):
                    findings += [_finding(subject, *lack) for lack in min(short.values(), key=len)]
                warnings += _doubts(subject, said)
    unread = next((why for number, why in blurred.items() if number not in about), None)
    if unread is not None and not findings:
        return _unrecognised(unread, expected)
    if about:
        verdict = Verdict.NOT_MET if findings else Verdict.MET
        return _check(
            verdict,
            met=[expected[place] for place in sorted(met)],
            findings=_enough(findings),
            warnings=_once(warnings),
        )
    if others and not odd:
        wanted = ", ".join(_once(one.subject for one in expected))
        found_names = shortened(", ".join(others))
        return _check(Verdict.NOT_MET, findings=[_finding(wanted, WRONG_SUBJECT, wanted, found_names)])
    return _unrecognised((*odd, "It holds no object.")[0], expected)


def _subjects(expected: Sequence[Expected]) -> dict[Output, dict[str, tuple[str, list[int]]]]:
    """Give, by output and by the subject's folded name, the subject and the places of what is expected of it.

    An output of hundreds of VMs is about hundreds of workloads: each object is read once, and its subject looked up.
    """
    found: dict[Output, dict[str, tuple[str, list[int]]]] = {}
    for place, one in enumerate(expected):
        of_output = found.setdefault(one.expectation.output, {})
        of_output.setdefault(one.subject.casefold(), (one.subject, []))[1].append(place)
    return found


def _shortcomings(expected: Expected, said: Said) -> Iterator[Shortcoming]:
    """Give where an object falls short of one expectation."""
    wanted = expected.expectation
    host = said.get("host")
    if expected.host and expected.elsewhere and isinstance(host, str):
        own, other, found = (_short_name(one) for one in (expected.host, expected.elsewhere, host))
        if found == other != own:  # a third host is another node of either site's cluster, for all that is known
            yield "host", shortened(expected.host), shortened(host)
    one_of = {"mode": wanted.mode, "state": wanted.state, "active_location": wanted.active_location}
    for field, words in one_of.items():
        value = said.get(field)
        if words and value not in words:
            yield field, " or ".join(words), shortened(str(value or "nothing"))
    operations = {one.casefold() for one in said.get("allowed_operations", ())}
    listed = shortened(", ".join(said.get("allowed_operations", ())) or "nothing")
    if any(one.casefold() not in operations for one in wanted.allows):
        yield "allowed_operations", ", ".join(wanted.allows), listed
    if wanted.not_allows and (not operations or any(one.casefold() in operations for one in wanted.not_allows)):
        yield "allowed_operations", f"not {', '.join(wanted.not_allows)}", listed
    description = said.get("description")
    if isinstance(description, str) and description.casefold() in _PARTLY:
        yield "description", "all of it done", shortened(description)


def _short_name(host: str) -> str:
    """Give a host's name without its domain, which commands print or leave out."""
    return host.casefold().partition(".")[0]


def _doubts(subject: str, said: Said) -> Iterator[str]:
    """Give what does not decide, yet should be looked at."""
    if said.get("health") in _UNHEALTHY:
        yield f"{subject}: health {said['health']}; it does not decide."
    if said.get("state") == "Suspended":
        yield f"{subject}: Suspended is not done, it waits to be resumed."


def _finding(about: str, field: str, expected: str, found: str) -> dict[str, str]:
    return {"about": about, "field": field, "expected": expected, "found": found}


def _enough(findings: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """Give the first of each subject whatever their number, and of the rest enough to mend it."""
    kept: list[dict[str, str]] = []
    told: set[str] = set()
    for one in findings:
        if one["about"] not in told or len(kept) < MAX_FINDINGS:
            kept.append(one)
            told.add(one["about"])
    return kept


def _once(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))


def _unrecognised(why: str, expected: Sequence[Expected]) -> Check:
    commands = _once(COMMANDS[one.expectation.output] for one in expected)
    return _check(Verdict.NOT_RECOGNISED, why=f"{why} Attach what this prints: {' or '.join(commands)}")


def _check(
    verdict: Verdict,
    *,
    met: Iterable[Expected] = (),
    findings: Sequence[Mapping[str, str]] = (),
    warnings: Iterable[str] = (),
    why: str | None = None,
) -> Check:
    return {
        "verdict": verdict.value,
        "met": [{"expectation": one.place, "about": one.subject} for one in met],
        "findings": [dict(one) for one in findings],
        "warnings": list(warnings),
        "why": why,
    }

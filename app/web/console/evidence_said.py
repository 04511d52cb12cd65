"""What a check of evidence says, in the reader's language: checks are written in English, for lines and the API."""

import re
from collections.abc import Mapping
from typing import Any, Final

from app.web.console.speech import Speech
from app.web.console.speech import marked as _

#: What a check says, and the sentence of the page for it; what is named is kept.
_SAID: Final = (
    (r"It is empty: the command printed nothing\.", _("It is empty: the command printed nothing.")),
    (r"It is HTML or XML, not JSON\.", _("It is HTML or XML, not JSON.")),
    (r"It is not JSON but text, such as a table\.", _("It is not JSON but text, such as a table.")),
    (r"Its JSON holds no objects\.|It holds no object\.", _("Its JSON holds no objects.")),
    (r"It does not say what it is about\.", _("It does not say what it is about.")),
    (r"It does not say (?P<fields>.+)\.", _("It does not say %(fields)s.")),
    (r"It comes from WMI, .+", _("It comes from WMI, whose numbers mean other states.")),
    (r"It is the state of a replication, .+", _("It is the state of a replication, not of a VM.")),
    (r"Its (?P<field>\S+) was cut off: .+", _("Its %(field)s was cut off: ask for more with -Depth 4.")),
    (r"(?P<field>\S+) (?P<value>.+) is not known here\.", _("%(field)s %(value)s is not known here.")),
    (r"(?P<about>.+): health (?P<health>\S+); .+", _("%(about)s: health %(health)s; it does not decide.")),
    (r"(?P<about>.+): Suspended is not done, .+", _("%(about)s: Suspended is not done, it waits to be resumed.")),
)
_ATTACH: Final = re.compile(r"(?P<why>.+) Attach what this prints: (?P<commands>.+)", re.DOTALL)


def in_words(check: Mapping[str, Any] | None, speech: Speech) -> dict[str, Any] | None:
    """Give a check of evidence with its sentences in the reader's language; what is not known here stays English."""
    if check is None:
        return None
    why, told = check["why"], _ATTACH.fullmatch(check["why"] or "")
    if told is not None:
        attach = speech.say("Attach what this prints: %(commands)s", **told.groupdict())
        why = f"{_say(told['why'], speech)} {attach}"
    elif why:
        why = _say(why, speech)
    return {**check, "why": why, "warnings": [_say(one, speech) for one in check["warnings"]]}


def _say(said: str, speech: Speech) -> str:
    for pattern, text in _SAID:
        found = re.fullmatch(pattern, said, re.DOTALL)
        if found is not None:
            return speech.say(text, **found.groupdict())
    return said

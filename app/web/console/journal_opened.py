"""Journal lines opened: the sentence, and everything else that a line keeps; late entries and corrections marked."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from app.domain.runbook import Runbook
from app.web.console import evidence_said, journal_said, times
from app.web.console.speech import Speech

LATE: Final = 5 * 60  # seconds between doing and entering from which a line is said to be entered late
#: Of attached output a list shows so many characters; the line's own page shows it whole.
SHOWN: Final = 2_000
_LINKS: Final = ("https://", "http://")


def opened(
    line: Mapping[str, Any],
    runbook: Runbook,
    speech: Speech,
    corrected: Mapping[int, Sequence[int]],
    *,
    whole: bool,
) -> dict[str, Any]:
    """Give a line with all that it keeps; `corrected` names, by number, the lines that correct it."""
    behind = times.seconds_between(line["performed_at"], line["recorded_at"]) if line["performed_at"] else 0
    return {
        **journal_said.said(line, runbook, speech),
        "role": line["actor"]["role"],
        "all_workloads": line["workloads"],
        "from": line["position_before"],
        "to": line["position_after"],
        "status": line["status_after"],
        "attempt": line["attempt"],
        "late": behind if behind > LATE else None,
        "corrected_by": corrected.get(line["number"], []),
        "attached": [_attached(one, speech, whole=whole) for one in line["evidence"]],
        "id": line["id"],
        "hash": line["hash"],
        "previous_hash": line["previous_hash"],
        "runbook_digest": line["runbook_digest"],
        "request_key_digest": line["request_key_digest"],
        "data": json.dumps(line["data"], ensure_ascii=False, indent=2) if line["data"] else None,
    }


def _attached(evidence: Mapping[str, Any], speech: Speech, *, whole: bool) -> dict[str, Any]:
    content, href = evidence.get("content"), evidence.get("href")
    return {
        "kind": evidence["kind"],
        "name": evidence["name"],
        "media_type": evidence["media_type"],
        "digest": evidence["digest"],
        "content": content if content is None or whole else content[:SHOWN],
        "cut": content is not None and not whole and len(content) > SHOWN,
        "size": None if content is None else len(content),
        "href": href,
        "is_link": href is not None and href.lower().startswith(_LINKS),
        "check": evidence_said.in_words(evidence["check"], speech),
    }

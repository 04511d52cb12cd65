"""How documents name a person, and a reason."""

from typing import Any

from app.domain.facts import Person
from app.domain.not_ready import Reason


def person(one: Person) -> dict[str, str]:
    """Give an operator as documents name one."""
    return {"id": one.id, "name": one.name}


def reason_document(reason: Reason, language: str) -> dict[str, Any]:
    """Give a reason as clients read it."""
    return {
        "reason": reason.code,
        "about": reason.about,
        "since": reason.since,
        "execution": reason.execution,
        "text": reason.in_language(language),
    }

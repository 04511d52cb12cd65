"""A definition that is too large is refused before anything is built of it."""

from typing import Any

import pytest

from app.domain.validity_size import MOST_ACTIONS, MOST_PROFILES, MOST_STEPS
from app.runbooks import RunbookFault, accept_content


def definition(*, steps: int, actions: int, profiles: int) -> dict[str, Any]:
    """Give a checklist with so many steps, actions in each, and profiles."""
    text = {"en": "x", "fr": "x"}
    action = {"kind": "check", "origin": "addition", "title": text, "instruction": text}
    return {
        "id": "large",
        "version": "1",
        "kind": "checklist",
        "title": text,
        "parameters": [],
        "command_profiles": [{"id": f"p{number}", "title": text} for number in range(profiles)],
        "steps": [
            {
                "id": f"s{number}",
                "title": text,
                "expected_minutes": 1,
                "sign_off": {"approve": text, "reject": text},
                "actions": [{**action, "id": f"a{place}"} for place in range(actions)],
            }
            for number in range(steps)
        ],
    }


@pytest.mark.parametrize(("size", "path"), [
    ({"steps": MOST_STEPS + 1, "actions": 1, "profiles": 1}, "steps"),
    ({"steps": 4, "actions": MOST_ACTIONS // 4 + 1, "profiles": 1}, "steps"),
    ({"steps": 1, "actions": 1, "profiles": MOST_PROFILES + 1}, "command_profiles"),
])  # fmt: skip
def test_what_is_too_large(size: dict[str, int], path: str) -> None:
    with pytest.raises(RunbookFault) as raised:
        accept_content({**definition(**size), "version": "not looked at"})
    (fault,) = raised.value.faults
    assert fault.where == (path,)
    assert "at most" in fault.message


def test_the_largest_is_taken() -> None:
    size = {"steps": MOST_STEPS, "actions": MOST_ACTIONS // MOST_STEPS, "profiles": MOST_PROFILES}
    assert len(accept_content(definition(**size)).actions) == MOST_ACTIONS

"""A refusal of the service as a person reads it: what, why with every reason, who was faster, and the way out."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from app.cli.client.codes import code_of
from app.cli.client.shown import clean, when
from app.cli.said import Stop

#: What to type next, by the kind of problem.
WAYS_OUT: Final[Mapping[str, str]] = {
    "unauthenticated": "Log in with a valid token: failback login. An administrator makes one: token create.",
    "role-required": "Ask somebody who has the role, or speak with a token that has it: --context NAME.",
    "second-person-required": "Ask somebody else. In need a coordinator adds --break-glass and a --comment.",
    "not-found": "See what there is: failback executions list, failback runbooks.",
    "position-moved": "Look where it stands now, then decide anew: failback next",
    "version-mismatch": "Look where it stands now, then decide anew: failback next",
    "transition-refused": "What can be done now, and why not more: failback next",
    "invalid-request": "Mend the members named; --help says what the command takes.",
    "idempotency-key-reused": "That key belongs to another request. Leave --idempotency-key out for a new one.",
    "too-many-requests": "Wait, then try again.",
    "unavailable": "Try again in a moment. Nothing is lost.",
}


class Refused(Stop):
    """The service said no; `problem` is its document."""

    key: str | None = None  # with which the same can be asked again, where what became of it is not known

    def __init__(self, problem: Mapping[str, Any], *, url: str) -> None:
        """Take the problem document and the base URL that gave it."""
        self.problem = problem
        self.status = int(problem.get("status", 0))
        self.slug = str(problem.get("type", "")).rpartition("/")[2]
        self.in_flight = self.slug == "in-flight"
        self.retry_after = float(problem.get("retry_after") or 0)
        super().__init__("\n".join(clean(line) for line in _told(problem, self.slug, url)), code=code_of(self.status))

    @property
    def as_json(self) -> str:
        """The problem document in one line."""
        return json.dumps(self.problem, ensure_ascii=False)


def _told(problem: Mapping[str, Any], slug: str, url: str) -> Iterator[str]:
    yield f"Refused: {problem.get('title', '')} ({problem.get('status')} {slug})"
    detail = str(problem.get("detail", ""))
    errors = problem.get("errors") or []
    if detail and not errors:
        yield f"  {detail}"
    for fault in errors:
        yield f"  {fault['pointer'] or 'the whole'}: {fault['message']}"
    winner = problem.get("moved_by")
    if winner:
        yield f"  {_name(winner['actor'])} was faster: event {winner['number']}, {winner['type']}, {when(winner['at'])}"
    for reason in problem.get("reasons") or []:
        if reason != detail:
            yield f"  - {reason}"
    if "position" in problem:
        yield f"  It stands at {problem['position']}, version {problem.get('version')}."
    offers = problem.get("allowed") or []
    if offers:
        yield "  Possible here: " + ", ".join(f"{one['type']} ({one['role']})" for one in offers)
    yield f"  Way out: {WAYS_OUT.get(slug, 'what this means:')} {url}/problems/{slug}"


def _name(actor: Any) -> str:
    return str(actor["name"]) if isinstance(actor, dict) else str(actor)

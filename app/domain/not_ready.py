"""Why a protected set is not ready: what each reason makes of it, and its sentence in both languages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any

from app.domain.texts import Text


class State(StrEnum):
    """How ready a protected set is; the worst of its reasons decides."""

    READY = "ready"  # every checklist holds, and the last drill does
    STALE = "stale"  # something held once and does not any more: too old, or changed since
    NOT_READY = "not_ready"  # something was never done, or failed


class NotReady(Enum):
    """The reasons: what each makes of the set, and its sentence; `{names}` is filled with what it is about."""

    RUNBOOK_GONE = (
        State.NOT_READY,
        Text(
            "The runbook {names} is not among the current ones; revise the set.",
            "Le runbook {names} ne fait plus partie des runbooks actuels ; réviser l'ensemble.",
        ),
    )
    SET_INCOMPLETE = (
        State.NOT_READY,
        Text(
            "The current version of the runbook refuses what the set gives, at {names}; revise the set.",
            "La version actuelle du runbook refuse ce que l'ensemble donne, à {names} ; réviser l'ensemble.",
        ),
    )
    CHECKLIST_GONE = (
        State.NOT_READY,
        Text(
            "The checklist {names} is not among the current ones; revise the set.",
            "La liste de contrôle {names} ne fait plus partie des listes actuelles ; réviser l'ensemble.",
        ),
    )
    CHECKLIST_MISSING = (
        State.NOT_READY,
        Text(
            "The checklist {names} was never completed for this set.",
            "La liste de contrôle {names} n'a jamais été terminée pour cet ensemble.",
        ),
    )
    CHECKLIST_EXPIRED = (
        State.STALE,
        Text(
            "The checklist {names} was completed for this set, but too long ago.",
            "La liste de contrôle {names} a été terminée pour cet ensemble, mais il y a trop longtemps.",
        ),
    )
    CHECKLIST_CHANGED = (
        State.STALE,
        Text(
            "The content of the checklist {names} has changed since it was completed for this set.",
            "Le contenu de la liste de contrôle {names} a changé depuis qu'elle a été terminée pour cet ensemble.",
        ),
    )
    CHECKLIST_OF_OTHERS = (
        State.STALE,
        Text(
            "The checklist {names} was completed with other parameters than the set has now.",
            "La liste de contrôle {names} a été terminée avec d'autres paramètres que ceux de l'ensemble.",
        ),
    )
    DRILL_MISSING = (
        State.NOT_READY,
        Text("No drill of this set has ended yet.", "Aucun exercice de cet ensemble n'est encore terminé."),
    )
    DRILL_FAILED = (
        State.NOT_READY,
        Text("The last drill of this set failed.", "Le dernier exercice de cet ensemble a échoué."),
    )
    DRILL_OVERDUE = (
        State.STALE,
        Text(
            "The last drill of this set lies longer ago than its drill period.",
            "Le dernier exercice de cet ensemble date de plus longtemps que sa périodicité.",
        ),
    )
    RUNBOOK_CHANGED = (
        State.STALE,
        Text(
            "The content of the runbook has changed since the last drill of this set.",
            "Le contenu du runbook a changé depuis le dernier exercice de cet ensemble.",
        ),
    )
    SET_CHANGED = (
        State.STALE,
        Text(
            "The last drill ran with other parameters or workloads than the set has now.",
            "Le dernier exercice a porté sur d'autres paramètres ou charges de travail que ceux de l'ensemble.",
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason; `about` fills its sentence, `since` (UTC RFC 3339) is given where the moment is known."""

    why: NotReady
    about: str | None = None
    since: str | None = None
    execution: str | None = None

    @property
    def code(self) -> str:
        """Give the reason's word for programs."""
        return self.why.name.lower()

    def in_language(self, language: str) -> str:
        """Give the sentence in `language` (`en` or `fr`)."""
        return self.why.value[1].in_language(language).replace("{names}", self.about or "")

    def in_line(self) -> dict[str, str]:
        """Give it as a declaration's line keeps it: with its English sentence, without what it has not."""
        members = {"about": self.about, "since": self.since, "execution": self.execution}
        known = {name: value for name, value in members.items() if value is not None}
        return {"reason": self.code, **known, "text": self.in_language("en")}


_MEMBERS = frozenset({"reason", "about", "since", "execution", "text"})


def from_line(kept: Mapping[str, Any]) -> Reason:
    """Read what `in_line` gave, of an earlier release too: its word says what it is, whatever its sentence was then.

    Raises ValueError for anything else; so no reason is ever taken away from the table.
    """
    why = next((one for one in NotReady if one.name.lower() == kept.get("reason")), None)
    if why is None or not _MEMBERS.issuperset(kept) or not all(isinstance(one, str) for one in kept.values()):
        raise ValueError("no reason that readiness gives")
    return Reason(why=why, **{name: kept.get(name) for name in ("about", "since", "execution")})


def worst(reasons: Iterable[Reason]) -> State:
    """Give the state that these reasons make; ready where there are none."""
    states = {one.why.value[0] for one in reasons}
    return next((one for one in (State.NOT_READY, State.STALE) if one in states), State.READY)

"""A definition as text for people: coloured and broken at the edge in a terminal, plain anywhere else."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from app.cli.client.shown import put, verbatim

if TYPE_CHECKING:
    from app.domain.parts import Expectation
    from app.domain.runbook import Action, Command, Runbook, Step, Text

#: What a page says besides the definition's own texts.
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "colon": ":",
        "parameters": "Parameters", "required": "required", "such_as": "such as", "profiles": "Command profiles",
        "minutes": "min", "any": "in any order", "irreversible": "irreversible", "per_workload": "per workload",
        "optional": "optional", "not_waivable": "cannot be waived", "addition": "addition", "seed": "source",
        "consequence": "Final", "expected": "Expected", "shown": "Output",
        "undo": "Undo, back to", "until": "until", "on": "on",
        "set": "if {} is given", "not_set": "if {} is not given", "verify": "only looks", "sign_off": "Sign-off",
        "primary": "If the primary site is lost again", "anywhere": "anywhere", "since": "since", "seen": "May be seen",
        "secondary": "If the secondary site is lost", "symptoms": "What may be seen, and what to do",
        "errata": "Errata", "source_says": "The source says", "we_say": "Here", "sources": "Sources",
    },
    "fr": {
        "colon": " :",
        "parameters": "Paramètres", "required": "obligatoire", "such_as": "par exemple",
        "profiles": "Profils de commandes", "minutes": "min", "any": "dans n'importe quel ordre",
        "irreversible": "irréversible", "per_workload": "par charge", "optional": "facultatif",
        "not_waivable": "ne peut être écarté", "addition": "ajout", "seed": "source", "consequence": "Définitif",
        "expected": "Attendu", "shown": "Sortie", "undo": "Annuler, retour à", "until": "jusqu'à", "on": "sur",
        "set": "si {} est donné", "not_set": "si {} n'est pas donné", "verify": "regarde seulement",
        "sign_off": "Validation", "primary": "Si le site principal est de nouveau perdu", "anywhere": "partout",
        "since": "depuis", "seen": "Peut se voir", "secondary": "Si le site secondaire est perdu",
        "symptoms": "Ce qui peut se voir, et que faire", "errata": "Errata", "source_says": "La source dit",
        "we_say": "Ici", "sources": "Sources",
    },
}  # fmt: skip
_INDENT: Final = 6


def _expected(one: "Expectation") -> Iterator[str]:
    """Give what an output has to show: which, about whom, and the words of each field."""
    yield " ".join(word for word in (one.output, one.subject or one.named, one.site) if word)
    yield from one.profiles
    for name in ("mode", "state", "active_location", "allows", "not_allows"):
        if words := getattr(one, name):
            yield f"{name} {', '.join(words)}"


class Page:
    """One runbook said in one language, with what one command profile has, or (None) all of them."""

    def __init__(self, runbook: "Runbook", *, language: str, profile: str | None) -> None:
        """Take the course to say."""
        self._runbook = runbook
        self._language = language
        self._words = _WORDS[language]
        self._shown = (profile,) if profile is not None else runbook.profile_ids

    def say(self) -> None:
        """Say all of it on stdout."""
        runbook = self._runbook
        put(self._text(runbook.title), style="bold")
        put(f"{runbook.id} {runbook.version} · {runbook.kind.value} · {runbook.mode}")
        put(runbook.digest)
        self._heading("parameters", runbook.parameters)
        for one in runbook.parameters:
            said = [self._words["required"]] if one.required else []
            put(f"{one.name} ({', '.join([*said, self._words['such_as'] + ' ' + one.example])})", indent=2)
            put(self._text(one.description), indent=4)
        self._heading("profiles", runbook.command_profiles)
        for one_profile in runbook.command_profiles:
            put(f"{one_profile.id}: {self._text(one_profile.title)}", indent=2)
            if one_profile.note is not None:
                put(self._text(one_profile.note), indent=4)
        for number, step in enumerate(runbook.steps, 1):
            self._step(number, step)
        self._losses()
        self._rest()

    def _step(self, number: int, step: "Step") -> None:
        from app.domain.runbook import Order

        put()
        about = [step.id, f"{step.expected_minutes} {self._words['minutes']}"]
        about += [self._words["any"]] if step.order is Order.ANY else []
        put(f"{number}. {self._text(step.title)} ({', '.join(about)})", style="bold")
        for action in step.actions:
            if any(action.in_profile(profile) for profile in self._shown):
                self._action(action)
        put(f"{self._words['sign_off']}{self._words['colon']} {self._text(step.sign_off.approve)}", indent=2)

    def _action(self, action: "Action") -> None:
        put()
        put(self._text(action.title), style="bold", indent=2)
        put(f"{action.id} · {action.kind.value} · {', '.join(self._flags(action))}", indent=2)
        put(self._text(action.instruction), indent=4)
        if action.consequence is not None:
            put(f"{self._words['consequence']}{self._words['colon']} {self._text(action.consequence)}", indent=4)
        self._commands(action.commands)
        if action.expectation is not None:
            put(f"{self._words['expected']}{self._words['colon']} {self._text(action.expectation)}", indent=4)
        for one in action.expects:
            if any(one.in_profile(profile) for profile in self._shown):
                put(f"{self._words['shown']}{self._words['colon']} {' · '.join(_expected(one))}", indent=4)
        if action.undo is not None:
            ends = ", ".join(action.undo.until)
            put(f"{self._words['undo']} {action.undo.to}, {self._words['until']} {ends}", indent=4)
            if action.undo.consequence is not None:
                put(self._text(action.undo.consequence), indent=4)
            self._commands(action.undo.commands)
        if action.symptoms:
            put(f"{self._words['seen']}{self._words['colon']} {', '.join(action.symptoms)}", indent=4)

    def _flags(self, action: "Action") -> Iterator[str]:
        yield self._words[action.origin.value] + (f" {action.source}" if action.source else "")
        for name in ("irreversible", "per_workload", "optional"):
            if getattr(action, name):
                yield self._words[name]
        if not action.waivable:
            yield self._words["not_waivable"]
        yield from action.profiles

    def _commands(self, commands: Sequence["Command"]) -> None:
        for one in commands:
            if one.profiles and not set(one.profiles) & set(self._shown):
                continue
            about = [*one.profiles]
            about += [self._words["set"].format(one.if_set)] if one.if_set else []
            about += [self._words["not_set"].format(one.if_not_set)] if one.if_not_set else []
            about += [self._words["verify"]] if one.verify else []
            put(
                f"{self._words['on']} {one.run_on}"
                + (f" ({', '.join(about)})" if about else "")
                + self._words["colon"],
                indent=4,
            )
            verbatim("\n".join(" " * _INDENT + line for line in one.text.splitlines()))

    def _losses(self) -> None:
        losses = self._runbook.on_loss
        self._heading("primary", losses.primary_lost)
        for rule in losses.primary_lost:
            limits = [(word, at) for word, at in (("since", rule.since), ("until", rule.until)) if at is not None]
            where = [rule.step or self._words["anywhere"], *(f"{self._words[word]} {at}" for word, at in limits)]
            put(", ".join(where) + (f" → {rule.to}" if rule.to is not None else ""), indent=2)
            why = rule.because or rule.refused
            if why is not None:
                put(self._text(why), indent=4)
        if losses.secondary_lost is not None:
            self._heading("secondary", (losses.secondary_lost,))
            put(f"{self._words['since']} {losses.secondary_lost.since} → escalated", indent=2)
            for name in ("running_at_secondary", "running_nowhere", "running_at_primary"):
                put(self._text(getattr(losses.secondary_lost, name)), indent=4)

    def _rest(self) -> None:
        runbook = self._runbook
        self._heading("symptoms", runbook.symptoms)
        for name, row in runbook.symptoms.items():
            put(f"{name}: {self._text(row.symptom)}", indent=2)
            put(f"{self._text(row.advice)} ({', '.join(row.outcomes)})", indent=4)
        self._heading("errata", runbook.errata)
        for one in runbook.errata:
            put(
                f"{one.step}. {self._words['source_says']}{self._words['colon']} {self._text(one.source_says)}",
                indent=2,
            )
            put(
                f"{self._words['we_say']}{self._words['colon']} {self._text(one.we_say)} {self._text(one.why)}",
                indent=4,
            )
        self._heading("sources", runbook.sources)
        for source in runbook.sources:
            put(f"{self._text(source.title)}: {source.reference}", indent=2)

    def _heading(self, word: str, said: object) -> None:
        """Say what follows, if anything does."""
        if said:
            put()
            put(self._words[word], style="bold")

    def _text(self, text: "Text") -> str:
        return text.in_language(self._language)

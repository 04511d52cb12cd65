"""The course that executions of a mode walk: in a drill the drill forms stand in place, live nobody cleans tests up.

Machine, rules, documents and proofs work on a course alone, so that none of them knows what a drill is.
"""

from collections.abc import Iterable
from dataclasses import replace

from app.domain.parts import Action, Step, Undo
from app.domain.texts import DrillForm, DrillUndo, Text
from app.domain.vocabulary import DRILL

#: Goes before the live text of what has no drill form, or what a drill only plays.
REHEARSE = Text(
    "Drill, rehearse only: carry nothing out; say who would do what follows, and how.",
    "Exercice, à répéter seulement : n'exécutez rien ; dites qui ferait ce qui suit, et comment.",
)
PLAYED = Text("Rehearsed only. Live:", "Répété seulement. En réel :")


def walked(steps: Iterable[Step], mode: str) -> tuple[Step, ...]:
    """Give the steps as executions of this mode (`live` or `drill`) have them."""
    if mode == DRILL:
        return tuple(replace(step, actions=tuple(map(_in_a_drill, step.actions))) for step in steps)
    return tuple(
        replace(step, actions=tuple(action for action in step.actions if not action.drill_only)) for step in steps
    )


def preceded(by: Text, text: Text) -> Text:
    """Give a text with another before it."""
    return Text(f"{by.en} {text.en}", f"{by.fr} {text.fr}")


def _in_a_drill(action: Action) -> Action:
    """Give what a drill does there. Flags stay: the second person's yes is rehearsed too."""
    if action.drill_only:
        return action
    form = action.drill or DrillForm(instruction=preceded(REHEARSE, action.instruction))
    return replace(
        action,
        instruction=form.instruction,
        consequence=None if action.consequence is None else preceded(PLAYED, action.consequence),
        commands=form.commands,
        expectation=form.expectation,
        expects=(),  # a test VM has another name and another state
        undo=None if action.undo is None else _undone(action.undo, form.undo or DrillUndo()),
        drill=None,
    )


def _undone(undo: Undo, form: DrillUndo) -> Undo:
    return replace(undo, consequence=form.consequence, commands=form.commands)

"""The current action of an execution, as its document shows it."""

from typing import Literal

from app.web.api.shapes.base import Answer, Named, Time


class FilledCommand(Answer):
    """A command to paste; `verify`: it only looks."""

    workload: str | None
    run_on: str
    shell: str
    text: str
    verify: bool


class UndoNow(Answer):
    """How the action can be cancelled, and until when."""

    to: str
    until: list[str]
    profiles: list[str]
    consequence: str | None
    commands: list[FilledCommand]


class AuthorizedBy(Named):
    """The second person's yes."""

    event: int
    at: Time
    break_glass: bool
    workloads: list[str]


class SymptomNow(Answer):
    """What may be seen to fail, and what the table advises."""

    id: str
    symptom: str
    outcomes: list[str]


class Expects(Answer):
    """What an attached output has to show: of each member one word, of `allows` all, of `not_allows` none."""

    output: Literal["hyper-v-replication", "hyper-v-vm", "service", "asr-protected-item", "asr-job"]
    about: str
    site: Literal["primary", "secondary", "none"] | None
    profiles: list[str]
    mode: list[str]
    state: list[str]
    active_location: list[str]
    allows: list[str]
    not_allows: list[str]


class CurrentAction(Answer):
    """The action to be done now."""

    id: str
    kind: Literal["gate", "task", "check"]
    origin: Literal["seed", "addition"]
    title: str
    instruction: str
    irreversible: bool
    consequence: str | None
    per_workload: bool
    optional: bool
    waivable: bool
    undo: UndoNow | None
    authorized_by: AuthorizedBy | None
    commands: list[FilledCommand]
    expectation: str | None
    expects: list[Expects]
    symptoms: list[SymptomNow]


class CurrentItem(CurrentAction):
    """One item of a step whose actions may be done in any order, and how it stands."""

    status: Literal["open", "done", "already_done", "waived", "failed"]
    attempt: int

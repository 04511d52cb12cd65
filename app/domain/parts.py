"""What a runbook is made of: texts, parameters, commands, actions, steps, losses; immutable records without rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.domain.texts import Closed, Command, DrillForm, Text
from app.domain.vocabulary import Advice, Choice, Kind, Order, Origin, Output, Replication, Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter(Closed):
    """A named value that an execution fills into the commands; `default` stands in where it is not required.

    `required_with` names another parameter and a value: with that value, this parameter has to be given.
    """

    name: str
    description: Text
    example: str
    required: bool = False
    default: str | None = None
    choices: tuple[str, ...] = ()
    required_with: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandProfile(Closed):
    """One way to carry out the same verbs (Hyper-V Replica alone, or Azure Site Recovery). The first is the default."""

    id: str
    title: Text
    note: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing(Closed):
    """Where something runs and which way it replicates; as an effect, None leaves that half as it is.

    An effect with `only_from` moves no subject that runs elsewhere: starting again what runs nowhere is one.
    """

    site: Site | None = None
    replication: Replication | None = None
    only_from: Site | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects(Closed):
    """What an action changes in the site picture: `workloads` means those the event is about."""

    vmm: Standing | None = None
    workloads: Standing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo(Closed):
    """How an action can really be cancelled: back to position `to`, until one of `until` is confirmed."""

    to: str
    until: tuple[str, ...]
    profiles: tuple[str, ...] = ()
    consequence: Text | None = None
    effects: Effects = Effects()
    commands: tuple[Command, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation(Closed):
    """What an attached output has to show; of each member given one word must hold, of `allows` all.

    `subject` is the parameter that names the VM, or `workload`; `named` is a name itself (a service).
    """

    output: Output
    subject: str | None = None
    named: str | None = None
    site: Site | None = None  # whose host prints it; checked where an output names its host
    profiles: tuple[str, ...] = ()  # empty: every profile
    mode: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    active_location: tuple[str, ...] = ()
    allows: tuple[str, ...] = ()  # all among the allowed operations
    not_allows: tuple[str, ...] = ()  # none of them

    def in_profile(self, profile: str) -> bool:
        """Say whether it is expected under the command profile."""
        return not self.profiles or profile in self.profiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Action(Closed):
    """One part of a step. See the contract's runbook document for the meaning of each flag."""

    id: str
    kind: Kind
    origin: Origin
    title: Text
    instruction: Text
    source: str | None = None  # the seed's reference, 7.1 … 7.7; required when origin is seed
    irreversible: bool = False
    consequence: Text | None = None  # what becomes impossible; required when irreversible
    per_workload: bool = False
    optional: bool = False
    waivable: bool = True
    comment_required: bool = False  # confirming needs a comment (what makes the attestation believable)
    recovery_point: bool = False  # confirm may name the recovery point that was used
    choose_recovery_point: Choice | None = None
    requires_steady_picture: bool = False  # confirmed only while the site picture is the one from before
    completes: tuple[str, ...] = ()  # positions of the failover this makes final: done until one is done anew
    undo: Undo | None = None
    profiles: tuple[str, ...] = ()
    commands: tuple[Command, ...] = ()
    expectation: Text | None = None
    expects: tuple[Expectation, ...] = ()  # the same as data, as far as an output can show it
    effects: Effects = Effects()
    symptoms: tuple[str, ...] = ()
    drill: DrillForm | None = None  # what a drill does instead; none: it is only rehearsed
    drill_only: bool = False  # live executions do not have it (cleaning a test up)

    def in_profile(self, profile: str) -> bool:
        """Say whether the command profile has this action."""
        return not self.profiles or profile in self.profiles


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOffMeaning(Closed):
    """What a person says by approving or rejecting the step."""

    approve: Text
    reject: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Closed):
    """A numbered step: actions, then a sign-off."""

    id: str
    title: Text
    phase: str | None = None  # a checklist may do without
    expected_minutes: int
    actions: tuple[Action, ...]
    sign_off: SignOffMeaning
    order: Order = Order.STRICT
    profile_change: bool = False  # the command profile may be changed here
    ends_outage: bool = False  # its sign-off sets restored_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase(Closed):
    """A stretch of steps under one heading."""

    id: str
    title: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Symptom(Closed):
    """A row of the failure table: what is seen, what to do, and the outcomes it may have."""

    symptom: Text
    advice: Text
    outcomes: tuple[Advice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LossRule(Closed):
    """Where a second loss of the primary leads while in `step` (first matching rule): to a step, or why it is refused.

    `until` limits the rule to the time before that position is confirmed, `since` to the time from then on; a rule with
    `since` may leave out `step`, and holds wherever the execution stands. Outcomes from `to` on are cleared; workloads
    for which `back_once` is not confirmed keep theirs in the steps of `keeps`.
    """

    step: str | None = None
    since: str | None = None
    until: str | None = None
    to: str | None = None
    refused: Text | None = None
    because: Text | None = None
    keeps: tuple[str, ...] = ()
    back_once: str | None = None
    clears_restored: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondaryLoss(Closed):
    """Losing the secondary ends the execution as escalated, from the confirmation of `since` on."""

    since: str
    refused: Text
    running_at_secondary: Text
    running_nowhere: Text  # their only good copy was at the secondary
    recovery_points: Text  # said only where a point is named
    running_at_primary: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class OnLoss(Closed):
    """The runbook's answer to a second disaster; None where the runbook has no such event."""

    primary_lost: tuple[LossRule, ...] = ()
    secondary_lost: SecondaryLoss | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture(Closed):
    """The site picture at one moment: VMM, and every workload alike."""

    vmm: Standing
    workloads: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePictures(Closed):
    """The picture before the disaster, and right after the outage began."""

    steady: Picture
    outage: Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Erratum(Closed):
    """Where the source is wrong, what this runbook says instead, and why."""

    step: str
    source_says: Text
    we_say: Text
    why: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(Closed):
    """A document the runbook comes from."""

    id: str
    title: Text
    reference: str

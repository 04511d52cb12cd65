"""Why an event is refused at this position: one sentence a reason, in both languages, each naming the way out."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from app.domain.runbook import Text


class Because(Enum):
    """The reasons; `{…}` is filled with the offending names."""

    ENDED = Text(
        "The execution has ended; only notes and corrections can follow.",
        "L'exécution est terminée ; seules des notes et des corrections peuvent suivre.",
    )
    ON_HOLD = Text(
        "The execution is on hold; the coordinator has to resume it first.",
        "L'exécution est mise en attente ; le coordinateur doit d'abord la reprendre.",
    )
    NOT_ON_HOLD = Text("The execution is not on hold.", "L'exécution n'est pas mise en attente.")
    AT_SIGN_OFF = Text(
        "All actions of this step are settled; it waits for its sign-off.",
        "Toutes les actions de l'étape sont réglées ; elle attend sa validation.",
    )
    NOT_AT_SIGN_OFF = Text(
        "The step's actions are not all settled yet; its sign-off has not been reached.",
        "Les actions de l'étape ne sont pas toutes réglées ; sa validation n'est pas atteinte.",
    )
    NOT_REACHED = Text("That position has not been reached yet.", "Cette position n'est pas encore atteinte.")
    NOT_PER_WORKLOAD = Text(
        "This action is not done per workload; name none.",
        "Cette action ne se fait pas par charge de travail ; n'en nommer aucune.",
    )
    WAIVED = Text(
        "Waived, so out of this action until taken back by retry: {names}.",
        "Écartées, donc hors de cette action jusqu'à leur reprise par retry : {names}.",
    )
    SETTLED = Text("Already settled at this action: {names}.", "Déjà réglées à cette action : {names}.")
    FAILED = Text(
        "A failure is reported for {names}; retry first, or confirm it as already_done with a comment.",
        "Un échec est signalé pour {names} ; d'abord retry, ou confirmer already_done avec un commentaire.",
    )
    FAILED_WHOLE = Text(
        "A failure of this action is reported; retry first, or confirm it as already_done with a comment.",
        "Un échec de cette action est signalé ; d'abord retry, ou confirmer already_done avec un commentaire.",
    )
    ACCEPT_BY_NAME = Text(
        "All that are left have failed: {names}. Name the workloads that are already_done.",
        "Toutes celles qui restent sont en échec : {names}. Nommer les charges qui sont already_done.",
    )
    NO_POINT_HERE = Text(
        "No recovery point is named at this action.", "Aucun point de récupération ne se nomme à cette action."
    )
    EVIDENCE_LACKING = Text(
        "The policy requires evidence that shows what is expected, of {names}: attach the output of the command given; "
        "or a coordinator confirms with evidence_waived and a comment.",
        "La politique exige une preuve qui montre ce qui est attendu, pour {names} : joindre la sortie de la commande "
        "donnée ; ou un coordinateur confirme avec evidence_waived et un commentaire.",
    )
    NO_EVIDENCE_TO_WAIVE = Text(
        "No required evidence is lacking; leave evidence_waived out.",
        "Aucune preuve exigée ne manque ; omettre evidence_waived.",
    )
    NOT_AUTHORIZED = Text(
        "Not authorized yet: a second person has to authorize this irreversible action first.",
        "Pas encore autorisé : une seconde personne doit d'abord autoriser cette action irréversible.",
    )
    NOT_AUTHORIZED_FOR = Text(
        "Not authorized yet for {names}: a second person has to authorize them first.",
        "Pas encore autorisé pour {names} : une seconde personne doit d'abord les autoriser.",
    )
    NOT_IRREVERSIBLE = Text(
        "Only an irreversible action is authorized; this one is not.",
        "Seule une action irréversible s'autorise ; celle-ci ne l'est pas.",
    )
    NO_AUTHORIZATION_ASKED = Text(
        "The policy of this execution asks for no authorization.",
        "La politique de cette exécution ne demande pas d'autorisation.",
    )
    AUTHORIZED = Text("Already authorized.", "Déjà autorisé.")
    AUTHORIZED_FOR = Text("Already authorized: {names}.", "Déjà autorisées : {names}.")
    REPORTED = Text("This failure is already reported for {names}.", "Cet échec est déjà signalé pour {names}.")
    NO_FAILURE = Text(
        "No failure is reported here and no waived workload is named.",
        "Aucun échec n'est signalé ici et aucune charge de travail écartée n'est nommée.",
    )
    NEITHER_FAILED_NOR_WAIVED = Text(
        "Neither failed here nor waived: {names}.", "Ni en échec ici ni écartées : {names}."
    )
    FAILED_AND_WAIVED = Text(
        "Name failed workloads or waived ones, not both at once.",
        "Nommer des charges en échec ou des charges écartées, pas les deux à la fois.",
    )
    NOT_EARLIER_LOOK = Text(
        "Only an earlier gate or check of the same step that was settled can be taken back: not {names}.",
        "Ne se reprennent que des contrôles et attestations antérieurs de l'étape, déjà réglés : pas {names}.",
    )
    TASK_SINCE = Text(
        "A task was confirmed since: {names}. It cannot be taken back like a mis-click.",
        "Une tâche a été confirmée depuis : {names}. Cela ne se reprend pas comme un clic de trop.",
    )
    ITEM_SETTLED = Text(
        "Already settled: {names}. Take it back by retry first if it has to be done again.",
        "Déjà réglé : {names}. Le reprendre d'abord par retry s'il est à refaire.",
    )
    ITEM_NOT_TO_RETRY = Text(
        "Nothing to retry: only an item that failed or was waived is, or a gate or check that was settled.",
        "Rien à reprendre : seul un point en échec ou écarté se reprend, ou un contrôle ou une attestation réglés.",
    )
    NO_CHOICE_HERE = Text(
        "Another recovery point can be chosen only at a failed failover of workloads or at their check.",
        "Un autre point de récupération ne se choisit qu'à un basculement de charges en échec ou à leur contrôle.",
    )
    NOT_FAILED = Text(
        "Another recovery point is chosen here only for a workload whose failover failed: not {names}.",
        "Un autre point ne se choisit ici que pour une charge dont le basculement a échoué : pas {names}.",
    )
    POINTS_GONE = Text(
        "Committed, so the other recovery points are gone: {names}.",
        "Finalisées, donc les autres points de récupération n'existent plus : {names}.",
    )
    NO_UNDO = Text("{names} cannot be undone.", "{names} ne peut pas être annulée.")
    NO_UNDO_IN_PROFILE = Text(
        "{names} cannot be undone under this command profile, the one that it is done with.",
        "{names} ne peut pas être annulée avec le profil de commandes de son exécution.",
    )
    NOT_DONE = Text("Not done, so there is nothing to undo: {names}.", "Pas faite, donc rien à annuler : {names}.")
    UNDO_AHEAD = Text(
        "{names} lies ahead again: get there first, then undo it.",
        "{names} est de nouveau devant : y revenir d'abord, puis l'annuler.",
    )
    UNDO_CLOSED = Text(
        "Too late to undo: {names} has been confirmed.", "Trop tard pour annuler : {names} est confirmée."
    )
    UNDO_CLOSED_FOR = Text("Too late to undo for {names}.", "Trop tard pour annuler : {names}.")
    NOTHING_TO_UNDO = Text(
        "Nothing that was done here can be undone any more.", "Rien de ce qui a été fait ne peut plus être annulé."
    )
    NOT_WAIVABLE = Text("This action cannot be waived.", "Cette action ne peut pas être écartée.")
    NO_PROFILE_CHANGE = Text(
        "The command profile cannot be changed in this step.",
        "Le profil de commandes ne peut pas être changé à cette étape.",
    )
    SAME_PROFILE = Text("That command profile is the current one.", "Ce profil de commandes est déjà celui en cours.")
    NOT_AN_EARLIER_ACTION = Text(
        "A rejected step goes back to one of its own actions: not {names}.",
        "Une étape rejetée revient à l'une de ses propres actions : pas {names}.",
    )
    DONE_FOR_GOOD = Text(
        "{names} is done for good, and nothing after it would be asked again; name an earlier action.",
        "{names} est définitive, et rien après elle ne serait redemandé ; nommer une action antérieure.",
    )
    NOT_THE_DRILLS_END = Text(
        "How the drill went is attested by its last sign-off, not here; leave drill_outcome out.",
        "L'issue de l'exercice s'atteste à sa dernière validation, pas ici ; omettre drill_outcome.",
    )
    NO_LOSS_RULE = Text("The runbook has no answer to this loss here.", "Le runbook ne prévoit pas cette perte ici.")
    NOT_HOME = Text(
        "Not yet where it stood before the disaster: {names}. See the site picture.",
        "Pas encore revenu à l'état d'avant le sinistre : {names}. Voir l'état des sites.",
    )


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason why not: a fixed sentence with the offenders' names, or a sentence of the runbook's own."""

    code: str
    text: Text
    names: tuple[str, ...] = ()

    def in_language(self, language: str) -> str:
        """Give the sentence in `language` (`en` or `fr`)."""
        return self.text.in_language(language).replace("{names}", ", ".join(self.names))


def because(why: Because, names: Iterable[str] = ()) -> Reason:
    """Make a reason of the table, naming the offenders."""
    return Reason(why.name.lower(), why.value, tuple(names))

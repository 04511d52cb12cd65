"""The problems of the API said in French; in English the table of answers and the refusals' own words say them."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from app.domain.errors import Refusal
from app.web.errors import ANSWERS


class Explained(NamedTuple):
    """What a page says of one kind of problem."""

    title: str
    meaning: str
    way_out: str


_FRENCH: Final[Mapping[str, Explained]] = {
    "malformed-request": Explained(
        "La requête est illisible",
        "La requête ne peut être lue : son corps n'est pas du JSON en UTF-8, ou ses en-têtes se contredisent.",
        "Corrigez l'endroit que nomme detail ; envoyez du JSON en UTF-8.",
    ),
    "unauthenticated": Explained(
        "Qui êtes-vous ?",
        "Aucun jeton valable n'a été envoyé.",
        "Envoyez un jeton valable : Authorization: Bearer fbk_…. Un administrateur en crée un.",
    ),
    "role-required": Explained(
        "Ce n'est pas votre rôle",
        "Aucun de vos rôles ne le permet.",
        "Demandez à quelqu'un qui a le rôle que nomme detail, ou faites-vous le donner.",
    ),
    "second-person-required": Explained(
        "Il faut une seconde personne",
        "La règle des quatre yeux demande ici une seconde personne : quelqu'un d'autre doit le faire.",
        "Demandez à quelqu'un d'autre de l'envoyer ; au besoin, un coordinateur peut briser la glace, avec un motif.",
    ),
    "foreign-form": Explained(
        "Envoyé d'ailleurs",
        "Ce formulaire ne vient pas d'une page de ce service.",
        "Ouvrez la page ici et envoyez son formulaire ; un mandataire intermédiaire doit transmettre Host, Origin et "
        "Sec-Fetch-Site.",
    ),
    "not-found": Explained(
        "Introuvable",
        "Il n'y a rien ici de ce nom.",
        "Vérifiez l'adresse ; les listes sont à /api/v1/executions et /api/v1/runbooks.",
    ),
    "method-not-allowed": Explained(
        "Méthode non admise",
        "Cette adresse n'accepte pas cette méthode. Une exécution ou une ligne de journal n'est jamais modifiée ni "
        "supprimée.",
        "Prenez une des méthodes de l'en-tête Allow. Ce qui a été mal enregistré se rectifie par un événement correct.",
    ),
    "in-flight": Explained(
        "En cours de traitement",
        "La même requête est en cours de traitement. Répétez-la avec la même clé dans un instant.",
        "Répétez la même requête avec la même Idempotency-Key après Retry-After secondes.",
    ),
    "position-moved": Explained(
        "La position a changé",
        "Quelqu'un a été plus rapide : la position dont vous parlez a changé, ou cela a déjà été dit.",
        "Relisez l'exécution : moved_by nomme l'événement qui a devancé, position dit où l'on en est.",
    ),
    "transition-refused": Explained(
        "Impossible ici",
        "Le runbook n'admet pas cet événement ici et maintenant.",
        "reasons dit pourquoi, allowed ce qui peut être envoyé à cette position.",
    ),
    "version-not-newer": Explained(
        "La version n'est pas plus récente",
        "Un autre contenu de ce runbook est en vigueur, et sa version ne précède pas celle qui a été envoyée.",
        "Regardez ce qui est en vigueur, et envoyez vos changements à cela sous une version plus haute.",
    ),
    "version-mismatch": Explained(
        "Cela a changé entre-temps",
        "Cela a changé depuis la version que nomme votre If-Match.",
        "Relisez, puis répétez avec le nouvel ETag, si la requête a encore un sens.",
    ),
    "payload-too-large": Explained(
        "Le corps est trop grand",
        "Le corps dépasse 1 Mio, le maximum accepté.",
        "Envoyez moins ; joignez plutôt un lien vers une sortie volumineuse.",
    ),
    "unsupported-media-type": Explained(
        "Type de média non pris en charge",
        "Le corps doit être en application/json, en UTF-8, sans compression.",
        "Envoyez Content-Type: application/json, en UTF-8, non compressé.",
    ),
    "invalid-request": Explained(
        "La requête n'est pas valable",
        "Un champ de la requête n'est pas valable.",
        "errors nomme chaque champ par son pointeur JSON et dit ce qu'il accepte.",
    ),
    "idempotency-key-reused": Explained(
        "L'Idempotency-Key a déjà servi",
        "Cette Idempotency-Key a servi à une autre requête.",
        "Prenez une nouvelle clé pour une nouvelle requête, l'ancienne seulement pour la même requête.",
    ),
    "too-many-requests": Explained(
        "Trop de requêtes",
        "Trop de tentatives ont échoué.",
        "Attendez Retry-After secondes.",
    ),
    "internal-error": Explained(
        "Un défaut du service",
        "Le service a rencontré un défaut qui lui est propre. On ne sait pas si la requête a pris effet.",
        "Répétez avec la même Idempotency-Key : elle n'a d'effet qu'une fois. Donnez request_id à l'administrateur.",
    ),
    "unavailable": Explained(
        "Indisponible pour l'instant",
        "La base de données ne répond pas ou ne peut écrire pour l'instant. Rien n'est perdu.",
        "Répétez avec la même Idempotency-Key après Retry-After secondes.",
    ),
}


def explained(refusal: type[Refusal], language: str) -> Explained:
    """Give what a page says of a kind of problem, in `language` (`en` or `fr`)."""
    answer = ANSWERS[refusal]
    english = Explained(answer.title, " ".join((refusal.__doc__ or "").split()), answer.way_out)
    return _FRENCH.get(refusal.slug, english) if language == "fr" else english

"""Header fields: entity tags, languages, Prefer, the idempotency key; lenient to read, exact to write."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

import http_sf

from app.domain.errors import FieldFault, InvalidRequest
from app.domain.runbook import LANGUAGES

MAX_WAIT: Final = 30  # seconds that a 304 is held back at most
_TAG: Final = re.compile(r'(?:W/)?"([^"]*)"')
_QUALITY: Final = re.compile(r"[01](?:\.[0-9]{0,3})?")
_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")


def preferred(accept: str, offered: Sequence[str]) -> str:
    """Give the media type that an Accept field likes best, the first of those offered where it does not say."""
    weights = dict(_weighted(accept))

    def liking(media_type: str) -> float:
        ranges = (media_type, media_type.partition("/")[0] + "/*", "*/*")
        return next((weights[one] for one in ranges if one in weights), 0.0)

    return max(offered, key=liking)  # the first of equals


def _weighted(field: str) -> Iterator[tuple[str, float]]:
    """Give what a field of the Accept family names, in lower case, with its weight; what cannot be read is left out."""
    for one in field.split(","):
        name, *parameters = (part.strip().lower() for part in one.split(";"))
        quality = next((part[2:].strip() for part in parameters if part.startswith("q=")), "1")
        if name and _QUALITY.fullmatch(quality):
            yield name, float(quality)


def language_of(asked: str | None, accepted: str) -> str:
    """Give the language of an answer: the one asked for, else the best of an Accept-Language, else English."""
    if asked is not None:
        return asked
    ranked = sorted(_weighted(accepted), key=lambda one: -one[1])  # a stable sort: the first of equals stays first
    tags = (tag.partition("-")[0] for tag, weight in ranked if weight > 0)
    return next((tag for tag in tags if tag in LANGUAGES), LANGUAGES[0])


def entity_tags(field: str) -> list[str] | None:
    """Give the tags (without quotes and weakness) of an If-Match or If-None-Match; None for `*`."""
    return None if field.strip() == "*" else _TAG.findall(field)


def versions_of(if_match: str | None) -> frozenset[int] | None:
    """Give the versions an If-Match names in any language; None where anything matches."""
    tags = None if if_match is None else entity_tags(if_match)
    if tags is None:
        return None
    numbers = (tag.partition("-")[0] for tag in tags)
    return frozenset(int(number) for number in numbers if number.isdecimal() and len(number) < 16)  # noqa: PLR2004 - a version longer than that is none of ours


def seconds_to_wait(prefer: str | None) -> int:
    """Give the `wait` of a Prefer field, at most 30; 0 where there is none or it cannot be read (RFC 7240)."""
    if not prefer:
        return 0
    try:
        preferences: Any = http_sf.parse(prefer.lower().encode(), tltype="dictionary")
        wait = preferences["wait"][0]
    except (KeyError, TypeError, ValueError, http_sf.StructuredFieldError):
        return 0
    return max(0, min(wait, MAX_WAIT)) if isinstance(wait, int) and not isinstance(wait, bool) else 0


def key_digest(field: str | None) -> str | None:
    """Give the digest of an Idempotency-Key, bare or as a quoted string; raises InvalidRequest for another form."""
    if field is None:
        return None
    key = field.strip()
    if len(key) > 1 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not _KEY.fullmatch(key):
        raise InvalidRequest(FieldFault("/header/Idempotency-Key", "1 to 255 visible ASCII characters, such as a UUID"))
    return hashlib.sha256(key.encode()).hexdigest()

"""Header fields: entity tags, languages, Prefer, the idempotency key; lenient to read, exact to write."""

import hashlib
import re
from typing import Any, Final

import http_sf

from app.domain.errors import FieldFault, InvalidRequest
from app.domain.runbook import LANGUAGES

MAX_WAIT: Final = 30  # seconds that a 304 is held back at most
_TAG: Final = re.compile(r'(?:W/)?"([^"]*)"')
_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")


def language_of(asked: str | None, accepted: str) -> str:
    """Give the language of an answer: the one asked for, else the best of an Accept-Language, else English."""
    if asked is not None:
        return asked
    ranked = []
    for place, one in enumerate(accepted.split(",")):
        tag, _, quality = one.partition(";")
        weight = quality.strip().removeprefix("q=").strip() or "1"
        try:
            ranked.append((-float(weight), place, tag.strip().lower().partition("-")[0]))
        except ValueError:
            continue
    return next((tag for weight, _, tag in sorted(ranked) if tag in LANGUAGES and weight < 0), LANGUAGES[0])


def entity_tags(field: str) -> list[str] | None:
    """Give the tags (without quotes and weakness) of an If-Match or If-None-Match; None for `*`."""
    return None if field.strip() == "*" else _TAG.findall(field)


def versions_of(if_match: str | None) -> frozenset[int] | None:
    """Give the versions an If-Match names in any language; None where anything matches."""
    tags = None if if_match is None else entity_tags(if_match)
    if tags is None:
        return None
    numbers = (tag.partition("-")[0] for tag in tags)
    return frozenset(int(number) for number in numbers if number.isdecimal() and len(number) < 16)  # noqa: PLR2004


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

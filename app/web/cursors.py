"""Cursors of lists: where to go on, sealed with the filters they belong to, so that a mistyped one is noticed."""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from app.domain.errors import FieldFault, InvalidRequest

_ID = re.compile("[0-9a-f-]{36}")
_SEAL = 8  # bytes: against slips, not against attackers, who may read everything anyway


def cursor_for(last_id: str, filters: Mapping[str, Any]) -> str:
    """Give the cursor that goes on behind the item with this id under these filters."""
    return base64.urlsafe_b64encode(_seal(last_id, filters) + last_id.encode()).decode().rstrip("=")


def id_after(cursor: str | None, filters: Mapping[str, Any]) -> str | None:
    """Give the id a cursor stands for; raises InvalidRequest for one that was not made for these filters."""
    if cursor is None:
        return None
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        last_id = raw[_SEAL:].decode()
    except (binascii.Error, ValueError):
        raw, last_id = b"", ""
    if not _ID.fullmatch(last_id) or raw[:_SEAL] != _seal(last_id, filters):
        raise InvalidRequest(
            FieldFault("/query/cursor", "is not one of this list; begin again without it, or repeat its filters")
        )
    return last_id


def _seal(last_id: str, filters: Mapping[str, Any]) -> bytes:
    said = json.dumps([last_id, dict(filters)], default=str, sort_keys=True)
    return hashlib.sha256(said.encode()).digest()[:_SEAL]

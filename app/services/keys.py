"""Idempotency keys: how one is kept, and what it led to before."""

from dataclasses import dataclass

from app.domain.errors import IdempotencyKeyReused
from app.domain.events import Actor
from app.storage.batch import Batch
from app.storage.rows import KeyRow, StoredKey


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestKey:
    """An Idempotency-Key as it is kept: digests of the key and of the request it came with."""

    key_digest: str
    request_digest: str


def stored_for(batch: Batch, actor: Actor, key: RequestKey | None) -> StoredKey | None:
    """Give what a repeated request led to, None for a new one; raises IdempotencyKeyReused for another request."""
    if key is None or (stored := batch.stored((actor.id, key.key_digest))) is None:
        return None
    if stored.request_digest != key.request_digest:
        raise IdempotencyKeyReused
    return stored


def key_row(actor: Actor, key: RequestKey | None, made: str, number: int) -> KeyRow | None:
    """Give the row that keeps a key with what it led to: an execution and its event, or what else was made."""
    if key is None:
        return None
    return KeyRow(
        operator_id=actor.id,
        key_digest=key.key_digest,
        request_digest=key.request_digest,
        execution_id=made,
        number=number,
    )

"""Every way to say no, in domain words; each class's docstring is the message a person reads first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error of the program
    """The request was refused."""

    slug = "refused"

    def __init__(self, detail: str = "", **members: Any) -> None:
        """Take the sentence that says what is wrong and the way out, and the problem document's further members."""
        self.detail = detail or (type(self).__doc__ or "").strip()
        self.members = members
        super().__init__(self.detail)


class Unauthenticated(Refusal):
    """No valid token was sent."""

    slug = "unauthenticated"


class RoleRequired(Refusal):
    """None of your roles may do this."""

    slug = "role-required"


class ForeignForm(Refusal):
    """This form did not come from a page of this service."""

    slug = "foreign-form"


class NotFound(Refusal):
    """There is nothing here by that name."""

    slug = "not-found"


@dataclass(frozen=True, slots=True)
class FieldFault:
    """What is wrong with one field: `pointer` is its RFC 6901 JSON pointer, "" the whole body."""

    pointer: str
    message: str


class InvalidRequest(Refusal):
    """A field of the request is not valid."""

    slug = "invalid-request"

    def __init__(self, *faults: FieldFault) -> None:
        """Take every fault found, at least one."""
        self.faults: Sequence[FieldFault] = faults
        super().__init__(
            "; ".join(f"{fault.pointer or 'body'}: {fault.message}" for fault in faults),
            errors=[{"pointer": fault.pointer, "message": fault.message} for fault in faults],
        )


class IdempotencyKeyReused(Refusal):
    """This Idempotency-Key was used for another request. Take a new key for a new request."""

    slug = "idempotency-key-reused"


class InFlight(Refusal):
    """The same request is being worked on. Repeat it with the same key in a moment."""

    slug = "in-flight"


class VersionMismatch(Refusal):
    """It has changed since the version your If-Match names. Read it again."""

    slug = "version-mismatch"


class PositionMoved(Refusal):
    """Somebody was faster: the position you speak of has moved, or this was said already."""

    slug = "position-moved"


class TransitionRefused(Refusal):
    """The runbook does not allow this event here and now."""

    slug = "transition-refused"


class VersionNotNewer(Refusal):
    """Another content of this runbook is current, and its version is not before the one that was sent."""

    slug = "version-not-newer"


class SecondPersonRequired(Refusal):
    """The four-eyes policy asks for a second person here: somebody else has to do this."""

    slug = "second-person-required"


class TooManyRequests(Refusal):
    """Too many failed attempts. Wait before the next one."""

    slug = "too-many-requests"


class Unavailable(Refusal):
    """The database does not answer or cannot write now. Nothing is lost: repeat with the same Idempotency-Key."""

    slug = "unavailable"


class MalformedRequest(Refusal):
    """The request cannot be read: its body is not JSON in UTF-8, or its headers contradict each other."""

    slug = "malformed-request"


class MethodNotAllowed(Refusal):
    """This address does not take that method. An execution or a journal line is never updated or deleted."""

    slug = "method-not-allowed"


class PayloadTooLarge(Refusal):
    """The body is larger than 1 MiB, the most that is taken."""

    slug = "payload-too-large"


class UnsupportedMediaType(Refusal):
    """The body has to be application/json in UTF-8, without any content encoding."""

    slug = "unsupported-media-type"


class InternalError(Refusal):
    """The service met a fault of its own. Whether the request took effect is not known."""

    slug = "internal-error"

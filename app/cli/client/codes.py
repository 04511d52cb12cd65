"""Exit codes of the client's commands, and which answer of the service comes to which."""

from typing import Any, Final

FAILED: Final = 1  # not done, for a reason that is none of the others
USAGE: Final = 2  # not understood: by the command line, or by the service (a field is not valid)
NOT_FOUND: Final = 4
CONFLICT: Final = 5  # somebody was faster, or the runbook does not allow it here and now
WHO_ARE_YOU: Final = 6  # no valid token, not your role, or a second person is required
UNREACHABLE: Final = 7  # no base URL answers, or none can for now
INTERRUPTED: Final = 130  # Ctrl+C

_BY_STATUS: Final = {
    400: USAGE, 401: WHO_ARE_YOU, 403: WHO_ARE_YOU, 404: NOT_FOUND, 409: CONFLICT, 412: CONFLICT, 413: USAGE,
    415: USAGE, 422: USAGE, 429: WHO_ARE_YOU, 502: UNREACHABLE, 503: UNREACHABLE, 504: UNREACHABLE,
}  # fmt: skip


def code_of(status: Any) -> int:
    """Give the exit code of a refusal by its HTTP status."""
    return _BY_STATUS.get(status, FAILED)

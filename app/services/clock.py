"""The clock: UTC now, and the one way times are written (RFC 3339, microseconds, `Z`), so that they sort as text."""

from datetime import UTC, datetime


def now() -> datetime:
    """Give the current time, aware, in UTC."""
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """Write an aware time as UTC RFC 3339 text of fixed width."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def read(text: str) -> datetime:
    """Read what `stamp` wrote."""
    return datetime.fromisoformat(text)

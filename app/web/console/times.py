"""Times as pages write them: the server says UTC, the module turns them into the reader's own zone."""

from datetime import datetime, timedelta


def clock(stamp: str) -> str:
    """Give the time of day (UTC) of an RFC 3339 time."""
    return datetime.fromisoformat(stamp).strftime("%H:%M:%S")


def moment(stamp: str) -> str:
    """Give date and time (UTC, to the minute) of an RFC 3339 time."""
    return datetime.fromisoformat(stamp).strftime("%Y-%m-%d %H:%M")


def seconds_between(start: str, end: str) -> int:
    """Give the whole seconds from one RFC 3339 time to another, 0 where the second comes first."""
    found = datetime.fromisoformat(end) - datetime.fromisoformat(start)
    return max(0, int(found / timedelta(seconds=1)))


def span(seconds: int) -> str:
    """Write a number of seconds as hours, minutes, seconds; with days in front from two days on."""
    hours, rest = divmod(seconds, 3600)
    days, left = divmod(hours, 24)
    shown, before = (left, f"{days} d ") if days > 1 else (hours, "")
    return f"{before}{shown:02d}:{rest // 60:02d}:{rest % 60:02d}"

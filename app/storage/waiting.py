"""Who waits for the writer: a job with the thread or the task that asked for it, and how each gets its answer."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from app.domain.errors import Unavailable
from app.storage.batch import Job


@dataclass(frozen=True, slots=True)
class Item:
    """A job and who waits for it: a thread, or a task of an event loop."""

    job: Job[Any]
    future: Future[Any] | asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop | None

    def begin(self) -> bool:
        """Tell whether to run it: a thread may have cancelled it; a client that hung up changes nothing."""
        return not isinstance(self.future, Future) or self.future.set_running_or_notify_cancel()


Answer = tuple[Item, Any, BaseException | None]


def resolve(answers: Sequence[Answer]) -> None:
    """Give answers to those who still wait."""
    for item, value, error in answers:
        if item.future.done():
            continue
        if error is None:
            item.future.set_result(value)
        else:
            item.future.set_exception(error)


def give_up(future: "asyncio.Future[Any]") -> None:
    """Wait no longer; a timer of one's own costs a fifth of `asyncio.timeout`."""
    if not future.done():
        future.set_exception(Unavailable())

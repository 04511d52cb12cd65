"""Looks: what many streams ask when one commit wakes them all, asked once."""

import asyncio
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from app.storage.database import Connection, Database
from app.storage.feed import Feed

T = TypeVar("T")


class Looks:
    """Shares the answer to a question between those who ask it after the same commit; belongs to one event loop."""

    def __init__(self, database: Database, feed: Feed) -> None:
        """Take the database, and the feed that counts what it told of."""
        self._database = database
        self._feed = feed
        self._commits = 0
        self._kept: dict[Hashable, tuple[float, asyncio.Task[Any]]] = {}

    async def look(self, key: Hashable, query: Callable[[Connection], T]) -> T:
        """Give what `query` finds, or found for somebody who asked the same (`key`) after the latest commit told of.

        Commits that the feed is not told of are found half as late again as without sharing. Raises Unavailable.
        """
        if self._commits != self._feed.commits:
            self._commits = self._feed.commits
            self._kept.clear()
        loop = asyncio.get_running_loop()
        until, task = self._kept.get(key, (0.0, None))
        if task is None or loop.time() > until:
            task = loop.create_task(self._database.read(query))
            self._kept[key] = (loop.time() + self._feed.recheck_seconds / 2, task)
        # shielded: whoever hangs up while it is looked for him has not the others' answer cancelled
        found: T = await asyncio.shield(task)
        return found

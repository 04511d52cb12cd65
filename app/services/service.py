"""One running service: its database, definitions, writer and feed, opened together and closed together."""

import asyncio
from dataclasses import dataclass, field

from app.domain.errors import Unavailable
from app.services.clocks import Chronicles
from app.services.definitions import Definitions
from app.services.identity import Known
from app.services.looks import Looks
from app.services.places import Places
from app.services.reading import Documents, version_of
from app.storage.database import Database
from app.storage.feed import Feed
from app.storage.glances import Glances
from app.storage.tables import REVISION
from app.storage.upkeep import upgrade
from app.storage.writer import Writer

STOP_SECONDS = 10.0


class WrongRevision(Exception):  # noqa: N818 - says what the administrator has to do
    """The database is not at the revision that this program needs."""


@dataclass
class Service:
    """What every request needs; safe to share by threads."""

    database: Database
    definitions: Definitions
    feed: Feed = field(init=False)
    writer: Writer = field(init=False)
    documents: Documents = field(init=False)
    glances: Glances = field(init=False)
    looks: Looks = field(init=False)
    chronicles: Chronicles = field(init=False)
    known: Known = field(default_factory=Known)
    stopping: bool = False
    places: Places = field(default_factory=Places)  # for streams

    def __post_init__(self) -> None:
        """Make the feed, the writer that tells it of commits, and the keeper of rendered documents, and the glances."""
        self.feed = Feed(self.database)
        self.writer = Writer(self.database, on_commit=self.feed.publish)
        self.glances = Glances(self.database)
        self.looks = Looks(self.database, self.feed)
        self.documents = Documents(self.definitions)
        self.chronicles = Chronicles(self.definitions)

    def open(self) -> None:
        """Publish the definitions and begin to take jobs; in the event loop whose tasks will wait."""
        self.definitions.publish(self.database)
        self.feed.start()
        self.writer.start()

    async def changed(self, execution_id: str, version: int, seconds: float) -> int:
        """Wait until an execution is past `version`, at most so long; give its version then."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        with self.feed.subscribe(execution_id) as subscription:  # subscribed first, so that nothing is missed
            while True:
                found = await self.database.read(lambda connection: version_of(connection, execution_id))
                left = deadline - loop.time()
                if found != version or left <= 0 or self.stopping:
                    return found
                await subscription.wait(min(left, self.feed.recheck_seconds))

    def close(self) -> None:
        """Let streams end, finish the jobs taken, close the database."""
        self.stopping = True
        self.feed.close()
        self.writer.stop(STOP_SECONDS)
        self.feed.join(STOP_SECONDS)
        self.database.dispose()


def prepare(database: Database, url: str) -> None:
    """Bring an embedded database to this program's revision; refuse a shared one at another.

    Raises WrongRevision with the command to run, Unavailable where the database does not answer.
    """
    if database.is_sqlite:
        upgrade(url)
        return
    try:
        found = database.revision()
    except Unavailable as error:
        raise Unavailable(f"The database does not answer: {error.__cause__}") from error
    if found != REVISION:
        raise WrongRevision(
            f"The database is at revision {found or 'none'}, this program needs {REVISION}. "
            "Run: python -m app db upgrade"
        )

"""Which definition is current: a release's own, an administrator's, and what happens when the service starts again."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from app.domain.runbook import Runbook
from app.runbooks import build_runbook, bundled_runbooks
from app.services import clock
from app.services.definitions import Definitions, definition_row, publication_of
from app.storage import identities, publications, queries, upkeep
from app.storage.database import Database
from tests.service.rows import NOW

CONTENT, RUNBOOK = next(one for one in bundled_runbooks() if one[1].id == "prepare-vmm-servers")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Give a database in which nothing was published yet."""
    made = Database(database_url)
    yield made
    made.dispose()


def version(number: str, **members: Any) -> tuple[dict[str, Any], Runbook]:
    """Give the definition under another version."""
    content = {**CONTENT, "version": number, **members}
    return content, build_runbook(content)


def start(database: Database, *bundled: tuple[dict[str, Any], Runbook]) -> Definitions:
    """Start a release that comes with these definitions."""
    release = Definitions(bundled)
    release.publish(database)
    return release


def by_hand(database: Database, content: dict[str, Any], runbook: Runbook) -> None:
    """Publish a definition as an administrator does."""
    with database.writing() as connection:
        by = identities.ensure_operator(connection, "Ada", now=NOW).id
        queries.add_definition(connection, definition_row(content, runbook, clock.now()))
        last = publications.last_publication(connection, runbook.id)
        publications.add_publication(connection, publication_of(runbook, last, by=by, now=clock.now()))


def standing(database: Database, release: Definitions) -> list[str]:
    """Give the version that is current, and after it those that ever were."""
    with database.reading() as connection:
        current = release.named(connection, RUNBOOK.id)
        assert current is not None
        assert release.current(connection)[RUNBOOK.id] is current
        return [current.version, *(one.version for one in publications.publication_list(connection, RUNBOOK.id))]


def test_a_release_publishes_what_it_comes_with_once(database: Database) -> None:
    start(database, version("1.9"))
    release = start(database, version("1.9"))
    assert standing(database, release) == ["1.9", "1.9"]
    with database.reading() as connection:
        assert release.named(connection, "other") is None


def test_the_next_release_goes_before_the_last_and_an_older_one_never(database: Database) -> None:
    old = start(database, version("1.9"))
    new = start(database, version("1.10"))
    assert standing(database, old) == standing(database, new) == ["1.10", "1.9", "1.10"], "processes agree at once"
    assert standing(database, start(database, version("1.9"))) == ["1.10", "1.9", "1.10"]
    assert standing(database, start(database, version("1.8"))) == ["1.10", "1.9", "1.10"]


def test_another_content_under_the_same_version_is_the_release_s_own_affair(database: Database) -> None:
    start(database, version("1.9"))
    edited = version("1.9", valid_days=30)
    assert standing(database, start(database, edited)) == ["1.9", "1.9", "1.9"]
    with database.reading() as connection:
        assert publications.current_digests(connection) == {RUNBOOK.id: edited[1].digest}


def test_no_release_takes_away_what_an_administrator_published(database: Database) -> None:
    start(database, version("1.9"))
    by_hand(database, *version("1.9.1", valid_days=30))
    newer = start(database, version("2"))
    assert standing(database, newer) == ["1.9.1", "1.9", "1.9.1"]
    with database.reading() as connection:
        assert newer.by_digest(connection, version("2")[1].digest).version == "2", "kept, to be taken up by hand"
    by_hand(database, *version("2"))
    assert standing(database, newer) == ["2", "1.9", "1.9.1", "2"]


def test_what_was_there_before_the_migration_was_published_by_releases(empty_database_url: str) -> None:
    upkeep.upgrade(empty_database_url, revision="0005")
    database = Database(empty_database_url)
    with database.writing() as connection:
        for number, at in (("2", "2026-02-01"), ("1", "2026-01-01")):
            content, runbook = version(number)
            row = definition_row(content, runbook, clock.read(f"{at}T00:00:00.000000Z"))
            queries.add_definition(connection, row)
    upkeep.upgrade(empty_database_url)
    assert standing(database, Definitions([])) == ["2", "1", "2"]
    with database.reading() as connection:
        published_by = connection.execute(text("SELECT DISTINCT published_by FROM publications")).scalars().all()
        assert published_by == [None]
    database.dispose()

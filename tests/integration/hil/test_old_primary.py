"""A primary that was killed comes back as the standby of the promoted one, rewound or copied anew."""

from collections.abc import Iterator

import psycopg
import pytest

from hil.cluster.fail_over import is_synchronous
from hil.postgres import Server
from hil.prepare import quiet_port
from hil.until import until


@pytest.fixture
def promoted() -> Iterator[tuple[Server, Server]]:
    """The one that was promoted a moment ago, and the one that was killed."""
    with Server.made(quiet_port()) as old, old.standby(quiet_port(), "two") as new:
        old.ask_synchronous("two")
        with psycopg.connect(old.url(), autocommit=True) as db:
            db.execute("CREATE TABLE said (word TEXT)")
            db.execute("INSERT INTO said VALUES ('before')")
        old.kill()
        new.promote()
        yield new, old


@pytest.mark.parametrize("how", ["follow", "rewind"])
async def test_the_old_primary_follows_the_promoted_one(promoted: tuple[Server, Server], how: str) -> None:
    new, old = promoted
    getattr(old, how)(new, "one")
    old.start()
    new.ask_synchronous("one")
    await until("commits wait for it", lambda: is_synchronous(new))
    with psycopg.connect(new.url(), autocommit=True) as db:
        db.execute("INSERT INTO said VALUES ('after')")
    with psycopg.connect(old.url(), autocommit=True) as db:
        await until("it has what was said since", lambda: _words(db) == [("before",), ("after",)])


def _words(db: psycopg.Connection) -> list[tuple[str]]:
    return db.execute("SELECT word FROM said").fetchall()

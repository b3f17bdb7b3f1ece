"""A controller that is stopped, or whose host is gone, while it writes keeps nobody from writing."""

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from controller.store.postgres.connection import Connection, connect
from hil.until import until
from tests.support.postgres import SERVERS

pytestmark = [pytest.mark.xdist_group("postgresql"), pytest.mark.sqlite_only("begins with a server")]
_NEW = "INSERT INTO ward VALUES ('{}', 'Ward')"
_HOW = "SELECT state, wait_event FROM pg_stat_activity WHERE pid = %s"


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """A database of the test's own, with our schema."""
    yield SERVERS.of(tmp_path / "postgresql")


@contextmanager
def in_a_copy(db: Connection) -> Iterator[None]:
    with db._db.cursor() as cursor, cursor.copy("COPY ward (id, name) FROM STDIN") as copy:
        copy.write_row(("w-1", "Ward"))
        yield


@contextmanager
def in_several_statements(db: Connection) -> Iterator[None]:
    """Which go to the server together, and whose end it waits for."""
    with db._db.pipeline():
        db._db.execute(_NEW.format("w-1").encode())
        db._db.pgconn.flush()
        yield


@contextmanager
def in_its_thoughts(db: Connection) -> Iterator[None]:
    db.execute(_NEW.format("w-1"))
    yield
    db.execute("SELECT 1")


def write(url: str, name: str) -> None:
    with closing(connect(url)) as db, db:
        db.execute("BEGIN IMMEDIATE")
        db.execute(_NEW.format(name))


def wards(url: str) -> list[str]:
    with closing(connect(url)) as db:
        return [row[0] for row in db.execute("SELECT id FROM ward ORDER BY id").fetchall()]


@pytest.mark.parametrize("how", ["IMMEDIATE", "CONCURRENT"])
@pytest.mark.parametrize("stopped", [in_a_copy, in_several_statements, in_its_thoughts])
async def test_others_write_after_some_seconds_and_nothing_of_it_is_stored(
    stopped: Callable[[Connection], AbstractContextManager[None]], how: str, url: str
) -> None:
    with closing(connect(url)) as db, psycopg.connect(url, autocommit=True) as looking:
        pid = db._db.info.backend_pid
        db.execute(f"BEGIN {how}")
        with pytest.raises((psycopg.OperationalError, sqlite3.OperationalError)), stopped(db):
            await until(
                "the server waits for the rest",
                lambda: (looking.execute(_HOW, (pid,)).fetchone() or ("", ""))[1] == "ClientRead",
            )
            write(url, "w-2")
        assert looking.execute(_HOW, (pid,)).fetchone() is None
    assert wards(url) == ["w-2"]


def test_who_works_for_long_is_waited_for(url: str) -> None:
    with closing(connect(url)) as db, ThreadPoolExecutor(1) as pool:
        db.execute("BEGIN IMMEDIATE")
        db.execute(_NEW.format("w-1"))
        slow = pool.submit(db.execute, "SELECT pg_sleep(5)")
        other = ThreadPoolExecutor(1)
        waiting = other.submit(write, url, "w-2")
        slow.result()
        with db:
            pass
        waiting.result()
        other.shutdown()
    assert wards(url) == ["w-1", "w-2"]


def test_a_server_is_told_to_find_out_that_a_host_is_gone(url: str) -> None:
    with closing(connect(url)) as db:
        told = [
            db.execute(f"SELECT current_setting('tcp_{name}')").fetchall()[0][0]
            for name in ("keepalives_idle", "keepalives_interval", "keepalives_count", "user_timeout")
        ]
    assert told == ["10", "5", "3", "20000"]

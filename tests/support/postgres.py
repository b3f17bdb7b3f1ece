"""Any test on PostgreSQL: `--store postgresql` gives each store opened by a path a database of its own.

One server for each process of pytest, which starts when first needed and goes at the end. A new database
is a copy of one in which the migrations are applied already.
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import cached_property
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from controller import store
from controller.store import beside
from controller.store.migrate import OURS, migrate
from controller.store.where import Where, being_made, connect, moment, reader
from hil.postgres import Server
from hil.prepare import quiet_port

TEMPLATE = "template_of_ours"


class Servers:
    """The one of this process, and what was made in it."""

    def __init__(self) -> None:
        self.made: dict[str, str] = {}
        """URLs by the path that they stand for."""
        self.is_started = False

    @cached_property
    def server(self) -> Server:
        """It runs; the first call takes some seconds."""
        with ExitStack() as unless_made:  # each test would leave one more that runs
            server = unless_made.enter_context(Server.made(quiet_port(), durable=False))
            _make_template(server)
            unless_made.pop_all()
        self.is_started = True
        return server

    def new(self, name: str, template: str = TEMPLATE) -> str:
        """The URL of a database that is made now."""
        return self.server.database(name, template)

    def of(self, path: Path) -> str:
        """The URL of what stands for this file."""
        key = str(path.resolve())
        if key not in self.made:
            self.made[key] = self.new(f"t{hashlib.sha256(key.encode()).hexdigest()[:20]}")
        return self.made[key]

    def drop(self) -> None:
        """Whatever nobody is connected to: for those who are, the server would wait five seconds."""
        with psycopg.connect(self.server.url(), autocommit=True) as db:
            used = {row[0] for row in db.execute("SELECT datname FROM pg_stat_activity").fetchall()}
            for key, url in list(self.made.items()):
                if (name := url.rpartition("/")[2]) in used:
                    continue
                with suppress(psycopg.errors.ObjectInUse):
                    db.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))
                    del self.made[key]

    def stop(self) -> None:
        """And its files go."""
        if self.is_started:
            self.server.__exit__(None, None, None)


def _make_template(server: Server) -> None:
    url = server.database(TEMPLATE)
    with closing(connect(url)) as db, being_made(db, url):
        migrate(db)


SERVERS = Servers()


@contextmanager
def instead_of_files() -> Iterator[None]:
    """Stores of the controller's own package are on the server."""
    opened = store._opened

    def on_server(where: Where, package: str, folder: Path | None) -> store.Store:
        if isinstance(where, str):
            stands_for = {url: Path(path) for path, url in SERVERS.made.items()}
            return opened(where, package, folder or stands_for[where].parent)
        if package != OURS:
            return opened(where, package, folder)
        where.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        where.touch(mode=0o600)
        return opened(SERVERS.of(where), package, where.parent)

    def of(where: Where) -> Where:
        known = isinstance(where, Path) and str(where.resolve()) in SERVERS.made
        return SERVERS.of(where) if known and isinstance(where, Path) else where

    def connected(where: Where) -> sqlite3.Connection:
        return connect(of(where))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "_opened", on_server)
        patch.setattr(store, "connect", connected)
        patch.setattr(store, "reader", lambda where: reader(of(where)))
        patch.setattr(beside, "moment", lambda where, **how: moment(of(where), **how))
        yield

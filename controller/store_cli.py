"""`wardlink controller move-store`: from SQLite's file to a server."""

import asyncio
import getpass
import sqlite3
from contextlib import closing
from pathlib import Path

import typer

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.clock import SystemClock
from controller.command import ConfigOption, explained
from controller.config import load
from controller.errors import ConfigError, StoreError, Unknown
from controller.only_one import only_one
from controller.store import Store
from controller.store.moved import finish, give_back, moved, moving, take
from controller.store.where import moment


def move_store(config: ConfigOption = None) -> None:
    """Move all rows from the file in `data` to the server of [store], whose database is new.

    The controller is stopped meanwhile. All are there and each was compared, or none is and the file is in
    use as before. After a power cut: once more.
    """
    with explained():
        loaded = load(config)
        file, url = loaded.database, loaded.store.url
        if url is None:
            raise ConfigError("expected `url` in [store]: the database of a server to move to")
        with only_one(loaded.data):
            if moved(file).exists() and not file.exists() and not moving(file).exists():
                typer.echo("it has moved already")
            else:
                _move(file, url)
    typer.echo(
        f"start the controller: it works with the server from now on. {moved(file)} is not used any more and "
        "holds patients' data: delete it once the server is backed up"
    )


def _move(file: Path, url: str) -> None:
    begins_now = not moving(file).exists()
    if begins_now:
        if not file.exists():
            raise StoreError(f"{file}: expected it here: there is nothing to move")
        asyncio.run(_told_in_the_trail(file))
        take(file)
    try:
        count = _rows(moving(file), url)
    except Unknown:  # whether they are there: the next try finds out
        raise
    except StoreError:  # none of them is: but of an earlier try's that is not said here
        if begins_now:
            give_back(file)
        raise
    finish(file)
    typer.echo(f"{count} rows are on the server")


def _rows(file: Path, url: str) -> int:
    from controller.store.postgres.moving import move, ready  # noqa: PLC0415 - SQLite needs no psycopg

    try:
        with closing(moment(file)) as rows, ready(url) as server:
            return move(rows, server, typer.echo)
    except sqlite3.Error as error:
        raise StoreError(f"{url}: {error}") from error


async def _told_in_the_trail(file: Path) -> None:
    """Of the file, in the present schema: the rows that are moved have it."""
    store = await Store.open(file)
    entry = Entry("store-move-begun", f"cli:{getpass.getuser()}", "store")
    try:
        await store.write(lambda db: append(db, entry, SystemClock().utc_us()))
    finally:
        await store.close()

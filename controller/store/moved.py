"""The file of a store that moves to a server: its name says where the rows are.

    wardlink.sqlite            in use
    wardlink.sqlite.moving     on its way: neither the file nor the server is used
    wardlink.sqlite.moved      all is on the server: the file is not used any more

A controller that went on with the other one would store where nobody looks (decision 047).
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from controller.errors import StoreError
from controller.files import sync
from controller.store.where import Where

FILE = "wardlink.sqlite"
"""A controller's database, in its data folder."""
_COMMAND = "`wardlink controller move-store`"
_IS_NEW = "SELECT to_regclass('migration') IS NULL"


def moving(file: Path) -> Path:
    """Its name while it is on its way."""
    return file.with_name(file.name + ".moving")


def moved(file: Path) -> Path:
    """Its name afterwards."""
    return file.with_name(file.name + ".moved")


def refuse(where: Where, folder: Path) -> None:
    """Raises StoreError: the rows are on their way, or elsewhere. `folder`: of a server's controller."""
    file = where if isinstance(where, Path) else folder / FILE
    if moving(file).exists():
        raise StoreError(
            f"{moving(file)}: on its way to a server: {_COMMAND} finishes that, then start again"
        )
    if isinstance(where, Path) and moved(file).exists():
        raise StoreError(f"{moved(file)}: moved to a server: expected its url in [store], which is used now")


def refuse_without(folder: Path, db: sqlite3.Connection) -> None:
    """Raises StoreError: `db`, a server's, is new, and there is a file whose rows somebody forgot."""
    file = folder / FILE
    if file.exists() and db.execute(_IS_NEW).fetchone()[0]:
        raise StoreError(
            f"the server's database is new, but the rows are in {file}: {_COMMAND} brings them there; to "
            "begin without them, take that file away"
        )


def take(file: Path) -> None:
    """Nobody uses it from now on, and all is in this one file. Raises StoreError: somebody does."""
    if moved(file).exists():
        raise StoreError(f"{moved(file)}: expected none: an earlier move's, take it away")
    try:
        with closing(sqlite3.connect(file, isolation_level=None)) as db:
            db.execute("PRAGMA busy_timeout = 10000")
            db.execute("PRAGMA journal_mode = DELETE")  # only whoever is alone may leave WAL
    except sqlite3.Error as error:
        raise StoreError(f"{file}: expected nobody else to use it: {error}: end what does") from error
    _rename(file, moving(file))


def give_back(file: Path) -> None:
    """It is in use again."""
    _rename(moving(file), file)


def finish(file: Path) -> None:
    """All is on the server."""
    _rename(moving(file), moved(file))


def _rename(one: Path, other: Path) -> None:
    one.rename(other)
    sync(one.parent)

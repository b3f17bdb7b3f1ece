"""Migrations: `migrations/NNN-name.sql`, each applied once, in the order of the numbers.

Other controllers may be at work meanwhile, on what was there before: a migration only adds to tables that
have rows (decision 043), and an index on a large one is a file of its own, with nothing else in it.
"""

import sqlite3
from functools import partial
from importlib import resources

from controller.errors import StoreError
from controller.store.where import in_parts, made_beside, patiently

OURS = "controller.store"
"""The package whose migrations make the controller's own database."""


def migrations(package: str = OURS) -> dict[int, tuple[str, str]]:
    """(name, SQL) by number, of the folder `migrations` in `package`."""
    folder = resources.files(package).joinpath("migrations")
    files = sorted(item.name for item in folder.iterdir() if item.name.endswith(".sql"))
    return {int(name[:3]): (name, folder.joinpath(name).read_text(encoding="utf-8")) for name in files}


def applied(db: sqlite3.Connection, package: str = OURS) -> set[int]:
    """The numbers of what `db` has. Raises sqlite3.Error; StoreError: it is of a newer release, and nothing
    of this one may be done to it."""
    db.execute("CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT")
    done = {row[0] for row in db.execute("SELECT number FROM migration")}
    if unknown := sorted(done - migrations(package).keys()):
        raise StoreError(
            f"the database has migrations {unknown}, which this software does not know: use the newer one"
        )
    return done


def migrate(db: sqlite3.Connection, package: str = OURS) -> None:
    """Apply what `db` does not have yet, each file in one transaction. Raises StoreError, sqlite3.Error."""
    known = migrations(package)
    for number in sorted(known.keys() - applied(db, package)):
        patiently(db, partial(_apply, db, number, *known[number]))
    if package == OURS:
        in_parts(db)


def _apply(db: sqlite3.Connection, number: int, name: str, script: str) -> None:
    quoted = name.replace("'", "''")
    if made_beside(db, script):
        script = ""
    with db:
        db.executescript(
            f"BEGIN IMMEDIATE;\n{script}\nINSERT INTO migration VALUES ({number}, '{quoted}');\nCOMMIT;"
        )

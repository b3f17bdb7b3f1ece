"""Whether this controller has the keys of the others: what one seals, another has to open.

await check(store)        # raises ConfigError
"""

import sqlite3
from pathlib import Path

from controller.errors import ConfigError
from controller.security.sealing import SECOND_FACTORS, Sealing
from controller.store import Store
from controller.telemedicine.recordings.endings import KEY as RECORDINGS

_KEYS = {"second-factor-key": SECOND_FACTORS, "recordings-key": RECORDINGS}
"""By what is said of them in the database: files in the folder of its data, made if they lack."""
_SAID = "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO NOTHING"
_FOUND = "SELECT value FROM meta WHERE key = ?"
_BYTES = 7
"""Of a digest: as much as a whole number of any database takes."""


def make(folder: Path) -> None:
    """The keys that all controllers will have, in one's folder of data. Raises ConfigError."""
    for file in _KEYS.values():
        Sealing(folder / file).digest("", "replicas")


async def check(store: Store) -> None:
    """The first says in the database which keys it has. Raises StoreError; ConfigError: ours is another."""
    for name, file in _KEYS.items():
        await _check(store, name, store.folder / file)


async def _check(store: Store, name: str, path: Path) -> None:
    ours = int.from_bytes(Sealing(path).digest("", "replicas")[:_BYTES], "big")

    def said(db: sqlite3.Connection) -> int:
        db.execute(_SAID, (name, ours))
        return db.execute(_FOUND, (name,)).fetchone()[0]

    if await store.write(said) != ours:
        raise ConfigError(
            f"{path}: expected the key of the other controllers of this database, got another one: "
            "copy the folder `keys` of one of them, by a way that nobody else reads"
        )

"""Whether this controller has the keys of the others: what one seals, another has to open.

await check(store)        # raises ConfigError
"""

import sqlite3

from controller.errors import ConfigError
from controller.security.sealing import SECOND_FACTORS, Sealing
from controller.store import Store

_SAID = "INSERT INTO meta (key, value) VALUES ('second-factor-key', ?) ON CONFLICT (key) DO NOTHING"
_FOUND = "SELECT value FROM meta WHERE key = 'second-factor-key'"
_BYTES = 7
"""Of a digest: as much as a whole number of any database takes."""


async def check(store: Store) -> None:
    """The first says in the database which key it has. Raises StoreError; ConfigError: ours is another."""
    path = store.folder / SECOND_FACTORS
    ours = int.from_bytes(Sealing(path).digest("", "replicas")[:_BYTES], "big")

    def said(db: sqlite3.Connection) -> int:
        db.execute(_SAID, (ours,))
        return db.execute(_FOUND).fetchone()[0]

    if await store.write(said) != ours:
        raise ConfigError(
            f"{path}: expected the key of the other controllers of this database, got another one: "
            "copy the folder `keys` of one of them, by a way that nobody else reads"
        )

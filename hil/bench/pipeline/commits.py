"""How many transactions a database in WAL mode has committed, without asking SQLite.

Source: SQLite's documentation, "WAL-mode File Format", section 2.1: the index begins with a header whose
field `iChange`, at byte 8, counts transactions, in the byte order of the machine.
"""

import struct
from pathlib import Path

_AT = 8
_COUNT = struct.Struct("=I")


def commits(database: Path) -> int:
    """Transactions since the index of `database` was made; it must be open somewhere."""
    index = database.with_name(f"{database.name}-shm").read_bytes()
    return _COUNT.unpack_from(index, _AT)[0]

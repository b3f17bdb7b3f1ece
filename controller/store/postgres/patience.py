"""Changing tables that others use: whoever waits for such a lock holds up all that come after.

    patiently(db, lambda: _changed(db))     # waits a second for locks, lets others go first, tries again

So nobody waits for more than a second and the change itself (decision 043).
"""

import sqlite3
from collections.abc import Callable
from threading import Event
from typing import TypeVar

T = TypeVar("T")
TRIES, PAUSE_S = 120, 1.0
_BUSY = "55P03", "40P01"
"""lock_not_available, deadlock_detected (PostgreSQL 15, appendix A)."""
_SHORTLY, _AS_EVER = "SET lock_timeout = '1s'", "SET lock_timeout = '10s'"


def patiently(db: sqlite3.Connection, work: Callable[[], T]) -> T:
    """What `work` returns; it changes nothing where it fails. Raises sqlite3.Error."""
    db.execute(_SHORTLY)
    try:
        for _ in range(TRIES - 1):
            try:
                return work()
            except sqlite3.OperationalError as error:
                if not others_have_it(error):
                    raise
            Event().wait(PAUSE_S)
        return work()
    finally:
        db.execute(_AS_EVER)


def others_have_it(error: BaseException | None) -> bool:
    """Whether it failed for a lock that another one held."""
    return getattr(getattr(error, "__cause__", None), "sqlstate", None) in _BUSY

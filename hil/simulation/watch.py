"""How long it took until what was said was stored: by SQL after each commit, and only in calm weather."""

import sqlite3
from collections.abc import Mapping

GRACE_S = 20.0
"""After a fault, connections come back and what was lost is sent again."""
LATEST_S = {"alert": 3.0, "observation": 8.0}
"""How old may be what is stored in calm weather: over a poor radio, the 48 blocks of a backlog that may be
under way at once (350 bytes each at `faults.SLOW_RATE`: 5.6 s) are ahead of what is new, and no more."""


class Watch:
    """Follows the tables. `late` are sentences; `judged` is how many rows were judged."""

    def __init__(self, boots: Mapping[bytes, float]) -> None:
        self.late: list[str] = []
        self.judged = 0
        self.calm_since: float | None = 0.0
        """None while something is broken."""
        self.now = 0.0
        self._boots = boots
        self._last = {"alert": 0, "observation": 0}

    def committed(self, db: sqlite3.Connection) -> None:
        """A transaction was committed at `now`."""
        for table in self._last:
            extra = "AND quality & 64 = 0" if table == "observation" else ""
            rows = sqlite3.Cursor(db).execute(
                f"SELECT t.id, boot.boot, mono_us FROM {table} AS t JOIN boot ON boot.id = t.boot"
                f" WHERE t.id > ? {extra} ORDER BY t.id",
                (self._last[table],),
            )
            for row, boot, mono_us in rows.fetchall():
                self._last[table] = row
                self._judge(table, self._boots[boot] + mono_us / 1e6)

    def _judge(self, table: str, said: float) -> None:
        if self.calm_since is None or said < self.calm_since + GRACE_S:
            return
        self.judged += 1
        took = self.now - said
        if took > LATEST_S[table]:
            self.late.append(f"{table}: said at {said:.1f} s in calm weather, stored {took:.1f} s later")

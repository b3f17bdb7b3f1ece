"""Cohorts in the store: saved definitions with their versions, and what each found in which lake.

cohorts = Cohorts(store, clock)
version = await cohorts.save("low-spo2", definition, By("ben", why="sepsis round"))     # 1, 2, …
await cohorts.noted(version, found, by)                                                # counts, nobody's name
"""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import TypeAdapter

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.clock import Clock
from controller.errors import NotFound
from controller.identity.certificates import By
from controller.lake.cohorts.definition import CohortDefinition
from controller.lake.cohorts.found import Found
from controller.store import Store

NAME = r"^[a-z0-9][a-z0-9-]{0,39}$"
"""Of a saved cohort: it stands in addresses as it is."""
_FOUND = TypeAdapter(Found)
_NEXT = "SELECT coalesce(max(version), 0) + 1 FROM cohort WHERE name = ?"
_ADD = "INSERT INTO cohort (name, version, definition, why, by, utc_ms) VALUES (?, ?, ?, ?, ?, ?)"
_RUN = "INSERT INTO cohort_run (cohort, generation, found, by, utc_ms) VALUES (?, ?, ?, ?, ?)"
_ALL = "SELECT * FROM cohort ORDER BY name, version DESC"
_ONE = "SELECT * FROM cohort WHERE name = ? AND version = ?"
_RUNS = "SELECT * FROM cohort_run WHERE cohort = ? ORDER BY id DESC"


@dataclass(frozen=True, slots=True)
class Version:
    """One that was saved; it stays as it is."""

    id: int
    name: str
    version: int
    definition: CohortDefinition
    why: str
    by: str
    utc_ms: int

    @property
    def label(self) -> str:
        """low-spo2@2."""
        return f"{self.name}@{self.version}"


@dataclass(frozen=True, slots=True)
class Run:
    """What a version found."""

    found: Found
    by: str
    utc_ms: int


class Cohorts:
    """Methods raise StoreError, too."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def save(self, name: str, definition: CohortDefinition, by: By) -> Version:
        """The next version of that name; `by.why` says what it is for."""
        text, utc_ms = definition.model_dump_json(by_alias=True), self._clock.utc_us() // 1000

        def work(db: sqlite3.Connection) -> int:
            (version,) = db.execute(_NEXT, (name,)).fetchone()
            db.execute(_ADD, (name, version, text, by.why, by.actor, utc_ms))
            append(db, _entry("cohort-saved", f"{name}@{version}", by), self._clock.utc_us())
            return version

        return await self.find(name, await self._store.write(work))

    async def find(self, name: str, version: int) -> Version:
        """One. Raises NotFound."""
        rows = await self._store.read(_ONE, (name, version))
        if not rows:
            raise NotFound(f"there is no cohort {name!r:.40}@{version}: see the list of those there are")
        return _version(rows[0])

    async def all(self) -> list[Version]:
        """By name, the newest version first."""
        return [_version(row) for row in await self._store.read(_ALL)]

    async def runs(self, version: Version) -> list[Run]:
        """What it found, the newest first."""
        rows = await self._store.read(_RUNS, (version.id,))
        return [Run(_FOUND.validate_json(row["found"]), row["by"], row["utc_ms"]) for row in rows]

    async def noted(self, version: Version, found: Found, by: By) -> None:
        """Keep what it found, on record before anybody is told."""
        utc_ms = self._clock.utc_us() // 1000
        row = version.id, found.generation, json.dumps(asdict(found)), by.actor, utc_ms
        entry = _entry("cohort-run", version.label, by, **_detail(found))

        def work(db: sqlite3.Connection) -> None:
            db.execute(_RUN, row)
            append(db, entry, self._clock.utc_us())

        await self._store.write(work)

    async def tell(self, action: str, label: str, by: By, detail: Mapping[str, str | int]) -> None:
        """In the trail alone: what was asked and not saved, whose list was looked at."""
        entry = _entry(action, label, by, **detail)
        await self._store.write(lambda db: append(db, entry, self._clock.utc_us()))


def _detail(found: Found) -> dict[str, Any]:
    return {"generation": found.generation, "admitted": found.total.admitted or 0}


def _entry(action: str, label: str, by: By, **detail: str | int) -> Entry:
    return Entry(action, by.actor, f"cohort/{label}", where=by.where, why=by.why, detail=detail)


def _version(row: sqlite3.Row) -> Version:
    names = [one for one in Version.__dataclass_fields__ if one != "definition"]
    definition = CohortDefinition.model_validate_json(row["definition"])
    return Version(**{name: row[name] for name in names}, definition=definition)

"""What plug-ins have found of a patient, read from the queue's database by the controller."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection, Row
from typing import Final

from controller.imaging.plugins.model import Finding, finding_of
from controller.store.beside import Beside

FILE: Final = "plugins.sqlite"
MOST: Final = 200
_OF: Final = """SELECT finding.id, patient, bed, at_us, told, kind, subject FROM finding
JOIN job ON job.id = finding.job
WHERE finding.id IN (SELECT max(finding.id) FROM finding JOIN job ON job.id = finding.job
  WHERE patient IN (SELECT value FROM json_each(?))
  GROUP BY patient, CASE source WHEN 'monitor' THEN json_extract(told, '$.code.value') ELSE finding.id END)
ORDER BY finding.id DESC LIMIT ?"""


@dataclass(frozen=True, slots=True)
class Kept:
    """A finding that was kept."""

    id: int
    finding: Finding
    patient: str
    bed: str
    at_us: int
    """When what was looked at was measured, or else when it was looked at; the controller's time scale."""
    kind: str
    """What was looked at: see Given.kind."""
    study: str
    """Of an instance in the archive; "": it was none."""


class Findings:
    """What is kept in the database at `path`, which need not be there yet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._beside = Beside(path)

    async def of(self, patients: Iterable[str]) -> list[Kept]:
        """The newest first. What a monitor's minutes show again and again is there once. Raises
        StoreError."""
        if not self._path.exists():
            return []
        asked = json.dumps(sorted(patients))
        return await self._beside.read(lambda db: _read(db, asked))


def _read(db: Connection, patients: str) -> list[Kept]:
    return [_kept(row) for row in db.execute(_OF, (patients, MOST))]


def _kept(row: Row) -> Kept:
    finding = finding_of(json.loads(row["told"]))
    study = json.loads(row["subject"]).get("study", "")
    return Kept(row["id"], finding, row["patient"], row["bed"], row["at_us"], row["kind"], study)

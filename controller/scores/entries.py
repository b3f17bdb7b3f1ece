"""What people assess at a bed: consciousness, oxygen, the scale of SpO2, the Glasgow Coma Scale.

await keep(store, clock, "bed-1", patient="P1", found={"consciousness": {"acvpu": "V"}}, by=…, where=…)
await present(store)      # the last of each kind, of every patient who lies on a bed now
"""

import json
import sqlite3
from collections.abc import Mapping
from typing import Any, NamedTuple

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.clock import Clock
from controller.errors import Conflict
from controller.store import Store

Found = Mapping[str, Any]
"""Of each kind: consciousness {"acvpu": "A"}, oxygen {"on": true, "l_min": 2.0}, scale {"spo2": 2},
gcs {"eye": 4, "verbal": null, "motor": 6} (null: not testable)."""

MOST = 200
_STAY = "SELECT id, identifier FROM stay WHERE bed = ? AND to_ms IS NULL"
_ADD = "INSERT INTO assessment (stay, kind, value, at_ms, by) VALUES (?, ?, ?, ?, ?)"
_ENTRY = "stay.bed, assessment.kind, assessment.value, assessment.at_ms, assessment.by"
_OF_STAY = "(stay.id, (SELECT from_stay FROM handover WHERE to_stay = stay.id))"
"""What was entered on the way goes on to hold where the patient was handed over to."""
_PRESENT = f"""SELECT {_ENTRY} FROM stay JOIN assessment ON assessment.stay IN {_OF_STAY}
WHERE stay.to_ms IS NULL AND NOT EXISTS (SELECT 1 FROM assessment AS later
  WHERE later.stay IN {_OF_STAY} AND later.kind = assessment.kind
  AND (later.at_ms, later.id) > (assessment.at_ms, assessment.id))"""
_HISTORY = f"""SELECT {_ENTRY}, assessment.id FROM stay JOIN assessment ON assessment.stay IN {_OF_STAY}
WHERE stay.bed = ? AND stay.to_ms IS NULL ORDER BY assessment.at_ms DESC, assessment.id DESC
LIMIT {MOST}"""


class Assessment(NamedTuple):
    """One entry of a person."""

    bed: str
    kind: str
    value: Found
    at_ms: int
    by: str


async def keep(
    store: Store, clock: Clock, bed: str, *, patient: str, found: Mapping[str, Found], by: str, where: str
) -> None:
    """Write down what was `found` (by kind), with the audit trail's entry, for the present stay of `patient`.

    Raises Conflict when somebody else, or nobody, lies there by now; StoreError.
    """
    at_ms = clock.now_us() // 1000

    def work(db: sqlite3.Connection) -> None:
        stay = db.execute(_STAY, (bed,)).fetchone()
        if stay is None or stay["identifier"] != patient:
            raise Conflict(
                f"expected the patient for whom this was entered on bed {bed!r}, who is not there any more: "
                "open the bed anew"
            )
        rows = [(stay["id"], kind, json.dumps(value), at_ms, by) for kind, value in found.items()]
        db.executemany(_ADD, rows)
        detail: dict[str, str | int] = {"kinds": " ".join(found)}
        append(
            db, Entry("assess", by, f"bed/{bed}", patient=patient, where=where, detail=detail), clock.utc_us()
        )

    await store.write(work)


async def present(store: Store) -> list[Assessment]:
    """The last entry of each kind of every present stay. Raises StoreError."""
    return [_assessment(row) for row in await store.read(_PRESENT)]


async def history(store: Store, bed: str) -> list[Assessment]:
    """The entries of the bed's present stay, the newest first. Raises StoreError."""
    return [_assessment(row) for row in await store.read(_HISTORY, (bed,))]


def _assessment(row: sqlite3.Row) -> Assessment:
    return Assessment(row["bed"], row["kind"], json.loads(row["value"]), row["at_ms"], row["by"])

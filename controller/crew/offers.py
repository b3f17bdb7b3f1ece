"""Whom crews offer to the hospital now: a crew's last word on its patient is that it hands them over.

    found = await offers(store, now_ms)           # of every vehicle
    find(db, "amb-1", "0123456789abcdef")         # one stay, offered or not; inside a transaction

A crew without a network hands over on paper: its stay has ended, and may be taken over for a while still.
"""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from controller.stays import Patient
from controller.store import Store
from devices.model.crew import Offer
from devices.model.observation import EventKind

PAPER_MS = 30 * 60_000
"""For so long after a crew has ended it a stay can be taken over."""

_STAY = f"""SELECT stay.id, stay.bed, stay.box_stay, stay.identifier, stay.name, stay.from_ms, stay.to_ms,
  handover.by AS taken_by, handover.at_ms AS taken_ms,
  (SELECT json_set(event.detail, '$.at_ms', crew_event.at_ms) FROM crew_event
   JOIN device_event AS event ON event.id = crew_event.event
   WHERE crew_event.stay = stay.id AND crew_event.kind = '{EventKind.HANDOVER}'
   ORDER BY crew_event.at_ms DESC, event.id DESC LIMIT 1) AS said
FROM stay LEFT JOIN handover ON handover.from_stay = stay.id"""
_ONE = f"{_STAY} WHERE stay.bed = ? AND stay.box_stay = ?"
_OPEN = f"""{_STAY} WHERE stay.id IN (SELECT DISTINCT stay FROM crew_event
  WHERE kind = '{EventKind.HANDOVER}' AND stay IN
    (SELECT id FROM stay WHERE box_stay IS NOT NULL AND (to_ms IS NULL OR to_ms > :since)))
ORDER BY stay.bed, stay.from_ms"""
_ASKED = """SELECT resource FROM arrival_request WHERE stay = ? AND acknowledged_ms IS NULL ORDER BY id"""


@dataclass(frozen=True, slots=True)
class Offered:
    """A stay that a crew began, and what they last said of handing it over."""

    id: int
    vehicle: str
    stay: str
    """The box's number of it."""
    patient: Patient
    from_ms: int
    to_ms: int | None
    """None: the patient is on board."""
    is_offered: bool
    to: str
    """Where the crew means the patient to go."""
    by: str
    at_ms: int | None
    """When it was offered, or the offer taken back; None: neither."""
    taken_by: str | None
    taken_ms: int | None

    def is_open(self, now_ms: int) -> bool:
        """Whether it can be taken over."""
        return self.is_offered and self.taken_by is None and not self.is_late(now_ms)

    def is_late(self, now_ms: int) -> bool:
        """Whether the crew ended it too long ago."""
        return self.to_ms is not None and now_ms - self.to_ms > PAPER_MS


def find(db: sqlite3.Connection, vehicle: str, stay: str) -> Offered | None:
    """The stay that the vehicle's box calls so."""
    row = db.execute(_ONE, (vehicle, stay)).fetchone()
    return None if row is None else _offered(row)


async def offers(store: Store, now_ms: int) -> list[Offered]:
    """All that can be taken over, by vehicle, the earlier first. Raises StoreError."""
    rows = await store.read(_OPEN, {"since": now_ms - PAPER_MS - 1})
    return [one for one in map(_offered, rows) if one.is_open(now_ms)]


async def unanswered(store: Store, stay: int) -> Sequence[str]:
    """What was asked for in that stay, and nobody has said that they know. Raises StoreError."""
    return [row["resource"] for row in await store.read(_ASKED, (stay,))]


def _offered(row: sqlite3.Row) -> Offered:
    said = json.loads(row["said"]) if row["said"] else {}
    return Offered(
        id=row["id"],
        vehicle=row["bed"],
        stay=row["box_stay"],
        patient=Patient(row["identifier"], row["name"]),
        from_ms=row["from_ms"],
        to_ms=row["to_ms"],
        is_offered=said.get("state") == Offer.OFFERED,
        to=said.get("to", ""),
        by=said.get("by", ""),
        at_ms=said.get("at_ms"),
        taken_by=row["taken_by"],
        taken_ms=row["taken_ms"],
    )

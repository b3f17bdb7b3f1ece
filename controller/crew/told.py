"""What a box told of its crew: a row of `device_event`, and what became of it in `crew_event`."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from devices.errors import BadCrew
from devices.model.crew import TOLD, Detail, check_told
from devices.model.observation import EventKind

FOLLOWED_MS = 7 * 86_400_000
"""So far back the times of events are looked at again."""
KINDS = ", ".join(f"'{kind}'" for kind in TOLD)
"""As SQL has them."""
_EVENT = "event.id, event.gateway, event.kind, event.at_us, event.detail"
_NEW = f"""SELECT {_EVENT} FROM device_event AS event
WHERE id > ? AND id <= ? AND device IS NULL AND kind IN ({KINDS}) ORDER BY id"""
_AGAIN = "SELECT 1 FROM crew_event WHERE gateway = ? AND number = ?"
_ADD = """INSERT INTO crew_event (event, gateway, kind, at_ms, problem, number, vehicle, box_stay)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
_KEPT = f"""SELECT {_EVENT} FROM crew_event JOIN device_event AS event ON event.id = crew_event.event"""
_OF_BOX = f"{_KEPT} WHERE crew_event.gateway = ? AND box_stay = ?"
_PATIENT = f"""{_OF_BOX} AND crew_event.vehicle = ? AND event.kind = '{EventKind.PATIENT}'
ORDER BY at_us, detail"""
_OPEN = f"{_OF_BOX} AND stay IS NULL AND problem IS NOT NULL ORDER BY at_us, event.id"
_OPEN_BOXES = """SELECT DISTINCT gateway, box_stay FROM crew_event
WHERE stay IS NULL AND problem IS NOT NULL AND box_stay IS NOT NULL"""
_MOVED = """SELECT event.id, event.at_us / 1000 AS at_ms, crew_event.at_ms AS was_ms, vehicle, event.kind
FROM crew_event JOIN device_event AS event ON event.id = crew_event.event
WHERE crew_event.at_ms > ? AND crew_event.at_ms <> event.at_us / 1000"""
_FOLLOW = (
    "UPDATE stay SET from_ms = :at WHERE bed = :bed AND gateway IS NOT NULL AND from_ms = :was",
    "UPDATE stay SET to_ms = max(from_ms, :at) WHERE bed = :bed AND to_ms = :was",
)
"""Whoever the hospital had put there ended when the crew's patient came: that end follows, too."""
_NOT_ON_TWO = """UPDATE stay SET to_ms = handover.at_ms FROM handover
WHERE handover.from_stay = stay.id AND stay.to_ms > handover.at_ms"""
_DONE = "UPDATE crew_event SET stay = ?, problem = ? WHERE event = ?"


@dataclass(frozen=True, slots=True)
class Told:
    """One event of a crew, which is as it should be. `at_ms` is of the controller's time scale."""

    event: int
    gateway: str
    kind: EventKind
    at_ms: int
    detail: Detail

    @property
    def vehicle(self) -> str:
        """Where it is said to have happened: whether the gateway may say so is asked later."""
        return str(self.detail["vehicle"])

    @property
    def box_stay(self) -> str:
        """The box's number of the stay; "": nobody is on board."""
        return str(self.detail["stay"])

    @property
    def by(self) -> str:
        """Who told it, as our tables have it."""
        return f"crew:{self.detail['by']}"

    def text(self, name: str) -> str:
        """A word of the detail; "": it is not there."""
        return str(self.detail.get(name, "")).strip()


def take(db: sqlite3.Connection, after: int, until: int) -> set[tuple[str, str]]:
    """Keep the events after one id up to another. Returns (gateway, its stay) of all that can be read."""
    boxes: set[tuple[str, str]] = set()
    for row in db.execute(_NEW, (after, until)).fetchall():
        at_ms = row["at_us"] // 1000
        try:
            told = _told(row)
        except BadCrew as error:
            why = str(error).partition(", got ")[0]  # what came may be a patient's name
            db.execute(_ADD, (row["id"], row["gateway"], row["kind"], at_ms, why, None, None, None))
            continue
        number = told.text("event")
        if db.execute(_AGAIN, (told.gateway, number)).fetchone():
            continue  # the box did not live to know that it had said so, and has said it again
        what = told.event, told.gateway, told.kind, at_ms, "it waits for its turn", number
        db.execute(_ADD, (*what, told.vehicle, told.box_stay))
        boxes.add((told.gateway, told.box_stay))
    return boxes


def of_patient(db: sqlite3.Connection, gateway: str, box_stay: str, vehicle: str) -> list[Told]:
    """All that the box told of who is on board, in the order in which it happened."""
    return _all(db.execute(_PATIENT, (gateway, box_stay, vehicle)).fetchall())


def waiting(db: sqlite3.Connection, gateway: str, box_stay: str) -> list[Told]:
    """What is not taken over, in the order in which it happened."""
    return _all(db.execute(_OPEN, (gateway, box_stay)).fetchall())


def boxes_waiting(db: sqlite3.Connection) -> set[tuple[str, str]]:
    """(gateway, its stay) of which something is not taken over."""
    return {tuple(row) for row in db.execute(_OPEN_BOXES).fetchall()}


def follow_clocks(db: sqlite3.Connection, now_ms: int) -> bool:
    """The times of a box are known better than when its word was taken over (`controller/store/restamp.py`):
    stays that began or ended by it follow. Whether any did."""
    moved = db.execute(_MOVED, (now_ms - FOLLOWED_MS,)).fetchall()
    for row in moved:
        db.execute("UPDATE crew_event SET at_ms = ? WHERE event = ?", (row["at_ms"], row["id"]))
        for query in _FOLLOW if row["kind"] == EventKind.PATIENT else ():
            db.execute(query, {"at": row["at_ms"], "bed": row["vehicle"], "was": row["was_ms"]})
    if moved:
        db.execute(_NOT_ON_TWO)
    return bool(moved)


def settle(db: sqlite3.Connection, told: Told, stay: int | None, problem: str | None) -> None:
    """Keep whose it is, or why it is nobody's yet."""
    db.execute(_DONE, (stay, problem, told.event))


def _all(rows: Iterable[sqlite3.Row]) -> list[Told]:
    return [_told(row) for row in rows]


def _told(row: sqlite3.Row) -> Told:
    """Raises BadCrew."""
    kind, detail = EventKind(row["kind"]), json.loads(row["detail"])
    check_told(kind, detail)
    return Told(row["id"], row["gateway"], kind, row["at_us"] // 1000, detail)

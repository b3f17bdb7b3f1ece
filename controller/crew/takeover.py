"""The hospital takes a patient over from a vehicle: one transaction, and word of it to the crew.

    take_over(db, Asked("amb-1", "0123456789abcdef", "bed-1", ("ox-9",)), by, when)

The stay on the vehicle ends when that on the bed begins, or has ended before: nobody is on two beds. What was
measured until then stays where it was measured, and the two stays are linked by a row of `handover`.
"""

import sqlite3
from dataclasses import dataclass

from controller import places, stays
from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.crew.offers import Offered, find
from controller.crew.said import say
from controller.crew.speakers import speakers
from controller.errors import Conflict
from controller.identity.certificates import By
from controller.stays import Moment
from devices.model.orders import HANDED_OVER

_ON_BOARD = "SELECT 1 FROM assignment WHERE device = ? AND bed = ? AND to_ms IS NULL"
_ELSEWHERE = "SELECT 1 FROM stay WHERE identifier = ? AND to_ms IS NULL AND id <> ?"
_LINK = "INSERT INTO handover VALUES (?, ?, ?, ?)"
_BED_NAME = "SELECT name FROM bed WHERE id = ?"
_THE_BED = """UPDATE arrival_request SET answer = ?, acknowledged_ms = ?, acknowledged_by = ?
WHERE stay = ? AND resource = 'bed' AND acknowledged_ms IS NULL"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody confirms: the patient of this `stay` (the box's number) lies on `bed` now, and these
    `devices` of the vehicle are with them; its others stay on board."""

    vehicle: str
    stay: str
    bed: str
    devices: tuple[str, ...] = ()


def take_over(db: sqlite3.Connection, asked: Asked, by: By, when: Moment) -> None:
    """Raises Conflict: it is not possible any more, and why."""
    offer = _possible(db, asked, when.now_ms)
    stays.end(db, db.execute("SELECT * FROM stay WHERE id = ?", (offer.id,)).fetchone(), when.now_ms)
    number, _ = stays.begin(db, asked.bed, offer.patient, when.now_ms, by.actor)
    db.execute(_LINK, (offer.id, number, when.now_ms, by.actor))
    _move(db, asked, offer, by, when)
    bed_name = db.execute(_BED_NAME, (asked.bed,)).fetchone()["name"]
    db.execute(_THE_BED, (bed_name, when.now_ms, by.actor, offer.id))
    _audit(db, asked, offer, by, when)
    told = {"stay": asked.stay, "to": bed_name, "by": by.actor}
    say(db, asked.vehicle, HANDED_OVER, told, by, utc_us=when.utc_us)


def _possible(db: sqlite3.Connection, asked: Asked, now_ms: int) -> Offered:
    offer = find(db, asked.vehicle, asked.stay)
    if offer is None:
        raise Conflict(f"expected a patient whom the crew of {asked.vehicle!r} offers: look at it anew")
    if offer.taken_by is not None:
        raise Conflict(f"this patient was taken over already, by {offer.taken_by}: look where they lie")
    if not offer.is_offered:
        raise Conflict("the crew does not offer this patient, or not any more: ask them, and look anew")
    if offer.is_late(now_ms):
        raise Conflict("the crew ended this stay more than 30 minutes ago: admit the patient on the bed")
    if stays.present(db, asked.bed) is not None:
        raise Conflict(f"somebody is on bed {asked.bed!r} by now: choose a free one")
    if speakers(db, asked.bed):
        raise Conflict(f"{asked.bed!r} is a vehicle: choose a bed")
    if db.execute(_ELSEWHERE, (offer.patient.identifier, offer.id)).fetchone():
        raise Conflict("this patient lies on a bed already: find out who is where")
    for device in asked.devices:
        if not db.execute(_ON_BOARD, (device, asked.vehicle)).fetchone():
            raise Conflict(f"device {device!r} is not on board of {asked.vehicle!r} any more: look anew")
    return offer


def _move(db: sqlite3.Connection, asked: Asked, offer: Offered, by: By, when: Moment) -> None:
    for device in asked.devices:
        places.place(db, device, asked.bed, when.now_ms, by.actor, move=True)
        detail: dict[str, str | int] = {"bed": asked.bed}
        entity, patient = f"device/{device}", offer.patient.identifier
        entry = Entry("assign", by.actor, entity, patient=patient, where=by.where, detail=detail)
        append(db, entry, when.utc_us)


def _audit(db: sqlite3.Connection, asked: Asked, offer: Offered, by: By, when: Moment) -> None:
    """One entry of each side."""
    given, taken = {"to": asked.bed}, {"from": asked.vehicle}
    for action, bed, other in (("hand-over", asked.vehicle, given), ("take-over", asked.bed, taken)):
        detail: dict[str, str | int] = {"stay": asked.stay, **other}
        entity, patient = f"bed/{bed}", offer.patient.identifier
        append(
            db, Entry(action, by.actor, entity, patient=patient, where=by.where, detail=detail), when.utc_us
        )

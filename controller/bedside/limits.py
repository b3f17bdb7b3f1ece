"""The limits of a patient in a bed of a ward: what is asked, and what every box there says that holds.

desk = WardLimits(store, clock)
await desk.move("bed-1", Wanted("P1", "hr-high", "150"), by)
await desk.choose("bed-1", "P1", "child", by)
await desk.present("bed-1")          # None: nobody lies there, or no box there takes limits of one patient

The boxes alone judge a limit and keep it. What is asked holds for this stay, is sent to every gateway whose
devices serve the bed, and is shown as asked until each of them has said that it holds, or why not.
"""

import sqlite3
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.bedside.beds import OF_WARD, key
from controller.bedside.settle import settle
from controller.bedside.told import Box, boxes_of
from controller.clock import Clock
from controller.errors import Conflict
from controller.identity.certificates import By
from controller.limits import Asked, Pending, Wanted
from controller.store import Store
from devices.model.alarm_limits import CONDITIONS, PatientClass, movable

Json = dict[str, Any]

_PRESENT = f"SELECT * FROM stay WHERE bed = ? AND {OF_WARD}"
_CHOSEN = "SELECT * FROM stay_class WHERE stay = ?"
_ASKED = "SELECT * FROM stay_limit WHERE stay = ?"
_MOVE = """INSERT INTO stay_limit (stay, code, value, ended, at_ms, by) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (stay, code) DO UPDATE SET value = excluded.value, ended = excluded.ended, at_ms = excluded.at_ms,
  by = excluded.by"""
_CHOOSE = """INSERT INTO stay_class (stay, class, at_ms, by) VALUES (?, ?, ?, ?)
ON CONFLICT (stay) DO UPDATE SET class = excluded.class, at_ms = excluded.at_ms, by = excluded.by"""


class _Known(NamedTuple):
    """Of one bed, read at once."""

    stay: sqlite3.Row
    boxes: list[Box]
    chosen: sqlite3.Row | None


class WardLimits:
    """Methods raise StoreError, too."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    async def move(self, bed: str, wanted: Wanted, by: By) -> None:
        """Ask for it, for this patient, at every box of the bed.

        Raises Conflict: there is another patient, or none.
        """
        code, value = wanted.code, wanted.value and str(Decimal(wanted.value))
        if code not in CONDITIONS:
            raise Conflict(f"expected the limit of one of {', '.join(CONDITIONS)}, got {code}")
        await self._taking(bed)

        def moved(db: sqlite3.Connection) -> None:
            stay = _whose(db, bed, wanted.patient)
            db.execute(_MOVE, (stay["id"], code, value, "", self._clock.now_us() // 1000, by.actor))
            self._note(db, "move-limit", stay, by, {"code": code, "value": value})

        await self._store.write(moved)

    async def choose(self, bed: str, patient: str, chosen: str, by: By) -> None:
        """This patient is of that class ("": that of the bed). Limits that it does not allow go.

        Raises Conflict: there is another patient, or none.
        """
        boxes = await self._taking(bed)
        is_of = PatientClass(chosen) if chosen else _usual(boxes)

        def choose(db: sqlite3.Connection) -> None:
            stay, at_ms = _whose(db, bed, patient), self._clock.now_us() // 1000
            db.execute(_CHOOSE, (stay["id"], chosen, at_ms, by.actor))
            gone = [row for row in db.execute(_ASKED, (stay["id"],)).fetchall() if not _allows(row, is_of)]
            for row in gone:
                db.execute(_MOVE, (stay["id"], row["code"], "", row["value"], at_ms, by.actor))
            detail = {"class": str(is_of), "ended": " ".join(row["code"] for row in gone)}
            self._note(db, "classify-patient", stay, by, detail)

        await self._store.write(choose)

    async def present(self, bed: str) -> Json | None:
        """As `PresentLimits` of controller/api/alarm_schemas.py has it."""
        known = await self._known(bed)
        if known is None or not _takes(known.boxes):
            return None
        asked = {row["code"]: row for row in await self._store.read(_ASKED, (known.stay["id"],))}
        patient = _class_of(known)
        limits = [_limit(one, asked.get(one["code"]), known.boxes) for one in movable(patient)]
        return {
            "patient": known.stay["identifier"],
            "class": str(patient),
            "ward": {
                "chosen": known.chosen["class"] if known.chosen else "",
                "usual": str(_usual(known.boxes)),
                "asked": _class_asked(known),
                "boxes": [_box(one) for one in known.boxes],
            },
            "limits": limits,
        }

    async def _known(self, bed: str) -> _Known | None:
        stay = next(iter(await self._store.read(_PRESENT, (bed,))), None)
        if stay is None:
            return None
        chosen = next(iter(await self._store.read(_CHOSEN, (stay["id"],))), None)
        return _Known(stay, await boxes_of(self._store, bed, key(stay)), chosen)

    async def _taking(self, bed: str) -> list[Box]:
        known = await self._known(bed)
        if known is None or not _takes(known.boxes):
            raise Conflict(
                f"expected a patient in {bed!r} and a device there whose box takes limits of one patient, "
                "there is none: look at the bed, or ask an engineer which release its boxes run"
            )
        return known.boxes

    def _note(self, db: sqlite3.Connection, action: str, stay: sqlite3.Row, by: By, detail: Json) -> None:
        """Into the trail, and to the boxes."""
        utc_us, entity = self._clock.utc_us(), f"bed/{stay['bed']}"
        entry = Entry(action, by.actor, entity, patient=stay["identifier"], where=by.where, detail=detail)
        append(db, entry, utc_us)
        settle(db, utc_us)


def _whose(db: sqlite3.Connection, bed: str, patient: str) -> sqlite3.Row:
    stay = db.execute(_PRESENT, (bed,)).fetchone()
    if stay is None or stay["identifier"] != patient:
        raise Conflict(f"expected the patient who is in {bed!r} now, another is, or nobody: open it anew")
    return stay


def _allows(row: sqlite3.Row, patient: PatientClass) -> bool:
    return not row["value"] or CONDITIONS[row["code"]].allows(Decimal(row["value"]), patient)


def _takes(boxes: Iterable[Box]) -> bool:
    return any(one.bed_class for one in boxes)


def _usual(boxes: Iterable[Box]) -> PatientClass:
    """Of the bed: where two boxes differ, that of the first by name."""
    return next((one.bed_class for one in boxes if one.bed_class), PatientClass.ADULT)


def _class_of(known: _Known) -> PatientClass:
    """By which this patient is judged: what was chosen, once every box that knows of the stay has it."""
    chosen = known.chosen["class"] if known.chosen else ""
    others = [one.patient for one in known.boxes if one.patient and one.patient != (chosen or one.bed_class)]
    return next(iter(others), PatientClass(chosen) if chosen else _usual(known.boxes))


def _box(one: Box) -> Json:
    """How a box stands: the class by which it judges this patient is null until it says so."""
    usual, patient = one.bed_class and str(one.bed_class), one.patient and str(one.patient)
    return {"gateway": one.gateway, "usual": usual, "class": patient}


def _class_asked(known: _Known) -> Asked | None:
    """What was chosen and does not hold everywhere yet."""
    row = known.chosen
    if row is None:
        return None
    waits = [one.gateway for one in known.boxes if one.patient != (row["class"] or one.bed_class)]
    return Asked(row["class"], row["by"], row["at_ms"], Pending.SENT, "", tuple(waits)) if waits else None


def _limit(one: Json, row: sqlite3.Row | None, boxes: list[Box]) -> Json:
    """One limit: what holds, and what was asked where not every box says that it holds."""
    code, wanted = one["code"], row["value"] if row else ""
    others = [box for box in boxes if box.value(code) != wanted]
    if row is None or others:
        told = others[0].limits.get(code) if others else None
        whose = (told.by, told.at_ms) if told else ("", None)
    else:
        whose = row["by"], row["at_ms"]
    text = others[0].value(code) if others else wanted
    holds: Json = {"value": float(text) if text else None, "by": whose[0], "at_ms": whose[1]}
    ended = float(row["ended"]) if row and row["ended"] else None
    return {**one, **holds, "asked": _asked(row, code, boxes) if row else None, "ended": ended}


def _asked(row: sqlite3.Row, code: str, boxes: Iterable[Box]) -> Asked | None:
    wanted = row["value"]
    waits = [one for one in boxes if one.patient is None or one.value(code) != wanted]
    if not waits:
        return None
    told = [(one.gateway, one.limits.get(code)) for one in waits]
    refused = [f"{gateway}: {said.why}" for gateway, said in told if said and said.refused == wanted != ""]
    state = Pending.REFUSED if refused else Pending.SENT
    names = tuple(one.gateway for one in waits)
    return Asked(wanted, row["by"], row["at_ms"], state, "; ".join(refused), names)

"""What a crew asks the hospital for, and who there has acknowledged it.

    desk = RequestDesk(store, clock)
    asked = await desk.ask("amb-1", "cath-lab", "STEMI", by)
    await desk.acknowledge("amb-1", asked.id, "room 2", by)
    await desk.present(["amb-1"])            # those of the patient who is on board now, the newest first

A request belongs to a stay: to one patient on one vehicle. A correction of the patient's name makes another
stay of the same patient, whose requests these stay.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.clock import Clock
from controller.crew.said import say
from controller.errors import Conflict, NotFound
from controller.identity.certificates import By
from controller.store import Store
from devices.model.orders import ANSWER

Resource = Literal["bed", "team", "cath-lab", "blood", "call"]
"""What can be asked for; "call", to speak by video, by the crew at their box alone."""
KEPT_MS = 86_400_000
"""No ride lasts longer: what the same patient was asked for before is of another one."""

_NOW = "SELECT id, identifier FROM stay WHERE bed = ? AND to_ms IS NULL"
_PRESENT = """SELECT request.*, stay.bed FROM arrival_request AS request JOIN stay ON stay.id = request.stay
WHERE stay.bed = ? AND asked_ms > ?
  AND stay.identifier = (SELECT identifier FROM stay WHERE bed = ? AND to_ms IS NULL)
ORDER BY request.id DESC"""
_ADD = """INSERT INTO arrival_request (stay, resource, note, asked_ms, asked_by) VALUES (?, ?, ?, ?, ?)
RETURNING id"""
_AT_BOX = "SELECT box_request FROM arrival_request WHERE id = ?"
_ANSWER = "UPDATE arrival_request SET answer = ?, acknowledged_ms = ?, acknowledged_by = ? WHERE id = ?"


@dataclass(frozen=True, slots=True)
class Request:
    """One request. Times are of the controller's scale; the last three are None until it is acknowledged."""

    id: int
    resource: str
    note: str
    asked_ms: int
    asked_by: str
    answer: str | None = None
    acknowledged_ms: int | None = None
    acknowledged_by: str | None = None


class RequestDesk:
    """Methods raise StoreError, too."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def ask(self, vehicle: str, resource: Resource, note: str, by: By) -> Request:
        """Ask for `resource` for the patient on board.

        Raises NotFound (nobody is on board), and Conflict while the same is asked for and not acknowledged.
        """
        return await self._store.write(lambda db: self._ask(db, vehicle, resource, note, by))

    async def acknowledge(
        self, vehicle: str, number: int, answer: str, by: By, *, to_box: str | None = None
    ) -> Request:
        """Say that the hospital knows; `to_box`: what the crew is told instead of `answer`, and nobody else.

        Raises NotFound, and Conflict when somebody has said so already."""
        told = answer if to_box is None else to_box
        return await self._store.write(lambda db: self._acknowledge(db, vehicle, number, (answer, told), by))

    async def present(self, vehicles: Iterable[str]) -> dict[str, list[Request]]:
        """By vehicle, those of the patient who is on board now, the newest first."""
        return {one: [_request(row) for row in await self._rows(one)] for one in vehicles}

    async def _rows(self, vehicle: str) -> list[sqlite3.Row]:
        return await self._store.read(_PRESENT, (vehicle, self._now_ms() - KEPT_MS, vehicle))

    def _ask(self, db: sqlite3.Connection, vehicle: str, resource: str, note: str, by: By) -> Request:
        stay = db.execute(_NOW, (vehicle,)).fetchone()
        if stay is None:
            raise NotFound(f"nobody is on board of {vehicle!r}: admit the patient there first")
        for held in self._present(db, vehicle):
            if held.resource == resource and held.acknowledged_ms is None:
                raise Conflict(
                    f"{resource} is asked for already, by {held.asked_by}: wait until it is acknowledged"
                )
        now = self._now_ms()
        (number,) = db.execute(_ADD, (stay["id"], resource, note, now, by.actor)).fetchone()
        made = Request(number, resource, note, now, by.actor)
        self._audit(db, _entry("arrival-request", vehicle, by, made), stay["identifier"])
        return made

    def _acknowledge(
        self, db: sqlite3.Connection, vehicle: str, number: int, said: tuple[str, str], by: By
    ) -> Request:
        answer, to_box = said
        held = next((one for one in self._present(db, vehicle) if one.id == number), None)
        if held is None:
            raise NotFound(f"there is no request {number} of {vehicle!r}: see /api/arrivals")
        if held.acknowledged_ms is not None:
            raise Conflict(f"request {number} was acknowledged by {held.acknowledged_by} already")
        db.execute(_ANSWER, (answer, self._now_ms(), by.actor, number))
        identifier = db.execute(_NOW, (vehicle,)).fetchone()["identifier"]
        self._audit(db, _entry("arrival-acknowledge", vehicle, by, held), identifier)
        (at_box,) = db.execute(_AT_BOX, (number,)).fetchone()
        if at_box is not None:  # its crew hears of it at the box where they asked
            told = {"id": at_box, "text": to_box, "by": by.actor}
            say(db, vehicle, ANSWER, told, by, utc_us=self._clock.utc_us())
        return next(one for one in self._present(db, vehicle) if one.id == number)

    def _present(self, db: sqlite3.Connection, vehicle: str) -> list[Request]:
        rows = db.execute(_PRESENT, (vehicle, self._now_ms() - KEPT_MS, vehicle)).fetchall()
        return [_request(row) for row in rows]

    def _audit(self, db: sqlite3.Connection, entry: Entry, patient: str) -> None:
        append(db, replace(entry, patient=patient), self._clock.utc_us())

    def _now_ms(self) -> int:
        return self._clock.now_us() // 1000


def _entry(action: str, vehicle: str, by: By, about: Request) -> Entry:
    detail: dict[str, str | int] = {"request": about.id, "resource": about.resource}
    return Entry(action, by.actor, f"vehicle/{vehicle}", where=by.where, detail=detail)


def _request(row: sqlite3.Row) -> Request:
    told = tuple(row[name] for name in Request.__dataclass_fields__)
    return Request(*told)

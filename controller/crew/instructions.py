"""What a physician asks of the crew of a vehicle, and how far it has come.

desk = InstructionDesk(store, clock)
await desk.instruct("amb-1", "P1", "0123456789abcdef", "12-lead ECG please", by)
await desk.present("amb-1")          # of the patient on board, the newest first
"""

import json
import sqlite3
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from controller import stays
from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.clock import Clock
from controller.crew.said import say
from controller.errors import Conflict, NotFound
from controller.identity.certificates import By
from controller.store import Store
from devices.model.crew import Heard
from devices.model.orders import INSTRUCT
from devices.wire.orders import Outcome

_HELD = "SELECT stay, text FROM instruction WHERE id = ?"
_ADD = "INSERT INTO instruction VALUES (?, ?, ?, ?, ?, ?, ?)"
_PRESENT = """SELECT instruction.*, command.expires_utc_us, (SELECT detail FROM device_event
  WHERE device IS NULL AND kind = 'command' AND device_event.gateway = instruction.gateway
  AND json_extract(detail, '$.id') = instruction.command ORDER BY id LIMIT 1) AS result
FROM instruction JOIN stay ON stay.id = instruction.stay JOIN command ON command.id = instruction.command
WHERE stay.bed = ? AND stay.to_ms IS NULL ORDER BY instruction.at_ms DESC, instruction.id LIMIT 100"""
_HEARD = """SELECT event.detail, crew_event.at_ms FROM crew_event
JOIN device_event AS event ON event.id = crew_event.event JOIN stay ON stay.id = crew_event.stay
WHERE stay.bed = ? AND stay.to_ms IS NULL AND crew_event.kind = 'instruction' ORDER BY crew_event.at_ms"""


class State(StrEnum):
    """How far an instruction has come."""

    SENT = "sent"
    """The box has not said that it has it."""
    EXPIRED = "expired"
    """It did not get there in time, and does not any more."""
    REFUSED = "refused"
    """The box did not take it: the patient had left, …"""
    DELIVERED = "delivered"
    SHOWN = "shown"
    ACKNOWLEDGED = "acknowledged"


class Asked(NamedTuple):
    """An instruction as it is given: `number` is 16 hexadecimal digits, made by whoever gives it."""

    number: str
    text: str
    patient: str


@dataclass(frozen=True, slots=True)
class Said:
    """Who in the crew, and when, in the controller's time scale."""

    by: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Instruction:
    """One, as it stands."""

    id: str
    text: str
    by: str
    at_ms: int
    state: State
    why: str
    shown: Said | None
    acknowledged: Said | None


class InstructionDesk:
    """Methods raise StoreError, too."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def instruct(self, bed: str, asked: Asked, by: By) -> None:
        """Ask for it, for the patient on board. The same number with the same text asks once.

        Raises Conflict: somebody else is on board, the number was for another; NotFound: it is no vehicle.
        """
        await self._store.write(lambda db: self._instruct(db, bed, asked, by))

    async def present(self, bed: str) -> list[Instruction]:
        """Those for the patient on board, the newest first."""
        heard: dict[tuple[str, str], Said] = {}
        for row in await self._store.read(_HEARD, (bed,)):
            told = json.loads(row["detail"])
            heard.setdefault((told["id"], told["state"]), Said(told["by"], row["at_ms"]))
        utc_us = self._clock.utc_us()
        return [_instruction(row, heard, utc_us) for row in await self._store.read(_PRESENT, (bed,))]

    def _instruct(self, db: sqlite3.Connection, bed: str, asked: Asked, by: By) -> None:
        number, text, patient = asked
        stay = stays.present(db, bed)
        if stay is None or stay["identifier"] != patient:
            raise Conflict(
                f"expected the patient for whom this is on {bed!r}, who is not there any more: open it anew"
            )
        held = db.execute(_HELD, (number,)).fetchone()
        if held is not None:
            if tuple(held) != (stay["id"], text):
                raise Conflict(f"instruction {number} is another one: make a new number")
            return
        utc_us, told = self._clock.utc_us(), {"stay": stay["box_stay"] or "", "id": number, "text": text}
        sent = say(db, bed, INSTRUCT, {**told, "by": by.actor}, by, utc_us=utc_us)
        if sent is None:
            raise NotFound(f"{bed!r} has no gateway that its crew looks at: see the page Gateways")
        at_ms = self._clock.now_us() // 1000
        db.execute(_ADD, (number, stay["id"], sent.gateway, text, at_ms, by.actor, sent.id.hex()))
        detail: dict[str, str | int] = {"instruction": number}
        entity = f"bed/{bed}"
        append(
            db, Entry("instruct", by.actor, entity, patient=patient, where=by.where, detail=detail), utc_us
        )


def _instruction(row: sqlite3.Row, heard: dict[tuple[str, str], Said], utc_us: int) -> Instruction:
    shown, acknowledged = (heard.get((row["id"], state)) for state in (Heard.SHOWN, Heard.ACKNOWLEDGED))
    result = json.loads(row["result"] or "{}")
    if acknowledged or shown:
        state = State.ACKNOWLEDGED if acknowledged else State.SHOWN
    elif result:
        state = State.DELIVERED if result.get("outcome") == Outcome.DONE else State.REFUSED
    else:
        state = State.EXPIRED if utc_us > row["expires_utc_us"] else State.SENT
    why = str(result.get("why", "")) if state is State.REFUSED else ""
    return Instruction(row["id"], row["text"], row["by"], row["at_ms"], state, why, shown, acknowledged)

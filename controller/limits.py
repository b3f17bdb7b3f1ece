"""The limits of the alarms of a patient on board: what the box says that holds, and what was asked of it.
Those of a patient in a ward's bed are another thing: controller/bedside/.

desk = LimitDesk(store, orders, clock)
await desk.move("amb-1", Wanted("P1", "hr-high", "150"), by)
await desk.present("amb-1")          # None: no crew began a stay there

The box alone judges a limit and keeps it: here is only what it told (`EventKind.LIMIT`). What was asked of it
and is not told yet is shown as asked.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from controller.clock import Clock
from controller.errors import Conflict
from controller.identity.certificates import By
from controller.orders.desk import OrderDesk
from controller.orders.followed import Followed
from controller.store import Store
from devices.model.alarm_limits import PatientClass, movable
from devices.model.orders import SET_LIMIT
from devices.wire.orders import Command

LIFE_US = 600_000_000
"""A gateway that is not there takes it within so long: later, somebody should look again."""
MOST = 200
"""Orders of a gateway that are looked through."""
_DAY_US = 86_400_000_000

Json = dict[str, Any]

_ON_BOARD = "SELECT identifier, gateway, box_stay, from_ms FROM stay WHERE bed = ? AND to_ms IS NULL"
_TOLD = """SELECT detail, at_us FROM device_event
WHERE device IS NULL AND kind = 'limit' AND at_us > ? AND gateway = ?
  AND json_extract(detail, '$.stay') = ? ORDER BY at_us, id"""
_CLASSES = """SELECT json_extract(event.detail, '$.class') AS class FROM crew_event
JOIN device_event AS event ON event.id = crew_event.event
WHERE crew_event.gateway = ? AND box_stay = ? AND crew_event.kind = 'patient' ORDER BY at_us, event.id"""


class Pending(StrEnum):
    """How far an order has come that the box has not done."""

    SENT = "sent"
    EXPIRED = "expired"
    REFUSED = "refused"
    """Or it failed; `why` says it."""


class Wanted(NamedTuple):
    """A limit for the patient with this identifier; an empty value: that of the patient's class."""

    patient: str
    code: str
    value: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What the box was asked for, and has not done (yet). `at_ms`: of the controller's scale."""

    value: str
    by: str
    at_ms: int
    state: Pending
    why: str
    waits: tuple[str, ...] = ()
    """The boxes that have not done it, where there are several."""


class LimitDesk:
    """Methods raise StoreError, too."""

    def __init__(self, store: Store, orders: OrderDesk, clock: Clock) -> None:
        self._store = store
        self._orders = orders
        self._clock = clock

    async def move(self, bed: str, wanted: Wanted, by: By) -> None:
        """Ask the patient's box for it. Raises Conflict: another patient, or one whom no crew began."""
        stay = await self._stay(bed)
        if stay is None or stay["identifier"] != wanted.patient:
            raise Conflict(f"expected the patient who is on {bed!r} now, another is, or nobody: open it anew")
        if not stay["box_stay"]:
            raise Conflict(f"{bed!r}: limits are moved for patients whose vehicle's crew began the stay")
        whose = {"bed": bed, "stay": stay["box_stay"], "by": by.actor}
        arguments = {**whose, "code": wanted.code, "value": wanted.value}
        await self._orders.command(stay["gateway"], SET_LIMIT, arguments, by, LIFE_US)

    async def present(self, bed: str) -> Json | None:
        """`patient`, `class`, and `limits`, one for each that may be moved: see `movable`, and `value` (None:
        that of the class), `by`, `at_ms`, `asked`. `ward` and `ended` are of those in a ward's bed."""
        stay = await self._stay(bed)
        if stay is None or not stay["box_stay"]:
            return None
        whose = stay["gateway"], stay["box_stay"]
        told = await self._store.read(_TOLD, (stay["from_ms"] * 1000 - _DAY_US, *whose))
        patient = _class_of(await self._store.read(_CLASSES, whose))
        moved = _moved(told)
        asked = self._asked(await self._orders.commands(stay["gateway"], MOST), stay["box_stay"])
        nothing: Json = {"value": None, "by": "", "at_ms": None}
        limits = [
            {**one, **moved.get(one["code"], nothing), "asked": asked.get(one["code"]), "ended": None}
            for one in movable(patient)
        ]
        return {"patient": stay["identifier"], "class": str(patient), "ward": None, "limits": limits}

    async def _stay(self, bed: str) -> sqlite3.Row | None:
        return next(iter(await self._store.read(_ON_BOARD, (bed,))), None)

    def _asked(self, orders: Iterable[Followed], stay: str) -> dict[str, Asked | None]:
        """By code the newest; None: the box did it, and said so."""
        newest: dict[str, Asked | None] = {}
        for one in orders:
            order = one.order
            if isinstance(order, Command) and order.name == SET_LIMIT and order.arguments["stay"] == stay:
                newest.setdefault(str(order.arguments["code"]), self._pending(one, order))
        return newest

    def _pending(self, one: Followed, order: Command) -> Asked | None:
        if one.state == "done":
            return None
        state = Pending(one.state) if one.state in set(Pending) else Pending.REFUSED
        at_ms = (order.issued_us - self._clock.utc_us() + self._clock.now_us()) // 1000
        return Asked(str(order.arguments["value"]), order.issuer, at_ms, state, one.why)


def _class_of(rows: Iterable[sqlite3.Row]) -> PatientClass:
    """As the crew said last; before that, as for everybody."""
    said = [row["class"] for row in rows if row["class"]]
    return PatientClass(said[-1]) if said else PatientClass.ADULT


def _moved(rows: Iterable[sqlite3.Row]) -> dict[str, Mapping[str, Any]]:
    """By code, what the box said last."""
    moved: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        detail = json.loads(row["detail"])
        value = float(detail["value"]) if detail["value"] else None
        moved[detail["code"]] = {"value": value, "by": detail["by"], "at_ms": row["at_us"] // 1000}
    return moved

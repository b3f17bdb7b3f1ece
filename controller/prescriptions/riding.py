"""A delivery that a robot carries: what follows for it and its chain of custody from what its transport did.

    riding.send(db, over, "TR00000001", by)         # in the transaction that asks for the transport
    rx = await riding.follow("TR00000001")          # None: nothing new

All of it follows from rows (robot_transport, robot_handled): however often it is looked at, and whenever.
"""

import json
import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from controller.errors import Conflict
from controller.identity.certificates import By
from controller.imaging.sight import WHOLE
from controller.prescriptions import custody, notices, pharmacy_notices
from controller.prescriptions.books import Books
from controller.prescriptions.cold import handing
from controller.prescriptions.custody import ROBOT, Hand
from controller.prescriptions.delivered import Delivery, held
from controller.prescriptions.delivery import Deliveries, Over, check_not_returning
from controller.prescriptions.model import Prescription
from controller.prescriptions.people import People
from controller.prescriptions.states import DeliveryState
from controller.security.permissions import Permission
from controller.security.users import User
from controller.steps import check_step
from controller.store.sql import IDS


class Stage(StrEnum):
    """How far the delivery of a transport is."""

    SENT = "sent"
    ABOARD = "aboard"
    RECEIVED = "received"
    OVER = "over"
    """With a reason: it is carried by hand again."""


STAGES: Mapping[Stage, frozenset[Stage]] = {
    Stage.SENT: frozenset({Stage.ABOARD, Stage.OVER}),
    Stage.ABOARD: frozenset({Stage.RECEIVED, Stage.OVER}),
    Stage.RECEIVED: frozenset({Stage.OVER}),
    Stage.OVER: frozenset(),
}
NOTICE = "by-hand"
_BY = By("controller")
_ADD = "INSERT INTO rx_ride (transport, delivery, stage, why, by, at_ms) VALUES (?, ?, 'sent', '', ?, ?)"
_STEP = "UPDATE rx_ride SET stage = ?, why = ?, at_ms = ? WHERE transport = ?"
_ALL = """SELECT rx_ride.*, rx_delivery.number, rx_delivery.coming_back,
  rx_delivery.state <> 'in-progress' AS ended, robot_transport.pick, robot_transport."drop",
  robot_transport.state, robot_transport.robot, robot_transport.why AS reason, robot_transport.reason AS code,
  robot_transport.cancelled_by <> '' AS cancelled,
  (SELECT count(*) FROM robot_handled WHERE robot_handled.transport = rx_ride.transport) AS hands FROM rx_ride
JOIN rx_delivery ON rx_delivery.id = rx_ride.delivery
JOIN robot_transport ON robot_transport.id = rx_ride.transport"""
_ONE = f"{_ALL} WHERE rx_ride.transport = ?"
_OPEN = f"{_ALL} WHERE rx_ride.stage <> 'over' ORDER BY robot_transport.number"
_OF = f"""{_ALL} WHERE rx_ride.delivery IN {IDS} ORDER BY robot_transport.number"""
_DID = "SELECT * FROM robot_handled WHERE transport = ? ORDER BY id"
_UNLOADED = frozenset({"cancelled", "failed"})
_ON_ITS_WAY = frozenset({"wanted", "assigned"})


@dataclass(frozen=True, slots=True)
class Ride:
    """A delivery's way by robot, and its transport as it stands (`state`, `reason`)."""

    transport: str
    delivery: int
    number: str
    """Of the delivery."""
    stage: Stage
    why: str
    by: str
    pick: str
    drop: str
    state: str
    robot: str | None
    reason: str
    code: str
    """Of the reason, with its parameters, JSON (robots/reasons.py); "": somebody's own words."""
    ended: bool
    """The delivery is over."""
    coming_back: bool
    """It was withdrawn."""
    cancelled: bool
    """Somebody does not want the transport any more."""
    hands: int
    """How often somebody did something with it at the robot."""

    @property
    def not_wanted(self) -> str:
        """Why its transport has to be cancelled; "": it has not."""
        if self.cancelled or self.state not in _ON_ITS_WAY | {"picked"}:
            return ""
        if self.coming_back:
            return f"{self.number} was withdrawn"
        return f"{self.number} was carried by hand" if self.ended and self.state in _ON_ITS_WAY else ""


class Riding:
    """Methods raise StoreError, too."""

    def __init__(self, books: Books, deliveries: Deliveries, people: People) -> None:
        self._books = books
        self._deliveries = deliveries
        self._people = people

    def send(self, db: sqlite3.Connection, over: Over, transport: str, by: By) -> None:
        """A robot is to carry it. Raises NotFound, Outdated, Conflict."""
        found, rx = self._deliveries.under_way(db, over)
        check_not_returning(found)
        if found.kind != "ward":
            raise Conflict(f"delivery {found.number} leaves the hospital: robots go to wards")
        handing.check_packed(db, found.id)
        if any(one.stage != Stage.OVER for one in _rides(db, _OF, json.dumps([found.id]))):
            raise Conflict(f"delivery {found.number} was sent by robot already: see its transport")
        db.execute(_ADD, (transport, found.id, by.actor, self._books.now_ms()))
        self._books.note(db, "delivery-sent-by-robot", rx, by, delivery=found.number, transport=transport)
        self._deliveries.change(db, found, rx, found.state, by)

    async def open(self) -> list[Ride]:
        """Those that are not over."""
        return [_ride(row) for row in await self._books.store.read(_OPEN)]

    async def of(self, deliveries: Collection[int]) -> dict[int, Ride]:
        """The last of each delivery (id) that was sent by robot."""
        rows = await self._books.store.read(_OF, (json.dumps(list(deliveries)),))
        return {one.delivery: one for one in map(_ride, rows)}

    async def check_taker(self, transport: str, taker: User, drawer: int | None) -> None:
        """Before anybody is let at what a robot carries; what is no delivery is not looked at.

        Raises Conflict: not this person, not this drawer, or it was withdrawn.
        """
        await self.follow(transport)
        for ride in map(_ride, await self._books.store.read(_ONE, (transport,))):
            sees = await self._people.sight_of(taker)
            found, rx = await self._deliveries.find(ride.number, WHOLE)
            if Permission.DELIVER_RX not in taker.permissions or not sees.shows(rx.identifier, ""):
                raise Conflict(f"{taker.name} may not take what {transport} carries: another person has to")
            await self._books.store.write(
                lambda db, one=found: handing.check_receivable(db, self._books, one.id, one.kind)
            )
            chain = await custody.chain(self._books, found.id)
            await self._check(ride, found, chain[-1].drawer, drawer)

    async def _check(self, ride: Ride, found: Delivery, inside: str, drawer: int | None) -> None:
        if ride.state == "picked":
            check_not_returning(found)
        if ride.stage == Stage.ABOARD and inside and drawer is not None and inside != str(drawer):
            raise Conflict(f"delivery {found.number} is in drawer {inside}, not in {drawer}")

    async def follow(self, transport: str) -> Prescription | None:
        """What its transport did since. Gives the prescription if something follows from that."""
        step: Prescription | None = None
        while rx := await self._books.store.write(lambda db: self._next(db, transport)):
            step = rx
        return step

    def _next(self, db: sqlite3.Connection, transport: str) -> Prescription | None:
        """One step, in one transaction."""
        for ride in _rides(db, _ONE, transport):
            found, rx = held(db, ride.number)
            does = {
                Stage.SENT: self._sent,
                Stage.ABOARD: self._aboard,
                Stage.RECEIVED: self._received,
            }.get(ride.stage)
            if does and does(db, ride, (found, rx), db.execute(_DID, (transport,)).fetchall()):
                return rx
        return None

    def _sent(
        self, db: sqlite3.Connection, ride: Ride, way: tuple[Delivery, Prescription], did: list[sqlite3.Row]
    ) -> bool:
        found, rx = way
        if ride.state in _UNLOADED:
            return self._by_hand(db, ride, way, ride.reason or ride.state)
        if ride.state in _ON_ITS_WAY or ride.robot is None:
            return False
        loading = [one for one in did if one["stage"] in _ON_ITS_WAY]
        drawers = [str(one["drawer"]) for one in loading if one["drawer"] is not None]
        who = loading[-1] if loading else None
        by = By(who["person"] if who else ride.robot)
        hand = Hand(
            f"{ROBOT}{ride.robot}",
            f"robot {ride.robot}",
            custody.last(db, found.id).seal,
            drawers[-1] if drawers else "",
            who["how"] if who else "robot",
        )
        custody.add(db, self._books, (rx, found.id, found.number), hand, by)
        return self._step(db, ride, way, Stage.ABOARD, by=by)

    def _aboard(
        self, db: sqlite3.Connection, ride: Ride, way: tuple[Delivery, Prescription], did: list[sqlite3.Row]
    ) -> bool:
        taken = [one for one in did if one["stage"] == "picked"]
        if taken:
            return self._receive(db, ride, way, taken[0])
        if ride.state == "delivered" and ride.ended:
            return self._step(db, ride, way, Stage.OVER)
        if ride.state == "delivered":
            return self._by_hand(db, ride, way, f"unloaded at {ride.drop}, and nobody said who took it")
        if ride.state not in ("returned", "failed"):
            return False
        back = [one for one in did if one["stage"] == "returning"]
        if back:
            self._give(db, ride, way, back[0], ride.pick)
        return self._by_hand(db, ride, way, ride.reason or ride.state)

    def _received(
        self, db: sqlite3.Connection, ride: Ride, way: tuple[Delivery, Prescription], did: list[sqlite3.Row]
    ) -> bool:
        if ride.state == "delivered":
            return self._step(db, ride, way, Stage.OVER)
        if ride.state not in ("returning", "returned", "failed"):
            return False
        found, rx = way
        if ride.state != "failed":
            hand = Hand(f"{ROBOT}{ride.robot}", f"robot {ride.robot}", verified="robot")
            custody.add(db, self._books, (rx, found.id, found.number), hand, By(did[-1]["person"]))
        return self._by_hand(db, ride, way, f"its drawer was opened, then: {ride.reason}")

    def _receive(
        self, db: sqlite3.Connection, ride: Ride, way: tuple[Delivery, Prescription], who: sqlite3.Row
    ) -> bool:
        """As if that person had taken it over by hand; of what was withdrawn it is only said who has it."""
        found, rx = way
        if found.coming_back or found.state is not DeliveryState.IN_PROGRESS:
            self._give(db, ride, way, who, ride.drop)
        if found.coming_back:
            return self._by_hand(db, ride, way, f"{who['person']} has it, and it is not to be used")
        if found.state is not DeliveryState.IN_PROGRESS:
            return self._step(db, ride, way, Stage.RECEIVED)
        inside = custody.last(db, found.id)
        drawer = inside.drawer if who["drawer"] is None else str(who["drawer"])
        hand = Hand(who["person"], ride.drop, inside.seal, drawer, who["how"])
        by = By(who["person"])
        made = self._deliveries.arrive(db, found, rx, hand, by)
        return self._step(db, ride, (made, rx), Stage.RECEIVED, by=by)

    def _give(
        self,
        db: sqlite3.Connection,
        ride: Ride,
        way: tuple[Delivery, Prescription],
        who: sqlite3.Row,
        spot: str,
    ) -> None:
        found, rx = way
        hand = Hand(who["person"], spot, custody.last(db, found.id).seal, verified=who["how"])
        custody.add(db, self._books, (rx, found.id, ride.number), hand, By(who["person"]))

    def _by_hand(
        self, db: sqlite3.Connection, ride: Ride, way: tuple[Delivery, Prescription], why: str
    ) -> bool:
        """No robot carries it any more: who sent it and the pharmacy are told."""
        notices.tell(db, self._books, way[1], NOTICE, f"{ride.number}: {why}", person=ride.by)
        what = pharmacy_notices.What(NOTICE, ride.number, why)
        pharmacy_notices.tell(db, self._books, what, By(ride.robot or _BY.actor), rx=way[1])
        return self._step(db, ride, way, Stage.OVER, why)

    def _step(
        self,
        db: sqlite3.Connection,
        ride: Ride,
        way: tuple[Delivery, Prescription],
        to: Stage,
        why: str = "",
        *,
        by: By = _BY,
    ) -> bool:
        check_step(STAGES, ride.stage, to)
        found, rx = way
        db.execute(_STEP, (to, why, self._books.now_ms(), ride.transport))
        told = {"delivery": ride.number, "transport": ride.transport, "stage": str(to), "because": why}
        self._books.note(db, "delivery-by-robot", rx, by, **told)
        self._deliveries.change(db, found, rx, found.state, by)
        return True


def _rides(db: sqlite3.Connection, query: str, *values: str) -> list[Ride]:
    return [_ride(row) for row in db.execute(query, values)]


def _ride(row: sqlite3.Row) -> Ride:
    flags = {name: bool(row[name]) for name in ("ended", "coming_back", "cancelled")}
    told = {name: row[name] for name in Ride.__dataclass_fields__ if name not in flags}
    return Ride(**{**told, **flags, "stage": Stage(row["stage"])})

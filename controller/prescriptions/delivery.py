"""How what is ready comes to the patient: to the ward by hand or robot, home by courier, or picked up.

    begun = begin(db, books, (rx, dispense, "ward-a"), new_code(), by)
    await deliveries.hand(over, Hand("robot:R1", "robot R1", seal="S-17", drawer="2"), by)
    opened = await deliveries.open("SD00000001", "2", Shown(badge="04A2F1C9"), "robot:R1")    # its service
    await deliveries.inside("R1", sight)                                  # what is in which of its drawers

Who takes it home or picks it up says six digits, of which only a hash is kept.
"""

import sqlite3
from typing import NamedTuple

from controller.clock import local_text
from controller.errors import Conflict, OrderError
from controller.identity.certificates import By
from controller.imaging.sight import Sight
from controller.prescriptions import custody, delivered, notices, pharmacy_notices
from controller.prescriptions.books import Books, check_revision
from controller.prescriptions.codes import MOST_TRIES, Code, is_code, new_code
from controller.prescriptions.cold import handing
from controller.prescriptions.custody import PATIENT, ROBOT, Hand, Link, Way
from controller.prescriptions.delivered import Delivery, held, row_of
from controller.prescriptions.model import Delivery as Kind
from controller.prescriptions.model import Prescription
from controller.prescriptions.people import People
from controller.prescriptions.states import DELIVERY_STEPS, DeliveryState
from controller.security.badges import Shown
from controller.security.permissions import Permission
from controller.steps import check_step

_ADD = """INSERT INTO rx_delivery (id, number, dispense, kind, state, revision, destination, day, queue, salt,
  code, tries, coming_back, started_ms, changed_by, changed_ms)
VALUES (:id, :number, :dispense, :kind, 'in-progress', 1, :destination, :day, :queue, :salt, :code, 0, 0,
  :now_ms, :by, :now_ms)"""
_QUEUE = "SELECT ifnull(max(queue), 0) + 1 FROM rx_delivery WHERE day = ?"
_ID = "SELECT ifnull(max(id), 0) + 1 FROM rx_delivery"
_CHANGE = """UPDATE rx_delivery SET state = ?, ended_ms = ?, revision = revision + 1, changed_by = ?,
  changed_ms = ? WHERE id = ?"""
_TRY = "UPDATE rx_delivery SET tries = tries + 1 WHERE id = ?"
_CODE = """UPDATE rx_delivery SET salt = ?, code = ?, tries = 0, revision = revision + 1, changed_by = ?,
  changed_ms = ? WHERE id = ?"""


class Opened(NamedTuple):
    """A drawer may be opened: for whom."""

    delivery: str
    drawer: str
    person: str
    at_ms: int


class Begun(NamedTuple):
    """A delivery that begins; `code` "": none is needed; `queue` None: it is not picked up."""

    number: str
    kind: Kind
    queue: int | None
    code: str


class Over(NamedTuple):
    """The delivery that somebody means to change, as that person knows it."""

    number: str
    revision: int
    sight: Sight


class Deliveries:
    """Methods raise StoreError, too."""

    def __init__(self, books: Books, people: People) -> None:
        self._books = books
        self._people = people

    async def listed(
        self, sight: Sight, rx: Prescription | None = None
    ) -> list[tuple[Delivery, Prescription]]:
        """What is on its way; or all of one prescription."""
        return await delivered.deliveries(self._books, sight, None if rx is None else [rx])

    async def inside(self, robot: str, sight: Sight) -> list[tuple[Link, Delivery, Prescription]]:
        """What is in the drawers of the robot of this name, by drawer."""
        return await delivered.inside(self._books, robot, sight)

    async def find(self, number: str, sight: Sight) -> tuple[Delivery, Prescription]:
        """One. Raises NotFound."""
        return await delivered.find(self._books, number, sight)

    async def hand(self, over: Over, hand: Hand, by: By) -> Delivery:
        """Somebody, or a robot, takes it over: who has it says so, or who takes it.

        Raises NotFound, Outdated, Conflict; OrderError: a robot has it in a drawer.
        """
        if hand.holder.startswith(ROBOT) and not hand.drawer.strip():
            raise OrderError("expected the drawer of the robot that it is put into, got none")
        if hand.holder == PATIENT:
            raise OrderError("expected who carries it: a patient receives it, and says the code")

        def work(db: sqlite3.Connection) -> Delivery:
            found, rx = self.under_way(db, over)
            handing.check_packed(db, found.id)
            before = custody.last(db, found.id)
            if by.actor not in (before.holder, hand.holder):
                raise Conflict(
                    f"{before.holder} has it: expected that person, or who takes it over, to say so"
                )
            custody.add(db, self._books, (rx, found.id, found.number), hand, by)
            return self.change(db, found, rx, DeliveryState.IN_PROGRESS, by)

        return await self._books.store.write(work)

    async def receive(self, over: Over, code: str, spot: str, by: By, *, how: Way = "login") -> Delivery:
        """It has arrived: on the ward somebody else than who carried it says so; a patient says the code.

        Raises NotFound, Outdated, Conflict: withdrawn, the wrong code, or too many wrong ones.
        """

        def work(db: sqlite3.Connection) -> Delivery | None:
            row, (found, rx) = row_of(db, over.number), self.under_way(db, over)
            check_not_returning(found)
            handing.check_receivable(db, self._books, found.id, found.kind)
            if row["code"] is None:
                if custody.last(db, found.id).holder == by.actor:
                    raise Conflict("expected another person than who carried it: ask a nurse to take it over")
                return self.arrive(db, found, rx, Hand(by.actor, spot, verified=how), by)
            if found.tries >= MOST_TRIES:
                raise Conflict(
                    f"{MOST_TRIES} wrong codes were said: make a new one, and tell it to the patient"
                )
            if not is_code(code, row["salt"], row["code"]):
                db.execute(_TRY, (found.id,))
                self._books.note(db, "delivery-code-wrong", rx, by, delivery=found.number)
                return None
            return self.arrive(db, found, rx, Hand(PATIENT, spot, verified="code"), by)

        arrived = await self._books.store.write(work)
        if arrived is None:
            raise Conflict("the code is wrong: ask for it again, and hand nothing over without it")
        return arrived

    async def receive_shown(self, over: Over, shown: Shown, spot: str, where: str) -> Delivery:
        """It has arrived on the ward: whoever shows a badge or a PIN takes it over, on anybody's screen.

        Raises NotProved; NotFound: that person does not see the patient; Outdated, Conflict.
        """
        who = await self._people.prove(shown, Permission.DELIVER_RX, where)
        by = By(who.person, where)
        return await self.receive(over._replace(sight=who.sight), "", spot, by, how=who.how)

    async def renew(self, over: Over, by: By) -> tuple[Delivery, str]:
        """Another code, told this once. Raises NotFound, Outdated, Conflict."""
        code = new_code()

        def work(db: sqlite3.Connection) -> Delivery:
            row, (found, rx) = row_of(db, over.number), self.under_way(db, over)
            if row["code"] is None:
                raise Conflict(f"delivery {found.number} goes to a ward: there is no code")
            told = code.salt, code.hash, by.actor, self._books.now_ms(), found.id
            db.execute(_CODE, told)
            self._books.note(db, "delivery-code-made", rx, by, delivery=found.number)
            return held(db, found.number)[0]

        return await self._books.store.write(work), code.digits

    async def step(self, over: Over, to: DeliveryState, by: By) -> Delivery:
        """It came back (the prescriber is told), or was an error. Raises NotFound, Outdated,
        Conflict, OrderError."""
        if to is DeliveryState.COMPLETED:
            raise Conflict("a delivery is completed by who receives it: take it over")
        if not by.why.strip():
            raise OrderError(f"expected a reason for {to}, got none: say why")

        def work(db: sqlite3.Connection) -> Delivery:
            found, rx = held(db, over.number, over.sight)
            check_revision(found.number, found.revision, over.revision)
            check_step(DELIVERY_STEPS, found.state, to)
            if to is DeliveryState.ABANDONED:
                custody.add(db, self._books, (rx, found.id, found.number), Hand(by.actor, "returned"), by)
                notices.tell(db, self._books, rx, "returned", by.why)
                what = pharmacy_notices.What("returned", found.number, by.why)
                pharmacy_notices.tell(db, self._books, what, by, rx=rx)
            return self.change(db, found, rx, to, by)

        return await self._books.store.write(work)

    async def open(self, number: str, drawer: str, shown: Shown, where: str) -> Opened:
        """A robot asks whether it may open a drawer for who stands there: then that person has it, and it has
        arrived. Raises NotProved: by what is shown nobody is known; NotFound: nor seen is the patient;
        Conflict: that person may not receive it, it is not in this drawer, or was withdrawn.
        """
        who = await self._people.prove(shown, Permission.DELIVER_RX, where)

        def work(db: sqlite3.Connection) -> Opened:
            found, rx = held(db, number, who.sight)
            check_step(DELIVERY_STEPS, found.state, DeliveryState.COMPLETED)
            check_not_returning(found)
            handing.check_receivable(db, self._books, found.id, found.kind)
            inside = custody.last(db, found.id)
            if not inside.holder.startswith(ROBOT) or inside.drawer != drawer:
                raise Conflict(f"delivery {number} is not in drawer {drawer!r:.20}: {inside.holder} has it")
            by = By(who.person, where)
            hand = Hand(who.person, inside.spot, inside.seal, drawer, who.how)
            self.arrive(db, found, rx, hand, by)
            self._books.note(db, "drawer-opened", rx, by, delivery=number, drawer=drawer, verified=who.how)
            return Opened(number, drawer, who.person, self._books.now_ms())

        return await self._books.store.write(work)

    def under_way(self, db: sqlite3.Connection, over: Over) -> tuple[Delivery, Prescription]:
        """The delivery that is changed, inside a transaction. Raises NotFound, Outdated, Conflict."""
        found, rx = held(db, over.number, over.sight)
        check_revision(found.number, found.revision, over.revision)
        check_step(DELIVERY_STEPS, found.state, DeliveryState.COMPLETED)
        return found, rx

    def arrive(
        self, db: sqlite3.Connection, found: Delivery, rx: Prescription, hand: Hand, by: By
    ) -> Delivery:
        """It has been received, inside a transaction."""
        custody.add(db, self._books, (rx, found.id, found.number), hand, by)
        return self.change(db, found, rx, DeliveryState.COMPLETED, by)

    def change(
        self, db: sqlite3.Connection, found: Delivery, rx: Prescription, to: DeliveryState, by: By
    ) -> Delivery:
        """It stands otherwise, inside a transaction."""
        now_ms = self._books.now_ms()
        ended_ms = None if to is DeliveryState.IN_PROGRESS else found.ended_ms or now_ms
        db.execute(_CHANGE, (to, ended_ms, by.actor, now_ms, found.id))
        if to is not found.state:
            self._books.note(db, "delivery-changed", rx, by, delivery=found.number, state=str(to))
            if found.state is DeliveryState.IN_PROGRESS:
                handing.ended(db, self._books, (rx, found.id, found.number), by)
        return held(db, found.number)[0]


def begin(
    db: sqlite3.Connection, books: Books, what: tuple[Prescription, int, str], code: Code, by: By
) -> Begun:
    """A dispense is ready: inside the transaction that completes it. `what`: the prescription, the dispense's
    id, and where it goes. The pharmacy has it first."""
    rx, dispense, destination = what
    kind: Kind = rx.delivery
    day = local_text(books.clock.utc_us(), "%Y-%m-%d")
    (number,) = db.execute(_ID).fetchone()
    (queue,) = db.execute(_QUEUE, (day,)).fetchone() if kind == "pick-up" else (None,)
    needs_code = kind != "ward"
    told = {"id": number, "number": f"SD{number:08d}", "dispense": dispense, "kind": kind, "day": day}
    kept = {"queue": queue, "salt": code.salt, "code": code.hash if needs_code else None}
    who = {"destination": destination, "by": by.actor, "now_ms": books.now_ms()}
    db.execute(_ADD, {**told, **kept, **who})
    books.note(db, "delivery-begun", rx, by, delivery=f"SD{number:08d}", kind=kind)
    custody.add(db, books, (rx, number, f"SD{number:08d}"), Hand(by.actor, "pharmacy"), by)
    return Begun(f"SD{number:08d}", kind, queue, code.digits if needs_code else "")


def check_not_returning(found: Delivery) -> None:
    """Raises Conflict: nobody is to receive it."""
    if found.coming_back:
        raise Conflict(f"delivery {found.number} was withdrawn: bring it back to the pharmacy")

"""What is on its way, as it stands: of all whom one sees, of one prescription, and inside of a robot."""

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass

from controller.errors import NotFound
from controller.imaging.sight import WHOLE, Sight, parameters
from controller.prescriptions.books import MOST, SEEN, Books, ids_of, of_id
from controller.prescriptions.custody import ROBOT, Link, chains
from controller.prescriptions.model import Delivery as Kind
from controller.prescriptions.model import Prescription
from controller.prescriptions.states import DeliveryState
from controller.store.sql import IDS

_ONE = """SELECT rx_delivery.*, rx_dispense.prescription FROM rx_delivery
JOIN rx_dispense ON rx_dispense.id = rx_delivery.dispense WHERE rx_delivery.number = ?"""
_LIST = f"""SELECT rx_delivery.*, rx_dispense.prescription FROM rx_delivery
JOIN rx_dispense ON rx_dispense.id = rx_delivery.dispense
JOIN prescription ON prescription.id = rx_dispense.prescription
LEFT JOIN stay ON stay.id = prescription.stay
WHERE {SEEN} AND {{which}} ORDER BY rx_delivery.id LIMIT {MOST}"""
_LISTED = _LIST.format(which="rx_delivery.state = 'in-progress'")
_TO_JUDGE = _LIST.format(
    which="""rx_delivery.state = 'completed'
  AND rx_delivery.id IN (SELECT delivery FROM rx_cold WHERE to_judge = 1)"""
)
_OF = f"""SELECT rx_delivery.*, rx_dispense.prescription FROM rx_dispense
JOIN rx_delivery ON rx_delivery.dispense = rx_dispense.id
WHERE rx_dispense.prescription IN {IDS} ORDER BY rx_delivery.id"""
_NONE = "there is no delivery {!r:.40}: see /api/deliveries for those on their way"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is on its way, as it stands."""

    id: int
    number: str
    dispense: int
    prescription: int
    kind: Kind
    state: DeliveryState
    revision: int
    destination: str
    day: str
    queue: int | None
    tries: int
    coming_back: bool
    """It was withdrawn and has to come back."""
    started_ms: int
    ended_ms: int | None
    changed_by: str
    changed_ms: int


async def deliveries(
    books: Books, sight: Sight, rxs: Collection[Prescription] | None = None
) -> list[tuple[Delivery, Prescription]]:
    """What is on its way; or all of these prescriptions."""
    if rxs is None:
        return await _listed(books, _LISTED, sight)
    rows = await books.store.read(_OF, (ids_of(rxs),))
    of = {one.id: one for one in rxs if sight.shows(one.identifier, "")}
    return [(delivery_of(row), of[row["prescription"]]) for row in rows if row["prescription"] in of]


async def to_judge(books: Books, sight: Sight) -> list[tuple[Delivery, Prescription]]:
    """What was received, was not kept cold, and waits for a pharmacist."""
    return await _listed(books, _TO_JUDGE, sight)


async def _listed(books: Books, query: str, sight: Sight) -> list[tuple[Delivery, Prescription]]:
    rows = await books.store.read(query, {"patients": parameters(sight)["patients"]})
    of = await books.by_ids(row["prescription"] for row in rows)
    return [(delivery_of(row), of[row["prescription"]]) for row in rows]


async def inside(books: Books, robot: str, sight: Sight) -> list[tuple[Link, Delivery, Prescription]]:
    """What is in the drawers of the robot of this name, by drawer."""
    ways = await deliveries(books, sight)
    links = await chains(books, [one.id for one, _ in ways])
    found = [(links[one.id][-1], one, rx) for one, rx in ways]
    found = [one for one in found if one[0].holder == f"{ROBOT}{robot}"]
    return sorted(found, key=lambda one: (one[0].drawer, one[1].number))


async def find(books: Books, number: str, sight: Sight) -> tuple[Delivery, Prescription]:
    """One, if `sight` shows its patient. Raises NotFound."""
    for row in await books.store.read(_ONE, (number,)):
        rx = await books.find_by_id(row["prescription"])
        if sight.shows(rx.identifier, ""):
            return delivery_of(row), rx
    raise NotFound(_NONE.format(number))


def held(db: sqlite3.Connection, number: str, sight: Sight = WHOLE) -> tuple[Delivery, Prescription]:
    """The delivery, inside a transaction, if `sight` shows its patient. Raises NotFound."""
    row = row_of(db, number)
    rx = of_id(db, row["prescription"])
    if not sight.shows(rx.identifier, ""):
        raise NotFound(_NONE.format(number))
    return delivery_of(row), rx


def delivery_of(row: sqlite3.Row) -> Delivery:
    """The delivery of a row; nothing of its code."""
    names = (name for name in Delivery.__dataclass_fields__ if name not in ("state", "coming_back"))
    told = {name: row[name] for name in names}
    return Delivery(**told, state=DeliveryState(row["state"]), coming_back=bool(row["coming_back"]))


def row_of(db: sqlite3.Connection, number: str) -> sqlite3.Row:
    """The row of it, its code too, inside a transaction. Raises NotFound."""
    row = db.execute(_ONE, (number,)).fetchone()
    if row is None:
        raise NotFound(_NONE.format(number))
    return row

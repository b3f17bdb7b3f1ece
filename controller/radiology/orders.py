"""Orders for imaging.

    orders = ImagingOrders(store, clock)
    placed = await orders.place("bed-1", "4711", wanted, OrderState.ACTIVE, by)
    await orders.step(Known(placed.accession, 1, sight), OrderState.REVOKED, by)   # of revision 1

Who sees the patient sees the orders: of another's nobody learns that there are any.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from uuid import UUID, uuid4

from controller import stays
from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.clock import Clock
from controller.errors import Conflict, NotFound, OrderError, Outdated
from controller.identity.certificates import By
from controller.imaging.sight import WHOLE, Sight, parameters
from controller.radiology.model import ImagingOrder, Known, Unsolicited, Wanted
from controller.radiology.states import ORDER_STEPS, OrderState
from controller.steps import check_step
from controller.store import Store

MOST = 500
"""Orders in one answer."""
MOST_ACTIVE = 2000
"""Orders that are to be done."""
WITH_REASON = frozenset({OrderState.REVOKED, OrderState.ON_HOLD, OrderState.ENTERED_IN_ERROR})
"""What is taken back says why."""
UNSOLICITED = "unsolicited: a report of images that nobody ordered here"
"""The reason of an order that was made for a report."""

SELECT = """SELECT imaging_order.*, stay.identifier, stay.name, stay.bed
FROM imaging_order JOIN stay ON stay.id = imaging_order.stay"""
_ONE = f"{SELECT} WHERE accession = ?"
_LISTED = f"""{SELECT} WHERE (:patients IS NULL OR identifier IN (SELECT value FROM json_each(:patients)))
AND (:patient = '' OR identifier = :patient) AND (:state = '' OR state = :state)
AND (:before IS NULL OR imaging_order.id < :before)
ORDER BY imaging_order.id DESC LIMIT :most"""
_ACTIVE = f"{SELECT} WHERE state = 'active' ORDER BY scheduled_ms, imaging_order.id LIMIT ?"
_ADD = """INSERT INTO imaging_order (id, accession, study, stay, modality, part, reason, priority, station,
  scheduled_ms, state, revision, placed_by, placed_ms, changed_by, changed_ms, arrived_ms)
VALUES (:id, :accession, :study, :stay, :modality, :part, :reason, :priority, :station,
  :scheduled_ms, :state, 1, :by, :now_ms, :by, :now_ms, :arrived_ms)"""
_OF_STUDIES = """SELECT json_extract(asked.value, '$[0]') AS uid, imaging_order.accession,
  json_extract(asked.value, '$[2]') AS patient, stay.identifier
FROM json_each(?) AS asked JOIN imaging_order ON imaging_order.study = json_extract(asked.value, '$[0]')
  OR imaging_order.accession = nullif(json_extract(asked.value, '$[1]'), '')
JOIN stay ON stay.id = imaging_order.stay
ORDER BY imaging_order.study = json_extract(asked.value, '$[0]') DESC"""
_LAST_STAY = "SELECT id FROM stay WHERE identifier = ? ORDER BY id DESC LIMIT 1"
_CHANGE = """UPDATE imaging_order SET state = :state, station = :station, scheduled_ms = :scheduled_ms,
  revision = revision + 1, changed_by = :by, changed_ms = :now_ms WHERE id = :id"""


class ImagingOrders:
    """Methods raise StoreError, too."""

    def __init__(self, store: Store, clock: Clock, new_uuid: Callable[[], UUID] = uuid4) -> None:
        self._store = store
        self._clock = clock
        self._new_uuid = new_uuid

    async def place(self, bed: str, patient: str, wanted: Wanted, state: OrderState, by: By) -> ImagingOrder:
        """Order it for the patient on `bed`, whose identifier is `patient`; `state`: a draft, or active.

        Raises Conflict: somebody else lies there by now.
        """
        if state not in (OrderState.DRAFT, OrderState.ACTIVE):
            raise OrderError(f"expected a new order to be draft or active, got {state}")
        return await self._store.write(lambda db: self._place(db, (bed, patient), wanted, state, by))

    async def step(self, known: Known, to: OrderState, by: By) -> ImagingOrder:
        """Change its state.

        Raises NotFound; Outdated: it is at another revision; Conflict, which says what is possible;
        OrderError: `by.why` has to say why.
        """
        if to in WITH_REASON and not by.why.strip():
            raise OrderError(f"expected a reason for {to}, got none: say why")
        if to is OrderState.COMPLETED:
            raise Conflict("an order is completed by the images that arrive: send them with its number")
        return await self._store.write(lambda db: self._step(db, known, to, by))

    async def schedule(self, known: Known, station: str, scheduled_ms: int, by: By) -> ImagingOrder:
        """Say which device (AE title; "": any) does it, and when. Raises NotFound, Outdated, Conflict."""
        return await self._store.write(lambda db: self._schedule(db, known, station, scheduled_ms, by))

    async def find(self, accession: str, sight: Sight, person: str = "") -> ImagingOrder:
        """One, if `sight` shows it, or `person` placed it: the answer is theirs, wherever the patient is by
        now. Raises NotFound.
        """
        rows = await self._store.read(_ONE, (accession,))
        order = order_of(rows[0]) if rows else None
        is_own = order is not None and order.placed_by == person
        return _seen(order, accession, WHOLE if is_own else sight)

    async def listed(
        self, sight: Sight, patient: str = "", state: str = "", *, before: int | None = None, most: int = MOST
    ) -> list[ImagingOrder]:
        """Of one patient or of all who are seen, in one state or in any; the newest first, and of these, if
        `before` says so, those older than the order of that number (ImagingOrder.id)."""
        patients = parameters(sight)["patients"]
        asked = {"patients": patients, "patient": patient, "state": state, "before": before, "most": most}
        return [order_of(row) for row in await self._store.read(_LISTED, asked)]

    async def of_studies(self, studies: Iterable[tuple[str, str, str | None]]) -> dict[str, str]:
        """The accession numbers of the orders for these studies, by UID; `studies`: UID, the accession number
        that its files say ("": none), and the patient, whose the order has to be."""
        rows = await self._store.read(_OF_STUDIES, (json.dumps(list(studies)),))
        return {row["uid"]: row["accession"] for row in reversed(rows) if row["identifier"] == row["patient"]}

    async def unsolicited(self, study: Unsolicited, by: By) -> ImagingOrder:
        """The order of a study that is in the archive, made now if nobody has ordered it, so that there can
        be a report.

        Raises Conflict: the patient was never here, or the study is of an order for another.
        """
        return await self._store.write(lambda db: self._unsolicited(db, study, by))

    async def active(self) -> list[ImagingOrder]:
        """Those that are to be done, of every patient, the earliest first."""
        return [order_of(row) for row in await self._store.read(_ACTIVE, (MOST_ACTIVE,))]

    def _place(
        self, db: sqlite3.Connection, who: tuple[str, str], wanted: Wanted, state: OrderState, by: By
    ) -> ImagingOrder:
        bed, patient = who
        stay = stays.present(db, bed)
        if stay is None or stay["identifier"] != patient:
            raise Conflict(f"expected the patient for whom this is on {bed!r}, who is not there: look again")
        study = f"2.25.{self._new_uuid().int}"
        order = self._add(db, {"study": study, "stay": stay["id"], "state": state}, wanted, by)
        self._audit(db, "imaging-order-placed", order, by, modality=wanted.modality, state=str(state))
        return order

    def _add(
        self, db: sqlite3.Connection, what: Mapping[str, str | int | None], wanted: Wanted, by: By
    ) -> ImagingOrder:
        (number,) = db.execute("SELECT ifnull(max(id), 0) + 1 FROM imaging_order").fetchone()
        made = {"id": number, "accession": f"WL{number:08d}", "by": by.actor, "now_ms": self._now_ms()}
        db.execute(_ADD, {"arrived_ms": None, **what, **made, **_columns(wanted)})
        return held(db, made["accession"])

    def _unsolicited(self, db: sqlite3.Connection, study: Unsolicited, by: By) -> ImagingOrder:
        found = db.execute(
            _OF_STUDIES, (json.dumps([(study.study, study.accession, study.patient)]),)
        ).fetchone()
        if found is not None:
            order = held(db, found["accession"])
            if order.identifier != study.patient:
                raise Conflict(f"the study says it is of order {order.accession}, which is another patient's")
            return order
        stay = db.execute(_LAST_STAY, (study.patient,)).fetchone()
        if stay is None:
            raise Conflict(
                "expected a patient who lies, or lay, on a bed here, this one never did: admit first"
            )
        now_ms = self._now_ms()
        wanted = Wanted(study.modality, study.part, UNSOLICITED, "routine", "", now_ms)
        what = {"study": study.study, "stay": stay["id"], "state": OrderState.COMPLETED, "arrived_ms": now_ms}
        order = self._add(db, what, wanted, by)
        self._audit(db, "imaging-order-unsolicited", order, by, study=study.study)
        return order

    def _step(self, db: sqlite3.Connection, known: Known, to: OrderState, by: By) -> ImagingOrder:
        order = _current(db, known)
        check_step(ORDER_STEPS, order.state, to)
        return self._change(db, order, by, "imaging-order-changed", state=to)

    def _schedule(
        self, db: sqlite3.Connection, known: Known, station: str, scheduled_ms: int, by: By
    ) -> ImagingOrder:
        order = _current(db, known)
        if order.state not in (OrderState.DRAFT, OrderState.ACTIVE, OrderState.ON_HOLD):
            raise Conflict(f"order {order.accession} is {order.state}: nothing of it is to be done any more")
        told = {"station": station, "scheduled_ms": scheduled_ms}
        return self._change(db, order, by, "imaging-order-scheduled", **told)

    def _change(
        self, db: sqlite3.Connection, order: ImagingOrder, by: By, action: str, **changes: str | int
    ) -> ImagingOrder:
        kept = {"state": order.state, "station": order.wanted.station}
        told = {**kept, "scheduled_ms": order.wanted.scheduled_ms, **changes}
        db.execute(_CHANGE, {**told, "id": order.id, "by": by.actor, "now_ms": self._now_ms()})
        self._audit(db, action, order, by, **{name: str(value) for name, value in changes.items()})
        return held(db, order.accession)

    def _audit(self, db: sqlite3.Connection, action: str, order: ImagingOrder, by: By, **detail: str) -> None:
        entity = f"imaging-order/{order.accession}"
        whose = {"patient": order.identifier, "where": by.where, "why": by.why}
        append(db, Entry(action, by.actor, entity, **whose, detail=detail), self._clock.utc_us())

    def _now_ms(self) -> int:
        return self._clock.now_us() // 1000


def _current(db: sqlite3.Connection, known: Known) -> ImagingOrder:
    order = held(db, known.accession, known.sight)
    if order.revision != known.over:
        raise Outdated(
            f"order {order.accession} is at revision {order.revision}, not {known.over}: look again"
        )
    return order


def held(db: sqlite3.Connection, accession: str, sight: Sight = WHOLE) -> ImagingOrder:
    """The order, inside a transaction, if `sight` shows it. Raises NotFound."""
    row = db.execute(_ONE, (accession,)).fetchone()
    return _seen(order_of(row) if row else None, accession, sight)


def order_of(row: sqlite3.Row) -> ImagingOrder:
    """The order of a row of SELECT."""
    wanted = Wanted(*(row[name] for name in Wanted.__dataclass_fields__))
    told = {name: row[name] for name in ImagingOrder.__dataclass_fields__ if name not in ("wanted", "state")}
    return ImagingOrder(**told, wanted=wanted, state=OrderState(row["state"]))


def _seen(order: ImagingOrder | None, accession: str, sight: Sight) -> ImagingOrder:
    if order is None or not sight.shows(order.identifier, ""):
        raise NotFound(f"there is no order {accession!r:.40}: see /api/imaging/orders for those there are")
    return order


def _columns(wanted: Wanted) -> dict[str, str | int]:
    return {name: getattr(wanted, name) for name in Wanted.__dataclass_fields__}

"""What every part of the prescriptions works with: the database, the time, the trail, and rows by number."""

import json
import sqlite3
from collections.abc import Iterable, Sequence

from pydantic import TypeAdapter

from controller.audit.chain import append
from controller.audit.entry import REFUSED, Entry
from controller.clock import Clock
from controller.errors import NotFound, Outdated
from controller.identity.certificates import By
from controller.imaging.sight import WHOLE, Sight, parameters
from controller.prescriptions.model import Issue, Known, Prescription, Quantity, Wanted
from controller.prescriptions.states import RxState
from controller.store import Store
from controller.store.sql import IDS

MOST = 500
"""Rows in one answer."""

_WHOSE = "ifnull(stay.identifier, prescription.subject)"
SELECT = f"""SELECT prescription.*, {_WHOSE} AS identifier
FROM prescription LEFT JOIN stay ON stay.id = prescription.stay"""
SEEN = f"(:patients IS NULL OR {_WHOSE} IN (SELECT value FROM json_each(:patients)))"
"""For WHERE, beside imaging.sight.parameters."""
_ONE = f"{SELECT} WHERE prescription.number = ?"
_BY_ID = f"{SELECT} WHERE prescription.id = ?"
_BY_IDS = f"{SELECT} WHERE prescription.id IN {IDS}"
_ACTIVE = f"{SELECT} WHERE prescription.state = 'active' AND {SEEN} ORDER BY prescription.id"
_LISTED = f"""{SELECT} WHERE {SEEN} AND (:patient = '' OR {_WHOSE} = :patient)
AND (:state = '' OR prescription.state = :state) ORDER BY prescription.id DESC LIMIT {MOST}"""
_WANTED, _ISSUES = TypeAdapter(Wanted), TypeAdapter(tuple[Issue, ...])
_NONE = "there is no prescription {!r:.40}: see /api/prescriptions for those there are"


class Books:
    """The prescriptions of one controller. Methods raise StoreError, too. `gap_ms`: after so long without a
    reading nobody knows how warm a cooled box is."""

    def __init__(self, store: Store, clock: Clock, gap_ms: int = 600_000) -> None:
        self.store = store
        self.clock = clock
        self.gap_ms = gap_ms

    def now_ms(self) -> int:
        """In the controller's time scale."""
        return self.clock.now_us() // 1000

    def utc_ms(self) -> int:
        """UTC."""
        return self.clock.utc_us() // 1000

    async def find(self, number: str, sight: Sight, person: str = "") -> Prescription:
        """One, if `sight` shows it or `person` prescribed it. Raises NotFound."""
        rows = await self.store.read(_ONE, (number,))
        rx = prescription_of(rows[0]) if rows else None
        return _seen(rx, number, WHOLE if rx and person and rx.prescriber == person else sight)

    async def listed(self, sight: Sight, patient: str = "", state: str = "") -> list[Prescription]:
        """Of one patient or of all who are seen, the newest first, at most MOST."""
        asked = {"patients": parameters(sight)["patients"], "patient": patient, "state": state}
        return [prescription_of(row) for row in await self.store.read(_LISTED, asked)]

    async def active(self, sight: Sight) -> list[Prescription]:
        """All that hold of the patients who are seen, however many: no dose is left out."""
        found = await self.store.read(_ACTIVE, {"patients": parameters(sight)["patients"]})
        return [prescription_of(row) for row in found]

    async def by_ids(self, numbers: Iterable[int]) -> dict[int, Prescription]:
        """Of rows that refer to them."""
        rows = await self.store.read(_BY_IDS, (json.dumps(sorted(set(numbers))),))
        return {row["id"]: prescription_of(row) for row in rows}

    async def find_by_id(self, number: int) -> Prescription:
        """Of a row that refers to it."""
        [row] = await self.store.read(_BY_ID, (number,))
        return prescription_of(row)

    def note(
        self, db: sqlite3.Connection, action: str, rx: Prescription, by: By, **detail: str | int
    ) -> None:
        """One line of the trail, in the transaction that makes the change."""
        entity, whose = f"prescription/{rx.number}", rx.identifier
        entry = Entry(action, by.actor, entity, patient=whose, where=by.where, why=by.why, detail=detail)
        append(db, entry, self.clock.utc_us())

    async def refuse(self, action: str, rx: Prescription, by: By, why: str) -> None:
        """A line of the trail about what was tried and must not be."""
        entity, whose = f"prescription/{rx.number}", rx.identifier
        entry = Entry(action, by.actor, entity, outcome=REFUSED, patient=whose, where=by.where, why=why)
        await self.store.write(lambda db: append(db, entry, self.clock.utc_us()))


def ids_of(found: Iterable[Prescription]) -> str:
    """Their ids, as json_each takes them."""
    return json.dumps([one.id for one in found])


def held(db: sqlite3.Connection, number: str, sight: Sight = WHOLE) -> Prescription:
    """The prescription, inside a transaction, if `sight` shows it. Raises NotFound."""
    row = db.execute(_ONE, (number,)).fetchone()
    return _seen(prescription_of(row) if row else None, number, sight)


def of_id(db: sqlite3.Connection, number: int) -> Prescription:
    """The prescription of a row that refers to it."""
    return prescription_of(db.execute(_BY_ID, (number,)).fetchone())


def current(db: sqlite3.Connection, known: Known) -> Prescription:
    """The prescription, if it is still at the revision that is known. Raises NotFound, Outdated."""
    rx = held(db, known.number, known.sight)
    check_revision(rx.number, rx.revision, known.over)
    return rx


def check_revision(what: str, revision: int, over: int) -> None:
    """Raises Outdated."""
    if revision != over:
        raise Outdated(f"{what} is at revision {revision}, not {over}: look again")


def prescription_of(row: sqlite3.Row) -> Prescription:
    """The prescription of a row of SELECT: the dose is that of its columns."""
    dose = Quantity(row["dose_value"], row["dose_unit"])
    parts = {"wanted": wanted_of(row["wanted"], dose), "issues": _ISSUES.validate_json(row["issues"])}
    names = [name for name in Prescription.__dataclass_fields__ if name not in (*parts, "state")]
    return Prescription(**{name: row[name] for name in names}, **parts, state=RxState(row["state"]))


def wanted_of(text: str, dose: Quantity) -> Wanted:
    """What is prescribed, of its JSON and the columns of the dose."""
    return _WANTED.validate_python({**json.loads(text), "dose": dose})


def wanted_text(wanted: Wanted) -> str:
    """The JSON of it, without the dose."""
    return _WANTED.dump_json(wanted, exclude={"dose"}).decode()


def issues_text(issues: Sequence[Issue]) -> str:
    """The JSON of them."""
    return _ISSUES.dump_json(tuple(issues)).decode()


def next_number(db: sqlite3.Connection, table: str, letters: str) -> tuple[int, str]:
    """The id and the number of the next row of one of our tables."""
    (number,) = db.execute(f"SELECT ifnull(max(id), 0) + 1 FROM {table}").fetchone()
    return number, f"{letters}{number:08d}"


def _seen(rx: Prescription | None, number: str, sight: Sight) -> Prescription:
    if rx is None or not sight.shows(rx.identifier, ""):
        raise NotFound(_NONE.format(number))
    return rx

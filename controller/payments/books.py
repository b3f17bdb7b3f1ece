"""Payments as rows: made, found, moved, each change with its line in the trail."""

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from controller.audit.chain import append
from controller.audit.entry import REFUSED, Entry
from controller.clock import Clock
from controller.errors import NotFound
from controller.identity.certificates import By
from controller.imaging.sight import Sight, parameters
from controller.payments.judging import Step
from controller.payments.model import SELF_PAY, Covered, Item, Known, Line, Money, Offer, Payment
from controller.payments.states import OPEN, OVER, PAYMENT_STEPS, PaymentState
from controller.steps import check_step
from controller.store import Store

MOST = 200
"""Payments in one answer."""
FIRST_ASK_MS = 15_000
"""After a call was begun: longer than it may take."""
PROVIDER = By("payment-provider")
"""Who makes a step that follows of what the provider says."""

_WHOSE = "ifnull(stay.identifier, payment.patient)"
_LINES = """(SELECT json_group_array(json_array(code, display, quantity, net_minor)) FROM
  (SELECT * FROM payment_line WHERE payment_line.payment = payment.id ORDER BY place))"""
_SELECT = f"""SELECT payment.*, {_WHOSE} AS identifier, {_LINES} AS lines
FROM payment LEFT JOIN stay ON stay.id = payment.stay"""
_ONE = f"{_SELECT} WHERE payment.number = ?"
_BY_ID = f"{_SELECT} WHERE payment.id = ?"
_BY_KEY = f"{_SELECT} WHERE payment.key = ?"
_LIVE = (
    f"{_SELECT} WHERE payment.subject = ? AND payment.state NOT IN ({', '.join(map(repr, map(str, OVER)))})"
)
_SEEN = f"(:patients IS NULL OR {_WHOSE} IN (SELECT value FROM json_each(:patients)))"
_LISTED = f"""{_SELECT} WHERE {_SEEN} AND (:subject = '' OR payment.subject = :subject)
AND (:patient = '' OR {_WHOSE} = :patient) ORDER BY payment.id DESC LIMIT {MOST}"""
_DUE = f"""{_SELECT} WHERE payment.state IN ({", ".join(f"'{one}'" for one in sorted(OPEN))})
AND payment.ask_ms <= ? ORDER BY payment.ask_ms LIMIT ?"""
_STAY = "SELECT id FROM stay WHERE identifier = ? AND to_ms IS NULL ORDER BY from_ms DESC LIMIT 1"
_NEXT = "SELECT ifnull(max(id), 0) + 1 FROM payment"
_ADD = """INSERT INTO payment (id, number, key, subject, patient, name, stay, currency, total_minor, coverage,
  card, card_end, state, revision, why, withdrawn, refunds, reference, asks, ask_ms, made_by, made_ms,
  changed_by, changed_ms, priced_by)
VALUES (:id, :number, :key, :subject, :identifier, :name, :stay, :currency, :total_minor, '',
  '', '', 'priced', 1, '', '', 0, '', 0, 0, :by, :now_ms, :by, :now_ms, :source)"""
_ADD_LINE = "INSERT INTO payment_line VALUES (?, ?, ?, ?, ?, ?)"
_COVERED = """UPDATE payment SET insured_minor = :insured, coverage = :coverage, card = :card,
  card_end = :end, insurer = :insurer, covered_ms = :covered_ms WHERE id = :id"""
_MOVE = """UPDATE payment SET state = :state, why = :why, refunds = :refunds,
  taken_minor = ifnull(:taken_minor, taken_minor), taken_currency = ifnull(:taken_currency, taken_currency),
  returned_minor = ifnull(:returned_minor, returned_minor),
  reference = CASE :reference WHEN '' THEN reference ELSE :reference END,
  paid_utc_ms = CASE WHEN :state = 'paid' THEN ifnull(paid_utc_ms, :utc_ms) ELSE paid_utc_ms END,
  page = '', asks = 0, ask_ms = :ask_ms, revision = revision + 1, changed_by = :by, changed_ms = :now_ms
WHERE id = :id"""
_PAGE = "UPDATE payment SET page = ? WHERE id = ? AND state = 'awaiting-payment' AND withdrawn = ''"
_WITHDRAWN = "UPDATE payment SET withdrawn = ?, page = '', ask_ms = ?, revision = revision + 1 WHERE id = ?"
_ASKED = "UPDATE payment SET asks = asks + 1, ask_ms = ?, why = ? WHERE id = ? AND revision = ?"
_COLUMNS = (
    *(
        "id",
        "number",
        "key",
        "subject",
        "identifier",
        "name",
        "insured_minor",
        "coverage",
        "card",
        "card_end",
    ),
    *("revision", "why", "withdrawn", "refunds", "returned_minor", "reference", "paid_utc_ms", "asks"),
    *("made_by", "made_ms", "changed_by", "changed_ms", "priced_by", "insurer", "covered_ms", "page"),
)
_NONE = "there is no payment {!r:.40}: see /api/payments for those there are"


class Books:
    """The payments of one controller. Methods raise StoreError, too."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        self._clock = clock

    def now_ms(self) -> int:
        """In the controller's time scale."""
        return self._clock.now_us() // 1000

    async def find(self, known: Known) -> Payment:
        """One, if its patient is seen. Raises NotFound."""
        return _seen(await self.store.read(_ONE, (known.number,)), known)

    async def of_key(self, key: str) -> Payment | None:
        """The payment with this key of its own; None: there is none."""
        rows = await self.store.read(_BY_KEY, (key,))
        return payment_of(rows[0]) if rows else None

    async def listed(self, sight: Sight, subject: str = "", patient: str = "") -> list[Payment]:
        """Of those who are seen, the newest first, at most MOST."""
        asked = {"patients": parameters(sight)["patients"], "subject": subject, "patient": patient}
        return [payment_of(row) for row in await self.store.read(_LISTED, asked)]

    async def due(self, most: int) -> list[Payment]:
        """Those of which the provider is to be asked now."""
        return [payment_of(row) for row in await self.store.read(_DUE, (self.now_ms(), most))]

    def add(self, db: sqlite3.Connection, offer: Offer, key: str, by: By) -> Payment:
        """A new one, priced."""
        purchase, currency = offer.purchase, offer.currency
        (number,) = db.execute(_NEXT).fetchone()
        stay = db.execute(_STAY, (purchase.identifier,)).fetchone()
        who = {"identifier": purchase.identifier, "name": purchase.name, "stay": stay and stay["id"]}
        lines = offer.priced.lines
        total = {"currency": currency, "total_minor": sum(one.net_minor for one in lines)}
        told = {"source": offer.priced.source, "by": by.actor, "now_ms": self.now_ms()}
        named = {"id": number, "number": f"PY{number:08d}", "key": key, "subject": purchase.subject}
        db.execute(_ADD, {**named, **who, **total, **told})
        for place, one in enumerate(lines, 1):
            item = one.item
            db.execute(_ADD_LINE, (number, place, item.code, item.display, item.quantity, one.net_minor))
        return self._noted(db, number, by)

    def cover(self, db: sqlite3.Connection, payment: Payment, covered: Covered, end: str, by: By) -> Payment:
        """The insurance has answered."""
        told = {"insured": covered.insured.minor, "coverage": covered.coverage, "insurer": covered.insurer}
        shown = {"card": covered.card, "end": end, "covered_ms": self.now_ms(), "id": payment.id}
        db.execute(_COVERED, {**told, **shown})
        return self.move(db, payment, Step(PaymentState.CHECKED), by)

    def uncovered(self, db: sqlite3.Connection, payment: Payment, by: By) -> Payment:
        """No card is shown, nobody is asked: the patient pays all of it."""
        nobody = {"insured": 0, "coverage": SELF_PAY, "insurer": "", "card": "", "end": ""}
        db.execute(_COVERED, {**nobody, "covered_ms": None, "id": payment.id})
        return self.move(db, payment, Step(PaymentState.CHECKED), by)

    def opened(self, db: sqlite3.Connection, payment: Payment, page: str) -> Payment:
        """The patient pays at `page` of the provider; "": the bank has it now."""
        db.execute(_PAGE, (page, payment.id))
        return of_id(db, payment.id)

    def move(
        self, db: sqlite3.Connection, payment: Payment, step: Step, by: By, refunds: int | None = None
    ) -> Payment:
        """One step, with its line in the trail. Raises Conflict: it is not possible."""
        check_step(PAYMENT_STEPS, payment.state, step.to)
        taken = step.taken
        money = {"taken_minor": taken and taken.minor, "taken_currency": taken and taken.currency}
        told = {"id": payment.id, "state": str(step.to), "why": step.why, "reference": step.reference}
        when = {"now_ms": self.now_ms(), "ask_ms": self.now_ms() + FIRST_ASK_MS, "by": by.actor}
        back = {"returned_minor": step.returned_minor, "utc_ms": self._clock.utc_us() // 1000}
        count = {"refunds": payment.refunds if refunds is None else refunds}
        db.execute(_MOVE, {**told, **money, **when, **back, **count})
        return self._noted(db, payment.id, by)

    def withdraw(self, db: sqlite3.Connection, payment: Payment, by: By) -> Payment:
        """It is to be taken back as soon as its outcome is known, which is asked for now."""
        db.execute(_WITHDRAWN, (by.why or "withdrawn", self.now_ms(), payment.id))
        return self._noted(db, payment.id, by, "payment-withdrawn")

    def asked(self, db: sqlite3.Connection, payment: Payment, again_ms: int, why: str) -> None:
        """The provider was asked and nothing is known: the next time is `again_ms`. Of what has changed
        meanwhile nothing is written."""
        db.execute(_ASKED, (again_ms, why, payment.id, payment.revision))

    async def refuse(self, payment: Payment, by: By, why: str) -> None:
        """A line of the trail about a card that was not taken."""
        await self.note(self._entry("payment-card-refused", payment, by, why))

    async def note(self, entry: Entry) -> None:
        """A line of the trail about something that changes no payment."""
        await self.store.write(lambda db: append(db, entry, self._clock.utc_us()))

    def _noted(self, db: sqlite3.Connection, number: int, by: By, action: str = "") -> Payment:
        payment = of_id(db, number)
        append(db, self._entry(action or f"payment-{payment.state}", payment, by), self._clock.utc_us())
        return payment

    def _entry(self, action: str, payment: Payment, by: By, refused: str = "") -> Entry:
        detail: dict[str, str | int] = {"subject": payment.subject, "total": str(payment.total)}
        detail |= {"due": str(payment.due), "revision": payment.revision}
        detail |= {"taken": str(payment.taken)} if payment.taken else {}
        return Entry(
            action,
            by.actor,
            f"payment/{payment.number}",
            patient=payment.identifier,
            where=by.where,
            why=refused or by.why or payment.why,
            detail=detail,
            **({"outcome": REFUSED} if refused else {}),
        )


def of_id(db: sqlite3.Connection, number: int) -> Payment:
    """The payment as it stands, inside a transaction."""
    return payment_of(db.execute(_BY_ID, (number,)).fetchone())


def held(db: sqlite3.Connection, known: Known) -> Payment:
    """The same by its number, if its patient is seen. Raises NotFound."""
    return _seen(db.execute(_ONE, (known.number,)).fetchall(), known)


def live(db: sqlite3.Connection, subject: str) -> Payment | None:
    """The one of `subject` that has not come to nothing."""
    row = db.execute(_LIVE, (subject,)).fetchone()
    return payment_of(row) if row else None


def payment_of(row: sqlite3.Row) -> Payment:
    """The payment of a row."""
    told: dict[str, Any] = {name: row[name] for name in _COLUMNS}
    taken = None if row["taken_minor"] is None else Money(row["taken_minor"], row["taken_currency"])
    lines = tuple(Line(Item(*item), net) for *item, net in json.loads(row["lines"]))
    total = Money(row["total_minor"], row["currency"])
    return Payment(**told, total=total, taken=taken, lines=lines, state=PaymentState(row["state"]))


def _seen(rows: Sequence[sqlite3.Row], known: Known) -> Payment:
    payment = payment_of(rows[0]) if rows else None
    if payment is None or not known.sight.shows(payment.identifier, ""):
        raise NotFound(_NONE.format(known.number))
    return payment

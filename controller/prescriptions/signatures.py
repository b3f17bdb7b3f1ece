"""What signs and checks prescriptions, and what was signed: kept for ever, and looked at again before use.

The pharmacy believes no row: the signature has to hold over the stored document, and the document made of the
row as it is now has to be that one, byte by byte.
"""

import json
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Protocol

from controller.errors import BadSignature, Conflict
from controller.identity.certificates import By
from controller.prescriptions.books import Books, ids_of
from controller.prescriptions.document import document
from controller.prescriptions.model import Prescription
from controller.prescriptions.states import RxState
from controller.signing.canonical import canonical
from controller.store.sql import IDS

Json = dict[str, Any]

_ADD = """INSERT INTO prescription_signed (prescription, by, at_ms, utc_ms, document, signature, receipt)
VALUES (?, ?, ?, ?, ?, ?, ?)"""
_SIGNED_OF = f"SELECT * FROM prescription_signed WHERE prescription IN {IDS}"
_CHANGED = "what was signed and what is kept of {} differ: hand out nothing, and call the prescriber ({})"


@dataclass(frozen=True, slots=True)
class Proof:
    """A signature, and the site's receipt for it."""

    signature: str
    receipt: str


class Signatures(Protocol):
    """The personal keys."""

    def check(self, db: sqlite3.Connection, person: str, content: Json, jws: str) -> Proof:
        """Whether `jws` is by `person` over `content`, with a key that may sign now; inside the transaction
        that keeps it. Raises BadSignature."""
        ...

    async def again(self, person: str, content: Json, proof: Proof) -> None:
        """Whether it was so when the receipt was given. Raises BadSignature."""
        ...


@dataclass(frozen=True, slots=True)
class Kept:
    """What was signed."""

    by: str
    at_ms: int
    utc_ms: int
    document: str
    signature: str
    receipt: str


def keep(db: sqlite3.Connection, rx: Prescription, kept: Kept) -> None:
    """For ever."""
    row = kept.by, kept.at_ms, kept.utc_ms, kept.document, kept.signature, kept.receipt
    db.execute(_ADD, (rx.id, *row))


async def kept_of(books: Books, rx: Prescription) -> Kept | None:
    """What was signed of `rx`; None: it is a draft."""
    return (await kept_of_all(books, [rx])).get(rx.id)


async def kept_of_all(books: Books, rxs: Collection[Prescription]) -> dict[int, Kept]:
    """What was signed of these, by the prescription's id; a draft is not among them."""
    rows = await books.store.read(_SIGNED_OF, (ids_of(rxs),))
    names = Kept.__dataclass_fields__
    return {row["prescription"]: Kept(**{name: row[name] for name in names}) for row in rows}


def same_as_signed(rx: Prescription, kept: Kept) -> bool:
    """Whether the row says what was signed."""
    signed = json.loads(kept.document)
    return canonical(_of_row(rx, signed)).decode() == kept.document


async def verified(books: Books, signatures: Signatures, rx: Prescription, by: By) -> Kept:
    """What was signed, if the signature holds and the row still says the same; else the trail has it.

    Raises Conflict.
    """
    if rx.state is not RxState.ACTIVE:
        raise Conflict(f"prescription {rx.number} is {rx.state}: nothing of it is handed out or given now")
    kept = await kept_of(books, rx)
    why = "no signature" if kept is None else await _wrong(signatures, rx, kept)
    if kept is None or why:
        await books.refuse("prescription-differs", rx, by, why)
        raise Conflict(_CHANGED.format(rx.number, why))
    return kept


async def _wrong(signatures: Signatures, rx: Prescription, kept: Kept) -> str:
    try:
        await signatures.again(kept.by, json.loads(kept.document), Proof(kept.signature, kept.receipt))
    except BadSignature as error:
        return str(error)
    return "" if same_as_signed(rx, kept) else "the row was changed"


def _of_row(rx: Prescription, signed: Json) -> Json:
    """The document that the row gives now; its revision has gone on since."""
    made = document(rx)
    made["meta"] = signed.get("meta")
    return made

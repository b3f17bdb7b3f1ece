"""What comes from partners: each number once, in order, in one transaction with what it does.

receipt = receive(db, partner, arrived, kinds, utc_us)      # the same again: the same receipt, nothing else
"""

import hashlib
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from pydantic import BaseModel

from controller.audit.chain import append
from controller.audit.entry import REFUSED, Entry
from controller.errors import ControllerError, RegistryError
from controller.partners.model import Outcome, Partner, Receipt

_SAME = """SELECT digest, outcome, reason FROM partner_received
WHERE partner = ? AND life = ? AND topic = ? AND number = ?"""
_LAST = "SELECT ifnull(max(number), 0) FROM partner_received WHERE partner = ? AND life = ? AND topic = ?"
_ADD = """INSERT INTO partner_received (partner, life, topic, number, digest, kind, at_ms, outcome, reason)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""
LONGEST_REASON = 200


class OutOfOrder(ControllerError):
    """Another number is to come next: `expects`."""

    def __init__(self, expects: int) -> None:
        super().__init__(f"expected message {expects} next: send from there on")
        self.expects = expects


class Replayed(ControllerError):
    """A number that stands for other content already."""


class Delivery(NamedTuple):
    """Where a message stands in what a partner sends."""

    life: str
    topic: str
    number: int


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message that was read: `body` as its kind's model has it, or None, and why it cannot be used."""

    at: Delivery
    raw: bytes
    kind: str
    body: BaseModel | None
    unusable: str = ""


Take = Callable[[sqlite3.Connection, Partner, BaseModel], None]
"""Does what a message says, in the transaction. Raises RegistryError: it cannot be done and never will be."""


def receive(
    db: sqlite3.Connection, partner: Partner, arrived: Arrived, takes: Mapping[str, Take], utc_us: int
) -> Receipt:
    """Take it, or refuse it for good. Raises OutOfOrder, Replayed: then nothing was changed."""
    at, digest = arrived.at, hashlib.sha256(arrived.raw).digest()
    where = partner.id, *at
    same = db.execute(_SAME, where).fetchone()
    if same is not None:
        if same["digest"] != digest:
            raise Replayed(f"message {at.number} of {at.topic} was another: it is not taken twice")
        return Receipt(at.number, same["outcome"], same["reason"])
    (last,) = db.execute(_LAST, where[:3]).fetchone()
    if at.number != last + 1:
        raise OutOfOrder(last + 1)
    reason = _refused(db, partner, arrived, takes)[:LONGEST_REASON]
    outcome: Outcome = "refused" if reason else "taken"
    db.execute(_ADD, (*where, digest, arrived.kind[:40], utc_us // 1000, outcome, reason))
    if reason:
        entry = Entry("partner-message", partner.actor, partner.entity, REFUSED, why=reason)
        append(db, entry, utc_us)
    return Receipt(at.number, outcome, reason)


def _refused(db: sqlite3.Connection, partner: Partner, arrived: Arrived, takes: Mapping[str, Take]) -> str:
    """Why it is; "": it was taken."""
    if arrived.body is None:
        return arrived.unusable
    db.execute("SAVEPOINT taking")
    try:
        takes[arrived.kind](db, partner, arrived.body)
    except RegistryError as error:
        db.execute("ROLLBACK TO taking")
        return str(error)
    finally:
        db.execute("RELEASE taking")
    return ""

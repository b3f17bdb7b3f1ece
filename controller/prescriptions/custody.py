"""The chain of custody of what is on its way: who had it, where, from when on; it only grows."""

import json
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal

from controller.identity.certificates import By
from controller.prescriptions.books import Books
from controller.prescriptions.cold.handing import said
from controller.prescriptions.model import Prescription
from controller.store.sql import IDS

Way = Literal["login", "badge", "pin", "code", "robot"]
"""How it was verified who took it."""
PATIENT = "patient"
ROBOT = "robot:"
"""How the holder is called who is one: "robot:R1"."""

_ADD = """INSERT INTO rx_custody (delivery, place, holder, spot, seal, drawer, verified, by, at_ms, cold)
SELECT :delivery, ifnull(max(place), 0) + 1, :holder, :spot, :seal, :drawer, :verified, :by, :now_ms, :cold
FROM rx_custody WHERE delivery = :delivery"""
_LAST = "SELECT * FROM rx_custody WHERE delivery = ? ORDER BY place DESC LIMIT 1"
_CHAIN = f"""SELECT * FROM rx_custody
WHERE delivery IN {IDS} ORDER BY delivery, place"""


@dataclass(frozen=True, slots=True)
class Hand:
    """Who takes it, and where."""

    holder: str
    spot: str
    seal: str = ""
    drawer: str = ""
    verified: Way = "login"


@dataclass(frozen=True, slots=True)
class Link:
    """One of the chain."""

    place: int
    holder: str
    spot: str
    seal: str
    drawer: str
    verified: Way
    by: str
    at_ms: int
    cold: dict[str, Any] | None
    """How warm it was until then (cold/handing.py); None: it has no need to be cold, or was not packed."""


def add(
    db: sqlite3.Connection, books: Books, whose: tuple[Prescription, int, str], hand: Hand, by: By
) -> None:
    """Somebody has it from now on; `whose`: the prescription, and the delivery's id and number."""
    rx, delivery, number = whose
    told = {name: getattr(hand, name) for name in Hand.__dataclass_fields__}
    when = {"by": by.actor, "now_ms": books.now_ms(), "cold": said(db, books, delivery)}
    db.execute(_ADD, {**told, "delivery": delivery, **when})
    books.note(db, "custody-changed", rx, by, delivery=number, **told)


def last(db: sqlite3.Connection, delivery: int) -> Link:
    """Who has it now, inside a transaction."""
    return _link(db.execute(_LAST, (delivery,)).fetchone())


async def chain(books: Books, delivery: int) -> list[Link]:
    """All of it, from the pharmacy on."""
    return (await chains(books, [delivery]))[delivery]


async def chains(books: Books, deliveries: Collection[int]) -> dict[int, list[Link]]:
    """Those of several, by the delivery's id."""
    found: dict[int, list[Link]] = {one: [] for one in deliveries}
    for row in await books.store.read(_CHAIN, (json.dumps(list(deliveries)),)):
        found[row["delivery"]].append(_link(row))
    return found


def _link(row: sqlite3.Row) -> Link:
    told = {name: row[name] for name in Link.__dataclass_fields__ if name != "cold"}
    return Link(**told, cold=json.loads(row["cold"]) if row["cold"] else None)

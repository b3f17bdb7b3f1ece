"""When a partner was last reached, or was heard; why not; and what waits for it."""

import sqlite3
from dataclasses import dataclass

from controller.partners.model import Partner
from controller.store import Store

_REACHED = "UPDATE partner SET reached_ms = ?, trouble = '' WHERE id = ?"
_HEARD = "UPDATE partner SET heard_ms = ? WHERE id = ? AND ifnull(heard_ms, 0) < ? - 1000"
_TROUBLE = "UPDATE partner SET trouble = ? WHERE id = ? AND trouble <> ?"
_WAITING = """SELECT partner, topic, count(*) AS count, min(queued_ms) AS since_ms FROM partner_sent
WHERE done_ms IS NULL GROUP BY partner, topic ORDER BY partner, topic"""
_REFUSED = """SELECT id, topic, number, kind, reason, done_ms FROM partner_sent
WHERE partner = ? AND outcome = 'refused' AND again_ms IS NULL ORDER BY id DESC LIMIT 20"""


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for a partner in one topic."""

    partner: int
    topic: str
    count: int
    since_ms: int


@dataclass(frozen=True, slots=True)
class RefusedThere:
    """A message that the partner did not take, and why."""

    id: int
    topic: str
    number: int
    kind: str
    reason: str
    done_ms: int


async def reached(store: Store, partner: Partner, utc_ms: int) -> None:
    """It answered."""
    await store.write(lambda db: db.execute(_REACHED, (utc_ms, partner.id)))


async def troubled(store: Store, partner: Partner, why: str) -> None:
    """It did not, or not as it should."""
    await store.write(lambda db: db.execute(_TROUBLE, (why, partner.id, why)))


def heard(db: sqlite3.Connection, partner: Partner, utc_ms: int) -> None:
    """It asked; noted once a second at most."""
    db.execute(_HEARD, (utc_ms, partner.id, utc_ms))


async def queues(store: Store) -> list[Queue]:
    """All that waits."""
    return [Queue(**dict(row)) for row in await store.read(_WAITING)]


async def refused_there(store: Store, partner: Partner) -> list[RefusedThere]:
    """What a partner did not take, the newest first."""
    return [RefusedThere(**dict(row)) for row in await store.read(_REFUSED, (partner.id,))]

"""What is to go to partners: queued in the transaction of what it tells, numbered, sent until receipted.

queue(db, partner, Message("referral", "referral-answer", {...}), utc_ms)
for one in await heads(store, partner): ...      # the next of each topic
await settle(store, one, receipt, utc_ms)

A number stands for its bytes for ever: what may have left is sent again as it was. Only what never left can
still be withheld, when the consent it rests on has ended.
"""

import sqlite3
from dataclasses import dataclass
from typing import Any

import orjson

from controller.partners.model import Partner, Receipt, Waiting
from controller.store import Store

WITHHELD = "withheld"
"""The kind of a message whose content was taken back before it left: it keeps the numbers whole."""
EMPTY = orjson.dumps({"kind": WITHHELD, "body": {}})
"""Its bytes."""
_ADD = """INSERT INTO partner_sent (partner, topic, number, kind, body, consent, until_ms, queued_ms, outcome,
  reason)
VALUES (:partner, :topic, 1 + ifnull((SELECT max(number) FROM partner_sent
  WHERE partner = :partner AND topic = :topic), 0),
  :kind, :body, :consent, :until_ms, :utc_ms, 'waiting', '')"""
_HEADS = """SELECT id, topic, number, kind, body, tried_ms IS NOT NULL AS tried, until_ms
FROM partner_sent AS one
WHERE partner = ?1 AND done_ms IS NULL AND number = (SELECT min(number) FROM partner_sent
  WHERE partner = ?1 AND topic = one.topic AND done_ms IS NULL) ORDER BY id"""
_TRY = "UPDATE partner_sent SET tried_ms = ifnull(tried_ms, ?) WHERE id = ? AND done_ms IS NULL"
_DONE = """UPDATE partner_sent SET done_ms = ?, reason = ?,
  outcome = CASE outcome WHEN 'withheld' THEN outcome ELSE ? END WHERE id = ? AND done_ms IS NULL"""
_AGAIN = """UPDATE partner_sent SET done_ms = NULL,
  outcome = CASE outcome WHEN 'withheld' THEN outcome ELSE 'waiting' END
WHERE partner = ? AND topic = ? AND number >= ?"""
_WITHHOLD = f"""UPDATE partner_sent SET kind = '{WITHHELD}', body = :empty, outcome = 'withheld',
  reason = :reason WHERE tried_ms IS NULL AND done_ms IS NULL AND consent <> ''
  AND (id = :id OR consent = :consent)"""
_UNSHARE = "SELECT 1 FROM partner_sent WHERE partner = ? AND consent = ? AND outcome <> 'withheld' LIMIT 1"


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be told; `consent` and `until_ms`: the patient's that it rests on, if it is of one."""

    topic: str
    kind: str
    body: dict[str, Any]
    consent: str = ""
    until_ms: int | None = None


def queue(db: sqlite3.Connection, partner: Partner, message: Message, utc_ms: int) -> None:
    """In the transaction of what it tells of."""
    body = orjson.dumps({"kind": message.kind, "body": message.body})
    told = {"partner": partner.id, "topic": message.topic, "kind": message.kind, "body": body}
    db.execute(_ADD, {**told, "consent": message.consent, "until_ms": message.until_ms, "utc_ms": utc_ms})


def withhold(db: sqlite3.Connection, consent: str, reason: str) -> None:
    """What rests on that consent and has not left does not leave."""
    db.execute(_WITHHOLD, {"empty": EMPTY, "reason": reason, "id": -1, "consent": consent})


def was_shared(db: sqlite3.Connection, partner: Partner, consent: str) -> bool:
    """Whether something that rests on it may have left for that partner."""
    return db.execute(_UNSHARE, (partner.id, consent)).fetchone() is not None


async def heads(store: Store, partner: Partner) -> list[Waiting]:
    """The next of each topic, the one queued first at first."""
    rows = await store.read(_HEADS, (partner.id,))
    return [Waiting(**{**dict(row), "tried": bool(row["tried"])}) for row in rows]


async def leave(store: Store, one: Waiting, utc_ms: int) -> Waiting:
    """Note that it leaves now, as what is returned: its content, or that this is withheld."""

    def work(db: sqlite3.Connection) -> bytes:
        if one.until_ms is not None and utc_ms >= one.until_ms:
            withheld = {"empty": EMPTY, "reason": "the consent ended before it left"}
            db.execute(_WITHHOLD, {**withheld, "id": one.id, "consent": None})
        db.execute(_TRY, (utc_ms, one.id))
        (body,) = db.execute("SELECT body FROM partner_sent WHERE id = ?", (one.id,)).fetchone()
        return body

    return Waiting(one.id, one.topic, one.number, one.kind, await store.write(work), True, one.until_ms)


async def settle(store: Store, one: Waiting, receipt: Receipt, utc_ms: int) -> None:
    """The partner has it."""
    await store.write(lambda db: db.execute(_DONE, (utc_ms, receipt.reason, receipt.outcome, one.id)))


async def again(store: Store, partner: Partner, topic: str, number: int) -> None:
    """From that number on the partner has nothing, whatever it said before: it was restored from a backup."""
    await store.write(lambda db: db.execute(_AGAIN, (partner.id, topic, number)))

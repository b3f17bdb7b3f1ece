"""Tells services what became of their cards (CDS Hooks 2.0, Feedback), in its own time: nobody waits for it.

teller = Teller(store, desk, caller)
async with kept("cds feedback", teller.run): …
"""

import asyncio
import json
import sqlite3
from typing import Any

import orjson
from pydantic import TypeAdapter

from controller.cds.desk import Desk
from controller.cds.errors import NotChecked
from controller.cds.http import Caller
from controller.cds.looks import Answer
from controller.clock import utc_text
from controller.store import Store

EVERY_S, MOST_TRIES = 10.0, 6
_DUE = """SELECT one.*, look.answers AS answers
FROM cds_outcome AS one JOIN cds_look AS look ON look.id = one.look
WHERE one.told = 'due' ORDER BY one.id LIMIT 50"""
_DONE = "UPDATE cds_outcome SET told = :told, tries = tries + 1, told_why = :why WHERE id = :id"
_ANSWERS = TypeAdapter(tuple[Answer, ...])


class Teller:
    """What cannot be told after MOST_TRIES stays untold, and says why."""

    def __init__(self, store: Store, desk: Desk, caller: Caller) -> None:
        self._store = store
        self._desk = desk
        self._caller = caller
        self._news = asyncio.Event()

    def wake(self) -> None:
        """There is something to tell."""
        self._news.set()

    async def run(self) -> None:
        """For ever: at once when there is news, and again what failed."""
        while True:
            self._news.clear()
            await self.tell()
            try:
                await asyncio.wait_for(self._news.wait(), EVERY_S)
            except TimeoutError:
                continue

    async def tell(self) -> None:
        """All that is due, once. Raises StoreError."""
        for row in await self._store.read(_DUE):
            told, why = await self._one(row)
            done = {"told": told, "why": why, "id": row["id"]}
            await self._store.write(lambda db, done=done: db.execute(_DONE, done))

    async def _one(self, row: sqlite3.Row) -> tuple[str, str]:
        held = _card(row)
        if held is None:
            return "not-told", "its card is called otherwise now"
        answer, uuid = held
        service = self._desk.named(answer.service)
        if service is None:
            return "not-told", "the service is not configured any more"
        body = {"feedback": [_feedback(row, uuid)]}
        try:
            await self._caller.feedback(service, answer.id, orjson.dumps(body))
        except NotChecked as error:
            gives_up = row["tries"] + 1 >= MOST_TRIES
            return ("not-told" if gives_up else "due"), str(error)
        return "told", ""


def _card(row: sqlite3.Row) -> tuple[Answer, str] | None:
    """Of which service the card is, and the card's uuid; None: cards had other keys when it was judged."""
    for answer in _ANSWERS.validate_json(row["answers"]):
        for card in answer.cards:
            if answer.key(card) == row["card"]:
                return answer, card.uuid or ""
    return None


def _feedback(row: sqlite3.Row, uuid: str) -> dict[str, Any]:
    at = utc_text(row["at_utc_ms"] * 1000)
    made: dict[str, Any] = {"card": uuid, "outcome": row["outcome"], "outcomeTimestamp": at}
    if row["outcome"] == "accepted":
        return {**made, "acceptedSuggestions": [{"id": row["suggestion"]}]}
    why: dict[str, Any] = {"reason": json.loads(row["reason"])} if row["reason"] else {}
    if row["comment"]:
        why["userComment"] = row["comment"]
    return {**made, "overrideReason": why} if why else made

"""Sends what waits to each partner, in order, and says hello when nothing does.

A partner that does not answer is asked again after 2 s, then after twice as long, up to 5 minutes, or as soon
as it is heard: after a week without a network everything goes on where it stopped.
"""

import asyncio
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from controller.errors import AuthorityError, PartnerSilent
from controller.partners import outbox
from controller.partners.book import PartnerBook
from controller.partners.client import Line
from controller.partners.contacts import reached, troubled
from controller.partners.model import Partner, Receipt, Waiting
from controller.partners.states import PartnerState

PATH = "/partners/1"
LOOK_S = 0.5
"""How often it is looked for what waits."""
HELLO_MS = 30_000
SHORTEST_MS, LONGEST_MS = 2_000, 300_000

log = logging.getLogger(__name__)


def wait_ms(failed: int) -> int:
    """How long after the `failed`th failure in a row it is tried again."""
    return min(LONGEST_MS, SHORTEST_MS * 2 ** min(failed - 1, 10))


@dataclass(frozen=True, slots=True)
class Gap:
    """The partner has nothing from this number on."""

    expects: int


def judged(one: Waiting, status: int, told: dict[str, Any]) -> Receipt | Gap:
    """What an answer to a message means. Raises PartnerSilent: nothing; it is sent again."""
    outcome, reason = told.get("outcome"), told.get("reason")
    if status == 200 and told.get("number") == one.number and outcome in ("taken", "refused"):
        return Receipt(one.number, outcome, str(reason or "")[:200])
    expects = told.get("expects")
    if status == 412 and isinstance(expects, int) and 0 < expects < one.number:
        return Gap(expects)
    error = told.get("error")
    said = error.get("message") if isinstance(error, dict) else None
    raise PartnerSilent(f"the partner refuses ({status}): {said or 'it does not say why'!s:.160}")


class Sender:
    """To all partners, a task each: a slow one holds up no other."""

    def __init__(self, book: PartnerBook, folder: Path) -> None:
        self._book = book
        self._folder = folder

    async def run(self) -> None:
        """Until cancelled. Raises StoreError."""
        tasks: dict[int, asyncio.Task[None]] = {}
        try:
            while True:
                for partner in await self._book.active():
                    if partner.id not in tasks or tasks[partner.id].done():
                        tasks[partner.id] = asyncio.create_task(self._serve(partner))
                for failed in [one for one in tasks.values() if one.done() and one.exception()]:
                    failed.result()
                await asyncio.sleep(LOOK_S)
        finally:
            for task in tasks.values():
                task.cancel()
            await asyncio.gather(*tasks.values(), return_exceptions=True)

    async def _serve(self, partner: Partner) -> None:
        """Until it is active no more, or has another certificate or address."""
        failed, failed_ms, next_ms = 0, 0, 0
        while await self._is_still(partner):
            if self._book.utc_ms() >= next_ms or (failed and await self._heard_ms(partner) > failed_ms):
                try:
                    await self.deliver(partner)
                    failed, next_ms = 0, 0
                except (PartnerSilent, AuthorityError) as error:
                    failed, failed_ms = failed + 1, self._book.utc_ms()
                    next_ms = failed_ms + wait_ms(failed)
                    await troubled(self._book.store, partner, str(error))
            await asyncio.sleep(LOOK_S)

    async def deliver(self, partner: Partner) -> None:
        """All that waits, or hello. Raises PartnerSilent, AuthorityError, StoreError."""
        waiting = await outbox.heads(self._book.store, partner)
        if not waiting and not await self._is_quiet(partner):
            return
        async with Line(self._folder, partner) as line:
            if not waiting:
                await self._hello(line, partner)
            while waiting:
                for one in waiting:
                    await self._send(line, partner, one)
                waiting = (
                    await outbox.heads(self._book.store, partner) if await self._is_still(partner) else []
                )

    async def _send(self, line: Line, partner: Partner, one: Waiting) -> None:
        store = self._book.store
        left = await outbox.leave(store, one, self._book.utc_ms())
        path = f"{PATH}/{partner.life}/{one.topic}/{one.number}"
        status, told = await line.post(path, left.body)
        judgement = judged(one, status, told)
        if isinstance(judgement, Gap):
            log.warning("%s has lost what it had from %s on: sent again", partner.site, judgement.expects)
            await outbox.again(store, partner, one.topic, judgement.expects)
        else:
            await outbox.settle(store, one, judgement, self._book.utc_ms())
        await reached(store, partner, self._book.utc_ms())

    async def _hello(self, line: Line, partner: Partner) -> None:
        status, told = await line.post(f"{PATH}/hello", b"{}")
        if status != 200 or told.get("site") != partner.site:
            error = told.get("error")
            said = error.get("message") if isinstance(error, dict) else None
            raise PartnerSilent(f"the partner refuses ({status}): {said or 'it says another name'!s:.160}")
        await reached(self._book.store, partner, self._book.utc_ms())

    async def _is_quiet(self, partner: Partner) -> bool:
        [row] = await self._book.store.read("SELECT reached_ms FROM partner WHERE id = ?", (partner.id,))
        last_ms = row["reached_ms"]
        return last_ms is None or self._book.utc_ms() - last_ms >= HELLO_MS

    async def _heard_ms(self, partner: Partner) -> int:
        [row] = await self._book.store.read("SELECT heard_ms FROM partner WHERE id = ?", (partner.id,))
        return row["heard_ms"] or 0

    async def _is_still(self, partner: Partner) -> bool:
        rows = await self._book.store.read("SELECT state FROM partner WHERE id = ?", (partner.id,))
        return rows[0]["state"] == PartnerState.ACTIVE

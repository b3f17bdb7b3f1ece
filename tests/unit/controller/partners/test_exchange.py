"""controller/partners/outbox.py, inbox.py, sender.py: at least once, in order, nothing twice."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from controller.errors import PartnerSilent
from controller.partners import outbox
from controller.partners.inbox import Arrived, Delivery, receive
from controller.partners.model import Partner, Receipt, Waiting
from controller.partners.outbox import Message, queue
from controller.partners.sender import Gap, judged, wait_ms
from controller.partners.states import PartnerState
from controller.store import Store
from tests.support.database import without_trigger
from tests.support.sites import Site, befriend, site, step
from tests.unit.controller.partners.conftest import Two

SEEN = "SELECT topic, number, outcome FROM partner_received ORDER BY topic, number"
_PARTNER = """INSERT INTO partner (site, name, address, root, fingerprint, life, state, revision, added_by,
  added_ms, changed_by, changed_ms, trouble)
VALUES (?1, ?1, 'b:1', x'00', '', ?1, 'active', 1, '', 0, '', 0, '') RETURNING *"""


async def queued(a: Site, b: Site, *topics: str) -> None:
    partner, utc_ms = await a.partner(b), a.parts.book.utc_ms()

    def work(db: sqlite3.Connection) -> None:
        for topic in topics:
            queue(db, partner, Message(topic, "withheld", {}), utc_ms)

    await a.store.write(work)


async def test_what_waits_is_taken_in_the_order_of_its_topic(two: Two) -> None:
    a, b = two
    await queued(a, b, "referral", "referral", "conference")
    await a.deliver(b)
    assert await b.rows(SEEN) == [
        *(("conference", 1, "taken"), ("referral", 1, "taken"), ("referral", 2, "taken")),
    ]
    assert await outbox.heads(a.store, await a.partner(b)) == []
    assert (await a.partner(b)).reached_ms is not None
    assert (await b.partner(a)).heard_ms is not None


async def test_a_partner_who_is_away_gets_it_all_when_it_is_back(tmp_path: Path) -> None:
    async with site(tmp_path / "a", "hospital-a", "Hospital A") as a:
        async with site(tmp_path / "b", "hospital-b", "Hospital B") as b:
            await befriend(a, b)
            port = b.port
        await queued(a, b, "referral")
        with pytest.raises(PartnerSilent, match="does not answer"):
            await a.deliver(b)
        a.clock.let_pass(7 * 86_400_000)
        async with site(tmp_path / "b", "hospital-b", "Hospital B", port) as again:
            await a.deliver(again)
            assert await again.rows(SEEN) == [("referral", 1, "taken")]


async def test_a_partner_restored_from_a_backup_is_sent_again_what_it_lost(two: Two) -> None:
    a, b = two
    await queued(a, b, "referral", "referral", "referral")
    await a.deliver(b)
    await b.store.write(lambda db: without_trigger(db, "partner_received_no_delete", "partner_received"))
    await b.store.write(lambda db: db.execute("DELETE FROM partner_received WHERE number > 1"))
    await queued(a, b, "referral")
    await a.deliver(b)
    assert [number for _, number, _ in await b.rows(SEEN)] == [1, 2, 3, 4]


async def test_while_it_is_suspended_nothing_goes_and_then_everything(two: Two) -> None:
    a, b = two
    await step(b, a, PartnerState.SUSPENDED)
    await queued(a, b, "referral")
    with pytest.raises(PartnerSilent, match="suspended on this side"):
        await a.deliver(b)
    assert await b.rows(SEEN) == []
    await step(b, a, PartnerState.ACTIVE)
    await a.deliver(b)
    assert await b.rows(SEEN) == [("referral", 1, "taken")]


async def test_one_who_says_hello_is_known_to_be_there(two: Two) -> None:
    a, b = two
    await a.deliver(b)
    first = (await a.partner(b)).reached_ms
    await a.deliver(b)  # nothing waits, and it was heard of just now
    assert (await a.partner(b)).reached_ms == first
    a.clock.let_pass(31_000)
    await a.deliver(b)
    assert ((await a.partner(b)).reached_ms or 0) > (first or 0)


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (200, {}),
        (200, {"number": 8, "outcome": "taken"}),
        (200, {"number": 7, "outcome": "perhaps"}),
        (412, {"expects": 8}),
        (412, {"expects": 0}),
        (412, {"expects": "1"}),
        (500, {"error": "no"}),
        (403, {"error": {"code": "x", "message": "no"}}),
    ],
)
def test_an_answer_that_is_no_receipt_settles_nothing(status: int, told: dict[str, Any]) -> None:
    waiting = Waiting(1, "referral", 7, "withheld", b"", False, None)
    with pytest.raises(PartnerSilent):
        judged(waiting, status, told)


def test_a_receipt_and_a_gap_are_understood() -> None:
    waiting = Waiting(1, "referral", 7, "withheld", b"", False, None)
    refused = {"number": 7, "outcome": "refused", "reason": "no"}
    assert judged(waiting, 200, refused) == Receipt(7, "refused", "no")
    assert judged(waiting, 412, {"expects": 3}) == Gap(3)


def test_the_wait_grows_to_five_minutes_and_no_further() -> None:
    waits = [wait_ms(failed) for failed in range(1, 2000)]
    assert waits[:4] == [2000, 4000, 8000, 16000]
    assert waits == sorted(waits)
    assert waits[-1] == 300_000


class Note(BaseModel):
    text: str


EVENT = st.sampled_from(["queue", "send", "request-lost", "receipt-lost", "old-again"])


class _Pair:
    """Sender and receiver on real databases, with a network between them that loses what it likes."""

    def __init__(self, a: Store, b: Store, here: Partner, there: Partner) -> None:
        self.a, self.b, self.here, self.there = a, b, here, there
        self.queued: list[str] = []
        self.taken: list[str] = []
        self.old: list[tuple[Delivery, bytes]] = []

    async def do(self, event: str) -> None:
        if event == "queue":
            text = f"{self.here.site}-{len(self.queued)}"
            message = Message("referral", "note", {"text": text})
            await self.a.write(lambda db: queue(db, self.here, message, 0))
            self.queued.append(text)
        elif event == "old-again":
            for at, raw in self.old[-3:]:
                await self.receive(at, raw)
        else:
            await self.send(event)

    async def send(self, event: str) -> bool:
        waiting = await outbox.heads(self.a, self.here)
        if not waiting:
            return False
        left = await outbox.leave(self.a, waiting[0], 1)
        if event == "request-lost":
            return True
        at = Delivery("life", left.topic, left.number)
        receipt = await self.receive(at, left.body)
        self.old.append((at, left.body))
        if event == "send":
            await outbox.settle(self.a, left, receipt, 2)
        return True

    async def receive(self, at: Delivery, raw: bytes) -> Receipt:
        arrived = Arrived(at, raw, "note", Note.model_validate_json(raw.partition(b'"body":')[2][:-1]))
        takes = {"note": lambda _db, _partner, body: self.taken.append(body.text)}
        return await self.b.write(lambda db: receive(db, self.there, arrived, takes, 3_000_000))


def test_whatever_the_network_loses_each_message_is_taken_once_and_in_order(tmp_path: Path) -> None:
    async def partner(store: Store, name: str) -> Partner:
        def work(db: sqlite3.Connection) -> Partner:
            row = db.execute(_PARTNER, (name,)).fetchone()
            return Partner(**{**dict(row), "state": PartnerState(row["state"])})

        return await store.write(work)

    with asyncio.Runner() as runner:
        a, b = (runner.run(Store.open(tmp_path / f"{name}.sqlite")) for name in "ab")
        examples = iter(range(10_000))

        @settings(max_examples=40, deadline=None)
        @given(st.lists(EVENT, max_size=25))
        def holds(events: list[str]) -> None:
            async def run() -> None:
                name = f"site-{next(examples)}"
                pair = _Pair(a, b, await partner(a, name), await partner(b, name))
                for event in events:
                    await pair.do(event)
                while await pair.send("send"):
                    continue
                assert pair.taken == pair.queued

            runner.run(run())

        holds()
        runner.run(a.close())
        runner.run(b.close())

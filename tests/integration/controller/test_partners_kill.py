"""`kill -9` of either of two sites in mid-exchange: nothing between them is lost, or done twice."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from controller.clock import SystemClock
from controller.identity.certificates import By
from controller.partners.book import PartnerBook
from controller.partners.cards import Card, fingerprint
from controller.partners.outbox import Message, queue
from controller.ports import free_port
from controller.store import Store
from tests.support.partner_process import DATABASE, own_site
from tests.support.sender import until

ROOT = Path(__file__).parents[3]
MANY = 150
LONG_S = 120
"""For starts on a machine that is busy; nothing is asserted of how long it takes."""
_RECEIVED = "SELECT count(*) FROM partner_received WHERE outcome = 'taken'"
_SENT = "SELECT outcome, count(*) FROM partner_sent WHERE topic = 'referral' GROUP BY outcome"
_DONE = "SELECT count(*) FROM audit WHERE action = 'partner-withheld'"


@dataclass
class Process:
    """A site that is started as a process of its own."""

    folder: Path
    port: int
    card: Card

    @property
    def database(self) -> Path:
        return self.folder / DATABASE

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[bytes]]:
        command = [sys.executable, "-m", "tests.support.partner_process", str(self.folder)]
        command += [self.card.site, str(self.port)]
        with (self.folder / "log").open("ab") as log:
            started = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
        try:
            yield started
        finally:
            started.kill()
            started.wait()

    def asked(self, query: str) -> list[tuple[object, ...]]:
        """Read beside the controller."""
        with closing(sqlite3.connect(self.database)) as db:
            return db.execute(query).fetchall()

    def number(self, query: str) -> int:
        [(count,)] = self.asked(query)
        assert isinstance(count, int)
        return count


def site(folder: Path, name: str) -> Process:
    folder.mkdir()
    port = free_port("127.0.0.1", 0, name)
    return Process(folder, port, own_site(folder, name, port).card(SystemClock()))


async def agree(one: Process, other: Process) -> None:
    """A partner, and many messages that wait for it."""
    store, by = await Store.open(one.database), By("ada")
    book = PartnerBook(store, SystemClock(), one.card)
    added = await book.add(other.card, by)
    partner = await book.activate(added.site, added.revision, fingerprint(other.card), by)

    def work(db: sqlite3.Connection) -> None:
        for _ in range(MANY):
            queue(db, partner, Message("referral", "withheld", {}), book.utc_ms())

    await store.write(work)
    await store.close()


async def killed_in_the_middle(victim: subprocess.Popen[bytes], receiver: Process, after: int) -> None:
    await until(lambda: receiver.number(_RECEIVED) > after, LONG_S)
    os.kill(victim.pid, signal.SIGKILL)
    assert victim.wait() == -signal.SIGKILL
    assert receiver.number(_RECEIVED) < MANY, "the kill came too late to prove anything"


@pytest.mark.timeout(400)
@pytest.mark.sqlite_only("processes that are killed open the file")
async def test_whichever_is_killed_each_message_is_done_once(tmp_path: Path) -> None:
    a, b = site(tmp_path / "a", "hospital-a"), site(tmp_path / "b", "hospital-b")
    await agree(a, b)
    await agree(b, a)
    with b.running() as there:
        with a.running() as here:
            await killed_in_the_middle(here, b, 10)
        with a.running():
            await killed_in_the_middle(there, b, b.number(_RECEIVED) + 10)
            with b.running():
                await until(lambda: a.asked(_SENT) == b.asked(_SENT) == [("taken", MANY)], LONG_S)
    for one in (a, b):
        assert one.number(_DONE) == MANY
        numbers = [n for (n,) in one.asked("SELECT number FROM partner_received WHERE topic = 'referral'")]
        assert numbers == [*range(1, MANY + 1)]
        assert "Traceback" not in (one.folder / "log").read_text(encoding="utf-8")
    assert json.dumps(a.asked(_SENT)) == json.dumps([["taken", MANY]])

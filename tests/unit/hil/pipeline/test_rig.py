"""What both sides share: processes that are watched, killed and stopped by their ids, orders, records."""

import os
import sqlite3
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hil.bench.pipeline import rig as rig_module
from hil.bench.pipeline.rig import Key, Rig
from hil.bench.pipeline.source import Order, said_file
from hil.errors import NotReady
from tests.support.waiting import until

OBEDIENT = """import signal, sys, time
signal.signal(signal.SIGUSR1, lambda *_: open(sys.argv[1] + "/alarm", "w").close())
signal.signal(signal.SIGUSR2, lambda *_: open(sys.argv[1] + "/order", "w").close())
open(sys.argv[1] + "/ready", "w").close()
while True: time.sleep(0.05)"""


class Toy(Rig):
    """One process that takes note of its signals."""

    name = "toy"
    source = server = "gateway"
    table = "reading"

    @property
    def database(self) -> Path:
        return self.folder / "db"

    async def start(self) -> None:
        process = self.kept("gateway", [sys.executable, "-c", OBEDIENT, str(self.folder)])
        await process.start()
        await self.until("it is ready", (self.folder / "ready").exists)

    def pids(self) -> dict[str, int]:
        return {"gateway": self.pid("gateway")}

    def held(self) -> int:
        return 0

    def unsettled(self) -> int:
        return 0

    def alarms(self, since: int) -> int:
        return 0

    def stored(self, since: int) -> list[Key]:
        return self.rows("SELECT device, at FROM reading WHERE id > ?", (since,))


@pytest.fixture
async def toy(tmp_path: Path) -> AsyncIterator[Toy]:
    made = Toy(tmp_path)
    try:
        await made.start()
        yield made
    finally:
        await made.stop()


async def test_an_order_is_written_down_before_its_source_is_told(toy: Toy) -> None:
    number = toy.order(together=10, rate=500.0, seconds=2.0)
    await until((toy.folder / "order").exists, "the source is told")
    assert Order.load(toy.orders) == Order(number, together=10, rate=500.0, seconds=2.0)


async def test_orders_are_numbered_so_that_what_was_said_before_is_not_taken_for_the_next(toy: Toy) -> None:
    first = toy.order(total=1)
    said_file(toy.orders).write_text(f"{first} 1 1", encoding="ascii")
    assert toy.said(first) == (1, True)
    assert toy.said(toy.order(total=1)) == (0, False)


async def test_an_alarm_is_a_signal_to_the_source(toy: Toy) -> None:
    toy.raise_alarm()
    await until((toy.folder / "alarm").exists, "the source is told")


async def test_a_death_that_was_brought_about_is_no_failure(toy: Toy) -> None:
    before = toy.pid("gateway")
    await toy.kill("gateway")
    assert toy.pid("gateway") != before


async def test_a_death_that_nobody_brought_about_ends_the_measurement(toy: Toy) -> None:
    os.kill(toy.pid("gateway"), 9)
    with pytest.raises(NotReady, match="toy: gateway ended with -9"):
        await toy.until("the end of time", lambda: False)


async def test_patience_ends_and_says_what_for(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rig_module, "PATIENCE_S", 0.05)
    with pytest.raises(NotReady, match="in vain until pigs fly"):
        await toy.until("pigs fly", lambda: False)


async def test_everything_that_was_started_is_stopped(toy: Toy) -> None:
    pid = toy.pid("gateway")
    await toy.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_line_that_a_kill_cut_off_is_no_record(tmp_path: Path) -> None:
    (tmp_path / "accepted").write_text("dev-1 100\ndev-2 101\ndev-1 1", encoding="ascii")
    assert Toy(tmp_path).keys_in("accepted") == [("dev-1", 100), ("dev-2", 101)]


def test_records_begin_anew(tmp_path: Path) -> None:
    (tmp_path / "accepted").write_text("dev-1 100\n", encoding="ascii")
    toy = Toy(tmp_path)
    toy.forget_records()
    assert toy.keys_in("accepted") == toy.keys_in("again") == []


def test_what_was_stored_is_counted_from_where_a_phase_began(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "db") as db:
        db.execute("CREATE TABLE reading (id INTEGER PRIMARY KEY, device TEXT, at INTEGER)")
        db.executemany("INSERT INTO reading (device, at) VALUES (?, ?)", [("dev-1", n) for n in range(5)])
    toy = Toy(tmp_path)
    assert toy.counter()() == 5
    assert toy.stored(3) == [("dev-1", 3), ("dev-1", 4)]

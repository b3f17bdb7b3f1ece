"""Orders: how much a source may say, and what it says of itself."""

import asyncio
import itertools
import os
import signal
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hil.bench.pipeline.source import LARGEST_STEP, Order, Source, counter, said, said_file
from tests.support.waiting import until


def test_an_order_is_read_as_it_was_written(tmp_path: Path) -> None:
    order = Order(3, together=10, rate=500.0, seconds=4.0, devices=6, stamped=False, recorded=True)
    order.save(tmp_path / "orders.json")
    assert Order.load(tmp_path / "orders.json") == order


def test_there_may_be_no_order_yet(tmp_path: Path) -> None:
    assert Order.load(tmp_path / "orders.json") is None


def test_a_rate_is_due_as_time_passes_and_no_longer_than_told() -> None:
    order = Order(1, rate=100, seconds=2)
    assert [order.due(passed, 0) for passed in (0, 1.5, 5)] == [0, 150, 200]


def test_a_window_lets_so_many_be_ahead_of_what_is_stored() -> None:
    order = Order(1, window=1000, total=5000)
    assert [order.due(9, stored) for stored in (0, 700, 4900)] == [1000, 1700, 5000]


@given(st.integers(1, 20), st.integers(0, 100_000), st.integers(1, 30_000))
def test_only_whole_messages_are_due(together: int, stored: int, window: int) -> None:
    assert Order(1, together=together, window=window).due(1, stored) % together == 0


def test_an_order_is_over_with_its_time_or_its_total() -> None:
    order = Order(1, together=10, total=95, seconds=3)
    assert not order.is_over(2.9, 80)
    assert order.is_over(3.0, 80)
    assert order.is_over(0.1, 90)


def test_rows_that_were_deleted_still_count(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "db", isolation_level=None) as db:
        db.execute("CREATE TABLE reading (id INTEGER PRIMARY KEY)")
        count = counter(tmp_path / "db", "reading")
        assert count() == 0
        db.execute("INSERT INTO reading VALUES (NULL), (NULL), (NULL)")
        db.execute("DELETE FROM reading WHERE id = 1")
    assert count() == 3


class World:
    """A source in this process, whose server stores what it is told to."""

    def __init__(self, folder: Path) -> None:
        self.orders = folder / "orders.json"
        self.stored = 0
        self.numbers: list[int] = []
        self.largest = 0

    async def say(self, order: Order, first: int, end: int) -> None:
        self.largest = max(self.largest, end - first)
        self.numbers += range(first, end)

    def order(self, order: Order) -> Callable[[], bool]:
        """Give it, and return what tells whether it is done."""
        order.save(self.orders)
        os.kill(os.getpid(), signal.SIGUSR2)
        return lambda: said(self.orders, order.number)[1]


@pytest.fixture
async def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    source = Source(made.orders, lambda: made.stored, made.say)
    made.running = asyncio.create_task(source.run())  # type: ignore[attr-defined] - keeps it alive
    return made


async def test_each_reading_of_an_order_is_said_once_in_steps(world: World) -> None:
    await until(world.order(Order(1, total=3 * LARGEST_STEP + 7)), "all is said")
    assert world.numbers == list(range(3 * LARGEST_STEP + 7))
    assert world.largest == LARGEST_STEP


async def test_what_the_server_has_not_stored_holds_a_source_back(world: World) -> None:
    done = world.order(Order(1, window=100, total=250))
    await until(lambda: len(world.numbers) == 100, "the window is full")
    await asyncio.sleep(0.1)
    assert len(world.numbers) == 100
    world.stored = 200
    await until(done, "all is said")
    assert world.numbers == list(range(250))


async def test_rows_that_were_there_before_an_order_are_not_counted_for_it(world: World) -> None:
    world.stored = 5000
    world.order(Order(1, window=100, total=250))
    await until(lambda: len(world.numbers) == 100, "the window is full")
    await asyncio.sleep(0.1)
    assert len(world.numbers) == 100


async def test_a_new_order_ends_the_one_before(world: World) -> None:
    world.order(Order(1, rate=100))
    await until(lambda: world.numbers, "it speaks")
    await until(world.order(Order(2, total=0)), "the second is done")
    spoken = len(world.numbers)
    await asyncio.sleep(0.1)
    assert len(world.numbers) == spoken


def test_nothing_is_said_of_an_order_that_was_not_begun(tmp_path: Path) -> None:
    orders = tmp_path / "orders.json"
    assert said(orders, 1) == (0, False)
    said_file(orders).write_text("1 500 1", encoding="ascii")
    assert said(orders, 1) == (500, True)
    assert said(orders, 2) == (0, False)


def test_an_order_is_read_whole_or_not_at_all_while_another_is_written(tmp_path: Path) -> None:
    path, stop = tmp_path / "orders.json", threading.Event()

    def write() -> None:
        for number in itertools.cycle(range(1000)):
            Order(number, total=number * 10**12).save(path)
            if stop.is_set():
                return

    Order(0, total=0).save(path)
    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(2000):
            order = Order.load(path)
            assert order is not None
            assert order.total == order.number * 10**12
    finally:
        stop.set()
        writer.join()

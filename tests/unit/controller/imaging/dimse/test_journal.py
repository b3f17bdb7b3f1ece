"""Commitments wait until they are told, over restarts, longer each time."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from controller.imaging.dimse.journal import (
    FIRST_WAIT_MS,
    GIVEN_UP_MS,
    KEPT_MS,
    LONGEST_WAIT_MS,
    Journal,
)

ITEMS = [("1.2.840.10008.5.1.4.1.1.2", "1.2.3")]


class Time:
    def __init__(self) -> None:
        self.ms = 1_000_000

    def now_us(self) -> int:
        return self.ms * 1000

    def utc_us(self) -> int:
        return self.now_us()


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
async def journal(tmp_path: Path, clock: Time) -> AsyncIterator[Journal]:
    opened = await Journal.open(tmp_path, clock)
    yield opened
    await opened.close()


async def test_what_was_asked_for_is_due_at_once(journal: Journal) -> None:
    assert await journal.wait_s() is None
    await journal.add("CT1", "1.9", ITEMS)
    (one,) = await journal.due()
    assert (one.title, one.transaction, one.items) == ("CT1", "1.9", tuple(ITEMS))
    assert await journal.wait_s() == 0
    assert journal.changed.is_set()


async def test_it_survives_a_restart(tmp_path: Path, clock: Time, journal: Journal) -> None:
    await journal.add("CT1", "1.9", ITEMS)
    again = await Journal.open(tmp_path, clock)
    assert [one.transaction for one in await again.due()] == ["1.9"]
    await again.close()


async def test_what_was_told_is_not_told_again(journal: Journal) -> None:
    await journal.add("CT1", "1.9", ITEMS)
    await journal.delivered((await journal.due())[0])
    assert await journal.due() == []


async def test_what_is_asked_for_again_is_told_again(journal: Journal) -> None:
    for _ in range(2):
        await journal.add("CT1", "1.9", ITEMS)
        await journal.delivered((await journal.due())[0])
    await journal.add("MR1", "1.9", ITEMS)
    assert [one.title for one in await journal.due()] == ["MR1"]


async def test_each_try_waits_twice_as_long_up_to_an_hour(journal: Journal, clock: Time) -> None:
    await journal.add("CT1", "1.9", ITEMS)
    waits = []
    for _ in range(12):
        (one,) = await journal.due()
        assert await journal.failed(one)
        assert await journal.due() == []
        waits.append(round((await journal.wait_s() or 0) * 1000))
        clock.ms += waits[-1]
    assert waits[:3] == [FIRST_WAIT_MS, 2 * FIRST_WAIT_MS, 4 * FIRST_WAIT_MS]
    assert waits[-1] == LONGEST_WAIT_MS


async def test_after_a_week_it_is_given_up(journal: Journal, clock: Time) -> None:
    await journal.add("CT1", "1.9", ITEMS)
    clock.ms += GIVEN_UP_MS
    assert not await journal.failed((await journal.due())[0])
    assert await journal.wait_s() is None


async def test_old_ones_go(journal: Journal, clock: Time) -> None:
    await journal.add("CT1", "1.8", ITEMS)
    await journal.delivered((await journal.due())[0])
    clock.ms += KEPT_MS + 1
    await journal.add("CT1", "1.9", ITEMS)
    await journal.delivered((await journal.due())[0])
    await journal.add("CT1", "1.8", ITEMS)
    assert [one.number for one in await journal.due()] == [3]

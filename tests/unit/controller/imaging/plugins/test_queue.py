"""The queue loses nothing, has nothing twice, and tries nothing for ever."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from controller.clock import SystemClock
from controller.imaging.plugins.queue import MOST_ATTEMPTS, Found, New, Queue

ONE, TWO = (New("ecg", "1", "1.2.3", {"instance": str(n)}) for n in (1, 2))


@pytest.fixture
async def queue(tmp_path: Path) -> AsyncIterator[Queue]:
    queue = await Queue.open(tmp_path / "plugins.sqlite", SystemClock())
    yield queue
    await queue.close()


async def states(queue: Queue) -> list[tuple[str, int]]:
    return [tuple(row) for row in await queue.store.read("SELECT state, attempts FROM job ORDER BY id")]


async def test_the_oldest_is_next_and_nothing_is_next_when_nothing_waits(queue: Queue) -> None:
    assert await queue.mark("archive") is None
    await queue.add("archive", 7, [ONE, TWO])
    assert await queue.mark("archive") == 7
    first, second = await queue.next(), await queue.next()
    assert first and second
    assert (first.subject, second.subject) == (ONE.subject, TWO.subject)
    assert await queue.next() is None


async def test_what_is_told_twice_is_looked_at_once(queue: Queue) -> None:
    await queue.add("archive", 7, [ONE])
    await queue.add("archive", 7, [ONE, TWO])
    assert len(await states(queue)) == 2


async def test_a_new_version_looks_anew(queue: Queue) -> None:
    await queue.add("archive", 7, [ONE, New("ecg", "2", "1.2.3", ONE.subject)])
    assert len(await states(queue)) == 2


async def test_findings_and_the_end_of_the_look_are_kept_together(queue: Queue) -> None:
    await queue.add("archive", 7, [ONE])
    job = await queue.next()
    assert job
    await queue.done(job, [Found("{}", "4711", "icu-1", 5)])
    assert await states(queue) == [("done", 1)]
    [row] = await queue.store.read("SELECT patient, bed, at_us FROM finding")
    assert tuple(row) == ("4711", "icu-1", 5)


async def test_what_fails_is_tried_once_more_and_then_never(queue: Queue) -> None:
    await queue.add("archive", 7, [ONE])
    tried = []
    while job := await queue.next():
        tried.append(await queue.failed(job, "it crashed"))
    assert tried == [True, False]
    assert await states(queue) == [("failed", MOST_ATTEMPTS)]


async def test_an_archive_that_does_not_answer_costs_no_attempt(queue: Queue) -> None:
    await queue.add("archive", 7, [ONE])
    for _ in range(5):
        job = await queue.next()
        assert job
        await queue.again(job)
    assert await states(queue) == [("waiting", 0)]


async def test_what_ran_when_the_process_died_runs_again_but_not_for_ever(tmp_path: Path) -> None:
    path, found = tmp_path / "p.sqlite", []
    for _ in range(MOST_ATTEMPTS + 2):
        queue = await Queue.open(path, SystemClock())
        await queue.add("archive", 7, [ONE])
        found.append(await queue.next() is not None)
        last = await states(queue)
        await queue.close()
    assert found == [True] * MOST_ATTEMPTS + [False] * 2
    assert last == [("failed", MOST_ATTEMPTS)]

"""The events of open pages: whole for each, and bounded for the slow."""

import json
from collections.abc import AsyncIterator
from typing import Any

from gateway.crew.live import MOST_BYTES, MOST_WAITING, Live


def parsed(text: bytes) -> tuple[str, Any]:
    kind, data, *rest = text.decode().split("\n")
    assert rest == ["", ""]
    return kind.removeprefix("event: "), json.loads(data.removeprefix("data: "))


def live() -> Live:
    made = iter(range(1000))
    return Live(lambda: {"snapshot": next(made)})


async def taken(reader: AsyncIterator[bytes], number: int) -> list[tuple[str, Any]]:
    return [parsed(await anext(reader)) for _ in range(number)]


async def test_a_page_gets_a_snapshot_and_then_each_event() -> None:
    it = live()
    reader = it.reader()
    events = aiter(reader)
    [first] = await taken(events, 1)
    it.publish("values", {"n": 1})
    it.publish("time", {"n": 2})
    assert first == ("snapshot", {"snapshot": 0})
    assert await taken(events, 2) == [("values", {"n": 1}), ("time", {"n": 2})]


async def test_what_the_snapshot_says_already_is_not_told_again() -> None:
    it = live()
    events = aiter(it.reader())
    it.publish("values", {"n": 1})
    await taken(events, 1)
    it.publish("values", {"n": 2})
    assert await taken(events, 1) == [("values", {"n": 2})]


async def test_a_slow_page_gets_a_new_snapshot_instead_of_the_past() -> None:
    it = live()
    slow, quick = it.reader(), it.reader()
    slow_events, quick_events = aiter(slow), aiter(quick)
    await taken(slow_events, 1)
    await taken(quick_events, 1)
    for number in range(MOST_WAITING + 1):
        it.publish("values", {"n": number})
        assert await taken(quick_events, 1) == [("values", {"n": number})]
    it.publish("time", {"n": 0})
    assert await taken(slow_events, 1) == [("snapshot", {"snapshot": 2})]


async def test_what_waits_for_a_page_never_grows_beyond_its_bound() -> None:
    it = live()
    reader = it.reader()
    await taken(aiter(reader), 1)
    for _ in range(100):
        it.publish("waves", {"samples": "A" * (MOST_BYTES // 10)})
        assert reader.waiting_bytes <= MOST_BYTES


async def test_a_page_that_is_closed_gets_nothing_and_holds_nothing() -> None:
    it = live()
    reader = it.reader()
    events = aiter(reader)
    await taken(events, 1)
    reader.close()
    assert it.readers == 0
    it.publish("values", {"n": 1})
    assert [one async for one in events] == []

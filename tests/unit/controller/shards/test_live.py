"""What one controller commits, the others show."""

import asyncio
from collections.abc import Callable

import cbor2
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.errors import BrokerError
from controller.ingest import Arrived
from controller.live import SAID
from controller.registry import Patient
from controller.shards.frames import Frames, read_frame
from controller.shards.live import Live, Parts
from devices.wire import topics
from devices.wire.block import Lane
from devices.wire.keys import MAX_MESSAGE
from devices.wire.messages import Birth, BirthDevice, pack_message
from tests.support.controller import eventually
from tests.support.sender import Sender, reading
from tests.unit.controller.conftest import Desk

A, B = b"a" * 8, b"b" * 8


def of(desk: Desk, who: bytes, sent: list[bytes]) -> Live:
    """What `desk` has of this."""
    parts = Parts(desk.store, desk.registry, desk.announcer, desk.hub)
    return Live(who, parts, lambda _topic, payload: sent.append(payload))


def arrived(desk: Desk, payload: bytes, what: str = "vital") -> Arrived:
    return Arrived(topics.up("ward-a", what), payload, desk.clock.at_us)


async def run(live: Live, until: Callable[[], object]) -> None:
    task = asyncio.create_task(live.run())
    try:
        await eventually(lambda: bool(until()), 60)
    finally:
        task.cancel()
        await asyncio.wait((task,))


async def test_a_reading_that_one_commits_is_shown_by_the_other_at_its_bed_and_at_its_time(
    desk: Desk, restarted: Desk
) -> None:
    await restarted.load()
    sender, sent = Sender("ward-a", bed="bed-1"), list[bytes]()
    here, there = of(desk, A, sent), of(restarted, B, [])
    born = pack_message(Birth(sender.journal, "1", (BirthDevice("ox-1", "nonin-xpod", "bed-1", ("hr",)),)))
    block = sender.block(reading(72, 10_000_000))
    await desk.take(born, what="birth")
    await desk.take(block)
    here.tell([arrived(desk, born, "birth"), arrived(desk, block)])
    for payload in sent:
        there.heard(payload)
        here.heard(payload)  # its own: it knows
    restarted.clock.at_us += 7_000_000
    await run(there, lambda: restarted.hub.snapshot()["values"])
    assert restarted.value() == desk.value()
    assert restarted.value()["bed"] == "bed-1"
    assert not restarted.ledger.has((sender.journal, Lane.VITAL), 0)
    assert restarted.sent == []


async def test_what_was_lost_on_the_way_is_read_from_the_database(desk: Desk, restarted: Desk) -> None:
    await restarted.load()
    sender, sent = Sender("ward-a"), list[bytes]()
    here, there = of(desk, A, sent), of(restarted, B, [])
    for value in 71, 72, 73:
        block = sender.block(reading(value, value * 1_000_000), mono_us=value * 1_000_000)
        await desk.take(block)
        here.tell([arrived(desk, block)])
    there.heard(sent[0])
    await run(there, lambda: there.lost == 1)
    block = sender.block(reading(74, 74_000_000), mono_us=74_000_000)
    await desk.take(block)
    there.heard(sent[2])
    await run(there, lambda: there.lost == 2 and restarted.value()["value"] == 74)


async def test_what_a_patient_disowns_at_one_is_no_newest_number_at_the_other(
    desk: Desk, restarted: Desk
) -> None:
    await restarted.load()
    sender, there = Sender("ward-a", bed="bed-1"), of(restarted, B, [])
    born = pack_message(Birth(sender.journal, "1", (BirthDevice("ox-1", "nonin-xpod", "bed-1", ("hr",)),)))
    await desk.take(born, what="birth")
    for value in 71, 72:
        await desk.take(sender.block(reading(value, value * 1_000_000), mono_us=value * 1_000_000))
    there.missed()
    await run(there, lambda: restarted.hub.snapshot()["values"])
    assert restarted.value()["value"] == 72
    add = """INSERT INTO home_said (reading, said, by, at_ms)
      SELECT max(id), 'not-mine', 'patient:1', 0 FROM observation"""
    await desk.store.write(lambda db: db.execute(add) and None)
    there.heard(Frames(A).ask(SAID, ()))
    await run(there, lambda: restarted.value()["value"] == 71)
    [shown] = restarted.hub.snapshot()["values"]
    assert shown["not_theirs"]["value"] == 72


async def test_pages_ask_anew_at_every_controller(desk: Desk, restarted: Desk) -> None:
    sent = list[bytes]()
    here, there = of(desk, A, sent), of(restarted, B, [])
    desk.hub.elsewhere = here.elsewhere
    desk.hub.crew(["bed-1"], "radiology")
    seen = aiter(restarted.hub.subscribe())
    assert (await anext(seen)).kind == "snapshot"
    there.heard(sent[0])
    told = list[str]()

    async def look() -> None:
        async for event in seen:
            told.append(event.kind)

    looking = asyncio.create_task(look())
    await run(there, lambda: "radiology" in told)
    looking.cancel()


async def test_pages_ask_anew_where_the_word_that_there_is_news_may_be_lost(
    desk: Desk, restarted: Desk
) -> None:
    await restarted.load()
    sent = list[bytes]()
    here, there = of(desk, A, sent), of(restarted, B, [])
    desk.hub.elsewhere = here.elsewhere
    for kind in "crew", "radiology", "prescriptions", "crew":
        desk.hub.crew(["bed-1"], kind)
    seen, told = aiter(restarted.hub.subscribe()), set[str]()
    assert (await anext(seen)).kind == "snapshot"
    there.heard(sent[-1])  # it never heard the others

    async def look() -> None:
        async for event in seen:
            if any(item.get("bed") == "bed-2" for item in orjson.loads(event.data).get("items", ())):
                told.add(event.kind)

    looking = asyncio.create_task(look())
    await run(there, lambda: told >= {"crew", "radiology", "prescriptions"})
    looking.cancel()


async def test_what_people_change_at_one_is_read_by_the_other_at_once(desk: Desk, restarted: Desk) -> None:
    await restarted.load()
    sent = list[bytes]()
    here, there = of(desk, A, sent), of(restarted, B, [])
    desk.hub.elsewhere = here.elsewhere
    await desk.registry.admit("bed-1", Patient("P9", "Nine Iota"), "test")
    for payload in sent:
        there.heard(payload)

    def shown() -> bool:
        patient = restarted.registry.beds["bed-1"].patient
        return patient is not None and patient.identifier == "P9"

    await run(there, shown)


async def test_an_event_of_one_is_told_to_the_pages_of_the_other_as_it_is(
    desk: Desk, restarted: Desk
) -> None:
    sent = list[bytes]()
    here, there = of(desk, A, sent), of(restarted, B, [])
    here.elsewhere("robots", {"items": [{"robot": "r-1", "x": 1.5}], "gone": [], "stopped": ""})
    seen, told = aiter(restarted.hub.subscribe()), list[bytes]()
    assert (await anext(seen)).kind == "snapshot"
    there.heard(sent[0])

    async def look() -> None:
        async for event in seen:
            if event.kind == "robots":
                told.append(event.data)

    looking = asyncio.create_task(look())
    await run(there, lambda: told)
    looking.cancel()
    assert orjson.loads(told[0])["items"] == [{"robot": "r-1", "x": 1.5}]


async def test_what_each_of_several_brokers_brings_is_taken_once_and_nothing_was_lost(
    desk: Desk, restarted: Desk
) -> None:
    sent = list[bytes]()
    here, there = of(desk, A, sent), of(restarted, B, [])
    for number in range(3):
        here.elsewhere("robots", {"items": [{"robot": "r-1", "x": number}], "gone": [], "stopped": ""})
    seen, told = aiter(restarted.hub.subscribe()), list[int]()
    assert (await anext(seen)).kind == "snapshot"
    there.heard(sent[0])
    await run(there, lambda: there.lost == 1)  # of another one that was not known before
    for at in (0, 1, 0, 1, 2, 1, 2, 2):  # in order at each of three, which are not equally quick
        there.heard(sent[at])

    async def look() -> None:
        async for event in seen:
            if event.kind == "robots":
                told.append(orjson.loads(event.data)["items"][0]["x"])

    looking = asyncio.create_task(look())
    await run(there, lambda: 2 in told)
    looking.cancel()
    assert (told, there.lost) == ([0, 1, 2], 1)


@given(st.lists(st.integers(0, MAX_MESSAGE), max_size=8))
def test_frames_are_not_larger_than_the_broker_takes_and_bring_everything_in_order(sizes: list[int]) -> None:
    messages = [Arrived(topics.up("ward-a", "wave"), bytes(size), size) for size in sizes]
    frames = list(Frames(A).messages(messages))
    assert all(len(one) <= MAX_MESSAGE + 1024 for one in frames)
    read = [read_frame(one) for one in frames]
    assert [one for frame in read for one in frame.committed] == messages
    assert [frame.sequence for frame in read] == list(range(1, len(read) + 1))


@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.integers(0, 2**70) | st.binary(max_size=9) | st.text(max_size=5) | st.booleans(),
        lambda inner: st.lists(inner, max_size=5),
    ).map(cbor2.dumps)
)
def test_bytes_that_are_no_frame_are_refused(payload: bytes) -> None:
    try:
        read_frame(payload)
    except BrokerError:
        return
    assert isinstance(cbor2.loads(payload), list)


def test_a_message_of_another_form_is_refused() -> None:
    with pytest.raises(BrokerError, match="another form"):
        read_frame(cbor2.dumps([A, 1, 0, [["topic", b"", 0, False]]]))

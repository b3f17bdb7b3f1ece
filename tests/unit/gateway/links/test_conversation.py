"""The talk between arrivals and codecs, on a clock that the test moves."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from devices.codecs import Said
from devices.model.observation import DeviceEvent, EventKind, Instant, later
from devices.wire.block import BlockClock
from gateway.clock import SystemClock
from gateway.errors import LinkError
from gateway.links.conversation import Inbox, Voice, converse
from tests.support.links import Heard

START = Instant(5_000_000_000)
LOST = LinkError("link-lost", "gone")


@dataclass
class TestClock:
    """Stands still until it is moved; each reading may move it a little."""

    __test__ = False
    at: Instant = START
    step_ns: int = 0

    def now(self) -> Instant:
        self.at = Instant(self.at + self.step_ns)
        return self.at

    def block_clock(self) -> BlockClock:
        return SystemClock().block_clock()


@dataclass
class Parrot:
    """A codec that says each arrival, owes a greeting and an answer to each, and may have a timer."""

    timer: Instant | None = None
    owed: bytes = b"hello"
    rung: list[Instant] = field(default_factory=list)

    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        self.owed += b"re:" + data
        return [DeviceEvent(EventKind.STATUS, now, {"said": data.decode()})]

    def data_to_send(self) -> bytes:
        owed, self.owed = self.owed, b""
        return owed

    def next_timer(self) -> Instant | None:
        return self.timer

    def handle_timer(self, now: Instant) -> list[Said]:
        self.timer = None
        self.rung.append(now)
        return [DeviceEvent(EventKind.STATUS, now, {"said": "timer"})]


class Line:
    """Where the bytes for the device go."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    async def __call__(self, data: bytes) -> None:
        self.sent.append(data)


def said(heard: Heard) -> list[str | int]:
    return [event.detail["said"] for event in heard.events(EventKind.STATUS)]


async def test_arrivals_reach_their_own_codec_in_order() -> None:
    clock, heard, a, b = TestClock(), Heard(), Line(), Line()
    inbox = Inbox(clock)
    for source, data in (("a", b"1"), ("b", b"2"), ("a", b"3")):
        inbox.put(source, data)
    inbox.end(LOST)
    with pytest.raises(LinkError):
        await converse({"a": Voice(Parrot(), a), "b": Voice(Parrot(), b)}, inbox, clock, heard)
    assert said(heard) == ["1", "2", "3"]
    assert a.sent == [b"hello", b"re:1", b"re:3"]
    assert b.sent == [b"hello", b"re:2"]


async def test_an_arrival_has_the_time_at_which_it_came_not_at_which_it_is_read() -> None:
    clock, heard = TestClock(), Heard()
    inbox = Inbox(clock)
    inbox.put("a", b"1")
    clock.at = later(START, 3)
    inbox.end(LOST)
    with pytest.raises(LinkError):
        await converse({"a": Voice(Parrot(), Line())}, inbox, clock, heard)
    assert heard.said[0].at == START


async def test_what_comes_after_the_end_is_dropped() -> None:
    clock, heard = TestClock(), Heard()
    inbox = Inbox(clock)
    inbox.end(LOST)
    inbox.put("a", b"late")
    inbox.end(LinkError("other", "later"))
    with pytest.raises(LinkError) as lost:
        await converse({"a": Voice(Parrot(), Line())}, inbox, clock, heard)
    assert lost.value.why == "link-lost"
    assert heard.said == []


async def test_a_timer_rings_when_it_is_due_and_not_before() -> None:
    clock, heard = TestClock(step_ns=1_000_000), Heard()
    codec = Parrot(timer=later(START, 0.05))
    await talk_until(lambda: bool(codec.rung), {"a": Voice(codec, Line())}, clock, heard)
    assert codec.rung[0] >= later(START, 0.05)
    assert said(heard) == ["timer"]


async def test_a_busy_stream_does_not_keep_a_timer_from_ringing() -> None:
    clock, heard = TestClock(), Heard()
    inbox = Inbox(clock)
    for _ in range(3):
        inbox.put("a", b"x")
    inbox.end(LOST)
    with pytest.raises(LinkError):
        await converse({"a": Voice(Parrot(timer=START), Line())}, inbox, clock, heard)
    assert said(heard) == ["x", "timer", "x", "x"]


async def test_silence_ends_the_talk_and_is_counted_from_the_last_arrival() -> None:
    clock, heard, times = TestClock(step_ns=1_000_000), Heard(), list[Instant]()
    inbox = Inbox(clock)
    inbox.put("a", b"1")
    async with asyncio.timeout(10):
        await converse(
            {"a": Voice(Parrot(), Line())}, inbox, clock, heard, silence_s=0.05, heard=times.append
        )
    assert clock.at >= later(times[0], 0.05)
    assert said(heard) == ["1"]


async def talk_until(
    done: Callable[[], bool], voices: dict[str, Voice], clock: TestClock, heard: Heard
) -> None:
    talk: Awaitable[None] = converse(voices, Inbox(clock), clock, heard)
    task = asyncio.ensure_future(talk)
    async with asyncio.timeout(10):
        while not done():  # noqa: ASYNC110
            await asyncio.sleep(0.001)
    task.cancel()


@dataclass
class Careful(Parrot):
    """A codec whose answer waits for the journal."""

    waits: bool = False
    number: int = 0
    host: dict[str, int] = field(default_factory=dict)

    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        self.waits = data != b"news"
        return [DeviceEvent(EventKind.STATUS, now, {"said": data.decode()})]

    def awaits_journal(self) -> bool:
        return self.waits

    def journalled(self, now: Instant) -> None:
        self.waits = False
        self.number += 1
        self.host["last"] = self.number
        self.owed += b"ack"


class FullDisk(Heard):
    """An outlet whose journal keeps nothing."""

    async def kept(self) -> None:
        raise LinkError("not-kept", "the disk is full")


async def test_an_acknowledgement_goes_only_after_the_journal_has_everything() -> None:
    clock, heard, line = TestClock(), Heard(), Line()
    inbox = Inbox(clock)
    for data in (b"1", b"news", b"2"):
        inbox.put("a", data)
    inbox.end(LOST)
    with pytest.raises(LinkError):
        await converse({"a": Voice(Careful(host=heard.host.memory), line)}, inbox, clock, heard)
    assert line.sent == [b"hello", b"ack", b"ack"]
    assert heard.kept_after == [1, 3]


async def test_what_a_codec_remembers_is_saved_after_the_journal_has_what_it_stands_for() -> None:
    clock, heard = TestClock(), Heard()
    inbox = Inbox(clock)
    inbox.put("a", b"1")
    inbox.end(LOST)
    with pytest.raises(LinkError):
        await converse({"a": Voice(Careful(host=heard.host.memory), Line())}, inbox, clock, heard)
    assert heard.remembered == [{"last": 1}]


async def test_a_device_is_acknowledged_nothing_when_the_disk_keeps_nothing() -> None:
    clock, heard, line = TestClock(), FullDisk(), Line()
    inbox = Inbox(clock)
    inbox.put("a", b"1")
    with pytest.raises(LinkError) as lost:
        await converse({"a": Voice(Careful(), line)}, inbox, clock, heard)
    assert lost.value.why == "not-kept"
    assert line.sent == [b"hello"]
    assert heard.remembered == []


async def test_what_a_device_forgets_by_itself_goes_to_disk_at_once() -> None:
    clock, heard = TestClock(), Heard()
    inbox = Inbox(clock)
    inbox.put("a", b"1")
    inbox.put("b", b"2")
    inbox.end(LOST)
    with pytest.raises(LinkError):
        voices = {"a": Voice(Parrot(), Line()), "b": Voice(Parrot(), Line(), at_once=True)}
        await converse(voices, inbox, clock, heard)
    assert heard.kept_after == [2]


class SlowDisk(Heard):
    """An outlet whose journal takes its time."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = asyncio.Event()

    async def kept(self) -> None:
        self.begun.set()
        await asyncio.sleep(0.05)
        await super().kept()


async def test_what_is_on_its_way_to_the_journal_is_remembered_though_the_talk_is_ended() -> None:
    clock, heard = TestClock(), SlowDisk()
    inbox = Inbox(clock)
    inbox.put("a", b"1")
    talk = converse({"a": Voice(Careful(host=heard.host.memory), Line())}, inbox, clock, heard)
    task = asyncio.ensure_future(talk)
    await heard.begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert heard.kept_after == [1]
    assert heard.remembered == [{"last": 1}]

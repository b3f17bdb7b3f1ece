"""The node and the gateway's codec on a bad line: every reading comes once, in order, or is told as lost."""

import re
from collections.abc import Sequence
from contextlib import suppress
from random import Random
from typing import Any

import cbor2
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.codecs import Host, Said
from devices.codecs.node import wire
from devices.codecs.node.vitals import NodeVitals
from devices.model.observation import DeviceEvent, EventKind, Instant, Reading
from firmware.core.node import AGAIN_MS, WINDOW, Node
from firmware.core.ring import Ring
from hil.sims.nor_flash import NorFlash, PowerCut

PRESSURE = 280
ABOUT = {wire.BOARD: "bench", wire.VERSION: 1}


def made(flash: NorFlash | None = None, slot: int = 64, now_ms: int = 0) -> Node:
    return Node(Ring(flash or NorFlash(256, 4), slot, 7), ABOUT, now_ms)


def sent(node: Node, now_ms: int) -> list[dict[int, Any]]:
    frames = iter(lambda: node.to_send(now_ms), b"")
    return [cbor2.loads(wire.body(wire.unstuffed(frame[:-1]))) for frame in frames]


def acknowledge(node: Node, number: int, now_ms: int, stream: int = 7) -> None:
    item = {wire.KIND: wire.ACKNOWLEDGE, wire.SEQUENCE: number, wire.STREAM: stream}
    node.receive(wire.frame(cbor2.dumps(item)), now_ms)


def numbers(items: list[dict[int, Any]]) -> list[int]:
    return [item[wire.SEQUENCE] for item in items if item[wire.KIND] in (wire.READINGS, wire.SAMPLES)]


def test_it_says_hello_first_and_when_it_is_asked() -> None:
    node = made()
    hello = {**ABOUT, wire.KIND: wire.HELLO, wire.STREAM: 7, wire.BOOT: 1, wire.SEQUENCE: 16, wire.OLDEST: 16}
    assert sent(node, 5) == [{**hello, wire.NOW_MS: 5}]
    node.receive(wire.frame(cbor2.dumps({wire.KIND: wire.ASK})), 6)
    assert sent(node, 7) == [{**hello, wire.NOW_MS: 7}]


def test_readings_are_sent_with_all_that_a_host_has_to_know() -> None:
    node = made()
    node.measured([5, 974, 0, 1, None, 3], 1000)
    assert sent(node, 1200)[1:] == [
        {
            wire.KIND: wire.READINGS,
            wire.STREAM: 7,
            wire.SEQUENCE: 16,
            wire.BOOT: 1,
            wire.OLDEST: 16,
            wire.AT_MS: 1000,
            wire.NOW_MS: 1200,
            wire.VALUES: [5, 974, 0, 1, None, 3],
        }
    ]


def test_many_values_and_samples_go_in_several_frames_none_too_long() -> None:
    node = made(NorFlash(4096, 4), 256)
    node.measured([65535, -(2**32), 255] * 40, 1000)
    node.sampled(7, 25_000, bytes(range(250)) * 2, 1000)
    frames = list(iter(lambda: node.to_send(1000), b""))
    items = [cbor2.loads(wire.body(wire.unstuffed(frame[:-1]))) for frame in frames[1:]]
    assert all(len(frame) <= wire.MAX_FRAME + 1 for frame in frames)
    assert [value for item in items for value in item.get(wire.VALUES, [])] == [65535, -(2**32), 255] * 40
    assert numbers(items) == list(range(64, 64 + len(items)))
    acknowledge(node, items[-1][wire.SEQUENCE], 1001)
    items = [*items, *sent(node, 1001)]
    samples = [item for item in items if item[wire.KIND] == wire.SAMPLES]
    assert b"".join(item[wire.DATA] for item in samples) == bytes(range(250)) * 2
    assert samples[1][wire.AT_MS] - 1000 == len(samples[0][wire.DATA]) // 2 * 40


def test_what_nobody_answers_is_sent_again_after_a_second_no_more_than_a_window() -> None:
    node = made()
    for n in range(WINDOW + 2):
        node.measured([PRESSURE, n, 0], n)
    assert numbers(sent(node, 100)) == list(range(16, 16 + WINDOW))
    assert numbers(sent(node, 100 + AGAIN_MS - 1)) == []
    assert numbers(sent(node, 100 + AGAIN_MS)) == list(range(16, 16 + WINDOW))


def test_an_acknowledgement_brings_the_next_at_once() -> None:
    node = made()
    for n in range(WINDOW + 2):
        node.measured([PRESSURE, n, 0], n)
    sent(node, 100)
    acknowledge(node, 17, 200)
    assert numbers(sent(node, 200)) == [16 + WINDOW, 17 + WINDOW]
    acknowledge(node, 99, 200)
    acknowledge(node, 23, 200, stream=8)
    assert numbers(sent(node, 200 + AGAIN_MS)) == list(range(18, 18 + WINDOW))


def test_after_a_reset_what_was_not_acknowledged_is_sent_without_a_time_of_now() -> None:
    flash = NorFlash(256, 4)
    node = made(flash)
    node.measured([PRESSURE, 1, 0], 500)
    again = made(flash, now_ms=90)
    again.measured([PRESSURE, 2, 0], 100)
    items = sent(again, 110)[1:]
    assert [(item[wire.BOOT], item[wire.AT_MS], item[wire.NOW_MS]) for item in items] == [
        (1, 500, None),
        (2, 10, 20),
    ]


def test_what_a_full_ring_lost_is_told_first_and_until_it_is_acknowledged() -> None:
    node = made()
    for n in range(17):
        node.measured([PRESSURE, n, 0], n)
    gap = {wire.KIND: wire.GAP, wire.FIRST: 16, wire.SEQUENCE: 19, wire.REASON: wire.FULL}
    first = sent(node, 100)[1]
    assert gap.items() <= first.items()
    assert sent(node, 100 + AGAIN_MS)[0] == first
    acknowledge(node, 19, 2000)
    assert {item[wire.KIND] for item in sent(node, 4000)} == {wire.READINGS}


def test_after_24_days_another_boot_begins() -> None:
    node = made()
    node.measured([PRESSURE, 1, 0], 2**31 - 1)
    node.measured([PRESSURE, 2, 0], 2**31 + 50)
    items = sent(node, 2**31 + 60)[1:]
    assert [(item[wire.BOOT], item[wire.AT_MS]) for item in items] == [(1, 2**31 - 1), (2, 0)]


def test_what_it_is_to_say_without_a_number_comes_first_and_others_get_their_maps() -> None:
    node = made()
    node.measured([PRESSURE, 1, 0], 1)
    node.log(40, "x" * 300)
    node.say({wire.KIND: wire.WANT, wire.OFFSET: 3})
    kinds = [item[wire.KIND] for item in sent(node, 2)]
    assert kinds == [wire.HELLO, wire.LOG, wire.WANT, wire.READINGS]
    chunk = {wire.KIND: wire.CHUNK, wire.OFFSET: 3, wire.DATA: b"abc"}
    assert node.receive(wire.frame(cbor2.dumps(chunk)), 3) == [chunk]


class Bench:
    """A node, its flash, a line, and the gateway's codec with what it remembers."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.flash = NorFlash(256, 4, seed=seed)
        self.host = Host()
        self.journal: list[Said] = []
        self.kept: dict[int, int] = {}
        """The value under each number that the node says to have."""
        self.tried: set[int] = set()
        self.now_ms = 0
        self.damage = 0.0
        self.cuts_in_row = 0
        self.node = made(self.flash)
        self.codec = NodeVitals(self.host)

    def measure(self) -> None:
        value = len(self.tried)
        self.tried.add(value)
        self.node.measured([PRESSURE, value, 0], self.now_ms)
        self.kept[self.node.ring.next - 1] = value
        self.cuts_in_row = 0

    def cut(self, budget: int) -> None:
        """The power goes in one of the next writes."""
        if self.cuts_in_row < 3:
            self.flash.budget, self.cuts_in_row = budget, self.cuts_in_row + 1
            with suppress(PowerCut):
                self.measure()
        self.flash.budget = None
        self.node = made(self.flash, now_ms=self.now_ms)

    def line(self, data: bytes) -> bytes:
        """What of the bytes arrives: some are lost, changed, doubled, or change places."""
        bytes_ = list(data)
        for place in range(len(bytes_)):
            if self.random.random() < self.damage:
                other = self.random.randrange(len(bytes_))
                bytes_[place], bytes_[other] = bytes_[other], bytes_[place] ^ self.random.choice((0, 1, 128))
        kept = [byte for byte in bytes_ if self.random.random() >= self.damage / 2]
        return bytes(kept) + (data[:5] if self.random.random() < self.damage else b"")

    def pass_time(self, ms: int) -> None:
        self.now_ms += ms
        now = Instant(self.now_ms * 1_000_000 + 10**12)
        for frame in iter(lambda: self.node.to_send(self.now_ms), b""):
            self.journal += self.codec.receive_data(self.line(frame), now)
            if self.codec.awaits_journal():
                self.codec.journalled(now)
            self.node.receive(self.line(self.codec.data_to_send()), self.now_ms)

    def begin_anew(self) -> None:
        """The gateway begins anew, with what it has on disk."""
        self.codec = NodeVitals(Host(memory=dict(self.host.memory)))
        self.host = Host(memory=self.codec._memory)  # pyright: ignore[reportPrivateUsage]

    def values(self) -> list[int]:
        return [int((one.value or 0) * 10) for one in self.journal if isinstance(one, Reading)]

    def lost(self) -> set[int]:
        """The numbers that were told as lost."""
        found = set[int]()
        for one in self.journal:
            if isinstance(one, DeviceEvent) and one.detail.get("code") == "readings-lost":
                first, last = re.findall(r"numbers (\d+) to (\d+)", str(one.detail["text"]))[0]
                found |= set(range(int(first), int(last) + 1))
        return found

    def others(self) -> set[object]:
        events = [one for one in self.journal if isinstance(one, DeviceEvent)]
        codes = {one.detail.get("code") for one in events if one.kind == EventKind.UNMAPPED}
        return codes - {"readings-lost"}


ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("measure"), st.integers(1, 6)),
        st.tuples(st.just("pass"), st.sampled_from((50, 1000, 20_000))),
        st.tuples(st.just("cut"), st.integers(0, 60)),
        st.tuples(st.just("damage"), st.sampled_from((0.0, 0.0, 0.003, 0.02, 0.2))),
        st.tuples(st.just("gateway"), st.just(0)),
    ),
    max_size=50,
)


@settings(derandomize=True, max_examples=300, deadline=None)
@given(ACTIONS, st.integers(0, 2**32))
def test_whatever_is_lost_damaged_reset_or_cut_every_reading_comes_once_and_in_order_or_is_told_as_lost(
    actions: Sequence[tuple[str, Any]], seed: int
) -> None:
    bench = Bench(seed)
    for action, n in actions:
        match action:
            case "measure":
                for _ in range(n):
                    bench.measure()
            case "pass":
                bench.pass_time(n)
            case "cut":
                bench.cut(n)
            case "damage":
                bench.damage = n
            case _:
                bench.begin_anew()
    bench.damage = 0.0
    bench.measure()
    for _ in range(30):
        bench.pass_time(AGAIN_MS)
    values, lost = bench.values(), bench.lost()
    assert values == sorted(set(values))
    assert set(values) <= bench.tried
    assert {value for number, value in bench.kept.items() if number not in lost} <= set(values)
    assert {value for number, value in bench.kept.items() if number in lost} & set(values) == set()
    assert bench.node.ring.acked == bench.node.ring.next - 1
    assert bench.others() == set()

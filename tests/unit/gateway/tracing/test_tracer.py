"""What a gateway tells of traced blocks."""

from decimal import Decimal

from devices.model.identity import DeviceId
from devices.model.observation import Instant, Quality, Reading
from devices.wire.block import BlockClock, Lane, Sync, seal
from devices.wire.flights import BlockRef
from devices.wire.records import Group
from devices.wire.traces import Span, trace_of
from gateway.clock import KernelSync, SystemClock
from gateway.journal.journal import Block
from gateway.tracing.tracer import Tracer

JOURNAL = b"journal1"
UTC_NS = 1_800_000_000_000_000_000
ARRIVED = Instant(5_000_000_000)


def clock(utc_ns: int = UTC_NS) -> SystemClock:
    """It is 10 s since boot."""
    return SystemClock(bytes(16), lambda: 10_000_000_000, lambda: utc_ns, lambda: KernelSync(True, 1))


def block(number: int) -> Block:
    reading = Reading("hr", ARRIVED, Decimal(70), None, Quality.GOOD)
    sealed = BlockClock(bytes(16), 6_000_000, None, Sync.UNSET, None)
    data = seal(JOURNAL, Lane.VITAL, number, sealed, [Group(DeviceId("ox-1"), None, [reading])])
    return Block(Lane.VITAL, number, data)


def run(tracer: Tracer, number: int = 3) -> None:
    reading = Reading("hr", ARRIVED, Decimal(70), None, Quality.GOOD)
    tracer.handed([reading], Instant(ARRIVED + 1_000_000))
    tracer.committed(JOURNAL, [block(number)], Instant(ARRIVED + 9_000_000))
    tracer.published(Lane.VITAL, BlockRef(JOURNAL, number), Instant(6_000_000_000), Instant(6_100_000_000))


def test_a_block_is_told_from_its_bytes_to_the_broker_in_utc() -> None:
    told: list[Span] = []
    run(Tracer("ward-a", clock(), 1, told.append))
    assert [span.stage for span in told] == ["arrive", "decode", "journal", "publish"]
    assert {span.trace for span in told} == {trace_of(JOURNAL, Lane.VITAL, 3)}
    assert told[0].began_ns == UTC_NS - 5_000_000_000
    assert [span.ended_ns - span.began_ns for span in told] == [0, 1_000_000, 8_000_000, 100_000_000]


def test_what_is_not_of_the_share_is_not_told() -> None:
    told: list[Span] = []
    tracer = Tracer("ward-a", clock(), 0.01, told.append)
    for number in range(50):
        run(tracer, number)
    assert len({span.trace for span in told}) < 10


def test_a_box_that_does_not_know_the_time_tells_nothing() -> None:
    told: list[Span] = []
    run(Tracer("ward-a", clock(0), 1, told.append))
    assert told == []


def test_a_block_of_the_gateway_itself_has_no_cable() -> None:
    told: list[Span] = []
    Tracer("ward-a", clock(), 1, told.append).committed(JOURNAL, [block(3)], Instant(ARRIVED))
    assert told == []

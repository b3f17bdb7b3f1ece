"""What the controller tells of traced blocks; what screens say of others changes nothing."""

from controller.clock import SystemClock
from controller.hub import Hub
from controller.sorting import SortedBlock
from controller.tracing.tracer import Tracer
from devices.wire.traces import Span, trace_of


def made(share: float) -> tuple[Tracer, list[Span], SystemClock, Hub]:
    told: list[Span] = []
    clock = SystemClock()
    hub = Hub(clock, "s")
    return Tracer(clock, hub, share, told.append), told, clock, hub


def block(number: int, now_us: int) -> SortedBlock:
    return SortedBlock((bytes(8), 1), number, "ward-a", bytes(16), arrived_us=now_us - 3000)


def test_a_block_is_told_from_its_arrival_to_the_first_screen() -> None:
    tracer, told, clock, _ = made(1)
    now_us = clock.now_us()
    tracer.stored([block(7, now_us)], now_us - 2000, now_us - 1000)
    trace = trace_of(bytes(8), 1, 7).hex()
    for _ in range(2):  # two screens
        tracer.sent([trace], now_us // 1000 - 1)
        tracer.painted(trace, now_us // 1000)
    assert [span.stage for span in told] == ["ingest", "receipt", "send", "paint"]
    assert [span.ended_ns - span.began_ns for span in told[:2]] == [1_000_000, 1_000_000]
    assert told[0].about == {"wardlink.gateway": "ward-a", "wardlink.lane": "vital", "wardlink.block": 7}


def test_what_a_screen_says_of_others_or_of_the_future_changes_nothing() -> None:
    tracer, told, clock, _ = made(1)
    now_us = clock.now_us()
    trace = trace_of(bytes(8), 1, 7).hex()
    tracer.painted("0" * 32, now_us // 1000)
    tracer.stored([block(7, now_us)], now_us, now_us)
    tracer.painted(trace, now_us // 1000)  # before it was sent
    tracer.sent([trace], now_us // 1000)
    tracer.painted(trace, now_us // 1000 + 60_000)
    assert [span.stage for span in told] == ["ingest", "receipt", "send"]


def test_only_the_share_is_told_and_screens_hear_of_it_after_its_values() -> None:
    tracer, told, clock, hub = made(0.1)
    now_us = clock.now_us()
    subscription = hub.subscribe()
    tracer.stored([block(number, now_us) for number in range(1000)], now_us, now_us)
    assert 60 * 2 < len(told) < 140 * 2
    subscription.close()


def test_many_traces_that_no_screen_takes_do_not_pile_up() -> None:
    tracer, told, clock, _ = made(1)
    now_us = clock.now_us()
    tracer.stored([block(number, now_us) for number in range(1000)], now_us, now_us)
    del told[:]
    tracer.sent([trace_of(bytes(8), 1, number).hex() for number in range(1000)], now_us // 1000)
    assert len(told) == 256

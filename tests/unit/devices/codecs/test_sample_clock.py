"""Samples whose device stamps each frame: they meet, never overlap, and show what is missing."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from devices.codecs.sample_clock import SampleClock, Span
from devices.model.observation import Instant, Waveform

SECOND = 1_000_000_000
COUNT, PERIOD = 73, 7_682_400
FRAME = COUNT * PERIOD
STAMP = 599_622_173 * SECOND
LATENCIES = st.lists(st.integers(0, SECOND // 3), min_size=2, max_size=80)


def waves(spans: list[Span]) -> list[Waveform]:
    return [Waveform("ecg_i", span.at, span.rate_mhz, bytes(2 * COUNT)) for span in spans]


def placed(clock: SampleClock, frames: list[tuple[int, int]]) -> list[Span]:
    """Frames by number, with the delay of each."""
    return [
        clock.place(STAMP + number * FRAME, COUNT, Instant(10 * SECOND + number * FRAME + late))
        for number, late in frames
    ]


@given(LATENCIES)
def test_frames_that_follow_each_other_meet_and_never_overlap(latencies: list[int]) -> None:
    for one, other in pairwise(waves(placed(SampleClock(130_000), list(enumerate(latencies))))):
        assert 0 <= other.at - one.end < 100_000


@given(LATENCIES)
def test_time_runs_as_fast_as_the_device_says_to_half_a_percent(latencies: list[int]) -> None:
    spans = placed(SampleClock(130_000), list(enumerate(latencies)))
    assert all(abs(span.rate_mhz / 130_167 - 1) < 0.006 for span in spans[1:])


@given(st.lists(st.integers(0, 50_000_000), min_size=100, max_size=100))
def test_a_frame_is_placed_as_if_it_had_come_with_the_least_delay(latencies: list[int]) -> None:
    span = placed(SampleClock(130_000), list(enumerate(latencies)))[-1]
    last = span.at + (COUNT - 1) * PERIOD
    least = min(latencies[-64:])
    assert abs(last - (10 * SECOND + 99 * FRAME + least)) < 3_000_000


def test_the_first_frame_has_the_nominal_rate_and_ends_at_its_arrival() -> None:
    span = SampleClock(130_000).place(STAMP, COUNT, Instant(SECOND))
    assert span == Span(Instant(SECOND - (COUNT - 1) * SECOND * 1000 // 130_000), 130_000, True)


def test_a_rate_need_not_be_whole_hertz() -> None:
    clock = SampleClock(62_500)
    spans = [clock.place(STAMP + n * 256_000_000, 16, Instant((1 + n) * 256_000_000)) for n in range(3)]
    assert [span.rate_mhz for span in spans] == [62_500] * 3
    assert not any(span.anew for span in spans[1:])


def test_missing_frames_leave_a_gap_of_their_length() -> None:
    one, other = waves(placed(SampleClock(130_000), [(0, 0), (3, 0)]))
    assert abs((other.at - one.end) - 2 * FRAME) < PERIOD


def test_a_clock_that_was_set_begins_anew_at_the_arrival() -> None:
    clock = SampleClock(130_000)
    placed(clock, [(0, 0), (1, 0)])
    for jump in (-3600 * SECOND, 86_400 * SECOND):
        now = Instant(100 * SECOND + abs(jump) // 1000)
        span = clock.place(STAMP + jump, COUNT, now)
        assert span.anew
        assert abs(span.at + (COUNT - 1) * PERIOD - now) < PERIOD


def test_drift_between_the_clocks_is_followed() -> None:
    parts_in_a_million = 100
    drift = FRAME * parts_in_a_million // 1_000_000
    span = placed(SampleClock(130_000), [(number, number * drift) for number in range(2000)])[-1]
    arrival = 10 * SECOND + 1999 * (FRAME + drift)
    assert not span.anew
    assert 0 <= arrival - (span.at + (COUNT - 1) * PERIOD) < 10_000_000


def test_frames_that_come_late_all_at_once_keep_their_times() -> None:
    clock = SampleClock(130_000)
    prompt = placed(clock, [(number, 0) for number in range(3)])[-1]
    burst = placed(clock, [(number, (9 - number) * FRAME) for number in range(3, 9)])
    expected = [prompt.at + (number - 2) * FRAME for number in range(3, 9)]
    assert all(abs(span.at - at) < PERIOD for span, at in zip(burst, expected, strict=True))
    assert not any(span.anew for span in burst)


def test_a_frame_of_an_earlier_stamp_begins_anew_and_does_not_overlap() -> None:
    clock = SampleClock(130_000)
    before, again = waves(placed(clock, [(5, 0), (5, FRAME)]))
    assert again.at >= before.end


def test_frames_without_stamps_are_placed_by_their_arrival() -> None:
    clock = SampleClock(130_000)
    spans = [clock.place(0, COUNT, Instant((10 + second) * SECOND)) for second in range(3)]
    assert [span.anew for span in spans] == [True] * 3
    assert [(span.at + (COUNT - 1) * SECOND // 130) // 1000 for span in spans] == [
        (10 + second) * 1_000_000 for second in range(3)
    ]


def test_a_clock_that_stops_at_the_same_stamp_never_divides_by_nothing() -> None:
    clock = SampleClock(130_000)
    for second in range(5):
        clock.place(STAMP, 1, Instant((10 + second) * SECOND))

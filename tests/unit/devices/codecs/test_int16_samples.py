"""Samples of any size become int16: exact where they can be, none invented, none taken for "no sample"."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from devices.codecs.int16_samples import waveform
from devices.codecs.sample_clock import Span
from devices.model.observation import NO_SAMPLE, Instant

SPAN = Span(Instant(7), 130_000, anew=True)
COUNTS = st.lists(st.none() | st.integers(-(2**31), 2**31 - 1), min_size=1, max_size=40)


def read(values: list[int | None], unit: Decimal = Decimal(1)) -> list[Decimal | None]:
    wave = waveform("ecg_raw", values, SPAN, unit)
    raw = memoryview(wave.samples).cast("h")
    return [None if n == NO_SAMPLE else n * wave.scale + wave.offset for n in raw]


@given(st.lists(st.none() | st.integers(-32767, 32767), min_size=1), st.sampled_from(["1", "0.001"]))
def test_what_fits_is_kept_as_it_is(values: list[int | None], unit: str) -> None:
    wave = waveform("ecg_raw", values, SPAN, Decimal(unit))
    assert (wave.at, wave.rate_mhz, wave.scale, wave.offset) == (7, 130_000, Decimal(unit), 0)
    assert read(values, Decimal(unit)) == [None if one is None else one * Decimal(unit) for one in values]


@given(st.integers(-(2**31), 2**31 - 65_535), st.lists(st.none() | st.integers(0, 65_534), min_size=1))
def test_what_is_far_from_zero_is_exact_as_long_as_its_range_fits(base: int, above: list[int | None]) -> None:
    values = [None if one is None else base + one for one in above]
    assert read(values) == values


@given(COUNTS)
def test_a_wider_range_is_told_in_steps_and_every_sample_to_the_nearest(values: list[int | None]) -> None:
    known = [one for one in values if one is not None]
    step = 1 + (max(known, default=0) - min(known, default=0)) // 65_534
    for told, sent in zip(read(values), values, strict=True):
        assert (told is None) == (sent is None)
        assert told is None or sent is None or abs(told - sent) <= step


def test_a_block_without_a_sample_has_none() -> None:
    assert read([None, None]) == [None, None]

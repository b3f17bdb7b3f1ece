"""Readings have a value or a reason; waveforms know when they end; instants add up."""

from decimal import Decimal

import pytest

from devices.model.observation import Instant, NoValue, Reading, Waveform, later

NOW = Instant(1_000_000_000)


def test_a_reading_without_a_value_must_say_why() -> None:
    with pytest.raises(ValueError, match="hr: a reading has either a value or a reason"):
        Reading("hr", NOW, None)


def test_a_reading_with_a_value_has_no_reason_for_having_none() -> None:
    with pytest.raises(ValueError, match="hr"):
        Reading("hr", NOW, Decimal(1), NoValue.SENSOR_OFF)


def test_a_waveform_ends_one_interval_after_its_last_sample() -> None:
    wave = Waveform("pleth", NOW, 75_000, bytes(150))
    assert len(wave) == 75
    assert wave.end == 2_000_000_000


def test_later_counts_seconds() -> None:
    assert later(NOW, 0.25) == 1_250_000_000

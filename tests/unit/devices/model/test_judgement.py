"""The metric table's judgement of a reading: what is impossible is no value, and is kept as evidence."""

from decimal import Decimal

import pytest

from devices.model.judgement import judged
from devices.model.observation import EventKind, Instant, NoValue, Quality, Reading

AT = Instant(5)


def test_a_plausible_reading_stays_as_it_is() -> None:
    reading = Reading("spo2", AT, Decimal(97), quality=Quality.ARTIFACT)
    assert judged(reading) == (reading, None)


def test_no_value_stays_no_value() -> None:
    reading = Reading("spo2", AT, None, NoValue.SENSOR_OFF)
    assert judged(reading) == (reading, None)


@pytest.mark.parametrize("value", ["-5", "100.1", "30000", "NaN", "Infinity"])
def test_an_impossible_number_is_no_value_and_is_told_beside(value: str) -> None:
    usable, refused = judged(Reading("spo2", AT, Decimal(value)))
    assert usable is not None
    assert refused is not None
    assert (usable.value, usable.reason) == (None, NoValue.REJECTED)
    assert (refused.kind, refused.at) == (EventKind.REJECTED, AT)
    assert refused.detail == {"metric": "spo2", "value": value}


def test_an_implausible_number_is_marked_beside_what_the_device_says() -> None:
    usable, refused = judged(Reading("hr", AT, Decimal(305), quality=Quality.ARTIFACT))
    assert usable is not None
    assert (usable.quality, refused) == (Quality.ARTIFACT | Quality.IMPLAUSIBLE, None)


def test_of_an_unknown_metric_there_is_only_the_event() -> None:
    usable, refused = judged(Reading("mood", AT, Decimal(5)))
    assert usable is None
    assert refused is not None
    assert refused.detail == {"metric": "mood", "why": "unknown-metric"}

"""What a device said, as people and programs read it."""

import json
import struct
from decimal import Decimal

import pytest

from devices.codecs import Said
from devices.model.observation import (
    NO_SAMPLE,
    DeviceEvent,
    EventKind,
    Instant,
    NoValue,
    Quality,
    Reading,
    Waveform,
)
from devices.rendering import as_json, as_text
from devices.replay import brief, difference

AT = Instant(1_500_000_000)
WAVE = Waveform("ecg_ii", AT, 250_000, struct.pack("<3h", 1, NO_SAMPLE, -2), Decimal("0.005"))


@pytest.mark.parametrize(
    ("said", "line"),
    [
        (Reading("hr", AT, Decimal(62)), "1.500 s  hr           62 /min"),
        (
            Reading("spo2", AT, None, NoValue.SENSOR_OFF, Quality.ARTIFACT),
            "1.500 s  spo2         no value       sensor_off, artifact",
        ),
        (WAVE, "1.500 s  ecg_ii       3 samples at 250 Hz"),
        (DeviceEvent(EventKind.BATTERY, AT, {"percent": 80}), "1.500 s  battery      percent=80"),
    ],
)
def test_a_line_for_people(said: Said, line: str) -> None:
    assert as_text(said).strip() == line


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (Reading("hr", AT, Decimal("62.5")), {"metric": "hr", "value": 62.5, "reason": None, "quality": []}),
        (
            WAVE,
            {"metric": "ecg_ii", "rate_hz": 250.0, "samples": [0.005, None, -0.01], "quality": []},
        ),
        (DeviceEvent(EventKind.BATTERY, AT, {"percent": 80}), {"event": "battery", "percent": 80}),
    ],
)
def test_an_object_for_programs(said: Said, expected: dict[str, object]) -> None:
    assert json.loads(as_json(said)) == {"at_s": 1.5, **expected}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (Reading("hr", AT, Decimal(62)), ["hr", "62"]),
        (Reading("hr", AT, None, NoValue.NO_CONTACT), ["hr", "NO_CONTACT"]),
        (Reading("hr", AT, Decimal(62), quality=Quality.STORED), ["hr", "62", "STORED"]),
        (WAVE, ["ecg_ii", 3]),
        (DeviceEvent(EventKind.BATTERY, AT, {"percent": 80}), ["battery", {"percent": 80}]),
    ],
)
def test_an_expectation_is_as_brief_as_can_be(said: Said, expected: list[object]) -> None:
    assert brief(said) == expected


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        ([["hr", "62"]], None),
        ([["hr", "63"]], "number 1: expected ['hr', '63'], came ['hr', '62']"),
        ([], "expected 0 things said, came 1"),
        ([["hr", "62"], ["hr", "62"]], "expected 2 things said, came 1"),
    ],
)
def test_a_difference_says_where_it_is(expected: list[object], words: str | None) -> None:
    found = difference("polar-h10", b"0.5 2a37 003e\n", expected)
    assert found is None if words is None else words in str(found)

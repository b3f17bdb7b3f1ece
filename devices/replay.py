"""Captures held against what is expected of them: `tests/captures/NAME.json` beside NAME.txt or NAME.bin.

    {"profile": "polar-h10", "also": [], "origin": "capture" or "example", "source": [...], "expected": [...]}

`also` names profiles with the same codec. What a codec said is written briefly: `["hr", "59"]`, `["spo2",
"SENSOR_OFF", "ARTIFACT"]` (value or reason, and quality if any), `["pleth", 25]` (samples), `["battery",
{"percent": 89}]`.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from devices.capture import decoded
from devices.codecs import Said
from devices.model.observation import DeviceEvent, Reading, Waveform
from devices.profiles import profile


def brief(said: Said) -> list[Any]:
    """What was said, in one short line."""
    match said:
        case Reading():
            value = said.reason.name if said.reason is not None else str(said.value)
            return [said.metric, value, *([said.quality.name] if said.quality else [])]
        case Waveform():
            return [said.metric, len(said)]
        case DeviceEvent():
            return [str(said.kind), dict(said.detail)]


def briefly(said: Iterable[Said]) -> list[Any]:
    """`brief` of each."""
    return [brief(one) for one in said]


def served(expectation: Mapping[str, Any]) -> list[str]:
    """The profiles whose codec the capture checks."""
    return [expectation["profile"], *expectation.get("also", [])]


def difference(name: str, content: bytes, expected: list[Any]) -> str | None:
    """Where the capture `content`, decoded as profile `name`, departs from `expected`; None: nowhere.

    Raises UnknownProfile, BadCapture.
    """
    said = briefly(decoded(profile(name), content))
    for number, (came, wanted) in enumerate(zip(said, expected, strict=False), 1):
        if came != wanted:
            return f"{name}: number {number}: expected {wanted}, came {came}"
    if len(said) != len(expected):
        return f"{name}: expected {len(expected)} things said, came {len(said)}"
    return None

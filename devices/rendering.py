"""What a device said, as a line for people or as JSON."""

import json
from decimal import Decimal
from typing import Any

from devices.codecs import Said
from devices.model.metrics import METRICS
from devices.model.observation import NO_SAMPLE, DeviceEvent, Quality, Reading, Waveform


def as_text(said: Said) -> str:
    """One line: seconds, what, how much, and what is said against it."""
    return f"{said.at / 1e9:9.3f} s  {_sentence(said)}"


def as_json(said: Said) -> str:
    """One JSON object: `at_s` and, by kind, `metric`, `value`, `reason`, `samples`, `quality` or `event`."""
    return json.dumps({"at_s": said.at / 1e9, **_fields(said)}, default=float)


def _fields(said: Said) -> dict[str, Any]:
    match said:
        case Reading():
            reason = said.reason.name.lower() if said.reason else None
            quality = _words(said.quality)
            return {"metric": said.metric, "value": said.value, "reason": reason, "quality": quality}
        case Waveform():
            rate_hz, quality = said.rate_mhz / 1000, _words(said.quality)
            return {"metric": said.metric, "rate_hz": rate_hz, "samples": _samples(said), "quality": quality}
        case DeviceEvent():
            return {"event": said.kind, **said.detail}


def _sentence(said: Said) -> str:
    match said:
        case Reading():
            unit = METRICS[said.metric].unit if said.metric in METRICS else ""
            number = f"{said.value} {unit}" if said.reason is None else "no value"
            against = [said.reason.name.lower()] if said.reason else []
            return f"{said.metric:12} {number:14} {', '.join(against + _words(said.quality))}".rstrip()
        case Waveform():
            return f"{said.metric:12} {len(said)} samples at {said.rate_mhz / 1000:g} Hz"
        case DeviceEvent():
            return f"{said.kind:12} {' '.join(f'{key}={value}' for key, value in said.detail.items())}"


def _samples(wave: Waveform) -> list[Decimal | None]:
    numbers = memoryview(wave.samples).cast("h")
    return [None if n == NO_SAMPLE else n * wave.scale + wave.offset for n in numbers]


def _words(quality: Quality) -> list[str]:
    return [str(flag.name).lower() for flag in quality]

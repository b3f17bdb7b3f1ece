"""What a codec said, put as briefly as the expectations beside the captures."""

from collections.abc import Iterable
from typing import Any

from devices.codecs import Said
from devices.model.observation import DeviceEvent, Reading, Waveform


def brief(said: Said) -> list[Any]:
    """[metric, value or reason, quality if any], [metric, number of samples] or [kind of event, detail]."""
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

"""Alarms of CARESCAPE monitors over the DRI: up to five texts with a colour (DRI chapter 4).

The monitor gives them no code, and its texts are in its own language: the text is the code. Fields of an
enumeration are 16 bits (CI and DRI do not say it; an independent reader of a B650 has them so).
"""

import struct
from collections.abc import Sequence

from devices.codecs.device_alarms import Alarm
from devices.errors import BadBytes

STATUS = 1
"""The subrecord's type."""
_HEADER, _SHOWN, _TAIL = struct.Struct("<5h"), struct.Struct("<80s3h12x"), struct.Struct("<10x")
_PLACES = 5
_PRIORITIES = {1: "low", 2: "medium", 3: "high"}
"""White, yellow, red; 0 is no alarm."""


def decode(data: bytes) -> dict[str, Alarm]:
    """The alarms that are active, by text. Raises BadBytes."""
    if len(data) < _HEADER.size + _PLACES * _SHOWN.size:
        raise BadBytes("length", f"alarms in {len(data)} bytes")
    found: dict[str, Alarm] = {}
    for place in range(_PLACES):
        shown, _, colour, _ = _SHOWN.unpack_from(data, _HEADER.size + place * _SHOWN.size)
        text = shown.partition(b"\0")[0].decode("latin-1").strip()
        if colour > 0 and text:
            found.setdefault(text, Alarm(text, _PRIORITIES.get(colour, "")))
    return found


def encode(alarms: Sequence[Alarm]) -> bytes:
    """The subrecord's data for up to five alarms, with the sound on and none silenced."""
    colours = {priority: colour for colour, priority in _PRIORITIES.items()}
    data = _HEADER.pack(0, 1, 0, 0, 0)
    for place in range(_PLACES):
        alarm = alarms[place] if place < len(alarms) else None
        text = alarm.text.encode("latin-1") if alarm else b""
        data += _SHOWN.pack(text, 0, colours[alarm.priority] if alarm else 0, 0)
    return data + _TAIL.pack()

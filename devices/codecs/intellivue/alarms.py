"""The alarm lists of the alarm monitor object: patient alarms and technical ones (Guide, "Alert Monitor")."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass

from devices.codecs.device_alarms import Alarm
from devices.codecs.intellivue import values
from devices.codecs.intellivue.message import Attributes, Octets, listed

_WITH_TEXT = 0x0204
"""Alert info of a form with the text shown."""
_PRIORITIES = ((0x0404, "high"), (0x0202, "medium"), (0x0101, "low"))
"""Bits of the alert type, technical in the low byte, patient in the high one."""
_LISTS = ((values.PATIENT_ALARMS, "patient"), (values.TECHNICAL_ALARMS, "technical"))


@dataclass(frozen=True, slots=True)
class Entry:
    """One alarm of a list."""

    source: int
    """Physiological identifier of what it is about."""
    code: int
    kind: int
    """Its priority; 0 is no alarm."""
    text: str
    instance: int = 0

    @classmethod
    def decode(cls, octets: Octets) -> "Entry":
        """Take one. Raises BadBytes."""
        source, code, kind, _ = octets.uint(2), octets.uint(2), octets.uint(2), octets.uint(2)
        octets.take(6)
        form, info = octets.uint(2), Octets(octets.take(octets.uint(2)))
        instance, number, _, _ = info.uint(2), info.uint(4), info.uint(2), info.uint(2)
        text = values.texts(_string(info)) if form == _WITH_TEXT else f"text {number}"
        return cls(source, code, kind, text, instance)

    def encode(self) -> bytes:
        """The entry, with its text."""
        info = struct.pack(">HIHH", self.instance, 0, 0, 0) + values.encode_text(self.text)
        head = struct.pack(">HHHHHHHHH", self.source, self.code, self.kind, 0, 0, 0, 0, _WITH_TEXT, len(info))
        return head + info


def _string(info: Octets) -> bytes:
    size = info.uint(2)
    return struct.pack(">H", size) + info.take(size)


def decode(attributes: Attributes) -> Mapping[str, Alarm] | None:
    """The active alarms by code; None if the attributes have no list. Raises BadBytes."""
    if not any(number in attributes for number, _ in _LISTS):
        return None
    found: dict[str, Alarm] = {}
    for number, kind in _LISTS:
        count, entries = Octets(attributes.get(number, bytes(4))).list()
        for entry in (Entry.decode(entries) for _ in range(count)):
            priority = next((name for bits, name in _PRIORITIES if entry.kind & bits), None)
            if priority:
                code = f"{kind}-{entry.source}-{entry.code}-{entry.instance}"
                found[code] = Alarm(entry.text or code, priority)
    return found


def encode(patient: list[Entry], technical: list[Entry]) -> dict[int, bytes]:
    """The attributes of the alarm monitor object."""
    return {
        values.PATIENT_ALARMS: listed(entry.encode() for entry in patient),
        values.TECHNICAL_ALARMS: listed(entry.encode() for entry in technical),
    }

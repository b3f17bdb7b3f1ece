"""What a host asks of a monitor on the computer interface (CI chapters 3 to 5)."""

import struct
from collections.abc import Sequence

from devices.codecs.dri.physiological import DISPLAYED
from devices.codecs.dri.record import END_OF_LIST, MainType, Record, Subrecord
from devices.errors import BadBytes

_REQUEST = 0
"""The subrecord type of every request."""
_VALUES, _WAVES, _ALARMS = struct.Struct("<BhiH"), struct.Struct("<hh8s16s4x"), struct.Struct("<h10x")
_ALL_CLASSES = 0x0E
"""Basic, which is not denied, and the three extended ones."""
_START, _ENTER_DIFFERENTIAL = 0, 2
LEAST_INTERVAL_S = 5


def values(interval_s: int = LEAST_INTERVAL_S) -> bytes:
    """Send the displayed values of all classes every `interval_s` seconds (5 at least)."""
    return _request(MainType.PHYSIOLOGICAL, _VALUES.pack(DISPLAYED, interval_s, _ALL_CLASSES, 0))


def waves(kinds: Sequence[int]) -> bytes:
    """Go on sending up to 8 waveforms. Past 600 samples a second a monitor leaves the last ones out."""
    return _request(MainType.WAVEFORM, _WAVES.pack(_START, 0, _listed(kinds), b""))


def alarms() -> bytes:
    """Send the alarms now and whenever they change; only CARESCAPE monitors do."""
    return _request(MainType.ALARM, _ALARMS.pack(_ENTER_DIFFERENTIAL))


def _listed(kinds: Sequence[int]) -> bytes:
    return bytes(kinds) + bytes((END_OF_LIST,)) * (len(kinds) < 8)


def _request(main_type: MainType, data: bytes) -> bytes:
    return Record(main_type, (Subrecord(_REQUEST, data),)).encode()


def wanted_interval_s(one: Subrecord) -> int:
    """The interval in a request for values, as a monitor reads it. Raises BadBytes."""
    if one.kind != _REQUEST or len(one.data) != _VALUES.size:
        raise BadBytes("length", f"a request for values of {len(one.data)} bytes")
    _, interval_s, _, _ = _VALUES.unpack(one.data)
    return interval_s


def wanted_waves(one: Subrecord) -> list[int]:
    """The kinds in a request for waveforms, as a monitor reads it; none to stop. Raises BadBytes."""
    if one.kind != _REQUEST or len(one.data) != _WAVES.size:
        raise BadBytes("length", f"a request for waveforms of {len(one.data)} bytes")
    request, _, kinds, _ = _WAVES.unpack(one.data)
    return list(kinds.partition(bytes((END_OF_LIST,)))[0]) if request == _START else []

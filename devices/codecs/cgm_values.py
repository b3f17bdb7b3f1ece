"""Continuous Glucose Monitoring Service 1.0.2 (0x181F): the values of its characteristics.

A sensor that says so in its features (E2E-CRC) ends every value with a CRC-16: CCITT polynomial, reflected,
seed FFFF, no final inversion (known as MCRF4XX), the low octet first. Every decoder takes `crc`, whether the
sensor does; None: not known yet, then two octets that no field accounts for are the CRC.
The octets of a record's status come in the order status, calibration and temperature, warning, as in CGM
Status: so CGMS 1.0.2, nrfconnect/sdk-nrf's sensor and MiniMed's client (palmarci/OpenGuardian). Sensors made
with Nordic's older nRF5 SDK 13 send the warning first. One octet alone is told by its flag, and the same.
Source: Bluetooth SIG, CGMS 1.0.2, section 3 (3.11 for the CRC, and its example, which prints 01 2F for the
number 2F01); GATT Specification Supplement 2025-12-23, 3.42 to 3.47; checked against the tests of
NordicSemiconductor/Android-BLE-Common-Library.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum, IntFlag

from devices.codecs.gatt import DeviceTime, Fields
from devices.codecs.ieee11073 import Number, encode_sfloat
from devices.errors import BadBytes

CRC_BYTES = 2
_TREND, _QUALITY, _WARNING, _CALIBRATION, _STATUS = 1, 2, 1 << 5, 1 << 6, 1 << 7
_LEAST_RECORD = 6
UNKNOWN_ZONE, UNKNOWN_DST = -128, 255


class Annunciation(IntFlag):
    """Sensor Status Annunciation, 24 bits. STATUS events have these names, in lower case with hyphens."""

    SESSION_STOPPED = 1 << 0
    DEVICE_BATTERY_LOW = 1 << 1
    SENSOR_TYPE_INCORRECT = 1 << 2
    SENSOR_MALFUNCTION = 1 << 3
    DEVICE_SPECIFIC_ALERT = 1 << 4
    DEVICE_FAULT = 1 << 5
    TIME_SYNCHRONISATION_REQUIRED = 1 << 8
    CALIBRATION_NOT_ALLOWED = 1 << 9
    CALIBRATION_RECOMMENDED = 1 << 10
    CALIBRATION_REQUIRED = 1 << 11
    TEMPERATURE_TOO_HIGH = 1 << 12
    TEMPERATURE_TOO_LOW = 1 << 13
    CALIBRATION_PENDING = 1 << 14
    BELOW_PATIENT_LOW = 1 << 16
    ABOVE_PATIENT_HIGH = 1 << 17
    BELOW_HYPO = 1 << 18
    ABOVE_HYPER = 1 << 19
    FALLING_TOO_FAST = 1 << 20
    RISING_TOO_FAST = 1 << 21
    RESULT_TOO_LOW = 1 << 22
    RESULT_TOO_HIGH = 1 << 23


NO_STATUS = Annunciation(0)


def e2e_crc(data: bytes) -> int:
    """The CRC of `data`."""
    crc = 0xFFFF
    for octet in data:
        crc ^= octet
        for _ in range(8):
            crc = crc >> 1 ^ (0x8408 if crc & 1 else 0)
    return crc


def with_crc(data: bytes, crc: bool) -> bytes:
    """`data` with its CRC behind it, if `crc`."""
    return data + struct.pack("<H", e2e_crc(data)) if crc else data


def _without_crc(data: bytes, size: int, crc: bool | None) -> bytes:
    """`data`, whose fields take `size`, without its CRC. Raises BadBytes if that is wrong or missing."""
    if crc is False or (crc is None and len(data) != size + CRC_BYTES):
        return data
    body, told = data[:-CRC_BYTES], data[-CRC_BYTES:]
    if len(body) < size:
        raise BadBytes("length", f"expected {size} bytes and a CRC, got {len(data)}")
    if e2e_crc(body) != int.from_bytes(told, "little"):
        raise BadBytes("checksum", "the CRC does not match")
    return body


@dataclass(frozen=True, slots=True)
class Measurement:
    """One record of CGM Measurement (0x2AA7). `concentration` is in mg/dL, `trend` in mg/dL a minute."""

    concentration: Number
    offset_min: int
    """Since the session's start."""
    status: Annunciation = NO_STATUS
    trend: Number | None = None
    quality: Number | None = None
    """%"""

    @classmethod
    def decode(cls, record: bytes, crc: bool | None = None) -> "Measurement":
        """Read one record, which begins with its size. Raises BadBytes."""
        flags = Fields(record[1:]).uint(1)
        octets = sum(bool(flags & bit) for bit in (_STATUS, _CALIBRATION, _WARNING))
        floats = bool(flags & _TREND) + bool(flags & _QUALITY)
        fields = Fields(_without_crc(record, _LEAST_RECORD + octets + 2 * floats, crc)[2:])
        concentration, offset = fields.sfloat(), fields.uint(2)
        status = fields.uint(1) if flags & _STATUS else 0
        status |= fields.uint(1) << 8 if flags & _CALIBRATION else 0
        status |= fields.uint(1) << 16 if flags & _WARNING else 0
        trend = fields.sfloat() if flags & _TREND else None
        quality = fields.sfloat() if flags & _QUALITY else None
        return cls(concentration, offset, Annunciation(status), trend, quality)

    def encode(self, crc: bool = False) -> bytes:
        """The record, with the octets of the status that are not 0."""
        status = self.status.to_bytes(3, "little")
        present = zip((_STATUS, _CALIBRATION, _WARNING), status, strict=True)
        flags = sum(bit for bit, octet in present if octet)
        flags |= _TREND * (self.trend is not None) | _QUALITY * (self.quality is not None)
        body = encode_sfloat(self.concentration) + struct.pack("<H", self.offset_min)
        body += bytes(octet for octet in status if octet)
        body += b"".join(encode_sfloat(one) for one in (self.trend, self.quality) if one is not None)
        return with_crc(bytes((len(body) + 2 + CRC_BYTES * crc, flags)) + body, crc)


def records(data: bytes) -> Iterator[bytes]:
    """The records of one notification, each with its size. Raises BadBytes at one that does not fit."""
    while data:
        size = data[0]
        if not _LEAST_RECORD <= size <= len(data):
            raise BadBytes("length", f"expected a record of {_LEAST_RECORD} to {len(data)} bytes, got {size}")
        yield data[:size]
        data = data[size:]


@dataclass(frozen=True, slots=True)
class Feature:
    """CGM Feature (0x2AA8). `sample_type` and `location` are numbered as those of the Glucose Service."""

    features: int
    sample_type: int
    location: int

    @property
    def crc(self) -> bool:
        """Whether the sensor's values have a CRC."""
        return bool(self.features & 1 << FEATURES.index("e2e-crc"))

    @classmethod
    def decode(cls, data: bytes) -> "Feature":
        """Read a value. Its CRC is FFFF where the sensor has none. Raises BadBytes."""
        fields = Fields(data)
        features = fields.uint(3)
        location, sample_type = divmod(fields.uint(1), 16)
        value = cls(features, sample_type, location)
        if value.crc:
            _without_crc(data, 4, crc=True)
        return value

    def encode(self) -> bytes:
        """The characteristic's value."""
        body = self.features.to_bytes(3, "little") + bytes((self.location << 4 | self.sample_type,))
        return with_crc(body, crc=True) if self.crc else body + b"\xff\xff"

    @property
    def names(self) -> str:
        """What the sensor supports, with commas."""
        return ",".join(name for bit, name in enumerate(FEATURES) if self.features & 1 << bit)


FEATURES = (
    "calibration",
    "patient-high-low-alerts",
    "hypo-alerts",
    "hyper-alerts",
    "rate-alerts",
    "device-specific-alert",
    "sensor-malfunction-detection",
    "temperature-high-low-detection",
    "result-high-low-detection",
    "low-battery-detection",
    "sensor-type-error-detection",
    "device-fault",
    "e2e-crc",
    "multiple-bonds",
    "multiple-sessions",
    "trend",
    "quality",
)


@dataclass(frozen=True, slots=True)
class Status:
    """CGM Status (0x2AA9): how old the session is, minutes, and what is true now."""

    offset_min: int
    status: Annunciation

    @classmethod
    def decode(cls, data: bytes, crc: bool | None = None) -> "Status":
        """Read a value. Raises BadBytes."""
        fields = Fields(_without_crc(data, 5, crc))
        return cls(fields.uint(2), Annunciation(fields.uint(3)))

    def encode(self, crc: bool = False) -> bytes:
        """The characteristic's value."""
        return with_crc(struct.pack("<H", self.offset_min) + self.status.to_bytes(3, "little"), crc)


@dataclass(frozen=True, slots=True)
class SessionStart:
    """CGM Session Start Time (0x2AAA): local time, its zone and daylight saving in steps of 15 minutes."""

    time: DeviceTime
    zone: int = UNKNOWN_ZONE
    dst: int = UNKNOWN_DST

    @classmethod
    def decode(cls, data: bytes, crc: bool | None = None) -> "SessionStart":
        """Read a value. Raises BadBytes."""
        fields = Fields(_without_crc(data, 9, crc))
        time = DeviceTime.decode(fields)
        return cls(time, int.from_bytes(fields.take(1), signed=True), fields.uint(1))

    def encode(self, crc: bool = False) -> bytes:
        """The characteristic's value."""
        return with_crc(self.time.encode() + struct.pack("<bB", self.zone, self.dst), crc)


def decode_run_time(data: bytes, crc: bool | None = None) -> int:
    """CGM Session Run Time (0x2AAB): hours for which a session is expected to last. Raises BadBytes."""
    return Fields(_without_crc(data, 2, crc)).uint(2)


def encode_run_time(hours: int, crc: bool = False) -> bytes:
    """The value for `hours`."""
    return with_crc(struct.pack("<H", hours), crc)


class Op(IntEnum):
    """Op codes of the CGM Specific Ops Control Point (0x2AAC) that are spoken here."""

    SET_INTERVAL = 1
    GET_INTERVAL = 2
    INTERVAL = 3
    RESPONSE = 28


OPS_SUCCESS = 1
OPS_RESULTS = (
    "reserved-0",
    "success",
    "op-code-not-supported",
    "invalid-operand",
    "not-completed",
    "parameter-out-of-range",
)
_OPS_SIZE = {Op.SET_INTERVAL: 2, Op.GET_INTERVAL: 1, Op.INTERVAL: 2, Op.RESPONSE: 3}


def decode_ops(data: bytes, crc: bool | None = None) -> tuple[int, bytes]:
    """Op code and operand of a value of the control point. Raises BadBytes."""
    op_code = Fields(data).uint(1)
    if op_code not in {*Op}:
        return op_code, data[1:]
    size = _OPS_SIZE[Op(op_code)]
    return op_code, Fields(_without_crc(data, size, crc)[1:]).take(size - 1)


def encode_ops(op_code: int, operand: bytes = b"", crc: bool = False) -> bytes:
    """The control point's value."""
    return with_crc(bytes((op_code,)) + operand, crc)

"""Polar Measurement Data (PMD) service: what is written to and read from its two characteristics.

Control point: the host writes `01 TYPE` (settings?), `02 TYPE SETTINGS` (start) and `03 TYPE` (stop). The
device indicates `F0 OPERATION TYPE STATUS [MORE [PARAMETERS]]`, and `01 TYPE...` when it stops streams by
itself; a read gives `0F` and a bit for each type that it has. SETTINGS are `KIND COUNT VALUE...` each.
Data: `TYPE TIME FORM SAMPLES`, TIME being that of the last sample, ns since 2000-01-01 by the device's clock.
Numbers are little-endian. A device wants an ATT MTU of 232 or more.
Source: Polar, Measurement Data Specification for 3rd Party; Polar BLE SDK 7 (PmdSetting, PmdDataFrame), for
settings and error codes that the specification lacks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from devices.codecs.gatt import Fields
from devices.errors import BadBytes

SERVICE = "fb005c80-02e7-f387-1cad-8acd2d8df0c8"
CONTROL = "fb005c81-02e7-f387-1cad-8acd2d8df0c8"
DATA = "fb005c82-02e7-f387-1cad-8acd2d8df0c8"

ECG, ACCELERATION = 0, 2
"""Types of measurement."""
GET_SETTINGS, START, STOP = 1, 2, 3
"""Operations."""
SAMPLE_RATE, RESOLUTION = 0, 1
"""Kinds of setting: Hz, bits."""
SUCCESS, ALREADY_IN_STATE = 0, 6
RAW_MICROVOLTS = 0
"""The ECG frame of 3 bytes a sample, signed, in microvolts."""

_RESPONSE, _FEATURES, _STOPPED = 0xF0, 0x0F, 0x01
_TYPE_BITS = 0x3F
_SETTING_BYTES = {0: 2, 1: 2, 2: 2, 3: 4, 4: 1, 5: 4, 6: 16}
_TOLD_BY_DEVICE = (5, 6)
"""Settings that are not chosen: the factor of its samples, and the key of recordings."""
_STATUS = (
    "success",
    "invalid-op-code",
    "invalid-measurement-type",
    "not-supported",
    "invalid-length",
    "invalid-parameter",
    "already-in-state",
    "invalid-resolution",
    "invalid-sample-rate",
    "invalid-range",
    "invalid-mtu",
    "invalid-number-of-channels",
    "invalid-state",
    "device-in-charger",
    "disk-full",
)

Settings = Mapping[int, Sequence[int]]
"""The values that a device offers, by kind of setting."""


@dataclass(frozen=True, slots=True)
class Response:
    """The device's answer to a command."""

    operation: int
    kind: int
    """The type of measurement."""
    status: int
    more: bool = False
    """Whether PARAMETERS go on in another response."""
    parameters: bytes = b""

    @property
    def status_name(self) -> str:
        """The status in words, or its number."""
        return _STATUS[self.status] if self.status < len(_STATUS) else f"error-{self.status}"

    def encode(self) -> bytes:
        """The value of the indication."""
        head = bytes((_RESPONSE, self.operation, self.kind, self.status))
        return head if self.status else head + bytes((self.more,)) + self.parameters


@dataclass(frozen=True, slots=True)
class Features:
    """Which types of measurement the device has."""

    kinds: frozenset[int]

    def encode(self) -> bytes:
        """The 17 bytes that a read of the control point gives."""
        return bytes((_FEATURES,)) + sum(1 << kind for kind in self.kinds).to_bytes(16, "little")


@dataclass(frozen=True, slots=True)
class Stopped:
    """The device ended streams by itself."""

    kinds: tuple[int, ...]


def decode_control(data: bytes) -> Response | Features | Stopped:
    """What the control point says. Raises BadBytes."""
    fields = Fields(data)
    first = fields.uint(1)
    if first == _FEATURES:
        bits = int.from_bytes(fields.take(len(data) - 1), "little")
        return Features(frozenset(kind for kind in range(bits.bit_length()) if bits >> kind & 1))
    if first == _STOPPED:
        return Stopped(tuple(kind & _TYPE_BITS for kind in fields.take(len(data) - 1)))
    if first != _RESPONSE:
        raise BadBytes("framing", f"expected a response F0, got {first:02X}")
    operation, kind, status = fields.take(3)
    more = bool(fields.uint(1)) if len(data) > 4 else False
    return Response(operation, kind & _TYPE_BITS, status, more, data[5:])


def decode_settings(parameters: bytes) -> dict[int, tuple[int, ...]]:
    """The settings that a response offers. Raises BadBytes; a single byte (reserved) is none."""
    settings: dict[int, tuple[int, ...]] = {}
    at = 0
    while at + 1 < len(parameters):
        kind, count = parameters[at], parameters[at + 1]
        size = _SETTING_BYTES.get(kind)
        if size is None:
            raise BadBytes("range", f"expected a kind of setting from 0 to 6, got {kind}")
        fields = Fields(parameters[at + 2 :])
        settings[kind] = tuple(fields.uint(size) for _ in range(count))
        at += 2 + count * size
    return settings


def encode_settings(settings: Settings) -> bytes:
    """The settings as a response or a start command carries them."""
    return b"".join(
        bytes((kind, len(values))) + b"".join(v.to_bytes(_SETTING_BYTES[kind], "little") for v in values)
        for kind, values in sorted(settings.items())
    )


def get_settings(kind: int) -> bytes:
    """Ask what may be chosen for a stream."""
    return bytes((GET_SETTINGS, kind))


def start(kind: int, settings: Settings) -> bytes:
    """Start a stream with the highest of each setting that is offered."""
    chosen = {of: (max(values),) for of, values in settings.items() if values and of not in _TOLD_BY_DEVICE}
    return bytes((START, kind)) + encode_settings(chosen)


@dataclass(frozen=True, slots=True)
class Frame:
    """One value of the data characteristic."""

    kind: int
    """The type of measurement."""
    time_ns: int
    """Of the last sample, since 2000-01-01T00:00:00 of the device's clock."""
    form: int
    """How SAMPLES are laid out, by type; bit 7: as differences (compressed)."""
    content: bytes

    @classmethod
    def decode(cls, data: bytes) -> "Frame":
        """Raises BadBytes."""
        fields = Fields(data)
        kind, time_ns, form = fields.uint(1) & _TYPE_BITS, fields.uint(8), fields.uint(1)
        return cls(kind, time_ns, form, data[10:])

    def encode(self) -> bytes:
        """The value of the notification."""
        return bytes((self.kind,)) + self.time_ns.to_bytes(8, "little") + bytes((self.form,)) + self.content

    def microvolts(self) -> tuple[int, ...]:
        """The samples of an ECG frame RAW_MICROVOLTS, oldest first. Raises BadBytes."""
        if not self.content or len(self.content) % 3:
            raise BadBytes("length", f"expected samples of 3 bytes, got {len(self.content)} bytes")
        triples = (self.content[at : at + 3] for at in range(0, len(self.content), 3))
        return tuple(int.from_bytes(triple, "little", signed=True) for triple in triples)


def ecg_frame(time_ns: int, microvolts: Sequence[int]) -> bytes:
    """An ECG frame RAW_MICROVOLTS."""
    content = b"".join(sample.to_bytes(3, "little", signed=True) for sample in microvolts)
    return Frame(ECG, time_ns, RAW_MICROVOLTS, content).encode()

"""ProtoCentral HealthyPi: the packet that carries one sample of each signal, and the numbers as they are.

    0A FA  LENGTH (2)  TYPE  PAYLOAD  00 0B     no checksum, no escaping; little-endian; TYPE 2: data

HealthyPi 5 (22 bytes, 128 a second): ECG, impedance (4 bytes each, signed), 0 or FF: impedance to be skipped,
red, infrared (4 each), temperature in 0.01 °C (2), SpO2, heart rate, respiration rate (1 each). It does not
say that leads or probe are off, and firmware of the maker goes on sending the last numbers then.
HealthyPi v3 and v4 (20 bytes, 125 a second): ECG, impedance (2 each, signed), infrared, red, temperature,
respiration rate, SpO2, heart rate, two constants in the place of a blood pressure, status. Status is v3:
bit 0 leads off, bit 1 probe off; v4: bits 0 to 4, the ADS1292R's lead-off status.
No document gives a physical unit for the signals, and firmwares scale them differently: they are counts.
A number is 0 where there is none; SpO2 also 25, the low byte of the algorithm's -999; heart rate also 255.
Source: firmware in Protocentral/protocentral_healthypi5_zephyr (app/src/data_module.c, 2026),
protocentral_healthypi_5_firmware 2.0.2 (HPIOpenView), protocentral_healthypi_v4, protocentral-healthypi-v3;
protocentral_openview2 (plotSerial.dart: an SpO2 of 25 is none). OpenView takes the first of the two PPG
signals of a HealthyPi 5 for infrared; the firmware sends red there.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from devices.codecs.health import BadByteCounter

START, END = b"\x0a\xfa", b"\x00\x0b"
DATA = 2
_HEAD_BYTES = 5
_LONGEST = 64
_OVERHEAD = _HEAD_BYTES + len(END)


@dataclass(frozen=True, slots=True)
class Numbers:
    """What the device has computed. 0 is none."""

    rate: int = 0
    """Heart beats a minute."""
    respiration: int = 0
    """Breaths a minute."""
    spo2: int = 0
    """%."""
    temperature: int = 0
    """In 0.01 °C."""
    leads_off: bool = False
    probe_off: bool = False


@dataclass(frozen=True, slots=True)
class Sample:
    """One packet of data: signals in counts; None: it has none."""

    ecg: int | None
    impedance: int | None
    infrared: int
    red: int
    numbers: Numbers


@dataclass(frozen=True, slots=True)
class Layout:
    """How a model's payload is laid out."""

    size: int
    rate_hz: int
    decode: Callable[[bytes], Sample]
    encode: Callable[[Sample], bytes]
    tells_leads: bool
    """Whether it says that leads are off."""


_FIVE, _FOUR = struct.Struct("<iiBiihBBB"), struct.Struct("<hhiihBBBBBB")
_PRESSURE_PLACE = (80, 120)
"""What a v4 sends where a blood pressure would be; it measures none."""


def _decode_5(payload: bytes) -> Sample:
    ecg, impedance, skip, red, infrared, temperature, spo2, rate, respiration = _FIVE.unpack(payload)
    numbers = Numbers(rate, respiration, spo2, temperature)
    return Sample(ecg, None if skip else impedance, infrared, red, numbers)


def _encode_5(sample: Sample) -> bytes:
    of = sample.numbers
    skip = 0xFF * (sample.impedance is None)
    signals = (sample.ecg or 0, sample.impedance or 0, skip, sample.red, sample.infrared)
    return framed(_FIVE.pack(*signals, of.temperature, of.spo2, of.rate, of.respiration))


def _decode_4(payload: bytes, leads: int, probe: int) -> Sample:
    fields = _FOUR.unpack(payload)
    ecg, impedance, infrared, red, temperature, respiration, spo2, rate, _, _, status = fields
    off = bool(status & leads)
    numbers = Numbers(rate, respiration, spo2, temperature, off, bool(status & probe))
    return Sample(None if off else ecg, None if off else impedance, infrared, red, numbers)


def _encode_4(sample: Sample) -> bytes:
    of = sample.numbers
    signals = (sample.ecg or 0, sample.impedance or 0, sample.infrared, sample.red)
    status = of.leads_off | of.probe_off << 1
    numbers = (of.temperature, of.respiration, of.spo2, of.rate)
    return framed(_FOUR.pack(*signals, *numbers, *_PRESSURE_PLACE, status))


def framed(payload: bytes, kind: int = DATA) -> bytes:
    """The packet of `payload`."""
    return START + len(payload).to_bytes(2, "little") + bytes((kind,)) + payload + END


HEALTHYPI_5 = Layout(_FIVE.size, 128, _decode_5, _encode_5, tells_leads=False)
HEALTHYPI_4 = Layout(
    _FOUR.size, 125, lambda payload: _decode_4(payload, 0x1F, 0), _encode_4, tells_leads=True
)
HEALTHYPI_3 = Layout(_FOUR.size, 125, lambda payload: _decode_4(payload, 1, 2), _encode_4, tells_leads=True)


@dataclass(frozen=True, slots=True)
class Packet:
    """A packet as it was found in the stream."""

    kind: int
    payload: bytes
    skipped: int
    """Bytes before it that are no packet."""
    behind: int
    """Bytes behind it that came with it."""


class PacketReader:
    """Finds packets by start, length and end."""

    def __init__(self, bad: BadByteCounter) -> None:
        self._bad = bad
        self._buffer = bytearray()
        self._skipped = 0

    def feed(self, data: bytes) -> Iterator[Packet]:
        """Each packet that `data` completes."""
        self._buffer += data
        while self._at_start():
            size = int.from_bytes(self._buffer[2:4], "little") + _OVERHEAD
            if size > _LONGEST:
                self._skip(1)
            elif len(self._buffer) < size:
                return
            elif not self._buffer.startswith(END, size - len(END)):
                self._skip(1)
            else:
                yield self._taken(size)

    def _at_start(self) -> bool:
        """Skip to the next start; whether it and the length are there."""
        at = self._buffer.find(START)
        if at < 0:
            at = len(self._buffer) - self._buffer.endswith(START[:1])
        self._skip(at)
        return len(self._buffer) >= _HEAD_BYTES

    def _taken(self, size: int) -> Packet:
        kind, payload = self._buffer[4], bytes(self._buffer[_HEAD_BYTES : size - len(END)])
        del self._buffer[:size]
        skipped, self._skipped = self._skipped, 0
        return Packet(kind, payload, skipped, len(self._buffer))

    def _skip(self, count: int) -> None:
        if count:
            self._bad.count("framing", count)
            self._skipped += count
            del self._buffer[:count]

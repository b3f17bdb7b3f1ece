"""Nonin Data Format 8 over a serial line or Bluetooth's serial port: 4 bytes a second, without pleth.

    1 DISC OOT LPRF MPRF ARTF HR8 HR7    0 HR6–HR0    0 SP6–SP0    0 R SPA R SNSA R R BAT

Only a packet's first byte has bit 7: that is all there is to find it by, there is no sum. A rate of 511 and a
saturation of 127 are "none". For ten seconds after the finger is gone the device repeats the last numbers and
sets SNSA: those are no values.
Source: Nonin Medical, Onyx II Model 9560 OEM Specification and Technical Information, "Serial Data Format #8"
(pp. 16–17). DISC is reserved there and "sensor disconnected" in the 4100. Of the readers in public, that of
github.com/silverbullet-dk/opentele-client-android first took HR8 for bit 8 of a byte of 8 bits; its later
tests agree with the manual.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import IntFlag

from devices.codecs import Said
from devices.codecs.health import BadByteCounter, Conditions
from devices.codecs.nonin_df2 import refused
from devices.codecs.nonin_packet import ACK, NAK, NO_RATE, NO_SPO2, select_format
from devices.model.observation import Instant, NoValue, Quality, Reading, later

PACKET_BYTES = 4
FORMAT = 8
SELECT_ASCII = b"D8"
"""How the 4100 is asked for the format; newer models are asked by `select_format`."""


class Status(IntFlag):
    """Bits of the first byte (0–7) and of the fourth (8–15)."""

    ARTIFACT = 0x04
    MARGINAL_PERFUSION = 0x08
    LOW_PERFUSION = 0x10
    OUT_OF_TRACK = 0x20
    DISCONNECTED = 0x40
    LOW_BATTERY = 0x100
    SENSOR_ALARM = 0x800
    SMARTPOINT = 0x2000
    """A measurement of high quality, by the device's own algorithm."""


_NONE = Status(0)
_OFF = Status.DISCONNECTED | Status.SENSOR_ALARM
_CONDITIONS = {
    Status.ARTIFACT: "artifact",
    Status.MARGINAL_PERFUSION: "marginal-perfusion",
    Status.LOW_PERFUSION: "low-perfusion",
    Status.OUT_OF_TRACK: "out-of-track",
    Status.DISCONNECTED: "sensor-disconnected",
    Status.LOW_BATTERY: "low-battery",
    Status.SENSOR_ALARM: "sensor-alarm",
}
_QUALITY = {
    Status.ARTIFACT: Quality.ARTIFACT,
    Status.LOW_PERFUSION: Quality.LOW_PERFUSION,
    Status.OUT_OF_TRACK: Quality.OUT_OF_TRACK,
    Status.SENSOR_ALARM: Quality.SENSOR_ALARM,
}
_NUMBER_BITS = 0x83
"""What of the first byte is no Status."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One second: averages of 4 beats, formatted for display. None is "none"."""

    rate: int | None
    """Pulse rate, beats a minute, 0–510."""
    spo2: int | None
    """%, 0–126."""
    status: Status = _NONE

    @classmethod
    def decode(cls, four: bytes) -> "Packet":
        """The packet in 4 bytes, the first with bit 7, the others without."""
        rate = (four[0] & 3) << 7 | four[1]
        return cls(
            rate=None if rate == NO_RATE else rate,
            spo2=None if four[2] == NO_SPO2 else four[2],
            status=Status(four[0] & ~_NUMBER_BITS | four[3] << 8),
        )

    def encode(self) -> bytes:
        """The packet's 4 bytes."""
        rate = NO_RATE if self.rate is None else self.rate
        spo2 = NO_SPO2 if self.spo2 is None else self.spo2
        return bytes((0x80 | self.status & 0xFF | rate >> 7, rate & 127, spo2, self.status >> 8))


class PacketReader:
    """Finds packets in a stream of bytes; counts what belongs to none."""

    def __init__(self, bad: BadByteCounter) -> None:
        self._bad = bad
        self._packet = bytearray()
        self.awaiting = True
        """Whether an ACK or NAK is expected: only then such a byte between packets is one."""
        self.answer: int | None = None
        """The answer that came."""

    def feed(self, data: bytes) -> Iterator[tuple[Packet, int]]:
        """Each packet that `data` completes, with the number of bytes that came after it."""
        for index, byte in enumerate(data):
            if byte & 0x80:
                self._drop()
            elif not self._packet:
                self._stray(byte)
                continue
            self._packet.append(byte)
            if len(self._packet) == PACKET_BYTES:
                packet = Packet.decode(bytes(self._packet))
                self._packet.clear()
                yield packet, len(data) - index - 1

    def _drop(self) -> None:
        if self._packet:
            self._bad.count("framing", len(self._packet))
            self._packet.clear()

    def _stray(self, byte: int) -> None:
        if self.awaiting and byte in (ACK, NAK):
            self.answer, self.awaiting = byte, False
        else:
            self._bad.count("framing")


class NoninDf8:
    """Gives `pr_spo2`, `spo2`, STATUS, BAD_BYTES and REFUSED.

    Asks for the format at once, and again whenever `PATIENCE_S` pass without a packet, the one way and the
    other by turns: some models know only one of them and answer the other with NAK or not at all.
    """

    PATIENCE_S = 5.0

    def __init__(self) -> None:
        self._bad = BadByteCounter()
        self._reader = PacketReader(self._bad)
        self._conditions = Conditions()
        self._ways = [SELECT_ASCII, select_format(FORMAT)]
        self._outgoing = select_format(FORMAT)
        self._deadline: Instant | None = None

    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        """Take the bytes that arrived at `now`."""
        if self._deadline is None:
            self._deadline = later(now, self.PATIENCE_S)
        said: list[Said] = []
        for packet, behind in self._reader.feed(data):
            self._reader.awaiting = False
            at = later(now, -float(behind // PACKET_BYTES))
            self._deadline = later(at, self.PATIENCE_S)
            said += self._packet(packet, at)
        answer, self._reader.answer = self._reader.answer, None
        if answer == NAK:
            said.append(refused(FORMAT, "nak", now))
        return [*said, *self._bad.told(now)]

    def data_to_send(self) -> bytes:
        """The command that selects the format, when it is due."""
        outgoing, self._outgoing = self._outgoing, b""
        return outgoing

    def next_timer(self) -> Instant | None:
        """When the device has been silent for too long, or counted bytes are to be told."""
        deadline = self._deadline if self._deadline is not None else Instant(0)
        bad = self._bad.due()
        return deadline if bad is None else min(deadline, bad)

    def handle_timer(self, now: Instant) -> list[Said]:
        """Ask for the format again if no packet came; tell counted bytes."""
        said: list[Said] = [*self._bad.told(now)]
        if self._deadline is None:
            self._deadline = later(now, self.PATIENCE_S)
        elif now >= self._deadline:
            if self._reader.awaiting:
                said.append(refused(FORMAT, "none", now))
            self._outgoing, self._reader.awaiting = self._ways[0], True
            self._ways.reverse()
            self._deadline = later(now, self.PATIENCE_S)
        return said

    def _packet(self, packet: Packet, at: Instant) -> list[Said]:
        status = packet.status
        names = [name for bit, name in _CONDITIONS.items() if bit & status]
        quality = Quality.GOOD
        for bit, flag in _QUALITY.items():
            quality |= flag if bit & status else Quality.GOOD
        off = bool(status & _OFF)
        return [
            *self._conditions.become(names, at),
            _reading("pr_spo2", packet.rate, off, at, quality),
            _reading("spo2", packet.spo2, off, at, quality),
        ]


def _reading(metric: str, number: int | None, off: bool, at: Instant, quality: Quality) -> Reading:
    if off:
        return Reading(metric, at, None, NoValue.SENSOR_OFF, quality)
    if number is None:
        return Reading(metric, at, None, NoValue.NOT_AVAILABLE, quality)
    return Reading(metric, at, Decimal(number), None, quality)

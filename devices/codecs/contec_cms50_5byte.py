"""Contec's older protocol: packets of 5 bytes, 60 a second, at 19200 baud with odd parity.

    1 BEEP DROP LONG STRENGTH(4)    0 PLETH(7)    0 RATE7 SEARCH ERROR BAR(4)    0 RATE6–RATE0    0 SPO2(7)

Only a packet's first byte has bit 7. The device sends by itself; `F6 F6 F6` ends the download of a recording,
should another host have left it in one, and wakes some models.
Source: Contec, Communication protocol (of the CMS50D/E; translated at picbasic.co.uk, thread 11311), read by
atbrask/CMS50Dplus, Yujia-Yan/CMS50SerialProtocolKit and the CMS50X page of apneuvereniging.miraheze.org.
atbrask calls LONG "finger out": a finger that is gone is also a pulse that is searched for too long.
Recordings are not fetched: they have no time, and may be of another patient.
"""

from collections.abc import Iterator

from devices.codecs.contec_pulse import Flags, PulseCodec, Sample
from devices.model.observation import DeviceEvent, Instant

PACKET_BYTES = 5
LIVE = b"\xf6\xf6\xf6"
_STRENGTH = 5
"""Of the signal, 0 to 8: what `encode` tells."""
_FIRST = {Flags.SEARCHING_TOO_LONG: 0x10, Flags.SPO2_DROPPING: 0x20}
_THIRD = {Flags.PROBE_ERROR: 0x10, Flags.SEARCHING: 0x20}
_RATE_BIT = 0x40


def decode(packet: bytes) -> Sample:
    """The sample in 5 bytes, the first with bit 7, the others without."""
    first, pleth, third, rate, spo2 = packet
    rate |= (third & _RATE_BIT) << 1
    flags = sum(flag for flag, bit in _FIRST.items() if first & bit)
    flags += sum(flag for flag, bit in _THIRD.items() if third & bit)
    return Sample(pleth, rate if 0 < rate < 255 else None, spo2 if 0 < spo2 <= 100 else None, Flags(flags))


def encode(sample: Sample) -> bytes:
    """The packet's 5 bytes; "none" as 0."""
    first = 0x80 | _STRENGTH | sum(bit for flag, bit in _FIRST.items() if flag in sample.flags)
    third = sample.pleth >> 3 | sum(bit for flag, bit in _THIRD.items() if flag in sample.flags)
    rate = sample.rate or 0
    return bytes((first, sample.pleth, third | rate >> 1 & _RATE_BIT, rate & 127, sample.spo2 or 0))


class ContecCms50FiveByte(PulseCodec):
    """Gives `pr_spo2`, `spo2`, `pleth`, STATUS, BAD_BYTES and REFUSED."""

    GREETING = LIVE

    def __init__(self) -> None:
        super().__init__()
        self._packet = bytearray()

    def _heard(self, data: bytes, now: Instant) -> Iterator[tuple[Sample | DeviceEvent, int]]:
        for index, byte in enumerate(data):
            if byte & 0x80:
                self._begin()
            elif not self._packet:
                self._bad.count("framing")
                continue
            self._packet.append(byte)
            if len(self._packet) == PACKET_BYTES:
                sample = decode(bytes(self._packet))
                self._packet.clear()
                yield sample, (len(data) - index - 1) // PACKET_BYTES

    def _begin(self) -> None:
        """A packet begins: what there is of the last one is lost."""
        if self._packet:
            self._bad.count("framing", len(self._packet))
            self._packet.clear()

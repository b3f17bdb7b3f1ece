"""ProtoCentral HealthyPi boards on a serial line: signals in blocks, numbers each second and on change.

    receive_data ─▶ PacketReader ─▶ a block of `BLOCK` samples ─▶ ecg_raw, resp_raw, pleth, ppg_red; numbers

Packets have no checksum: a damaged number cannot be seen in one packet. So of the numbers of a block those
are taken that most of its packets agree on. Packets are not numbered: bytes that are no packet count as so
many lost samples as they have room for.
"""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from devices.codecs import Said
from devices.codecs.health import BadByteCounter, Conditions
from devices.codecs.healthypi_packet import DATA, Layout, Numbers, Packet, PacketReader, Sample
from devices.codecs.int16_samples import waveform
from devices.codecs.sample_clock import SampleClock, Span
from devices.model.observation import (
    DeviceEvent,
    EventKind,
    Instant,
    NoValue,
    Quality,
    Reading,
    Waveform,
    later,
)

_PACKET_OVERHEAD = 7
_SPO2_NONE = 25
_RATE_NONE = 255
_SECOND = 1_000_000_000


class HealthyPi:
    """Gives `hr`, `rr_imped`, `spo2`, `temp_skin`, STATUS; `ecg_raw`, `resp_raw`, `pleth`, `ppg_red`.

    `pleth` is the infrared light.
    """

    BLOCK = 32
    """Samples: a quarter of a second."""
    QUIET_S = 0.5
    """After such a silence a block is closed, and the time of samples begins anew."""
    REPEAT_S = 1.0

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._bad = BadByteCounter()
        self._reader = PacketReader(self._bad)
        self._conditions = Conditions()
        self._clock = SampleClock(layout.rate_hz * 1000)
        self._taken = 0
        self._block: list[Sample | None] = []
        self._until = Instant(0)
        self._deadline: Instant | None = None
        self._told: Numbers | None = None
        self._repeat_at = Instant(0)
        self._unmapped: set[tuple[int, int]] = set()

    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        """Take the bytes whose last one arrived at `now`."""
        said: list[Said] = []
        for packet in self._reader.feed(data):
            said += self._packet(packet, now)
        if self._block:
            self._deadline = later(now, self.QUIET_S)
        return [*said, *self._bad.told(now)]

    def data_to_send(self) -> bytes:
        """Nothing: the board streams by itself."""
        return b""

    def next_timer(self) -> Instant | None:
        """When a block is to be closed, or counted bytes to be told."""
        dues = [due for due in (self._deadline, self._bad.due()) if due is not None]
        return min(dues, default=None)

    def handle_timer(self, now: Instant) -> list[Said]:
        """The board has fallen silent; tell counted bytes."""
        said: list[Said] = []
        if self._deadline is not None and now >= self._deadline:
            said += self._close()
            self._clock, self._deadline = SampleClock(self._layout.rate_hz * 1000), None
        return [*said, *self._bad.told(now)]

    def _packet(self, packet: Packet, now: Instant) -> list[Said]:
        if len(packet.payload) != self._layout.size:
            return self._other(packet, now)
        size = self._layout.size + _PACKET_OVERHEAD
        said: list[Said] = []
        lost = round(packet.skipped / size)
        if lost > self._layout.rate_hz:
            said += self._close()
            self._clock = SampleClock(self._layout.rate_hz * 1000)
        else:
            self._block += [None] * lost
        self._block.append(self._sample(packet))
        self._until = Instant(now - packet.behind // size * _SECOND // self._layout.rate_hz)
        return [*said, *(self._close() if len(self._block) >= self.BLOCK else [])]

    def _sample(self, packet: Packet) -> Sample | None:
        """None: nothing but data has this length, so its type was damaged."""
        if packet.kind == DATA:
            return self._layout.decode(packet.payload)
        self._bad.count("framing", len(packet.payload) + _PACKET_OVERHEAD)
        return None

    def _other(self, packet: Packet, now: Instant) -> list[Said]:
        """A packet of another kind or model: told once."""
        found = packet.kind, len(packet.payload)
        if found in self._unmapped:
            return []
        self._unmapped.add(found)
        detail = {"code": f"{found[0]}/{found[1]}", "system": "healthypi", "value": packet.payload.hex()}
        return [DeviceEvent(EventKind.UNMAPPED, now, detail)]

    def _close(self) -> list[Said]:
        """What the samples gathered so far say."""
        block, self._block = self._block, []
        good = [sample for sample in block if sample is not None]
        if not good:
            return []
        self._taken += len(block)
        stamp = self._taken * _SECOND // self._layout.rate_hz
        span = self._clock.place(stamp, len(block), self._until)
        numbers = Counter(sample.numbers for sample in good).most_common(1)[0][0]
        return [*_waveforms(block, span), *self._numbers(numbers, self._until)]

    def _numbers(self, numbers: Numbers, at: Instant) -> list[Said]:
        names = ["leads-off"] * numbers.leads_off + ["probe-off"] * numbers.probe_off
        said: list[Said] = [*self._conditions.become(names, at)]
        if numbers == self._told and at < self._repeat_at:
            return said
        self._told, self._repeat_at = numbers, later(at, self.REPEAT_S)
        quality = Quality.GOOD if self._layout.tells_leads else Quality.QUESTIONABLE
        return [*said, *_readings(numbers, at, quality)]


def _readings(numbers: Numbers, at: Instant, quality: Quality) -> list[Said]:
    leads = NoValue.SENSOR_OFF if numbers.leads_off else None
    probe = NoValue.SENSOR_OFF if numbers.probe_off else None
    spo2: int | NoValue = numbers.spo2 if numbers.spo2 <= 100 else NoValue.INVALID
    temperature = Decimal(numbers.temperature) / 100
    return [
        _reading("hr", at, leads or _or_none(numbers.rate, _RATE_NONE), quality),
        _reading("rr_imped", at, leads or _or_none(numbers.respiration), quality),
        _reading("spo2", at, probe or _or_none(spo2, _SPO2_NONE), quality),
        _reading("temp_skin", at, temperature if numbers.temperature else NoValue.NOT_AVAILABLE),
    ]


def _or_none(number: int | NoValue, *none: int) -> Decimal | NoValue:
    if isinstance(number, NoValue):
        return number
    return NoValue.NOT_AVAILABLE if number in (0, *none) else Decimal(number)


def _reading(metric: str, at: Instant, value: Decimal | NoValue, quality: Quality = Quality.GOOD) -> Reading:
    if isinstance(value, NoValue):
        return Reading(metric, at, None, value, quality)
    return Reading(metric, at, value, None, quality)


def _waveforms(block: Sequence[Sample | None], span: Span) -> list[Waveform]:
    signals = {
        "ecg_raw": [one and one.ecg for one in block],
        "resp_raw": [one and one.impedance for one in block],
        "pleth": [one and one.infrared for one in block],
        "ppg_red": [one and one.red for one in block],
    }
    return [waveform(metric, values, span) for metric, values in signals.items()]

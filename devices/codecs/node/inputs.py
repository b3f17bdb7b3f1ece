"""The node for digital inputs: 115200 baud, 8N1. Frames and keys: `devices/codecs/node/wire.py`.

    node -> gateway  {KIND: REPORT, SEQUENCE: n, BOOT: b, OLDEST: o, AT_MS: t, NOW_MS: u, KNOWN: k, ACTIVE: a}
    gateway -> node  {KIND: ACKNOWLEDGE, SEQUENCE: n, BOOT: b}

A report says what the inputs were at AT_MS, in milliseconds since the node began; contacts are debounced by
the node. There is one for each change, and one every five seconds without. They are numbered from 1 at each
boot, of which BOOT is the number. The node keeps them until they are acknowledged, sends the oldest again
each second, and says in each (OLDEST) which is the oldest that it still has.

Reports are taken in order, and acknowledged (n and all before) once the journal has them. One that comes
early is left: the node will send the missing one first. Only what it no longer has is lost, and told
(UNMAPPED `reports-lost`).

Worked example: the first report of boot 5, one second after it: doors, siren and stretcher are wired (0, 2,
4), the door is open. The bytes were put together by hand.

    A8 0001 0101 0205 0301 0419 03E8 0519 03E8 0615 0701   the map   182E   its checksum
    02 A8 16 01 01 01 02 05 03 01 04 19 03 E8 05 19 03 E8 06 15 07 01 18 2E 00
    A3 0002 0101 0205   DF83   its acknowledgement
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import cbor2

from devices.codecs import Said
from devices.codecs.health import BadByteCounter
from devices.codecs.node import wire
from devices.errors import BadBytes, Malformed, MessageTooLarge
from devices.model.observation import DeviceEvent, EventKind, Instant, later
from devices.wire.strict import as_map, decode, is_int

_LARGEST = 0xFFFFFFFF
_KEYS = (
    wire.SEQUENCE,
    wire.BOOT,
    wire.OLDEST,
    wire.AT_MS,
    wire.NOW_MS,
    wire.KNOWN,
    wire.ACTIVE,
)


@dataclass(frozen=True, slots=True)
class Report:
    """What the inputs were, in the order of the keys."""

    sequence: int
    boot: int
    oldest: int
    at_ms: int
    now_ms: int
    known: int
    active: int

    @classmethod
    def decode(cls, item: Mapping[object, object]) -> "Report":
        """The report in a map; more keys may be there. Raises BadBytes."""
        numbers = [item.get(key) for key in _KEYS]
        checked = [number for number in numbers if is_int(number, 0, _LARGEST)]
        if len(checked) < len(_KEYS):
            raise BadBytes("range", f"expected unsigned numbers under {_KEYS}, got {numbers}")
        report = cls(*checked)
        if not (1 <= report.oldest <= report.sequence and report.at_ms <= report.now_ms):
            raise BadBytes("range", f"expected numbers and times in order, got {report}")
        return report

    def encode(self) -> bytes:
        """The frame."""
        numbers = (self.sequence, self.boot, self.oldest, self.at_ms, self.now_ms, self.known, self.active)
        return wire.frame(cbor2.dumps({wire.KIND: wire.REPORT, **dict(zip(_KEYS, numbers, strict=True))}))

    def states(self) -> dict[str, int]:
        """The wired inputs, by name: 1 or 0."""
        return {name: self.active >> bit & 1 for bit, name in enumerate(wire.INPUTS) if self.known >> bit & 1}


def acknowledgement(sequence: int, boot: int) -> bytes:
    """The frame that lets the node forget."""
    body = {wire.KIND: wire.ACKNOWLEDGE, wire.SEQUENCE: sequence, wire.BOOT: boot}
    return wire.frame(cbor2.dumps(body))


class FrameReader:
    """Finds the maps in a stream of bytes."""

    def __init__(self, bad: BadByteCounter) -> None:
        self._bad = bad
        self._buffer = b""

    def feed(self, data: bytes) -> Iterator[dict[object, object]]:
        """The maps that `data` completes."""
        *frames, rest = (self._buffer + data).split(b"\0")
        self._buffer = rest[-wire.MAX_FRAME - 1 :]
        for one in frames:
            try:
                if one:
                    yield _read(one)
            except BadBytes as bad:
                self._bad.count(bad.reason)


def _read(stuffed: bytes) -> dict[object, object]:
    if len(stuffed) > wire.MAX_FRAME:
        raise BadBytes("length", f"expected at most {wire.MAX_FRAME} bytes, got {len(stuffed)}")
    rest = wire.unstuffed(stuffed)
    if not rest:
        raise BadBytes("framing", "expected a frame stuffed by COBS")
    body = wire.body(rest)
    if not body:
        raise BadBytes("checksum", "the checksum of the frame does not match")
    try:
        return as_map(decode(body, wire.MAX_BODY))
    except (Malformed, MessageTooLarge) as error:
        raise BadBytes("range", str(error)) from error


class NodeInputs:
    """Gives STATUS (each wired input at first, then what changes), UNMAPPED (`reports-lost`), BAD_BYTES."""

    def __init__(self) -> None:
        self._bad = BadByteCounter()
        self._reader = FrameReader(self._bad)
        self._outgoing = b""
        self._boot: int | None = None
        self._expected = 0
        self._safe = 0
        """The last report that the journal has; 0: none of this boot."""
        self._states: dict[str, int] = {}

    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        """Take the bytes whose last one arrived at `now`."""
        said: list[Said] = []
        for item in self._reader.feed(data):
            if item.get(wire.KIND) != wire.REPORT:
                continue
            try:
                said += self._report(Report.decode(item), now)
            except BadBytes as bad:
                self._bad.count(bad.reason)
        return [*said, *self._bad.told(now)]

    def data_to_send(self) -> bytes:
        """The acknowledgement that is due."""
        outgoing, self._outgoing = self._outgoing, b""
        return outgoing

    def next_timer(self) -> Instant | None:
        """When counted frames are to be told."""
        return self._bad.due()

    def handle_timer(self, now: Instant) -> list[Said]:
        """Tell counted frames."""
        return [*self._bad.told(now)]

    def awaits_journal(self) -> bool:
        """Whether reports were taken that are not acknowledged."""
        return self._boot is not None and self._expected - 1 > self._safe

    def journalled(self, now: Instant) -> None:
        """Let the node forget what was taken."""
        self._safe = self._expected - 1
        self._acknowledge()

    def _acknowledge(self) -> None:
        if self._safe and self._boot is not None:
            self._outgoing = acknowledgement(self._safe, self._boot)

    def _report(self, report: Report, now: Instant) -> list[Said]:
        said: list[Said] = []
        if report.boot != self._boot:
            self._boot, self._expected, self._safe = report.boot, report.oldest, 0
        if report.oldest > self._expected:
            said.append(_lost(self._expected, report.oldest - 1, now))
            self._expected = report.oldest
        if report.sequence < self._expected:
            self._acknowledge()
        elif report.sequence == self._expected:
            self._expected += 1
            said += self._changed(report, later(now, -(report.now_ms - report.at_ms) / 1000))
        return said

    def _changed(self, report: Report, at: Instant) -> list[Said]:
        states = report.states()
        changed = {name: state for name, state in states.items() if self._states.get(name) != state}
        self._states = states
        return [DeviceEvent(EventKind.STATUS, at, {name: state}) for name, state in changed.items()]


def _lost(first: int, last: int, now: Instant) -> DeviceEvent:
    detail: dict[str, str | int] = {
        "code": "reports-lost",
        "system": "wardlink-node",
        "value": last - first + 1,
    }
    return DeviceEvent(EventKind.UNMAPPED, now, {**detail, "text": f"reports {first} to {last}"})

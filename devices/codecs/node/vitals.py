"""The node that measures: every number of its stream is taken once and in order, or told as lost.

    node -> gateway  {KIND: READINGS, SEQUENCE: n, BOOT: b, OLDEST: o, STREAM: s, AT_MS: t, NOW_MS: u, …}
    gateway -> node  {KIND: ACKNOWLEDGE, SEQUENCE: n, STREAM: s}

Frames, keys and kinds: `devices/codecs/node/wire.py`. Times are milliseconds of the boot BOOT; NOW_MS is when
the frame was sent, null if that boot is over. A number that comes early is left: the node will send the
missing one first, or a GAP that says why it has it no longer. OLDEST is the first that the node was not
acknowledged: what is before that will not come, either. What was taken is remembered with the journal
(`Host.memory`), so that nothing is taken twice when the gateway begins anew.

Worked example: the first readings (number 64) of boot 1 of stream 7, one second after it: SpO2 (5) 97.4 %,
heart rate (1) 72/min, both good (0). Put together by hand.

    A8 0004 011840 0201 031840 0419 03E8 0519 03E8 0807 0986 05 1903CE 00 01 1848 00

It gives readings, waveforms, IDENTITY and BATTERY (of HELLO), STATUS (`self-test-…`), BAD_BYTES, and UNMAPPED
of `wardlink-node`: `readings-lost`, `unreadable`, `stream-began`, `numbers-went-back`, `reset`, `log`, and
`update` (its verdict). The first of the host's errands has the line after what is acknowledged.
"""

from collections.abc import Mapping

import cbor2

from devices.codecs import Host, Said
from devices.codecs.health import BadByteCounter, Conditions
from devices.codecs.node import wire
from devices.codecs.node.inputs import FrameReader
from devices.codecs.node.measured import Measured, number
from devices.codecs.node.update import Verdict
from devices.errors import BadBytes
from devices.model.observation import DeviceEvent, EventKind, Instant, later

_ASK_S = 5.0
"""Silence after which the node is asked whether it is there."""
QUESTION = b"\x02\r\x04\x04\0" + wire.frame(cbor2.dumps({wire.KIND: wire.ASK}))
"""To the node, ASK. Before it what restarts a MicroPython that stands at its prompt, whatever it was typed:
Ctrl-B (out of the raw prompt), return (what stands in the line ends), Ctrl-D twice (what was pasted ends; it
begins anew). A micro:bit gets there by a 03 (Ctrl-C) in a frame that comes while it compiles its main.py,
before the first line of that can forbid it. To a node that runs it is a frame that is none."""
_STREAM, _NEXT = "node-stream", "node-next"
_GAPS = {wire.FULL: "its memory was full", wire.DAMAGED: "its flash was damaged, or the power went"}


class NodeVitals:
    """The node's codec. `host` remembers which number comes next."""

    def __init__(self, host: Host | None = None) -> None:
        host = host or Host()
        self._memory, self._errands = host.memory, host.errands
        self._bad = BadByteCounter()
        self._reader = FrameReader(self._bad)
        self._outgoing = QUESTION
        self._beside = b""
        """What goes after that."""
        self._ask_at: Instant | None = None
        self._stream: int | None = self._memory.get(_STREAM)
        self._expected = self._safe = self._memory.get(_NEXT, 0)
        """The next number; and the first that the journal does not have."""
        self._measured = Measured()
        self._conditions = Conditions()
        self._told: dict[str, object] = {}

    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        """Take the bytes whose last one arrived at `now`."""
        said: list[Said] = []
        for item in self._reader.feed(data):
            try:
                said += self._item(item, now)
            except BadBytes as bad:
                self._bad.count(bad.reason)
            for errand in self._errands[:1]:
                errand.hear(item, now)
        self._act(now)
        if data:
            self._ask_at = later(now, _ASK_S)
        return [*said, *self._bad.told(now)]

    def data_to_send(self) -> bytes:
        """The question or the acknowledgement that is due, and what an errand has to say."""
        outgoing, self._outgoing, self._beside = self._outgoing + self._beside, b"", b""
        return outgoing

    def next_timer(self) -> Instant | None:
        """When the node is to be asked, an errand goes on, or counted frames are to be told."""
        dues = self._ask_at, self._bad.due(), *(one.next_timer() for one in self._errands[:1])
        return min((at for at in dues if at is not None), default=None)

    def handle_timer(self, now: Instant) -> list[Said]:
        """Ask whether the node is there; tell counted frames."""
        if self._ask_at is not None and now >= self._ask_at:
            self._outgoing += QUESTION
            self._ask_at = later(now, _ASK_S)
        self._act(now)
        return [*self._bad.told(now)]

    def _act(self, now: Instant) -> None:
        for errand in self._errands[:1]:
            self._beside += errand.act(now)

    def awaits_journal(self) -> bool:
        """Whether numbers were taken that are not acknowledged."""
        return self._expected > self._safe

    def journalled(self, now: Instant) -> None:
        """Let the node forget what was taken."""
        self._safe = self._expected
        if self._stream is not None:
            self._memory |= {_STREAM: self._stream, _NEXT: self._safe}
        self._acknowledge()

    def _acknowledge(self) -> None:
        head = {wire.KIND: wire.ACKNOWLEDGE, wire.SEQUENCE: self._safe - 1, wire.STREAM: self._stream}
        self._outgoing = wire.frame(cbor2.dumps(head))

    def _item(self, item: Mapping[object, object], now: Instant) -> list[Said]:
        match item.get(wire.KIND):
            case wire.HELLO:
                return [*self._enter(item, now), *self._hello(item, now)]
            case wire.READINGS | wire.SAMPLES:
                return self._numbered(item, now)
            case wire.GAP:
                return self._gap(item, now)
            case wire.LOG:
                return [_unmapped(now, "log", number(item, wire.LEVEL), str(item.get(wire.TEXT)))]
            case wire.VERDICT:
                return self._verdict(Verdict.of(item), number(item, wire.CODE), now)
            case _:
                return []

    def _enter(self, item: Mapping[object, object], now: Instant) -> list[Said]:
        """See to it that the stream and its numbers are those that go on."""
        stream, oldest = number(item, wire.STREAM), number(item, wire.OLDEST)
        if stream == self._stream:
            if item.get(wire.KIND) != wire.HELLO or number(item, wire.SEQUENCE) >= self._expected:
                return []
            why = "numbers-went-back"
        else:
            why = "" if self._stream is None else "stream-began"
        self._stream, self._expected, self._safe = stream, oldest, oldest
        return [_unmapped(now, why, oldest, "what the node had not sent before is lost")] if why else []

    def _numbered(self, item: Mapping[object, object], now: Instant) -> list[Said]:
        sequence, oldest = number(item, wire.SEQUENCE), number(item, wire.OLDEST)
        if not 1 <= oldest <= sequence:
            raise BadBytes("range", f"expected numbers in order, got {oldest}, {sequence}")
        said = [*self._enter(item, now), *self._lost(oldest - 1, "the node was acknowledged them", now)]
        if sequence == self._expected:
            self._expected += 1
            try:
                said += self._measured.read(item, now)
            except BadBytes as bad:
                self._bad.count(bad.reason)
                said.append(_unmapped(now, "unreadable", sequence, str(bad)))
        elif sequence < self._expected and not self.awaits_journal():
            self._acknowledge()
        return said

    def _gap(self, item: Mapping[object, object], now: Instant) -> list[Said]:
        first, last = number(item, wire.FIRST), number(item, wire.SEQUENCE)
        if not 1 <= first <= last:
            raise BadBytes("range", f"expected a gap, got {first} to {last}")
        said = [*self._enter(item, now)]
        if first <= self._expected <= last:
            said += self._lost(last, _GAPS.get(number(item, wire.REASON), "unknown"), now)
        elif last < self._expected and not self.awaits_journal():
            self._acknowledge()
        return said

    def _lost(self, last: int, why: str, now: Instant) -> list[Said]:
        first = self._expected
        if last < first:
            return []
        self._expected = last + 1
        return [_unmapped(now, "readings-lost", last - first + 1, f"numbers {first} to {last}: {why}")]

    def _hello(self, item: Mapping[object, object], now: Instant) -> list[Said]:
        self._measured.clock(number(item, wire.BOOT), number(item, wire.NOW_MS), now)
        version = item.get(wire.SOFTWARE, item.get(wire.VERSION))
        texts = {"manufacturer": "Wardlink", "model": item.get(wire.BOARD), "firmware": version}
        texts["version"] = item.get(wire.VERSION)
        identity = {name: str(text)[:100] for name, text in texts.items() if text is not None}
        failed = number(item, wire.SELF_TEST) if wire.SELF_TEST in item else 0
        names = [f"self-test-{name}" for bit, name in enumerate(wire.SELF_TESTS) if failed >> bit & 1]
        said = self._once("identity", identity, DeviceEvent(EventKind.IDENTITY, now, identity))
        if wire.BATTERY in item:
            percent = number(item, wire.BATTERY, 100)
            said += self._once("battery", percent, DeviceEvent(EventKind.BATTERY, now, {"percent": percent}))
        if wire.CAUSE in item:
            cause = number(item, wire.CAUSE)
            name = wire.CAUSES[cause] if cause < len(wire.CAUSES) else str(cause)
            said += self._once("boot", number(item, wire.BOOT), _unmapped(now, "reset", cause, name))
        return [*said, *self._conditions.become(names, now)]

    def _verdict(self, verdict: Verdict, code: int, now: Instant) -> list[Said]:
        text = f"version {verdict.version} {verdict.code}{': ' if verdict.text else ''}{verdict.text}"
        return self._once("verdict", verdict, _unmapped(now, "update", code, text))

    def _once(self, name: str, value: object, event: DeviceEvent) -> list[Said]:
        """The event, if `value` is not what was told last."""
        if self._told.get(name) == value:
            return []
        self._told[name] = value
        return [event]


def _unmapped(now: Instant, code: str, value: int, text: str) -> DeviceEvent:
    detail: dict[str, str | int] = {"code": code, "system": "wardlink-node", "value": value}
    return DeviceEvent(EventKind.UNMAPPED, now, {**detail, "text": text[:200]})

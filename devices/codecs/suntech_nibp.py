"""A SunTech NIBP module over a serial line: 9600 baud, 8N1. It speaks only when it is asked.

    always: the cuff pressure every `POLL_S`
    it rises: STATUS `measuring`; the module says K, or the pressure has fallen: the result is fetched, once

The codec starts no measurement by itself, unless it is made with `interval_s`; `measure()` asks for one.
What the module measured before the connection began is fetched at its start; nobody knows how old it is:
it is STORED and QUESTIONABLE.
"""

from collections.abc import Iterator
from decimal import Decimal

from devices.codecs import Said
from devices.codecs.health import BadByteCounter, Conditions
from devices.codecs.suntech_packet import (
    ANSWER_BYTES,
    CUFF_BYTES,
    ERRORS,
    GET_CUFF_PRESSURE,
    GET_RESULT,
    LONGEST,
    MODULE,
    RESULT_BYTES,
    SHORTEST,
    Answer,
    PatientKind,
    Result,
    decode_cuff,
    start,
)
from devices.model.observation import DeviceEvent, EventKind, Instant, NoValue, Quality, Reading, later

_REFUSALS = {
    Answer.BUSY,
    Answer.ERROR,
    Answer.UNDEFINED,
    Answer.UNRECOGNISED,
    Answer.SLEEPING,
    Answer.TIMEOUT,
}
_COMMANDS = {GET_CUFF_PRESSURE: "get-cuff-pressure", GET_RESULT: "get-result"}


class PacketReader:
    """Finds the module's packets in a stream of bytes."""

    GAP_S = 0.3
    """A packet takes 70 ms at the most: after such a gap it will not be completed."""

    def __init__(self, bad: BadByteCounter) -> None:
        self._bad = bad
        self._buffer = bytearray()
        self._until = Instant(0)

    def feed(self, data: bytes, now: Instant) -> Iterator[bytes]:
        """The data of each packet that `data` completes."""
        self.give_up(now)
        self._buffer += data
        self._until = later(now, self.GAP_S)
        while (packet := self._next()) is not None:
            if packet:
                yield packet

    def give_up(self, now: Instant) -> None:
        """Forget what has begun too long ago."""
        if self._buffer and now > self._until:
            self._bad.count("framing", len(self._buffer))
            self._buffer.clear()

    def _next(self) -> bytes | None:
        """The data of the next packet; empty where bytes were passed over; None: more are needed."""
        begin = self._buffer.find(MODULE)
        skipped = len(self._buffer) if begin < 0 else begin
        if skipped:
            self._bad.count("framing", skipped)
            del self._buffer[:skipped]
        if len(self._buffer) < 2:
            return None
        length = self._buffer[1]
        if not SHORTEST <= length <= LONGEST:
            self._bad.count("framing")
            del self._buffer[0]
            return b""
        if len(self._buffer) < length:
            return None
        packet = bytes(self._buffer[:length])
        if sum(packet) % 256:
            self._bad.count("checksum")
            del self._buffer[0]
            return b""
        del self._buffer[:length]
        return packet[2:-1]


class SuntechNibp:
    """Gives `cuff_pressure`, `nibp_sys`, `nibp_dia`, `nibp_map`, `pr_nibp`, STATUS, DEVICE_ALARM, REFUSED.

    `interval_s`: seconds from the start of one measurement to that of the next; None: it starts none.
    """

    POLL_S = 0.5
    INFLATED, DEFLATED = 20, 10
    """mmHg: above the one the cuff is in use, below the other it is no longer."""
    TRIES = 10
    """How often a result is asked for."""

    def __init__(self, interval_s: float | None = None, patient: PatientKind = PatientKind.ADULT) -> None:
        self._bad = BadByteCounter()
        self._reader = PacketReader(self._bad)
        self._conditions = Conditions()
        self._interval_s = interval_s
        self._start = start(patient)
        self._next_start: Instant | None = None
        self._next_poll = Instant(0)
        self._asked = self._outgoing = GET_RESULT
        self._tries, self._is_old = self.TRIES, True
        self._wants_start = False
        self._measuring = self._commanded = False
        self._refusal: tuple[str, str] | None = None
        self._alarm: int | None = None
        self._unmapped: set[int] = set()

    def measure(self) -> None:
        """Have the module measure, as soon as it can be told."""
        self._wants_start = True

    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        """Take the bytes whose last one arrived at `now`."""
        said = [one for packet in self._reader.feed(data, now) for one in self._packet(packet, now)]
        return [*said, *self._bad.told(now)]

    def data_to_send(self) -> bytes:
        """The command that is due."""
        outgoing, self._outgoing = self._outgoing, b""
        return outgoing

    def next_timer(self) -> Instant | None:
        """When the module is to be asked next."""
        bad = self._bad.due()
        return self._next_poll if bad is None else min(self._next_poll, bad)

    def handle_timer(self, now: Instant) -> list[Said]:
        """Ask the next question."""
        said: list[Said] = []
        if now >= self._next_poll:
            said += self._ask(now) if self._next_poll else []
            self._next_poll = later(now, self.POLL_S)
        return [*said, *self._bad.told(now)]

    def _ask(self, now: Instant) -> list[Said]:
        self._reader.give_up(now)
        if self._interval_s is not None and now >= (self._next_start or now):
            self._wants_start, self._next_start = True, later(now, self._interval_s)
        if self._wants_start:
            self._wants_start, self._commanded, self._asked = False, True, self._start
        else:
            self._asked = GET_RESULT if self._tries else GET_CUFF_PRESSURE
        self._outgoing = self._asked
        if self._asked != GET_RESULT:
            return []
        self._tries -= 1
        return [] if self._tries else self._refused("none", now)

    def _refused(self, answer: str, now: Instant) -> list[Said]:
        """The refusal, unless it is the one told last."""
        refusal = _COMMANDS.get(self._asked, "start"), answer
        if refusal == self._refusal:
            return []
        self._refusal = refusal
        return [DeviceEvent(EventKind.REFUSED, now, {"command": refusal[0], "answer": answer})]

    def _packet(self, data: bytes, now: Instant) -> list[Said]:
        match len(data) + 3:
            case x if x == ANSWER_BYTES:
                return self._answered(data, now)
            case x if x == CUFF_BYTES:
                return self._cuff(decode_cuff(data), now)
            case x if x == RESULT_BYTES:
                return self._result(Result.decode(data), now)
            case length if length not in self._unmapped:
                self._unmapped.add(length)
                detail = {"code": f"packet-{length}", "system": "suntech", "value": data.hex()}
                return [DeviceEvent(EventKind.UNMAPPED, now, detail)]
            case _:
                return []

    def _answered(self, data: bytes, now: Instant) -> list[Said]:
        try:
            answer = Answer(data.decode("latin-1"))
        except ValueError:
            self._bad.count("range")
            return []
        if answer in _REFUSALS:
            self._commanded = False
            return self._refused(answer.name.lower(), now)
        self._refusal = None
        if answer is Answer.EXECUTED:
            return self._finished(now)
        return self._begun(now) if self._commanded and answer is Answer.RECEIVED else []

    def _cuff(self, pressure: int | None, now: Instant) -> list[Said]:
        self._refusal = None
        if pressure is None:
            return [Reading("cuff_pressure", now, None, NoValue.NOT_AVAILABLE)]
        if pressure < 0:
            return [Reading("cuff_pressure", now, None, NoValue.UNDERFLOW)]
        said: list[Said] = [Reading("cuff_pressure", now, Decimal(pressure))]
        if pressure > self.INFLATED:
            self._commanded = False
            return [*self._begun(now), *said]
        return [*said, *(self._finished(now) if pressure < self.DEFLATED and not self._commanded else [])]

    def _begun(self, now: Instant) -> list[Said]:
        self._measuring, self._is_old, self._tries = True, False, 0
        return [*self._conditions.become(["measuring"], now)]

    def _finished(self, now: Instant) -> list[Said]:
        if self._measuring:
            self._measuring, self._commanded, self._tries = False, False, self.TRIES
        return [*self._conditions.become([], now)]

    def _result(self, result: Result, now: Instant) -> list[Said]:
        old = self._is_old and self._asked == GET_RESULT and not self._outgoing
        self._tries, self._is_old = 0, False
        if old and not result.is_valid:
            return []
        quality = Quality.STORED | Quality.QUESTIONABLE if old else Quality.GOOD
        return [*self._alarms(result, now), *_readings(result, now, quality)]

    def _alarms(self, result: Result, now: Instant) -> list[Said]:
        """The error of this measurement begins, and that of the one before ends."""
        ended, self._alarm = self._alarm, result.error or None
        if ended == self._alarm:
            return []
        changed = [(code, active) for code, active in ((ended, 0), (self._alarm, 1)) if code is not None]
        return [DeviceEvent(EventKind.DEVICE_ALARM, now, _alarm(code, active)) for code, active in changed]


def _alarm(code: int, active: int) -> dict[str, str | int]:
    return {"code": str(code), "text": ERRORS.get(code, "unknown"), "active": active}


def _readings(result: Result, now: Instant, quality: Quality) -> list[Said]:
    numbers = {
        "nibp_sys": result.systolic,
        "nibp_dia": result.diastolic,
        "nibp_map": result.mean,
        "pr_nibp": result.rate,
    }
    if result.error:
        return [Reading(metric, now, None, NoValue.FAILED, quality) for metric in numbers]
    if not result.is_valid:
        return [Reading(metric, now, None, NoValue.INVALID, quality) for metric in numbers]
    return [
        Reading(metric, now, Decimal(number), None, quality)
        if number
        else Reading(metric, now, None, NoValue.NOT_AVAILABLE, quality)
        for metric, number in numbers.items()
    ]

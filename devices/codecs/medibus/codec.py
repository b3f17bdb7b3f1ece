"""MEDIBUS, the host's side: begins the talk, answers the device's own commands, asks one thing after another.

    ICC ─▶ identification ─▶ realtime configuration ─▶ selection, enabling ─▶ data, alarms, and one of the
    rest, over and over; after three requests without an answer, or the device's ICC: from the beginning

Either side takes the other for lost after 10 s of silence: the requests keep the talk alive.
"""

from collections.abc import Sequence
from itertools import cycle

from devices.codecs import Said
from devices.codecs.health import BadByteCounter
from devices.codecs.medibus.codes import WAVES
from devices.codecs.medibus.contents import Contents
from devices.codecs.medibus.frames import NAK, Code, Frame, FrameReader, command, response, split
from devices.codecs.medibus.realtime import RealtimeReader, enable
from devices.codecs.medibus.records import Identity, Stream, decode_streams, encode_identity, encode_selection
from devices.errors import BadBytes
from devices.model.observation import DeviceEvent, EventKind, Instant, later

_US = encode_identity(Identity("0161", "Wardlink", "01.00", "06.00"))
"""The number is that of a computer, as other hosts tell it."""
_FIRST = ((Code.IDENTIFICATION, b""), (Code.REALTIME_CONFIGURATION, b""))
_OFTEN = (Code.DATA_1, Code.ALARMS_1, Code.DATA_2, Code.ALARMS_2)
_SELDOM = (
    Code.SETTINGS,
    Code.TEXT_MESSAGES,
    Code.DATE_TIME,
    Code.LOW_LIMITS_1,
    Code.HIGH_LIMITS_1,
    Code.LOW_LIMITS_2,
    Code.HIGH_LIMITS_2,
    Code.ALARMS_3,
)
_REALTIME_SILENCE_S = 10.0
_FLUSH_S = 1.0


class Medibus:
    """Gives the metrics and waves of `codes`, DEVICE_CLOCK, IDENTITY, DEVICE_ALARM, the STATUS `standby`,
    UNMAPPED for everything else when it changes, BAD_BYTES and REFUSED."""

    PERIOD_S = 0.2
    """Between a response and the next request."""
    PATIENCE_S = 3.0
    """A device has so long to respond."""
    PATIENT_TIMES = 3

    def __init__(self) -> None:
        self._bad = BadByteCounter()
        self._frames = FrameReader(self._bad)
        self._realtime = RealtimeReader(self._bad)
        self._contents = Contents()
        self._outgoing = bytearray()
        self._streams: list[Stream] = []
        self._seldom = cycle(_SELDOM)
        self._due: Instant | None = None
        self._fast_at: Instant | None = None
        self._flush_at: Instant | None = None
        self._missed = 0
        self._begin()

    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        """Take bytes; what a response says has the time at which its last byte came."""
        self._due = self._due or later(now, self.PATIENCE_S)
        said: list[Said] = []
        for run, is_fast in split(data):
            if is_fast:
                said += self._realtime.feed(run, now)
                self._fast_at, self._flush_at = now, later(now, _FLUSH_S)
            else:
                said += self._slow(run, now)
        return [*said, *self._bad.told(now)]

    def data_to_send(self) -> bytes:
        """Requests, and responses to the device's commands."""
        outgoing = bytes(self._outgoing)
        self._outgoing.clear()
        return outgoing

    def next_timer(self) -> Instant | None:
        """When to ask for the next thing, or to tell what is held back."""
        due = self._due if self._due is not None else Instant(0)
        return min(one for one in (due, self._flush_at, self._bad.due()) if one is not None)

    def handle_timer(self, now: Instant) -> list[Said]:
        """Go on asking; begin anew with a device that does not answer."""
        said: list[Said] = [*self._bad.told(now)]
        if self._flush_at is not None and now >= self._flush_at:
            said += self._realtime.flush(now if self._fast_at is None else self._fast_at)
            self._flush_at = None
        if self._due is None:
            self._due = later(now, self.PATIENCE_S)
        elif now >= self._due:
            said += self._go_on(now)
        return said

    def _slow(self, run: bytes, now: Instant) -> list[Said]:
        said: list[Said] = []
        for frame in self._frames.feed(run):
            said += self._commanded(frame, now) if frame.is_command else self._responded(frame, now)
        return said

    def _begin(self) -> None:
        """The talk begins, again."""
        self._has_begun = False
        self._plan = list(_FIRST)
        self._ask(Code.ICC)

    def _ask(self, code: Code, argument: bytes = b"") -> None:
        self._waiting: tuple[Code, bytes] | None = code, argument
        self._outgoing += command(code, argument)

    def _ask_first(self, code: Code, argument: bytes = b"") -> None:
        """Ask this next; once, however often it is wanted."""
        self._plan = [(code, argument), *(one for one in self._plan if one[0] != code)]

    def _go_on(self, now: Instant) -> list[Said]:
        said: list[Said] = []
        if self._waiting is not None:
            self._missed += 1
            if self._missed % self.PATIENT_TIMES == 0:
                said.append(_refused(self._waiting[0], "none", now))
                self._has_begun = False
        if self._has_begun:
            self._ask(*self._next(now))
        else:
            self._begin()
        self._due = later(now, self.PATIENCE_S)
        return said

    def _next(self, now: Instant) -> tuple[Code, bytes]:
        if not self._plan:
            self._plan = [(code, b"") for code in (*_OFTEN, next(self._seldom))]
            if self._fast_at is None or now >= later(self._fast_at, _REALTIME_SILENCE_S):
                self._fast_at = now
                self._plan.append((Code.REALTIME_CONFIGURATION, b""))
        return self._plan.pop(0)

    def _responded(self, frame: Frame, now: Instant) -> list[Said]:
        """A response; if it is the one that was waited for, the next request is due soon."""
        if frame.code == NAK:
            return self._asked_badly(now)
        if self._waiting is not None and frame.code == self._waiting[0]:
            self._has_begun = True
            self._answered(now)
        try:
            if frame.code == Code.REALTIME_CONFIGURATION:
                return self._select(decode_streams(frame.data), now)
            if frame.code == Code.CONFIGURE_REALTIME:
                self._realtime.select(self._streams)
                self._outgoing += enable(len(self._streams))
            return self._contents.read(frame, now)
        except BadBytes as bad:
            self._bad.count(bad.reason)
            return []

    def _answered(self, now: Instant) -> None:
        self._waiting, self._missed = None, 0
        self._due = later(now, self.PERIOD_S)

    def _asked_badly(self, now: Instant) -> list[Said]:
        """A request came damaged: ask again, but not for ever."""
        waiting, self._waiting = self._waiting, None
        if waiting is None:
            return []
        self._missed += 1
        if self._missed < self.PATIENT_TIMES and waiting[0] != Code.ICC:
            self._ask_first(*waiting)
        self._due = later(now, self.PERIOD_S)
        return [_refused(waiting[0], "nak", now)]

    def _select(self, offered: Sequence[Stream], now: Instant) -> list[Said]:
        """Ask for one curve of each metric that has one; until that is granted, no curve's name is known."""
        wanted: dict[str, Stream] = {}
        for code, meaning in WAVES.items():
            for stream in offered:
                if stream.code == code:
                    wanted.setdefault(meaning.metric, stream)
        self._streams = list(wanted.values())
        if self._streams:
            self._ask_first(Code.CONFIGURE_REALTIME, encode_selection(self._streams))
        return self._deselect(now)

    def _deselect(self, now: Instant) -> list[Said]:
        """Curves are not what they were: give what was gathered of them."""
        gathered = self._realtime.flush(now)
        self._realtime.select([])
        return [*gathered]

    def _commanded(self, frame: Frame, now: Instant) -> list[Said]:
        """The device's own command: every one is answered, most with nothing but their code."""
        self._outgoing += response(frame.code, _US if frame.code == Code.IDENTIFICATION else b"")
        match frame.code:
            case Code.ICC:
                self._plan, self._has_begun = list(_FIRST), True
                self._answered(now)
                return self._deselect(now)
            case Code.STOP:
                self._waiting, self._has_begun = None, False
                self._due = later(now, self.PATIENCE_S)
            case Code.TIME_CHANGED:
                self._ask_first(Code.DATE_TIME)
            case Code.REALTIME_CHANGED:
                self._outgoing += enable(0)
                self._ask_first(Code.REALTIME_CONFIGURATION)
                return self._deselect(now)
            case _:
                pass
        return []


def _refused(code: Code, answer: str, now: Instant) -> DeviceEvent:
    return DeviceEvent(
        EventKind.REFUSED, now, {"command": code.name.lower().replace("_", "-"), "answer": answer}
    )

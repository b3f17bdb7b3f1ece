"""J1939 by an SLCAN adapter. It only listens: no frame is ever sent.

The adapter is opened in its listen-only mode (L), in which it does not even acknowledge frames; one that has
no such mode is opened normally (O). It is set up at once, and again after `PATIENCE_S` without a frame.

Values come up to a hundred times a second; each metric is told at most every `EVERY_S`, but at once when it
begins or ceases to be available. Where several units tell it, the one with the lowest address counts (the
engine's is 0), as long as it does.
"""

from collections import deque
from typing import NamedTuple

from devices.codecs import Said
from devices.codecs.device_alarms import Alarm, Alarms
from devices.codecs.health import BadByteCounter, Conditions
from devices.codecs.j1939 import parameters
from devices.codecs.j1939.parameters import PARAMETERS, Parameter
from devices.codecs.j1939.slcan import About, CanFrame, LineReader, Refused
from devices.codecs.j1939.transport import TP_CM, TP_DT, Message, Transport, message_of
from devices.errors import BadBytes
from devices.model.observation import DeviceEvent, EventKind, Instant, NoValue, Reading, later

SET_UP = ("", "", "C", "V", "N", "S5", "L")
"""Empty what was left in its buffer, close, version, serial number, 250 kbit/s, open to listen."""
_FALL_BACK = {"L": "O"}
_SILENT = "vehicle-not-connected"
_NAMES = {"V": "adapter", "N": "adapter-serial"}


class _Last(NamedTuple):
    """What was last told of a metric."""

    source: int
    heard: Instant
    """From that source."""
    told: Instant
    has_value: bool


class SlcanJ1939:
    """Gives `parameters.METRICS`, STATUS (lamps), DEVICE_ALARM (DM1), IDENTITY, BAD_BYTES and REFUSED."""

    STEP_S = 0.2
    """How long a command of the set-up is given."""
    PATIENCE_S = 10.0
    EVERY_S = 0.2
    OWNER_S = 5.0
    """After so long without its unit a metric is taken from another one."""

    def __init__(self) -> None:
        self._bad = BadByteCounter()
        self._reader, self._transport = LineReader(self._bad), Transport(self._bad)
        self._conditions, self._alarms = Conditions(), Alarms()
        self._commands: deque[str] = deque(SET_UP)
        self._command = self._commands.popleft()
        self._outgoing = self._command.encode("ascii") + b"\r"
        self._due: Instant | None = None
        self._last: dict[str, _Last] = {}
        self._identity: dict[str, str] = {}
        self._lamps: dict[int, set[str]] = {}
        self._troubles: dict[int, dict[str, Alarm]] = {}
        self._silent = False
        self._refused: set[str] = set()

    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        """Take the bytes whose last one arrived at `now`."""
        said: list[Said] = []
        for one in self._reader.feed(data):
            match one:
                case CanFrame():
                    said += self._frame(one, now)
                case About():
                    said += self._about(one, now)
                case Refused():
                    said += self._not_done(now)
        return [*said, *self._bad.told(now)]

    def data_to_send(self) -> bytes:
        """The command that is due."""
        outgoing, self._outgoing = self._outgoing, b""
        return outgoing

    def next_timer(self) -> Instant | None:
        """When the next command is due, or the bus has been silent for too long."""
        due, bad = self._due if self._due is not None else Instant(0), self._bad.due()
        return due if bad is None else min(due, bad)

    def handle_timer(self, now: Instant) -> list[Said]:
        """Send the next command."""
        said: list[Said] = []
        if self._due is None:
            self._due = later(now, self.STEP_S)
        elif now >= self._due:
            said = self._turn(now)
        return [*said, *self._bad.told(now)]

    def _turn(self, now: Instant) -> list[Said]:
        said: list[Said] = []
        if not self._commands:
            self._silent = True
            said = self._became(now)
            self._commands = deque(SET_UP)
        self._command = self._commands.popleft()
        self._outgoing = self._command.encode("ascii") + b"\r"
        self._due = later(now, self.STEP_S if self._commands else self.PATIENCE_S)
        return said

    def _not_done(self, now: Instant) -> list[Said]:
        """The adapter refused: only that it cannot be opened matters (a closed one cannot be closed)."""
        if self._command in _FALL_BACK:
            self._command = _FALL_BACK[self._command]
            self._outgoing = self._command.encode("ascii") + b"\r"
        elif self._command in ("O", "S5") and self._command not in self._refused:
            self._refused.add(self._command)
            return [DeviceEvent(EventKind.REFUSED, now, {"command": self._command, "answer": "bell"})]
        return []

    def _about(self, one: About, now: Instant) -> list[Said]:
        name = _NAMES.get(one.name or self._command)
        if name is None:
            self._bad.count("framing")
            return []
        return self._identified(name, one.text, now)

    def _frame(self, frame: CanFrame, now: Instant) -> list[Said]:
        if not frame.is_extended:
            return []
        said: list[Said] = []
        if self._silent:
            self._silent = False
            said = self._became(now)
        if not self._commands:
            self._due = later(now, self.PATIENCE_S)
        message, destination = message_of(frame)
        if message.pgn in (TP_CM, TP_DT):
            whole = self._transport.feed(message, destination, now)
            return said + (self._message(whole, now) if whole else [])
        return said + self._message(message, now)

    def _message(self, message: Message, now: Instant) -> list[Said]:
        try:
            if message.pgn == parameters.DM1:
                return self._trouble(message, now)
            if message.pgn == parameters.VEHICLE_IDENTIFICATION:
                return self._identified("vin", parameters.vehicle_number(message.data), now)
            some = PARAMETERS.get(message.pgn, ())
            return [said for one in some for said in self._value(one, message, now)]
        except BadBytes as bad:
            self._bad.count(bad.reason)
            return []

    def _value(self, one: Parameter, message: Message, now: Instant) -> list[Said]:
        value = one.decode(message.data)
        has_value = not isinstance(value, NoValue)
        last = self._last.get(one.metric)
        told = None
        if last and now < later(last.heard, self.OWNER_S):
            if message.source > last.source and last.has_value:
                return []
            if message.source != last.source and not has_value:
                return []
            told = last.told if last.has_value == has_value else None
        if told is not None and now < later(told, self.EVERY_S):
            self._last[one.metric] = _Last(message.source, now, told, has_value)
            return []
        self._last[one.metric] = _Last(message.source, now, now, has_value)
        if isinstance(value, NoValue):
            return [Reading(one.metric, now, None, value)]
        return [Reading(one.metric, now, value)]

    def _trouble(self, message: Message, now: Instant) -> list[Said]:
        """DM1: what troubles one unit now."""
        lit = parameters.lamps(message.data)
        self._lamps[message.source] = lit
        priority = "high" if "red-stop-lamp" in lit else "medium" if "amber-warning-lamp" in lit else ""
        self._troubles[message.source] = {
            f"{one.code} SA {message.source}": Alarm(f"trouble code of unit {message.source}", priority)
            for one in parameters.troubles(message.data)
        }
        alarms = {code: alarm for some in self._troubles.values() for code, alarm in some.items()}
        return [*self._became(now), *self._alarms.become(alarms, now)]

    def _became(self, now: Instant) -> list[Said]:
        lit = {name for some in self._lamps.values() for name in some}
        return [*self._conditions.become(lit | ({_SILENT} if self._silent else set()), now)]

    def _identified(self, name: str, text: str, now: Instant) -> list[Said]:
        if self._identity.get(name) == text:
            return []
        self._identity[name] = text
        return [DeviceEvent(EventKind.IDENTITY, now, {name: text})]

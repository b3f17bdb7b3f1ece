"""The codec of an IntelliVue monitor on a network: UDP, one message a datagram.

    associate ─▶ accepted ─▶ MDS created ─▶ answered ─▶ polled for numerics, waves, alarms; kept alive

A monitor serves an association until no request came for 10 s. One that still serves an earlier association
is deaf to a new one until that has ended, so an association is asked for again and again.
"""

from collections import deque
from typing import ClassVar

from devices.codecs import Said
from devices.codecs.device_alarms import Alarms
from devices.codecs.health import BadByteCounter, Conditions
from devices.codecs.intellivue import alarms, association, message, values
from devices.codecs.intellivue.numerics import Clock, Numerics
from devices.codecs.intellivue.waves import Waves
from devices.errors import BadBytes
from devices.model.observation import DeviceEvent, EventKind, Instant, later

_MODES = {0x8000: "monitor-standby", 0x2000: "monitor-demo", 0x1000: "monitor-service"}
_SERIAL, _SOFTWARE = 1, 4
_ASSOCIATE, _KEEP_ALIVE, _POLL = "associate", "keep-alive", "poll"


class Monitor:
    """Gives readings, waveforms, IDENTITY, DEVICE_CLOCK, DEVICE_ALARM, STATUS, UNMAPPED, REFUSED."""

    ASSOCIATE_S, KEEP_ALIVE_S, POLL_S, POLLED_S = 2.0, 4.0, 20.0, 30
    """How often: an association asked for, the monitor polled, polls renewed. A poll runs `POLLED_S`."""
    PATIENCE_S = 10.0
    """Without a message so long an association has ended."""
    POLLS: ClassVar = (message.NUMERIC, message.WAVE, message.ALARMS)

    def __init__(self) -> None:
        self._bad = BadByteCounter()
        self._numerics, self._waves, self._alarms = Numerics(), Waves(), Alarms()
        self._modes = Conditions()
        self._clock: Clock | None = None
        self._identity: dict[str, str | int] = {}
        self._outgoing: deque[bytes] = deque((association.request(),))
        self._timers: dict[str, Instant] = {_ASSOCIATE: Instant(0)}
        self._heard_at: Instant | None = None
        self._invoke_id = 0
        self._refused: set[str] = set()

    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        """Take one datagram."""
        said: list[Said] = []
        if data:
            try:
                said += self._message(data, now)
            except BadBytes as bad:
                self._bad.count(bad.reason)
        return [*said, *self._bad.told(now)]

    def data_to_send(self) -> bytes:
        """The next datagram that is due. While there are more, `next_timer` is at once."""
        return self._outgoing.popleft() if self._outgoing else b""

    def next_timer(self) -> Instant | None:
        """When something is to be sent or told."""
        if self._outgoing:
            return Instant(0)
        dues = [*self._timers.values(), self._bad.due()]
        return min((due for due in dues if due is not None), default=None)

    def handle_timer(self, now: Instant) -> list[Said]:
        """Send what is due; give the association up if it is silent."""
        is_associated = _ASSOCIATE not in self._timers
        if is_associated and self._heard_at and now >= later(self._heard_at, self.PATIENCE_S):
            self._begin(now)
        for name in [name for name, due in self._timers.items() if now >= due]:
            self._due(name, now)
        return [*self._bad.told(now)]

    def _due(self, name: str, now: Instant) -> None:
        match name:
            case "associate":
                is_first = self._timers[name] == 0
                self._timers[name] = later(now, self.ASSOCIATE_S)
                self._outgoing += [] if is_first else [association.request()]
            case "keep-alive":
                self._timers[name] = later(now, self.KEEP_ALIVE_S)
                self._outgoing.append(message.poll(self._next_id(), message.MDS))
            case _:
                self._timers[name] = later(now, self.POLL_S)
                for kind in self.POLLS:
                    self._outgoing.append(message.extended_poll(self._next_id(), kind, self.POLLED_S))

    def _begin(self, now: Instant) -> None:
        """Ask for a new association, later."""
        self._outgoing.clear()
        self._heard_at = None
        self._timers = {_ASSOCIATE: later(now, self.ASSOCIATE_S)}

    def _next_id(self) -> int:
        self._invoke_id = (self._invoke_id + 1) % 0x10000
        return self._invoke_id

    def _message(self, data: bytes, now: Instant) -> list[Said]:
        match data[0]:
            case association.ACCEPT:
                self._heard_at = now
                if _ASSOCIATE in self._timers:
                    self._timers[_ASSOCIATE] = later(now, self.PATIENCE_S)
                return []
            case association.REQUEST | association.RELEASE:
                return []  # a host's, in a recording of both
            case association.REFUSE | association.ABORT | association.RELEASED:
                self._begin(now)
                names = {association.REFUSE: "refused", association.ABORT: "aborted"}
                return self._refusal("associate", names.get(data[0], "released"), now)
            case _:
                self._heard_at = now
                return self._operation(message.decode(data), now)

    def _operation(self, one: message.Message, now: Instant) -> list[Said]:
        match one:
            case message.Created():
                self._outgoing.append(message.created_result(one.invoke_id))
                self._timers = {_KEEP_ALIVE: later(now, self.KEEP_ALIVE_S), _POLL: now}
                self._refused.clear()
                return self._system(one.attributes, now)
            case message.Polled():
                return self._polled(one, now)
            case message.Refused():
                return self._refusal("poll", f"error-{one.error}", now)
            case _:
                return []

    def _polled(self, one: message.Polled, now: Instant) -> list[Said]:
        match one.kind:
            case message.NUMERIC:
                return [*self._numerics.told(one, self._clock, now)]
            case message.WAVE:
                return [*self._waves.told(one, now)]
            case message.ALARMS:
                lists = [alarms.decode(each.attributes) for each in one.observations]
                return [event for one in lists if one is not None for event in self._alarms.become(one, now)]
            case message.MDS:
                return [said for each in one.observations for said in self._system(each.attributes, now)]
            case _:
                return []

    def _refusal(self, command: str, answer: str, now: Instant) -> list[Said]:
        """Each is told once in an association: polls are renewed, and would be refused, for ever."""
        name = f"{command}-{answer}"
        is_new = name not in self._refused
        self._refused.add(name)
        return [DeviceEvent(EventKind.REFUSED, now, {"command": command, "answer": answer})] if is_new else []

    def _system(self, given: message.Attributes, now: Instant) -> list[Said]:
        """What the monitor says of itself."""
        said: list[Said] = []
        identity = _identity(given)
        changed = {name: text for name, text in identity.items() if text and self._identity.get(name) != text}
        self._identity |= changed
        if changed:
            said.append(DeviceEvent(EventKind.IDENTITY, now, changed))
        if values.OPERATING_MODE in given:
            mode = message.Octets(given[values.OPERATING_MODE]).uint(2)
            said += self._modes.become([name for bit, name in _MODES.items() if mode & bit], now)
        if values.ABSOLUTE_TIME in given and values.RELATIVE_TIME in given:
            absolute = values.absolute_time(given[values.ABSOLUTE_TIME])
            ticks = message.Octets(given[values.RELATIVE_TIME]).uint(4)
            if absolute:
                self._clock = Clock(absolute, ticks)
                detail: dict[str, str | int] = {"time": absolute.isoformat(), "set": 1}
                said.append(DeviceEvent(EventKind.DEVICE_CLOCK, now, detail))
        return said


def _identity(given: message.Attributes) -> dict[str, str | int]:
    found: dict[str, str | int] = {}
    if values.SYSTEM_MODEL in given:
        found["manufacturer"], found["model"] = values.labels(given[values.SYSTEM_MODEL])
    if values.PRODUCTION in given:
        texts = values.production(given[values.PRODUCTION])
        found |= {"serial": texts.get(_SERIAL, ""), "software": texts.get(_SOFTWARE, "")}
    if values.BED_LABEL in given:
        found["bed-label"] = values.texts(given[values.BED_LABEL])
    return found

"""OBD-II by an ELM327: 38400 baud, 8N1, or whatever the adapter's Bluetooth, Wi-Fi or USB takes.

    always: engine and vehicle speed every second; in turn with them one of the slower values, the trouble
    codes once a minute; the vehicle's identification number once

Only services 01, 03 and 09 are asked for: they read. If several control units answer, the one with the lowest
address counts (the engine's, 7E8 or 10); trouble codes are those of all.
"""

import re
from decimal import Decimal

from devices.codecs import Said
from devices.codecs.device_alarms import Alarm, Alarms
from devices.codecs.elm327 import services
from devices.codecs.elm327.adapter import Remark, bare, remark
from devices.codecs.elm327.dialogue import SEARCH, Dialogue
from devices.codecs.elm327.lines import Message, messages
from devices.codecs.health import BadByteCounter, Conditions
from devices.errors import BadBytes
from devices.model.observation import DeviceEvent, EventKind, Instant, NoValue, Reading

LONGEST = 4096
"""Bytes of a reply that are kept."""
_PROMPT = b">"
_PROTOCOL = re.compile(r"A?[0-9A-C]")
_SLOW = (0x05, 0x2F, 0x42, 0x5C, 0x46, 0x1F, 0xA6, services.STATUS)
_FAILURES = {Remark.NOT_CONNECTED: "vehicle-not-connected", Remark.BUS_ERROR: "vehicle-bus-error"}
_FAST = (0x0C, 0x0D)
_CODES_EVERY = 60
METRICS = tuple(pid.metric for pid in services.PIDS.values())


class Elm327:
    """Gives METRICS, STATUS, DEVICE_ALARM (trouble codes), IDENTITY (adapter, VIN), BAD_BYTES, REFUSED."""

    def __init__(self) -> None:
        self._bad = BadByteCounter()
        self._buffer = b""
        self._dialogue = Dialogue(self._plan)
        self._conditions, self._alarms = Conditions(), Alarms()
        self._state: set[str] = set()
        self._identity: dict[str, str | int] = {}
        self._supported: set[int] = set()
        self._round = 0
        self._refused: set[tuple[str, str]] = set()

    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        """Take the bytes whose last one arrived at `now`. A reply is read when its prompt has come."""
        *replies, rest = (self._buffer + data.replace(b"\0", b"")).split(_PROMPT)
        self._buffer = rest[-LONGEST:]
        if data:
            self._dialogue.heard(now)
        said: list[Said] = []
        for reply in replies:
            said += self._reply(reply[-LONGEST:].decode("latin-1"), now)
            self._dialogue.answered(now)
        return [*said, *self._bad.told(now)]

    def data_to_send(self) -> bytes:
        """The question that is due."""
        return self._dialogue.take()

    def next_timer(self) -> Instant | None:
        """When the next question is due, or one has waited too long."""
        bad, due = self._bad.due(), self._dialogue.next_timer()
        return due if bad is None else min(due, bad)

    def handle_timer(self, now: Instant) -> list[Said]:
        """Ask the next question."""
        said: list[Said] = []
        lost = self._dialogue.lapsed(now)
        if lost:
            said += self._refusal(lost, "none", now)
            if self._buffer:
                self._bad.count("framing")
            self._buffer, self._supported = b"", set()
        return [*said, *self._bad.told(now)]

    def _plan(self) -> list[str]:
        """The questions of the next round."""
        if not self._supported:
            return [SEARCH]
        self._round += 1
        slow = [pid for pid in _SLOW if pid in self._supported]
        chosen = [pid for pid in _FAST if pid in self._supported]
        chosen += [slow[self._round % len(slow)]] if slow else []
        codes = ["03"] if self._round % _CODES_EVERY == 1 else []
        volts = ["ATRV"] if 0x42 not in self._supported and self._round % 10 == 1 else []
        return [*(f"01{pid:02X}" for pid in chosen), *codes, *volts]

    def _reply(self, text: str, now: Instant) -> list[Said]:
        question = self._dialogue.open or ""
        hexadecimal: list[str] = []
        said: list[Said] = []
        for line in re.split(r"[\r\n]+", text):
            short = bare(line)
            meaning = remark(short)
            if meaning is Remark.ECHO:
                said += self._answer(messages(hexadecimal, self._bad), question, now)
                question, hexadecimal = short, []
            elif _PROTOCOL.fullmatch(short) and (question == "ATDPN" or len(short) > 1):
                said += self._identified("protocol", short, now)
            elif meaning:
                said += self._remark(meaning, line.strip(), question, now)
            elif short:
                hexadecimal.append(short)
        return [*said, *self._answer(messages(hexadecimal, self._bad), question, now)]

    def _remark(self, meaning: Remark, line: str, question: str, now: Instant) -> list[Said]:
        """What the adapter says of itself."""
        said: list[Said] = []
        match meaning:
            case Remark.NO_DATA:
                said = self._no_data(question, now)
            case Remark.REFUSED:
                said = self._refusal(question, "?", now)
            case Remark.STARTED:
                said = self._started(line, now)
            case Remark.NOT_CONNECTED | Remark.BUS_ERROR:
                said = self._failed(meaning, question, now)
            case Remark.VOLTS:
                said = [Reading("vehicle_voltage", now, Decimal(bare(line)[:-1]))]
            case Remark.DAMAGED | Remark.FULL:
                self._bad.count("checksum" if meaning is Remark.DAMAGED else "length")
            case Remark.NOTHING | Remark.ECHO:
                pass
        return said

    def _answer(self, found: list[Message], question: str, now: Instant) -> list[Said]:
        """What the messages of one reply say."""
        if not found:
            return []
        said: list[Said] = self._became(self._state - set(_FAILURES.values()), now)
        by_service: dict[int, list[Message]] = {}
        for one in sorted(found, key=lambda message: message.unit):
            by_service.setdefault(one.data[0], []).append(one)
        for service, some in by_service.items():
            try:
                said += self._service(service, some, question, len(by_service) == 1, now)
            except BadBytes as bad:
                self._bad.count(bad.reason)
        return said

    def _service(
        self, service: int, some: list[Message], question: str, alone: bool, now: Instant
    ) -> list[Said]:
        match service - services.ANSWER:
            case services.VALUES:
                return self._values(some, now)
            case services.TROUBLE_CODES:
                codes = {code: one.unit for one in some for code in services.trouble_codes(one.data[1:])}
                alarms = {code: Alarm(f"trouble code, {unit}".rstrip(", ")) for code, unit in codes.items()}
                return [*self._alarms.become(alarms, now)]
            case services.VEHICLE:
                first = some[0].unit
                parts = [one.data[2:] for one in some if one.unit == first and one.data[1:2] == b"\x02"]
                return self._identified("vin", services.vin(parts), now) if parts else []
            case _:
                asked, reason = some[0].data[1:2].hex(), some[0].data[2:].hex()
                command = question if question.startswith(asked.upper()) else asked
                is_refused = service == services.REFUSAL and alone and reason != services.PENDING
                return self._refusal(command, reason, now) if is_refused else []

    def _values(self, some: list[Message], now: Instant) -> list[Said]:
        """Of each value the first: `some` are in the order of their units."""
        said: list[Said] = []
        told: set[int] = set()
        for pid, data in (part for one in some for part in services.several(one.data[1:])):
            try:
                said += self._value(pid, data, now) if pid not in told else []
                told |= {pid} - set(services.BITMAP_PIDS)
            except BadBytes as bad:
                self._bad.count(bad.reason)
        return said

    def _value(self, pid: int, data: bytes, now: Instant) -> list[Said]:
        if pid in services.BITMAP_PIDS:
            self._learn(pid, services.supported(pid, data))
        elif pid == services.STATUS:
            lit = {"malfunction-indicator"} if services.indicator(data) else set[str]()
            return self._became(self._state - {"malfunction-indicator"} | lit, now)
        elif pid in services.PIDS:
            return [Reading(services.PIDS[pid].metric, now, services.value(pid, data))]
        return []

    def _learn(self, pid: int, more: set[int]) -> None:
        """Which values there are; ask for the next 32 and for the vehicle's identification."""
        new = more - self._supported
        self._supported |= more
        questions = [f"01{pid + 0x20:02X}"] if pid + 0x20 in new else []
        if pid == 0 and new and "vin" not in self._identity:
            questions += ["ATDPN", "0902"]
        self._dialogue.add(questions)

    def _no_data(self, question: str, now: Instant) -> list[Said]:
        pid = int(question[2:4], 16) if re.fullmatch("01[0-9A-F]{2}[1-9]?", question) else -1
        if pid not in services.PIDS:
            return []
        return [Reading(services.PIDS[pid].metric, now, None, NoValue.NOT_AVAILABLE)]

    def _failed(self, meaning: Remark, question: str, now: Instant) -> list[Said]:
        """The vehicle cannot be reached: look for it again."""
        self._supported = set()
        return [*self._became(self._state | {_FAILURES[meaning]}, now), *self._no_data(question, now)]

    def _started(self, line: str, now: Instant) -> list[Said]:
        """After ATZ that was to be; else it is to be set up again."""
        if self._dialogue.open != "ATZ":
            self._dialogue.restart()
            self._supported = set()
        return self._identified("adapter", line, now)

    def _identified(self, name: str, text: str, now: Instant) -> list[Said]:
        if self._identity.get(name) == text:
            return []
        self._identity[name] = text
        return [DeviceEvent(EventKind.IDENTITY, now, {name: text})]

    def _refusal(self, question: str, answer: str, now: Instant) -> list[Said]:
        """The refusal, the first time."""
        if (question, answer) in self._refused:
            return []
        self._refused.add((question, answer))
        return [DeviceEvent(EventKind.REFUSED, now, {"command": question, "answer": answer})]

    def _became(self, state: set[str], now: Instant) -> list[Said]:
        self._state = state
        return [*self._conditions.become(state, now)]

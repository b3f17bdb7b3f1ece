"""Fresenius syringe pumps (Orchestra Base Primea, Module DPS), for reading only.

    base: connect (DC), which modules are there (LE;b)      each module: connect, what it is (LF;b), then
    every second its variables: LE;drame → C;d0023;r00001F40;a…;m…;e…    d rate 0.1 mL/h, r volume 0.001 mL

**Only what changes nothing is ever sent**: sessions are opened and values read. What controls a pump (mode
MO, rate PR, bolus PB, pause PO) is not among the commands below, by design.
Alarm (a), error (e) and mode (m) are hexadecimal; what their bits mean is not public: each bit of an alarm or
error is a DEVICE_ALARM of its own, by its number, and the mode is UNMAPPED.
A base that does not answer may be a pump alone, which has no address: both are tried in turn.
Rates and volumes say by their address and identifiers what they are: they count whatever was asked, and late.
Source: jaj42/infupy, fresenius.py (commands, identifiers, scales, errors), which was used with such pumps; no
manual and no recording were at hand.
"""

from decimal import Decimal

from devices.codecs import Said
from devices.codecs.device_alarms import Alarm, Alarms
from devices.codecs.fresenius_frame import ACK, DC4, NAK, FrameReader, Reply, Signal, encode
from devices.codecs.health import BadByteCounter
from devices.codecs.rounds import Rounds
from devices.model.observation import DeviceEvent, EventKind, Instant, Reading

BASE, ALONE = "0", ""
MODULES = 5
"""Modules whose numbers are readings; those of further ones are UNMAPPED."""
CONNECT, WHICH_MODULES, DEVICE_TYPE, DRUG, VARIABLES = "DC", "LE;b", "LF;b", "LP", "LE;drame"
_BASE_CLOSED, _MODULE_CLOSED = ("0D",), ("0E", "1E")
"""Errors that say that a session has to be opened again."""
_CHECKSUM_ERROR = b"2"
_SCALES = {"d": ("rate", Decimal("0.1")), "r": ("delivered", Decimal("0.001"))}
_BITS = {"a": "alarm", "e": "error"}


def metric(module: int, name: str) -> str:
    """The metric `name`, rate or delivered, of a module: the first has the metrics of a single pump."""
    return f"pump_{name}" if module == 1 else f"pump{module}_{name}"


class Fresenius:
    """Gives readings by module, DEVICE_ALARM, IDENTITY, UNMAPPED (mode, drug), REFUSED and BAD_BYTES."""

    def __init__(self) -> None:
        self._bad = BadByteCounter()
        self._reader = FrameReader(self._bad)
        self._root = BASE
        self._is_open = False
        self._modules: dict[str, bool] = {}
        """Whether the session with each module, by address, is open."""
        self._alarms = Alarms()
        self._active: dict[str, Alarm] = {}
        self._told: dict[tuple[str, str], str] = {}
        self._outgoing = bytearray()
        self._rounds = Rounds(self._questions)

    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        """Take the bytes that arrived at `now`."""
        said: list[Said] = []
        for one in self._reader.feed(data):
            match one:
                case Reply():
                    self._outgoing.append(ACK)
                    said += self._hear(one, now)
                case Signal.ENQUIRY:
                    self._outgoing.append(DC4)
                case Signal.REFUSAL:
                    said += self._refused("nak", now)
                    self._rounds.answered(now)
        self._outgoing += (bytes((NAK,)) + _CHECKSUM_ERROR) * self._reader.wrong
        self._reader.wrong = 0
        return [*said, *self._bad.told(now)]

    def data_to_send(self) -> bytes:
        """Acknowledgements and the question that is due."""
        outgoing = bytes(self._outgoing) + self._rounds.take()
        self._outgoing.clear()
        return outgoing

    def next_timer(self) -> Instant | None:
        """When the next question is due, or counted bytes are to be told."""
        return min(self._rounds.next_timer(), self._bad.due() or self._rounds.next_timer())

    def handle_timer(self, now: Instant) -> list[Said]:
        """Ask; a base or module that was silent is connected to again; tell counted bytes."""
        lost = self._rounds.lapsed(now)
        if lost:
            self._close(*_asked(lost))
        return [*self._bad.told(now)]

    def _questions(self, number: int) -> list[bytes]:
        if not self._is_open:
            return [encode(self._root, CONNECT)]
        is_time = number % 10 == 0 or not self._modules
        asked = [(self._root, WHICH_MODULES)] if self._root == BASE and is_time else []
        for address, is_open in self._modules.items():
            asked += [] if is_open else [(address, CONNECT)] * (address != ALONE) + [(address, DEVICE_TYPE)]
            asked += [(address, DRUG)] * (number % 30 == 0) + [(address, VARIABLES)]
        return [encode(*one) for one in asked]

    def _hear(self, reply: Reply, now: Instant) -> list[Said]:
        if reply.status in ("E", "M"):
            self._outgoing += encode(reply.address, reply.status)
            return self._variables(reply, now)
        address, command = _asked(self._rounds.open) if self._rounds.open else ("", "")
        is_answer = command and (reply.address == address or (reply.address, address) == (ALONE, BASE))
        if _tells_numbers(reply) and not (is_answer and command == VARIABLES):
            return self._unasked(reply, now)
        if not is_answer:
            self._bad.count("framing")
            return []
        said = self._answered(command, address, reply, now)
        self._rounds.answered(now)
        return said

    def _unasked(self, reply: Reply, now: Instant) -> list[Said]:
        """Numbers that nobody waits for; among the modules of a base none is without an address."""
        if reply.address == ALONE and self._modules.keys() - {ALONE}:
            self._bad.count("framing")
            return []
        return self._variables(reply, now)

    def _answered(self, command: str, address: str, reply: Reply, now: Instant) -> list[Said]:
        reply = Reply(address, reply.status, reply.values)
        if reply.status != "C":
            return self._error(command, address, reply, now)
        match command:
            case "DC":
                self._open(address)
            case "LE;b":
                self._list(reply.variables().get("b", ""))
            case "LE;drame":
                return self._variables(reply, now)
            case _:
                text = ";".join(reply.values).strip()
                return self._text(command, address, text, now) if text else []
        return []

    def _open(self, address: str) -> None:
        if address == self._root:
            self._is_open = True
            self._modules = {ALONE: False} if address == ALONE else self._modules
        else:
            self._modules[address] = True

    def _list(self, digits: str) -> None:
        """Which modules the base has: bit 0 is module 1."""
        bits = _number(digits)
        if bits is None:
            self._bad.count("range")
            return
        present = [str(n + 1) for n in range(9) if bits >> n & 1]
        self._modules = {address: self._modules.get(address, False) for address in present}
        self._active = {code: one for code, one in self._active.items() if code.split("-")[0] in present}

    def _close(self, address: str, command: str) -> None:
        """Nobody answered `command`."""
        if address in self._modules and address != ALONE:
            self._modules[address] = False
        elif command == CONNECT or address == ALONE:
            self._is_open, self._modules = False, {}
            self._root = ALONE if self._root == BASE else BASE
        else:
            self._is_open = False

    def _error(self, command: str, address: str, reply: Reply, now: Instant) -> list[Said]:
        code = reply.values[0] if reply.values else "none"
        if code in _BASE_CLOSED or code in _MODULE_CLOSED:
            self._is_open &= code in _MODULE_CLOSED
            self._modules |= {address: False} if address in self._modules else {}
            return []
        return self._refused(f"error-{code}", now, f"{address}{command}")

    def _refused(self, answer: str, now: Instant, command: str = "") -> list[Said]:
        if not self._changes(("refused", command), answer):
            return []
        return [DeviceEvent(EventKind.REFUSED, now, {"command": command or "question", "answer": answer})]

    def _text(self, command: str, address: str, text: str, now: Instant) -> list[Said]:
        if command == DEVICE_TYPE:
            if address in self._modules:
                self._modules[address] = True
            if not self._changes((address, "model"), text):
                return []
            name = "model" if address in (ALONE, "1") else f"model-{address}"
            return [DeviceEvent(EventKind.IDENTITY, now, {name: text.removeprefix("b")})]
        return self._unmapped(address, "drug", text, now)

    def _variables(self, reply: Reply, now: Instant) -> list[Said]:
        said: list[Said] = []
        module = int(reply.address or "1")
        for name, digits in reply.variables().items():
            number = _number(digits)
            if name in _SCALES and number is None:
                self._bad.count("range")
            elif name in _SCALES and number is not None and 1 <= module <= MODULES:
                kind, scale = _SCALES[name]
                said.append(Reading(metric(module, kind), now, number * scale))
            elif name in _BITS and number is not None:
                self._bits(reply.address or "1", _BITS[name], number)
            else:
                said += self._unmapped(reply.address or "1", name, digits, now)
        return [*said, *self._alarms.become(self._active, now)]

    def _bits(self, address: str, kind: str, bits: int) -> None:
        prefix = f"{address}-{kind}-"
        kept = {code: one for code, one in self._active.items() if not code.startswith(prefix)}
        found = {f"{prefix}{bit}" for bit in range(bits.bit_length()) if bits >> bit & 1}
        self._active = kept | {code: Alarm(f"module {address}, {kind} bit") for code in sorted(found)}

    def _unmapped(self, address: str, name: str, text: str, now: Instant) -> list[Said]:
        if not self._changes((address, name), text):
            return []
        detail = {"code": f"{address or '1'}-{name}", "system": "Fresenius", "value": text, "unit": ""}
        return [DeviceEvent(EventKind.UNMAPPED, now, detail)]

    def _changes(self, key: tuple[str, str], text: str) -> bool:
        before = self._told.get(key)
        self._told[key] = text
        return text != before


def _asked(question: bytes) -> tuple[str, str]:
    """The address and the command of a question's frame."""
    content = question[1:-3].decode()
    return (content[:1], content[1:]) if content[:1].isdigit() else (ALONE, content)


def _tells_numbers(reply: Reply) -> bool:
    """Whether it is the answer to a question for rate or volume."""
    told = reply.variables()
    return reply.status == "C" and any(name in _SCALES and _number(told[name]) is not None for name in told)


def _number(digits: str) -> int | None:
    """Hexadecimal digits, eight at most."""
    plain = digits.strip()
    if not 1 <= len(plain) <= 8 or not plain.isascii() or not plain.isalnum():
        return None
    try:
        return int(plain, 16)
    except ValueError:
        return None

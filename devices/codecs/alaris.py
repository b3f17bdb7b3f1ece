"""Alaris (Asena) syringe pumps, GH and CC: the ASCII protocol of their serial port, for reading only.

    !INF|4961<CR>                                                                          a question
    !INF^8002-51740^-^SET^3.50^ml/h^^1.250^ml^17.91^mmHg^24+^EVENT^127904|2F0B<CR>         its answer

The four hexadecimal digits are the CRC-16 (polynomial 1021, begun with FFFF) of what is between ! and |. ESC
takes back what was begun. **Only questions that change nothing are ever sent**: those of `_questions`. What
controls a pump (REMOTE_CTRL, INF_START, INF_STOP, or a question's name with a value) is not among them, by
design.
INF_RATE and INF_VI, which other hosts ask, answer with one number of INF and its unit.
Fields of INF: serial number, alarm flag (- or A), mode (SET, HLD, …), rate and unit, drug, volume infused
and unit, pressure and unit, time left (HH:MM:SS, or 24+), log type, log entry.
Source: no manual was at hand. mdpnp/mdpnp (Asena, SingleSimAlaris, AlarisToNeurowave and AlarisMITM quote
questions and answers of real pumps with their CRCs); jaj42/infupy, alaris.py. What INF_VTBI tells is the
volume to be infused by its name, the remaining one for mdpnp: it is given as the former.
"""

import binascii
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from devices.codecs import Said
from devices.codecs.device_alarms import Alarm, Alarms
from devices.codecs.health import BadByteCounter, Conditions
from devices.codecs.rounds import Rounds
from devices.errors import UnknownUnit
from devices.model.metrics import METRICS
from devices.model.observation import DeviceEvent, EventKind, Instant, NoValue, Reading
from devices.model.units import converted

STATUS, ALARM, VTBI, SYRINGE = b"INF", b"ALARM", b"INF_VTBI", b"SYRINGE_STATUS"
SERIAL, PROTOCOL = b"INST_SERIALNO", b"COMMS_PROTOCOL"
NO_ALARM = "AL_NOALM"
LONGEST = 512
"""Characters of a message: longer ones are not waited for."""
_START, _END, _ESCAPE = 0x21, 0x0D, 0x1B
_UNITS = {"ml/h": "mL/h", "ml": "mL", "mmhg": "mm[Hg]", "kpa": "kPa", "psi": "[psi]"}
_TIME = re.compile(r"(\d+):(\d\d):(\d\d)")
_INF_FIELDS = 11
_SINGLE = {"INF_RATE": "pump_rate", "INF_VI": "pump_delivered"}


def crc(message: bytes) -> bytes:
    """The four digits that follow `message`."""
    return b"%04X" % binascii.crc_hqx(message, 0xFFFF)


def encode(*fields: str) -> bytes:
    """A message of these fields, as pumps and hosts send it."""
    message = "^".join(fields).encode("ascii")
    return b"!" + message + b"|" + crc(message) + b"\r"


class MessageReader:
    """Finds messages whose CRC is right; gives their fields."""

    def __init__(self, bad: BadByteCounter) -> None:
        self._bad = bad
        self._message: bytearray | None = None

    def feed(self, data: bytes) -> Iterator[list[str]]:
        """The fields of each message that `data` completes."""
        for octet in data:
            if octet in (_START, _ESCAPE):
                self._drop(taken_back=octet == _ESCAPE)
                self._message = bytearray() if octet == _START else None
            elif self._message is None:
                if octet not in b"\r\n":
                    self._bad.count("framing")
            elif octet != _END:
                self._message.append(octet)
                if len(self._message) > LONGEST:
                    self._drop()
            else:
                yield from self._complete(bytes(self._message))
                self._message = None

    def _drop(self, *, taken_back: bool = False) -> None:
        if self._message is not None and not taken_back:
            self._bad.count("framing")
        self._message = None

    def _complete(self, message: bytes) -> Iterator[list[str]]:
        content, bar, digits = message.rpartition(b"|")
        if not bar:
            self._bad.count("framing")
        elif digits.strip().upper() != crc(content):
            self._bad.count("checksum")
        else:
            yield content.decode("ascii", "replace").split("^")


class Alaris:
    """Gives readings, DEVICE_ALARM, STATUS, IDENTITY, UNMAPPED (drug, syringe, mode) and BAD_BYTES."""

    def __init__(self) -> None:
        self._bad = BadByteCounter()
        self._reader = MessageReader(self._bad)
        self._rounds = Rounds(_questions)
        self._conditions = Conditions()
        self._alarms = Alarms()
        self._told: dict[str, str] = {}

    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        """Take the bytes that arrived at `now`."""
        said: list[Said] = []
        for name, *fields in self._reader.feed(data):
            said += self._says(name, [field.strip() for field in fields], now)
            if self._rounds.open == encode(name):
                self._rounds.answered(now)
        return [*said, *self._bad.told(now)]

    def data_to_send(self) -> bytes:
        """The question that is due."""
        return self._rounds.take()

    def next_timer(self) -> Instant | None:
        """When the next question is due, or counted bytes are to be told."""
        return min(self._rounds.next_timer(), self._bad.due() or self._rounds.next_timer())

    def handle_timer(self, now: Instant) -> list[Said]:
        """Ask; tell counted bytes."""
        self._rounds.lapsed(now)
        return [*self._bad.told(now)]

    def _says(self, name: str, fields: list[str], now: Instant) -> list[Said]:
        said: list[Said]
        match name, fields:
            case "INF", [serial, flag, mode, *_] if len(fields) >= _INF_FIELDS:
                conditions = ["pump-alarm"] * (flag == "A") + ["infusion-on-hold"] * (mode == "HLD")
                said = [*self._identity("serial", serial, now), *self._conditions.become(conditions, now)]
                said += [*self._unmapped("mode", mode, now), *self._infusion(fields, now)]
            case "INF_VTBI", [state, volume, unit, *_]:
                said = self._reading("pump_vtbi", volume if state.startswith("ACT") else "", unit, now)
            case _, [number, unit, *_] if name in _SINGLE:
                said = self._reading(_SINGLE[name], number, unit, now)
            case "ALARM", [code, *texts]:
                text = " ".join(text for text in texts if text)
                said = [*self._alarms.become({} if code == NO_ALARM else {code: Alarm(text)}, now)]
            case "INST_SERIALNO" | "COMMS_PROTOCOL", [text, *_]:
                said = self._identity("serial" if name == "INST_SERIALNO" else "software", text, now)
            case "SYRINGE_STATUS", [_, *_]:
                said = self._unmapped("syringe", " ".join(field for field in fields if field), now)
            case _:
                said = self._unmapped(name, "^".join(fields), now)
        return said

    def _infusion(self, fields: list[str], now: Instant) -> list[Said]:
        _, _, _, rate, rate_unit, drug, volume, volume_unit, pressure, pressure_unit, left, *_ = fields
        return [
            *self._unmapped("drug", drug, now),
            *self._reading("pump_rate", rate, rate_unit, now),
            *self._reading("pump_delivered", volume, volume_unit, now),
            *self._reading("pump_pressure", pressure, pressure_unit, now),
            *_time_left(left, now),
        ]

    def _reading(self, metric: str, text: str, unit: str, now: Instant) -> list[Said]:
        if not text or text.strip("-*") == "":
            return [Reading(metric, now, None, NoValue.NOT_AVAILABLE)]
        try:
            ucum = _UNITS.get(unit.lower(), unit)
            return [Reading(metric, now, converted(_number(text), ucum, METRICS[metric].unit))]
        except UnknownUnit:
            return [*self._unmapped(metric, f"{text} {unit}", now), _none(metric, now)]
        except InvalidOperation:
            self._bad.count("range")
            return [_none(metric, now)]

    def _identity(self, name: str, text: str, now: Instant) -> list[Said]:
        return [DeviceEvent(EventKind.IDENTITY, now, {name: text})] if self._changes(name, text) else []

    def _unmapped(self, code: str, text: str, now: Instant) -> list[Said]:
        detail = {"code": code, "system": "Alaris", "value": text, "unit": ""}
        return [DeviceEvent(EventKind.UNMAPPED, now, detail)] if self._changes(code, text) else []

    def _changes(self, name: str, text: str) -> bool:
        before = self._told.get(name, "")
        self._told[name] = text
        return text != before


def _questions(number: int) -> list[bytes]:
    """INF each second; alarms every second round, volume to be infused every fifth, the rest every minute."""
    asked = [STATUS] + [ALARM] * (number % 2 == 0) + [VTBI] * (number % 5 == 0)
    asked = [SERIAL, PROTOCOL, SYRINGE] * (number % 60 == 0) + asked
    return [encode(name.decode()) for name in asked]


def _number(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite():
        raise InvalidOperation(text)
    return number


def _time_left(text: str, now: Instant) -> list[Said]:
    """The time until the syringe is empty, in seconds; "24+" is more than can be told."""
    match = _TIME.fullmatch(text)
    if match:
        hours, minutes, seconds = map(int, match.groups())
        return [Reading("pump_time_remain", now, Decimal(hours * 3600 + minutes * 60 + seconds))]
    reason = NoValue.OVERFLOW if text == "24+" else NoValue.NOT_AVAILABLE
    return [Reading("pump_time_remain", now, None, reason)]


def _none(metric: str, now: Instant) -> Reading:
    return Reading(metric, now, None, NoValue.INVALID)

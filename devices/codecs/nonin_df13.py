"""Nonin Data Format 13 (spot check, store and forward) over Bluetooth's serial port.

    00 02 00 0D  LENGTH(2)  century year month day hour minute second 1/100 s (BCD)  STATUS(2)
    RATE(2)  reserved  SPO2  ...  SUM 03        LENGTH >= 14; SUM is of the LENGTH bytes, mod 256

The device measures once after a finger is inserted, and forwards what it stored while it had no connection,
oldest first. Its clock is asked for before anything else, so that stored measurements can be placed in time;
each measurement is acknowledged (06) when it is in the journal.
Source: Nonin Medical, Onyx II Model 9560 OEM Specification and Technical Information (pp. 3–7) and its later
edition (4.5.1–4.5.6: serial number, revision). Neither speaks of an acknowledgement by the host: a device
that expects none is told a byte that begins no command. Checked against three independent readers
(mattjlewis/NoninPulseOx; silverbullet-dk/opentele-client-android, whose test has 01 7F for a rate of "none";
NHS MediPi, N9560Measurement: some devices add their serial number, 9 digits, to the data).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import IntFlag

from devices.codecs import Host, Said, nonin_df13_reader
from devices.codecs.device_clock import DeviceClock, as_datetime
from devices.codecs.gatt import DeviceTime
from devices.codecs.health import BadByteCounter, Conditions
from devices.codecs.nonin_df13_reader import Message, MessageReader
from devices.codecs.nonin_packet import ACK, NO_RATE, NO_SPO2, select_format
from devices.model.observation import DeviceEvent, EventKind, Instant, NoValue, Quality, Reading, later

FORMAT = 13
COMMANDS = {
    "get-time": bytes.fromhex("02720003"),
    "select-format-13": select_format(FORMAT),
    "get-serial-number": bytes.fromhex("027402020203"),
    "get-revisions": bytes.fromhex("02730003"),
}
"""What the device is greeted with, in this order. Old firmware does not know the last two."""
_SERIAL_NUMBER = 2
_MEASURED_BYTES, _SERIAL_BYTES = 14, 9
_NO_RATES = (NO_RATE, 0x17F)
"""The second is above the 321 that the device measures."""


class Status(IntFlag):
    """Bits of STATUS."""

    LOW_BATTERY = 0x0001
    FROM_MEMORY = 0x0010
    NO_MEASUREMENT = 0x0100
    SMARTPOINT = 0x0200
    """A measurement of high quality, by the device's own algorithm."""


_GOOD = Status.SMARTPOINT


@dataclass(frozen=True, slots=True)
class Measurement:
    """One spot check. None is "none"; `time` is None where its digits are not decimal."""

    time: DeviceTime | None
    rate: int | None
    """Pulse rate, beats a minute."""
    spo2: int | None
    """%."""
    status: Status = _GOOD

    @classmethod
    def decode(cls, data: bytes) -> "Measurement":
        """The measurement in the data (at least 14 bytes) of a packet."""
        rate = (data[10] & 1) << 8 | data[11]
        spo2 = data[13] & 127
        return cls(
            time=_decimal_time(data[:7]),
            rate=None if rate in _NO_RATES else rate,
            spo2=None if spo2 == NO_SPO2 else spo2,
            status=Status(int.from_bytes(data[8:10], "big")),
        )

    def encode(self) -> bytes:
        """The packet, from NULL to ETX; a time of None as zeros."""
        rate = NO_RATE if self.rate is None else self.rate
        spo2 = NO_SPO2 if self.spo2 is None else self.spo2
        time = self.time or DeviceTime(0, 0, 0, 0, 0, 0)
        numbers = (
            time.year // 100,
            time.year % 100,
            time.month,
            time.day,
            time.hour,
            time.minute,
            time.second,
        )
        data = bytes(number // 10 << 4 | number % 10 for number in numbers)
        data += bytes((0, *self.status.to_bytes(2, "big"), rate >> 8, rate & 0xFF, 0, spo2))
        return Message(nonin_df13_reader.MEASUREMENT, data).encode()


def _decimal_time(digits: bytes) -> DeviceTime | None:
    text = digits.hex()
    if not text.isdecimal():
        return None
    century, year, *rest = (int(text[at : at + 2]) for at in range(0, len(text), 2))
    return DeviceTime(century * 100 + year, *rest)


class NoninDf13:
    """Gives `pr_spo2`, `spo2`, DEVICE_CLOCK, STATUS `low-battery`, IDENTITY, BAD_BYTES and REFUSED.

    It is a JournalledCodec. The device is greeted again and again, with a pause of `PAUSE_S`: it switches
    itself off, and nothing tells that it is back. One command at a time; each has `PATIENCE_S`, and so has a
    message that has only begun.
    """

    PATIENCE_S = 1.0
    PAUSE_S = 20.0

    def __init__(self) -> None:
        self._bad = BadByteCounter()
        self._reader = MessageReader(self._bad)
        self._conditions = Conditions()
        self._clock = DeviceClock(Host())
        self._commands = [*COMMANDS]
        self._asked: str | None = None
        self._outgoing = b""
        self._command()
        self._deadline: Instant | None = None
        self._heard = Instant(0)
        self._owed = 0

    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        """Take the bytes that arrived at `now`."""
        self._heard = now
        return [*self._messages(self._reader.feed(data), now), *self._bad.told(now)]

    def data_to_send(self) -> bytes:
        """The command that is due, and acknowledgements of what is in the journal."""
        outgoing, self._outgoing = self._outgoing, b""
        return outgoing

    def next_timer(self) -> Instant | None:
        """When the next command is due, a message has taken too long, or counted bytes are to be told."""
        deadline = self._deadline if self._deadline is not None else Instant(0)
        dues = (deadline, self._bad.due(), self._overdue())
        return min(due for due in dues if due is not None)

    def handle_timer(self, now: Instant) -> list[Said]:
        """Send the next command, give up what came in part, tell counted bytes."""
        said: list[Said] = []
        overdue = self._overdue()
        if overdue is not None and now >= overdue:
            said += self._messages(self._reader.give_up(), now)
        if self._deadline is not None and now >= self._deadline:
            self._command()
        if self._deadline is None or now >= self._deadline:
            self._deadline = later(now, self.PATIENCE_S if self._commands else self.PAUSE_S)
        return [*said, *self._bad.told(now)]

    def awaits_journal(self) -> bool:
        """Whether a measurement was handed out that is not acknowledged."""
        return self._owed > 0

    def journalled(self, now: Instant) -> None:
        """Acknowledge what was handed out."""
        self._outgoing += bytes((ACK,)) * self._owed
        self._owed = 0

    def _overdue(self) -> Instant | None:
        """When a message that has only begun is given up."""
        return later(self._heard, self.PATIENCE_S) if self._reader.waits() else None

    def _command(self) -> None:
        """Ask the next; after the last, the first again."""
        self._commands = self._commands or [*COMMANDS]
        self._asked = self._commands.pop(0)
        self._outgoing += COMMANDS[self._asked]

    def _messages(self, messages: Iterable[Message], now: Instant) -> list[Said]:
        return [one for message in messages for one in self._message(message, now)]

    def _message(self, message: Message, now: Instant) -> list[Said]:
        match message.code:
            case nonin_df13_reader.MEASUREMENT:
                return [*_added(message.data, now), *self._measurement(Measurement.decode(message.data), now)]
            case nonin_df13_reader.TIME:
                return self._clock_told(message.data, now)
            case nonin_df13_reader.REVISIONS:
                return [DeviceEvent(EventKind.IDENTITY, now, {"firmware": str(message.data[0])})]
            case nonin_df13_reader.NAME:
                return _named(message.data, now)
            case code:
                return self._answered(code, now)

    def _answered(self, code: int, now: Instant) -> list[Said]:
        asked, self._asked = self._asked, None
        if asked is None:
            self._bad.count("framing")
        if asked is None or code == ACK:
            return []
        return [DeviceEvent(EventKind.REFUSED, now, {"command": asked, "answer": "nak"})]

    def _clock_told(self, data: bytes, now: Instant) -> list[Said]:
        shown = as_datetime(DeviceTime(2000 + data[0], *data[1:6]))
        if shown is not None:
            self._clock.tells(shown, now)
        return []

    def _measurement(self, measured: Measurement, now: Instant) -> list[Said]:
        self._owed += 1
        at, quality = now, Quality.GOOD
        if Status.FROM_MEMORY in measured.status:
            time = measured.time or DeviceTime(0, 0, 0, 0, 0, 0)
            moment = self._clock.measured(time, now)
            at, quality = moment.at, moment.quality | Quality.STORED
        if Status.SMARTPOINT not in measured.status:
            quality |= Quality.QUESTIONABLE
        low = ["low-battery"] if Status.LOW_BATTERY in measured.status else []
        said: list[Said] = [*self._conditions.become(low, now)]
        if measured.time is not None:
            said.append(measured.time.event(at))
        for metric, number in (("pr_spo2", measured.rate), ("spo2", measured.spo2)):
            said.append(_reading(metric, number, measured.status, at, quality))
        return said


def _named(data: bytes, now: Instant) -> list[Said]:
    if data[0] != _SERIAL_NUMBER:
        return []
    return _identity(data[1:-1], now)


def _added(data: bytes, now: Instant) -> list[Said]:
    """What the serial number says that is added to the data of a measurement, if it is."""
    serial = data[_MEASURED_BYTES:]
    return _identity(serial, now) if len(serial) == _SERIAL_BYTES and serial.isdigit() else []


def _identity(serial: bytes, now: Instant) -> list[Said]:
    return [DeviceEvent(EventKind.IDENTITY, now, {"serial": serial.decode("ascii", "replace").strip("\0 ")})]


def _reading(metric: str, number: int | None, status: Status, at: Instant, quality: Quality) -> Reading:
    if Status.NO_MEASUREMENT in status:
        return Reading(metric, at, None, NoValue.FAILED, quality)
    if number is None:
        return Reading(metric, at, None, NoValue.NOT_AVAILABLE, quality)
    return Reading(metric, at, Decimal(number), None, quality)

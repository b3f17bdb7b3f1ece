"""MEDIBUS: the records in the data of responses, both ways.

    measured data, limits   CC VVVV         code and value
    settings                CC VVVVV
    alarms                  P CC TTTTTTTTTTTT   priority + 0x30, code, phrase
    text messages           CC L text ETX   length + 0x30
    date and time           HH:MM:SSDD-MMM-YY
    identification          NNNN'name'RR.RR:MM.MM   number, name, revision of the device and of MEDIBUS
    realtime configuration  CC IIIIIIII NNNNN XXXXX BBB   code, interval in µs, least, greatest, greatest in
                            binary (hexadecimal)

Codes are two hexadecimal digits. A value has blanks before and after it, and between its sign and its digits;
all blanks is no value. Devices are found to leave seconds or the second digit of the day away, and to write
months in German or in English.
Source: Draeger, RS 232 MEDIBUS Protocol Definition, revision 6.00, Responding to Data Request Commands;
mdpnp/mdpnp, TestMedibus and TestRTMedibus (dates and numbers of an Evita XL and a V500).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from devices.errors import BadBytes

_NUMBER = re.compile(r"([+-]?)\s*(\d+\.?\d*|\.\d+)")
_TIME = re.compile(
    r"\s*(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(\d{1,2})-([A-Z]{3})-(\d{2}|\d{4})\s*", re.IGNORECASE
)
_IDENTITY = re.compile(r"(.{4})'([^']*)'\s*([\d.]*)\s*(?::\s*([\d.]*))?\s*")
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("JAN", "FEB", "MAR MRZ", "APR", "MAI MAY", "JUN", "JUL", "AUG", "SEP", "OKT OCT", "NOV", "DEZ DEC"),
        1,
    )
    for name in names.split()
}
_GERMAN = ("JAN", "FEB", "MAR", "APR", "MAI", "JUN", "JUL", "AUG", "SEP", "OKT", "NOV", "DEZ")
_ETX = b"\x03"
VALUE_WIDTH, SETTING_WIDTH = 4, 5


@dataclass(frozen=True, slots=True)
class Value:
    """A measured value, a limit or a setting: its code, and its text as the device sent it."""

    code: int
    text: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm that is active. `priority` 1–31: 1–10 advisory, 11–24 caution, 25–31 warning."""

    priority: int
    code: int
    phrase: str


@dataclass(frozen=True, slots=True)
class Message:
    """A text message that holds at present."""

    code: int
    text: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a device is. Any part may be empty."""

    number: str = ""
    name: str = ""
    revision: str = ""
    medibus: str = ""


@dataclass(frozen=True, slots=True)
class Stream:
    """A curve that the device can send: value = least + binary × (greatest − least) / steps."""

    code: int
    interval_us: int
    least: int
    greatest: int
    steps: int


def decode_number(text: str) -> Decimal | None:
    """The number in a value's text: `  5.0`, `-  80`; None if it is none."""
    match = _NUMBER.fullmatch(text.strip())
    return Decimal(match[1] + match[2]) if match else None


def _records(data: bytes, width: int) -> list[bytes]:
    if len(data) % width:
        raise BadBytes("length", f"expected records of {width} bytes, got {len(data)} bytes")
    return [data[at : at + width] for at in range(0, len(data), width)]


def _code(digits: bytes) -> int:
    try:
        return int(digits.decode("ascii").replace(" ", "0"), 16)
    except ValueError:
        raise BadBytes("range", f"expected hexadecimal digits, got {digits!r}") from None


def decode_values(data: bytes, width: int = VALUE_WIDTH) -> list[Value]:
    """Values of `width` characters. Raises BadBytes."""
    return [Value(_code(one[:2]), one[2:].decode("ascii")) for one in _records(data, 2 + width)]


def encode_values(values: Sequence[Value], width: int = VALUE_WIDTH) -> bytes:
    """The data of `decode_values`."""
    return "".join(f"{one.code:02X}{one.text:>{width}.{width}}" for one in values).encode("ascii")


def decode_alarms(data: bytes) -> list[Alarm]:
    """Raises BadBytes."""
    return [
        Alarm(one[0] - 0x30, _code(one[1:3]), one[3:].decode("ascii").strip()) for one in _records(data, 15)
    ]


def encode_alarms(alarms: Sequence[Alarm]) -> bytes:
    """The data of `decode_alarms`."""
    return "".join(f"{one.priority + 0x30:c}{one.code:02X}{one.phrase:<12.12}" for one in alarms).encode(
        "ascii"
    )


def decode_messages(data: bytes) -> list[Message]:
    """Raises BadBytes."""
    messages: list[Message] = []
    while data:
        length = data[2] - 0x30 if len(data) > 2 else -1
        end = 3 + length
        if length < 0 or data[end : end + 1] != _ETX:
            raise BadBytes("length", "expected the end of a text after as many bytes as it says")
        messages.append(Message(_code(data[:2]), data[3:end].decode("ascii").strip()))
        data = data[end + 1 :]
    return messages


def encode_messages(messages: Sequence[Message]) -> bytes:
    """The data of `decode_messages`."""
    texts = [f"{one.code:02X}{len(one.text) + 0x30:c}{one.text}".encode("ascii") for one in messages]
    return b"".join(text + _ETX for text in texts)


def decode_time(data: bytes) -> datetime:
    """Raises BadBytes. Two digits of a year are of this century."""
    match = _TIME.fullmatch(data.decode("ascii"))
    if match is None or match[5].upper() not in _MONTHS:
        raise BadBytes("range", f"expected a time and a date, got {data[:40]!r}")
    hour, minute, second, day, month, year = match.groups()
    try:
        return datetime(  # noqa: DTZ001 - devices tell no zone
            int(year) % 100 + 2000, _MONTHS[month.upper()], int(day), int(hour), int(minute), int(second or 0)
        )
    except ValueError:
        raise BadBytes("range", f"expected a time and a date, got {data[:40]!r}") from None


def encode_time(moment: datetime) -> bytes:
    """The data of `decode_time`, with seconds and German months."""
    return f"{moment:%H:%M:%S%d}-{_GERMAN[moment.month - 1]}-{moment:%y}".encode("ascii")


def decode_identity(data: bytes) -> Identity:
    """Raises BadBytes; no data is an identity of which nothing is known."""
    match = _IDENTITY.fullmatch(data.decode("ascii"))
    if match is None:
        if data:
            raise BadBytes("range", f"expected an identification, got {data[:40]!r}")
        return Identity()
    return Identity(*((part or "").strip() for part in match.groups()))


def encode_identity(identity: Identity) -> bytes:
    """The data of `decode_identity`."""
    return f"{identity.number}'{identity.name}'{identity.revision}:{identity.medibus}".encode("ascii")


def decode_streams(data: bytes) -> list[Stream]:
    """Raises BadBytes."""
    return [_stream(one) for one in _records(data, 23)]


def _stream(one: bytes) -> Stream:
    numbers = [decode_number(one[a:b].decode("ascii")) for a, b in ((2, 10), (10, 15), (15, 20))]
    interval, least, greatest = (-1 if number is None else int(number) for number in numbers)
    stream = Stream(_code(one[:2]), interval, least, greatest, _code(one[20:]))
    if None in numbers or interval <= 0 or least >= greatest or not 0 < stream.steps <= 0xFFF:
        raise BadBytes("range", f"expected a realtime configuration, got {one!r}")
    return stream


def encode_streams(streams: Sequence[Stream]) -> bytes:
    """The data of `decode_streams`."""
    return "".join(
        f"{one.code:02X}{one.interval_us:>8}{one.least:>5}{one.greatest:>5}{one.steps:03X}" for one in streams
    ).encode("ascii")


def encode_selection(streams: Sequence[Stream]) -> bytes:
    """The argument that selects streams, each sample of them."""
    return "".join(f"{one.code:02X}01" for one in streams).encode("ascii")


def decode_selection(argument: bytes) -> list[int]:
    """The codes of selected streams. Raises BadBytes."""
    return [_code(one[:2]) for one in _records(argument, 4)]

"""What a Puritan Bennett ventilator answers to SNDA and SNDF: a report of fields, and how it is framed.

    MISCF , 1225 , 169  , STX field 5 , field 6 , ... field 173 , ETX CR

Fields are padded with blanks on their right and end with a comma each; they are counted from the report's
name, STX included, so that the first one after STX is field 5. The first number declares the bytes between
STX and ETX, the second the fields. There is no checksum: the two numbers are all that tells a damaged report.
The manuals disagree with themselves about them (706 of MISCA needs 9 characters in field 100, its table has
6; MISCF is to declare 1229 for a port set to "Philips"), so a report that declares another length is taken
too if each of its fields is as wide as documented. A field more or less than declared is never guessed at: in
a made-up report of a 980 (AHC-Syncron-E/syncrone-logger: 169 declared, 174 sent) field 70 would tell the
pressure as the rate, field 73 the minute volume as the pressure. For the same reason no report is read,
whatever it declares, in which alarms and numbers stand in each other's places.
Source: Puritan Bennett 840 Operator's and Technical Reference Manual (10067720), RS-232 commands; 980 Series
Operator's Manual, 5.4.4 and table 5-1; checked against reports of three ventilators (tests/captures).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from devices.codecs.health import BadByteCounter
from devices.codecs.puritan_bennett.fields import MISCA, MISCF, NUMBER, SILENCE, Kind

SNDA, SNDF = b"SNDA\r", b"SNDF\r"
"""Requests for MISCA (every software) and MISCF (all but the oldest)."""
FIRST = 5
"""The number of the first field after STX."""

_CR = b"\r"
_FILL = b"\n\0 "
_REPORT = re.compile(rb"(MISC[AF])\s*,\s*(\d{1,4})\s*,\s*(\d{1,3})\s*,\s*\x02([^\x02\x03]*)\x03\s*")
_LONGEST = 4096
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WIDTHS = {
    "MISCA": {6: 18, 8: 12, 62: 12, 100: 9},
    "MISCF": {6: 18, 7: 12, 8: 9, 50: 9, 53: 18, 55: 9, 66: 9},
}
"""Characters of the fields that have not `_WIDTH`."""
_WIDTH = 6
_FIELDS = {"MISCA": 97, "MISCF": 169}
_KNOWN = {"MISCA": MISCA, "MISCF": MISCF}
_SWITCH = {"", "ON", "OFF"}
_STATES = {"NORMAL", "RESET", "ALARM", "ALERT", "LOW", "MEDIUM", "HIGH"}


@dataclass(frozen=True, slots=True)
class Report:
    """One report: its name, MISCA or MISCF, and its fields without their padding, by number."""

    name: str
    fields: Mapping[int, str]

    def encode(self) -> bytes:
        """The bytes of the report, with every field that it has; those not given are blank."""
        widths = _WIDTHS[self.name]
        numbers = range(FIRST, FIRST + _FIELDS[self.name])
        padded = [self.fields.get(n, "").ljust(widths.get(n, _WIDTH)) for n in numbers]
        body = "".join(f"{text}," for text in padded)
        count = str(len(padded)).ljust(4 if self.name == "MISCF" else 2)
        return f"{self.name},{len(body)},{count},\x02{body}\x03\r".encode("ascii")


def decode_report(octets: bytes) -> Report | str:
    """The report in `octets` (without CR), or why there is none: `framing` or `length`."""
    match = _REPORT.fullmatch(octets)
    if match is None or not match[4].isascii():
        return "framing"
    name, size, count, body = match.groups()
    *texts, end = body.decode("ascii").split(",")
    fields = dict(enumerate(texts, FIRST))
    whole = int(size) == len(body) or _is_as_documented(name.decode("ascii"), fields)
    if end.strip() or int(count) != len(texts) or not whole:
        return "length"
    return Report(name.decode("ascii"), {n: text.strip() for n, text in fields.items()})


def _is_as_documented(name: str, fields: Mapping[int, str]) -> bool:
    """Whether each field has its documented width; a wide one may have the usual one."""
    return all(len(text) in (_WIDTH, _WIDTHS[name].get(n, _WIDTH)) for n, text in fields.items())


def is_displaced(report: Report) -> bool:
    """Whether fields are not where they belong: an alarm that is a number, a number that is an alarm."""
    if report.fields.get(SILENCE[report.name], "") not in _SWITCH:
        return True
    known = _KNOWN[report.name]
    texts = [(known[number], text) for number, text in report.fields.items() if number in known]
    return any(
        bool(NUMBER.fullmatch(text)) or text in ("ON", "OFF")
        if field.kind is Kind.ALARM
        else bool(field.metric) and text in _STATES
        for field, text in texts
    )


def decode_time(date: str, time: str) -> datetime | None:
    """What the ventilator's clock shows: date `NOV 22 2011`, time `14:51`; None if it cannot be read."""
    try:
        month, day, year = date.split()
        hour, minute = time.split(":")
        return datetime(int(year), _MONTHS.index(month.upper()) + 1, int(day), int(hour), int(minute))  # noqa: DTZ001 - devices tell no zone
    except ValueError:
        return None


def encode_time(moment: datetime) -> tuple[str, str]:
    """The date and the time as `decode_time` takes them."""
    return f"{_MONTHS[moment.month - 1]} {moment:%d %Y}", f"{moment:%H:%M}"


class ReportReader:
    """Finds reports in a stream: each ends with CR, and what stands before its name is none of it."""

    def __init__(self, bad: BadByteCounter) -> None:
        self._bad = bad
        self._line = bytearray()
        self._counted = False

    def feed(self, data: bytes) -> Iterator[Report]:
        """The reports that `data` completes."""
        *ends, rest = data.split(_CR)
        for end in ends:
            self._append(end)
            yield from self._close()
        self._append(rest)

    def _append(self, data: bytes) -> None:
        self._line += data
        if len(self._line) > _LONGEST:
            self._count_once()
            del self._line[:-_LONGEST]

    def _count_once(self) -> None:
        if not self._counted:
            self._bad.count("framing")
        self._counted = True

    def _close(self) -> Iterable[Report]:
        before, name, rest = bytes(self._line).rpartition(b"MISC")
        if before.strip(_FILL):
            self._count_once()
        report = decode_report(name + rest)
        if isinstance(report, Report) and is_displaced(report):
            report = "range"
        if isinstance(report, str) and rest.strip(_FILL) and not self._counted:
            self._bad.count(report)
        self._line.clear()
        self._counted = False
        return [report] if isinstance(report, Report) else []

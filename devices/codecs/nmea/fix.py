"""NMEA 0183: what the sentences of a satellite receiver tell, each by itself.

Latitude and longitude come as ddmm.mmmm and are told in degrees to ten places (11 µm), without detour over
binary fractions. An empty field is no value.
Source: NMEA 0183 as in gpsd's "NMEA Revealed" and driver_nmea0183.c; u-blox, M8 and M9 receiver descriptions
("NMEA position fix flags"); Quectel, L76/LC79 GNSS protocol specifications.

The navigational status that NMEA 4.1 added to RMC and GNS says how safe the position is: `S`, `C` (integrity
is not known), `U` (less exact than it should be); `V`: the receiver does not provide it (IEC 61162-1; u-blox:
always `V`). So `V` says nothing of the position: in gpsd's recordings, where the field is there, all
but two receivers send it with every fix. `C` and `U` make the values questionable.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from typing import NamedTuple

from devices.codecs.nmea.sentence import Sentence
from devices.errors import BadBytes
from devices.model.observation import NoValue
from devices.model.units import converted

_NUMBER = re.compile(r"[+-]?(\d{1,12}(\.\d{0,12})?|\.\d{1,12})")
_ANGLE = re.compile(r"(\d{0,3}?)(\d{2}(\.\d{0,12})?)")
_TIME = re.compile(r"([01]\d|2[0-3])([0-5]\d)([0-5]\d|60)(\.\d{0,9})?")
_DATE = re.compile(r"(\d\d)(\d\d)(\d\d)")
_PLACES = 10
_ROUNDING_MS = 10
_UNKNOWN_HDOP = 99
"""Receivers say 99.99, 99.9 or 99 for "unknown"; some say 0."""


class UtcTime(NamedTuple):
    """A time of day."""

    ms: int
    """Since midnight."""
    text: str
    """hh:mm:ss, with a fraction if it is not 0."""

    def is_of(self, other: "UtcTime") -> bool:
        """Whether both are of one epoch: some receivers tell 19.295 in one sentence and 19.30 in the next."""
        return abs(self.ms - other.ms) <= _ROUNDING_MS


class Verdict(IntEnum):
    """What a sentence says of the position; where several disagree, the last of these holds."""

    GOOD = 0
    CAUTION = 1
    MANUAL = 2
    ESTIMATED = 3
    SIMULATED = 4
    NONE = 5


_MODES = {
    **dict.fromkeys("ADFPR", Verdict.GOOD),
    **dict.fromkeys("CU", Verdict.CAUTION),
    "M": Verdict.MANUAL,
    "E": Verdict.ESTIMATED,
    "S": Verdict.SIMULATED,
}
"""Mode indicators; C and U are Quectel's. Any other (N, V, O) is none."""
_QUALITIES = {
    **dict.fromkeys("123459", Verdict.GOOD),
    "6": Verdict.ESTIMATED,
    "7": Verdict.MANUAL,
    "8": Verdict.SIMULATED,
}
"""The fix quality of GGA; 9 is NovAtel's for a correction by satellite. Any other (0, empty) is none."""
_NAVIGATIONAL = {"C": Verdict.CAUTION, "U": Verdict.CAUTION}


@dataclass(frozen=True, slots=True)
class Told:
    """What one sentence tells."""

    time: UtcTime | None = None
    date: str = ""
    """UTC, YYYY-MM-DD; empty: not told."""
    verdict: Verdict | None = None
    """Of the position; None: the sentence does not say."""
    dimensions: int = 0
    """Of GSA: 1 no fix, 2 without altitude, 3; 0: not told."""
    in_view: int | None = None
    """Satellites above the horizon, those of one talker."""
    values: dict[str, Decimal | NoValue] = field(default_factory=dict[str, "Decimal | NoValue"])


def read(sentence: Sentence) -> Told | None:
    """What the sentence tells; None if it is of no use here. Raises BadBytes."""
    reader = _READERS.get(sentence.formatter)
    return reader(sentence) if reader else None


def encode_angle(degrees: Decimal, sides: str) -> tuple[str, str]:
    """An angle as ddmm.mmmmm and on which of the two `sides` (NS, EW), of which the second is negative."""
    whole, minutes = divmod(round(abs(degrees) * 60, 5), 60)
    digits = 2 if sides == "NS" else 3
    return f"{int(whole):0{digits}}{minutes:08.5f}", sides[degrees < 0]


def _rmc(sentence: Sentence) -> Told:
    """Its status is A; Unicore's receivers have D for a differential fix (opengisch/QField, issue 5151)."""
    status, mode = sentence.field(1), sentence.field(11)
    is_valid = status == "A" or (status == "D" and mode in {"D", "F", "R"})
    valid = Verdict.GOOD if is_valid else Verdict.NONE
    verdict = max(valid, _mode(mode), _navigational(sentence.field(12)))
    values = {**_position(sentence, 2, verdict), **_movement(sentence, 6, 7, verdict)}
    return Told(_time(sentence.field(0)), _short_date(sentence.field(8)), verdict, values=values)


def _gga(sentence: Sentence) -> Told:
    verdict = _QUALITIES.get(sentence.field(5), Verdict.NONE)
    return Told(_time(sentence.field(0)), verdict=verdict, values=_full_position(sentence, verdict))


def _gns(sentence: Sentence) -> Told:
    """One mode for each constellation: one that has a fix is enough."""
    modes = [_mode(letter) for letter in sentence.field(5)]
    verdict = max(min(modes, default=Verdict.NONE), _navigational(sentence.field(12)))
    return Told(_time(sentence.field(0)), verdict=verdict, values=_full_position(sentence, verdict))


def _gll(sentence: Sentence) -> Told | None:
    """Nothing if it is as before NMEA 2.0: without a status."""
    if not sentence.field(5):
        return None
    status = Verdict.GOOD if sentence.field(5) == "A" else Verdict.NONE
    verdict = max(status, _mode(sentence.field(6)))
    return Told(_time(sentence.field(4)), verdict=verdict, values=_position(sentence, 0, verdict))


def _vtg(sentence: Sentence) -> Told | None:
    """Nothing if it is as before NMEA 2.0: without the letters of its units."""
    if (sentence.field(1), sentence.field(5)) != ("T", "N") and (sentence.field(0) or sentence.field(4)):
        return None
    return Told(values=_movement(sentence, 4, 0, _mode(sentence.field(8))))


def _gsa(sentence: Sentence) -> Told:
    dimensions = sentence.field(1)
    return Told(dimensions=int(dimensions) if dimensions in {"1", "2", "3"} else 0)


def _gsv(sentence: Sentence) -> Told:
    number = _number(sentence.field(2))
    return Told(in_view=None if isinstance(number, NoValue) else int(number))


def _zda(sentence: Sentence) -> Told:
    day, month, year = (sentence.field(index) for index in (1, 2, 3))
    is_told = len(year) == 4 and (year + month + day).isdecimal()
    return Told(_time(sentence.field(0)), _date(year, month, day) if is_told else "")


_READERS: dict[str, Callable[[Sentence], Told | None]] = {
    "RMC": _rmc,
    "GGA": _gga,
    "GNS": _gns,
    "GLL": _gll,
    "VTG": _vtg,
    "GSA": _gsa,
    "GSV": _gsv,
    "ZDA": _zda,
}


def _full_position(sentence: Sentence, verdict: Verdict) -> dict[str, Decimal | NoValue]:
    """What GGA and GNS have in the same places."""
    hdop = _number(sentence.field(7), verdict)
    if not isinstance(hdop, NoValue) and not 0 < hdop < _UNKNOWN_HDOP:
        hdop = NoValue.NOT_AVAILABLE
    return {
        **_position(sentence, 1, verdict),
        "altitude": _number(sentence.field(8), verdict),
        "gnss_satellites": _number(sentence.field(6)),
        "gnss_hdop": hdop,
    }


def _movement(sentence: Sentence, speed: int, course: int, verdict: Verdict) -> dict[str, Decimal | NoValue]:
    """Speed in knots and course, from these two fields."""
    knots = _number(sentence.field(speed), verdict)
    return {
        "vehicle_speed": knots if isinstance(knots, NoValue) else converted(knots, "[kn_i]", "km/h"),
        "vehicle_course": _number(sentence.field(course), verdict),
    }


def _mode(letter: str) -> Verdict:
    """Of a mode indicator; receivers before NMEA 2.3 have none."""
    return _MODES.get(letter, Verdict.NONE) if letter else Verdict.GOOD


def _navigational(letter: str) -> Verdict:
    return _NAVIGATIONAL.get(letter, Verdict.GOOD)


def _position(sentence: Sentence, at: int, verdict: Verdict) -> dict[str, Decimal | NoValue]:
    """Latitude and longitude, from the field `at`; both or none. Without a fix some say 90° or 360°."""
    if verdict > Verdict.CAUTION:
        return dict.fromkeys(("latitude", "longitude"), NoValue.NOT_AVAILABLE)
    latitude = _angle(sentence.field(at), sentence.field(at + 1), "NS", 90)
    longitude = _angle(sentence.field(at + 2), sentence.field(at + 3), "EW", 180)
    if isinstance(latitude, NoValue) or isinstance(longitude, NoValue):
        latitude = longitude = NoValue.NOT_AVAILABLE
    return {"latitude": latitude, "longitude": longitude}


def _angle(text: str, side: str, sides: str, limit: int) -> Decimal | NoValue:
    """Degrees of an angle as ddmm.mmmm on one of two `sides`, of which the second is negative.

    Unicore's UM981 writes `-0214.41467156,W` in GLL where it has `00214.41467156,W` elsewhere.
    """
    if not text or not side:
        return NoValue.NOT_AVAILABLE
    match = _ANGLE.fullmatch(text.removeprefix("-") if side.upper() == sides[1] else text)
    if match is None or side.upper() not in sides:
        raise BadBytes("range", f"expected an angle as ddmm.mmmm and {sides}, got {text!r} {side!r}")
    degrees = int(match[1] or 0) + Fraction(Decimal(match[2])) / 60
    if degrees > limit or Decimal(match[2]) >= 60:
        raise BadBytes("range", f"expected an angle up to {limit} degrees, got {text!r}")
    rounded = round(Decimal(degrees.numerator) / Decimal(degrees.denominator), _PLACES).normalize()
    plain = rounded.quantize(Decimal(1)) if rounded == rounded.to_integral_value() else rounded
    return -plain if side.upper() == sides[1] and plain else plain


def _number(text: str, verdict: Verdict = Verdict.GOOD) -> Decimal | NoValue:
    """The number in a field; what a sentence tells without a fix is none."""
    if not text or verdict > Verdict.CAUTION:
        return NoValue.NOT_AVAILABLE
    if not _NUMBER.fullmatch(text):
        raise BadBytes("range", f"expected a number, got {text!r}")
    return Decimal(text)


def _time(text: str) -> UtcTime | None:
    if not text:
        return None
    match = _TIME.fullmatch(text)
    if match is None:
        raise BadBytes("range", f"expected a time as hhmmss, got {text!r}")
    hour, minute, second, part = match.groups()
    ms = 60_000 * (60 * int(hour) + int(minute)) + int(Decimal(second + (part or "")) * 1000)
    return UtcTime(ms, f"{hour}:{minute}:{second}{(part or '').rstrip('.0')}")


def _short_date(text: str) -> str:
    """The date of RMC. Its year has two digits; the satellites' time began in 1980.

    It says nothing of the position: a receiver that has lost count of the weeks tells `2208-1`.
    """
    match = _DATE.fullmatch(text)
    if match is None:
        return ""
    day, month, year = match.groups()
    return _date(("20" if year < "80" else "19") + year, month, day)


def _date(year: str, month: str, day: str) -> str:
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31 and int(year)):
        return ""
    return f"{year}-{int(month):02}-{int(day):02}"

"""What a pack's barcode says: GS1 element strings of DataMatrix and GS1-128 (GS1 General Specifications, 3).

    scan = read("]d20109501101530003172701311 0ABC\\x1d21X1", "2026-11-26")
    scan.gtin, scan.batch, scan.expiry, scan.serial      # "09501101530003", …, "2027-01-31", …

Sans-IO: today's date is passed in. Taken are a scanner's characters (FNC1 as GS, 0x1D, or the symbology's
identifier before them) and the form for people, "(01)09501101530003(17)270131".
"""

import calendar
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from controller.errors import BadLabel

GS = "\x1d"
LONGEST = 512
_SYMBOLOGIES = ("]d2", "]C1", "]Q3", "]e0", "]J1")
"""GS1 DataMatrix, GS1-128, GS1 QR Code, GS1 DataBar, GS1 DotCode (ISO/IEC 15424)."""
_SET_82 = re.compile(r"[!\"%-?A-Z_a-z]+")
"""GS1's character set 82 (GS1 General Specifications, 7.11)."""
_SET_39 = re.compile(r"[#\-/0-9A-Z]+")


@dataclass(frozen=True, slots=True)
class _Ai:
    """How an application identifier's data look (GS1 General Specifications, 3.2)."""

    longest: int
    shortest: int = 1
    kind: str = "text"
    """"text", "digits", "date", "checked" (the last digit is a check digit)."""
    fixed: bool = False
    """Whether its first two digits say its length, so that no FNC1 is needed after it (7.8.5)."""


def _fixed(length: int, kind: str = "digits") -> _Ai:
    return _Ai(length, length, kind, fixed=True)


def _digits(longest: int, shortest: int = 1) -> _Ai:
    return _Ai(longest, shortest, "digits")


_AIS: Mapping[str, _Ai] = {
    **{"00": _fixed(18, "checked"), "01": _fixed(14, "checked"), "02": _fixed(14, "checked")},
    **dict.fromkeys(("11", "12", "13", "15", "16", "17"), _fixed(6, "date")),
    **{"20": _fixed(2), "10": _Ai(20), "21": _Ai(20), "22": _Ai(20), "235": _Ai(28)},
    **{"240": _Ai(30), "241": _Ai(30), "242": _digits(6), "243": _Ai(20), "250": _Ai(30), "251": _Ai(30)},
    **{"253": _Ai(30, 13), "254": _Ai(20), "255": _digits(25, 13), "30": _digits(8), "37": _digits(8)},
    **{f"{one}{places}": _fixed(6) for one in range(310, 317) for places in range(6)},
    **{
        f"{one}{places}": _fixed(6) for one in range(320, 370) if one not in (338, 339) for places in range(6)
    },
    **{f"390{places}": _digits(15) for places in range(10)},
    **{f"392{places}": _digits(15) for places in range(10)},
    **{"400": _Ai(30), "401": _Ai(30), "402": _Ai(17, 17, "checked"), "403": _Ai(30)},
    **dict.fromkeys(map(str, range(410, 418)), _fixed(13, "checked")),
    **{"420": _Ai(20), "421": _Ai(12, 4), "422": _digits(3, 3)},
    **{"7001": _digits(13, 13), "7003": _digits(10, 10), "7004": _digits(4)},
    **dict.fromkeys(map(str, range(710, 717)), _Ai(20)),
    **{"8003": _Ai(30, 14), "8004": _Ai(30), "8005": _digits(6, 6), "8008": _digits(12, 8)},
    **{"8010": _Ai(30), "8017": _Ai(18, 18, "checked"), "8018": _Ai(18, 18, "checked"), "8020": _Ai(25)},
    **{"8006": _digits(18, 18), "8012": _Ai(20), "8013": _Ai(25), "8200": _Ai(70)},
    **{"90": _Ai(30), **dict.fromkeys(map(str, range(91, 100)), _Ai(90))},
}
_LENGTHS = (2, 3, 4)
_HUMAN = re.compile(r"\((\d{2,4})\)")


@dataclass(frozen=True, slots=True)
class Scan:
    """What was read: every element, and those that a pack of medicine has."""

    elements: Mapping[str, str] = field(default_factory=dict[str, str])
    """Data by application identifier; dates as they are in the code."""
    expiry: str = ""
    """(17), "2027-01-31": the last day on which it may be used."""
    production: str = ""
    """(11)."""

    @property
    def gtin(self) -> str:
        """(01), 14 digits."""
        return self.elements.get("01", "")

    @property
    def batch(self) -> str:
        """(10)."""
        return self.elements.get("10", "")

    @property
    def serial(self) -> str:
        """(21)."""
        return self.elements.get("21", "")

    @property
    def count(self) -> int | None:
        """(30), or (37): how many are in it; None: it does not say."""
        told = self.elements.get("30") or self.elements.get("37")
        return int(told) if told else None

    @property
    def net_weight_kg(self) -> Decimal | None:
        """(310n)."""
        for places in range(6):
            if (told := self.elements.get(f"310{places}")) is not None:
                return Decimal(int(told)).scaleb(-places)
        return None


def read(text: str, today: str) -> Scan:
    """What a scanner gave; `today` is "2026-11-26", for the century of a date.

    Raises BadLabel: it says what was expected, and where.
    """
    if len(text) > LONGEST:
        raise BadLabel(f"expected a barcode of at most {LONGEST} characters, got {len(text)}")
    body = text.strip("\r\n\t ")
    pairs = _human(body) if body.startswith("(") else _scanned(_bare(body))
    elements = dict[str, str]()
    for ai, data in pairs:
        _check(ai, data)
        if elements.setdefault(ai, data) != data:
            raise BadLabel(f"expected ({ai}) once, got it twice with different data: scan one pack")
    if not elements:
        raise BadLabel("expected a GS1 barcode, got nothing: scan it again")
    dates = {ai: _date(data, today) for ai, data in elements.items() if _AIS[ai].kind == "date"}
    return Scan(elements, expiry=dates.get("17", ""), production=dates.get("11", ""))


def check_digit(digits: str) -> str:
    """The check digit after `digits` (GS1 General Specifications, 7.9.1)."""
    total = sum(int(one) * (3 if place % 2 == 0 else 1) for place, one in enumerate(reversed(digits)))
    return str(-total % 10)


def gtin_14(text: str) -> str:
    """A GTIN of 8, 12, 13 or 14 digits with zeros before it. Raises BadLabel."""
    if len(text) not in (8, 12, 13, 14) or not _is_digits(text) or check_digit(text[:-1]) != text[-1]:
        raise BadLabel(f"expected a GTIN of 8, 12, 13 or 14 digits with its check digit, got {text!r:.40}")
    return text.zfill(14)


def _bare(text: str) -> str:
    """Without what only says that GS1's identifiers follow."""
    for one in _SYMBOLOGIES:
        if text.startswith(one):
            text = text[len(one) :]
            break
    return text.removeprefix(GS)


def _scanned(text: str) -> Iterator[tuple[str, str]]:
    place = 0
    while place < len(text):
        ai = _ai_at(text, place)
        begin, what = place + len(ai), _AIS[ai]
        end = text.find(GS, begin)
        end = len(text) if end < 0 else end
        if what.fixed:
            end = min(end, begin + what.longest)
        yield ai, text[begin:end]
        place = end + 1 if text[end : end + 1] == GS else end


def _ai_at(text: str, place: int) -> str:
    for length in _LENGTHS:
        if (ai := text[place : place + length]) in _AIS:
            return ai
    raise BadLabel(
        f"expected a GS1 application identifier at character {place + 1}, got {text[place:]!r:.20}"
    )


def _human(text: str) -> Iterator[tuple[str, str]]:
    """The form for people; in its data no identifier in brackets can stand."""
    parts = _HUMAN.split(text)
    for ai, data in zip(parts[1::2], parts[2::2], strict=True):
        if ai not in _AIS:
            raise BadLabel(f"expected a GS1 application identifier, got ({ai})")
        yield ai, data


def _check(ai: str, data: str) -> None:
    what = _AIS[ai]
    if not what.shortest <= len(data) <= what.longest:
        span = f"{what.shortest} to {what.longest}" if what.shortest < what.longest else f"{what.longest}"
        raise BadLabel(f"expected {span} characters in ({ai}), got {len(data)}: {data!r:.40}")
    if what.kind == "text":
        if not (_SET_39 if ai == "8010" else _SET_82).fullmatch(data):
            raise BadLabel(f"expected letters, digits and marks of GS1's set in ({ai}), got {data!r:.40}")
    elif not _is_digits(data):
        raise BadLabel(f"expected digits in ({ai}), got {data!r:.40}")
    elif what.kind == "checked" and check_digit(data[:-1]) != data[-1]:
        raise BadLabel(f"the check digit of ({ai}){data} is wrong: scan it again")


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def _date(data: str, today: str) -> str:
    """YYMMDD (GS1 General Specifications, 7.12): within 49 years before and 50 after; day 00 is the last."""
    short, month, day = int(data[:2]), int(data[2:4]), int(data[4:])
    now = int(today[:4])
    year = now - now % 100 + short
    apart = short - now % 100
    if apart >= 51:
        year -= 100
    elif apart <= -50:
        year += 100
    if not 1 <= month <= 12 or not 0 <= day <= (last := calendar.monthrange(year, month)[1]):
        raise BadLabel(f"expected a date as YYMMDD, got {data}")
    return f"{year:04d}-{month:02d}-{day or last:02d}"

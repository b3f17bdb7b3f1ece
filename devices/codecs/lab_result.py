"""What laboratory codecs share: the LAB_RESULT event, and LOINC codes.

A result is told as text exactly as the analyser tells it (`>`, `1.2E3`, `NEGATIVE`, `-----`), never as a
reading: it belongs to a specimen, and only whoever ordered it knows of which patient and bed that is.
"""

import re

from devices.model.observation import DeviceEvent, EventKind, Instant

LONGEST_TEXT = 4000
"""Characters of a detail; longer ones are cut, and `length` says how long the text was."""

_LOINC = re.compile(r"(\d{3,7})-(\d)")
_PER_LITRE = frozenset({"10*9/l", "10*3/ul", "10e9/l", "10e3/ul", "x10*9/l", "x10*3/ul", "k/ul", "g/l"})
_TERA_PER_LITRE = frozenset(
    {"10*12/l", "10*6/ul", "10e12/l", "10e6/ul", "x10*12/l", "x10*6/ul", "m/ul", "t/l"}
)
_MASS = frozenset({"g/dl", "g/l"})
_VOLUME = frozenset({"fl", "um3"})
_BY_NAME = {
    "WBC": ("6690-2", _PER_LITRE),
    "RBC": ("789-8", _TERA_PER_LITRE),
    "HGB": ("718-7", _MASS),
    "HCT": ("4544-3", frozenset({"%"})),
    "MCV": ("787-2", _VOLUME),
    "MCH": ("785-6", frozenset({"pg"})),
    "MCHC": ("786-4", _MASS),
    "PLT": ("777-3", _PER_LITRE),
}
"""The blood count: names that all haematology analysers use, LOINC's code, and the units with which it is
meant: a urine analyser counts WBC too, but per microlitre or field. Source: the codes that a Horiba Yumizen
H500 (senaite.astm, its records) and a Mindray BC-5380 (its HL7 messages) tell themselves; both agree."""


def is_loinc(text: str) -> bool:
    """Whether `text` has LOINC's form and the right check digit (LOINC Users' Guide, appendix C)."""
    match = _LOINC.fullmatch(text)
    if match is None:
        return False
    digits = [int(digit) for digit in reversed(match[1])]
    doubled = int("".join(str(digit) for digit in reversed(digits[::2]))) * 2
    total = sum(map(int, str(doubled))) + sum(digits[1::2])
    return (10 - total % 10) % 10 == int(match[2])


def loinc_of(name: str, unit: str) -> str:
    """The LOINC code that `name` with `unit` means on every analyser; "" if it may mean several."""
    code, units = _BY_NAME.get(name.upper(), ("", frozenset[str]()))
    return code if unit.replace("^", "*").replace("µ", "u").replace("μ", "u").lower() in units else ""


def lab_result(at: Instant, code: str, system: str, value: str, **others: str) -> DeviceEvent:
    """The LAB_RESULT event; `others` that are empty are left out."""
    return _event(EventKind.LAB_RESULT, at, {"code": code, "system": system, "value": value}, others)


def unmapped(at: Instant, code: str, system: str, **others: str) -> DeviceEvent:
    """The UNMAPPED event; `others` that are empty are left out."""
    return _event(EventKind.UNMAPPED, at, {"code": code, "system": system}, others)


def _event(kind: EventKind, at: Instant, always: dict[str, str], others: dict[str, str]) -> DeviceEvent:
    told = {**always, **{name: text for name, text in others.items() if text}}
    names = {name: name.replace("_", "-") for name in told}
    detail: dict[str, str | int] = {names[name]: text[:LONGEST_TEXT] for name, text in told.items()}
    longest = max(map(len, told.values()))
    return DeviceEvent(kind, at, {**detail, "length": longest} if longest > LONGEST_TEXT else detail)

"""The value of an element as DICOM JSON has it (PS3.18, F.2.3; the VRs themselves: PS3.5, 6.2).

Every function takes the bytes of a value and gives the list of "Value", empty when there is none.
A number that is none (DS "n/a") stays text, which F.2.3 allows for DS and IS: nothing is dropped.
"""

import struct
from base64 import b64encode
from collections.abc import Callable
from math import isfinite
from typing import Any, Final

from controller.imaging.dicom.charsets import Decode
from controller.imaging.errors import BadDicom

Json = Any
"""What JSON can hold."""
Values = list[Json]

BINARY: Final = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})
"""Written as InlineBinary or BulkDataURI."""
MAY_BE_BULK: Final = BINARY | {
    "DS",
    "FD",
    "FL",
    "IS",
    "LT",
    "SL",
    "SS",
    "ST",
    "SV",
    "UC",
    "UL",
    "US",
    "UT",
    "UV",
}
"""PS3.18, 10.4.1.1.2."""
_GROUPS: Final = ("Alphabetic", "Ideographic", "Phonetic")
_WIDTHS: Final = {"OW": 2, "OF": 4, "OL": 4, "OD": 8, "OV": 8}


def inline(value: bytes) -> str:
    """Base64 (F.2.7)."""
    return b64encode(value).decode("ascii")


def little(value: bytes, vr: str) -> bytes:
    """`value` of a big endian file as little endian, which InlineBinary and bulk data always are."""
    width = _WIDTHS.get(vr, 1)
    if width == 1 or len(value) % width:
        return value
    swapped = bytearray(len(value))
    for place in range(width):
        swapped[place::width] = value[width - 1 - place :: width]
    return bytes(swapped)


def _ascii(value: bytes) -> str:
    return value.decode("ascii") if value.isascii() else value.decode("latin-1")


def _texts(text: str) -> Values:
    """Backslashes part values; spaces around each say nothing, nor does a NUL that pads (PS3.5, 6.2)."""
    if "\\" not in text:
        text = text.strip("\0 ")
        return [text] if text else []
    parts = [part.strip("\0 ") or None for part in text.split("\\")]
    return parts if any(parts) else []


def short_text(value: bytes, _decode: Decode) -> Values:
    """AE, AS, CS, DA, DT, TM, UI: the default repertoire."""
    return _texts(_ascii(value))


def named_text(value: bytes, decode: Decode) -> Values:
    """LO, SH, UC."""
    return _texts(decode(value))


def long_text(value: bytes, decode: Decode) -> Values:
    """LT, ST, UT: one value; a backslash is a character, leading spaces count."""
    text = decode(value).rstrip("\0 ")
    return [text] if text else []


def address(value: bytes, _decode: Decode) -> Values:
    """UR: one value, trailing spaces say nothing."""
    text = _ascii(value).rstrip("\0 ")
    return [text] if text else []


def person_names(value: bytes, decode: Decode) -> Values:
    """PN (F.2.2, PS3.5 6.2.1): an object of component groups; those that are empty are left out."""
    names: Values = []
    for text in decode(value).split("\\"):
        groups = (group.strip("\0 ") for group in text.split("=", 2))
        names.append({name: group for name, group in zip(_GROUPS, groups, strict=False) if group} or None)
    return names if any(names) else []


def _number(text: str) -> Json:
    for read in (int, float):
        try:
            number = read(text)
        except ValueError:
            continue
        return number if isfinite(number) else text
    return text


def _whole(text: str) -> Json:
    try:
        return int(text)
    except ValueError:
        return text


def _numbers(value: bytes, read: Callable[[str], Json]) -> Values:
    text = _ascii(value)
    if "_" in text or len(text) > 1 << 20:  # Python reads 1_0 as ten
        return _texts(text)
    return [None if part is None else read(part) if len(part) < 40 else part for part in _texts(text)]


def decimals(value: bytes, _decode: Decode) -> Values:
    """DS."""
    return _numbers(value, _number)


def integers(value: bytes, _decode: Decode) -> Values:
    """IS."""
    return _numbers(value, _whole)


def _finite(number: float) -> Json:
    """F.2.3: JSON has no NaN and no infinity: text."""
    return number if isfinite(number) else {"inf": "inf", "-inf": "-inf"}.get(str(number), "NaN")


def _count(value: bytes, width: int) -> int:
    count, over = divmod(len(value), width)
    if over:
        raise BadDicom("length", f"expected a multiple of {width} bytes, got {len(value)}")
    return count


def _of_width(code: str, order: str) -> Callable[[bytes, Decode], Values]:
    one = struct.Struct(order + code)
    width, floats = one.size, code in "fd"

    def numbers(value: bytes, _decode: Decode) -> Values:
        count = _count(value, width)
        if count == 1:
            found: Values = list(one.unpack_from(value))
        else:
            found = list(struct.unpack_from(f"{order}{count}{code}", value))
        return [_finite(number) for number in found] if floats else found

    return numbers


def _tags(order: str) -> Callable[[bytes, Decode], Values]:
    def tags(value: bytes, _decode: Decode) -> Values:
        parts = struct.unpack(f"{order}{_count(value, 4) * 2}H", value)
        return [f"{group:04X}{element:04X}" for group, element in zip(parts[::2], parts[1::2], strict=True)]

    return tags


_TEXT: Final[dict[str, Callable[[bytes, Decode], Values]]] = {
    **dict.fromkeys(("AE", "AS", "CS", "DA", "DT", "TM", "UI"), short_text),
    **dict.fromkeys(("LO", "SH", "UC"), named_text),
    **dict.fromkeys(("LT", "ST", "UT"), long_text),
    "UR": address, "PN": person_names, "DS": decimals, "IS": integers,
}  # fmt: skip
_CODES: Final = {"US": "H", "SS": "h", "UL": "L", "SL": "l", "UV": "Q", "SV": "q", "FL": "f", "FD": "d"}
READ: Final = {
    order: {**_TEXT, **{vr: _of_width(code, order) for vr, code in _CODES.items()}, "AT": _tags(order)}
    for order in "<>"
}
"""By byte order and VR, for all VRs but SQ and those in BINARY."""

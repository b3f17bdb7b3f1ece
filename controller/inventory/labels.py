"""What a scan says: the text of a barcode, or what a person types from a label.

    read("(01)04015672123452(21)A17")     # Label(Kind.GS1, gtin="04015672123452", serial="A17")
    read("00:1c:05:ff:e8:74")             # Label(Kind.ADDRESS, address="00:1C:05:FF:E8:74")

GS1 General Specifications, 5.1 (symbology identifiers), 7.8 (element strings with FNC1 as GS); GS1 Digital
Link URI Syntax. HIBC labels are told apart and refused: the library that reads GS1 does not read them.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

import biip
from biip.gs1_messages import GS1Message

from controller.errors import BadLabel

LONGEST = 1000
"""Characters: a QR code for a label has a few hundred."""
SEPARATOR = "\x1d"
"""What a scanner sends for FNC1 inside a symbol."""
_ADDRESS = re.compile(r"(?:[0-9A-Fa-f]{2}([:-]?))(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}")
_HIBC = re.compile(r"\+[A-Z][A-Z0-9]{3}[A-Z0-9./$ %+-]*")
_SERIAL = re.compile(r"(?i:s/?n|serial(?: ?(?:no|number))?)(?:\s*[:.#]\s*|\s+)(\S+)")
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9./_-]{0,63}")
_GTIN_LENGTHS = (8, 12, 13, 14)
"""A bare number of 8 digits is a GTIN only when the scanner says so: serial numbers look like that too."""
_REMEDY = "scan again, or type SN and the serial number"
_IN_BRACKETS = re.compile(r"\((\d{2,4})\)")


class Kind(StrEnum):
    """What a scan is."""

    GS1 = "gs1"
    """GS1 element strings, a GTIN alone, or a GS1 Digital Link: a UDI."""
    ADDRESS = "address"
    """A Bluetooth address."""
    SERIAL = "serial"
    """A serial number or an asset tag: one word."""
    TEXT = "text"
    """Other text or a web address: a model's name may be in it."""


@dataclass(frozen=True, slots=True)
class Label:
    """What a scan says; what it does not say is empty. `text` is the scan without what scanners add."""

    kind: Kind
    text: str
    gtin: str = ""
    """14 digits: the UDI's device identifier."""
    serial: str = ""
    lot: str = ""
    made: str = ""
    """Date of production, YYYY-MM-DD."""
    expires: str = ""
    address: str = ""
    """Bluetooth, upper case with colons."""


def read(scan: str) -> Label:
    """What `scan` says. Raises BadLabel: what was expected, what came, what to do."""
    if len(scan) > LONGEST:
        raise BadLabel(f"expected at most {LONGEST} characters, got {len(scan)}: scan the device's own label")
    text = scan.strip(" \t\r\n\0")
    symbology, text = _symbology(text)
    text = text.lstrip(SEPARATOR)
    if not text or not text.replace(SEPARATOR, "").isprintable():
        raise BadLabel(f"expected printable text, got {scan!r:.60}: {_REMEDY}")
    if (address := bluetooth_address(text)) is not None:
        return Label(Kind.ADDRESS, text, address=address)
    if _HIBC.fullmatch(text):
        raise BadLabel(
            f"{text!r:.60} is an HIBC label, which is not read here: type SN and the serial number on it"
        )
    return _gs1(symbology, text) or _other(text)


def bluetooth_address(text: str) -> str | None:
    """The Bluetooth address that `text` is, as 00:1C:05:FF:E8:74; None when it is none.

    Twelve digits without a letter are a number on a label, not an address.
    """
    digits = text.replace(":", "").replace("-", "")
    if not _ADDRESS.fullmatch(text) or (text == digits and digits.isdecimal()):
        return None
    return ":".join(digits[i : i + 2] for i in range(0, 12, 2)).upper()


def _symbology(text: str) -> tuple[str, str]:
    """(ISO/IEC 15424 symbology identifier or "", the rest)."""
    found = re.match(r"\][A-Za-z][0-9A-Za-z]", text)
    return (found[0], text[3:]) if found else ("", text)


def _gs1(symbology: str, text: str) -> Label | None:
    """None: it is no GS1 label. Raises BadLabel for one that is, and is not right."""
    message, gtin = _parse(symbology, text)
    if gtin:
        return Label(Kind.GS1, text, gtin=gtin)
    if message is None or not (symbology or _looks_gs1(text)):
        return None
    found = {one.ai.ai: one for one in message.element_strings}
    item = found.get("01") or found.get("02")
    if item is None or item.gtin is None:
        reason = (item.gtin_error or "") if item else "there is no GTIN, (01), in it"
        raise BadLabel(f"expected a GS1 label with a GTIN: {reason.rstrip('.')}: {_REMEDY}")
    dates = {ai: one.date.isoformat() for ai, one in found.items() if one.date}
    named = {name: found[ai].value for ai, name in (("21", "serial"), ("10", "lot")) if ai in found}
    made, expires = dates.get("11", ""), dates.get("17", "")
    return Label(Kind.GS1, text, gtin=item.gtin.as_gtin_14(), made=made, expires=expires, **named)


def _looks_gs1(text: str) -> bool:
    """Whether text without a symbology identifier is more than a number that happens to parse."""
    return text.startswith(("01", "(", "http")) and not text.isalpha()


def _parse(symbology: str, text: str) -> tuple[GS1Message | None, str]:
    """(element strings, or a GTIN alone)."""
    if text.startswith("("):
        return _bracketed(text), ""
    try:
        found = biip.parse(text if symbology in ("", "]Q1") else symbology + text)
    except (biip.ParseError, ValueError, IndexError):  # for a web address that is none, and for a lone "]"
        return None, ""
    if found.gs1_digital_link_uri is not None:
        return found.gs1_digital_link_uri.as_gs1_message(), ""
    is_whole = text.isdecimal() and len(text) in (_GTIN_LENGTHS if symbology else _GTIN_LENGTHS[1:])
    return found.gs1_message, found.gtin.as_gtin_14() if found.gtin and is_whole else ""


def _bracketed(text: str) -> GS1Message | None:
    """Element strings as printed under a symbol, (01)…(21)…. Raises BadLabel when one cannot be read."""
    if not _IN_BRACKETS.match(text):
        return None
    try:
        return GS1Message.parse_hri(text)
    except biip.ParseError as error:
        raise BadLabel(f"expected a GS1 label: {str(error).rstrip('.')}: {_REMEDY}") from error


def _other(text: str) -> Label:
    if (found := _SERIAL.fullmatch(text)) is not None:
        return Label(Kind.SERIAL, text, serial=found[1])
    if _PLAIN.fullmatch(text):
        return Label(Kind.SERIAL, text, serial=text)
    said = re.search(_SERIAL, text)
    return Label(Kind.TEXT, text, serial=said[1] if said else "")

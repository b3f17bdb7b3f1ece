"""What an engineer records of one device, and the checks that every way in shares (page, command, CSV)."""

import calendar
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import NamedTuple

from biip import ParseError
from biip.gtin import Gtin

from controller.errors import BadRecord
from controller.inventory.labels import bluetooth_address
from devices.errors import BadIdentity
from devices.model.identity import device_id, gateway_id
from devices.profiles import profiles

LONGEST_NOTES = 1000
_TAG = re.compile(r"[^\W_][\w./ \-]{0,39}")
_SERIAL = re.compile(r"[\x21-\x7e]{1,64}")


class Problem(NamedTuple):
    """Why a value cannot be recorded."""

    column: str
    expected: str
    came: str
    remedy: str

    def __str__(self) -> str:
        where = f"{self.column}: " if self.column else ""
        return f"{where}expected {self.expected}, got {self.came!r:.60}: {self.remedy}"


@dataclass(frozen=True, slots=True)
class Record:
    """One device. Empty text: not known. Make it with `checked`."""

    device: str
    profile: str
    asset_tag: str = ""
    serial: str = ""
    gtin: str = ""
    """The UDI's device identifier, 14 digits."""
    address: str = ""
    """Bluetooth, upper case with colons."""
    gateway: str = ""
    """That it hangs on; empty: it is in stock."""
    calibration_due: str = ""
    """YYYY-MM-DD."""
    notes: str = ""

    def as_row(self) -> dict[str, str]:
        """By column."""
        return {name: getattr(self, name) for name in COLUMNS}


COLUMNS = tuple(field.name for field in fields(Record))


def checked(values: Mapping[str, str]) -> tuple[Record | None, list[Problem]]:
    """The record of `values` by column (those that are missing are empty), or everything that is wrong."""
    problems: list[Problem] = []
    right: dict[str, str] = {}
    for column in COLUMNS:
        text = values.get(column, "").strip()
        check, expected, remedy = _CHECKS[column]
        found = check(text) if text or column in _NEEDED else ""
        if found is None:
            problems.append(Problem(column, expected, text, remedy))
        else:
            right[column] = found
    return (None, problems) if problems else (Record(**right), [])


def needed(values: Mapping[str, str]) -> Record:
    """The record of `values`. Raises BadRecord with all that is wrong."""
    record, problems = checked(values)
    if record is None:
        raise BadRecord("; ".join(map(str, problems)))
    return record


def _name(check: Callable[[str], str]) -> Callable[[str], str | None]:
    def checked_name(text: str) -> str | None:
        try:
            return check(text)
        except BadIdentity:
            return None

    return checked_name


def _profile(text: str) -> str | None:
    return text if text in profiles() else None


def _matching(pattern: re.Pattern[str]) -> Callable[[str], str | None]:
    return lambda text: text if pattern.fullmatch(text) else None


def _gtin(text: str) -> str | None:
    try:
        return Gtin.parse(text).as_gtin_14()
    except ParseError:
        return None


def _date(text: str) -> str | None:
    found = re.fullmatch(r"(20\d\d)-(\d\d)-(\d\d)", text, re.ASCII)
    if found is None:
        return None
    year, month, day = map(int, found.groups())
    return text if 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1] else None


def _notes(text: str) -> str | None:
    return text if len(text) <= LONGEST_NOTES and text.isprintable() else None


_NEEDED = ("device", "profile")
_NAME = "1 to 48 of a-z 0-9 - . beginning with a-z or 0-9"
_CHECKS: Mapping[str, tuple[Callable[[str], str | None], str, str]] = {
    "device": (_name(device_id), _NAME, "give the device another name"),
    "profile": (_profile, "a device profile", "see `wardlink devices` for their names"),
    "asset_tag": (_matching(_TAG), "1 to 40 letters, digits or . / - _", "type it as it is on the tag"),
    "serial": (
        _matching(_SERIAL),
        "1 to 64 ASCII characters without a space",
        "type it as it is on the label",
    ),
    "gtin": (_gtin, "a GTIN of 8, 12, 13 or 14 digits with a right check digit", "scan the label again"),
    "address": (
        bluetooth_address,
        "a Bluetooth address, 00:1C:05:FF:E8:74",
        "see the label or the gateway's scan",
    ),
    "gateway": (_name(gateway_id), _NAME, "name a gateway that exists, or leave it empty for stock"),
    "calibration_due": (_date, "a date, YYYY-MM-DD", "write the day when calibration is due"),
    "notes": (
        _notes,
        f"at most {LONGEST_NOTES} printable characters",
        "make it shorter, without line breaks",
    ),
}

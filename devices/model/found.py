"""What a gateway found in reach that is none of its devices, as an event of it carries that.

    detail = Report(Way.BLE, (Candidate("00:1C:05:FF:E8:74", "Nonin3230", -61, ("nonin-3230",)),)).detail()
    read_report(detail)

An event's detail is flat: what belongs to the first candidate ends in .1, and so on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

MOST = 24
"""Candidates in a report at the most: the nearest; the others are counted."""
LONGEST = 64
"""Characters of a name; it is what a stranger's device says."""


class Way(StrEnum):
    """How it was looked."""

    BLE = "ble"
    SERIAL = "serial"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A device, or a serial port that one may hang on."""

    where: str
    """Its Bluetooth address, or the port's path."""
    name: str = ""
    rssi: int | None = None
    """dBm, of Bluetooth."""
    fits: tuple[str, ...] = ()
    """Profiles."""
    heard_ms: int = 0
    """So long before the report it was last heard."""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that is in reach now. `others`: how many more devices were heard, which fit no profile or
    had no room; `seconds` that were listened on request, 0 when it was heard in passing.
    """

    way: Way
    candidates: tuple[Candidate, ...] = ()
    others: int = 0
    seconds: int = 0

    def detail(self) -> dict[str, str | int]:
        """As an event carries it."""
        told: dict[str, str | int] = {"way": str(self.way), "others": self.others, "seconds": self.seconds}
        for number, one in enumerate(self.candidates[:MOST], start=1):
            told |= {f"{name}.{number}": value for name, value in _told(one).items()}
        return told


def _told(one: Candidate) -> dict[str, str | int]:
    signal = {} if one.rssi is None else {"rssi": one.rssi}
    name, fits = one.name[:LONGEST], " ".join(one.fits)
    return {"where": one.where, "name": name, "fits": fits, "heard-ms": one.heard_ms, **signal}


def read_report(detail: Mapping[str, object]) -> Report | None:
    """The report in an event's detail; None when it is none, for instance a newer kind of it."""
    way = next((one for one in Way if one == detail.get("way")), None)
    if way is None:
        return None
    found = (_candidate(detail, number) for number in range(1, MOST + 1))
    candidates = tuple(one for one in found if one is not None)
    others, seconds = (_number(detail.get(name)) or 0 for name in ("others", "seconds"))
    return Report(way, candidates, others, seconds)


def _candidate(detail: Mapping[str, object], number: int) -> Candidate | None:
    where, name, fits = (_text(detail.get(f"{key}.{number}")) for key in ("where", "name", "fits"))
    if not where:
        return None
    rssi, heard_ms = (_number(detail.get(f"{key}.{number}")) for key in ("rssi", "heard-ms"))
    return Candidate(where, name, rssi, tuple(fits.split()), heard_ms or 0)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None

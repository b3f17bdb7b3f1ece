"""J1939: what is in the messages: values by their place, trouble codes, the vehicle's number.

A value whose highest byte is FF is not available, FE is an error, FB to FD mean something else: no values.
Source: SAE J1939-71 (5.1.4 and the parameter groups) and J1939-73 (DM1), as in SAE's published examples, the
isobus.net list of parameter groups, nmfta-repo/pretty_j1939 and its log of a truck. That log's tool gives
SPN 245 in metres; by the standard, and by what a truck drives, it is in kilometres (0.125 a bit).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from devices.errors import BadBytes
from devices.model.observation import NoValue

DM1, VEHICLE_IDENTIFICATION = 65226, 65260
_NOT_AVAILABLE, _ERROR, _FIRST_SPECIAL = 0xFF, 0xFE, 0xFB
_LAMPS = {6: "malfunction-indicator", 4: "red-stop-lamp", 2: "amber-warning-lamp", 0: "protect-lamp"}
_ON = 1


@dataclass(frozen=True, slots=True)
class Parameter:
    """One value: its bytes (little-endian) × numerator / denominator + offset, in the metric's unit."""

    metric: str
    spn: int
    """Suspect parameter number: the standard's name of it."""
    start: int
    """Its first byte, from 1 as the standard counts."""
    size: int
    numerator: int = 1
    denominator: int = 1
    offset: int = 0

    def decode(self, data: bytes) -> Decimal | NoValue:
        """The value. Raises BadBytes if the message ends before it."""
        part = data[self.start - 1 : self.start - 1 + self.size]
        if len(part) < self.size:
            raise BadBytes("length", f"expected SPN {self.spn} at byte {self.start} of {len(data)}")
        match part[-1]:
            case _ if part[-1] == _NOT_AVAILABLE:
                return NoValue.NOT_AVAILABLE
            case _ if part[-1] == _ERROR:
                return NoValue.INVALID
            case _ if part[-1] >= _FIRST_SPECIAL:
                return NoValue.RESERVED
            case _:
                raw = int.from_bytes(part, "little")
                return Decimal(raw * self.numerator) / self.denominator + self.offset

    def put(self, data: bytearray, value: Decimal | None) -> None:
        """Write a value, or what comes next to it, to its place; None: not available."""
        raw = 256**self.size - 1
        if value is not None:
            raw = round((value - self.offset) * self.denominator / self.numerator)
        data[self.start - 1 : self.start - 1 + self.size] = raw.to_bytes(self.size, "little")


PARAMETERS: Mapping[int, tuple[Parameter, ...]] = {
    61444: (Parameter("engine_speed", 190, 4, 2, 1, 8),),
    65265: (Parameter("vehicle_speed", 84, 2, 2, 1, 256),),
    65262: (
        Parameter("coolant_temp", 110, 1, 1, offset=-40),
        Parameter("engine_oil_temp", 175, 3, 2, 1, 32, -273),
    ),
    65276: (Parameter("fuel_level", 96, 2, 1, 2, 5),),
    65217: (Parameter("odometer", 917, 1, 4, 1, 200),),
    65248: (Parameter("odometer", 245, 5, 4, 1, 8),),
    65271: (Parameter("vehicle_voltage", 168, 5, 2, 1, 20),),
    65269: (Parameter("outside_temp", 171, 4, 2, 1, 32, -273),),
}
"""By parameter group: EEC1, CCVS1, ET1, DD1, VDHR, VD, VEP1, AMB."""
METRICS = tuple(dict.fromkeys(one.metric for some in PARAMETERS.values() for one in some))


class Trouble(NamedTuple):
    """One trouble code."""

    spn: int
    fmi: int
    """Failure mode."""

    @property
    def code(self) -> str:
        """As workshops write it."""
        return f"SPN {self.spn} FMI {self.fmi}"


def lamps(data: bytes) -> set[str]:
    """The lamps of DM1 that are on. Raises BadBytes."""
    if len(data) < 6:
        raise BadBytes("length", f"expected at least 6 bytes of DM1, got {len(data)}")
    return {name for shift, name in _LAMPS.items() if data[0] >> shift & 3 == _ON}


def troubles(data: bytes) -> Iterator[Trouble]:
    """The codes of DM1. One of zeros says that there is none, and so does one of FF, which fills."""
    for at in range(2, len(data) - 3, 4):
        code = data[at : at + 4]
        trouble = Trouble(code[0] | code[1] << 8 | code[2] >> 5 << 16, code[2] & 31)
        if any(code[:3]) and code != b"\xff\xff\xff\xff":
            yield trouble


def encode_dm1(lit: set[str], codes: list[Trouble]) -> bytes:
    """A DM1 of at most one code: one frame."""
    bits = sum(_ON << shift for shift, name in _LAMPS.items() if name in lit)
    spn, fmi = codes[0] if codes else Trouble(0, 0)
    packed = bytes((spn & 0xFF, spn >> 8 & 0xFF, spn >> 16 << 5 | fmi, 1 if codes else 0))
    return bytes((bits, 0xFF)) + packed + b"\xff\xff"


def vehicle_number(data: bytes) -> str:
    """The VIN of VI: up to its `*`. Raises BadBytes."""
    text = data.partition(b"*")[0].strip(b"\0\xff ").decode("latin-1")
    if not (text and text.isascii() and text.isprintable()):
        raise BadBytes("range", f"expected a vehicle identification number, got {text[:20]!r}")
    return text

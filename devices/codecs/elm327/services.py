"""OBD-II: what the services of a control unit tell: values (01), trouble codes (03), the vehicle (09).

Services 04 (which clears the trouble codes) and 08 (which acts on the vehicle) are never asked for.
Source: SAE J1979 as in ELM327's data sheet, Wikipedia's "OBD-II PIDs" and brendan-w/python-OBD.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from devices.errors import BadBytes

VALUES, TROUBLE_CODES, VEHICLE = 0x01, 0x03, 0x09
ANSWER = 0x40
REFUSAL, PENDING = 0x7F, "78"
STATUS, VIN = 0x01, 0x02
_TROUBLE_LETTERS = "PCBU"
_VIN_LENGTH = 17


@dataclass(frozen=True, slots=True)
class Pid:
    """One value of service 01: its bytes as a number, times `numerator` / `denominator`, less `offset`."""

    metric: str
    size: int
    """Bytes."""
    numerator: int = 1
    denominator: int = 1
    offset: int = 0

    def meaning(self, raw: int) -> Decimal:
        """The value, in the metric's unit; to 0.01 where the division does not end."""
        value = Decimal(raw * self.numerator) / self.denominator - self.offset
        return round(value, 2) if self.denominator == 255 else value

    def encode(self, value: Decimal) -> bytes:
        """The bytes that say `value`, or what comes next to it."""
        return round((value + self.offset) * self.denominator / self.numerator).to_bytes(self.size, "big")


PIDS: Mapping[int, Pid] = {
    0x0C: Pid("engine_speed", 2, denominator=4),
    0x0D: Pid("vehicle_speed", 1),
    0x05: Pid("coolant_temp", 1, offset=40),
    0x1F: Pid("engine_run_time", 2),
    0x2F: Pid("fuel_level", 1, 100, 255),
    0x42: Pid("vehicle_voltage", 2, denominator=1000),
    0x46: Pid("outside_temp", 1, offset=40),
    0x5C: Pid("engine_oil_temp", 1, offset=40),
    0xA6: Pid("odometer", 4, denominator=10),
}
BITMAP_PIDS = tuple(range(0, 0xE0, 0x20))
"""Those that say which of the 32 after them there are."""


def several(data: bytes) -> list[tuple[int, bytes]]:
    """The (PID, bytes) in an answer of service 01, after its first byte: up to six may be asked for at once.

    One whose sizes do not add up exactly is taken for a single one.
    """
    parts: list[tuple[int, bytes]] = []
    rest = data
    while rest:
        pid = rest[0]
        size = PIDS[pid].size if pid in PIDS else 4 if pid in (*BITMAP_PIDS, STATUS) else None
        if size is None or len(rest) <= size:
            return [(data[0], data[1:])]
        parts.append((pid, rest[1 : 1 + size]))
        rest = rest[1 + size :]
    return parts


def value(pid: int, data: bytes) -> Decimal:
    """What the bytes of a value say. Raises BadBytes."""
    wanted = PIDS[pid]
    if len(data) != wanted.size:
        raise BadBytes("length", f"expected {wanted.size} bytes of PID {pid:02X}, got {len(data)}")
    return wanted.meaning(int.from_bytes(data, "big"))


def indicator(data: bytes) -> bool:
    """Whether the malfunction indicator is lit, of PID 01. Raises BadBytes."""
    if len(data) != 4:
        raise BadBytes("length", f"expected 4 bytes of PID 01, got {len(data)}")
    return bool(data[0] & 0x80)


def supported(pid: int, data: bytes) -> set[int]:
    """The PIDs that a bitmap of those after `pid` has. Raises BadBytes."""
    if len(data) != 4:
        raise BadBytes("length", f"expected 4 bytes of PID {pid:02X}, got {len(data)}")
    bits = int.from_bytes(data, "big")
    return {pid + 1 + n for n in range(32) if bits >> (31 - n) & 1}


def encode_supported(pid: int, pids: Iterable[int]) -> bytes:
    """The bitmap of those of `pids` that are after `pid`."""
    wanted = set(pids)
    return sum(1 << (31 - n) for n in range(32) if pid + 1 + n in wanted).to_bytes(4, "big")


def trouble_codes(data: bytes) -> list[str]:
    """The codes in an answer of service 03, after its first byte. Raises BadBytes.

    On CAN their number comes first, so that the length is odd; the older buses send three at a time, of
    which some may be 0000.
    """
    if not data:
        raise BadBytes("length", "expected trouble codes, or that there are none")
    listed = data[1:] if len(data) % 2 else data
    if len(data) % 2 and len(listed) != 2 * data[0]:
        raise BadBytes("length", f"expected {data[0]} trouble codes, got {len(listed)} bytes")
    pairs = [listed[at : at + 2] for at in range(0, len(listed), 2)]
    return [_trouble_code(pair) for pair in pairs if any(pair)]


def _trouble_code(pair: bytes) -> str:
    return f"{_TROUBLE_LETTERS[pair[0] >> 6]}{pair[0] >> 4 & 3}{pair[0] & 15:X}{pair[1]:02X}"


def encode_trouble_codes(codes: Iterable[str]) -> bytes:
    """The bytes of an answer of service 03 on CAN, after its first."""
    pairs = [int(code[1:], 16) | _TROUBLE_LETTERS.index(code[0]) << 14 for code in codes]
    return bytes((len(pairs),)) + b"".join(pair.to_bytes(2, "big") for pair in pairs)


def vin(parts: Iterable[bytes]) -> str:
    """The vehicle identification number in the answers to 0902 of one unit, after their 49 02.

    On CAN it is one: a count of items, and 17 characters. On the older buses there are five, each with its
    number and 4 characters; the first begin with zeros. Simulated cars have
    hyphens in it. Raises BadBytes.
    """
    ordered = sorted(parts, key=lambda part: part[:1])
    text = b"".join(part[1:] for part in ordered).strip(b"\0 ").decode("latin-1")
    if len(text) != _VIN_LENGTH or not (text.isascii() and text.replace("-", "").isalnum()):
        raise BadBytes("range", f"expected the 17 characters of a VIN, got {text!r}")
    return text

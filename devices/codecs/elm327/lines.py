"""ELM327: the lines of a reply as the messages of control units.

The adapter is asked for headers (ATH1), but every form that it may give is read, with or without blanks:

    7E8 04 41 0C 1A F8                     CAN, 11-bit identifier; 04 is ISO-TP's byte: a single frame
    18 DA F1 10 04 41 0C 1A F8             CAN, 29-bit identifier
    7E8 10 14 49 02 01 ..  7E8 21 ..       a first frame and its consecutive ones
    48 6B 10 41 0C 1A F8 22                J1850 and ISO 9141-2: three bytes of header, one of checksum
    84 F1 10 41 0C 1A F8 E4                KWP2000: as these
    41 0C 1A F8                            no headers
    014  0: 49 02 01 ..  1: ..  2: ..      no headers, several frames: their length, and each numbered

Source: Elm Electronics, ELM327 data sheet (v2.2) and ELM329 data sheet, "Interpreting Trouble Codes",
"Multiline Responses", "Error Messages and Alerts"; brendan-w/python-OBD, obd/protocols and their tests.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import reduce
from typing import NamedTuple

from devices.codecs.health import BadByteCounter
from devices.errors import BadBytes

_HEX = re.compile(r"[0-9A-F]+")
_LENGTH = re.compile(r"0[0-9A-F]{2}")
_NUMBERED = re.compile(r"([0-9A-F]):([0-9A-F]+)")
_CAN_11 = re.compile(r"(7E[89A-F])((?:[0-9A-F]{2}){2,8})")
_CAN_29 = re.compile(r"18DAF1([0-9A-F]{2})((?:[0-9A-F]{2}){2,8})")
_SINGLE, _FIRST, _CONSECUTIVE = 0, 1, 2
_FIRST_HAS, _EACH_HAS = 6, 7
"""Bytes of a message in its first frame and in each other one (ISO 15765-2)."""
_LEGACY = ((0x48, 0x6B), (0x41, 0x6B))
_RESPONSE = 0x40


class Message(NamedTuple):
    """What one control unit answered."""

    unit: str
    """Its address, as the line has it; empty without headers."""
    data: bytes
    """From the service (mode + 40) on."""


@dataclass(slots=True)
class _Frames:
    """The frames of one message in several."""

    length: int = 0
    first: bytes | None = None
    others: dict[int, bytes] = field(default_factory=dict[int, bytes])

    def whole(self) -> bytes:
        """The message. Raises BadBytes if a frame is missing."""
        if self.first is None:
            raise BadBytes("framing", "expected a first frame before the consecutive ones")
        wanted = -(-(self.length - _FIRST_HAS) // _EACH_HAS)
        if sorted(self.others) != list(range(1, wanted + 1)):
            raise BadBytes("framing", f"expected {wanted} consecutive frames, got {sorted(self.others)}")
        *full, last = self.first, *(self.others[number] for number in range(1, wanted + 1))
        rest = self.length - _FIRST_HAS - _EACH_HAS * (wanted - 1)
        if [len(one) for one in full] != [_FIRST_HAS, *[_EACH_HAS] * (wanted - 1)] or not _is_whole(
            last, rest
        ):
            raise BadBytes("length", f"expected {self.length} bytes, in frames without a gap")
        return b"".join((*full, last))[: self.length]


def messages(lines: Iterable[str], bad: BadByteCounter) -> list[Message]:
    """The messages in lines of hexadecimal digits, without blanks; what cannot be read is counted."""
    found: list[Message] = []
    by_unit: dict[str, _Frames] = {}
    plain: list[str] = []
    for line in lines:
        try:
            found += _message(line, by_unit, plain)
        except BadBytes as why:
            bad.count(why.reason)
    for unit, frames in [*by_unit.items(), *(("", one) for one in _numbered(plain, bad))]:
        try:
            found.append(Message(unit, frames.whole()))
        except BadBytes as why:
            bad.count(why.reason)
    return [one for one in found if one.data]


def _message(line: str, by_unit: dict[str, _Frames], plain: list[str]) -> Iterator[Message]:
    """What a line says by itself; frames are put to those of their unit, numbered lines to `plain`."""
    if _LENGTH.fullmatch(line) or ":" in line:
        plain.append(line)
        return
    can = _CAN_11.fullmatch(line) or _CAN_29.fullmatch(line)
    if can:
        yield from _can(can[1], bytes.fromhex(can[2]), by_unit)
        return
    if not _HEX.fullmatch(line) or len(line) % 2:
        raise BadBytes("framing", f"expected hexadecimal digits, got {line[:20]!r}")
    yield _without_header(bytes.fromhex(line))


def _can(unit: str, frame: bytes, by_unit: dict[str, _Frames]) -> Iterator[Message]:
    """ISO 15765-2: the frame's kind is in the upper half of its first byte."""
    kind, low = divmod(frame[0], 16)
    match kind:
        case _ if kind == _SINGLE and low and _is_whole(frame[1:], low):
            yield Message(unit, frame[1 : 1 + low])
        case _ if kind == _FIRST:
            frames = by_unit.setdefault(unit, _Frames())
            frames.length, frames.first = low << 8 | frame[1], frame[2:]
        case _ if kind == _CONSECUTIVE:
            others = by_unit.setdefault(unit, _Frames()).others
            others[_place(low, len(others))] = frame[1:]
        case _:
            raise BadBytes("framing", f"expected an ISO-TP frame, got {frame.hex()}")


def _is_whole(part: bytes, wanted: int) -> bool:
    """Whether a frame has the `wanted` bytes alone, or filled up; else the adapter has lost some."""
    return len(part) in (wanted, _EACH_HAS) and wanted <= _EACH_HAS


def _place(low: int, before: int) -> int:
    """The number of a consecutive frame, of which four bits are told, after `before` others."""
    return low if before < 15 else before + 1 - (before + 1 - low) % 16


def _without_header(data: bytes) -> Message:
    """The message of a line of J1850, ISO 9141-2 or KWP2000, or of one without headers."""
    header = _header(data)
    if header:
        if data[-1] not in (sum(data[:-1]) % 256, _crc(data[:-1])):
            raise BadBytes("checksum", "the checksum of the message does not match")
        return Message(f"{data[2]:02X}", data[header:-1])
    if not _RESPONSE < data[0] <= _RESPONSE + 0x3F:
        raise BadBytes("framing", f"expected the answer of a control unit, got {data[:4].hex()}")
    return Message("", data)


def _header(data: bytes) -> int:
    """The bytes of its header; 0 without one. KWP2000's (ISO 14230) has the length, and F1: the tester."""
    if len(data) < 5:
        return 0
    if tuple(data[:2]) in _LEGACY:
        return 3
    if data[0] & 0x80 and data[1] == 0xF1:
        size = 4 if not data[0] & 0x3F else 3
        return size if len(data) == size + (data[3] if size == 4 else data[0] & 0x3F) + 1 else 0
    return 0


def _crc(data: bytes) -> int:
    """SAE J1850's checksum: polynomial 1D, begun with FF, inverted."""

    def step(crc: int, byte: int) -> int:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ (0x1D if crc & 0x80 else 0)) & 0xFF
        return crc

    return reduce(step, data, 0xFF) ^ 0xFF


def _numbered(lines: Iterable[str], bad: BadByteCounter) -> Iterator[_Frames]:
    """The messages of numbered lines. Without headers those of two units cannot be told apart if mixed."""
    current: _Frames | None = None
    for line in lines:
        if _LENGTH.fullmatch(line):
            if current:
                yield current
            current = _Frames(int(line, 16))
            continue
        match = _NUMBERED.fullmatch(line)
        if match is None or current is None or len(match[2]) % 2:
            bad.count("framing")
            continue
        data = bytes.fromhex(match[2])
        if current.first is None and match[1] == "0":
            current.first = data
        else:
            current.others[_place(int(match[1], 16), len(current.others))] = data
    if current:
        yield current


def encode(unit: str, data: bytes) -> list[str]:
    """The lines, without blanks, in which an adapter gives a message of CAN with an 11-bit identifier."""
    if len(data) < 8:
        return [f"{unit}{len(data):02X}{data.hex().upper()}"]
    lines = [f"{unit}{_FIRST << 12 | len(data):04X}{data[:6].hex().upper()}"]
    for number, start in enumerate(range(6, len(data), 7), 1):
        padded = data[start : start + 7].ljust(7, b"\0")
        lines.append(f"{unit}{_CONSECUTIVE}{number % 16:X}{padded.hex().upper()}")
    return lines

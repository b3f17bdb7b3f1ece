"""APDUs of 20601 (A.1): the frame of every message, and those of association, release and presentation.

    choice, 2 octets | length of the rest, 2 octets | the rest

There is no checksum: an APDU is believed when what it tells twice (its length, in two places) agrees.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from devices.codecs.health import BadByteCounter
from devices.codecs.phd.mder import Reader, listed, octets, u16, u32
from devices.errors import BadBytes

PROTOCOL_20601 = 20601
"""data-proto-id."""
MDER = 0x8000
VERSION_1 = 0x80000000
AGENT, MANAGER = 0x00800000, 0x80000000
"""system-type."""
LARGEST = 64512
"""Octets of the largest APDU (20601, 8.4.2)."""
_HEADER, _SHORTEST = 4, 6
_START = re.compile(rb"[\xe2-\xe7]")


class Choice(IntEnum):
    """What an APDU is."""

    ASSOCIATION_REQUEST = 0xE200
    ASSOCIATION_RESPONSE = 0xE300
    RELEASE_REQUEST = 0xE400
    RELEASE_RESPONSE = 0xE500
    ABORT = 0xE600
    PRESENTATION = 0xE700


class Result(IntEnum):
    """Answers to an association request."""

    ACCEPTED = 0
    ACCEPTED_UNKNOWN_CONFIG = 3
    REJECTED_NO_COMMON_PROTOCOL = 4
    REJECTED_NO_COMMON_PARAMETER = 5


class Message(IntEnum):
    """What a presentation APDU holds: a remote operation that is invoked (01), done (02) or refused."""

    EVENT_REPORT = 0x0100
    CONFIRMED_EVENT_REPORT = 0x0101
    GET = 0x0103
    EVENT_REPORT_DONE = 0x0201
    GET_DONE = 0x0203
    ERROR = 0x0300
    REJECT = 0x0400


@dataclass(frozen=True, slots=True)
class Apdu:
    """One APDU; `body` is what follows its length."""

    choice: Choice
    body: bytes

    def encode(self) -> bytes:
        """Its octets."""
        return u16(self.choice) + octets(self.body)


class ApduReader:
    """Finds APDUs in a stream. What is none is passed over octet by octet, and counted."""

    def __init__(self, bad: BadByteCounter) -> None:
        self._bad = bad
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Apdu]:
        """Each APDU that `data` completes."""
        self._buffer += data
        at, end = 0, len(self._buffer)
        while (start := self._start(at)) is not None and end - start >= _SHORTEST:
            at = start
            size = self._size(at)
            if size is None:
                self._bad.count("framing")
                at += 1
            elif end - at < size:
                break
            else:
                body = bytes(self._buffer[at + _HEADER : at + size])
                yield Apdu(Choice(int.from_bytes(self._buffer[at : at + 2], "big")), body)
                at += size
        at = end if start is None else max(at, start)
        del self._buffer[:at]

    def _start(self, at: int) -> int | None:
        """Where the next octet is that can begin an APDU; those before it are counted."""
        found = _START.search(self._buffer, at)
        start = found.start() if found else len(self._buffer)
        if start > at:
            self._bad.count("framing", start - at)
        return start if found else None

    def _size(self, at: int) -> int | None:
        """Octets of the APDU that begins at `at`; None if none can."""
        choice, length, inner = (int.from_bytes(self._buffer[at + n : at + n + 2], "big") for n in (0, 2, 4))
        match choice:
            case Choice.PRESENTATION:
                believable = inner == length - 2 and length <= LARGEST
            case Choice.ASSOCIATION_REQUEST:
                believable = 8 <= length <= 1024 and not inner & 0x0FFF
            case Choice.ASSOCIATION_RESPONSE:
                believable = 6 <= length <= 1024 and inner <= 8
            case Choice.RELEASE_REQUEST | Choice.RELEASE_RESPONSE | Choice.ABORT:
                believable = length == 2
            case _:
                believable = False
        return _HEADER + length if believable else None


def reason(choice: Choice, number: int = 0) -> bytes:
    """A release request, release response or abort; reason 0 is normal, or undefined."""
    return Apdu(choice, u16(number)).encode()


@dataclass(frozen=True, slots=True)
class Association:
    """What 20601 says in an association: PhdAssociationInformation. All else is fixed or unused here."""

    system_id: bytes
    configuration: int = 0
    """dev-config-id; 0 from the manager."""
    versions: int = VERSION_1
    encodings: int = MDER
    modes: tuple[int, int, int] = (0, 0, 0)
    """data-req-mode-capab: flags, streams that the agent starts, and that the manager starts."""

    @classmethod
    def decode(cls, data: bytes) -> "Association":
        """Read PhdAssociationInformation. Raises BadBytes."""
        reader = Reader(data)
        versions, encodings = reader.u32(), reader.u16()
        reader.take(12)  # nomenclature version, functional units, system type
        system, configuration = reader.octets(), reader.u16()
        modes = (reader.u16(), reader.uint(1), reader.uint(1)) if reader else (0, 0, 0)
        return cls(system, configuration, versions, encodings, modes)

    def encode(self, system_type: int) -> bytes:
        """PhdAssociationInformation."""
        head = u32(self.versions) + u16(self.encodings) + u32(VERSION_1) + u32(0) + u32(system_type)
        flags, starts, started = self.modes
        tail = u16(self.configuration) + u16(flags) + bytes((starts, started)) + listed([])
        return head + octets(self.system_id) + tail


def requested(body: bytes) -> Association | None:
    """What an association request offers of 20601; None if it does not. Raises BadBytes."""
    reader = Reader(body)
    reader.u32()
    offers = dict(reader.items(lambda inner: (inner.u16(), inner.octets())))
    offer = offers.get(PROTOCOL_20601)
    return None if offer is None else Association.decode(offer)


def association_request(agent: Association) -> bytes:
    """The APDU with which `agent` begins."""
    offer = u16(PROTOCOL_20601) + octets(agent.encode(AGENT))
    return Apdu(Choice.ASSOCIATION_REQUEST, u32(VERSION_1) + listed([offer])).encode()


def association_response(result: Result, manager: Association | None) -> bytes:
    """The APDU that answers; without `manager` no protocol is selected."""
    selected = u16(0) + octets(b"")
    if manager:
        selected = u16(PROTOCOL_20601) + octets(manager.encode(MANAGER))
    return Apdu(Choice.ASSOCIATION_RESPONSE, u16(result) + selected).encode()


@dataclass(frozen=True, slots=True)
class Presentation:
    """A remote operation. `kind` is a Message, or another number as it came."""

    invoke_id: int
    kind: int
    body: bytes = b""

    @classmethod
    def decode(cls, data: bytes) -> "Presentation":
        """Read a presentation APDU's body. Raises BadBytes.

        The length of the operation's arguments is told a third time, in an example of antidote wrongly.
        """
        inner = Reader(Reader(data).octets())
        invoke_id, kind, told = inner.u16(), inner.u16(), inner.u16()
        if told > inner.left:
            raise BadBytes("length", f"expected {told} octets of arguments, got {inner.left}")
        return cls(invoke_id, kind, inner.take(inner.left))

    def encode(self) -> bytes:
        """The APDU's octets."""
        inner = u16(self.invoke_id) + u16(self.kind) + octets(self.body)
        return Apdu(Choice.PRESENTATION, octets(inner)).encode()

"""MQTT packets as a server reads and writes them, versions 3.1.1 and 5: bytes in, bytes out.

    buffer += received
    for packet in packets(buffer):          # takes whole packets out of the buffer
        match packet.kind: ...

Only what this benchmark's peers send. Version 5 puts properties into most packets: they are skipped when
read and left empty when written. Source: OASIS MQTT 3.1.1 and 5.0, chapters 2 and 3.
"""

from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

V311, V5 = 4, 5
"""Protocol levels."""


class Kind(IntEnum):
    """The types of control packets that are used here (section 2.1)."""

    CONNECT = 1
    CONNACK = 2
    PUBLISH = 3
    PUBACK = 4
    SUBSCRIBE = 8
    SUBACK = 9
    UNSUBSCRIBE = 10
    UNSUBACK = 11
    PINGREQ = 12
    PINGRESP = 13
    DISCONNECT = 14


class Packet(NamedTuple):
    """One packet: `flags` are the lower four bits of its first byte."""

    kind: int
    flags: int
    body: bytes


class Publish(NamedTuple):
    """A message. `number` is 0 with QoS 0."""

    topic: str
    payload: bytes
    number: int


def packets(buffer: bytearray) -> Iterator[Packet]:
    """Every whole packet at the beginning of `buffer`, which keeps the rest.

    Raises ValueError for a length that no packet has (section 1.5.5).
    """
    place = 0
    while (found := _length(buffer, place + 1)) is not None:
        length, start = found
        if start + length > len(buffer):
            break
        yield Packet(buffer[place] >> 4, buffer[place] & 15, bytes(buffer[start : start + length]))
        place = start + length
    del buffer[:place]


def _length(data: bytes | bytearray, place: int) -> tuple[int, int] | None:
    """(value, where it ends) of the variable byte integer at `place`; None while it is not all there."""
    value = 0
    for count, byte in enumerate(data[place : place + 4]):
        value |= (byte & 127) << (7 * count)
        if byte < 128:
            return value, place + count + 1
    if len(data) >= place + 4:
        raise ValueError("expected a packet's length in at most four bytes")
    return None


def _variable(value: int) -> bytes:
    out = bytearray()
    while True:
        value, low = value >> 7, value & 127
        out.append(low | (128 if value else 0))
        if not value:
            return bytes(out)


def packet(kind: Kind, body: bytes = b"", flags: int = 0) -> bytes:
    """One packet as it is sent."""
    return bytes([kind << 4 | flags]) + _variable(len(body)) + body


def text(value: str) -> bytes:
    """A string as MQTT writes it: two bytes of length, UTF-8."""
    encoded = value.encode()
    return len(encoded).to_bytes(2, "big") + encoded


def version_of(connect: bytes) -> int:
    """The protocol level that a CONNECT's body names."""
    return connect[2 + int.from_bytes(connect[:2], "big")]


def _after_properties(body: bytes, place: int, version: int) -> int:
    if version < V5:
        return place
    found = _length(body, place)
    if found is None:
        raise ValueError("expected the length of properties")
    length, start = found
    return start + length


def publish(message: Publish, version: int, *, again: bool = False) -> bytes:
    """PUBLISH with QoS 1, or QoS 0 if the message has no number; `again` sets DUP."""
    number = message.number.to_bytes(2, "big") if message.number else b""
    properties = b"\0" if version >= V5 else b""
    flags = (2 if message.number else 0) | (8 if again else 0)
    return packet(Kind.PUBLISH, text(message.topic) + number + properties + message.payload, flags)


def read_publish(found: Packet, version: int) -> Publish:
    """What a PUBLISH says."""
    end = 2 + int.from_bytes(found.body[:2], "big")
    topic, number = found.body[2:end].decode(), 0
    if found.flags & 6:
        number, end = int.from_bytes(found.body[end : end + 2], "big"), end + 2
    return Publish(topic, found.body[_after_properties(found.body, end, version) :], number)


def puback(number: int) -> bytes:
    """PUBACK: taken."""
    return packet(Kind.PUBACK, number.to_bytes(2, "big"))


def number_of(found: Packet) -> int:
    """The packet identifier that a PUBACK, SUBSCRIBE or UNSUBSCRIBE begins with."""
    return int.from_bytes(found.body[:2], "big")


def connack(version: int) -> bytes:
    """CONNACK: welcome; no session was kept."""
    return packet(Kind.CONNACK, b"\0\0" + (b"\0" if version >= V5 else b""))


def suback(found: Packet, version: int) -> bytes:
    """SUBACK that grants QoS 1 to every filter of a SUBSCRIBE."""
    place, filters = _after_properties(found.body, 2, version), 0
    while place < len(found.body):
        place += 2 + int.from_bytes(found.body[place : place + 2], "big") + 1
        filters += 1
    properties = b"\0" if version >= V5 else b""
    return packet(Kind.SUBACK, found.body[:2] + properties + b"\1" * filters)


def connect(client: str) -> bytes:
    """CONNECT of version 3.1.1 with a clean session, no keep-alive and no account: TLS says who it is."""
    return packet(Kind.CONNECT, text("MQTT") + bytes([V311, 0b10]) + b"\0\0" + text(client))


def subscribe(topic: str) -> bytes:
    """SUBSCRIBE of version 3.1.1 with QoS 1, numbered 1."""
    return packet(Kind.SUBSCRIBE, b"\0\1" + text(topic) + b"\1", 2)

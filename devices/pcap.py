"""Packet captures as a network tool writes them: the datagrams and TCP segments in a pcap or pcapng file.

    for packet in packets(content): packet.at_s, packet.source_port, packet.data

Read are Ethernet, Linux cooked (1 and 2), loopback and raw IP, with IPv4 and IPv6 without fragments.
Source: pcap-savefile(5); draft-ietf-opsawg-pcapng; RFC 791, 8200, 768, 9293.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from devices.errors import BadCapture

_CLASSIC = {
    b"\xd4\xc3\xb2\xa1": ("<", 1e-6),
    b"\xa1\xb2\xc3\xd4": (">", 1e-6),
    b"\x4d\x3c\xb2\xa1": ("<", 1e-9),
    b"\xa1\xb2\x3c\x4d": (">", 1e-9),
}
_SECTION, _INTERFACE, _ENHANCED = 0x0A0D0D0A, 1, 6
_MAGIC = (*_CLASSIC, b"\x0a\x0d\x0d\x0a")
_NULL, _ETHERNET, _RAW, _COOKED, _COOKED_2 = 0, 1, 101, 113, 276
_IPV4, _IPV6 = 0x0800, 0x86DD
_TCP, _UDP = 6, 17


class Packet(NamedTuple):
    """What one packet carried. `sequence` is TCP's, None for a datagram."""

    at_s: float
    source: bytes
    source_port: int
    destination_port: int
    sequence: int | None
    data: bytes


def is_pcap(content: bytes) -> bool:
    """Whether `content` begins as a pcap or pcapng file does."""
    return content.startswith(_MAGIC)


def packets(content: bytes) -> Iterator[Packet]:
    """Every datagram and TCP segment with data, in the order of the file. Raises BadCapture."""
    try:
        frames = _classic(content) if content[:4] in _CLASSIC else _next_generation(content)
        for at_s, link, frame in frames:
            if (packet := _packet(at_s, _ip(link, frame))) is not None:
                yield packet
    except struct.error as error:
        raise BadCapture(f"no packet capture that can be read to its end: {error}") from None


def _classic(content: bytes) -> Iterator[tuple[float, int, bytes]]:
    order, fraction = _CLASSIC[content[:4]]
    link = struct.unpack_from(f"{order}I", content, 20)[0] & 0xFFFF
    place = 24
    while place < len(content):
        seconds, parts, kept, _ = struct.unpack_from(f"{order}4I", content, place)
        yield seconds + parts * fraction, link, content[place + 16 : place + 16 + kept]
        place += 16 + kept


def _next_generation(content: bytes) -> Iterator[tuple[float, int, bytes]]:
    order, place = "<", 0
    links: list[tuple[int, float]] = []
    while place < len(content):
        kind = struct.unpack_from(f"{order}I", content, place)[0]
        if kind == _SECTION:
            order = "<" if content[place + 8 : place + 12] == b"\x4d\x3c\x2b\x1a" else ">"
            links.clear()
        size = struct.unpack_from(f"{order}I", content, place + 4)[0]
        if size < 12:
            raise BadCapture(f"no packet capture: a block of {size} bytes at {place}")
        body = content[place + 8 : place + size - 4]
        if kind == _INTERFACE:
            links.append((int(struct.unpack_from(f"{order}H", body)[0]), _resolution(order, body[8:])))
        elif kind == _ENHANCED:
            interface, high, low, kept = struct.unpack_from(f"{order}4I", body)
            if interface >= len(links):
                raise BadCapture(f"no packet capture: a packet of the unknown interface {interface}")
            link, fraction = links[int(interface)]
            yield (high << 32 | low) * fraction, link, body[20 : 20 + kept]
        place += size


def _resolution(order: str, options: bytes) -> float:
    """Seconds of one unit of time (option 9): a power of ten, or of two if its highest bit is set."""
    while len(options) >= 4:
        code, size = struct.unpack_from(f"{order}2H", options)
        if code == 9 and size == 1:
            power = options[4]
            return 2.0 ** -(power & 0x7F) if power & 0x80 else 10.0**-power
        options = options[4 + (size + 3) // 4 * 4 :]
    return 1e-6


def _ip(link: int, frame: bytes) -> bytes:
    """The IP packet in a frame; empty if there is none."""
    if link == _RAW:
        return frame
    if link == _NULL:
        return frame[4:]
    head, kind = {_ETHERNET: (14, 12), _COOKED: (16, 14), _COOKED_2: (20, 0)}.get(link, (0, 0))
    if not head or len(frame) < head:
        return b""
    ethertype = int.from_bytes(frame[kind : kind + 2], "big")
    while ethertype == 0x8100 and len(frame) >= head + 4:  # IEEE 802.1Q
        ethertype, head = int.from_bytes(frame[head + 2 : head + 4], "big"), head + 4
    return frame[head:] if ethertype in (_IPV4, _IPV6) else b""


def _packet(at_s: float, ip: bytes) -> Packet | None:
    version = ip[0] >> 4 if ip else 0
    if version == 4 and len(ip) >= 20:
        length, protocol, head = int.from_bytes(ip[2:4], "big"), ip[9], (ip[0] & 15) * 4
        source, fragment = ip[12:16], int.from_bytes(ip[6:8], "big") & 0x3FFF
    elif version == 6 and len(ip) >= 40:
        length, protocol, head = 40 + int.from_bytes(ip[4:6], "big"), ip[6], 40
        source, fragment = ip[8:24], 0
    else:
        return None
    body = ip[head : length or None]
    if fragment or len(body) < 8:
        return None
    ports = struct.unpack_from(">2H", body)
    if protocol == _UDP:
        return Packet(at_s, source, *ports, None, body[8:])
    if protocol == _TCP and len(body) >= 20 and (data := body[(body[12] >> 4) * 4 :]):
        return Packet(at_s, source, *ports, int.from_bytes(body[4:8], "big"), data)
    return None

"""Captures: the bytes of a device as they were recorded, and what its profile's codecs make of them.

A capture is text or raw bytes. Text has one chunk a line: `seconds hex` for a port or a datagram, `seconds
characteristic hex` for BLE (the UUID of the characteristic, or of a broadcast's service data, in 4 or 36
characters); blank lines and what follows a `#` do not count. Raw bytes are a stream as it came, at the line's
speed. For a device on a network a pcap or pcapng file serves, too: what came from the device is read.

    for said in decoded(profile("nonin-xpod"), content): ...
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from devices.codecs import Codec, Host, Said, journals
from devices.errors import BadCapture
from devices.model.observation import Instant, later
from devices.pcap import is_pcap, packets
from devices.profiles import AnyLink, BleBroadcast, BleLink, Profile, SerialLink, TcpLink, UdpLink

_BLE_LINE = re.compile(
    r"(?P<at>\d+(?:\.\d*)?)\s+(?P<source>[0-9a-f]{4}|[0-9a-f-]{36})\s+(?P<payload>[0-9a-f ]*)", re.I
)
_PLAIN_LINE = re.compile(r"(?P<at>\d+(?:\.\d*)?)\s+(?P<payload>[0-9a-f ]*)", re.I)
_BASE_UUID = "0000{}-0000-1000-8000-00805f9b34fb"
_CHUNK = 32
_NETWORK_CHUNK_S = 0.01
_AFTERMATH_S = 1.0
"""How long after the last chunk timers still run: within this a codec tells what it held back."""


class Chunk(NamedTuple):
    """What arrived at once: `source` is a 128-bit UUID in lower case, None where there is but one stream."""

    at: Instant
    source: str | None
    data: bytes


def decoded(profile: Profile, content: bytes) -> Iterator[Said]:
    """What the device said in the capture `content`, in order.

    Raises BadCapture when it is no capture of such a device; bytes that its codec cannot read are events.
    """
    codecs = codecs_of(profile.link)
    heard: list[Codec] = []
    end = Instant(0)
    for chunk in chunks(profile.link, content):
        codec = codecs.get(chunk.source)
        if codec is None:
            known = ", ".join(str(uuid) for uuid in codecs)
            raise BadCapture(f"{profile.name} has no characteristic {chunk.source}; it has: {known}")
        yield from _run_timers(heard, chunk.at)
        yield from codec.receive_data(chunk.data, chunk.at)
        settle(codec, chunk.at)
        heard += [] if codec in heard else [codec]
        end = chunk.at
    yield from _run_timers(heard, later(end, _AFTERMATH_S))


def codecs_of(link: AnyLink) -> dict[str | None, Codec]:
    """Fresh codecs of one connection, by the source of their bytes."""
    match link:
        case BleLink():
            return {**link.codecs(Host())}
        case BleBroadcast():
            return {link.service_data: link.codec()}
        case _:
            return {None: link.codec()}


def settle(codec: Codec, now: Instant) -> None:
    """Nobody writes to a recorded device: what the codec owes it is taken as sent."""
    if journals(codec) and codec.awaits_journal():
        codec.journalled(now)
    codec.data_to_send()


def chunks(link: AnyLink, content: bytes) -> Iterator[Chunk]:
    """The chunks of the capture `content`. Raises BadCapture."""
    if isinstance(link, TcpLink | UdpLink) and is_pcap(content):
        yield from _from_network(link, content)
        return
    by_source = isinstance(link, BleLink | BleBroadcast)
    pattern = _BLE_LINE if by_source else _PLAIN_LINE
    text = content.decode("ascii") if content.isascii() else ""
    numbered = [(number, line.partition("#")[0].strip()) for number, line in enumerate(text.split("\n"), 1)]
    lines = [(number, line) for number, line in numbered if line]
    if not by_source and not (lines and pattern.fullmatch(lines[0][1])):
        yield from _raw(link, content)
        return
    if not lines:
        raise BadCapture("no capture: expected lines of `seconds characteristic hex`")
    for number, line in lines:
        match = pattern.fullmatch(line)
        if match is None or len(match["payload"].replace(" ", "")) % 2:
            expected = "`seconds characteristic hex`" if by_source else "`seconds hex`"
            raise BadCapture(f"line {number}: expected {expected}, found {line[:60]!r}")
        yield _chunk(**match.groupdict())


def _chunk(at: str, payload: str, source: str | None = None) -> Chunk:
    uuid = source.lower() if source else None
    if uuid and len(uuid) == 4:
        uuid = _BASE_UUID.format(uuid)
    return Chunk(later(Instant(0), float(at)), uuid, bytes.fromhex(payload))


def _raw(link: AnyLink, content: bytes) -> Iterator[Chunk]:
    for start in range(0, len(content), _CHUNK):
        data = content[start : start + _CHUNK]
        yield Chunk(later(Instant(0), _arrival_s(link, start + len(data))), None, data)


def _from_network(link: TcpLink | UdpLink, content: bytes) -> Iterator[Chunk]:
    """What the device sent; a TCP segment that came twice counts once. Times count from the first."""
    listens = isinstance(link, TcpLink) and link.listens
    began, seen = None, set[tuple[bytes, int, int]]()
    for packet in packets(content):
        if (packet.destination_port if listens else packet.source_port) != link.port:
            continue
        if (packet.sequence is not None) != isinstance(link, TcpLink):
            continue
        if packet.sequence is not None:
            key = packet.source, packet.source_port, packet.sequence
            if key in seen:
                continue
            seen.add(key)
        began = packet.at_s if began is None else began
        yield Chunk(later(Instant(0), max(0.0, packet.at_s - began)), None, packet.data)


def _arrival_s(link: AnyLink, size: int) -> float:
    """When the last of `size` bytes has come."""
    match link:
        case SerialLink():
            bits = 1 + link.bytesize + (link.parity != "N") + link.stopbits
            return size * bits / link.baudrate
        case TcpLink():
            return size / _CHUNK * _NETWORK_CHUNK_S
        case _:
            raise BadCapture("no capture: expected lines of `seconds hex`, one datagram each")


def _run_timers(codecs: Iterable[Codec], now: Instant) -> Iterator[Said]:
    for codec in codecs:
        while (timer := codec.next_timer()) is not None and timer <= now:
            yield from codec.handle_timer(timer)
            settle(codec, timer)

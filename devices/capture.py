"""Captures: the bytes of a device as they were recorded, and what its profile's codecs make of them.

A capture is text or raw bytes. Text has one chunk a line, `seconds hex` for a serial device and
`seconds characteristic hex` for a BLE one (the characteristic's UUID in 4 or 36 characters); blank lines and
lines that begin with `#` do not count. Raw bytes are a serial stream as it came, at the line's speed.

    for said in decoded(profile("nonin-xpod"), content): ...
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from devices.codecs import Codec, Said
from devices.errors import BadCapture
from devices.model.observation import Instant, later
from devices.profiles import BleLink, Profile, SerialLink

_BLE_LINE = re.compile(
    r"(?P<at>\d+(?:\.\d*)?)\s+(?P<characteristic>[0-9a-f-]{4,36})\s+(?P<payload>[0-9a-f ]*)", re.I
)
_SERIAL_LINE = re.compile(r"(?P<at>\d+(?:\.\d*)?)\s+(?P<payload>[0-9a-f ]*)", re.I)
_BASE_UUID = "0000{}-0000-1000-8000-00805f9b34fb"
_CHUNK = 32
_AFTERMATH_S = 1.0
"""How long after the last chunk timers still run: within this a codec tells what it held back."""


class Chunk(NamedTuple):
    """What arrived at once: `characteristic` is a 128-bit UUID in lower case, None on a serial line."""

    at: Instant
    characteristic: str | None
    data: bytes


def decoded(profile: Profile, content: bytes) -> Iterator[Said]:
    """What the device said in the capture `content`, in order.

    Raises BadCapture when it is no capture of such a device; bytes that its codec cannot read are events.
    """
    link = profile.link
    codecs: dict[str | None, Codec]
    if isinstance(link, BleLink):
        codecs = {characteristic.uuid: characteristic.codec() for characteristic in link.characteristics}
    else:
        codecs = {None: link.codec()}
    heard: list[Codec] = []
    end = Instant(0)
    for chunk in chunks(link, content):
        codec = codecs.get(chunk.characteristic)
        if codec is None:
            known = ", ".join(str(uuid) for uuid in codecs)
            raise BadCapture(f"{profile.name} has no characteristic {chunk.characteristic}; it has: {known}")
        yield from _run_timers(heard, chunk.at)
        yield from codec.receive_data(chunk.data, chunk.at)
        heard += [] if codec in heard else [codec]
        end = chunk.at
    yield from _run_timers(heard, later(end, _AFTERMATH_S))


def chunks(link: BleLink | SerialLink, content: bytes) -> Iterator[Chunk]:
    """The chunks of the capture `content`. Raises BadCapture."""
    pattern = _BLE_LINE if isinstance(link, BleLink) else _SERIAL_LINE
    text = content.decode("ascii") if content.isascii() else ""
    numbered = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    lines = [(number, line) for number, line in numbered if line and not line.startswith("#")]
    if isinstance(link, SerialLink) and not (lines and pattern.fullmatch(lines[0][1])):
        yield from _raw(link, content)
        return
    if not lines:
        raise BadCapture("no capture: expected lines of `seconds characteristic hex`")
    for number, line in lines:
        match = pattern.fullmatch(line)
        if match is None or len(match["payload"].replace(" ", "")) % 2:
            expected = "`seconds characteristic hex`" if isinstance(link, BleLink) else "`seconds hex`"
            raise BadCapture(f"line {number}: expected {expected}, found {line[:60]!r}")
        yield _chunk(**match.groupdict())


def _chunk(at: str, payload: str, characteristic: str | None = None) -> Chunk:
    uuid = characteristic.lower() if characteristic else None
    if uuid and len(uuid) == 4:
        uuid = _BASE_UUID.format(uuid)
    return Chunk(later(Instant(0), float(at)), uuid, bytes.fromhex(payload))


def _raw(link: SerialLink, content: bytes) -> Iterator[Chunk]:
    bits = 1 + link.bytesize + (link.parity != "N") + link.stopbits
    for start in range(0, len(content), _CHUNK):
        data = content[start : start + _CHUNK]
        yield Chunk(later(Instant(0), (start + len(data)) * bits / link.baudrate), None, data)


def _run_timers(codecs: Iterable[Codec], now: Instant) -> Iterator[Said]:
    for codec in codecs:
        while (timer := codec.next_timer()) is not None and timer <= now:
            yield from codec.handle_timer(timer)

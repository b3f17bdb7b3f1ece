"""The fixed baud rate protocol of the MIB/RS232 port: the messages of the network, in frames.

    C0  11 01 length(2)  message  FCS(2)  C1        within: C0, C1 and 7D are 7D and the byte xor 20

The FCS is CRC-16 of ISO/IEC 13239 (x16 + x12 + x5 + 1, both ends inverted), low byte first, of all before.
Source: Guide, "Transport Protocols for the MIB/RS232 Interface"; its frames as in mdpnp's tests.
"""

from collections.abc import Iterator

from devices.codecs import Said
from devices.codecs.health import BadByteCounter
from devices.codecs.intellivue.monitor import Monitor
from devices.errors import BadBytes
from devices.model.observation import Instant

_BEGIN, _END, _ESCAPE, _FLIP = 0xC0, 0xC1, 0x7D, 0x20
_HEADER = bytes((0x11, 0x01))
_LONGEST = 2 * (1460 + 8)
"""Of a frame, every byte escaped."""
_POLYNOMIAL = 0x8408


def _table() -> list[int]:
    found: list[int] = []
    for byte in range(256):
        rest = byte
        for _ in range(8):
            rest = rest >> 1 ^ _POLYNOMIAL * (rest & 1)
        found.append(rest)
    return found


_TABLE = _table()


def check_sequence(data: bytes) -> bytes:
    """The two bytes that follow `data` in a frame."""
    rest = 0xFFFF
    for byte in data:
        rest = rest >> 8 ^ _TABLE[(rest ^ byte) & 0xFF]
    return (rest ^ 0xFFFF).to_bytes(2, "little")


def encode(message: bytes) -> bytes:
    """The frame of a message."""
    content = _HEADER + len(message).to_bytes(2, "big") + message
    content += check_sequence(content)
    escaped = (
        content.replace(b"\x7d", b"\x7d\x5d").replace(b"\xc0", b"\x7d\xe0").replace(b"\xc1", b"\x7d\xe1")
    )
    return bytes((_BEGIN,)) + escaped + bytes((_END,))


def decode(escaped: bytes) -> bytes:
    """The message in what stands between C0 and C1. Raises BadBytes."""
    first, *others = escaped.split(bytes((_ESCAPE,)))
    content = first + b"".join(bytes((part[0] ^ _FLIP,)) + part[1:] for part in others if part)
    if len(content) < len(_HEADER) + 4:
        raise BadBytes("length", f"a frame of {len(content)} bytes")
    body, fcs = content[:-2], content[-2:]
    if check_sequence(body) != fcs:
        raise BadBytes("checksum", f"expected {check_sequence(body).hex()}, got {fcs.hex()}")
    message = body[4:]
    if body[:2] != _HEADER or int.from_bytes(body[2:4], "big") != len(message):
        raise BadBytes("framing", f"a frame with header {body[:4].hex()} and {len(message)} bytes")
    return message


class FrameReader:
    """Finds messages in a stream of bytes; counts what is none."""

    def __init__(self, bad: BadByteCounter) -> None:
        self._bad = bad
        self._buffer = bytearray()
        self._is_inside = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Each message that `data` completes. Bytes between frames are none, and are counted."""
        for byte in data:
            if byte == _BEGIN:
                self._lose(self._is_inside)
                self._is_inside = True
            elif byte == _END and self._is_inside:
                yield from self._close()
            elif self._is_inside and len(self._buffer) < _LONGEST:
                self._buffer.append(byte)
            else:
                self._lose(True)

    def _lose(self, is_bad: bool) -> None:
        self._bad.count("framing") if is_bad else None
        self._buffer.clear()
        self._is_inside = False

    def _close(self) -> Iterator[bytes]:
        frame = bytes(self._buffer)
        self._buffer.clear()
        self._is_inside = False
        try:
            yield decode(frame)
        except BadBytes as bad:
            self._bad.count(bad.reason)


class SerialMonitor:
    """An IntelliVue monitor on its MIB/RS232 port; what it gives is what `Monitor` gives."""

    def __init__(self) -> None:
        self._bad = BadByteCounter()
        self._reader = FrameReader(self._bad)
        self._monitor = Monitor()

    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        """Take the bytes whose last one arrived at `now`."""
        said = [
            one for message in self._reader.feed(data) for one in self._monitor.receive_data(message, now)
        ]
        return [*said, *self._bad.told(now)]

    def data_to_send(self) -> bytes:
        """The frames that are due."""
        frames = b""
        while message := self._monitor.data_to_send():
            frames += encode(message)
        return frames

    def next_timer(self) -> Instant | None:
        """When something is to be sent or told."""
        dues = (self._monitor.next_timer(), self._bad.due())
        return min((due for due in dues if due is not None), default=None)

    def handle_timer(self, now: Instant) -> list[Said]:
        """Send what is due; tell counted bytes."""
        return [*self._monitor.handle_timer(now), *self._bad.told(now)]

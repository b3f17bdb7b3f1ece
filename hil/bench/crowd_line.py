"""One MQTT 3.1.1 connection at the least cost: thousands of gateways have to fit beside what is measured.

Only what a gateway needs (MQTT 3.1.1, sections 3.1 to 3.14): connect with a will, subscribe, publish with QoS
1, take messages in. What is sent is not acknowledged to the caller: in this contract only receipts count.
"""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass

CONNACK, PUBLISH, PUBACK, SUBACK = 2, 3, 4, 9
KEEPALIVE_S = 60
Take = Callable[[str, bytes], None]
"""Takes (topic, payload)."""


@dataclass(frozen=True, slots=True)
class Login:
    """Who connects, by the certificate in `tls`; `will` is (topic, payload), retained."""

    tls: ssl.SSLContext
    client: str
    will: tuple[str, bytes] | None = None


def _text(text: str | bytes) -> bytes:
    data = text.encode() if isinstance(text, str) else text
    return len(data).to_bytes(2, "big") + data


def packet(kind: int, flags: int, body: bytes) -> bytes:
    """A control packet: fixed header with its remaining length (section 2.2), and body."""
    size, length = len(body), bytearray()
    while True:
        size, digit = divmod(size, 128)
        length.append(digit | (0x80 if size else 0))
        if not size:
            return bytes((kind << 4 | flags,)) + length + body


def connect(login: Login) -> bytes:
    """CONNECT with a clean session (section 3.1)."""
    will = login.will
    flags = 0b0000_0010 | (0b0010_1100 if will else 0)
    parts = [login.client, *(will or ())]
    head = _text("MQTT") + bytes((4, flags)) + KEEPALIVE_S.to_bytes(2, "big")
    return packet(1, 0, head + b"".join(_text(part) for part in parts))


def publish(topic: str, payload: bytes, number: int, *, retain: bool = False) -> bytes:
    """PUBLISH with QoS 1 (section 3.3)."""
    return packet(PUBLISH, 0b0010 | retain, _text(topic) + number.to_bytes(2, "big") + payload)


def subscribe(topic: str, number: int) -> bytes:
    """SUBSCRIBE with QoS 0 (section 3.8)."""
    return packet(8, 0b0010, number.to_bytes(2, "big") + _text(topic) + b"\x00")


def split(buffer: bytearray) -> list[tuple[int, bytes]]:
    """Take the whole packets (first byte, body) out of `buffer`."""
    found: list[tuple[int, bytes]] = []
    while True:
        size, at = 0, 1
        while True:
            if at >= len(buffer):
                return found
            size |= (buffer[at] & 0x7F) << 7 * (at - 1)
            at += 1
            if buffer[at - 1] < 0x80:
                break
        if len(buffer) < at + size:
            return found
        found.append((buffer[0], bytes(buffer[at : at + size])))
        del buffer[: at + size]


class Line(asyncio.Protocol):
    """A connection: `await line.open(...)`, then `publish`; messages go to `take`."""

    def __init__(self, take: Take) -> None:
        self._take = take
        self._buffer = bytearray()
        self._number = 0
        self._accepted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when the connection is gone."""
        self._transport: asyncio.Transport | None = None

    @classmethod
    async def open(cls, port: int, login: Login, take: Take) -> "Line":
        """Connected and let in. Raises ConnectionError."""
        loop = asyncio.get_running_loop()
        _, line = await loop.create_connection(lambda: cls(take), "127.0.0.1", port, ssl=login.tls)
        line._write(connect(login))
        await line._accepted
        return line

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """QoS 1."""
        self._write(publish(topic, payload, self._next(), retain=retain))

    def subscribe(self, topic: str) -> None:
        """QoS 0."""
        self._write(subscribe(topic, self._next()))

    def ping(self) -> None:
        """So that the broker knows that this side lives."""
        self._write(packet(12, 0, b""))

    def close(self) -> None:
        """As it should be: no will is sent."""
        self._write(packet(14, 0, b""))
        if self._transport:
            self._transport.close()

    def _next(self) -> int:
        self._number = self._number % 65535 + 1
        return self._number

    def _write(self, data: bytes) -> None:
        if self._transport:
            self._transport.write(data)

    # asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio.Protocol."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio.Protocol."""
        self._transport = None
        if not self.lost.done():
            self.lost.set_result(None)
        if not self._accepted.done():
            self._accepted.set_exception(ConnectionError("the broker hung up"))

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        self._buffer += data
        for first, body in split(self._buffer):
            self._received(first >> 4, first & 0b0110, body)

    def _received(self, kind: int, quality: int, body: bytes) -> None:
        if kind == CONNACK and not self._accepted.done():
            refused = ConnectionError(f"the broker refuses the login: {body[1]}") if body[1] else None
            self._accepted.set_exception(refused) if refused else self._accepted.set_result(None)
        elif kind == PUBLISH:
            at = 2 + int.from_bytes(body[:2], "big")
            topic = body[2:at].decode()
            if quality:
                self._write(packet(PUBACK, 0, body[at : at + 2]))
                at += 2
            self._take(topic, body[at:])

"""MQTT 3.1.1 (OASIS Standard, 29 October 2014) as a node speaks it: bytes only, QoS 0, one topic heard.

    session = Session("node-1", "wardlink/node/node-1/in", now_ms, ("node-1", "secret"), out)
    session.publish(out, frame)
    data = session.to_send(now_ms)                    # what goes to the broker, its first bytes at once
    for payload in session.receive(data, now_ms): …   # raises MqttError

QoS 0 is enough: what travels here has numbers, is acknowledged end to end, and comes again. For MicroPython
from 1.20 on, and CPython.
"""

KEEP_MS = 15000
"""Keep-alive: a broker gives up a node that was silent for one and a half times this (3.1.2.10)."""
OPEN_MS = 15000
"""A connection that is not subscribed by then is given up."""
MOST = 2048
"""Bytes of a packet of the broker."""
CODES = ("accepted", "protocol", "client-id", "unavailable", "user-or-password", "not-authorised")
"""By number, the answers to CONNECT (3.2.2.3)."""

_CONNECT, _CONNACK, _PUBLISH, _SUBSCRIBE, _SUBACK, _PINGREQ, _PINGRESP = 1, 2, 3, 8, 9, 12, 13
_CLEAN, _WILL, _PASSWORD, _USER = 2, 4, 0x40, 0x80
_SUBSCRIPTION = b"\0\1"
"""The number of the only packet that has one."""


class MqttError(Exception):
    """The connection is of no use any more: the broker refused, broke the rules, or is silent."""


class Session:
    """One connection of the client called `name`, which hears `topic`.

    `login`: user and password. `will`: a topic where the broker says nothing (an empty message) when the
    connection breaks. `is_open`: connected and subscribed.
    """

    def __init__(self, name: str, topic: str, now_ms: int, login=None, will=None) -> None:
        self.is_open = False
        self._topic = topic
        self._began = self._heard = self._sent = self._asked = now_ms
        self._rest = b""
        flags, rest = _CLEAN, _text(name)
        if will is not None:
            flags |= _WILL
            rest += _text(will) + b"\0\0"
        if login is not None:
            flags |= _USER | _PASSWORD
            rest += _text(login[0]) + _text(login[1])
        head = b"\0\x04MQTT\x04" + bytes((flags,)) + (KEEP_MS // 1000).to_bytes(2, "big")
        self._out = packet(_CONNECT << 4, head + rest)

    def publish(self, topic: str, payload: bytes) -> None:
        """Send `payload`, if the session is open: what it does not take is nowhere kept."""
        if self.is_open:
            self._out += packet(_PUBLISH << 4, _text(topic) + payload)

    def to_send(self, now_ms: int) -> bytes:
        """Bytes for the broker; a question whether it is there, in time. Raises MqttError: it is not."""
        if not self.is_open and now_ms - self._began >= OPEN_MS:
            raise MqttError("the broker does not answer")
        if now_ms - self._heard >= KEEP_MS + KEEP_MS // 2:
            raise MqttError("the broker is silent")
        if self.is_open and now_ms - min(self._heard, self._sent) >= KEEP_MS // 2 <= now_ms - self._asked:
            self._asked = now_ms
            self._out += packet(_PINGREQ << 4, b"")
        out, self._out = self._out, b""
        if out:
            self._sent = now_ms
        return out

    def receive(self, data: bytes, now_ms: int) -> list:
        """Take bytes of the broker. Returns the messages that they complete. Raises MqttError."""
        self._rest += data
        if data:
            self._heard = now_ms
        found = []
        while True:
            size = _whole(self._rest)
            if not size:
                return found
            first, body, self._rest = self._rest[0], _body(self._rest[:size]), self._rest[size:]
            payload = self._take(first, body)
            if payload is not None:
                found.append(payload)

    def _take(self, first: int, body: bytes) -> "bytes | None":
        kind = first >> 4
        if kind == _PUBLISH and self.is_open:
            return self._message(first, body)
        if kind == _CONNACK and not self.is_open:
            self._accepted(body)
        elif kind == _SUBACK and body == _SUBSCRIPTION + b"\0" and not self.is_open:
            self.is_open = True
        elif kind == _SUBACK and body[2:] == b"\x80":
            raise MqttError("the broker does not let the node hear " + self._topic)
        elif kind != _PINGRESP or body:
            raise MqttError("the broker sent what no broker may: " + str(first))
        return None

    def _accepted(self, body: bytes) -> None:
        if len(body) != 2:
            raise MqttError("the broker sent half an answer")
        if body[1]:
            code = body[1]
            raise MqttError("the broker refuses: " + (CODES[code] if code < len(CODES) else str(code)))
        self._out += packet(_SUBSCRIBE << 4 | 2, _SUBSCRIPTION + _text(self._topic) + b"\0")

    def _message(self, first: int, body: bytes) -> "bytes | None":
        end = 2 + int.from_bytes(body[:2], "big")
        if first & 6 or len(body) < max(2, end):
            raise MqttError("the broker sent a message that was not asked for")
        return body[end:] if body[2:end] == bytes(self._topic, "utf-8") else None


def packet(first: int, body: bytes) -> bytes:
    """A packet: its first byte (kind and flags), its length in groups of seven bits (2.2.3), `body`."""
    size, length = len(body), b""
    while size > 127:
        length += bytes((size & 127 | 128,))
        size >>= 7
    return bytes((first,)) + length + bytes((size,)) + body


def _text(text: str) -> bytes:
    data = bytes(text, "utf-8")
    return len(data).to_bytes(2, "big") + data


def _head(data: bytes) -> int:
    """Bytes before the body; 0: more have to come. Raises MqttError."""
    for at in range(1, min(len(data), 5)):
        if data[at] < 128:
            return at + 1
    if len(data) > 4:
        raise MqttError("the broker sent a length of more than four bytes")
    return 0


def _whole(data: bytes) -> int:
    """Bytes of the first packet; 0: more have to come. Raises MqttError."""
    head, size = _head(data), 0
    for at in range(head - 1, 0, -1):
        size = size << 7 | data[at] & 127
    if head + size > MOST:
        raise MqttError("the broker sent a packet of " + str(head + size) + " bytes")
    return head + size if head and len(data) >= head + size else 0


def _body(whole: bytes) -> bytes:
    return whole[_head(whole) :]

"""The node's stream through an MQTT broker, over TLS; for MicroPython from 1.20 on.

    broker = Broker(load("broker.json"))
    data = broker.turn(now_ms)      # often: connects, sends, hears; the host's bytes
    if broker.is_free():
        broker.write(frame)

The file, in JSON: `host`, `port` (8883), `node` (the node's name in topics), `user` and `password`, or
`certificate` and `key` (files, DER); `ca` (a file, DER): the broker has to show a certificate of it, for the
name `host`. Dates are checked where MicroPython's mbedTLS is built so (MBEDTLS_HAVE_TIME_DATE: ESP32's
sdkconfig.base, the others' mbedtls_config_common.h): the clock has to be set.

Nothing here waits, but for the name server, and while the processor computes a handshake. What is lost with a
connection is not missed: the node's own frames come again until they are acknowledged.
"""

# pyright: reportAttributeAccessIssue=false

import errno
import json
import select
import socket
import ssl

from firmware.core.mqtt import MqttError, Session

TOPIC = "wardlink/node/{}/{}"
"""Of a node's name, and `out` (the node's frames) or `in` (the host's)."""
AGAIN_MS = 2000
"""After a connection ended, or could not be made."""
_MOST_UNSENT = 2048
_PART = 512


def load(path: str) -> "dict | None":
    """The settings in the file, or None: there is no such file. Raises ValueError."""
    try:
        with open(path) as file:  # noqa: PTH123 - MicroPython has no pathlib
            return json.load(file)
    except OSError:
        return None


def context(settings: dict) -> "ssl.SSLContext":
    """TLS that takes only a certificate of the settings' `ca`. Raises OSError, ValueError."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    tls.verify_mode = ssl.CERT_REQUIRED
    tls.load_verify_locations(cadata=_bytes(settings["ca"]))
    if "certificate" in settings:
        tls.load_cert_chain(_bytes(settings["certificate"]), _bytes(settings["key"]))
    return tls


def _bytes(path: str) -> bytes:
    with open(path, "rb") as file:  # noqa: PTH123
        return file.read()


class Broker:
    """The connection, made again whenever it breaks. `why` is why there is none; empty: there is one."""

    def __init__(self, settings: dict) -> None:
        self.why = "not tried yet"
        self._settings = settings
        self._tls = context(settings)
        self._in, self._out = [TOPIC.format(settings["node"], way) for way in ("in", "out")]
        self._socket = self._stream = self._session = None
        self._rest = b""
        self._again = 0

    def turn(self, now_ms: int) -> bytes:
        """Do what can be done now. Returns the bytes of the host."""
        try:
            if self._socket is None and now_ms >= self._again:
                self._connect(now_ms)
            if self._stream is None and self._socket is not None and _is_connected(self._socket):
                self._stream = self._tls.wrap_socket(
                    self._socket, server_hostname=self._settings["host"], do_handshake_on_connect=False
                )
            return self._exchange(self._session, now_ms) if self._session else b""
        except (OSError, MqttError) as error:
            self._end(str(error))
            self._again = now_ms + AGAIN_MS
            return b""

    def is_free(self) -> bool:
        """Whether a frame would be on its way."""
        return self._session is not None and self._session.is_open and len(self._rest) < _MOST_UNSENT

    def is_open(self) -> bool:
        """Whether the node is connected, and heard."""
        return self._session is not None and self._session.is_open

    def write(self, frame: bytes) -> None:
        """Send a frame; call only while `is_free`."""
        if self._session is not None:
            self._session.publish(self._out, frame)

    def _connect(self, now_ms: int) -> None:
        settings = self._settings
        host, port = settings["host"], settings.get("port", 8883)
        address = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)[0][-1]
        login = (settings["user"], settings["password"]) if "user" in settings else None
        self._session = Session(settings["node"], self._in, now_ms, login, self._out)
        self._socket = socket.socket()
        self._socket.setblocking(False)
        try:
            self._socket.connect(address)
        except OSError as error:
            if error.errno != errno.EINPROGRESS:
                raise

    def _exchange(self, session: Session, now_ms: int) -> bytes:
        self._rest += session.to_send(now_ms)
        stream, heard = self._stream, b""
        if stream is None:
            return heard
        if self._rest:
            self._rest = self._rest[stream.write(self._rest) or 0 :]
        data = stream.read(_PART)
        while data:
            for frame in session.receive(data, now_ms):
                heard += frame
            data = stream.read(_PART)
        if data == b"":
            raise OSError(errno.ECONNRESET)
        self.why = "" if session.is_open else "connecting"
        return heard

    def _end(self, why: str) -> None:
        self.why = why
        for one in (self._stream, self._socket):
            if one is not None:
                one.close()
        self._socket = self._stream = self._session = None
        self._rest = b""


def _is_connected(sock: socket.socket) -> bool:
    """Whether the connection stands, or failed: the first writing tells."""
    poll = select.poll()
    poll.register(sock, select.POLLOUT)
    return bool(poll.poll(0))

"""Debian's coturn on loopback as the hospital would set it up, and a client of TURN (RFC 8656, 8489).

with coturn(tmp_path, "a secret") as port:
    assert Client(port, name, password).allocate() == "allocated"
"""

import hashlib
import hmac
import secrets
import socket
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.waiting import wait_for

MAGIC = 0x2112A442
BINDING, ALLOCATE, ALLOCATED, REFUSED = 0x001, 0x003, 0x103, 0x113
USERNAME, INTEGRITY, ERROR, REALM, NONCE, TRANSPORT = 0x06, 0x08, 0x09, 0x14, 0x15, 0x19
UDP = b"\x11\0\0\0"


@contextmanager
def coturn(folder: Path, secret: str) -> Iterator[int]:
    """The port at which it answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    lines = (
        *("listening-ip=127.0.0.1", "relay-ip=127.0.0.1", f"listening-port={port}", "realm=hospital"),
        *("use-auth-secret", f"static-auth-secret={secret}", "fingerprint", "no-tls", "no-dtls", "no-cli"),
        *("no-tcp-relay", "no-multicast-peers", "simple-log", "log-file=stdout", "relay-threads=1"),
        *("allow-loopback-peers", f"pidfile={folder}/turn.pid", f"userdb={folder}/turndb"),
    )
    file = folder / "turnserver.conf"
    file.touch(0o600)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with (folder / "turn.log").open("wb") as log:
        started = subprocess.Popen(["turnserver", "-c", str(file)], stdout=log, stderr=log, cwd=folder)
    try:
        wait_for(lambda: _answers(port), "coturn answers")
        yield port
    finally:
        started.terminate()
        started.wait(20)


def _answers(port: int) -> bool:
    try:
        return bool(Client(port, "", "").ask(BINDING, []))
    except OSError:
        return False


class Client:
    """Who wants a relayed address."""

    def __init__(self, port: int, name: str, password: str) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.settimeout(2)
        self._socket.connect(("127.0.0.1", port))
        self._name, self._password = name.encode(), password.encode()

    def allocate(self) -> str:
        """ "allocated", or "refused" and the code of RFC 8489, 14.8."""
        kind, asked = self.ask(ALLOCATE, [_attribute(TRANSPORT, UDP)])
        assert kind == REFUSED and NONCE in asked, "it asks who it is first"
        key = hashlib.md5(b":".join((self._name, asked[REALM], self._password))).digest()
        who = [_attribute(USERNAME, self._name), _attribute(REALM, asked[REALM])]
        said = [_attribute(TRANSPORT, UDP), *who, _attribute(NONCE, asked[NONCE])]
        kind, answer = self.ask(ALLOCATE, said, key)
        if kind == ALLOCATED:
            return "allocated"
        return f"refused {answer[ERROR][2] * 100 + answer[ERROR][3]}"

    def ask(self, kind: int, attributes: list[bytes], key: bytes = b"") -> tuple[int, dict[int, bytes]]:
        """The answer's kind and attributes."""
        self._socket.send(_message(kind, b"".join(attributes), key))
        return _parsed(self._socket.recv(4096))


def _message(kind: int, body: bytes, key: bytes) -> bytes:
    transaction = secrets.token_bytes(12)
    if key:
        head = struct.pack("!HHI", kind, len(body) + 24, MAGIC) + transaction
        body += _attribute(INTEGRITY, hmac.new(key, head + body, hashlib.sha1).digest())
    return struct.pack("!HHI", kind, len(body), MAGIC) + transaction + body


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


def _parsed(message: bytes) -> tuple[int, dict[int, bytes]]:
    kind, length, _ = struct.unpack("!HHI", message[:8])
    at, found = 20, dict[int, bytes]()
    while at < 20 + length:
        one, size = struct.unpack("!HH", message[at : at + 4])
        found[one] = message[at + 4 : at + 4 + size]
        at += 4 + size + (-size % 4)
    return kind, found

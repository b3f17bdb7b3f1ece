"""Addresses of devices on a network, and the system's errors as LinkError."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from gateway.errors import LinkError

_BUSY = "address-busy", "another program listens there: stop it, or give `address` another port"
_DENIED = "permission-denied", "ports below 1024 need the right to bind them: give `address` another port"
_NOT_OURS = "address-unusable", "this machine has no such address: correct `address`"
_AWAY = "unreachable", "is the device on, its cable plugged in, and `address` right?"
_WHY = {
    errno.EADDRINUSE: _BUSY,
    errno.EACCES: _DENIED,
    errno.EPERM: _DENIED,
    errno.EADDRNOTAVAIL: _NOT_OURS,
}


class Endpoint(NamedTuple):
    """A host and its port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def endpoint(text: str, default_port: int) -> Endpoint:
    """`host`, `host:port` or `[v6]:port`. Raises ValueError."""
    host, colon, port = text.rpartition(":") if not text.endswith("]") else (text, "", "")
    if not colon:
        host, port = host or text, str(default_port)
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise ValueError("an IPv6 address goes into brackets: [fe80::1]:2575")
    if not host or not port.isdecimal() or not 0 <= int(port) <= 65535:
        raise ValueError("expected HOST or HOST:PORT, the port 0-65535")
    return Endpoint(host, int(port))


@contextmanager
def network_errors(doing: str) -> Iterator[None]:
    """Raise what the system refuses inside as LinkError; `doing` says what was tried, and with whom."""
    try:
        yield
    except OSError as error:
        why, remedy = _WHY.get(error.errno or 0, _AWAY)
        raise LinkError(why, f"{doing}: {error.strerror or error}: {remedy}") from error

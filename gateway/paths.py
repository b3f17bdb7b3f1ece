"""By which of a gateway's ways into the network its connections go: one after the other, or several at once.

sock = connect(("controller", 1883), timeout_s=5)     # several, if both ends can
why = left(sock)      # why a new connection would be better, as a sentence; empty: it would not
"""

import socket
import struct

_MPTCP = getattr(socket, "IPPROTO_MPTCP", 262)
_SOL_MPTCP, _MPTCP_INFO = 284, 1
_FLAGS = struct.Struct("=8xI")
_IS_PLAIN_TCP = 1
"""MPTCP_INFO_FLAG_FALLBACK of linux/mptcp.h: the other end, or something between, knows no MPTCP."""


def connect(
    address: tuple[str, int], timeout_s: float, *, dscp: int = 0, mptcp: bool = True
) -> socket.socket:
    """By MPTCP (RFC 8684), or by TCP where the kernel has none or it is not wanted. Raises OSError.

    Its packets carry `dscp` (RFC 2474: the upper six bits of the traffic class) from the first one on.
    """
    error = OSError(f"{address[0]} has no address")
    for family, _, _, _, where in socket.getaddrinfo(*address, type=socket.SOCK_STREAM):
        sock = _stream(family) if mptcp else socket.socket(family, socket.SOCK_STREAM)
        sock.settimeout(timeout_s)
        try:
            _mark(sock, dscp)
            sock.connect(where)
        except OSError as failed:
            sock.close()
            error = failed
        else:
            return sock
    raise error


def _stream(family: int) -> socket.socket:
    try:
        return socket.socket(family, socket.SOCK_STREAM, _MPTCP)
    except OSError:
        return socket.socket(family, socket.SOCK_STREAM)


def _mark(sock: socket.socket, dscp: int) -> None:
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, dscp << 2)
    if sock.family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, dscp << 2)


def uses_many(sock: socket.socket) -> bool:
    """Whether both ends agreed on MPTCP: its paths come and go without it."""
    if sock.proto != _MPTCP:
        return False
    try:
        (flags,) = _FLAGS.unpack(sock.getsockopt(_SOL_MPTCP, _MPTCP_INFO, _FLAGS.size))
    except OSError:
        return False  # what newer kernels say of a connection that is plain TCP
    return not flags & _IS_PLAIN_TCP


def left(sock: socket.socket) -> str:
    """Why a new connection would be better than `sock`: it would go from another address of this host.

    A connection keeps the address that it began with, and with it the uplink, whatever becomes of that.
    """
    if uses_many(sock):
        return ""
    old = sock.getsockname()[0]
    with socket.socket(sock.family, socket.SOCK_DGRAM) as probe:  # connecting it sends nothing
        try:
            if sock.family == socket.AF_INET:
                marked = sock.getsockopt(socket.IPPROTO_IP, socket.IP_TOS)
                probe.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, marked)
            probe.connect(sock.getpeername())
        except OSError:
            return ""  # there is no way at all
        new = probe.getsockname()[0]
    return "" if new == old else f"the way there begins at {new} now, no more at {old}"

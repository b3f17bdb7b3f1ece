"""Packets that vanish, in a network namespace: nobody hears of it, and TCP goes on afterwards."""

import asyncio
import socket
from contextlib import closing

from hil.faults.lost_packets import LostPackets
from hil.faults.namespace import in_namespace

_LINE = b"still there?"


def two_connections() -> tuple[socket.socket, socket.socket, socket.socket]:
    """A server at a port, and two clients of it that are connected."""
    server = socket.create_server(("127.0.0.1", 0))
    one, other = (socket.create_connection(server.getsockname()) for _ in range(2))
    return server, one, other


async def test_what_is_sent_to_a_port_and_from_it_vanishes_is_counted_and_comes_again_afterwards() -> None:
    async def work() -> tuple[list[int], bytes, bytes]:
        server, one, other = two_connections()
        with closing(server), closing(one), closing(other):
            (at_one, _), (at_other, _) = server.accept(), server.accept()
            with closing(at_one), closing(at_other):
                with LostPackets([server.getsockname()[1]]) as lost:
                    one.sendall(_LINE)
                    at_other.sendall(_LINE)
                    await asyncio.sleep(1)  # so long that TCP tries again, and is not heard
                    heard = [len(_waiting(at_one)), len(_waiting(other))]
                return [*heard, lost.count], at_one.recv(100), other.recv(100)

    (to_port, from_port, count), *after = await in_namespace(work)
    assert (to_port, from_port) == (0, 0)
    assert count >= 4
    assert after == [_LINE, _LINE]


def _waiting(sock: socket.socket) -> bytes:
    sock.setblocking(False)
    try:
        return sock.recv(100)
    except BlockingIOError:
        return b""
    finally:
        sock.setblocking(True)


async def test_other_ports_do_not_notice() -> None:
    async def work() -> tuple[bytes, int]:
        server, one, other = two_connections()
        with closing(server), closing(one), closing(other), LostPackets([1]) as lost:
            at_one, _ = server.accept()
            with closing(at_one):
                one.sendall(_LINE)
                at_one.settimeout(10)
                heard = at_one.recv(100)
        return heard, lost.count

    assert await in_namespace(work) == (_LINE, 0)

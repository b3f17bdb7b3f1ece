"""Which uplink a connection uses, and whether to begin again: on real interfaces. Needs root, as CI is."""

import asyncio
import socket

from gateway import paths
from hil.faults.namespace import in_namespace
from hil.faults.uplinks import Uplinks
from hil.faults.wan import HOSPITAL, SECOND_GATEWAY, Conditions

PORT, TCP = 5000, 0


def listening(protocol: int) -> socket.socket:
    """At HOSPITAL, which is 127.0.0.1 there."""
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM, protocol)
    server.bind(("127.0.0.1", PORT))
    server.listen()
    server.setblocking(False)
    return server


def open_one() -> socket.socket:
    return paths.connect((HOSPITAL, PORT), 5)


async def test_a_connection_is_left_when_another_uplink_would_be_taken_now() -> None:
    async def work() -> list[str]:
        async with Uplinks(1) as uplinks:
            with listening(TCP):
                sock = await asyncio.to_thread(socket.create_connection, (HOSPITAL, PORT), 5)
                said = [paths.left(sock)]
                await uplinks.is_left(uplinks.first)
                said.append(paths.left(sock))
                await uplinks.is_left(uplinks.second)
                said.append(paths.left(sock))
                sock.close()
                return said

    before, after, _ = await in_namespace(work)
    assert before == ""
    assert SECOND_GATEWAY in after


async def test_mptcp_goes_on_over_the_other_uplink_when_one_dies() -> None:
    async def work() -> tuple[bool, str, bytes, int]:
        async with Uplinks(1) as uplinks:
            await uplinks.allow_mptcp()
            await uplinks.second.wan.set(Conditions(delay_s=0.05))  # so the first is preferred
            loop = asyncio.get_running_loop()
            with listening(socket.IPPROTO_MPTCP) as server:
                sock = await asyncio.to_thread(open_one)
                sock.setblocking(False)
                there, _ = await loop.sock_accept(server)
                for _ in range(20):  # the second path is joined once data have gone both ways
                    await loop.sock_sendall(sock, b".")
                    await loop.sock_sendall(there, await loop.sock_recv(there, 1))
                    await loop.sock_recv(sock, 1)
                    await asyncio.sleep(0.05)
                await uplinks.dies(uplinks.first)
                await loop.sock_sendall(sock, b"!")
                heard = await asyncio.wait_for(loop.sock_recv(there, 1), 10)
                lost = (await uplinks.first.wan.counts())["up-blacked-out"]
                await uplinks.is_left(uplinks.first)
                many, why = paths.uses_many(sock), paths.left(sock)
                for one in (sock, there):
                    one.close()
                return many, why, heard, lost

    many, why, heard, lost = await in_namespace(work)
    assert many
    assert not why
    assert heard == b"!"
    assert lost > 0


async def test_where_the_other_end_knows_no_mptcp_it_is_plain_tcp() -> None:
    async def work() -> tuple[bool, str]:
        async with Uplinks(1) as uplinks:
            with listening(TCP):
                sock = await asyncio.to_thread(open_one)
                many = paths.uses_many(sock)
                await uplinks.is_left(uplinks.first)
                why = paths.left(sock)
                sock.close()
                return many, why

    many, why = await in_namespace(work)
    assert not many
    assert why

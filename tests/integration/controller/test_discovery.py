"""A gateway finds the controller without being told where it is."""

import socket

from zeroconf import IPVersion
from zeroconf.asyncio import AsyncZeroconf

from controller.discovery import SERVICE, announced

NAME = "ward-test"


async def test_the_broker_is_found_on_the_loopback_by_multicast_dns() -> None:
    async with announced(NAME, "127.0.0.1", 4321, ["127.0.0.1"]):
        seeker = AsyncZeroconf(interfaces=["127.0.0.1"], ip_version=IPVersion.V4Only)
        try:
            info = await seeker.async_get_service_info(SERVICE, f"{NAME}.{SERVICE}", timeout=10_000)
        finally:
            await seeker.async_close()
    assert info
    assert (info.port, info.addresses) == (4321, [socket.inet_aton("127.0.0.1")])

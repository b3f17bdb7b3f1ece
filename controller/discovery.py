"""Gateways find this controller by DNS-SD (RFC 6763): `_wardlink._tcp`, announced over multicast DNS."""

import logging
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from zeroconf import IPVersion, ServiceInfo
from zeroconf.asyncio import AsyncZeroconf

SERVICE = "_wardlink._tcp.local."

log = logging.getLogger(__name__)


@asynccontextmanager
async def announced(controller: str, host: str, port: int, interfaces: Sequence[str]) -> AsyncIterator[None]:
    """Announce the broker at `host` and `port` on `interfaces` (their addresses) inside the block.

    Where multicast is impossible that is logged: a gateway can still be given the address.
    """
    try:
        announcer = await _announce(controller, host, port, interfaces) if interfaces else None
    except OSError as error:
        log.warning("cannot be announced on %s: %s; give gateways the address", ", ".join(interfaces), error)
        announcer = None
    try:
        yield
    finally:
        if announcer is not None:
            await announcer.async_unregister_all_services()
            await announcer.async_close()


async def _announce(controller: str, host: str, port: int, interfaces: Sequence[str]) -> AsyncZeroconf:
    info = ServiceInfo(
        SERVICE,
        f"{controller}.{SERVICE}",
        addresses=[socket.inet_aton(socket.gethostbyname(host))],
        port=port,
        properties={"scheme": "mqtts", "contract": "1"},
        server=f"{controller}.local.",
    )
    announcer = AsyncZeroconf(interfaces=list(interfaces), ip_version=IPVersion.V4Only)
    try:
        await (await announcer.async_register_service(info, allow_name_change=True))
    except OSError:
        await announcer.async_close()
        raise
    return announcer

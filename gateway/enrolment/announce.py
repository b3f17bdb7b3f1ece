"""A box that waits for its claim is seen in its network: `_wardlink-gw._tcp` (RFC 6763).

Its id is not known yet, so it says the serial number that stands on it.
"""

import hashlib
import hmac
import logging
import re
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from zeroconf import InterfaceChoice, ServiceInfo
from zeroconf.asyncio import AsyncZeroconf

SERVICE = "_wardlink-gw._tcp.local."
"""A service's name has 15 characters at most (RFC 6335, 5.1)."""
_SERIALS = Path("/proc/device-tree/serial-number"), Path("/sys/class/dmi/id/product_serial")
_MACHINE = Path("/etc/machine-id")
_NO_PAGE = "127.0.0.1", 9
"""What is announced by a box without a page that others reach."""

log = logging.getLogger(__name__)


def box_serial(serials: Sequence[Path] = _SERIALS, machine: Path = _MACHINE) -> str:
    """The serial number of this box: its maker's, else one derived from its installation.

    The machine's id itself is not to be shown (machine-id(5)).
    """
    for path in (*serials, machine):
        try:
            text = path.read_text(encoding="ascii").strip("\0 \n")
        except (OSError, UnicodeDecodeError):
            continue
        if path == machine:
            text = hmac.new(text.encode(), b"wardlink gateway", hashlib.sha256).hexdigest()[:12]
        if clean := re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")[:40]:
            return clean
    return "unknown"


@asynccontextmanager
async def announced(
    serial: str, page: tuple[str, int] | None, interfaces: Sequence[str] | None = None
) -> AsyncIterator[None]:
    """Announce this waiting box inside the block, with the address and port of its page.

    `interfaces`: the addresses of this host where to tell; None: all. Where multicast is impossible that is
    logged: the box can be enrolled all the same.
    """
    try:
        announcer = await _announce(serial, page, interfaces)
    except OSError as error:
        log.warning("cannot be announced in the network: %s", error)
        announcer = None
    try:
        yield
    finally:
        if announcer is not None:
            await announcer.async_unregister_all_services()
            await announcer.async_close()


async def _announce(
    serial: str, page: tuple[str, int] | None, interfaces: Sequence[str] | None
) -> AsyncZeroconf:
    host, port = page or _NO_PAGE
    name = f"wardlink-{serial}"
    info = ServiceInfo(
        SERVICE,
        f"{name}.{SERVICE}",
        addresses=[socket.inet_pton(socket.AF_INET6 if ":" in host else socket.AF_INET, host)],
        port=port,
        properties={"serial": serial, "contract": "1"},
        server=f"{name}.local.",
    )
    announcer = AsyncZeroconf(interfaces=list(interfaces) if interfaces else InterfaceChoice.All)
    try:
        await (await announcer.async_register_service(info, allow_name_change=True))
    except OSError:
        await announcer.async_close()
        raise
    return announcer

"""A network of one's own: a thread, and every process that it starts, in a fresh network namespace.

    verdict = await in_namespace(work)     # `work()` is awaited there, in an event loop of its own

Loopback is up in it; nothing leads out. Needs root (CAP_SYS_ADMIN, CAP_NET_ADMIN).
"""

import asyncio
import ctypes
import fcntl
import os
import socket
import struct
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, TypeVar

from hil.errors import NotReady

_CLONE_NEWNET = 0x40000000
_SIOCSIFFLAGS, _SIOCSIFADDR, _SIOCSIFNETMASK = 0x8914, 0x8916, 0x891C
_IFF_UP_RUNNING = 0x41
_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 1, 0x1000

_libc = ctypes.CDLL(None, use_errno=True)
_T = TypeVar("_T")


async def in_namespace(work: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
    """Await `work()` in a network namespace of its own; it is cancelled with the caller. Raises NotReady."""
    inside: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]]] = []

    async def main() -> _T:
        task = asyncio.current_task()
        assert task is not None
        inside.append((asyncio.get_running_loop(), task))
        return await work()

    def thread() -> _T:
        enter()
        return asyncio.run(main())

    with ThreadPoolExecutor(1, "namespace") as pool:
        try:
            return await asyncio.get_running_loop().run_in_executor(pool, thread)
        except asyncio.CancelledError:
            for loop, task in inside:
                loop.call_soon_threadsafe(task.cancel)
            raise


def enter() -> None:
    """Move this thread; the threads and processes that it starts are there, too."""
    if _libc.unshare(_CLONE_NEWNET):
        why = os.strerror(ctypes.get_errno())
        raise NotReady(f"no network namespace can be made ({why}): run this as root")
    interface_up("lo")


def interface_up(name: str, address: str = "", mask: str = "") -> None:
    """Give the interface an address, if any, and switch it on. Raises OSError."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        if address:
            fcntl.ioctl(control, _SIOCSIFADDR, _request(name, address))
            fcntl.ioctl(control, _SIOCSIFNETMASK, _request(name, mask))
        fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sH14x", name.encode(), _IFF_UP_RUNNING))


def _request(name: str, address: str) -> bytes:
    packed = IPv4Address(address).packed
    return struct.pack("16sHH4s8x", name.encode(), socket.AF_INET, 0, packed)


def open_tun(name: str) -> int:
    """A new TUN interface: each read of the handle is an IP packet that the kernel sends. Raises OSError."""
    handle = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    fcntl.ioctl(handle, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _IFF_TUN | _IFF_NO_PI))
    return handle


def setting(name: str, value: str, family: str = "ipv4") -> None:
    """Set `net.FAMILY.NAME` of this namespace. Raises OSError."""
    Path("/proc/sys/net", family, name).write_text(value, encoding="ascii")

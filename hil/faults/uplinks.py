"""Two uplinks between gateway and controller, one preferred, on this machine: either may die.

async with Uplinks(seed) as uplinks:       # in a network namespace of one's own
    await uplinks.allow_mptcp()
    await uplinks.dies(uplinks.first)      # no packet of it arrives
    await uplinks.is_left(uplinks.first)   # new connections go by the other
    await uplinks.returns(uplinks.first)
"""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from hil.errors import NotReady
from hil.faults.namespace import setting
from hil.faults.wan import GATEWAY, HOSPITAL, PERFECT, SECOND_GATEWAY, Conditions, Wan


@dataclass(frozen=True, slots=True)
class Uplink:
    """One of them: its network, interface, address, and how it is preferred (less is more)."""

    wan: Wan
    interface: str
    address: str
    metric: int


class Uplinks:
    """Both, and the routes over them. Raises NotReady without root, /dev/net/tun or iproute2."""

    def __init__(self, seed: int, conditions: Conditions = PERFECT) -> None:
        self._conditions = conditions
        self.first = Uplink(Wan(seed), "wan0", GATEWAY, 10)
        self.second = Uplink(Wan(seed, second=True), "wan1", SECOND_GATEWAY, 20)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Both are there."""
        for uplink in (self.first, self.second):
            await self._stack.enter_async_context(uplink.wan)
            await self.returns(uplink)
            for name in ("all", uplink.interface):
                setting(f"conf/{name}/rp_filter", "0")  # answers come from one address over both
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def dies(self, uplink: Uplink) -> None:
        """Nothing passes any more, and no connection is told."""
        await uplink.wan.blackout()

    async def is_left(self, uplink: Uplink) -> None:
        """New connections go by the other one: what a router, or NetworkManager, does about a dead uplink."""
        await _ip("route", "del", *self._route(uplink))

    async def returns(self, uplink: Uplink) -> None:
        """It is as it was, and preferred as it was."""
        await uplink.wan.set(self._conditions)
        await _ip("route", "replace", *self._route(uplink), "src", uplink.address)

    async def allow_mptcp(self) -> None:
        """Connections may have a path over each uplink, and one that loses a packet is stale at once.

        The controller's end is in the same namespace: it tries both uplinks, too, in vain, and each try
        counts as a path; hence the limit.
        """
        setting("stale_loss_cnt", "1", "mptcp")
        await _ip("mptcp", "limits", "set", "subflows", "8")
        for uplink in (self.first, self.second):
            await _ip("mptcp", "endpoint", "add", uplink.address, "dev", uplink.interface, "subflow")

    @staticmethod
    def _route(uplink: Uplink) -> tuple[str, ...]:
        return f"{HOSPITAL}/32", "dev", uplink.interface, "metric", str(uplink.metric)


async def _ip(*arguments: str) -> None:
    try:
        process = await asyncio.create_subprocess_exec("ip", *arguments, stderr=asyncio.subprocess.PIPE)
    except FileNotFoundError:
        raise NotReady("there is no `ip`: install the package iproute2") from None
    _, told = await process.communicate()
    if process.returncode:
        raise NotReady(f"ip {' '.join(arguments)}: {told.decode().strip()}")

"""Shaping on the box, where it may: what leaves towards the controller is slowed to a little less than the
uplink carries, so that packets wait here, where an alert's goes first, and not in somebody's queue.

[controller]
shape_kbit = 900            needs CAP_NET_ADMIN and iproute2; without them it is said once, and nothing else
"""

import asyncio
import json
import logging
import socket
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from devices.wire.topics import LANES
from gateway import htb
from gateway.discovery import Locator
from gateway.errors import NotShaped

LOOK_S = 2.0
_EVERY = 5
"""Looks after which the interfaces are asked, though the gateway's own wishes are as before."""

log = logging.getLogger(__name__)
Marks = dict[str, int]
Wish = tuple[frozenset[str], Marks]
"""Addresses, and the lanes' marks."""


@dataclass(slots=True)
class Shaping:
    """On the way to wherever `locator` says that lanes connect to."""

    locator: Locator
    _done: dict[str, Marks] = field(default_factory=dict[str, Marks])
    """The interfaces that are shaped, and by which marks."""
    _looked: Wish | None = None
    _said: set[str] = field(default_factory=set[str])

    async def run(self) -> None:
        """Until cancelled: then the interfaces are as they were."""
        kbit = self.locator.config.shape_kbit
        if kbit is None:
            await asyncio.Event().wait()
            return
        looks = 0
        try:
            while True:
                if looks % _EVERY == 0 or self._wish() != self._looked:
                    self._looked = self._wish()
                    await self._look(kbit, *self._looked)
                looks += 1
                await asyncio.sleep(LOOK_S)
        finally:
            for interface in list(self._done):
                await self._remove(interface)

    def _wish(self) -> Wish:
        lanes = self.locator.config.lanes
        return frozenset(self.locator.known_urls()), {lane: getattr(lanes, lane).dscp for lane in LANES}

    async def _look(self, kbit: int, urls: frozenset[str], marks: Marks) -> None:
        """Shape what is to be shaped, and nothing else."""
        try:
            ways = {way for url in urls if (way := await _interface(url))}
            if ways:  # without a way there is nothing to mend: it will be the old one, as a rule
                for interface in self._done.keys() - ways:
                    await self._remove(interface)
            for interface in ways:
                await self._shape(interface, kbit, marks)
        except NotShaped as error:
            self._say(str(error))

    async def _shape(self, interface: str, kbit: int, marks: Marks) -> None:
        """Raises NotShaped."""
        root = htb.state(await _run("tc", "-j", "qdisc", "show", "dev", interface))
        if root == htb.Root.SOMEBODY:
            raise NotShaped(f"{interface} is not shaped: somebody else's queueing discipline is its root")
        if root == htb.Root.OURS and self._done.get(interface) == marks:
            return
        before = [htb.unshaped(interface)] if root == htb.Root.OURS else []
        await _run("tc", "-batch", "-", lines=[*before, *htb.shaped(interface, kbit, marks)])
        self._done[interface] = marks
        log.info("%s is shaped to %d kbit/s", interface, kbit)

    async def _remove(self, interface: str) -> None:
        del self._done[interface]
        try:
            await _run("tc", "-batch", "-", lines=[htb.unshaped(interface)])
            log.info("%s is not shaped any more", interface)
        except NotShaped as error:  # a modem that is gone has taken it along
            log.info("%s", error)

    def _say(self, what: str) -> None:
        if what not in self._said:
            self._said.add(what)
            log.warning("%s", what)


async def _interface(url: str) -> str | None:
    """By which packets to `url` leave; None: they stay on this host, or nobody knows. Raises NotShaped."""
    parts = urlsplit(url)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            parts.hostname, parts.port, type=socket.SOCK_STREAM
        )
        (way, *_) = json.loads(await _run("ip", "-j", "route", "get", str(found[0][4][0])))
    except OSError:
        return None  # the uplink says so, too
    return None if way.get("type") == "local" else way["dev"]


async def _run(*command: str, lines: list[str] | None = None) -> str:
    """What it prints. Raises NotShaped."""
    pipe, text = asyncio.subprocess.PIPE, "\n".join(lines or [])
    try:
        process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe)
    except OSError as error:
        raise NotShaped(f"nothing is shaped: {command[0]} cannot be started ({error.strerror}); \
install iproute2") from error
    out, said = await process.communicate(text.encode())
    if process.returncode:
        raise NotShaped(f"nothing is shaped: {' '.join(command)}: {' '.join(said.decode().split())}")
    return out.decode()

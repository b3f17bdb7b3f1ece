"""Shaping on the box, where it may: what leaves towards the controller is slowed to a little less than the
uplink carries, so that packets wait here, where an alert's goes first, and not in somebody's queue.

[controller]
shape_kbit = 900            needs CAP_NET_ADMIN and iproute2; without them it is said once, and nothing else
"""

import asyncio
import json
import logging
import socket
from collections.abc import Iterable
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
        root = await _root(interface)
        if root == htb.Root.SOMEBODY:
            raise NotShaped(f"{interface} is not shaped: somebody else's queueing discipline is its root")
        if root == htb.Root.OURS and self._done.get(interface) == marks:
            return
        before = [htb.unshaped(interface)] if root == htb.Root.OURS else []
        self._done[interface] = {}  # from here on there may be something to take away again
        try:
            await _tc("-batch", "-", lines=[*before, *htb.shaped(interface, kbit, marks)])
        except NotShaped:
            await self._remove(interface)
            raise
        self._done[interface] = marks
        log.info("%s is shaped to %d kbit/s", interface, kbit)

    async def _remove(self, interface: str) -> None:
        del self._done[interface]
        try:
            if await _root(interface) == htb.Root.OURS:
                await _tc("-batch", "-", lines=[htb.unshaped(interface)])
                log.info("%s is not shaped any more", interface)
        except NotShaped as error:  # a modem that is gone has taken it along
            log.debug("%s", error)

    def _say(self, what: str) -> None:
        if what not in self._said:
            self._said.add(what)
            log.warning("%s", what)


async def _interface(url: str) -> str | None:
    """By which packets to `url` leave; None: nobody knows now. Raises NotShaped."""
    parts, loop = urlsplit(url), asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(parts.hostname, parts.port, type=socket.SOCK_STREAM)
    except OSError:
        return None  # the uplink says so, too
    code, said, _ = await _run("ip", "-j", "route", "get", str(found[0][4][0]))
    if code:
        return None
    (way, *_) = json.loads(said)
    if way.get("type") == "local":
        raise NotShaped(f"nothing is shaped: {url} is on this host")
    return way["dev"]


async def _root(interface: str) -> htb.Root:
    """Who shapes it now. Raises NotShaped."""
    return htb.state(await _tc("-j", "qdisc", "show", "dev", interface))


async def _tc(*arguments: str, lines: Iterable[str] = ()) -> str:
    """What it prints. Raises NotShaped."""
    code, said, why = await _run("tc", *arguments, text="\n".join(lines))
    if code:
        raise NotShaped(f"nothing is shaped (it needs CAP_NET_ADMIN): tc: {' '.join(why.split())}")
    return said


async def _run(*command: str, text: str = "") -> tuple[int, str, str]:
    """Its exit code, what it prints, and its errors. Raises NotShaped: there is none."""
    pipe = asyncio.subprocess.PIPE
    try:
        process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe)
    except OSError as error:
        why = f"{command[0]} cannot be started ({error.strerror})"
        raise NotShaped(f"nothing is shaped: {why}: install iproute2") from error
    try:
        said, why = await process.communicate(text.encode())
    finally:
        if process.returncode is None:  # cancelled: nothing of it may come after what follows
            process.kill()
            await process.wait()
    return process.returncode or 0, said.decode(), why.decode()

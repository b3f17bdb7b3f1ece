"""What goes wrong in the simulated world: crashes aimed at a point, and the weather of disk and network."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from hil.simulation import database, disk
from hil.simulation.loop import SimLoop
from hil.simulation.network import Link, SimBroker
from hil.simulation.parts import SimController, SimGateway
from hil.simulation.watch import Watch

AT_START = ("create", "mkdir", "fsync")
"""Points that a gateway passes when it starts."""
AFTER_START = ("rename", "unlink", "rmdir")
"""Points that it passes when an earlier journal may go, or a file is full."""
_FIRES_WITHIN_S = 60.0
SLOW_RATE = 3000.0
"""Bytes a second of a connection over a poor radio."""


@dataclass(frozen=True, slots=True)
class Aim:
    """What is done most: `where` "gateway" (it dies at a point of its disk), "controller" (it dies at a point
    of a transaction), or "network" (it is away for long, and slow when it comes back)."""

    where: str
    point: str
    when: str = ""

    def __str__(self) -> str:
        if self.where == "network":
            return f"network: {self.point}"
        return f"{self.where} dies {self.when} {self.point}".replace("  ", " ")


AIMS = (
    *(Aim("gateway", point, when) for point in disk.POINTS for when in ("before", "after")),
    *(Aim("controller", point) for point in database.POINTS),
)
LONG_OUTAGE = Aim("network", "long outage")
ALL_AIMS = (*AIMS, LONG_OUTAGE)


@dataclass(slots=True)
class Faults:
    """All faults of one world, drawn from `random`. `fired` counts what really happened."""

    loop: SimLoop
    gateway: SimGateway
    controller: SimController
    broker: SimBroker
    link: Link
    watch: Watch
    aim: Aim
    bad_disk: bool
    random: random.Random
    embedded: bool
    fired: Counter[str] = field(default_factory=Counter[str])
    _broken: int = 0

    @contextmanager
    def _trouble(self) -> Iterator[None]:
        """While inside, the weather is not calm."""
        self._broken += 1
        self.watch.calm_since = None
        try:
            yield
        finally:
            self._broken -= 1
            if not self._broken:
                self.watch.calm_since = self.loop.now

    async def run(self, until: float) -> None:
        """Until then; everything is whole again at the end."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._again(until, 2000.0 if self.aim == LONG_OUTAGE else 100.0, self._crash))
            group.create_task(self._again(until, 300.0, self._weather))

    async def _again(self, until: float, mean_s: float, act: Callable[[], Coroutine[Any, Any, None]]) -> None:
        while True:
            await asyncio.sleep(self.random.expovariate(1 / mean_s))
            if self.loop.now > until:
                return
            with self._trouble():
                await act()

    async def _crash(self) -> None:
        await self._one_of(
            (10, self._aimed),
            (1, self._gateway_killed),
            (1, self._gateway_stopped),
            (1, self._controller_killed),
        )

    async def _weather(self) -> None:
        await self._one_of(
            (40 if self.aim == LONG_OUTAGE else 0, self._long_outage),
            (4, self._link_down),
            (4, self._rough),
            (2, self._one_connection_breaks),
            (1, self._broker_ends),
            (1, self._database_full),
            (2 if self.bad_disk else 0, self._disk_full),
            (2 if self.bad_disk else 0, self._disk_broken),
        )

    async def _one_of(self, *choices: tuple[int, Callable[[], Coroutine[Any, Any, None]]]) -> None:
        weights, acts = zip(*choices, strict=True)
        (act,) = self.random.choices(acts, weights)
        await act()

    # crashes

    async def _aimed(self) -> None:
        aim = self.aim if self.aim in AIMS and self.random.random() < 0.6 else self.random.choice(AIMS)
        await (self._at_disk(aim) if aim.where == "gateway" else self._at_database(aim))

    async def _at_disk(self, aim: Aim) -> None:
        rare = aim.point in (*AT_START, *AFTER_START)
        if rare:
            self.gateway.kill()
            await asyncio.sleep(0.05)
        self.gateway.cut_power = self.random.random() < 0.7
        aimed = self.gateway.disk
        aimed.aim(aim.point, self.random.randint(1, 8 if rare else 30), aim.when)
        await self._fires(aim, lambda: not aimed.is_aimed, aimed.disarm)
        self.gateway.cut_power = self.gateway.cut_power and self.gateway.process is None
        await self._is_up(self.gateway)

    async def _at_database(self, aim: Aim) -> None:
        aimed = self.controller.database
        aimed.aim(aim.point, self.random.randint(1, 30))
        await self._fires(aim, lambda: not aimed.is_aimed, aimed.disarm)
        await self._is_up(self.controller)

    async def _fires(self, aim: Aim, fired: Callable[[], bool], disarm: Callable[[], None]) -> None:
        end = self.loop.now + _FIRES_WITHIN_S
        while not fired() and self.loop.now < end:  # noqa: ASYNC110 - in virtual time it costs nothing
            await asyncio.sleep(0.5)
        if fired():
            self.fired[str(aim)] += 1
        disarm()

    async def _is_up(self, part: SimGateway | SimController) -> None:
        await asyncio.sleep(0.1)
        while part.process is None:  # noqa: ASYNC110 - in virtual time it costs nothing
            await asyncio.sleep(0.5)

    async def _gateway_killed(self) -> None:
        self.gateway.cut_power = self.random.random() < 0.5
        self.gateway.kill()
        self.fired["gateway killed"] += 1
        await self._is_up(self.gateway)

    async def _gateway_stopped(self) -> None:
        self.gateway.stop()
        self.fired["gateway stopped"] += 1
        await asyncio.sleep(5)
        await self._is_up(self.gateway)

    async def _controller_killed(self) -> None:
        self.controller.kill()
        self.fired["controller killed"] += 1
        await self._is_up(self.controller)

    # weather

    async def _link_down(self) -> None:
        """For a moment, or for some minutes."""
        self.fired["link down"] += 1
        await self._away(self.random.expovariate(1 / self.random.choice((5, 60, 200))))

    async def _long_outage(self) -> None:
        """So long that the backlog takes minutes over a poor radio."""
        self.fired[str(LONG_OUTAGE)] += 1
        self.link.rate = SLOW_RATE
        await self._away(self.random.uniform(600, 1200))

    async def _away(self, seconds: float) -> None:
        self.link.up = False
        resets = self.random.random() < 0.5
        for client in [client for client in self.broker.clients if client.link is self.link]:
            self.broker.forget(client, client.silence_s)
            noticed = 0.0 if resets else client.silence_s * self.random.uniform(0.7, 1)
            self.broker.anyhow(noticed, lambda it=client: it.breaks("the network is down"))
        await asyncio.sleep(seconds)
        self.link.up = True

    async def _rough(self) -> None:
        """Messages are lost, doubled and disordered."""
        self.link.loss, self.link.double, self.link.disorder_s = 0.1, 0.1, 2.0
        self.fired["rough weather"] += 1
        await asyncio.sleep(self.random.expovariate(1 / 60))
        self.link.loss = self.link.double = self.link.disorder_s = 0.0

    async def _one_connection_breaks(self) -> None:
        clients = [client for client in self.broker.clients if client.link is self.link]
        if clients:
            client = self.random.choice(clients)
            self.broker.forget(client, 0.0)
            self.fired["one connection broken"] += 1
        await asyncio.sleep(1)

    async def _broker_ends(self) -> None:
        self.broker.end()
        self.fired["broker killed"] += 1
        await asyncio.sleep(self.random.uniform(0.2, 10))
        if self.controller.process is not None or not self.embedded:
            self.broker.up = True

    async def _database_full(self) -> None:
        self.controller.database.full = True
        self.fired["database full"] += 1
        await asyncio.sleep(self.random.expovariate(1 / 20))
        self.controller.database.full = False

    async def _disk_full(self) -> None:
        self.gateway.disk.full = True
        self.fired["disk full"] += 1
        await asyncio.sleep(self.random.expovariate(1 / 30))
        self.gateway.disk.full = False

    async def _disk_broken(self) -> None:
        self.gateway.disk.broken = self.random.randint(1, 3)
        self.fired["disk broken"] += 1
        await asyncio.sleep(10)
        self.gateway.disk.broken = 0

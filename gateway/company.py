"""Whether a controller is at the broker that a lane is connected to, of several: else the lane goes on.

    company = Company(rotation, control_is_online)
    group.create_task(company.listen(connection))     # a lane that hears nothing else
    group.create_task(company.keep(look_for))         # raises Unreachable when the lane should connect anew

A broker may be cut off from the controller and not from here. It says so, by the controller's will; or it
says nothing, because it is new and empty.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from devices.errors import WireError
from devices.model.observation import Instant
from devices.wire import topics
from devices.wire.messages import read_controller_state
from gateway.errors import Unreachable
from gateway.mqtt import Connection
from gateway.rotation import Rotation

_LOOK_S = 0.25
_SHARE = 0.2
"""Of the patience, where the controller was and is said to be gone: there is nothing to wait for."""
_BETTER_EVERY = 20
"""Looks after which it is asked whether a better broker serves again."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Company:
    """Of one connection. `is_here`: whether a controller is heard by it; `is_anywhere`: or by another one."""

    rotation: Rotation
    is_here: Callable[[], bool]
    is_anywhere: Callable[[], bool]
    now: Callable[[], Instant]

    async def keep(self, serves: Callable[[str], Awaitable[bool]]) -> None:
        """Raises Unreachable: no controller is here, or a better broker `serves` again."""
        alone_s, looks, share = 0.0, 0, 1.0
        while alone_s < self.rotation.patience_s * share:
            await asyncio.sleep(_LOOK_S)
            looks += 1
            if self.is_here():
                alone_s, share = 0.0, _SHARE
                self.rotation.worked()
                if looks % _BETTER_EVERY == 0:
                    await self._go_back(serves)
            elif self.is_anywhere():
                alone_s += _LOOK_S
        self.rotation.lonely()
        raise Unreachable("no controller is at this broker")

    async def _go_back(self, serves: Callable[[str], Awaitable[bool]]) -> None:
        better = self.rotation.better(self.now())
        if better is None:
            return
        if await serves(better):
            self.rotation.go(better)
            raise Unreachable(f"{better} serves again")
        self.rotation.not_yet(better, self.now())


@dataclass(slots=True)
class Hearing:
    """What a lane that carries nothing but blocks hears of the controller at its broker."""

    is_online: bool = False
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self, connection: Connection) -> None:
        """Until the connection breaks. Raises Unreachable."""
        await connection.subscribe(topics.CONTROLLER_STATE)
        async for _, payload in connection.messages():
            try:
                self.is_online = read_controller_state(payload).online
            except WireError as error:
                log.warning("%s cannot be read: %s", topics.CONTROLLER_STATE, error)
            if self.is_online:
                self.heard.set()

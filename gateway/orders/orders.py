"""Orders for the uplink: verified, then obeyed. What is refused changes nothing, is counted and told once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from devices.wire import cose
from gateway.enrolment.identity import IdentityFolder
from gateway.errors import IdentityError, NotKept, OrderRefused
from gateway.orders.commands import Commands
from gateway.orders.held import Held
from gateway.orders.verify import verified

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Orders:
    """`alarm(why)` tells people that somebody sends orders that this gateway must not obey."""

    identity: IdentityFolder
    commands: Commands
    configuration: Held
    alarm: Callable[[str], None]
    refused: int = 0

    async def begin(self) -> None:
        """Say what earlier starts left unsaid."""
        try:
            await self.commands.tell_interrupted()
            await self.configuration.tell_revision()
        except NotKept as error:
            log.warning("the controller is not told which orders were obeyed: %s", error)

    async def command(self, data: bytes, rebirth: Callable[[], Awaitable[None]]) -> None:
        """A message came on the topic of commands. Raises WireError."""
        await self._obey(data, cose.COMMAND, lambda payload: self.commands.take(payload, rebirth))

    async def configure(self, data: bytes) -> None:
        """A message came on the topic of configurations. Raises WireError."""
        await self._obey(data, cose.CONFIGURATION, lambda payload: self.configuration.take(data, payload))

    async def _obey(self, data: bytes, kind: str, take: Callable[[bytes], Awaitable[None]]) -> None:
        try:
            identity = await asyncio.to_thread(self.identity.load)
            await take(verified(data, kind, identity))
        except OrderRefused as error:
            self.refused += 1
            log.warning("refused an order: %s", error)
            self.alarm(error.why)
        except (NotKept, IdentityError) as error:
            log.error("an order was not answered: %s", error)

    def counts(self) -> dict[str, int]:
        """For the numbers of the gateway's health."""
        return {
            "configuration-revision": self.configuration.revision,
            "commands-done": self.commands.count,
            "commands-repeated": self.commands.repeated,
            "orders-refused": self.refused,
        }

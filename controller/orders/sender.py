"""Sends orders until they are answered: a gateway that is away hears them when it is back.

Commands go again and again until their gateway says what became of them, or they expire: each gateway does
each once. The newest configuration of each gateway is retained at the broker.
"""

import asyncio
from collections.abc import Callable

from controller.clock import Clock
from controller.orders.desk import OrderDesk
from controller.orders.signing import Signer
from devices.wire import topics
from devices.wire.orders import Command

LOOK_S, SOON_S = 1.0, 0.2
"""How often all is looked through; and whether a new command is there, which may be a robot's stop."""
AGAIN_US = 2_000_000
"""A command without an answer is sent again after so long."""

Publish = Callable[[str, bytes], None]
"""Publishes (topic, payload) if the broker can be reached."""


class Sender:
    """`send` publishes once, `retain` so that whoever comes later hears it, too."""

    def __init__(
        self, desk: OrderDesk, clock: Clock, signer: Signer, *, send: Publish, retain: Publish
    ) -> None:
        self._desk = desk
        self._clock = clock
        self._signer = signer
        self._send, self._retain = send, retain
        self.serves: Callable[[str], bool] = lambda _: True
        """Whether it is this controller that speaks with a gateway."""
        self._under_way: dict[bytes, tuple[bytes, int]] = {}
        """Commands without an answer: as signed, and when they were last sent."""
        self._retained: dict[str, int] = {}
        """The revision that is retained for each gateway."""
        self._signed_by = signer.key_id

    async def run(self) -> None:
        """Until cancelled. Raises StoreError."""
        while True:
            await self.look()
            for _ in range(max(1, round(LOOK_S / SOON_S))):
                await asyncio.sleep(min(LOOK_S, SOON_S))
                await self.send_commands()

    async def look(self) -> None:
        """Send what is due. Raises StoreError."""
        if self._signer.key_id != self._signed_by:  # a gateway that has the new key wants no older one's
            self._signed_by = self._signer.key_id
            self._under_way, self._retained = {}, {}
        await self.send_commands()
        self._retained = {one: known for one, known in self._retained.items() if self.serves(one)}
        for configuration in await self._desk.newest():
            if not self.serves(configuration.gateway):
                continue
            if self._retained.get(configuration.gateway) != configuration.revision:
                self._retained[configuration.gateway] = configuration.revision
                topic = topics.down(configuration.gateway, "config")
                self._retain(topic, self._signer.configuration(configuration))

    async def send_commands(self) -> None:
        """Send those that are new, or have no answer yet. Raises StoreError."""
        unanswered, now_us = await self._desk.unanswered(), self._clock.now_us()
        commands = [one for one in unanswered if self.serves(one.gateway)]
        held = self._under_way
        self._under_way = {one.id: held.get(one.id) or self._new(one) for one in commands}
        for one in commands:
            signed, sent_us = self._under_way[one.id]
            if now_us - sent_us >= AGAIN_US:
                self._under_way[one.id] = signed, now_us
                self._send(topics.down(one.gateway, "command"), signed)

    def _new(self, command: Command) -> tuple[bytes, int]:
        return self._signer.command(command), self._clock.now_us() - AGAIN_US

"""An enrolled gateway that sends more at once than a controller has room for, and sends it until it is told.

greedy = Greedy(port, password)
await greedy.flood(80_000_000)      # so many bytes of good blocks of waves
await greedy.until_told()
"""

import asyncio
import secrets
from contextlib import suppress
from dataclasses import dataclass, field

import aiomqtt
import cbor2

from hil.errors import NotReady
from hil.faults.rogue import VITAL_TOPIC, Rogue, group

_PLETH, _WAVEFORM, _INT16 = 7, 2, 77
"""Numbers of the contract; the tag of RFC 8746."""
_ONE, _NOTHING = [1, 0], [0, 0]
"""Scale and offset: mantissa and exponent."""
_BLOCK_BYTES = 240_000
_AT_ONCE = 16
_AGAIN_S = 5.0
_PATIENCE_S = 90.0


@dataclass(slots=True)
class Greedy:
    """Its blocks by number, until each has its receipt."""

    rogue: Rogue
    owed: dict[int, bytes] = field(default_factory=dict[int, bytes])
    sent: int = 0
    """Blocks published, again or not."""

    async def flood(self, size: int) -> None:
        """Make so many bytes of blocks, and send each once. Raises aiomqtt.MqttError."""
        for _ in range(size // _BLOCK_BYTES):
            number = self.rogue.take_number()
            self.owed[number] = self._block(number)
        async with self.rogue.client() as client:
            await self._send(client)

    def _block(self, number: int) -> bytes:
        samples = cbor2.CBORTag(_INT16, secrets.token_bytes(_BLOCK_BYTES))
        wave = [_WAVEFORM, _PLETH, -1000, 75_000, _ONE, _NOTHING, samples, 0]
        return self.rogue.block(self.rogue.header(number), group([wave]))

    async def _send(self, client: aiomqtt.Client) -> None:
        client.pending_calls_threshold = _AT_ONCE
        blocks = iter(list(self.owed.values()))

        async def publish() -> None:
            for block in blocks:
                await client.publish(VITAL_TOPIC, block, qos=1, timeout=_PATIENCE_S)
                self.sent += 1

        await asyncio.gather(*(publish() for _ in range(_AT_ONCE)))

    async def until_told(self) -> None:
        """Send whatever has no receipt until all have one. Raises NotReady, aiomqtt.MqttError."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE_S), self.rogue.connected() as client:
                while self._still_owed():
                    await self._send(client)
                    await asyncio.sleep(_AGAIN_S)
        if self.owed:
            raise NotReady(f"{len(self.owed)} blocks have no receipt after {_PATIENCE_S:.0f} s")

    def _still_owed(self) -> bool:
        self.owed = {number: block for number, block in self.owed.items() if number not in self.rogue.told}
        return bool(self.owed)

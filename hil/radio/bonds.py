"""The bonds of an adapter of the virtual radio, as the gateway asks for them."""

from bleak.backends.device import BLEDevice

from gateway.links.bonds import Pairing
from hil.radio.adapter import Adapter


class RadioBonds:
    """See `gateway.links.bonds.Bonds`."""

    def __init__(self, adapter: Adapter) -> None:
        self._adapter = adapter

    async def pairing(self, device: BLEDevice) -> Pairing:
        """As the connection is now: encrypted by a key that is kept, by another, or not."""
        connections = self._adapter.device.connections.values()
        theirs = [one for one in connections if one.peer_address.to_string(False) == device.address]
        if not any(one.is_encrypted for one in theirs):
            return "none"
        return "bonded" if await self._names(device.address) else "encrypted"

    async def forget(self, address: str) -> None:
        """Delete the keys."""
        for name in await self._names(address):
            await self._adapter.bonds.delete(name)

    async def _names(self, address: str) -> list[str]:
        return [name for name, _ in await self._adapter.bonds.get_all() if name.startswith(address)]

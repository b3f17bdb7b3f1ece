"""What the radio's host knows of the bonds of devices: BlueZ (`bluez_bonds`), or a simulated radio."""

from typing import Literal, Protocol

from bleak.backends.device import BLEDevice

Pairing = Literal["none", "encrypted", "bonded"]


class Bonds(Protocol):
    """The bonds of one host."""

    async def pairing(self, device: BLEDevice) -> Pairing:
        """How the connection to `device` is secured now. Raises LinkError."""
        ...

    async def forget(self, address: str) -> None:
        """Forget the bond with the device `address` (upper case), keys and all, if there is one.

        Raises LinkError.
        """
        ...

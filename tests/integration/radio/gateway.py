"""A gateway process for tests: connects to a peripheral, pairs, and prints each notification as hex."""

import asyncio
import sys
from pathlib import Path

from bleak import BleakClient, BleakScanner

from hil.radio.adapter import Adapter
from hil.radio.backend import backends


def say(text: str) -> None:
    """Print `text` at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


async def main(transport: str, bonds: str, name: str) -> None:
    """Follow the peripheral `name` until killed."""
    async with Adapter(transport, bonds=Path(bonds)) as adapter:
        scanner, client = backends(adapter)
        device = await BleakScanner.find_device_by_name(name, backend=scanner)
        assert device
        say("found")
        async with BleakClient(device, backend=client, pair=True) as connected:
            await connected.start_notify("2a37", lambda _, data: say(data.hex()))
            say("subscribed")
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

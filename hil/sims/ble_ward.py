"""The radio process: every BLE device of the ward on one virtual radio.

    python -m hil.sims.ble_ward data --listen tcp-server:127.0.0.1:9001

Gateways plug in over HCI at the address that it prints.
"""

import asyncio
import logging
from pathlib import Path
from typing import Annotated

import typer

from devices.profiles import BleBroadcast, BleLink, profile
from hil.radio.world import World
from hil.sims.ble import BleDevice
from hil.sims.dialled import patient_at
from hil.sims.dials import follow
from hil.sims.process import run
from hil.sims.simulated import simulators
from hil.ward import Folder, WardDevice

log = logging.getLogger(__name__)


async def serve(folder: Folder, ward: list[WardDevice], listen: str) -> None:
    """Have the devices live on a radio with an HCI port at `listen`, until cancelled."""
    async with World(bonds=folder.root / "bonds.json") as world, asyncio.TaskGroup() as group:
        for device in ward:
            sim = simulators()[device.profile](patient_at(folder, device))
            simulated = BleDevice(device, sim, folder)
            await world.add(simulated.peripheral)
            group.create_task(simulated.run())
            group.create_task(follow(folder.dials(device.bed), device.id, simulated.dialled))
        typer.echo(await world.listen(listen))
        log.info("%d devices are on the air", len(ward))
        await asyncio.Event().wait()  # a radio is there without any, too


def main(
    folder: Annotated[Path, typer.Argument(help="The demo's data folder.")],
    listen: Annotated[str, typer.Option(help="Where gateways plug in.")] = "tcp-server:127.0.0.1:0",
) -> None:
    """Simulate the ward's BLE devices until told to stop."""
    where = Folder(folder)
    on_air = [one for one in where.devices() if isinstance(profile(one.profile).link, BleLink | BleBroadcast)]
    run(serve(where, on_air, listen))


if __name__ == "__main__":
    typer.run(main)

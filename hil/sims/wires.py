"""The process of all simulated devices on wires, serial and network: `python -m hil.sims.wires FOLDER`."""

import asyncio
import logging
from pathlib import Path
from typing import Annotated

import typer

from devices.profiles import SerialLink, TcpLink, UdpLink, profile
from hil.sims.dialled import patient_at
from hil.sims.dials import follow
from hil.sims.nonin import NoninSim
from hil.sims.process import run
from hil.sims.simulated import WireSim, simulators
from hil.sims.wire import NetworkDevice, SerialDevice
from hil.ward import SERIAL_OXIMETER, Folder, WardDevice

log = logging.getLogger(__name__)


async def serve(folder: Folder, ward: list[WardDevice]) -> None:
    """Have the devices live, until cancelled."""
    async with asyncio.TaskGroup() as group:
        for device in ward:
            simulated = _simulated(device, folder)
            group.create_task(simulated.run())
            group.create_task(follow(folder.dials(device.bed), device.id, simulated.dialled))
        log.info("%d devices are plugged in", len(ward))
        await asyncio.Event().wait()


def _simulated(device: WardDevice, folder: Folder) -> NoninSim | SerialDevice | NetworkDevice:
    patient = patient_at(folder, device)
    if device.profile == SERIAL_OXIMETER:
        return NoninSim(device, folder, patient)
    sim = simulators()[device.profile](patient)
    if not isinstance(sim, WireSim):
        raise ValueError(f"{device.id}: the simulator of {device.profile} is none of a device on a wire")
    if isinstance(profile(device.profile).link, SerialLink):
        return SerialDevice(device, sim, folder)
    return NetworkDevice(device, sim, folder)


def main(folder: Annotated[Path, typer.Argument(help="The demo's data folder.")]) -> None:
    """Simulate the ward's devices on wires until told to stop."""
    where = Folder(folder)
    wired = (SerialLink, TcpLink, UdpLink)
    run(serve(where, [one for one in where.devices() if isinstance(profile(one.profile).link, wired)]))


if __name__ == "__main__":
    typer.run(main)

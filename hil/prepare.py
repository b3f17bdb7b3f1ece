"""What the demo writes before anything runs: configurations, the ward in the registry, a nurse's password."""

import secrets
from pathlib import Path

from controller.clock import SystemClock
from controller.config import load
from controller.files import write_private
from controller.hub import Hub
from controller.registry import Patient, Registry
from controller.security.users import set_password
from controller.store import Store
from devices.profiles import SerialLink, profile
from hil.ward import GATEWAY, GATEWAY_NAME, NURSE, WARD, WARD_NAME, Folder, Ward

_CONTROLLER = """[controller]
id = "hospital"
data = "."
[http]
port = {http}
[mqtt]
port = {mqtt}
"""
_GATEWAY = """[gateway]
id = "{id}"
data = "."
[controller]
address = "{mqtt}"
credentials = "{id}.secret"
"""


def write_controller_config(folder: Folder, http: int, mqtt: int) -> Path:
    """Write the controller's configuration: the ports that it tries first."""
    path = folder.controller / "controller.toml"
    write_private(path, _CONTROLLER.format(http=http, mqtt=mqtt))
    return path


def write_gateway_config(folder: Folder, ward: Ward, mqtt: str) -> Path:
    """Write the gateway's configuration, with every device of the ward; `mqtt` is the controller's URL."""
    text = _GATEWAY.format(id=GATEWAY, mqtt=mqtt)
    for device in ward.devices:
        is_serial = isinstance(profile(device.profile).link, SerialLink)
        where = f'port = "{folder.port(device.id)}"' if is_serial else f'address = "{device.address}"'
        text += (
            f'\n[[device]]\nid = "{device.id}"\nprofile = "{device.profile}"\nbed = "{device.bed}"\n{where}\n'
        )
    path = folder.gateway / f"{GATEWAY}.toml"
    write_private(path, text)
    return path


async def enrol(folder: Folder, controller_config: Path, ward: Ward) -> str:
    """Add to the registry whatever of the ward is not in it yet. Returns the nurse's new password."""
    store = await Store.open(load(controller_config).database)
    try:
        clock = SystemClock()
        registry = Registry(store, Hub(clock, "demo"), clock)
        await registry.load()
        await _add_ward(registry, ward)
        await _add_gateway(registry, folder)
        password = secrets.token_urlsafe(9)
        await set_password(store, clock, NURSE, password)
    finally:
        await store.close()
    return password


async def _add_ward(registry: Registry, ward: Ward) -> None:
    if WARD not in registry.wards:
        await registry.add_ward(WARD, WARD_NAME)
    for bed in ward.beds:
        if bed.id not in registry.beds:
            await registry.add_bed(bed.id, WARD, bed.name)
            await registry.admit(bed.id, Patient(bed.patient_identifier, bed.patient_name), by="demo")


async def _add_gateway(registry: Registry, folder: Folder) -> None:
    if GATEWAY not in registry.gateways:
        password = await registry.add_gateway(GATEWAY, GATEWAY_NAME)
        write_private(folder.gateway / f"{GATEWAY}.secret", f"{GATEWAY}\n{password}\n")

"""A device goes from one gateway's configuration to another's, and both can still be read."""

from pathlib import Path

import pytest

from gateway.config import load
from hil.ambulance.excerpt import WARD
from hil.ambulance.excerpt_check import BED, OXIMETER, VEHICLE
from hil.ambulance.moving import move, over_the_network
from hil.demo_ambulance import ambulance
from hil.errors import NotReady
from hil.faults.wan import HOSPITAL
from hil.prepare import write_gateway_config
from hil.ward import GATEWAY, Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Configurations of vehicle and ward."""
    folder = Folder(tmp_path)
    write_gateway_config(folder, WARD, "mqtts://127.0.0.1:8883")
    write_gateway_config(folder, ambulance(), "mqtts://127.0.0.1:8883", 8090)
    return folder


def beds(folder: Folder, gateway: str) -> dict[str, str | None]:
    """The bed of each device, as the gateway will read it."""
    config = load(folder.box(gateway) / f"{gateway}.toml")
    return {device.id: device.bed for device in config.devices}


def test_it_is_served_by_one_gateway_before_and_by_the_other_after(folder: Folder) -> None:
    before = beds(folder, VEHICLE)
    move(folder, OXIMETER, VEHICLE, GATEWAY, BED)
    assert beds(folder, GATEWAY) == {"ox-1": "bed-1", OXIMETER: BED}
    assert beds(folder, VEHICLE) == {name: bed for name, bed in before.items() if name != OXIMETER}


def test_what_is_not_there_cannot_be_moved(folder: Folder) -> None:
    with pytest.raises(NotReady, match="ox-z"):
        move(folder, "ox-z", VEHICLE, GATEWAY, BED)


def test_only_the_vehicle_goes_over_the_network_and_its_page_stays_where_it_is(folder: Folder) -> None:
    over_the_network(folder, VEHICLE)
    vehicle, ward = (load(folder.box(name) / f"{name}.toml") for name in (VEHICLE, GATEWAY))
    assert vehicle.controller.address == (f"mqtts://{HOSPITAL}:8883",)
    assert vehicle.crew is not None
    assert vehicle.crew.address == "127.0.0.1:8090"
    assert ward.controller.address == ("mqtts://127.0.0.1:8883",)

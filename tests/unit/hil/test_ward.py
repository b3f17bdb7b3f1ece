"""The demo's ward."""

from pathlib import Path

from devices.model.identity import device_id, location_id
from devices.profiles import BleLink, SerialLink, profile
from gateway.config import load
from hil.prepare import write_gateway_config
from hil.ward import Folder, beds, devices


def test_every_bed_has_a_strap_a_thermometer_and_an_oximeter_of_which_the_sixth_is_ble() -> None:
    ward = devices(6)
    assert len(ward) == 18
    assert [d.profile for d in ward if d.bed == "bed-1"] == ["polar-h10", "and-ut-201ble", "nonin-xpod"]
    assert [d.profile for d in ward if d.bed == "bed-6"] == ["polar-h10", "and-ut-201ble", "nonin-3230"]


def test_ble_devices_have_an_address_of_their_own_and_serial_ones_none() -> None:
    ward = devices(60)
    for device in ward:
        kind = SerialLink if device.address is None else BleLink
        assert isinstance(profile(device.profile).link, kind)
    addresses = [device.address for device in ward if device.address]
    assert len(set(addresses)) == len(addresses)


def test_names_are_identities_and_patients_are_plainly_invented() -> None:
    for device in devices(60):
        device_id(device.id)
        location_id(device.bed)
    assert all(bed.patient_identifier.startswith("DEMO-") for bed in beds(60))
    assert len({bed.patient_identifier for bed in beds(60)}) == 60


def test_the_gateway_accepts_the_configuration_that_the_demo_writes(tmp_path: Path) -> None:
    config = load(write_gateway_config(Folder(tmp_path), 6, "mqtt://127.0.0.1:1999"))
    assert [device.id for device in config.devices] == [device.id for device in devices(6)]
    assert config.controller.address == "mqtt://127.0.0.1:1999"

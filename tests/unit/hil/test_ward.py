"""The demo's ward."""

from pathlib import Path

from devices.model.identity import device_id, location_id
from devices.profiles import BleLink, SerialLink, VehicleLink, profile, profiles
from gateway.config import load
from hil.every_model import every_model
from hil.prepare import write_gateway_config
from hil.ward import Folder, six_kinds


def test_every_bed_has_a_strap_a_thermometer_and_an_oximeter_of_which_the_sixth_is_ble() -> None:
    ward = six_kinds(6).devices
    assert len(ward) == 18
    assert [d.profile for d in ward if d.bed == "bed-1"] == ["polar-h10", "and-ut-201ble", "nonin-xpod"]
    assert [d.profile for d in ward if d.bed == "bed-6"] == ["polar-h10", "and-ut-201ble", "nonin-3230"]


def test_ble_devices_have_an_address_of_their_own_and_serial_ones_none() -> None:
    ward = six_kinds(60).devices
    for device in ward:
        kind = SerialLink if device.address is None else BleLink
        assert isinstance(profile(device.profile).link, kind)
    addresses = [device.address for device in ward if device.address]
    assert len(set(addresses)) == len(addresses)


def test_names_are_identities_and_patients_are_plainly_invented() -> None:
    for device in six_kinds(60).devices:
        device_id(device.id)
        location_id(device.bed)
    assert all(bed.patient_identifier.startswith("DEMO-") for bed in six_kinds(60).beds)
    assert len({bed.patient_identifier for bed in six_kinds(60).beds}) == 60


def test_the_gateway_accepts_the_configuration_that_the_demo_writes(tmp_path: Path) -> None:
    config = load(write_gateway_config(Folder(tmp_path), six_kinds(6), "mqtts://127.0.0.1:1999"))
    assert [device.id for device in config.devices] == [device.id for device in six_kinds(6).devices]
    assert config.controller.address == ("mqtts://127.0.0.1:1999",)


def test_what_hangs_in_the_ward_is_the_same_for_every_process(tmp_path: Path) -> None:
    Folder(tmp_path).save(six_kinds(6).devices)
    assert Folder(tmp_path).devices() == list(six_kinds(6).devices)


def test_a_ward_of_every_model_has_a_bed_for_each_and_the_gateway_accepts_it(tmp_path: Path) -> None:
    ward = every_model()
    known = {name for name, one in profiles().items() if not isinstance(one.link, VehicleLink)}
    assert {device.profile for device in ward.devices} == known
    assert len({device.bed for device in ward.devices}) == len(ward.beds) == len(known)
    config = load(write_gateway_config(Folder(tmp_path), ward, "mqtts://127.0.0.1:1999"))
    assert [device.profile for device in config.devices] == [device.profile for device in ward.devices]

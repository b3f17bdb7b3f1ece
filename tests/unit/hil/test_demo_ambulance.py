"""The demo's ambulance: its gateway's configuration, its crew, and what of it is proved value by value."""

from pathlib import Path

from controller.arrivals.streets import read_map
from controller.config import load as load_controller
from devices.model.identity import device_id, location_id
from gateway.config import load
from gateway.crew.people import People
from hil.demo_ambulance import CREW, VEHICLE, ambulance, measuring, told_by_value
from hil.endcheck import Compared
from hil.prepare import new_pin, write_controller_config, write_gateway_config
from hil.ward import Folder, six_kinds

MQTT = "mqtts://127.0.0.1:1999"


def test_its_gateway_has_a_folder_of_its_own_and_accepts_its_configuration(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    ward = load(write_gateway_config(folder, six_kinds(1), MQTT))
    box = load(write_gateway_config(folder, ambulance(), MQTT, crew=8095))
    assert box.gateway.data != ward.gateway.data
    assert [one.id for one in box.devices] == [one.id for one in ambulance().devices]
    assert {one.bed for one in box.devices} == {VEHICLE}
    assert box.crew
    assert (box.crew.vehicle, box.crew.address, box.crew.is_local) == (VEHICLE, "127.0.0.1:8095", True)
    assert ward.crew is None


def test_names_are_identities_and_no_devices_of_the_ward() -> None:
    for device in ambulance().devices:
        device_id(device.id)
        location_id(device.bed)
    assert not {one.id for one in ambulance().devices} & {one.id for one in six_kinds(60).devices}


async def test_each_start_makes_a_pin_that_lets_the_crew_in_and_the_one_before_no_more(
    tmp_path: Path,
) -> None:
    first, second = new_pin(tmp_path, CREW), new_pin(tmp_path, CREW)
    people = People(tmp_path / "crew")
    assert first != second
    assert [await people.matches(CREW, pin) for pin in (first, second)] == [False, True]


def test_the_controller_knows_the_streets_and_the_hospital_that_the_route_leads_to(tmp_path: Path) -> None:
    held = load_controller(write_controller_config(Folder(tmp_path), 8080, 8883, 8443)).arrivals
    assert held
    assert (held.latitude, held.longitude, held.priority) == (54.516188, 4.046469, "siren")
    assert len(read_map(held.map).approaches) == 7


def test_a_monitor_that_repeats_itself_is_left_to_the_ledger_and_inputs_are_not_missed() -> None:
    devices = ambulance().devices
    checks = [Compared(one.id, "hr", 1, 1, 0, 0, 0) for one in devices]
    assert {one.id for one in devices} - {one.device for one in told_by_value(devices, checks)} == {
        "monitor-a"
    }
    assert {one.id for one in devices} - set(measuring(devices)) == {"inputs-a"}

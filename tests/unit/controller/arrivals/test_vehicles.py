"""Which places are vehicles, and what is read of their fixes."""

import pytest

from controller.arrivals.globe import Point
from controller.arrivals.position import Fix
from controller.arrivals.vehicles import DENSE_US, SEEN_US, SHARED_US, TRAIL_US, Vehicles
from devices.model.observation import Quality
from tests.support.fixes import GNSS, ride, write_fixes
from tests.unit.controller.conftest import Desk

START = Point(52.5, 13.4)
_GATEWAY = "INSERT INTO gateway (id, name, provisioned, added_ms, place, class) VALUES (?, ?, ?, 0, ?, ?)"


@pytest.fixture
def vehicles(ambulance: Desk) -> Vehicles:
    return Vehicles(ambulance.store, ambulance.registry, ambulance.clock)


async def add_gateway(desk: Desk, name: str, place: str, kind: str, *, provisioned: bool = True) -> None:
    row = name, name, provisioned, place, kind
    await desk.store.write(lambda db: db.execute(_GATEWAY, row))


async def test_a_place_of_a_gateway_of_class_vehicle_is_one(ambulance: Desk, vehicles: Vehicles) -> None:
    assert await vehicles.names() == []
    await add_gateway(ambulance, "box-1", "amb-1", "vehicle")
    await add_gateway(ambulance, "box-2", "bed-1", "ward")
    await add_gateway(ambulance, "box-3", "bed-2", "vehicle", provisioned=False)
    await add_gateway(ambulance, "box-4", "w-1", "vehicle")
    assert await vehicles.names() == ["amb-1"]


async def test_a_place_where_a_device_tells_its_position_is_one(ambulance: Desk, vehicles: Vehicles) -> None:
    await add_gateway(ambulance, "box-1", "", "ward")
    row = "gnss-1", "box-1", "nmea-gnss", GNSS, 0
    await ambulance.store.write(lambda db: db.execute("INSERT INTO device VALUES (?, ?, ?, ?, ?)", row))
    await ambulance.registry.load()
    assert await vehicles.names() == []
    await ambulance.registry.assign("gnss-1", "amb-1", "test")
    assert await vehicles.names() == ["amb-1"]
    await ambulance.registry.assign("gnss-1", None, "test")
    assert await vehicles.names() == []


async def test_fixes_come_out_as_they_went_in(ambulance: Desk, vehicles: Vehicles) -> None:
    fixes = ride(START, 90, 50, range(10), ambulance.clock.now_us())
    await write_fixes(ambulance.store, "amb-1", fixes)
    await write_fixes(
        ambulance.store, "bed-1", ride(START, 0, 50, range(3), ambulance.clock.now_us()), "gnss-2"
    )
    assert await vehicles.track("amb-1") == fixes


async def test_what_another_device_measured_at_the_same_time_is_not_mixed_in(
    ambulance: Desk, vehicles: Vehicles
) -> None:
    [fix] = ride(START, 90, 50, range(1), ambulance.clock.now_us())
    await write_fixes(ambulance.store, "amb-1", [fix])
    engine = "INSERT INTO series (device, bed, metric) VALUES ('obd-1', 'amb-1', 'vehicle_speed')"
    await ambulance.store.write(lambda db: db.execute(engine))
    row = """INSERT INTO observation (stream, number, place, boot, mono_us, at_us, series, value, quality)
    SELECT 1, 0, 0, 1, 0, ?, id, 7.0, 0 FROM series WHERE device = 'obd-1'"""
    await ambulance.store.write(lambda db: db.execute(row, (fix.at_us,)))
    assert await vehicles.track("amb-1") == [fix]


async def test_what_is_said_against_a_fix_decides_whether_it_counts(
    ambulance: Desk, vehicles: Vehicles
) -> None:
    for n, quality in enumerate(Quality):
        fixes = ride(START, 90, 50, range(1), ambulance.clock.now_us())
        await write_fixes(ambulance.store, f"amb-{n}", fixes, f"gnss-{n}", quality)
    found = {quality: await vehicles.track(f"amb-{n}") for n, quality in enumerate(Quality)}
    assert {quality for quality, fixes in found.items() if fixes} == {Quality.STORED, Quality.QUESTIONABLE}
    assert not found[Quality.STORED][0].questionable
    assert found[Quality.QUESTIONABLE][0].questionable


async def test_of_ten_minutes_the_last_is_read_whole_and_the_rest_thinned(
    ambulance: Desk, vehicles: Vehicles
) -> None:
    now = ambulance.clock.now_us()
    await write_fixes(ambulance.store, "amb-1", ride(START, 90, 40, range(700), now))
    found = await vehicles.track("amb-1")
    assert len(found) == DENSE_US // 1_000_000 + (TRAIL_US - DENSE_US) // 10_000_000
    assert found[-1].at_us == now
    assert found[0].at_us > now - TRAIL_US


async def test_where_it_was_last_seen_is_still_known_after_hours(ambulance: Desk, vehicles: Vehicles) -> None:
    fixes = ride(START, 90, 40, range(3), ambulance.clock.now_us())
    await write_fixes(ambulance.store, "amb-1", fixes)
    ambulance.clock.at_us += SEEN_US - 3_000_000
    assert await vehicles.track("amb-1") == fixes


async def test_an_answer_serves_all_for_a_second(ambulance: Desk, vehicles: Vehicles) -> None:
    assert await vehicles.track("amb-1") == []
    fix = Fix(ambulance.clock.now_us(), *START)
    await write_fixes(ambulance.store, "amb-1", [fix])
    assert await vehicles.track("amb-1") == []
    ambulance.clock.at_us += SHARED_US
    assert await vehicles.track("amb-1") == [fix]

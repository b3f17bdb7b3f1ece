"""A device that another gateway serves now: each value stands at the bed where it was measured."""

from controller.ingest import Arrived, read
from devices.wire.messages import Birth, BirthDevice, pack_message
from tests.support.sender import Sender, reading
from tests.unit.controller.conftest import Desk

SECOND_US = 1_000_000
BEDS = "SELECT value, bed FROM observation JOIN series ON series.id = series ORDER BY value"


def birth(sender: Sender) -> bytes:
    """The gateway serves the device at its bed."""
    served = BirthDevice(sender.device, "nonin-xpod", sender.bed, ("hr",))
    return pack_message(Birth(sender.journal, "test", (served,)))


def measured(sender: Sender, value: int, second: int) -> bytes:
    """A block of one value."""
    return sender.block(reading(value, second * SECOND_US), mono_us=second * SECOND_US)


async def at_once(desk: Desk, *said: tuple[Sender, str, bytes]) -> None:
    """Messages of several gateways in one batch."""
    verdicts = [
        read(Arrived(f"wl/1/{sender.gateway}/up/{what}", payload, desk.clock.at_us))
        for sender, what, payload in said
    ]
    await desk.intake._settle(verdicts)


async def moved_from_the_vehicle(desk: Desk) -> tuple[Sender, Sender]:
    """The vehicle's gateway has told a value; a minute later the ward's has the device."""
    vehicle, ward = Sender("amb-1", bed="bed-1"), Sender("ward-a", bed="bed-2")
    await at_once(desk, (vehicle, "birth", birth(vehicle)), (vehicle, "vital", measured(vehicle, 60, 10)))
    desk.clock.at_us += 60 * SECOND_US
    return vehicle, ward


async def test_the_device_is_the_new_gateways_and_at_its_bed(desk: Desk) -> None:
    _, ward = await moved_from_the_vehicle(desk)
    await at_once(desk, (ward, "birth", birth(ward)))
    assert desk.registry.devices["ox-1"].gateway == "ward-a"
    assert desk.registry.bed_of("ox-1") == "bed-2"


async def test_what_the_new_gateway_measured_before_it_could_say_so_is_not_the_old_beds(desk: Desk) -> None:
    _, ward = await moved_from_the_vehicle(desk)
    early, now = measured(ward, 61, 10), measured(ward, 62, 40)
    await at_once(desk, (ward, "birth", birth(ward)))
    await at_once(desk, (ward, "vital", early), (ward, "vital", now))
    assert await desk.rows(BEDS) == [(60, "bed-1"), (61, "bed-2"), (62, "bed-2")]


async def test_a_backlog_that_comes_with_the_new_gateways_birth_is_not_the_new_beds(desk: Desk) -> None:
    vehicle, ward = await moved_from_the_vehicle(desk)
    backlog = measured(vehicle, 61, 12)
    await at_once(desk, (ward, "birth", birth(ward)), (vehicle, "vital", backlog))
    assert await desk.rows(BEDS) == [(60, "bed-1"), (61, "bed-1")]


async def test_a_backlog_that_comes_long_after_is_not_the_new_beds_either(desk: Desk) -> None:
    vehicle, ward = await moved_from_the_vehicle(desk)
    backlog = measured(vehicle, 61, 12)
    await at_once(desk, (ward, "birth", birth(ward)), (ward, "vital", measured(ward, 62, 10)))
    desk.clock.at_us += 60 * SECOND_US
    await at_once(desk, (vehicle, "vital", backlog))
    assert await desk.rows(BEDS) == [(60, "bed-1"), (61, "bed-1"), (62, "bed-2")]


async def test_of_a_device_that_a_person_placed_no_gateways_word_counts(desk: Desk) -> None:
    _, ward = await moved_from_the_vehicle(desk)
    await desk.registry.assign("ox-1", "bed-1", "nurse")
    desk.clock.at_us += SECOND_US
    await at_once(desk, (ward, "birth", birth(ward)), (ward, "vital", measured(ward, 62, 10)))
    assert await desk.rows(BEDS) == [(60, "bed-1"), (62, "bed-1")]


async def test_a_bed_that_is_not_ours_moves_nothing(desk: Desk) -> None:
    await moved_from_the_vehicle(desk)
    elsewhere = Sender("ward-a", bed="bed-99")
    await at_once(
        desk, (elsewhere, "birth", birth(elsewhere)), (elsewhere, "vital", measured(elsewhere, 62, 10))
    )
    assert await desk.rows(BEDS) == [(60, "bed-1"), (62, "bed-1")]

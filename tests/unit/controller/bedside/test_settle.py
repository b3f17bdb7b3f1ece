"""Each gateway's configuration says who lies in its beds: with the change itself, or after the next look."""

import json

import pytest

from controller.errors import OrderError, Outdated
from controller.identity.certificates import By
from controller.orders.desk import OrderDesk
from controller.orders.followed import BEDS
from controller.stays import unknown
from devices.model.lying import lying
from tests.unit.controller.bedside.conftest import ANN, BEN, Ward

ENGINEER = By("eve")


async def test_a_gateway_is_told_who_lies_in_its_beds_and_in_no_others(ward: Ward) -> None:
    await ward.admit(ANN)
    (sent,) = await ward.configurations("ward-a")
    (one,) = lying(sent)
    assert (one.bed, one.patient, one.limits) == ("bed-1", "", {})
    assert await ward.configurations("ward-b") == []


async def test_no_name_or_number_of_a_patient_goes_to_a_gateway(ward: Ward) -> None:
    await ward.admit(ANN)
    await ward.move("85")
    told = json.dumps(await ward.configurations("ward-a"))
    assert "P-ANN" not in told
    assert "Ann" not in told
    assert '"kim' in told.replace("\\", "")


async def test_each_stay_has_a_key_of_its_own_also_the_same_patients_again(ward: Ward) -> None:
    keys = set[str]()
    for patient in (ANN, BEN, ANN):
        ward.desk.clock.at_us += 1_000_000
        await ward.admit(patient)
        keys.add(lying((await ward.configurations("ward-a"))[-1])[0].stay)
    assert len(keys) == 3


async def test_it_is_in_the_same_transaction_as_the_admission(ward: Ward) -> None:
    await ward.admit(ANN)
    before = len(await ward.configurations("ward-a"))
    await ward.settler.look()
    assert len(await ward.configurations("ward-a")) == before == 1, "the follower finds nothing to do"


async def test_discharge_move_of_a_device_and_a_new_gateway_bring_it_up_to_date(ward: Ward) -> None:
    await ward.admit(ANN)
    await ward.registry.assign("ox-2", "bed-1", "kim", move=True)
    assert [one.bed for one in lying((await ward.configurations("ward-b"))[-1])] == ["bed-1"]
    assert (await ward.configurations("ward-b"))[-1]["at.ox-2"] == "bed-1"
    await ward.registry.assign("ox-2", None, "kim")
    assert (await ward.configurations("ward-b"))[-1] == {"at.ox-2": ""}
    await ward.serve(ward.b, "ox-3", "bed-1")
    await ward.settler.look()
    assert [one.bed for one in lying((await ward.configurations("ward-b"))[-1])] == ["bed-1"]
    await ward.registry.discharge("bed-1", "kim")
    assert (await ward.configurations("ward-a"))[-1] == {}
    assert (await ward.configurations("ward-b"))[-1] == {"at.ox-2": ""}


async def test_what_a_crash_left_undone_is_done_at_the_next_look(ward: Ward) -> None:
    await ward.admit(ANN)
    # As if another process, of another release, had ended the stay.
    await ward.store.write(lambda db: db.execute("UPDATE stay SET to_ms = from_ms + 1"))
    await ward.settler.look()
    assert (await ward.configurations("ward-a"))[-1] == {}


async def test_other_settings_stay_as_they_are_and_who_sends_them_takes_no_limit_away(ward: Ward) -> None:
    desk = OrderDesk(ward.store, ward.desk.clock)
    sent = await desk.configure("ward-a", {"log-level": "debug", "software-release": 7}, ENGINEER)
    await ward.admit(ANN)
    await ward.move("85")
    held = (await ward.configurations("ward-a"))[-1]
    assert {"log-level": "debug", "software-release": 7}.items() < held.items()
    # Who knew the revision before the nurse's has lost no race: nothing of theirs changed.
    await desk.configure("ward-a", {"log-level": "info"}, ENGINEER, over=sent.revision)
    held = (await ward.configurations("ward-a"))[-1]
    assert held.pop("log-level") == "info"
    assert lying(held)[0].limits == {"spo2-low": ("85", "kim")}


async def test_who_did_not_know_of_another_engineers_change_is_told_so_also_where_a_nurse_came_after(
    ward: Ward,
) -> None:
    desk = OrderDesk(ward.store, ward.desk.clock)
    first = await desk.configure("ward-a", {"log-level": "debug"}, ENGINEER)
    await desk.configure("ward-a", {"log-level": "info"}, By("fay"), over=first.revision)
    await ward.admit(ANN)
    with pytest.raises(Outdated):
        await desk.configure("ward-a", {"dscp-wave": 8}, ENGINEER, over=first.revision)
    with pytest.raises(OrderError, match="are changed on the board"):
        await desk.configure(
            "ward-a", {"bed.bed-1": (await ward.configurations("ward-a"))[-1]["bed.bed-1"]}, ENGINEER
        )


async def test_a_gateway_that_never_said_that_it_takes_these_settings_is_sent_none(ward: Ward) -> None:
    await ward.registry.add_gateway("old", "old")
    await ward.store.write(lambda db: db.execute("UPDATE device SET gateway = 'old' WHERE id = 'ox-1'"))
    await ward.admit(ANN)
    assert await ward.configurations("old") == []
    assert await ward.limits.present("bed-1") is None


async def test_a_gateway_that_is_not_let_in_is_sent_none(ward: Ward) -> None:
    await ward.store.write(lambda db: db.execute("UPDATE gateway SET provisioned = 0 WHERE id = 'ward-a'"))
    await ward.admit(ANN)
    assert await ward.configurations("ward-a") == []


async def test_the_bed_of_a_vehicle_is_its_crews_and_goes_to_no_ward_gateway(ward: Ward) -> None:
    await ward.admit(ANN)
    record = "UPDATE gateway SET class = 'vehicle', place = 'bed-1' WHERE id = 'ward-b'"
    await ward.store.write(lambda db: db.execute(record))
    await ward.settler.look()
    assert (await ward.configurations("ward-a"))[-1] == {}
    assert await ward.limits.present("bed-1") is None


async def test_a_stay_that_a_crew_began_is_the_crews(ward: Ward) -> None:
    add = """INSERT INTO stay (bed, identifier, name, from_ms, by, gateway, box_stay)
    VALUES ('bed-1', ?, '', 0, 'mei', 'ward-b', ?)"""
    await ward.store.write(lambda db: db.execute(add, (unknown("a" * 16), "a" * 16)))
    await ward.settler.look()
    assert await ward.configurations("ward-a") == []


async def test_the_trail_says_that_the_controller_itself_sent_it(ward: Ward) -> None:
    await ward.admit(ANN)
    query = "SELECT json_extract(entry, '$.actor') FROM audit WHERE entry LIKE '%configuration-issued%'"
    assert [row[0] for row in await ward.store.read(query)] == [BEDS]

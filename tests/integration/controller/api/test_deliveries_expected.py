"""When a delivery comes: of one patient for the bed, and for the patient on a page of their own."""

from pathlib import Path

from tests.support.http import get
from tests.support.riding import DELIVERIES, on_ward, until


async def test_patients_see_when_a_robot_should_bring_it_and_nothing_where_nobody_can_say(
    tmp_path: Path,
) -> None:
    async with on_ward(tmp_path) as ward:
        carla = await ward.home.patient()
        [before] = (await get(carla, "/api/my"))["deliveries"]
        assert (before["way"], before["expected"]) == ("pharmacy", None)
        await ward.sent()
        async with ward.vehicles.living():
            ward.vehicles.robots["robot-1"].base.hands = False
            await until(ward.has_eta)
            told = await get(carla, "/api/my")
            [one] = told["deliveries"]
            expected = one["expected"]
            assert told["server_ms"] <= expected["to_ms"] and expected["from_ms"] <= expected["to_ms"]
            assert expected["said_ms"] <= told["server_ms"]
            async with ward.home.nina.put("/api/robots/stop") as response:
                assert response.status == 204

            async def is_open() -> bool:
                return (await get(carla, "/api/my"))["deliveries"][0]["expected"] is None

            await until(is_open)


async def test_deliveries_of_one_patient_are_those_alone(tmp_path: Path) -> None:
    async with on_ward(tmp_path) as ward:
        found = (await get(ward.home.nina, DELIVERIES, patient="4713"))["deliveries"]
        assert [one["number"] for one in found] == ["SD00000001"]
        assert (await get(ward.home.nina, DELIVERIES, patient="4714"))["deliveries"] == []

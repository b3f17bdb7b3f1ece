"""Taking a patient over from a vehicle, over HTTP: who may, what is seen, and the ride on the bed's side."""

from typing import Any

import pytest

from controller.api.takeover_schemas import PatientOffers, RideView
from controller.registry import Patient
from controller.stays import unknown
from devices.model.observation import EventKind
from tests.support.controller import RunningController
from tests.support.crew import ANN, BEN, Board, make_vehicle
from tests.support.history import arrive
from tests.support.http import client, get, refusal, status
from tests.support.people import two_wards

PATH = "/api/vehicles/amb-1/handover"
RIDE = "/api/beds/bed-1/ride"
BODY: dict[str, Any] = {"stay": ANN, "bed": "bed-1", "devices": []}


@pytest.fixture
async def board(controller: RunningController) -> Board:
    """amb-1 with an unknown patient, who is offered; ox-9 is on board."""
    board = Board(controller, await make_vehicle(controller))
    crew, now = board.crew, board.now()
    await board.tell(
        crew.patient(now - 600, "begin", sex="male", age=60),
        crew.mark(now - 500, "rosc"),
        crew.event(EventKind.REQUEST, now - 400, id="1" * 16, resource="blood", note=""),
        crew.event(EventKind.HANDOVER, now - 60, state="offered", to="ER 2"),
    )
    return board


async def measured(board: Board, *values: tuple[int, float]) -> None:
    """On the vehicle, so many seconds from now, SpO2 was that."""
    now_us, store = board.controller.clock.now_us(), board.controller.store
    series = "INSERT INTO series VALUES (1, 'ox-9', 'amb-1', 'spo2')"
    await store.write(lambda db: db.execute(series))
    rows = [(1, now_us + second * 1_000_000, value) for second, value in values]
    await store.write(lambda db: arrive(db, 1, rows))


async def test_an_offer_is_shown_with_what_is_needed_to_take_it(board: Board) -> None:
    async with client(board.controller, "nurse") as nurse:
        found = PatientOffers.model_validate(await get(nurse, "/api/offers"))
    [one] = found.offers
    assert (one.vehicle, one.name, one.stay, one.to, one.by) == ("amb-1", "Ambulance 1", ANN, "ER 2", "Mei")
    assert (one.patient, one.to_ms, one.devices, one.unanswered) == (None, None, ["ox-9"], ["blood"])
    assert [bed.id for bed in found.beds] == ["bed-1"]


async def test_a_nurse_takes_over_once_with_a_device_and_the_bed_shows_the_ride(board: Board) -> None:
    controller = board.controller
    async with client(controller, "nurse") as nurse, client(controller, "physician") as physician:
        body = {**BODY, "devices": ["ox-9"]}
        assert await status(physician, "POST", PATH, json=body) == 403
        assert await status(nurse, "POST", PATH, json=body) == 204
        assert await refusal(nurse, "POST", PATH, json=body) == (409, "conflict")
        controller.clock.let_pass(60)
        await measured(board, (-900, 50), (-300, 91), (-30, 52))
        found = RideView.model_validate(await get(physician, RIDE)).ride
        trends = await get(physician, f"{RIDE}/trends", metric="spo2", points=10)
        handover = await get(physician, "/api/beds/bed-1/handover")
        assert PatientOffers.model_validate(await get(nurse, "/api/offers")).offers == []
    assert controller.registry.beds["bed-1"].patient == Patient(unknown(ANN), "unknown, male, about 60")
    assert controller.registry.bed_of("ox-9") == "bed-1"
    assert found and [one.code for one in found.marks] == ["rosc"]
    assert (found.vehicle, found.by, found.unanswered) == ("amb-1", "nurse", ["blood"])
    assert (trends["metrics"]["spo2"]["unit"], found.metrics) == ("%", ["spo2"])
    assert [one for one in trends["metrics"]["spo2"]["max"] if one is not None] == [91]
    assert [(one["bed"], one["vehicle"]) for one in handover["places"]] == [("amb-1", True), ("bed-1", False)]
    assert [one["stay"] for one in await board.commands("handed-over")] == [ANN]


async def test_what_changed_meanwhile_is_refused_by_name(board: Board) -> None:
    crew = board.crew
    async with client(board.controller, "nurse") as nurse:
        for body, expected in (
            ({**BODY, "stay": BEN}, (409, "conflict")),
            ({**BODY, "stay": "x"}, (400, "bad-request")),
            ({**BODY, "bed": "bed-9"}, (404, "not-found")),
            ({**BODY, "bed": "amb-1"}, (409, "conflict")),
            ({**BODY, "devices": ["ox-1"]}, (409, "conflict")),
        ):
            assert await refusal(nurse, "POST", PATH, json=body) == expected
        await board.tell(crew.event(EventKind.HANDOVER, board.now(), state="withdrawn"))
        assert await refusal(nurse, "POST", PATH, json=BODY) == (409, "conflict")
        assert await refusal(nurse, "GET", f"{RIDE}/trends?metric=spo2") == (404, "not-found")
        assert await get(nurse, RIDE) == {"ride": None}
    assert board.controller.registry.beds["bed-1"].patient is None


async def test_one_who_was_handed_over_on_paper_is_named_though_the_next_is_on_board(board: Board) -> None:
    crew, now = board.crew, board.now()
    await board.tell(crew.patient(now - 20, "end"), crew.patient(now - 10, "begin", BEN))
    async with client(board.controller, "nurse") as nurse:
        [one] = PatientOffers.model_validate(await get(nurse, "/api/offers")).offers
        assert one.patient and one.patient.identifier == unknown(ANN)
        assert await status(nurse, "POST", PATH, json=BODY) == 204
    lying = {bed.id: bed.patient.identifier for bed in board.controller.registry.beds.values() if bed.patient}
    assert lying == {"amb-1": unknown(BEN), "bed-1": unknown(ANN)}


async def test_of_another_wards_vehicle_and_bed_nobody_takes_over(board: Board) -> None:
    await two_wards(board.controller)
    async with client(board.controller, "ben") as ben, client(board.controller, "anna") as anna:
        assert PatientOffers.model_validate(await get(ben, "/api/offers")).offers == []
        assert await refusal(ben, "POST", PATH, json=BODY) == (404, "not-found")
        assert await refusal(anna, "POST", PATH, json={**BODY, "bed": "bed-b"}) == (404, "not-found")
        assert await refusal(anna, "POST", PATH, json=BODY) == (409, "conflict")
        await board.controller.registry.discharge("bed-1", "test")
        assert await status(anna, "POST", PATH, json=BODY) == 204
        assert await refusal(ben, "GET", RIDE) == (404, "not-found")

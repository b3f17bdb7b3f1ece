"""What a crew tells at its box becomes true at the hospital, of the right patient, or it is said why not."""

import json
import random
from collections.abc import Sequence
from itertools import islice

import pytest

from controller.crew.follower import FOREIGN
from controller.crew.patients import ELSEWHERE, ENDED_BEFORE, NOT_OURS, UNHEARD
from controller.errors import Conflict
from controller.registry import Patient
from controller.scores.entries import present
from controller.stays import unknown
from devices.model.crew import MARKS
from devices.model.observation import DeviceEvent, EventKind
from tests.support.crew import ANN, BEN, SECOND_US, Crew
from tests.support.sender import Sender, reading
from tests.unit.controller.crew.conftest import Following

LATE_US = 3 * 3600 * SECOND_US


async def trail(following: Following) -> list[tuple[str, str, str | None]]:
    """(action, actor, patient) of what was done for the crew."""
    rows = await following.desk.rows("SELECT entry FROM audit ORDER BY number")
    entries = [json.loads(str(row[0])) for row in rows]
    return [(one["action"], one["actor"], one["patient"]) for one in entries if one["patient"]]


async def test_an_unknown_patient_lies_there_from_when_it_was_told_at_the_box(following: Following) -> None:
    begun = following.crew.patient(40, "begin", sex="male", age=60)
    await following.hear(begun)
    patient = Patient(unknown(ANN), "unknown, male, about 60")
    assert following.desk.registry.beds["bed-1"].patient == patient
    assert await following.stays() == [(patient.identifier, patient.name, following.at_ms(40), None)]
    assert await trail(following) == [("admit", "crew:Mei", unknown(ANN))]


async def test_words_for_an_unknown_patient_are_made_of_what_is_known(following: Following) -> None:
    crew = following.crew
    await following.hear(
        crew.patient(1, "begin", ANN), crew.patient(9, "begin", BEN, sex="female", **{"class": "child"})
    )
    assert [row[0] for row in await following.stays("name")] == ["unknown", "unknown, female, child"]


async def test_hours_late_it_is_still_when_it_happened(following: Following) -> None:
    crew, desk = following.crew, following.desk
    kept = crew.block(crew.patient(10, "begin"), crew.patient(60, "end"))
    at_ms = following.at_ms
    expected = [(unknown(ANN), at_ms(10), at_ms(60))]
    desk.clock.at_us += LATE_US
    now = crew.block(crew.mark(100, "note"), mono_us=100 * SECOND_US + LATE_US)
    await desk.take(now, kept, what="alert", gateway="amb-1")
    await following.follower.follow()
    assert await following.stays("identifier, from_ms, to_ms") == expected
    assert desk.registry.beds["bed-1"].patient is None


async def test_an_unknown_patient_who_is_identified_keeps_assessments_requests_and_the_trail(
    following: Following,
) -> None:
    crew, desk = following.crew, following.desk
    asked = crew.event(EventKind.REQUEST, 42, id="c" * 16, resource="cath-lab", note="STEMI")
    await following.hear(crew.patient(40, "begin"), crew.assess(41, "consciousness", acvpu="V"), asked)
    await following.hear(crew.patient(50, "identify", identifier="P1", name="Li Na"))
    assert desk.registry.beds["bed-1"].patient == Patient("P1", "Li Na")
    [entry] = await present(desk.store)
    assert (entry.kind, entry.value, entry.at_ms) == ("consciousness", {"acvpu": "V"}, following.at_ms(41))
    assert entry.by == "crew:Mei"
    requested = await desk.rows(
        "SELECT resource, note, asked_ms, asked_by, box_request, identifier"
        " FROM arrival_request JOIN stay ON stay.id = stay"
    )
    assert requested == [("cath-lab", "STEMI", following.at_ms(42), "crew:Mei", "c" * 16, "P1")]
    assert await trail(following) == [
        ("admit", "crew:Mei", unknown(ANN)),
        ("assess", "crew:Mei", unknown(ANN)),
        ("arrival-request", "crew:Mei", unknown(ANN)),
        ("identify", "crew:Mei", "P1"),
        ("identify", "crew:Mei", unknown(ANN)),
    ]


async def test_identifying_takes_no_value_from_the_board(following: Following) -> None:
    crew, desk = following.crew, following.desk
    monitor = Sender("amb-1", "ox-1", "bed-1")
    monitor.boot = crew.sender.boot
    await following.hear(crew.patient(40, "begin"))
    await desk.take(monitor.block(reading(88, 90 * SECOND_US), mono_us=100 * SECOND_US), gateway="amb-1")
    await following.hear(crew.patient(50, "identify", identifier="P1", name="Li Na"))
    assert desk.value()["value"] == 88


async def test_no_value_of_one_patient_shows_under_the_next(following: Following) -> None:
    crew, desk = following.crew, following.desk
    monitor = Sender("amb-1", "ox-1", "bed-1")
    monitor.boot = crew.sender.boot
    await following.hear(crew.patient(10, "begin", ANN))
    old, new = reading(60, 20 * SECOND_US, "hr"), reading(99, 90 * SECOND_US, "spo2")
    await desk.take(monitor.block(old, new, mono_us=100 * SECOND_US), gateway="amb-1")
    await following.hear(crew.patient(30, "end", ANN), crew.patient(40, "begin", BEN))
    assert [value["metric"] for value in desk.hub.snapshot()["values"]] == ["spo2"]
    late = monitor.block(reading(61, 25 * SECOND_US, "hr"), mono_us=100 * SECOND_US)
    await desk.take(late, gateway="amb-1")
    assert [value["metric"] for value in desk.hub.snapshot()["values"]] == ["spo2"]


async def test_two_patients_in_a_row_each_have_their_own_time(following: Following) -> None:
    crew, at = following.crew, following.at_ms
    await following.hear(crew.patient(40, "begin", BEN))
    await following.hear(crew.mark(15, "intubation", ANN))
    assert await following.problems() == [UNHEARD]
    await following.hear(crew.patient(30, "end", ANN), crew.patient(10, "begin", ANN))
    assert await following.stays("box_stay, from_ms, to_ms") == [(ANN, at(10), at(30)), (BEN, at(40), None)]
    marks = await following.desk.rows(
        "SELECT box_stay FROM stay WHERE id = (SELECT stay FROM crew_event WHERE kind = 'mark')"
    )
    assert marks == [(ANN,)]
    assert await following.problems() == []


def story(crew: Crew) -> list[DeviceEvent]:
    """Two patients, with everything that may be told of them."""
    return [
        crew.patient(5, "begin", ANN, sex="female"),
        crew.mark(6, "drug-given", ANN, "adrenaline"),
        crew.patient(7, "identify", ANN, age=30),
        crew.assess(8, "gcs", ANN, eye=4, verbal=5, motor=6),
        crew.assess(9, "gcs", ANN, eye=1, verbal=1, motor=1),
        crew.patient(12, "identify", ANN, identifier="P1", name="Li Na"),
        crew.patient(20, "end", ANN),
        crew.patient(30, "begin", BEN, sex="male", age=70),
        crew.event(EventKind.REQUEST, 31, BEN, id="d" * 16, resource="team"),
        crew.event(EventKind.CHECKLIST, 32, BEN, list="stroke", item="face", done=1),
        crew.patient(33, "identify", BEN, identifier="WRONG", name="Nobody"),
        crew.patient(34, "identify", BEN, identifier="P2", name="Wang Wei"),
        crew.patient(50, "end", BEN),
    ]


async def state(following: Following) -> list[object]:
    """All that the events made, whatever its numbers are."""
    queries = (
        "SELECT identifier, name, from_ms, to_ms, by FROM stay ORDER BY from_ms",
        "SELECT box_stay, assessment.kind, value, at_ms, assessment.by FROM assessment"
        " JOIN stay ON stay.id = stay ORDER BY at_ms",
        "SELECT box_stay, resource, asked_ms FROM arrival_request JOIN stay ON stay.id = stay",
        "SELECT DISTINCT kind, box_stay, at_ms, stay IS NOT NULL, problem FROM crew_event ORDER BY at_ms",
    )
    return [await following.desk.rows(query) for query in queries]


async def tell(following: Following, events: Sequence[DeviceEvent], chance: random.Random) -> None:
    """`events` in blocks of any size; sometimes the follower dies and another goes on."""
    rest = iter(events)
    while part := list(islice(rest, chance.randint(1, 4))):
        payload = following.crew.block(*part)
        await following.desk.take(payload, what="alert", gateway="amb-1")
        if chance.random() < 0.6:
            await following.follower.follow(again=chance.random() < 0.3)
    await following.follower.follow()


EXPECTED = [("P1", "Li Na", 5, 20), ("P2", "Wang Wei", 30, 50)]


@pytest.mark.parametrize("seed", range(12))
async def test_any_order_and_any_repetition_end_in_the_same_stays(following: Following, seed: int) -> None:
    chance, events = random.Random(seed), story(following.crew)
    told = events + chance.choices(events, k=6)
    chance.shuffle(told)
    await tell(following, told, chance)
    at = following.at_ms
    found = await following.stays()
    assert found == [(one, name, at(begun), at(ended)) for one, name, begun, ended in EXPECTED]
    counted = await following.desk.rows(
        "SELECT (SELECT count(*) FROM assessment), (SELECT count(*) FROM arrival_request),"
        " (SELECT count(DISTINCT kind || at_ms) FROM crew_event WHERE stay IS NULL)"
    )
    assert counted == [(2, 1, 0)]
    assert await following.problems() == []


async def test_a_crash_in_the_middle_takes_nothing_over_twice(following: Following, again: object) -> None:
    await following.hear(*story(following.crew))
    before = await state(following)
    following.follower = again  # type: ignore[assignment]
    await following.follower.follow(again=True)
    assert await state(following) == before


async def test_another_gateway_admits_nobody_to_a_wards_bed_nor_speaks_for_a_vehicle(
    following: Following,
) -> None:
    own = Sender("ward-a", "ox-2", "bed-2")
    await following.desk.take(own.block(), gateway="ward-a")
    for gateway, bed in (("amb-1", "bed-2"), ("ward-a", "bed-1"), ("ward-a", "bed-2"), ("amb-1", "bed-9")):
        crew = Crew(Sender(gateway), bed)
        await following.hear(crew.patient(10, "begin", BEN, identifier="P1", name="Eve"), crew=crew)
    assert await following.stays() == []
    assert await following.problems() == [FOREIGN] * 4
    await following.hear(following.crew.patient(10, "begin"))
    assert len(await following.stays()) == 1


async def test_what_a_gateway_told_before_it_was_given_its_vehicle_is_taken_over_then(
    following: Following,
) -> None:
    await following.record("amb-1", "vehicle", "elsewhere")
    await following.hear(following.crew.patient(10, "begin"))
    assert await following.problems() == [FOREIGN]
    await following.record("amb-1", "vehicle", "bed-1")
    await following.follower.follow(again=True)
    assert await following.problems() == []
    assert len(await following.stays()) == 1


async def test_where_a_boxs_devices_are_is_its_own_word_and_no_ground_to_speak(following: Following) -> None:
    for kind, place in (("simulated", "w-1"), ("vehicle", "w-1"), ("ward", "bed-1"), ("", "")):
        await following.record("amb-1", kind, place)
        await following.desk.take(Sender("amb-1", "ox-1", "bed-1").block(), gateway="amb-1")
        await following.hear(following.crew.patient(10, "begin"))
    assert await following.stays() == []
    assert await following.problems() == [FOREIGN] * 4


async def test_a_patient_who_lies_elsewhere_stays_unknown_and_that_is_said(following: Following) -> None:
    await following.desk.registry.admit("bed-2", Patient("P1", "Li Na"), "nurse")
    following.desk.clock.at_us += 100 * SECOND_US
    await following.hear(following.crew.patient(90, "begin", identifier="P1", name="Li Na"))
    assert await following.stays("bed, identifier") == [("bed-2", "P1"), ("bed-1", unknown(ANN))]
    assert await following.problems() == [ELSEWHERE]


async def test_a_patient_whom_the_ward_has_admitted_since_is_identified_for_the_ride_that_was(
    following: Following,
) -> None:
    crew, desk = following.crew, following.desk
    await following.hear(crew.patient(10, "begin"), crew.patient(60, "end"))
    await desk.registry.admit("bed-2", Patient("P1", "Li Na"), "nurse")
    await following.hear(crew.patient(50, "identify", identifier="P1", name="Li Na"))
    assert await following.stays("bed, identifier") == [("bed-1", "P1"), ("bed-2", "P1")]


async def test_the_hospital_identifies_on_the_ward_who_was_unknown_on_board(following: Following) -> None:
    crew, desk = following.crew, following.desk
    await following.hear(crew.patient(10, "begin", sex="male"), crew.patient(60, "end"))
    await desk.registry.admit("bed-2", Patient(unknown(ANN), "unknown, male"), "nurse")
    await desk.registry.identify("bed-2", Patient("P1", "Li Na"), "nurse", "10.0.0.1")
    assert await following.stays("bed, identifier, name") == [
        ("bed-1", "P1", "Li Na"),
        ("bed-2", "P1", "Li Na"),
    ]
    assert [one for one in await trail(following) if one[0] == "identify"] == [
        ("identify", "nurse", whose) for whose in (unknown(ANN), "P1", unknown(ANN), "P1")
    ]
    await following.hear(crew.patient(55, "identify", identifier="P9", name="Other"))
    assert await following.problems() == [NOT_OURS] * 2
    assert [row[0] for row in await following.stays("identifier")] == ["P1", "P1"]


async def test_what_the_hospital_ended_stays_ended_and_marks_still_belong_to_it(following: Following) -> None:
    crew, desk = following.crew, following.desk
    await following.hear(crew.patient(10, "begin"))
    ended = desk.clock.at_us // 1000
    await desk.registry.admit("bed-1", Patient("P7", "Next"), "nurse")
    desk.clock.at_us += 50 * SECOND_US
    events = crew.mark(130, "rosc"), crew.patient(140, "end")
    await desk.take(crew.block(*events, mono_us=150 * SECOND_US), what="alert", gateway="amb-1")
    await following.follower.follow()
    assert (await following.stays("box_stay, to_ms"))[0] == (ANN, ended)
    assert desk.registry.beds["bed-1"].patient == Patient("P7", "Next")
    assert await following.problems() == [ENDED_BEFORE]


async def test_what_cannot_be_read_is_kept_with_the_reason(following: Following) -> None:
    event = following.crew.mark(10, "rosc")
    strange = DeviceEvent(event.kind, event.at, {**event.detail, "code": "abracadabra"})
    await following.hear(strange)
    assert await following.problems() == ["mark: code: expected " + ", ".join(MARKS)]


async def test_when_the_boxes_clock_is_known_better_its_stays_follow(following: Following) -> None:
    crew, desk = following.crew, following.desk
    await following.hear(crew.patient(10, "begin", ANN), crew.patient(20, "end", ANN))
    before = await following.stays("from_ms, to_ms")
    await desk.store.write(lambda db: db.execute("UPDATE device_event SET at_us = at_us - 5000000"))
    await following.follower.follow(again=True)
    [(began, ended)] = before
    assert await following.stays("from_ms, to_ms") == [(int(str(began)) - 5000, int(str(ended)) - 5000)]


async def test_a_block_that_came_faster_makes_the_stays_of_its_box_follow_at_once(
    following: Following,
) -> None:
    crew, desk, woken = following.crew, following.desk, list[bool]()
    await following.hear(crew.patient(40, "begin", ANN))
    [(slow_ms,)] = await following.stays("from_ms")
    desk.announcer.crew_told = lambda: woken.append(True)
    desk.clock.at_us += SECOND_US
    faster = crew.sender.block(reading(70, 106 * SECOND_US), mono_us=106 * SECOND_US)
    await desk.take(faster, gateway="amb-1")
    assert woken == [True]
    await following.follower.follow()
    assert await following.stays("from_ms") == [(int(str(slow_ms)) - 5000,)]


async def test_whom_the_hospital_had_put_there_leaves_when_the_crews_patient_comes_however_late_that_is_known(
    following: Following,
) -> None:
    crew, desk = following.crew, following.desk
    desk.clock.at_us -= 600 * SECOND_US
    await desk.registry.admit("bed-1", Patient("P1", "Li Na"), "nurse")
    desk.clock.at_us += 600 * SECOND_US
    await following.hear(crew.patient(40, "begin", ANN))
    [(_, first_ends), (second_begins, _)] = await following.stays("from_ms, to_ms")
    assert first_ends == second_begins
    await desk.store.write(lambda db: db.execute("UPDATE device_event SET at_us = at_us - 5000000"))
    await following.follower.follow()
    [(_, ends), (begins, _)] = await following.stays("from_ms, to_ms")
    assert ends == begins == int(str(second_begins)) - 5000


async def test_the_hospital_identifies_only_whom_nobody_knows(following: Following) -> None:
    desk = following.desk
    await desk.registry.admit("bed-2", Patient("P1", "Li Na"), "nurse")
    for bed, who in (("bed-2", "P2"), ("bed-1", "P2")):
        with pytest.raises(Conflict, match="unknown patient"):
            await desk.registry.identify(bed, Patient(who, "x"), "nurse")
    await following.hear(following.crew.patient(10, "begin"))
    with pytest.raises(Conflict, match="no other bed"):
        await desk.registry.identify("bed-1", Patient("P1", "Li Na"), "nurse")
    with pytest.raises(Conflict, match="hospital's identifier"):
        await desk.registry.identify("bed-1", Patient(unknown(BEN), "x"), "nurse")

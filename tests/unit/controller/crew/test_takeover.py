"""One confirmation on each side: the patient is on the bed, on no two, with what was measured and said."""

import asyncio
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controller.crew.offers import PAPER_MS, Offered, offers
from controller.crew.patients import ENDED_BEFORE
from controller.crew.ride import ride
from controller.crew.taken import TOO_LATE
from controller.crew.takeover import Asked
from controller.errors import Conflict
from controller.handover.reading import chain
from controller.registry import Patient
from controller.scores.entries import history, present
from controller.stays import unknown
from controller.store import Store
from devices.model.observation import DeviceEvent, EventKind
from tests.support.crew import ANN, BEN, SECOND_US, Crew, write_events
from tests.unit.controller.conftest import Desk
from tests.unit.controller.crew.conftest import Following, follow

TO_BED = Asked("bed-1", ANN, "bed-2")
LYING = "SELECT bed, identifier, from_ms, to_ms FROM stay ORDER BY from_ms, id"


def offer(crew: Crew, second: int, stay: str = ANN, state: str = "offered", to: str = "ER 2") -> DeviceEvent:
    return crew.event(EventKind.HANDOVER, second, stay, state=state, to=to)


async def open_offers(following: Following) -> list[Offered]:
    return await offers(following.desk.store, following.desk.clock.now_us() // 1000)


async def take(following: Following, asked: Asked = TO_BED) -> None:
    await following.desk.registry.take_over(asked, "nurse", "10.0.0.9")


@pytest.fixture
async def offered(following: Following) -> Following:
    """Ann is on board of bed-1 since its second 40, and offered since 90; now it is 100."""
    crew = following.crew
    await following.hear(
        crew.patient(40, "begin", name="Ann", identifier="P1"),
        crew.assess(50, "gcs", eye=4, verbal=5, motor=6),
    )
    await following.hear(offer(crew, 90))
    return following


async def test_an_offer_says_who_where_to_by_whom_and_since_when(offered: Following) -> None:
    [one] = await open_offers(offered)
    assert (one.vehicle, one.stay, one.patient, one.to, one.by) == (
        "bed-1", ANN, Patient("P1", "Ann"), "ER 2", "Mei",
    )  # fmt: skip
    assert (one.at_ms, one.to_ms) == (offered.at_ms(90), None)


async def test_the_stay_on_the_vehicle_ends_where_that_on_the_bed_begins(offered: Following) -> None:
    await take(offered)
    now_ms = offered.desk.clock.now_us() // 1000
    assert await offered.desk.rows(LYING) == [
        ("bed-1", "P1", offered.at_ms(40), now_ms),
        ("bed-2", "P1", now_ms, None),
    ]
    beds = offered.desk.registry.beds
    assert (beds["bed-1"].patient, beds["bed-2"].patient) == (None, Patient("P1", "Ann"))
    assert await open_offers(offered) == []


async def test_the_crew_is_told_where_and_by_whom_and_both_sides_are_audited(offered: Following) -> None:
    await take(offered)
    [(name, arguments)] = await offered.desk.rows("SELECT name, arguments FROM command")
    told = json.loads(str(arguments))
    assert (name, told) == ("handed-over", {"vehicle": "bed-1", "stay": ANN, "to": "Bed 2", "by": "nurse"})
    rows = await offered.desk.rows("SELECT entry FROM audit ORDER BY number")
    entries = [json.loads(str(row[0])) for row in rows]
    sides = [one for one in entries if one["action"] in ("hand-over", "take-over")]
    assert [(one["action"], one["actor"], one["entity"], one["patient"]) for one in sides] == [
        ("hand-over", "nurse", "bed/bed-1", "P1"),
        ("take-over", "nurse", "bed/bed-2", "P1"),
    ]


async def test_what_was_assessed_on_the_way_holds_on_and_the_record_is_one(offered: Following) -> None:
    await take(offered)
    store, now_ms = offered.desk.store, offered.desk.clock.now_us() // 1000
    assert [(one.bed, one.kind, one.at_ms) for one in await present(store)] == [
        ("bed-2", "gcs", offered.at_ms(50))
    ]
    assert [one.by for one in await history(store, "bed-2")] == ["crew:Mei"]
    assert len(await chain(store, "bed-2", now_ms)) == 2
    found = await ride(store, "bed-2", now_ms)
    assert found and (found.vehicle, found.from_ms, found.to_ms) == ("bed-1", offered.at_ms(40), now_ms)
    assert await ride(store, "bed-2", now_ms + 86_400_000) is None


async def test_the_bed_that_was_asked_for_is_answered_and_the_rest_stays_open(offered: Following) -> None:
    asked = [
        offered.crew.event(EventKind.REQUEST, 60, id=number * 16, resource=what, note="")
        for number, what in (("1", "bed"), ("2", "blood"))
    ]
    await offered.hear(*asked)
    await take(offered)
    rows = await offered.desk.rows(
        "SELECT resource, answer, acknowledged_by FROM arrival_request ORDER BY id"
    )
    assert rows == [("bed", "Bed 2", "nurse"), ("blood", None, None)]


async def test_chosen_devices_go_along_and_the_others_stay(offered: Following) -> None:
    desk = offered.desk
    for device in ("ox-8", "ox-9"):
        row = device, "amb-1", "nonin-xpod", '["spo2"]', 0
        await desk.store.write(
            lambda db, row=row: db.execute("INSERT INTO device VALUES (?, ?, ?, ?, ?)", row)
        )
        await desk.registry.load()
        await desk.registry.assign(device, "bed-1", "test")
    before_ms = desk.clock.now_us() // 1000
    desk.clock.at_us += SECOND_US
    with pytest.raises(Conflict, match="'ox-7' is not on board"):
        await take(offered, Asked("bed-1", ANN, "bed-2", ("ox-9", "ox-7")))
    assert desk.registry.bed_of("ox-9") == "bed-1"
    await take(offered, Asked("bed-1", ANN, "bed-2", ("ox-9",)))
    assert (desk.registry.bed_of("ox-8"), desk.registry.bed_of("ox-9")) == ("bed-1", "bed-2")
    assert desk.registry.bed_of("ox-9", before_ms) == "bed-1"


async def test_what_is_not_possible_any_more_is_refused_and_changes_nothing(offered: Following) -> None:
    desk, crew = offered.desk, offered.crew
    await desk.registry.admit("bed-2", Patient("P2", "Two"), "test")
    for asked, why in (
        (TO_BED, "somebody is on bed 'bed-2'"),
        (Asked("bed-1", BEN, "bed-2"), "expected a patient whom the crew"),
    ):
        with pytest.raises(Conflict, match=why):
            await take(offered, asked)
    await desk.registry.discharge("bed-2", "test")
    await offered.hear(offer(crew, 95, state="withdrawn"))
    with pytest.raises(Conflict, match="does not offer this patient"):
        await take(offered)
    assert await desk.rows("SELECT * FROM handover") == []
    assert await desk.rows("SELECT * FROM command") == []
    await offered.hear(offer(crew, 96))
    await take(offered)
    with pytest.raises(Conflict, match="taken over already, by nurse"):
        await take(offered)


async def test_without_a_network_a_patient_is_taken_over_for_half_an_hour_and_no_longer(
    offered: Following,
) -> None:
    desk, crew = offered.desk, offered.crew
    await offered.hear(crew.patient(95, "end"), crew.patient(97, "begin", BEN))
    [one] = await open_offers(offered)
    assert (one.stay, one.to_ms) == (ANN, offered.at_ms(95))
    ended_ms = offered.at_ms(95)
    desk.clock.at_us = (ended_ms + PAPER_MS) * 1000 + 1000
    with pytest.raises(Conflict, match="more than 30 minutes ago"):
        await take(offered)
    assert await open_offers(offered) == []
    desk.clock.at_us = (ended_ms + PAPER_MS) * 1000
    await take(offered)
    assert await desk.rows(LYING) == [
        ("bed-1", "P1", ended_ms - 55_000, ended_ms),
        ("bed-1", unknown(BEN), ended_ms + 2_000, None),
        ("bed-2", "P1", ended_ms + PAPER_MS, None),
    ]


async def test_the_crews_late_end_is_agreed_and_its_late_withdrawal_is_said(offered: Following) -> None:
    crew, desk = offered.crew, offered.desk
    await take(offered)
    before = await desk.rows(LYING)
    desk.clock.at_us += 100 * SECOND_US
    late = crew.block(offer(crew, 150, state="withdrawn"), crew.patient(160, "end"), mono_us=200 * SECOND_US)
    await desk.take(late, what="alert", gateway="amb-1")
    await offered.follower.follow()
    assert await desk.rows(LYING) == before
    assert await offered.problems() == [TOO_LATE]
    assert ENDED_BEFORE not in await offered.problems()


async def test_whoever_is_identified_late_on_the_vehicle_has_that_name_on_the_bed(offered: Following) -> None:
    await take(offered)
    await offered.hear(offered.crew.patient(95, "identify", identifier="P17", name="Ann Li"))
    assert offered.desk.registry.beds["bed-2"].patient == Patient("P17", "Ann Li")
    now_ms = offered.desk.clock.now_us() // 1000
    assert len(await chain(offered.desk.store, "bed-2", now_ms)) == 2


STAYS = (ANN, BEN)
STEP = st.one_of(
    st.tuples(st.just("offer"), st.sampled_from(STAYS), st.integers(1, 90)),
    st.tuples(st.just("withdraw"), st.sampled_from(STAYS), st.integers(1, 90)),
    st.tuples(st.just("begin"), st.sampled_from(STAYS), st.integers(1, 90)),
    st.tuples(st.just("end"), st.sampled_from(STAYS), st.integers(1, 90)),
    st.tuples(st.just("take"), st.sampled_from(STAYS), st.sampled_from(["bed-2", "bed-3"])),
    st.tuples(st.just("admit"), st.sampled_from(["P1", "P2"]), st.sampled_from(["bed-2", "bed-3"])),
    st.tuples(st.just("pass"), st.just(ANN), st.integers(1, 40)),
)
NUMBERS = {ANN: "P1", BEN: "P2"}


@dataclass
class Story:
    """A vehicle, two beds, and what happens in any order; events come when they come."""

    following: Following
    taken: list[Asked] = field(default_factory=list[Asked])

    async def step(self, what: str, who: str, value: Any) -> None:
        """One thing happens."""
        desk, crew = self.following.desk, self.following.crew
        try:
            if what == "pass":
                desk.clock.at_us += value * SECOND_US
            elif what == "take":
                await take(self.following, Asked("bed-1", who, value))
                self.taken.append(Asked("bed-1", who, value))
            elif what == "admit":
                await desk.registry.admit(value, Patient(who, who), "test")
            elif what in ("begin", "end"):
                known = {"identifier": NUMBERS[who], "name": who} if what == "begin" else {}
                await self._hear(crew.patient(value, what, who, **known))
            else:
                await self._hear(offer(crew, value, who, "offered" if what == "offer" else "withdrawn"))
        except Conflict:
            pass

    async def _hear(self, event: DeviceEvent) -> None:
        await write_events(self.following.desk.store, "amb-1", self.following.at_ms(0) * 1000, event)
        await self.following.follower.follow()

    async def check(self) -> None:
        """Each place has one patient at a time, and whoever was taken over is in one place at a time."""
        rows = await self.following.desk.rows("SELECT bed, identifier, from_ms, to_ms FROM stay")
        spans = [(bed, who, begun, 10**15 if end is None else end) for bed, who, begun, end in rows]
        real = [one for one in spans if one[2] < one[3]]  # type: ignore[operator]
        for n, (bed, _, begun, end) in enumerate(real):
            for other, _, later, until in real[n + 1 :]:
                assert bed != other or begun >= until or later >= end  # type: ignore[operator]
        links = """SELECT one.to_ms, two.from_ms, one.identifier = two.identifier FROM handover
        JOIN stay AS one ON one.id = from_stay JOIN stay AS two ON two.id = to_stay"""
        for left, came, is_same in await self.following.desk.rows(links):
            assert left is not None and left <= came and is_same  # type: ignore[operator]
        twice = await self.following.desk.rows(
            "SELECT count(*) FROM stay WHERE to_ms IS NULL AND bed <> 'bed-1' GROUP BY identifier"
        )
        assert all(row == (1,) for row in twice)
        assert len({one.stay for one in self.taken}) == len(self.taken)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, max_size=14))
def test_whatever_comes_in_whatever_order_nobody_is_on_two_beds(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str, Any]]
) -> None:
    async def told(folder: Path) -> None:
        desk = Desk(await Store.open(folder / "wardlink.sqlite"))
        await desk.load()
        await desk.registry.add_ward("w-1", "Ward 1")
        for bed in ("bed-1", "bed-2", "bed-3"):
            await desk.registry.add_bed(bed, "w-1", bed)
        story = Story(await follow(desk))
        for what, who, value in [("begin", ANN, 2), ("offer", ANN, 30), *steps]:
            await story.step(what, who, value)
            await story.check()
        await desk.store.close()

    asyncio.run(told(tmp_path_factory.mktemp("story")))

"""What must stay cold is packed, watched, received and judged, by readings that came the ordinary way."""

from collections.abc import AsyncIterator

import pytest

from controller.errors import Conflict, NotFound, OrderError, Outdated, StoreError
from controller.imaging.sight import WHOLE
from controller.prescriptions.cold.record import ColdDoubt
from controller.prescriptions.cold.states import ColdState
from controller.prescriptions.cold.watch import ColdWatch
from controller.prescriptions.custody import Hand, chain
from controller.prescriptions.delivery import Over
from controller.prescriptions.given import Giving
from controller.prescriptions.model import Prescription
from devices.model.observation import Quality
from tests.support.cold import BOX, OTHER_BOX, Box
from tests.support.prescriptions import ANNA, NICK, NINA, PAUL, PIA, Pharmacy, why

over = Box.over


@pytest.fixture
async def box(here: Pharmacy) -> AsyncIterator[Box]:
    yield await Box.at(here)


async def received(box: Box, number: str, revision: int = 2) -> Over:
    """nina carries it, nick takes it over on the ward."""
    parts = box.here.rx.deliveries
    made = await parts.hand(over(number, revision), Hand("nina", "corridor"), NINA)
    made = await parts.receive(over(number, made.revision), "", "ward-a", NICK)
    return over(number, made.revision)


def giving(rx: Prescription) -> Giving:
    due_ms = rx.signed_ms
    return Giving(rx.number, due_ms, wristband="4711", drug=rx.number, dose=rx.wanted.dose)


async def refused(box: Box, rx: Prescription) -> str:
    """Why nina cannot give it; "": what is refused is not because of the cold."""
    with pytest.raises((Conflict, OrderError)) as said:
        await box.here.rx.rounds.give(giving(rx), WHOLE, NINA)
    return str(said.value) if "cold" in str(said.value) else ""


async def look(box: Box) -> list[str]:
    """The prescriptions of which the watch tells."""
    told = list[str]()
    await ColdWatch(box.here.rx.books, lambda rx: told.append(rx.number)).look()
    return told


async def notices(box: Box) -> list[tuple[str, str]]:
    found = await box.here.rx.pharmacy_notices.listed(WHOLE)
    return [(one.about, one.detail) for one in found if one.kind == "cold"]


async def test_nobody_takes_what_must_stay_cold_over_before_it_is_in_a_box(box: Box) -> None:
    _, begun = await box.begun()
    parts = box.here.rx
    assert (await box.told(begun.number)).state is ColdState.UNPACKED
    for tried in (
        parts.deliveries.hand(over(begun.number), Hand("nina", "corridor"), NINA),
        parts.deliveries.receive(over(begun.number), "", "ward-a", NICK),
    ):
        with pytest.raises(Conflict, match="2 to 8 °C: a pharmacist puts it into a cooled box first"):
            await tried
    made = await parts.cold.pack(over(begun.number), BOX, PIA)
    await parts.deliveries.hand(over(begun.number, made.revision), Hand("nina", "corridor"), NINA)


async def test_what_the_formulary_keeps_at_room_temperature_or_who_picks_it_up_needs_no_box(box: Box) -> None:
    _, begun = await box.here.handed_out(await box.here.signed())
    _, picked = await box.begun("pick-up", "S2")
    found = [await box.here.rx.deliveries.find(one.number, WHOLE) for one in (begun, picked)]
    assert await box.here.rx.cold.shown([one.id for one, _ in found]) == {}


async def test_a_box_is_a_place_with_a_thermometer_where_nobody_lies(box: Box) -> None:
    _, begun = await box.begun()
    parts = box.here.rx
    with pytest.raises(Conflict, match="somebody lies at bed-1"):
        await parts.boxes.use("bed-1", PIA, in_use=True)
    with pytest.raises(NotFound, match="no place"):
        await parts.boxes.use("nowhere", PIA, in_use=True)
    with pytest.raises(NotFound, match="no cooled box 'bed-1'"):
        await parts.cold.pack(over(begun.number), "bed-1", PIA)
    with pytest.raises(Conflict, match="no thermometer is in box box-2"):
        await parts.cold.pack(over(begun.number), OTHER_BOX, PIA)
    await parts.boxes.use(BOX, PIA, in_use=False)
    with pytest.raises(Conflict, match="out of use"):
        await parts.cold.pack(over(begun.number), BOX, PIA)
    await parts.boxes.use(BOX, PIA, in_use=True)
    await parts.cold.pack(over(begun.number), BOX, PIA)
    with pytest.raises(Conflict, match="in box box-1 already"):
        await parts.cold.pack(over(begun.number, 2), BOX, PIA)
    found = {one.place: (one.in_use, one.deliveries, one.devices) for one in await parts.boxes.listed()}
    assert found == {BOX: (True, 1, 1), OTHER_BOX: (True, 0, 0)}


async def test_what_was_kept_cold_is_received_and_given_and_the_chain_of_custody_says_so(box: Box) -> None:
    rx, packed = await box.packed()
    assert "nobody has taken it over yet" in await refused(box, rx)
    await box.measures(4.5)
    await box.measures(6.5)
    await received(box, packed.number)
    told = await box.told(packed.number)
    assert (told.state, told.record.lowest, told.record.highest) == (ColdState.KEPT, 4.5, 6.5)
    links = [one.cold for one in await chain(box.here.rx.books, packed.id)]
    assert links[0] is None, "it was not packed yet"
    assert [(one["state"], one["place"], one["highest"]) for one in links[1:] if one] == [
        ("kept", BOX, 6.5)
    ] * 2
    assert await refused(box, rx) == ""
    assert await notices(box) == []


async def test_a_range_that_was_left_is_received_to_be_judged_and_nobody_gives_it_until_it_is_released(
    box: Box,
) -> None:
    rx, packed = await box.packed()
    await box.measures(5.0)
    await box.measures(9.5, 3)
    await box.measures(5.0)
    assert await look(box) == [rx.number]
    assert await look(box) == [], "it is on record once"
    assert len(await box.here.trail("cold-range-left")) == 1
    known = await received(box, packed.number)
    told = await box.told(packed.number)
    assert (told.state, told.cold.doubts) == (ColdState.TO_JUDGE, {ColdDoubt.RANGE})
    assert told.record.outside_ms == 3 * 60_000
    assert "a pharmacist has to judge it" in await refused(box, rx)
    [(one, _)] = await box.here.rx.cold.to_judge(WHOLE)
    assert (one.number, one.state) == (packed.number, "completed")
    assert await box.here.rx.deliveries.listed(WHOLE) == [], "it is not on its way any more"
    with pytest.raises(OrderError, match="why it is released"):
        await box.here.rx.cold.judge(known, "released", PAUL)
    with pytest.raises(Outdated):
        await box.here.rx.cold.judge(over(packed.number), "released", why(PAUL, "stable at 25 °C"))
    await box.here.rx.cold.judge(known, "released", why(PAUL, "stable for 24 h at 25 °C"))
    assert await refused(box, rx) == ""
    assert (await box.told(packed.number)).state is ColdState.RELEASED
    assert await box.here.rx.cold.to_judge(WHOLE) == []
    last = (await chain(box.here.rx.books, packed.id))[-1]
    assert last.cold is not None
    assert (last.holder, last.by, last.cold["state"]) == ("nick", "paul", "released")
    assert last.cold["why"] == "stable for 24 h at 25 °C"
    [line] = await box.here.trail("cold-judged")
    assert (line["actor"], line["why"], line["detail"]["verdict"]) == (
        "paul",
        "stable for 24 h at 25 °C",
        "released",
    )
    assert await notices(box) == [(packed.number, "range-left")], "once"


async def test_what_is_discarded_is_never_given_and_who_prescribed_it_is_told(box: Box) -> None:
    rx, packed = await box.packed()
    await box.measures(1.0)
    known = await received(box, packed.number)
    made = await box.here.rx.cold.judge(known, "discarded", why(PIA, "it was frozen"))
    assert "was discarded" in await refused(box, rx)
    with pytest.raises(Conflict, match="possible now is nothing"):
        await box.here.rx.cold.judge(over(packed.number, made.revision), "released", why(PIA, "oh well"))
    [notice] = await box.here.rx.notices.open(ANNA.actor)
    assert (notice.kind, notice.detail) == ("discarded", f"{packed.number}: it was frozen")


async def test_a_thermometer_that_dies_leaves_a_gap_that_somebody_has_to_judge(box: Box) -> None:
    rx, packed = await box.packed()
    await box.measures(5.0, 5)
    box.measured(5.0, 11)
    told = await box.told(packed.number)
    assert (told.record.last, told.record.gap_ms, told.state) == (5.0, 11 * 60_000, ColdState.TO_JUDGE)
    await received(box, packed.number)
    assert (await box.told(packed.number)).cold.doubts == {ColdDoubt.GAP}
    assert "a pharmacist has to judge it" in await refused(box, rx)


async def test_values_that_are_none_and_those_of_a_test_are_no_record(box: Box) -> None:
    _, packed = await box.packed()
    await box.measures(None, 6)
    for _ in range(6):
        box.measured(5.0, 1)
        await box.take(box.block(25.0, Quality.TEST_DATA))
    told = await box.told(packed.number)
    assert (told.record.readings, told.record.gap_ms) == (0, 12 * 60_000)


async def test_without_an_uplink_what_comes_late_before_it_is_received_fills_the_gap(box: Box) -> None:
    rx, packed = await box.packed()
    await box.measures(5.0, 5)
    late = box.measured(6.0, 20)
    assert (await box.told(packed.number)).state is ColdState.TO_JUDGE
    await box.take(*late)
    assert (await box.told(packed.number)).state is ColdState.KEPT
    await received(box, packed.number)
    assert await refused(box, rx) == ""


async def test_late_readings_flag_a_delivery_that_was_received_already_and_tell_who_has_it(box: Box) -> None:
    rx, packed = await box.packed()
    await box.measures(5.0, 5)
    late = box.measured(12.0, 9)
    known = await received(box, packed.number)
    assert (await box.told(packed.number)).state is ColdState.KEPT, "nobody knows otherwise yet"
    assert await look(box) == []
    box.here.later(24)
    await box.take(*late)
    assert await look(box) == [rx.number]
    told = await box.told(packed.number)
    assert (told.state, told.record.highest, told.record.outside_ms) == (ColdState.TO_JUDGE, 12.0, 8 * 60_000)
    assert "a pharmacist has to judge it" in await refused(box, rx)
    assert await look(box) == []
    [line] = await box.here.trail("cold-late")
    assert (line["detail"]["before"], line["detail"]["state"]) == ("kept", "to-judge")
    assert await notices(box) == [(packed.number, "late")]
    assert [one.kind for one in await box.here.rx.notices.open("nick")] == ["cold"]
    await box.here.rx.cold.judge(known, "released", why(PIA, "stable"))


async def test_a_gap_stays_to_be_judged_although_late_readings_fill_it_and_they_are_shown(box: Box) -> None:
    _, packed = await box.packed()
    late = box.measured(5.0, 20)
    known = await received(box, packed.number)
    await box.take(*late)
    await look(box)
    told = await box.told(packed.number)
    assert (told.state, told.cold.doubts, told.record.gaps) == (ColdState.TO_JUDGE, {ColdDoubt.GAP}, ())
    await box.here.rx.cold.judge(known, "released", why(PIA, "the record is whole now"))
    assert (await box.told(packed.number)).state is ColdState.RELEASED


async def test_what_was_released_is_judged_again_when_late_readings_have_more_against_it(box: Box) -> None:
    _, packed = await box.packed()
    await box.measures(9.0, 2)
    late = box.measured(15.0, 5)
    await box.measures(5.0, 2)
    known = await received(box, packed.number)
    await box.here.rx.cold.judge(known, "released", why(PIA, "2 min at 9 °C"))
    await box.take(*late)
    await look(box)
    assert (await box.told(packed.number)).state is ColdState.TO_JUDGE


async def test_a_gateway_whose_clock_is_wrong_by_years_changes_nothing(box: Box) -> None:
    _, packed = await box.packed()
    box.sender.utc_us = 1_000_000_000_000_000 - box.boot_us
    await box.measures(5.0, 8)
    await box.measures(9.0, 2)
    [row] = await box.here.store.read("SELECT max(utc_us) AS utc FROM observation")
    assert row["utc"] < 1_100_000_000_000_000, "its clock was wrong"
    told = await box.told(packed.number)
    assert (told.record.readings, told.record.highest, told.record.gaps) == (10, 9.0, ())


async def test_what_the_box_was_before_it_was_packed_and_after_it_was_received_does_not_count(
    box: Box,
) -> None:
    await box.measures(20.0, 5)
    _, packed = await box.packed()
    await box.measures(5.0, 5)
    await received(box, packed.number)
    await box.measures(20.0, 5)
    assert await look(box) == []
    assert (await box.told(packed.number)).state is ColdState.KEPT


async def test_from_one_box_to_another_the_record_goes_on(box: Box) -> None:
    _, packed = await box.packed()
    await box.measures(5.0, 5)
    await box.here.registry.assign("t-1", OTHER_BOX, "pia", move=True)
    await box.desk.registry.load()
    made = await box.here.rx.cold.pack(over(packed.number, packed.revision), OTHER_BOX, PIA)
    await box.measures(7.0, 5)
    told = await box.told(packed.number)
    assert [one.place for one in told.cold.boxes] == [BOX, OTHER_BOX]
    assert (told.record.lowest, told.record.highest, told.record.gaps) == (5.0, 7.0, ())
    assert made.revision == packed.revision + 1
    with pytest.raises(StoreError, match="only grows"):
        await box.here.store.write(lambda db: db.execute("DELETE FROM rx_cold_box"))


async def test_to_a_patient_at_home_only_what_was_kept_cold_is_handed_over(box: Box) -> None:
    _, begun = await box.begun("home")
    parts = box.here.rx
    made = await parts.cold.pack(over(begun.number), BOX, PIA)
    await box.measures(12.0, 3)
    with pytest.raises(Conflict, match="hand nothing over before a pharmacist released it"):
        await parts.deliveries.receive(over(begun.number, made.revision), begun.code, "door", NICK)
    await box.measures(5.0, 1)
    made = await parts.cold.judge(over(begun.number, made.revision), "released", why(PIA, "by telephone"))
    await box.measures(5.0, 1)
    done = await parts.deliveries.receive(over(begun.number, made.revision), begun.code, "door", NICK)
    assert done.state == "completed"


async def test_what_was_discarded_on_its_way_nobody_receives(box: Box) -> None:
    _, packed = await box.packed()
    await box.measures(5.0, 2)
    known = over(packed.number, packed.revision)
    made = await box.here.rx.cold.judge(known, "discarded", why(PIA, "the box fell into the canal"))
    with pytest.raises(Conflict, match="pia discarded it"):
        await received(box, packed.number, made.revision)


async def test_a_box_may_be_chosen_for_what_no_formulary_knows(box: Box) -> None:
    _, begun = await box.here.handed_out(await box.here.signed())
    await box.here.rx.cold.pack(over(begun.number), BOX, PIA)
    await box.measures(8.5, 1)
    told = await box.told(begun.number)
    assert (told.state, tuple(map(str, told.cold.allowed))) == (ColdState.TO_JUDGE, ("2", "8"))


async def test_what_moves_in_time_is_read_again(box: Box) -> None:
    _, packed = await box.packed()
    await box.measures(5.0, 5)
    assert (await box.told(packed.number)).record.readings == 5
    moved = "UPDATE observation SET at_us = at_us - 36000000000 WHERE value = 5.0"
    await box.here.store.write(lambda db: db.execute(moved))
    assert (await box.told(packed.number)).record.readings == 0


async def test_of_all_that_is_kept_nothing_is_lost_by_a_restart(box: Box) -> None:
    _, packed = await box.packed()
    await box.measures(9.0, 3)
    again = Pharmacy(box.here.store)
    again.clock.at_us = box.here.clock.at_us
    [told] = (await again.rx.cold.shown([packed.id])).values()
    assert (told.state, told.record.outside_ms) == (ColdState.TO_JUDGE, 2 * 60_000)
    [line] = await box.here.trail("cold-packed")
    assert (line["actor"], line["detail"]["box"]) == ("pia", BOX)

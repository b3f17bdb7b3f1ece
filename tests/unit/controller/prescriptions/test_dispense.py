"""The pharmacy: what was signed is looked at again, the right pack, not too much, a second pair of eyes."""

import asyncio
import sqlite3
from dataclasses import replace
from decimal import Decimal

import pytest

from controller.errors import Conflict, NotFound, OrderError, Outdated
from controller.imaging.sight import WHOLE
from controller.prescriptions.dispense import Scanned
from controller.prescriptions.dispensed import Dispense
from controller.prescriptions.model import Known, Quantity
from controller.prescriptions.states import DispenseState, TaskState
from tests.support.database import without_trigger
from tests.support.prescriptions import (
    ANNA,
    GTIN,
    PAUL,
    PIA,
    WANTED,
    Pharmacy,
    code,
    gtin,
    medicine,
    over,
    why,
)


async def test_a_task_is_accepted_or_goes_back_to_the_prescriber_with_the_reason(here: Pharmacy) -> None:
    rx = await here.signed()
    [(task, of)] = await here.rx.tasks.queue(WHOLE)
    assert of.number == rx.number
    step = here.rx.tasks.step
    with pytest.raises(OrderError, match="say why"):
        await step(task.id, 1, TaskState.REJECTED, WHOLE, PIA)
    with pytest.raises(Conflict, match="by what is handed out"):
        await step(task.id, 1, TaskState.COMPLETED, WHOLE, PIA)
    with pytest.raises(Conflict, match="possible now is accepted, cancelled, rejected"):
        await step(task.id, 1, TaskState.ON_HOLD, WHOLE, why(PIA, "x"))
    await step(task.id, 1, TaskState.REJECTED, WHOLE, why(PIA, "not on the shelf"))
    with pytest.raises(Outdated):
        await step(task.id, 1, TaskState.ACCEPTED, WHOLE, PAUL)
    [notice] = await here.rx.notices.open("anna")
    assert (notice.kind, notice.detail, notice.number) == ("rejected", "not on the shelf", rx.number)
    await here.rx.notices.read(notice.id, ANNA)
    assert await here.rx.notices.open("anna") == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE prescription SET dose_value = '10'",
        "UPDATE prescription SET dose_unit = 'g'",
        "UPDATE prescription SET subject = '4712'",
        """UPDATE prescription SET wanted = json_set(wanted, '$.quantity.value', CAST('200' AS TEXT))""",
        """UPDATE prescription SET wanted = json_set(wanted, '$.repeats', 99)""",
    ],
)
async def test_what_somebody_changed_in_the_database_is_refused_and_stands_in_the_trail(
    here: Pharmacy, change: str
) -> None:
    rx = await here.signed()
    dispense = await here.begun(rx)
    await here.store.write(lambda db: db.execute(change))
    with pytest.raises(Conflict, match="hand out nothing"):
        await here.scanned(dispense)
    [line] = await here.trail("prescription-differs")
    assert (line["outcome"], line["actor"], line["why"]) == ("refused", "pia", "the row was changed")


async def test_a_signature_that_does_not_hold_is_refused(here: Pharmacy) -> None:
    rx = await here.signed()

    def forge(db: sqlite3.Connection) -> None:
        without_trigger(db, "prescription_signed_no_update", "prescription_signed")
        db.execute("UPDATE prescription_signed SET document = replace(document, 'tablet', 'ampoule')")

    await here.store.write(forge)
    with pytest.raises(Conflict, match="hand out nothing"):
        await here.accepted(rx)
    assert (await here.trail("prescription-differs"))[0]["why"] == "the signature does not hold"


async def test_packs_are_scanned_until_it_is_ready_and_a_delivery_begins(here: Pharmacy) -> None:
    rx = await here.signed()
    dispense = await here.begun(rx)
    assert (dispense.state, (await here.task(rx)).state) == ("preparation", "in-progress")
    dispense = await here.scanned(dispense, "15")
    with pytest.raises(Conflict, match="of packs, there are 15"):
        await here.rx.dispensing.complete(over(dispense), "ward-a", PIA)
    with pytest.raises(Conflict, match="at most 5"):
        await here.scanned(dispense, "6", serial="S2")
    with pytest.raises(Conflict, match="scanned for MD00000001"):
        await here.scanned(dispense, "5", serial="S1")
    dispense = await here.scanned(dispense, "5", serial="S2")
    ready, begun = await here.rx.dispensing.complete(over(dispense), "ward-a", PIA)
    assert (ready.state, begun.kind, begun.code) == ("completed", "ward", "")
    assert (await here.task(rx)).state == "completed"
    assert [(one.gtin, one.batch, one.expiry) for one in ready.packs] == [(GTIN, "B1", "2040-12-31")] * 2


@pytest.mark.parametrize(
    ("pack", "words"),
    [
        ({"expiry": "330501"}, "until 2033-05-01"),
        ({"of": gtin(7)}, "wrong product"),
        ({"batch": "BAD"}, "recalled"),
    ],
)
async def test_a_pack_that_is_expired_recalled_or_another_is_refused(
    here: Pharmacy, pack: dict[str, str], words: str
) -> None:
    await here.record(medicine("N02BE01", "Paracetamol 500 mg", "500 mg"), gtin(7))
    await here.rx.products.recall(GTIN, "BAD", why(PIA, "broken glass"))
    dispense = await here.begun(await here.signed())
    with pytest.raises(Conflict, match=words):
        await here.scanned(dispense, **pack)
    with pytest.raises(NotFound, match="record it"):
        await here.scanned(dispense, of=gtin(8))


async def test_a_pack_may_be_used_on_its_last_day(here: Pharmacy) -> None:
    dispense = await here.begun(await here.signed())
    assert (await here.scanned(dispense, expiry="330518")).state == "in-progress"  # today


@pytest.mark.parametrize("allowed", [True, False])
async def test_another_product_of_the_same_substance_needs_leave_and_a_reason(
    here: Pharmacy, allowed: bool
) -> None:
    same = medicine("C07AB02-X", "Metoprolol of another maker", "50 mg")
    await here.record(replace(same, ingredients=WANTED.medicine.ingredients), gtin(5))
    rx = await here.signed(replace(WANTED, substitution=allowed))
    dispense = await here.begun(rx)
    if not allowed:
        with pytest.raises(Conflict, match="allows no other product"):
            await here.scanned(dispense, of=gtin(5))
        return
    with pytest.raises(OrderError, match="say why"):
        await here.scanned(dispense, of=gtin(5))
    scan = Scanned(code(of=gtin(5)), "20", "out of stock")
    made = await here.rx.dispensing.scan(over(dispense), scan, PIA)
    assert made.substituted_why == "out of stock"


async def test_another_strength_of_the_substance_is_the_wrong_product(here: Pharmacy) -> None:
    await here.record(medicine("C07AB02-100", "Metoprolol 100 mg", "100 mg"), gtin(6))
    dispense = await here.begun(await here.signed())
    with pytest.raises(Conflict, match="wrong product"):
        await here.scanned(dispense, of=gtin(6))


async def test_never_more_is_handed_out_than_was_prescribed_with_its_repeats(here: Pharmacy) -> None:
    rx = await here.signed(replace(WANTED, quantity=Quantity("0.3", "{tablet}"), repeats=1))
    task = await here.accepted(rx)
    for value in ("0.1", "0.2", "0.2"):
        task = await here.task(rx)
        await here.rx.dispensing.begin(task.id, task.revision, value, WHOLE, PIA)
    with pytest.raises(Conflict, match=r"at most 0\.1 "):
        await here.begun(rx, "0.2")
    task = await here.task(rx)
    begin = here.rx.dispensing.begin
    both = (begin(task.id, task.revision, "0.1", WHOLE, by) for by in (PIA, PAUL))
    made = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(one).__name__ for one in made) == ["Conflict", "Dispense"]
    rows = await here.store.read("SELECT value FROM rx_dispense")
    assert sum(Decimal(row[0]) for row in rows) == Decimal("0.6")


async def test_what_was_declined_may_be_handed_out_again(here: Pharmacy) -> None:
    rx = await here.signed()
    dispense = await here.begun(rx)
    step = here.rx.dispensing.step
    await step(over(dispense), DispenseState.DECLINED, why(PIA, "broken"))
    assert isinstance(await here.begun(rx), Dispense)
    assert [one.kind for one in await here.rx.notices.open("anna")] == ["rejected"]


async def test_a_high_alert_medicine_is_checked_by_another_pharmacist(here: Pharmacy) -> None:
    await here.record(high_alert=True)
    dispense = await here.scanned(await here.begun(await here.signed()))
    with pytest.raises(Conflict, match="second pharmacist"):
        await here.rx.dispensing.complete(over(dispense), "", PIA)
    with pytest.raises(Conflict, match="another pharmacist"):
        await here.rx.dispensing.check(over(dispense), PIA)
    dispense = await here.rx.dispensing.check(over(dispense), PAUL)
    ready, _ = await here.rx.dispensing.complete(over(dispense), "", PIA)
    assert (ready.checked_by, ready.state) == ("paul", "completed")


async def test_a_medicine_is_high_alert_because_of_its_substance_too(here: Pharmacy) -> None:
    [choice, *_] = [one for one in here.rx.medicines.search("insulin") if one.high_alert]
    await here.record(choice.medicine, gtin(4))
    rx = await here.signed(replace(WANTED, medicine=choice.medicine))
    assert (await here.scanned(await here.begun(rx), of=gtin(4))).high_alert
    assert not (await here.scanned(await here.begun(await here.signed()))).high_alert


async def test_a_pack_after_the_check_is_checked_again(here: Pharmacy) -> None:
    await here.record(high_alert=True)
    dispense = await here.scanned(await here.begun(await here.signed()), "20")
    dispense = await here.rx.dispensing.check(over(dispense), PAUL)
    with pytest.raises(Conflict, match="at most 0"):
        await here.scanned(dispense, "1", serial="S9")


async def test_a_recall_tells_who_prescribed_what_was_handed_out(here: Pharmacy) -> None:
    rx = await here.signed()
    await here.handed_out(rx)
    assert await here.rx.products.recall(GTIN, "B1", why(PIA, "wrong leaflet")) == 1
    assert await here.rx.products.recall(GTIN, "B2", why(PIA, "wrong leaflet")) == 0
    [notice] = await here.rx.notices.open("anna")
    assert (notice.kind, notice.number) == ("recalled", rx.number)


async def test_what_remains_and_when_it_is_due_again(here: Pharmacy) -> None:
    rx = await here.signed(replace(WANTED, repeats=2))
    await here.handed_out(rx)
    stands = await here.rx.repeats.standing(rx)
    assert (stands.authorised, stands.handed_out, stands.left) == ("60", "20", "40")
    assert stands.next_due_ms == here.rx.books.now_ms() + 10 * 86_400_000  # 20 tablets, 2 a day
    known = Known(rx.number, (await here.find(rx)).revision, WHOLE)
    with pytest.raises(Conflict, match="more than a week"):
        await here.rx.repeats.ask(known, ANNA)
    assert await here.rx.repeats.remind() == 0
    here.later(24 * 4)
    assert [await here.rx.repeats.remind() for _ in range(2)] == [1, 0]
    assert [one.kind for one in await here.rx.notices.open("anna")] == ["repeat-due"]
    await here.rx.repeats.ask(known, ANNA)
    with pytest.raises(Conflict, match="works on RX00000001 already"):
        await here.rx.repeats.ask(known, ANNA)
    await here.handed_out(rx, serial="S2")
    await here.rx.repeats.ask(known, why(ANNA, "travels"))
    await here.handed_out(rx, serial="S3")
    with pytest.raises(Conflict, match="nothing is left"):
        await here.rx.repeats.ask(known, ANNA)

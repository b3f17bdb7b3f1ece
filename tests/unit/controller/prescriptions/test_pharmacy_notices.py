"""What the pharmacy has to know: told when it happens, the oldest first, kept when somebody sees to it."""

from dataclasses import replace

import pytest

from controller.errors import Conflict, NotFound, Unstorable
from controller.imaging.sight import WHOLE, Sight
from controller.prescriptions.delivery import Over
from controller.prescriptions.model import Known
from controller.prescriptions.pharmacy_notices import Expiring
from controller.prescriptions.states import DeliveryState, RxState
from tests.support.prescriptions import ANNA, GTIN, PAUL, PIA, WANTED, Pharmacy, over, why

NOBODY = Sight(frozenset())


async def told(here: Pharmacy, kind: str = "", *, done: bool = False) -> list[tuple[str, str, str, str]]:
    found = await here.rx.pharmacy_notices.listed(WHOLE, kind, done=done)
    return [(one.kind, one.about, one.detail, one.by) for one in found]


async def test_what_is_withdrawn_is_told_for_what_is_on_the_bench_and_on_its_way_and_for_nothing_else(
    here: Pharmacy,
) -> None:
    for begun in (False, True):
        rx = await here.signed()
        if begun:
            await here.handed_out(rx, "10")
            await here.scanned(await here.begun(rx, "5"), serial="S2")
        stopped = why(ANNA, "allergic")
        await here.rx.prescribing.step(Known(rx.number, rx.revision, WHOLE), RxState.STOPPED, stopped)
    assert await told(here) == [
        ("withdrawn", "MD00000002", "allergic", "anna"),
        ("withdrawn", "SD00000001", "allergic", "anna"),
    ]


async def test_a_recall_is_told_for_the_shelf_and_for_each_patient_who_got_some_of_it(here: Pharmacy) -> None:
    rx = await here.signed()
    await here.handed_out(rx)
    await here.rx.products.recall(GTIN, "B1", why(PAUL, "glass"))
    shelf, patient = await here.rx.pharmacy_notices.listed(WHOLE)
    assert (shelf.rx, shelf.name, shelf.medicine) == (None, None, None)
    assert (patient.rx, patient.name, patient.medicine) == (rx.number, "Muster, Anna", "Metoprolol 50 mg")
    assert shelf.about == patient.about == f"{GTIN} B1"
    assert [one.rx for one in await here.rx.pharmacy_notices.listed(NOBODY)] == [None]
    assert await here.rx.pharmacy_notices.count(NOBODY) == 1


async def test_what_came_back_and_what_is_due_again_is_told(here: Pharmacy) -> None:
    rx = await here.signed(replace(WANTED, repeats=1))
    _, begun = await here.handed_out(rx)
    by = why(PIA, "nobody there")
    await here.rx.deliveries.step(Over(begun.number, 1, WHOLE), DeliveryState.ABANDONED, by)
    here.later(4 * 24)
    assert await here.rx.repeats.remind() == 1
    assert await told(here) == [
        ("returned", begun.number, "nobody there", "pia"),
        ("repeat-due", rx.number, "anna", "controller"),
    ]


async def test_what_expires_while_it_waits_is_told_once_even_after_a_restart(here: Pharmacy) -> None:
    waits, arrived = await here.signed(), await here.signed()
    soon = "331231"
    dispense = await here.scanned(await here.begun(waits), expiry=soon)
    done = await here.scanned(await here.begun(arrived), serial="S2", expiry=soon)
    _, begun = await here.rx.dispensing.complete(over(done), "ward-a", PIA)
    assert await Expiring(here.rx.books).look() == 0
    here.later(24 * 400)
    assert await Expiring(here.rx.books).look() == 2
    assert await Expiring(here.rx.books).look() == 0
    assert [one[:2] for one in await told(here, "expired")] == [
        ("expired", dispense.number),
        ("expired", begun.number),
    ]


async def test_who_sees_to_a_notice_is_kept_with_it_and_nobody_else_takes_it_over(here: Pharmacy) -> None:
    rx = await here.signed()
    await here.handed_out(rx)
    await here.rx.products.recall(GTIN, "B1", why(PAUL, "glass"))
    shelf, patient = await here.rx.pharmacy_notices.listed(WHOLE)
    acknowledge = here.rx.pharmacy_notices.acknowledge
    with pytest.raises(NotFound):
        await acknowledge(patient.id, NOBODY, PIA)
    with pytest.raises(NotFound):
        await acknowledge(99, WHOLE, PIA)
    for one in (shelf, patient):
        await acknowledge(one.id, WHOLE, PIA)
    with pytest.raises(Conflict, match="pia has acknowledged"):
        await acknowledge(patient.id, WHOLE, PAUL)
    assert await here.rx.pharmacy_notices.count(WHOLE) == 0
    assert await told(here) == []
    kept = await here.rx.pharmacy_notices.listed(WHOLE, done=True)
    assert [(one.id, one.acknowledged_by) for one in kept] == [(patient.id, "pia"), (shelf.id, "pia")]
    first, second = await here.trail("pharmacy-notice-acknowledged")
    assert (first["patient"], second["patient"]) == (None, "4711")
    for sql in ("DELETE FROM rx_pharmacy_notice", "UPDATE rx_pharmacy_notice SET acknowledged_by = 'paul'"):
        with pytest.raises(Unstorable, match="stay"):
            await here.store.write(lambda db, sql=sql: db.execute(sql))

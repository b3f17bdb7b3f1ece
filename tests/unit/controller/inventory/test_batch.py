"""Many records at once: none of the good rows is lost, and nobody else waits for them."""

import asyncio

from controller.inventory.batch import AT_ONCE
from controller.inventory.service import Inventory
from tests.support.sender import Sender, reading
from tests.unit.controller.conftest import Desk
from tests.unit.controller.inventory.conftest import ANNA, cuff

S = 1_000_000


async def test_an_import_records_every_good_row_and_names_what_is_wrong_with_each_other(
    inventory: Inventory,
) -> None:
    await inventory.record(cuff("old", serial="S1"), ANNA)
    await inventory.record(cuff("gone"), ANNA)
    await inventory.decommission("gone", "broken", ANNA)
    text = (
        "device,profile,serial,gateway,calibration_due\n"
        "bp-1,beurer-bm85,A1,ward-a,2027-01-01\n"
        "bp-2,no-such,A2,ward-a,tomorrow\n"
        "bp-3,beurer-bm85,S1,ward-a,\n"
        "bp-4,beurer-bm85,A4,ward-q,\n"
        "bp-1,beurer-bm85,A5,ward-a,\n"
        "gone,beurer-bm85,A6,ward-a,\n"
        "bp-7,beurer-bm85,A7,,\n"
    )
    tried = await inventory.take_in(text.encode(), ANNA, dry_run=True)
    assert {one["device"] for one in await inventory.devices()} == {"old", "gone"}
    done = await inventory.take_in(text.encode(), ANNA)
    assert tried == done
    assert done.outcomes == {"added": 2, "changed": 0, "unchanged": 0}
    assert [(fault.row, fault.problem.column, fault.problem.came) for fault in done.faults] == [
        (3, "profile", "no-such"),
        (3, "calibration_due", "tomorrow"),
        (4, "serial", "S1"),
        (5, "gateway", "ward-q"),
        (6, "device", "bp-1"),
        (7, "device", "gone"),
    ]
    assert "row 2 already" in done.faults[4].problem.remedy
    again = await inventory.take_in(text.encode(), ANNA)
    assert again.outcomes == {"added": 0, "changed": 0, "unchanged": 2}
    assert again.faults == done.faults


async def test_what_gateways_send_does_not_wait_for_a_long_import(inventory: Inventory, desk: Desk) -> None:
    rows = "".join(f"bp-{number},beurer-bm85\n" for number in range(20 * AT_ONCE))
    long = asyncio.create_task(inventory.take_in(f"device,profile\n{rows}".encode(), ANNA))
    while await desk.rows("SELECT count(*) FROM inventory") == [(0,)]:  # noqa: ASYNC110
        await asyncio.sleep(0)
    await desk.take(Sender().block(reading(70, 10 * S)))
    assert not long.done()
    assert (await long).outcomes["added"] == 20 * AT_ONCE


async def test_a_dry_run_leaves_no_line_of_history_or_audit(inventory: Inventory, desk: Desk) -> None:
    before = await desk.rows("SELECT count(*) FROM audit")
    await inventory.take_in(b"device,profile\nbp-1,beurer-bm85\n", ANNA, dry_run=True)
    assert await desk.rows("SELECT count(*) FROM audit") == before
    assert await desk.rows("SELECT count(*) FROM inventory_change") == [(0,)]


async def test_a_column_that_a_table_lacks_stays_as_it_is_recorded(inventory: Inventory) -> None:
    await inventory.record(cuff(serial="A17", notes="left cuff"), ANNA)
    await inventory.take_in(b"device,profile,serial\nbp-1,beurer-bm85,\n", ANNA)
    found = await inventory.device("bp-1")
    assert (found["serial"], found["notes"], found["gateway"]) == ("", "left cuff", "ward-a")


async def test_an_export_imports_as_unchanged(inventory: Inventory) -> None:
    await inventory.record(cuff(notes="=HYPERLINK(1)", calibration_due="2027-01-01"), ANNA, bed="bed-1")
    data = await inventory.give_out()
    assert b"'=HYPERLINK" in data
    done = await inventory.take_in(data, ANNA)
    assert (done.outcomes["unchanged"], done.faults) == (1, [])

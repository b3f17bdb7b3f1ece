"""What engineers do with devices: record, place, import, decommission; each with history and audit."""

import asyncio
import json
import subprocess
from pathlib import Path

import pytest

from controller.errors import BadRecord, Conflict, NotFound
from controller.history import rollup
from controller.inventory import seen
from controller.inventory.record import Record
from controller.inventory.records import Pairing
from controller.inventory.service import Inventory
from controller.registry import Patient
from devices.model.observation import DeviceEvent, EventKind, Instant
from tests.support.sender import Sender, reading
from tests.unit.controller.conftest import START_US, Desk
from tests.unit.controller.inventory.conftest import ANNA, cuff

S = 1_000_000
MANY = """WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
INSERT INTO observation (stream, number, place, boot, mono_us, at_us, series, quality)
SELECT stream, n, 1, boot, mono_us, at_us, series, quality FROM numbers CROSS JOIN (
  SELECT * FROM observation WHERE series = (SELECT id FROM series WHERE device = 'bp-2')) AS theirs"""
"""More of what bp-2 measured."""


async def audit(desk: Desk) -> list[dict[str, object]]:
    rows = await desk.rows(
        "SELECT entry FROM audit WHERE entry ->> '$.entity' LIKE 'device/%' ORDER BY number"
    )
    return [json.loads(str(row[0])) for row in rows]


async def said(inventory: Inventory, device: str = "bp-1") -> list[tuple[str, str]]:
    return [(one["what"], one["by"]) for one in reversed((await inventory.device(device))["history"])]


def verified(receipt: str, folder: Path, authority: Path) -> subprocess.CompletedProcess[bytes]:
    """What OpenSSL says of a receipt."""
    path = folder / "receipt.p7s"
    path.write_text(receipt)
    command = ["openssl", "cms", "-verify", "-in", path, "-CAfile", authority / "root.pem", "-purpose", "any"]
    return subprocess.run(command, capture_output=True, check=False)


async def test_a_record_is_made_changed_and_left_alone(inventory: Inventory, desk: Desk) -> None:
    assert await inventory.record(cuff(serial="A17"), ANNA) == "added"
    assert await inventory.record(cuff(serial="A17"), ANNA) == "unchanged"
    desk.clock.at_us += 5 * S
    assert await inventory.record(cuff(serial="A18"), ANNA) == "changed"
    [changed, recorded] = (await inventory.device("bp-1"))["history"]
    assert changed == {
        "utc_ms": (START_US + 5 * S) // 1000,
        "by": "anna",
        "what": "changed",
        "detail": {"serial": ["A17", "A18"]},
    }
    assert recorded["detail"]["gateway"] == ["", "ward-a"]
    trail = await audit(desk)
    assert [(one["action"], one["actor"], one["where"]) for one in trail] == [
        ("device-recorded", "anna", "10.0.0.7"),
        ("device-changed", "anna", "10.0.0.7"),
    ]
    assert "A18" not in json.dumps(trail)


@pytest.mark.parametrize(
    "other",
    [
        cuff("bp-2", asset_tag="T1"),
        cuff("bp-2", serial="A17"),
        cuff("bp-2", address="00:1C:05:FF:E8:74"),
    ],
)
async def test_what_belongs_to_one_device_is_not_recorded_of_another(
    inventory: Inventory, other: Record
) -> None:
    await inventory.record(cuff(asset_tag="T1", serial="A17", address="00:1C:05:FF:E8:74"), ANNA)
    with pytest.raises(BadRecord, match="it is that of 'bp-1': change the one that is wrong"):
        await inventory.record(other, ANNA)


async def test_the_same_serial_number_of_another_model_is_another_device(inventory: Inventory) -> None:
    await inventory.record(cuff(serial="A17"), ANNA)
    assert await inventory.record(Record("ox-9", "nonin-3230", serial="A17"), ANNA) == "added"


async def test_an_unknown_gateway_is_named_with_those_there_are(inventory: Inventory) -> None:
    with pytest.raises(BadRecord, match=r"gateway: .*got 'ward-q': there are: ward-a"):
        await inventory.record(cuff(gateway="ward-q"), ANNA)


async def test_a_scan_finds_the_recorded_device_however_it_is_labelled(inventory: Inventory) -> None:
    gtin = "04211125658212"
    await inventory.record(cuff(serial="A17", gtin=gtin, asset_tag="T-1", address="00:1C:05:FF:E8:74"), ANNA)
    for text in (f"(01){gtin}(21)A17", "A17", "SN A17", "T-1", "bp-1", "001c05ffe874"):
        assert (await inventory.scan(text)).devices == ["bp-1"], text
    assert (await inventory.scan(f"(01){gtin}(21)A18")).devices == []
    assert [fit.why for fit in (await inventory.scan(f"(01){gtin}(21)A18")).fits] == ["site", "gtin"]


async def test_a_device_on_a_bed_is_put_on_no_other_unless_it_is_moved(
    inventory: Inventory, desk: Desk
) -> None:
    await inventory.record(cuff(), ANNA, bed="bed-1")
    with pytest.raises(
        Conflict, match="'bp-1' is on 'bed-1': take it off there first, or say that it is moved"
    ):
        await inventory.place("bp-1", "bed-2", ANNA)
    with pytest.raises(Conflict, match="bed-1"):
        await desk.registry.assign("bp-1", "bed-2", "nurse")
    assert desk.registry.bed_of("bp-1") == "bed-1"
    await inventory.place("bp-1", "bed-2", ANNA, move=True)
    assert desk.registry.bed_of("bp-1") == "bed-2"
    await inventory.place("bp-1", None, ANNA)
    await inventory.place("bp-1", "bed-1", ANNA)
    assert desk.registry.bed_of("bp-1") == "bed-1"


async def test_of_many_who_place_it_at_once_one_succeeds(
    inventory: Inventory, desk: Desk, restarted: Desk
) -> None:
    """Two processes (the page and the command line), each several times, on two beds."""
    await inventory.record(cuff(), ANNA)
    await restarted.load()
    other = Inventory(restarted.store, restarted.registry, restarted.clock)
    tries = [one.place("bp-1", bed, ANNA) for bed in ("bed-1", "bed-2") for one in (inventory, other) * 5]
    done = await asyncio.gather(*tries, return_exceptions=True)
    first_won = [result is None for result in done[:10]]
    second_won = [result is None for result in done[10:]]
    assert any(first_won) != any(second_won)
    assert all(result is None or isinstance(result, Conflict) for result in done)
    assert await desk.rows("SELECT count(DISTINCT bed) FROM assignment WHERE device = 'bp-1'") == [(1,)]


async def test_what_is_in_stock_is_on_no_bed(inventory: Inventory) -> None:
    await inventory.record(cuff(gateway=""), ANNA)
    with pytest.raises(Conflict, match="in stock: record first which gateway it hangs on"):
        await inventory.place("bp-1", "bed-1", ANNA)
    with pytest.raises(NotFound, match="no record of a device 'bp-9'"):
        await inventory.place("bp-9", "bed-1", ANNA)
    with pytest.raises(NotFound, match="no bed 'bed-9'; there are: bed-1, bed-2"):
        await inventory.record(cuff(), ANNA, bed="bed-9")
    assert (await inventory.device("bp-1"))["gateway"] == ""


async def test_battery_firmware_and_the_last_word_come_from_what_the_gateway_sent(
    inventory: Inventory, desk: Desk
) -> None:
    sender = Sender(device="bp-1")
    at = Instant(9 * S * 1000)
    told = [
        DeviceEvent(EventKind.CONNECTED, at),
        DeviceEvent(EventKind.BATTERY, at, {"percent": 15}),
        DeviceEvent(EventKind.IDENTITY, at, {"firmware": "1.4"}),
        DeviceEvent(EventKind.IDENTITY, at, {"serial": "A17"}),
    ]
    await desk.take(sender.block(reading(70, 10 * S), *told))
    found = await inventory.device("bp-1")
    assert (found["recorded"], found["attention"]) == (False, ["unrecorded"])
    await inventory.record(cuff(calibration_due="2033-06-01"), ANNA)
    found = await inventory.device("bp-1")
    assert (found["battery_percent"], found["firmware"], found["connected"]) == (15, "1.4", True)
    assert found["seen_ms"] == START_US // 1000
    assert found["attention"] == ["calibration", "battery", "unplaced"]
    desk.clock.at_us += 90_000 * S
    await inventory.place("bp-1", "bed-1", ANNA)
    assert (await inventory.device("bp-1"))["attention"] == ["calibration", "battery", "unseen"]


@pytest.mark.on_both
async def test_of_a_measurement_with_many_others_after_it_the_minute_is_told(
    inventory: Inventory, desk: Desk
) -> None:
    await desk.take(*(Sender(device=name).block(reading(70, 10 * S)) for name in ("bp-1", "bp-2")))
    assert (await inventory.device("bp-1"))["seen_ms"] == START_US // 1000
    while await rollup.add_new(desk.store):
        pass
    assert (await inventory.device("bp-1"))["seen_ms"] == START_US // 1000
    await desk.store.write(lambda db: db.execute(MANY, (seen.RECENT,)))
    minute = START_US // 60_000_000 * 60_000
    assert minute < START_US // 1000
    assert {one["device"]: one["seen_ms"] for one in await inventory.devices()} == {
        "bp-1": minute,
        "bp-2": START_US // 1000,
    }


async def test_its_beds_are_told_with_stays_as_numbers_and_no_patient(
    inventory: Inventory, desk: Desk
) -> None:
    await desk.registry.admit("bed-1", Patient("CANARY-77", "Canary Bird"), "nurse")
    desk.clock.at_us += 10 * S
    await inventory.record(cuff(), ANNA, bed="bed-1")
    desk.clock.at_us += 10 * S
    await desk.registry.discharge("bed-1", "nurse")
    await desk.registry.admit("bed-1", Patient("CANARY-78", "Canary Two"), "nurse")
    desk.clock.at_us += 10 * S
    await inventory.place("bp-1", None, ANNA)
    found = await inventory.device("bp-1")
    [place] = found["placements"]
    begin, change, end = (START_US // 1000 + 10_000 * n for n in (1, 2, 3))
    assert (place["bed"], place["from_ms"], place["to_ms"], place["by"]) == ("bed-1", begin, end, "anna")
    assert place["stays"] == [
        {"id": 2, "from_ms": change, "to_ms": end},
        {"id": 1, "from_ms": begin, "to_ms": change},
    ]
    assert "anary" not in json.dumps(found).replace("CANARY", "Canary")


async def test_decommissioning_ends_the_association_and_gives_a_receipt_that_openssl_accepts(
    inventory: Inventory, desk: Desk, authority: Path, tmp_path: Path
) -> None:
    await inventory.record(cuff(serial="A17"), ANNA, bed="bed-1")
    await inventory.pair("bp-1", Pairing.BONDED, "first pairing", ANNA)
    receipt = await inventory.decommission("bp-1", "its cuff leaks", ANNA)
    assert desk.registry.bed_of("bp-1") is None
    found = await inventory.device("bp-1")
    assert (found["attention"], found["pairing"]) == (["withdrawn"], "")
    assert [what for what, _ in await said(inventory)] == ["recorded", "paired", "withdrawn"]
    assert await inventory.receipt("bp-1") == receipt
    told = json.loads(verified(receipt, tmp_path, authority).stdout)
    assert (told["device"], told["serial"], told["by"]) == ("bp-1", "A17", "anna")
    assert verified(receipt.replace("leaks", "works"), tmp_path, authority).returncode != 0


async def test_a_decommissioned_device_is_placed_by_nobody_and_what_it_sends_is_kept(
    inventory: Inventory, desk: Desk
) -> None:
    await inventory.record(cuff(), ANNA)
    await inventory.decommission("bp-1", "broken", ANNA)
    for place in (desk.registry.assign("bp-1", "bed-1", "nurse"), inventory.place("bp-1", "bed-1", ANNA)):
        with pytest.raises(Conflict, match="decommissioned: an engineer must provision it again first"):
            await place
    await desk.take(Sender(device="bp-1", bed="bed-1").block(reading(70, 10 * S)))
    assert desk.registry.bed_of("bp-1") is None
    assert await desk.rows("SELECT value, bed FROM observation JOIN series ON series.id = series") == [
        (70, None)
    ]
    with pytest.raises(Conflict, match="decommissioned already"):
        await inventory.decommission("bp-1", "broken", ANNA)


async def test_even_one_from_stock_is_not_placed_by_a_gateway_that_speaks_of_it_later(
    inventory: Inventory, desk: Desk
) -> None:
    await inventory.record(cuff(gateway=""), ANNA)
    await inventory.decommission("bp-1", "broken", ANNA)
    await desk.take(Sender(device="bp-1", bed="bed-1").block())
    assert desk.registry.bed_of("bp-1") is None
    await desk.take(Sender(device="ox-1", bed="bed-1").block())
    assert desk.registry.bed_of("ox-1") == "bed-1"


async def test_it_returns_only_when_an_engineer_says_so(inventory: Inventory, desk: Desk) -> None:
    await inventory.record(cuff(), ANNA)
    await inventory.decommission("bp-1", "broken", ANNA)
    with pytest.raises(Conflict, match="say that it is provisioned again, or name it anew"):
        await inventory.record(cuff(), ANNA)
    await inventory.record(cuff(), ANNA, again=True, bed="bed-1")
    assert desk.registry.bed_of("bp-1") == "bed-1"
    assert [what for what, _ in await said(inventory)] == ["recorded", "withdrawn", "returned"]


async def test_without_an_authority_nothing_is_decommissioned(inventory: Inventory, desk: Desk) -> None:
    await inventory.record(cuff(), ANNA)
    with pytest.raises(Conflict, match="cannot be signed"):
        await Inventory(desk.store, desk.registry, desk.clock).decommission("bp-1", "broken", ANNA)
    with pytest.raises(BadRecord, match="a reason of 3 to 200"):
        await inventory.decommission("bp-1", " ", ANNA)
    with pytest.raises(NotFound, match="never decommissioned"):
        await inventory.receipt("bp-1")

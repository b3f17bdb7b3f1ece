"""The ledger by HTTP: pages of journals, one journal, the export, messages in quarantine."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from controller.api.ledger_schemas import Ledger, LedgerDetail, Quarantine
from controller.auditor import COUNTED_US, FRESH_US
from devices.wire.block import Lane
from hil.ledger_checker import main
from tests.support.controller import RunningController
from tests.support.http import client, get, refusal
from tests.support.ledgers import fill, gap, state
from tests.support.sender import Sender
from tests.unit.controller.conftest import Desk


@pytest.fixture
async def desk(controller: RunningController) -> Desk:
    """What takes messages into the running controller's database, now."""
    desk = Desk(controller.store)
    await desk.load()
    desk.clock.at_us = controller.clock.now_us()
    return desk


async def detail_of(engineer: ClientSession, sender: Sender) -> dict[str, Any]:
    answer = await get(engineer, f"/api/ledger/{sender.journal.hex()}")
    LedgerDetail.model_validate(answer)
    return answer


async def test_every_journal_is_told_lane_by_lane_and_as_of_when(
    controller: RunningController, desk: Desk
) -> None:
    sender = Sender()
    await fill(desk, sender)
    controller.hub.gateway("ward-a", {"state": "behind"})
    async with client(controller, "engineer") as engineer:
        answer = await get(engineer, "/api/ledger")
    Ledger.model_validate(answer)
    assert answer["server_ms"] - answer["as_of_ms"] >= 0
    assert answer["totals"]["produced"] == 17
    [journal] = answer["journals"]
    assert (journal["gateway"], journal["open"], journal["state"]) == ("ward-a", True, "behind")
    vital = journal["lanes"][1]
    assert (vital["committed"], vital["quarantined"], vital["waiting"]) == (8, 1, 0)


async def test_trouble_comes_first_and_the_rest_is_paged_and_filtered(
    controller: RunningController, desk: Desk
) -> None:
    for name in ("ward-a", "ward-b", "icu-1"):
        await desk.take(Sender(name).block(), gateway=name)
    troubled = Sender("ward-z")
    await desk.take([troubled.block() for _ in range(3)][2], gateway="ward-z")

    async with client(controller, "engineer") as engineer:

        async def names(**query: Any) -> list[str]:
            return [one["gateway"] for one in (await get(engineer, "/api/ledger", **query))["journals"]]

        assert await names() == ["ward-z", "icu-1", "ward-a", "ward-b"]
        assert await names(offset=1, limit=2) == ["icu-1", "ward-a"]
        assert await names(gateway="ward", limit=2) == ["ward-z", "ward-a"]
        some = await get(engineer, "/api/ledger", gateway="icu")
        assert (some["totals"]["journals"], some["totals"]["missing"]) == (1, 0)
        for bad in ("limit=0", "limit=501", "offset=-1"):
            assert await refusal(engineer, "GET", f"/api/ledger?{bad}") == (400, "bad-request")


async def test_a_proof_is_read_again_after_a_moment_and_twice_is_counted_apart(
    controller: RunningController, desk: Desk
) -> None:
    await desk.take(Sender().block())
    columns = "stream, number, place, boot, mono_us, at_us, series, value, quality"
    twice = f"INSERT INTO observation ({columns}) SELECT {columns} FROM observation"
    await desk.store.write(lambda db: db.execute(twice))
    async with client(controller, "engineer") as engineer:
        first = await get(engineer, "/api/ledger")
        assert (first["totals"]["duplicated"], first["duplicated_as_of_ms"]) == (None, None)
        assert (await get(engineer, "/api/ledger"))["as_of_ms"] == first["as_of_ms"]
        async with asyncio.timeout(10):
            while (answer := await get(engineer, "/api/ledger"))["duplicated_as_of_ms"] is None:
                controller.clock.let_pass(FRESH_US / 1e6)
        assert answer["as_of_ms"] > first["as_of_ms"]
        assert answer["totals"]["duplicated"] == 1
        assert answer["duplicated_as_of_ms"] < answer["server_ms"]
        controller.clock.let_pass(COUNTED_US / 1e6)
        again = await get(engineer, "/api/ledger")
        assert again["duplicated_as_of_ms"] == answer["duplicated_as_of_ms"]


async def test_a_journal_s_ranges_gaps_and_messages_are_told(
    controller: RunningController, desk: Desk
) -> None:
    sender = Sender()
    sender.utc_us = 1_900_000_000_000_000
    await fill(desk, sender)
    await desk.take([sender.block() for _ in range(3)][2])
    async with client(controller, "engineer") as engineer:
        answer = await detail_of(engineer, sender)
        assert await refusal(engineer, "GET", f"/api/ledger/{'0' * 16}") == (404, "not-found")
        assert await refusal(engineer, "GET", "/api/ledger/nonsense") == (400, "bad-request")
    _, vital, wave, _ = answer["lanes"]
    assert vital["missing_ranges"] == [[9, 10]]
    assert wave["shed_ranges"] == [[3, 5]]
    [told] = wave["gaps"]
    assert (told["why"], told["ranges"], told["from_mono_ms"], told["to_mono_ms"]) == (
        "quota",
        [[3, 5]],
        1000,
        2000,
    )
    assert told["from_utc_ms"] == 1_900_000_001_000
    assert answer["quarantine"]["count"] == 1
    assert answer["quarantine"]["messages"][0]["number"] == 6


async def test_the_time_of_a_gap_is_told_by_the_clocks_that_are_known(
    controller: RunningController, desk: Desk
) -> None:
    without_utc, of_earlier_boot = Sender(), Sender("ward-b")
    await desk.take(without_utc.block(gap(without_utc, 0, 0)))
    told = gap(of_earlier_boot, 0, 0)
    of_earlier_boot.boot = bytes(16)
    await desk.take(of_earlier_boot.block(told), gateway="ward-b")
    async with client(controller, "engineer") as engineer:
        [here] = [gap for lane in (await detail_of(engineer, without_utc))["lanes"] for gap in lane["gaps"]]
        [there] = [
            gap for lane in (await detail_of(engineer, of_earlier_boot))["lanes"] for gap in lane["gaps"]
        ]
    assert here["from_ms"] == desk.clock.at_us // 1000 - 9_000
    assert here["from_utc_ms"] is None
    assert (there["from_ms"], there["from_utc_ms"], there["from_mono_ms"]) == (None, None, 1000)


async def test_messages_in_quarantine_are_listed_and_given_out_as_they_came(
    controller: RunningController, desk: Desk
) -> None:
    await fill(desk, Sender())
    await desk.take(b"garbage of b", gateway="ward-b")
    async with client(controller, "engineer") as engineer:
        answer = await get(engineer, "/api/quarantine")
        Quarantine.model_validate(answer)
        assert answer["count"] == 3
        only = await get(engineer, "/api/quarantine", gateway="rd-b")
        [message] = only["messages"]
        assert (only["count"], message["journal"], message["lane"]) == (1, None, None)
        async with engineer.get(f"/api/quarantine/{message['id']}/message") as response:
            assert await response.read() == b"garbage of b"
            assert response.content_type == "application/octet-stream"
            assert response.headers["Content-Disposition"].startswith("attachment")
        for name in ("999", "nonsense", "-1"):
            assert await refusal(engineer, "GET", f"/api/quarantine/{name}/message") == (404, "not-found")


async def test_the_export_is_what_the_checker_takes(
    controller: RunningController, desk: Desk, tmp_path: Path
) -> None:
    await fill(desk, Sender())
    await desk.take(state(Sender("ward-b")), what="state", gateway="ward-b")
    file = tmp_path / "export.jsonl"
    async with client(controller, "engineer") as engineer, engineer.get("/api/ledger/export") as response:
        assert response.headers["Content-Disposition"] == 'attachment; filename="wardlink-ledger.jsonl"'
        file.write_bytes(await response.read())
    said, where = list[str](), controller.store.where
    databases = [str(where)] if isinstance(where, Path) else []  # it reads no server's
    assert main([str(file), *databases], said.append) == 0, said
    assert f"lane {Lane.VITAL.name.lower()}: 9 produced = 8 committed + 1 quarantined" in "\n".join(said)

"""An ambulance end to end: simulated receiver on a serial line, real gateway, real broker, arrivals board."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from hil import prepare
from hil.board import Board
from hil.errors import NotReady
from hil.sims.plug import Order
from hil.stack import Stack
from hil.ward import NURSE, Folder, Ward, WardBed, WardDevice

pytestmark = [pytest.mark.xdist_group("demo")]

AMBULANCE = Ward(
    (WardBed("amb-1", "Ambulance 1", "DEMO-AMB", "unknown, male, about 60"),),
    (WardDevice("gnss-1", "nmea-gnss", "amb-1", 1), WardDevice("ox-1", "nonin-xpod", "amb-1", 1)),
)
HOSPITAL = """[arrivals]
name = "Demonstration hospital"
latitude = 22.2700
longitude = 114.1750
"""


@pytest.fixture
async def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stack]:
    """The demo's processes, with one ambulance in the place of the ward."""
    monkeypatch.setattr(prepare, "_CONTROLLER", prepare._CONTROLLER + HOSPITAL)
    folder = Folder(tmp_path)
    async with Stack(folder, ward=AMBULANCE, port=0, tell=print) as running:
        yield running


async def arrival(board: Board, state: str) -> dict[str, Any]:
    """The one that arrives, once its position is `state`."""
    async with asyncio.timeout(60):
        while True:
            with suppress(NotReady):
                for one in (await board.get("/api/arrivals"))["arrivals"]:
                    if one["position"] and one["position"]["state"] == state:
                        return one
            await asyncio.sleep(0.2)


async def plug(stack: Stack, device: str, order: Order) -> None:
    """An order to a simulated device."""
    await asyncio.to_thread(stack.folder.plug(device).write_text, f"{order}\n")


async def test_the_simulated_ambulance_is_on_the_arrivals_board_and_is_reckoned_on_in_a_tunnel(
    stack: Stack,
) -> None:
    addresses = stack.addresses()
    assert addresses
    async with Board(addresses.http, NURSE, stack.password) as board:
        driving = await arrival(board, "fixed")
        assert driving["position"]["latitude"] == pytest.approx(22.282, abs=0.02)
        assert driving["position"]["radius_m"] < 100
        assert driving["eta"]["distance_m"] == pytest.approx(2_200, abs=1_500)
        await plug(stack, "gnss-1", Order.SENSOR_OFF)
        tunnel = await arrival(board, "reckoned")
        assert tunnel["position"]["radius_m"] > driving["position"]["radius_m"]
        await plug(stack, "gnss-1", Order.SENSOR_ON)
        again = await arrival(board, "fixed")
        assert again["position"]["at_ms"] > tunnel["position"]["at_ms"]

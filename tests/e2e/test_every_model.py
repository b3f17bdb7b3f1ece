"""Every supported model at its real speed, on its own link, through a gateway, to the board: all at once."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from controller.ledger import ledger_table
from controller.store import Store
from devices.profiles import profiles
from hil.board import Board
from hil.errors import NotReady
from hil.every_model import every_model
from hil.stack import Stack
from hil.ward import NURSE, Folder

pytestmark = pytest.mark.timeout(240)

PATIENCE_S = 150.0


def measured(snapshot: dict[str, Any]) -> dict[str, set[str]]:
    """By device, the metrics that have a value, whose age is known."""
    came: dict[str, set[str]] = {}
    for value in snapshot["values"]:
        assert value["at_ms"] is not None
        if value["value"] is not None:
            came.setdefault(value["device"], set()).add(value["metric"])
    return came


def silent(snapshot: dict[str, Any]) -> dict[str, set[str]]:
    """By model, what has not come yet: for a model that only tells events, that it is connected."""
    came, connected = measured(snapshot), {d["id"] for d in snapshot["devices"] if d["connected"]}
    lacking: dict[str, set[str]] = {}
    for name, model in profiles().items():
        if name not in connected:
            lacking[name] = {"connected"}
        elif model.metrics and name not in came:
            lacking[name] = set(model.metrics)
    return lacking


async def test_every_model_is_on_the_board_and_nothing_is_missing_in_the_ledger(tmp_path: Path) -> None:
    folder, told = Folder(tmp_path), list[str]()
    async with Stack(folder, ward=every_model(), port=0, tell=told.append) as stack:
        addresses = stack.addresses()
        assert addresses
        async with Board(addresses.http, NURSE, stack.password) as board:
            lacking: dict[str, set[str]] = {"everything": set()}
            ends = asyncio.get_running_loop().time() + PATIENCE_S
            while lacking:
                assert asyncio.get_running_loop().time() < ends, told[-3:]
                await asyncio.sleep(1)
                with suppress(NotReady):
                    lacking = silent(await board.snapshot())
                    told.append(f"not there yet: {lacking}")
        await stack.stop_devices()
        await asyncio.sleep(2)
    store = await Store.open(folder.controller / "wardlink.sqlite")
    try:
        rows = await ledger_table(store)
    finally:
        await store.close()
    assert rows
    assert [row for row in rows if row.missing or row.duplicated or row.quarantined] == []

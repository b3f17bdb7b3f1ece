"""Every supported model at its real speed, on its own link, through a gateway, to the board: all at once."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from controller.ledger import ledger_table
from controller.store import Store
from devices.model.metrics import METRICS
from devices.profiles import Profile, VehicleLink, profiles
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
        if isinstance(model.link, VehicleLink):
            continue  # robots are at a broker of their own: hil/sims/robots
        if name not in connected:
            lacking[name] = {"connected"}
        elif numbers(model) and name not in came:
            lacking[name] = numbers(model)
    return lacking


def numbers(model: Profile) -> set[str]:
    """The metrics that a screen has as a number; waveforms go by."""
    return {metric for metric in model.metrics if not METRICS[metric].is_waveform}


async def waves(store: Store) -> set[str]:
    """The devices of which the store has waveforms."""
    rows = await store.read("SELECT DISTINCT device FROM waveform JOIN series ON series.id = waveform.series")
    return {row["device"] for row in rows}


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
        rows, waving = await ledger_table(store), await waves(store)
    finally:
        await store.close()
    assert waving >= {name for name, model in profiles().items() if numbers(model) < set(model.metrics)}
    assert rows
    assert [row for row in rows if row.missing or row.duplicated or row.quarantined] == []

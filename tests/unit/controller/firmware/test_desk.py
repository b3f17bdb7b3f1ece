"""Asking for an update, and what is told of it; as a command line and a page see it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from controller.clock import SystemClock
from controller.errors import EnrolmentRefused, FirmwareError, NotFound
from controller.firmware.cli import EXITS, app
from controller.firmware.desk import Asked, FirmwareDesk, Running
from controller.identity.certificates import By
from controller.store import Store
from devices.wire import node_image

BY = By("anna", why="new sensor")
_EVENT = """INSERT INTO device_event
(stream, number, place, boot, mono_us, at_us, gateway, device, kind, detail)
VALUES (1, 1, 1, 1, 1, ?, ?, ?, ?, ?)"""
_GATEWAY = "INSERT INTO gateway (id, name, added_ms, provisioned) VALUES (?, ?, 0, ?)"
IDENTITY = {"model": "esp32", "firmware": "0.2", "version": "5"}


def image(board: str, version: int) -> bytes:
    return node_image.pack(board, version, {"a.mpy": bytes(1000 + version)})


class Desk(FirmwareDesk):
    """A desk whose gateways speak as a test says."""

    def __init__(self, store: Store) -> None:
        super().__init__(store, SystemClock())
        self.store, self.at = store, 0

    async def tell(self, kind: str, device: str | None = "node-1", **detail: str | int) -> None:
        self.at += 1
        row = self.at, "ward-a", device, kind, json.dumps(detail)
        await self.store.write(lambda db: db.execute(_EVENT, row))

    async def add(self, *images: tuple[str, int]) -> None:
        for one in images:
            await self.images.add(image(*one), BY)

    async def asked(self) -> Asked:
        asked = (await self.told("ward-a", "node-1")).asked
        assert asked is not None
        return asked


async def made(folder: Path) -> Desk:
    store = await Store.open(folder / "wardlink.sqlite")
    for gateway in (("ward-a", "A", 1), ("ward-b", "B", 0)):
        await store.write(lambda db, gateway=gateway: db.execute(_GATEWAY, gateway))
    desk = Desk(store)
    await desk.tell("identity", manufacturer="Wardlink", model="esp32")
    await desk.tell("identity", **IDENTITY)
    return desk


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    desk = await made(tmp_path)
    yield desk
    await desk.store.close()


async def test_the_newest_for_its_board_is_asked_for(desk: Desk) -> None:
    await desk.add(("esp32", 6), ("esp32", 7), ("esp32", 5), ("pico_w", 9))
    told = await desk.told("ward-a", "node-1")
    assert told.running == Running("esp32", 5, "0.2")
    assert [one.version for one in told.newer] == [7, 6]
    order = await desk.ask("ward-a", "node-1", None, BY)
    found = await desk.images.find(str(order.arguments["digest"]))
    assert (order.name, order.arguments["version"], found.board) == ("update-node", 7, "esp32")
    [row] = await desk.store.read(
        "SELECT actor, entry ->> '$.why' AS why FROM audit ORDER BY number DESC LIMIT 1"
    )
    assert tuple(row) == ("anna", "new sensor")


async def test_a_version_may_be_named_an_old_one_too_for_the_node_refuses_that_itself(desk: Desk) -> None:
    await desk.add(("esp32", 4), ("esp32", 6))
    assert (await desk.ask("ward-a", "node-1", 4, BY)).arguments["version"] == 4


async def test_what_there_is_not_is_refused_with_what_to_do(desk: Desk) -> None:
    with pytest.raises(FirmwareError, match="there is no firmware for esp32: add it"):
        await desk.ask("ward-a", "node-1", None, BY)
    await desk.add(("esp32", 5))
    with pytest.raises(FirmwareError, match="runs version 5: there is nothing newer"):
        await desk.ask("ward-a", "node-1", None, BY)
    with pytest.raises(FirmwareError, match="there is no version 8 for esp32"):
        await desk.ask("ward-a", "node-1", 8, BY)
    with pytest.raises(FirmwareError, match="has never said what board it is"):
        await desk.ask("ward-a", "node-2", None, BY)


async def test_a_gateway_that_is_not_there_or_not_let_in_is_asked_nothing(desk: Desk) -> None:
    await desk.add(("esp32", 6))
    with pytest.raises(NotFound):
        await desk.ask("ward-z", "node-1", None, BY)
    with pytest.raises(EnrolmentRefused):
        await desk.ask("ward-b", "node-1", None, BY)


async def test_how_far_it_is_and_what_became_of_it_is_told(desk: Desk) -> None:
    await desk.add(("esp32", 6))
    order = await desk.ask("ward-a", "node-1", None, BY)
    asked = await desk.asked()
    assert (asked.state, asked.is_open, asked.stage) == ("sent", True, "")
    await desk.tell("software", version=6, progress="sending", percent=30)
    await desk.tell("software", "node-2", version=6, progress="sending", percent=90)
    asked = await desk.asked()
    assert (asked.stage, asked.percent, asked.waits) == ("sending", 30, "")
    await desk.tell("software", version=6, progress="taken", percent=100, why="it measures a patient")
    assert (await desk.asked()).waits == "it measures a patient"
    about = {"id": order.id.hex(), "name": "update-node"}
    await desk.tell("command", None, **about, outcome="failed", why="fell-back: it did not get healthy")
    asked = await desk.asked()
    assert (asked.state, asked.why, asked.is_open) == ("failed", "fell-back: it did not get healthy", False)


async def test_the_last_order_counts(desk: Desk) -> None:
    await desk.add(("esp32", 6), ("esp32", 7))
    await desk.ask("ward-a", "node-1", 6, BY)
    await asyncio.sleep(0.001)
    await desk.ask("ward-a", "node-1", 7, BY)
    assert (await desk.asked()).version == 7


Cli = Callable[..., Result]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "controller-data").mkdir()
    asyncio.run(begun(tmp_path / "controller-data"))
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words])


async def begun(folder: Path) -> None:
    desk = await made(folder)
    await desk.tell("unmapped", code="log", system="wardlink-node", value=30, text="the finger is cold")
    await desk.tell("unmapped", code="reset", system="wardlink-node", value=3, text="watchdog")
    await desk.tell("unmapped", code="0x17", system="other", value=3, text="not a node's")
    await desk.tell("unmapped", code="update", system="wardlink-node", value=0, text="version 6 taken")
    await desk.store.close()


def test_images_are_added_listed_and_removed(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "image"
    file.write_bytes(image("esp32", 6))
    added = cli("add", file)
    assert (added.exit_code, added.output.split("\t")[:2]) == (0, ["esp32", "version 6"])
    row = cli("list").output.splitlines()[1].split()
    assert row[:3] == ["esp32", "6", str(len(image("esp32", 6)))]
    assert cli("remove", "esp32", 6).exit_code == 0
    assert len(cli("list").output.splitlines()) == 1
    assert (cli("remove", "esp32", 6).exit_code, cli("update", "ward-a", "node-1").exit_code) == (1, 1)


def test_what_is_no_image_is_told(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "image"
    file.write_bytes(b"something else")
    refused = cli("add", file)
    assert (refused.exit_code, "not an image of a node's firmware" in refused.output) == (1, True)


def test_what_a_node_said_is_listed_the_newest_last(cli: Cli) -> None:
    lines = [line.split("\t")[1:] for line in cli("logs", "ward-a", "node-1").output.splitlines()]
    assert lines == [
        ["log", "warning: the finger is cold"],
        ["reset", "watchdog"],
        ["update", "version 6 taken"],
    ]
    assert len(cli("logs", "ward-a", "node-1", "--most", 1).output.splitlines()) == 1
    assert cli("logs", "ward-b", "node-1").output == ""


@pytest.mark.parametrize(("outcome", "status"), EXITS.items())
def test_the_exit_status_says_the_outcome(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, outcome: str, status: int
) -> None:
    file = tmp_path / "image"
    file.write_bytes(image("esp32", 6))
    cli("add", file)

    async def told(self: FirmwareDesk, gateway: str, device: str, version: int | None, by: By) -> object:
        order = await ask(self, gateway, device, version, by)
        if outcome == "expired":
            await self._store.write(lambda db: db.execute("UPDATE command SET expires_utc_us = 1"))
        else:
            said = {"id": order.id.hex(), "name": order.name, "outcome": outcome, "why": "so it is"}
            row = 99, "ward-a", None, "command", json.dumps(said)
            await self._store.write(lambda db: db.execute(_EVENT, row))
        return order

    ask = FirmwareDesk.ask
    monkeypatch.setattr(FirmwareDesk, "ask", told)
    done = cli("update", "ward-a", "node-1", "--follow")
    assert (done.exit_code, f"version 6: {outcome}" in done.output) == (status, True), done.output

"""The whole way of a picture: the box's page, its journal, the controller, the archive, and the word back."""

import hashlib
import json
import random
from collections.abc import Iterable
from pathlib import Path

import pytest

from controller.crew.follower import Follower
from controller.crew.still_keeper import StillKeeper
from controller.imaging.decode.decoder import Decoder
from devices.model.orders import PICTURE
from devices.wire import topics
from devices.wire.block import Lane
from gateway.crew import pictures
from gateway.crew.pictures import State
from tests.integration.controller.imaging.stills.conftest import Service
from tests.integration.gateway.crew.rig import Box, box_folder, crew_member, post, running
from tests.support.photos import photo
from tests.support.waiting import until
from tests.unit.controller.conftest import Desk

DATA = photo(size=(400, 300), quality=95)
DIGEST = hashlib.sha256(DATA).hexdigest()


async def journaled(box: Box) -> list[tuple[Lane, bytes]]:
    """Every block of the box's journal, the alerts first."""
    journal, keeper = box.gateway.journal, box.gateway.keeper
    made: list[tuple[Lane, bytes]] = []
    for lane in (Lane.ALERT, Lane.BULK):
        found, _ = await keeper.read(lane, journal.id, range(journal.produced[lane]))
        made += [(lane, block) for block in found.values()]
    return made


async def arrive(desk: Desk, blocks: Iterable[tuple[Lane, bytes]]) -> None:
    for lane, block in blocks:
        await desk.take(block, what=topics.LANES[lane], gateway="box-1")


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_the_order_and_however_often_the_picture_is_in_the_archive_once_and_the_crew_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, desk: Desk, service: Service, decoder: Decoder, seed: int
) -> None:
    monkeypatch.setattr(pictures, "PAUSE_S", 0)
    monkeypatch.setattr(pictures, "MOST_UNDER_WAY", 10_000)  # nobody is there to give receipts
    chance = random.Random(seed)
    await desk.registry.add_bed("amb-1", "w-1", "Ambulance 1")
    await desk.registry.add_gateway("box-1", "Box 1")
    record = "UPDATE gateway SET class = 'vehicle', place = 'amb-1' WHERE id = 'box-1'"
    await desk.store.write(lambda db: db.execute(record))
    follower = Follower(desk.store, desk.registry, desk.clock, desk.hub)
    keeper = StillKeeper(desk.store, desk.clock, service.client)
    async with running(box_folder(tmp_path)) as box, crew_member(box) as kim, service.running(decoder):
        begun = await post(kim, "/api/case/patient", action="begin", identifier="4711", name="Muster, Anna")
        stay = begun[1]["case"]["stay"]["id"]
        query, kind = "/api/pictures?kind=camera&shows=hand", {"Content-Type": "image/jpeg"}
        async with kim.post(query, data=DATA, headers=kind) as response:
            assert response.status == 200
        held = box.crew.pictures.held
        await until(lambda: held[DIGEST].state is State.SENT, "its bytes are in the journal")
        blocks = await journaled(box)
        blocks += chance.choices(blocks, k=5)
        chance.shuffle(blocks)
        for cut in (len(blocks) // 2, len(blocks)):
            await arrive(desk, blocks[:cut])
            await follower.follow()
            await keeper.step()
        [stored] = await service.found(stay, "box-1")
        made = await service.data_set(stored)
        assert (made.PatientID, made.OperatorsName, made.StationName) == ("4711", "kim", "amb-1")
        assert made.Rows == 300
        for row in await desk.rows("SELECT arguments FROM command WHERE name = 'picture'"):
            await box.gateway.onboard.commands[PICTURE](json.loads(str(row[0])))
        assert held[DIGEST].state is State.ARCHIVED
        assert not (box.crew.pictures.folder / DIGEST).exists(), (
            "the box keeps no patient's picture for nothing"
        )
        assert await desk.rows("SELECT count(*) FROM attachment") == [(0,)]

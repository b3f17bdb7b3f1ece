"""A picture by the crew's page: of the patient on board, on the box's disk and in its journal, once."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from devices.model.crew import MOST_PICTURE_BYTES
from devices.model.observation import EventKind
from devices.model.orders import PICTURE
from devices.wire.block import Lane, open_block, records_of
from devices.wire.records import Attachment
from gateway.crew.pictures import State
from tests.integration.gateway.crew.rig import Box, box_folder, browser, crew_member, live, post, running
from tests.support.photos import photo
from tests.support.waiting import until

WHERE = "/api/pictures?kind=camera&shows=left+hand"


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[Box]:
    async with running(box_folder(tmp_path)) as made:
        yield made


@pytest.fixture
async def kim(box: Box) -> AsyncIterator[aiohttp.ClientSession]:
    async with crew_member(box) as session:
        yield session


async def give(
    session: aiohttp.ClientSession, data: bytes, kind: str = "image/jpeg", path: str = WHERE, **headers: str
) -> tuple[int, Any]:
    sent = {"Content-Type": kind, **headers}
    async with session.post(path, data=data, headers=sent) as response:
        return response.status, await response.json()


async def chunks(box: Box) -> list[Attachment]:
    """What the journal has of pictures."""
    journal, keeper = box.gateway.journal, box.gateway.keeper
    found, _ = await keeper.read(Lane.BULK, journal.id, range(journal.produced[Lane.BULK]))
    groups = [group for block in found.values() for group in records_of(*open_block(block))]
    return [one for group in groups for one in group.records if isinstance(one, Attachment)]


async def test_a_picture_is_told_of_the_patient_on_board_and_its_bytes_follow(
    box: Box, kim: aiohttp.ClientSession
) -> None:
    data = photo()
    digest = hashlib.sha256(data).hexdigest()
    status, answer = await give(kim, data)
    assert status == 200
    [shown] = answer["case"]["pictures"]
    assert (shown["digest"], shown["kind"], shown["shows"], shown["by"]) == (
        digest,
        "camera",
        "left hand",
        "kim",
    )
    began, told = await box.journaled(EventKind.PATIENT, EventKind.PICTURE)
    assert (began.kind, began.detail["action"]) == (EventKind.PATIENT, "begin"), "one touch is enough"
    assert told.detail["stay"] == began.detail["stay"]
    assert (told.detail["digest"], told.detail["size"], told.detail["media"]) == (
        digest,
        len(data),
        "image/jpeg",
    )
    assert told.detail["clock"] in ("free", "network")
    held = box.crew.pictures.held
    await until(lambda: held[digest].state is State.SENT, "its bytes are in the journal")
    sent = await chunks(box)
    assert b"".join(one.data for one in sorted(sent, key=lambda one: one.offset)) == data


async def test_the_same_picture_of_the_same_patient_is_one(box: Box, kim: aiohttp.ClientSession) -> None:
    for _ in range(2):
        status, answer = await give(kim, photo())
        assert (status, len(answer["case"]["pictures"])) == (200, 1)
    assert len(await box.journaled(EventKind.PICTURE)) == 1


async def test_the_crew_sees_how_far_it_has_come_and_the_next_patient_has_none(
    box: Box, kim: aiohttp.ClientSession
) -> None:
    _, answer = await give(kim, photo())
    stay, [one] = answer["case"]["stay"]["id"], answer["case"]["pictures"]
    told = {"vehicle": "amb-1", "stay": stay, "digest": one["digest"], "state": "archived", "why": ""}
    async with live(kim) as events:
        await events.next("snapshot")
        await box.gateway.onboard.commands[PICTURE](told)
        [seen] = (await events.next("case"))["case"]["pictures"]
        assert seen["state"] == "archived"
    assert (await post(kim, "/api/case/patient", action="end"))[0] == 200
    _, answer = await post(kim, "/api/case/patient", action="begin")
    assert answer["case"]["pictures"] == []


@pytest.mark.parametrize(
    ("data", "kind", "path", "status"),
    [
        (photo("PNG"), "image/jpeg", WHERE, 422),
        (b"<html>", "image/png", WHERE, 422),
        (photo(), "text/plain", WHERE, 415),
        (photo(), "application/json", WHERE, 415),
        (photo(), "image/jpeg", "/api/pictures?kind=x-ray", 422),
        (b"\xff\xd8\xff" + bytes(MOST_PICTURE_BYTES), "image/jpeg", WHERE, 413),
    ],
)
async def test_what_is_no_picture_of_a_known_kind_is_refused_and_nothing_is_kept(
    box: Box, kim: aiohttp.ClientSession, data: bytes, kind: str, path: str, status: int
) -> None:
    got, answer = await give(kim, data, kind, path)
    assert (got, bool(answer["error"])) == (status, True)
    assert await box.journaled(EventKind.PICTURE) == []
    folder = box.crew.pictures.folder
    assert [one.name for one in folder.iterdir() if one.name != "state.json"] == []


async def test_a_stranger_and_a_strangers_page_give_no_picture(box: Box, kim: aiohttp.ClientSession) -> None:
    async with browser(box) as stranger:
        assert (await give(stranger, photo()))[0] == 401
    assert (await give(kim, photo(), Origin="http://elsewhere.example"))[0] == 403
    assert await box.journaled(EventKind.PICTURE) == []
    assert (await give(kim, photo()))[0] == 200, "the same of the box's own page"


async def test_no_picture_can_be_told_without_its_bytes(box: Box, kim: aiohttp.ClientSession) -> None:
    detail = {"digest": "0" * 64, "size": 1, "media": "image/png", "kind": "camera", "clock": "free"}
    assert (await post(kim, "/api/case/picture", **detail))[0] == 404
    assert await box.journaled(EventKind.PICTURE) == []

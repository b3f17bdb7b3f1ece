"""Recordings over HTTP, looked at: by whom, what is in the trail, and ranges of bytes."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from controller.identity.files import open_authority
from controller.security.permissions import Role
from tests.integration.controller.api.test_recordings import CONFLICT, Scene, begun
from tests.support.controller import quick_passwords, running
from tests.support.home import Home, at_home
from tests.support.http import client, get, refusal, status
from tests.support.recordings import asked
from tests.unit.controller.telemedicine.recordings.test_webm import CLUSTER, HEAD


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    """One that is kept, of two chunks."""
    open_authority(tmp_path / "ca", datetime.now(UTC))
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_passwords())
        controller = await stack.enter_async_context(running(tmp_path, pia=Role.PHARMACIST))
        yield await kept(await at_home(controller, stack))


async def kept(home: Home) -> Scene:
    scene = await begun(home)
    page = await scene.running()
    await page.send(HEAD + CLUSTER + b"first", 0, 300)
    await page.send(CLUSTER + b"second", 300, 600)
    await page.stop()
    await page.keep()
    return scene


def film(scene: Scene) -> str:
    return f"{scene.kept}/{scene.page.number}/stretches/0"


async def test_every_look_is_in_the_trail_and_a_player_gets_the_bytes_it_asks_for(scene: Scene) -> None:
    one = await get(scene.home.nina, f"{scene.kept}/{scene.page.number}")
    assert one["stretches"] == [{"run": 1, "from_ms": 0, "to_ms": 0}]
    assert (one["gaps"], one["is_cut"], one["may"]) == ([], False, ["erase"])
    async with scene.home.nina.get(film(scene)) as response:
        whole = await response.read()
        assert (response.status, response.content_type) == (200, "video/webm")
        assert "Content-Disposition" not in response.headers
    assert whole.endswith(CLUSTER + b"first" + CLUSTER + b"second")
    async with scene.home.nina.get(film(scene), headers={"Range": "bytes=10-19"}) as response:
        assert (response.status, await response.read()) == (206, whole[10:20])
        assert response.headers["Content-Range"] == f"bytes 10-19/{len(whole)}"
    assert await status(scene.home.nina, "GET", film(scene), headers={"Range": "bytes=x"}) == 400
    for action, count in (("visit-recording", 1), ("visit-recording-play", 2)):
        looks = [one for one in await entries(scene) if one["action"] == action]
        assert [(each["actor"], each["patient"]) for each in looks] == [("nina", "4713")] * count


async def entries(scene: Scene) -> list[dict[str, Any]]:
    return [*await scene.trail(""), *await scene.trail("play"), *await scene.trail("export")]


async def test_guests_the_patients_page_and_other_wards_see_no_recording(scene: Scene) -> None:
    guest = await scene.guest()
    other = await scene.home.stack.enter_async_context(client(scene.home.controller, "other"))
    for path in (scene.kept, f"{scene.kept}/{scene.page.number}", film(scene)):
        assert await status(guest.session, "GET", path) == 401
        assert await status(scene.phone.session, "GET", path) == 401
        assert await status(scene.home.pia, "GET", path) == 403
        assert (await refusal(other, "GET", path))[0] == 404
    elsewhere = scene.kept.replace("TV00000001", "TV00000002")
    await begun(scene.home, "4714")
    assert (await refusal(scene.home.nina, "GET", f"{elsewhere}/{scene.page.number}"))[0] == 404


async def test_it_is_taken_away_as_a_file_only_with_a_reason_by_who_may(scene: Scene) -> None:
    path, body = f"{film(scene)}/export", {"why": "a second opinion"}
    assert await status(scene.home.nina, "POST", path, json=body) == 403
    anna = scene.home.anna.session
    assert (await refusal(anna, "POST", path, json={"why": ""}))[0] == 400
    async with anna.post(path, json=body) as response:
        assert response.status == 200
        assert "TV00000001-RC00000001-1.webm" in response.headers["Content-Disposition"]
        assert (await response.read()).endswith(b"second")
    [entry] = await scene.trail("exported")
    assert (entry["actor"], entry["patient"], entry["why"]) == ("anna", "4713", "a second opinion")


async def test_what_was_altered_on_the_disk_is_said_and_not_played(scene: Scene) -> None:
    box = scene.folder / "000002.box"
    whole = box.read_bytes()
    box.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    one = await get(scene.home.nina, f"{scene.kept}/{scene.page.number}")
    assert one["gaps"] == [{"run": 1, "from_ms": 0, "to_ms": 600, "why": "altered"}]
    assert one["stretches"] == [{"run": 1, "from_ms": 0, "to_ms": 0}]
    async with scene.home.nina.get(film(scene)) as response:
        assert (await response.read()).endswith(b"first")


async def test_staff_write_down_that_the_patient_demands_its_erasure(scene: Scene) -> None:
    path = f"{scene.kept}/{scene.page.number}/erasure"
    async with scene.home.nina.post(path, json={"why": "she said so at the bed"}) as response:
        assert (await response.json())["erased"] is True
    assert await refusal(scene.home.nina, "GET", film(scene)) == CONFLICT
    assert not scene.folder.exists()
    [entry] = await scene.trail("erased")
    assert (entry["actor"], entry["why"]) == ("nina", "she said so at the bed")


async def test_one_that_never_began_says_so_and_has_nothing_to_watch(scene: Scene) -> None:
    sitting = scene.nurse
    asked_for = await asked(sitting)
    assert await status(scene.home.nina, "POST", f"{asked_for.path}/stop") == 204
    found = (await get(scene.home.nina, scene.kept))["recordings"]
    assert [(one["number"], one["began"]) for one in found] == [
        (scene.page.number, True),
        (asked_for.number, False),
    ]
    one = await get(scene.home.nina, f"{scene.kept}/{asked_for.number}")
    assert (one["recording"]["began"], one["stretches"]) == (False, [])

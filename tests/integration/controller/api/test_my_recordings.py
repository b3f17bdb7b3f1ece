"""Recordings on a patient's own page over HTTP: which there are, who watched, and how one is erased."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from controller.api.conferences_context import CONFERENCES
from controller.api.my_recordings_schemas import MyRecording, MyRecordings
from controller.conferences.sharing import Said, Shared
from controller.identity.certificates import By
from controller.identity.files import open_authority
from controller.sections import TelemedicineSection
from controller.security.permissions import Role
from tests.integration.controller.api.test_recordings import CONFLICT, Scene
from tests.integration.controller.api.test_recordings_watched import film, kept
from tests.support.controller import quick_passwords, running
from tests.support.home import Home, at_home
from tests.support.http import get, refusal, status
from tests.support.prescribed import send

MINE = "/api/my/recordings"


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    open_authority(tmp_path / "ca", datetime.now(UTC))
    async with AsyncExitStack() as stack:
        stack.enter_context(quick_passwords())
        controller = await stack.enter_async_context(running(tmp_path, pia=Role.PHARMACIST))
        yield await at_home(controller, stack)


async def mine(home: Home, identifier: str = "4713") -> list[MyRecording]:
    told = await get(await home.patient(identifier), MINE)
    return MyRecordings.model_validate(told).recordings


async def must_keep(home: Home, tmp_path: Path) -> Scene:
    """A hospital that has to keep recordings."""
    secret = tmp_path / "turn-secret"
    secret.touch(0o600)
    secret.write_text("a secret", encoding="utf-8")
    turn = ("turn:relay.example:3478",)
    home.controller.telemedicine = TelemedicineSection(
        turn=turn, secret_file=secret, recording_erasure="retention"
    )
    await home.controller.stop()
    await home.controller.start()
    return await kept(home)


async def test_a_patient_sees_which_there_are_until_when_and_who_watched_and_nobody_elses(home: Home) -> None:
    scene = await kept(home)
    [one] = await mine(home)
    assert (one.number, one.by, one.state, one.of_visit, one.may_erase) == (
        scene.page.number,
        "nina",
        "kept",
        True,
        True,
    )
    assert one.erase_ms is not None and one.erase_ms - one.asked_ms >= 30 * 86_400_000
    assert one.watched == []
    async with home.nina.get(film(scene)) as response:
        await response.read()
    [look] = (await mine(home))[0].watched
    assert (look.name, look.roles, look.broke_glass) == ("nina", [Role.NURSE], False)
    assert await mine(home, "4714") == []
    other = await home.patient("4714")
    assert await status(other, "POST", f"{MINE}/{scene.page.number}/erasure") == 404


async def test_what_consent_alone_carries_is_erased_at_once_and_for_good(home: Home) -> None:
    scene = await kept(home)
    told = await send(await home.patient(), "POST", f"{MINE}/{scene.page.number}/erasure")
    [one] = MyRecordings.model_validate(told).recordings
    assert (one.state, one.may_erase, one.erasure) == ("erased", False, None)
    assert not scene.folder.exists()
    path = f"{MINE}/{scene.page.number}/erasure"
    assert await refusal(await home.patient(), "POST", path) == CONFLICT


@pytest.mark.parametrize("said", ["completed", "rejected"])
async def test_what_the_law_keeps_waits_for_a_physicians_answer_which_the_patient_reads(
    home: Home, tmp_path: Path, said: str
) -> None:
    scene = await must_keep(home, tmp_path)
    path = f"{scene.kept}/{scene.page.number}"
    told = await send(await scene.home.patient(), "POST", f"{MINE}/{scene.page.number}/erasure")
    [one] = MyRecordings.model_validate(told).recordings
    assert one.erasure is not None and (one.state, one.erasure.state, one.may_erase) == (
        "kept",
        "requested",
        False,
    )
    body = {"state": said, "why": "as the law says"}
    assert await status(scene.home.nina, "PUT", f"{path}/erasure", json=body) == 403
    anna = scene.home.anna.session
    shown = await get(anna, path)
    assert shown["erasure"]["by"] == "patient:4713" and "settle" in shown["may"]
    assert await status(anna, "PUT", f"{path}/erasure", json=body) == 204
    assert await refusal(anna, "PUT", f"{path}/erasure", json=body) == CONFLICT
    [one] = await mine(scene.home)
    assert one.erasure is not None and one.erasure.answer == "as the law says"
    assert one.state == ("erased" if said == "completed" else "kept")
    assert scene.folder.exists() == (said == "rejected")
    assert one.may_erase == (said == "rejected")
    assert len(await scene.trail("erasure-answered")) == 1


async def test_of_a_conference_about_them_a_patient_sees_the_recordings_too(home: Home) -> None:
    scene = await kept(home)
    held = home.controller.app[CONFERENCES].sharing
    shared = Shared("4714", "conference/MC00000007")
    await held.say(shared, Said("permit", "en"), By("anna"))
    # As if it had been recorded there: who may see it follows from the room alone.
    await home.controller.store.write(
        lambda db: db.execute("UPDATE recording SET room = ?", ("MC00000007",)) and None
    )
    [one] = await mine(home, "4714")
    assert (one.number, one.of_visit, one.may_erase) == (scene.page.number, False, True)
    assert await mine(home) == []

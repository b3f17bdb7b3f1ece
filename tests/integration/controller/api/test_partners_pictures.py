"""Images across sites: an expert of a partner sees the study of the case; pictures of a referral."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from controller.conferences.sight import KEEP_MS
from tests.integration.controller.api.test_partners import CONFERENCES, GUEST, came, held, trail
from tests.support import dicom
from tests.support.archive import beside
from tests.support.hospitals import CONSENTS, REFERRALS, Two, hospitals
from tests.support.http import get, refusal, status
from tests.support.prescribed import send

STUDY, SERIES = "1.2.3", "1.2.3.4"
FRAME = f"series/{SERIES}/instances/{SERIES}.2/frames/1/rendered"


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[Two]:
    """Partners; hospital A has a study of 4713."""
    async with AsyncExitStack() as stack:
        made = await stack.enter_async_context(hospitals(tmp_path))
        archive = await stack.enter_async_context(beside(made.a.home.controller, tmp_path / "a"))
        head: dict[str, Any] = {"PatientID": "4713", "PatientName": "Bach^Carla", "SOPInstanceUID": None}
        images = dicom.ct_series(3, STUDY, SERIES, **head)
        images = [dicom.edited(one, SOPInstanceUID=f"{SERIES}.{n}") for n, one in enumerate(images, 1)]
        await archive.put(*images)
        yield made


async def jpeg(session: aiohttp.ClientSession, path: str) -> bytes:
    async with session.get(path) as response:
        assert (response.status, response.content_type) == (200, "image/jpeg"), await response.text()
        return await response.read()


async def test_a_guest_sees_the_images_of_the_case_while_it_may_be_and_each_look_names_them(two: Two) -> None:
    await two.agreed()
    made = await held(two)
    browser, case = await came(two, made), made["cases"][0]["id"]
    base, guest = f"{CONFERENCES}/{made['number']}/cases/{case}", f"{GUEST}/{made['number']}/cases/{case}"
    await send(two.a.anna, "POST", f"{base}/consents", said="permit", sites=["hospital-b"])
    body = {"kind": "imaging", "title": "CT", "what": {"study": STUDY}}
    item = (await send(two.a.anna, "POST", f"{base}/items", **body))["id"]
    assert (await get(browser, f"{guest}/items/{item}/images"))["study"]["study"] == STUDY
    assert (await jpeg(browser, f"{guest}/items/{item}/{FRAME}?viewport=64,64")).startswith(b"\xff\xd8")
    looks = [one for one in await trail(two.a) if one["action"] == "partner-conference-picture"]
    assert [(one["actor"], one["patient"]) for one in looks] == [("site:hospital-b/anna", "4713")]
    number = made["number"]
    made = await send(two.a.anna, "PUT", f"{CONFERENCES}/{number}/state", made["revision"], state="finished")
    over = made["conference"]["revision"]
    ended = {"state": "fulfilled", "why": "nothing was concluded"}
    await send(two.a.anna, "PUT", f"{CONFERENCES}/{number}/state", over, **ended)
    way_in = f"/api/partner-conferences/hospital-a/{number}/way-in"
    again = await send(two.b.anna, "POST", way_in)
    await send(browser, "POST", f"{GUEST}/session", token=URL(again["address"]).fragment)
    assert (await jpeg(browser, f"{guest}/items/{item}/{FRAME}?viewport=64,64")).startswith(b"\xff\xd8")
    early = "UPDATE conference SET closed_ms = closed_ms - ?"
    await two.a.home.controller.store.write(lambda db: db.execute(early, (KEEP_MS,)))
    assert await refusal(browser, "GET", f"{guest}/items/{item}/{FRAME}") == (409, "conflict")
    assert await status(two.b.anna, "POST", way_in) == 409


async def test_pictures_of_a_referral_are_copies_that_go_when_the_consent_does(two: Two) -> None:
    await two.agreed()
    await two.a.consent(two.b)
    body = {"patient": "4713", "site": "hospital-b", "reason": "stroke", "studies": [STUDY]}
    ours = (await send(two.a.anna, "POST", REFERRALS, **body))["referral"]
    await two.a.deliver(two.b)
    [theirs] = (await two.b.referrals()).referrals
    told = await get(two.b.anna, f"{REFERRALS}/{theirs.id}")
    media = [one["resource"] for one in told["case"]["entry"] if one["resource"]["resourceType"] == "Media"]
    assert len(media) == 3 and all("data" not in one["content"] for one in media)
    path = f"{REFERRALS}/{theirs.id}/pictures"
    assert (await jpeg(two.b.anna, f"{path}/2")) == await jpeg(
        two.a.anna, f"{REFERRALS}/{ours['id']}/pictures/2"
    )
    assert await status(two.b.anna, "GET", f"{path}/3") == 404
    [look] = [one for one in await trail(two.b) if one["action"] == "referral-picture" and one["patient"]]
    assert (look["actor"], look["patient"]) == ("anna", "hospital-a:4713")
    assert await status(two.a.anna, "POST", REFERRALS, json={**body, "studies": ["1.2.99"]}) == 404
    await send(two.a.anna, "POST", CONSENTS, patient="4713", site="hospital-b", said="withdrawn", until_ms=0)
    await two.a.deliver(two.b)
    assert await refusal(two.b.anna, "GET", f"{path}/2") == (409, "conflict")

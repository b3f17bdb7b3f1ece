"""POST /imports at the real service: with consent, for those who may, in the audit trail, once."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from pydicom import Dataset, dcmread

from controller.imaging.app import make_imaging_app
from controller.imaging.errors import NoSuchImage
from controller.imaging.parts import Parts
from controller.imaging.sight import WHOLE, Sight
from controller.imaging.stills.about import CONSENT, PDF
from controller.imaging.stills.imported import names_of
from controller.imaging.stills.intake import LARGEST, Intake
from controller.security.permissions import Permission
from tests.support.imaging import RunningImaging, running_imaging
from tests.support.photos import photo
from tests.unit.controller.imaging.stills.test_imported import LETTER, ONE

PNG = photo("PNG")


class Outside:
    """The service at its outer door, with the ways of imports."""

    def __init__(self, imaging: RunningImaging) -> None:
        self.imaging = imaging
        self.address = ""

    async def add(self, data: bytes = PNG, **change: Any) -> tuple[int, dict[str, Any]]:
        form = aiohttp.FormData()
        form.add_field("about", json.dumps({**asdict(ONE), **change}), content_type="application/json")
        form.add_field("file", data, filename="../../etc/passwd")
        async with self.asked(form, Origin=self.address) as response:
            return response.status, await response.json()

    @asynccontextmanager
    async def asked(self, body: Any, **headers: str) -> AsyncIterator[aiohttp.ClientResponse]:
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.post(f"{self.address}/imports", data=body) as response,
        ):
            yield response

    async def data_set(self, data: bytes = PNG, media: str = ONE.media) -> Dataset:
        study, _, instance = names_of(replace(ONE, media=media), data)
        [stored] = await self.imaging.archive.find(WHOLE, study, None, instance)
        return dcmread(BytesIO(await self.imaging.archive.files.read(stored.sha256)))

    async def is_there(self, data: bytes = PNG) -> bool:
        try:
            return len(await self.imaging.archive.find(WHOLE, names_of(ONE, data)[0])) > 0
        except NoSuchImage:
            return False


@pytest.fixture
async def outside(tmp_path: Path) -> AsyncIterator[Outside]:
    async with running_imaging(tmp_path) as imaging:
        made = Outside(imaging)
        parts = Parts(imaging.archive, imaging.decoder, imaging.trail, imaging.archive.clock)
        app = make_imaging_app(parts, imaging.find, more=Intake().outside())
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            made.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield made
        finally:
            await runner.cleanup()


@pytest.mark.parametrize(("data", "media"), [(PNG, "image/png"), (photo(), "image/jpeg"), (LETTER, PDF)])
async def test_what_is_added_with_consent_is_the_patients_and_says_by_whom(
    outside: Outside, data: bytes, media: str
) -> None:
    status, answer = await outside.add(data, media=media)
    assert (status, answer["outcome"], answer["patient_id"]) == (200, "stored", "4711")
    made = await outside.data_set(data, media)
    assert made.ContributingEquipmentSequence[0].OperatorsName == "anna"
    assert made.ContributingEquipmentSequence[0].ContributionDescription == ONE.consent
    [entry] = outside.imaging.trail.entries
    assert (entry.by, entry.patients, entry.action) == ("anna", {"4711"}, "images-add-consented")
    assert entry.entity == f"study/{made.StudyInstanceUID}"


@pytest.mark.parametrize("consent", ["", "yes", CONSENT["en"][:-1]])
async def test_without_the_very_words_nothing_is_added(outside: Outside, consent: str) -> None:
    status, answer = await outside.add(consent=consent)
    assert (status, answer["error"]["code"]) == (400, "bad-request")
    assert not await outside.is_there()
    assert (await outside.add())[0] == 200, "the same with consent"


async def test_the_words_can_be_asked_for(outside: Outside) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{outside.address}/imports/consent") as response,
    ):
        assert await response.json() == CONSENT


async def test_added_twice_it_is_there_once(outside: Outside) -> None:
    outcomes = [(await outside.add())[1]["outcome"] for _ in range(2)]
    assert outcomes == ["stored", "already"]


async def test_who_may_not_write_adds_nothing(outside: Outside) -> None:
    outside.imaging.seen_by("bob", permissions=frozenset({Permission.READ_IMAGES}))
    assert (await outside.add())[0] == 403
    outside.imaging.seen_by("anna")
    assert not await outside.is_there()
    assert (await outside.add())[0] == 200


@pytest.mark.parametrize("others", [set(), {"4712"}])
async def test_nothing_is_added_to_a_patient_whom_one_may_not_see(outside: Outside, others: set[str]) -> None:
    outside.imaging.seen_by("bob", Sight(frozenset(others)))
    status, answer = await outside.add()
    assert (status, answer["error"]["code"]) == (404, "not-found")
    assert not await outside.is_there()
    assert outside.imaging.trail.entries == []
    outside.imaging.seen_by("bob", Sight(frozenset({*others, "4711"})))
    assert (await outside.add())[0] == 200


async def test_another_sites_page_adds_nothing(outside: Outside) -> None:
    form = aiohttp.FormData()
    form.add_field("about", json.dumps(asdict(ONE)), content_type="application/json")
    form.add_field("file", PNG, filename="x")
    async with outside.asked(form, Origin="https://elsewhere.example") as response:
        assert response.status == 403
    assert not await outside.is_there()


@pytest.mark.parametrize(
    ("data", "media", "status"),
    [
        (b"", "image/png", 422),
        (LETTER, "image/png", 422),
        (PNG, PDF, 422),
        (PNG[:-100], "image/png", 422),
        (photo("GIF", mode="P"), "image/png", 422),
    ],
)
async def test_what_is_not_what_it_is_said_to_be_is_refused(
    outside: Outside, data: bytes, media: str, status: int
) -> None:
    got, answer = await outside.add(data, media=media)
    assert (got, answer["error"]["code"]) == (status, "cannot-decode")
    assert outside.imaging.trail.entries == [], "nobody is said to have added anything"


async def test_a_file_that_is_too_large_is_refused_before_it_is_all_there(outside: Outside) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        about = json.dumps(asdict(ONE))
        yield f'--b\r\nContent-Disposition: form-data; name="about"\r\n\r\n{about}\r\n'.encode()
        yield b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\n'
        while True:
            yield bytes(1 << 20)
            sent += 1 << 20
            assert sent < 3 * LARGEST, "nobody said stop"

    headers = {"Origin": outside.address, "Content-Type": "multipart/form-data; boundary=b"}
    with suppress(aiohttp.ClientConnectionError):  # cut off: the answer may be lost with it
        async with outside.asked(endless(), **headers) as response:
            assert response.status == 400
    assert not await outside.is_there()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "multipart/form-data; boundary=b"),
        (b"--b--\r\n", "multipart/form-data; boundary=b"),
        (b"{}", "application/json"),
        (
            b"--b\r\nContent-Disposition: form-data; name=file\r\n\r\nx\r\n--b--\r\n",
            "multipart/form-data; boundary=b",
        ),
        (
            b"--b\r\nContent-Disposition: form-data; name=about\r\n\r\n{\r\n--b--\r\n",
            "multipart/form-data; boundary=b",
        ),
        (b"--b\r\n", "multipart/form-data"),
    ],
)
async def test_a_form_that_is_none_is_refused(outside: Outside, body: bytes, kind: str) -> None:
    headers = {"Origin": outside.address, "Content-Type": kind}
    async with outside.asked(body, **headers) as response:
        assert (response.status, (await response.json())["error"]["code"]) == (400, "bad-request")

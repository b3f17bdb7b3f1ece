"""A person stores images only of patients whom the person may see; a program stores anybody's.

All of it is real: the controller with its accounts, wards and audit trail, and the service that asks it.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
from yarl import URL

from controller.api.context import CONTEXT
from controller.api.logins import LOGINS
from controller.imaging.client import ImagingClient
from controller.imaging.desk import Desk
from controller.imaging.service import serving
from controller.imaging.settings import ArchiveSettings, ServiceSettings
from controller.imaging.sight import Sight
from controller.imaging.speaker import Speaker
from controller.objects.owner import KEY
from controller.ports import free_port
from controller.registry import Patient
from controller.security.cookie import COOKIE
from controller.security.permissions import Role
from controller.security.scopes import parse_scopes
from controller.security.tokens import Wanted
from controller.store.beside import reading
from tests.support.controller import RunningController, running
from tests.support.dicom import ct, edited, read, uid
from tests.support.http import client
from tests.support.imaging import related

NOT_AUTHORIZED = 0x0124
JSON = "application/dicom+json"


@dataclass
class Hospital:
    """Anna (4711) is on the physician's ward, Bert (4712) on another; nobody knows 9999."""

    controller: RunningController
    folder: Path
    address: str

    async def post(self, headers: Mapping[str, str], *instances: bytes) -> tuple[int, dict[str, Any]]:
        body, content_type = related(instances)
        told = {"Content-Type": content_type, "Accept": JSON, **headers}
        path = f"{self.address}/dicom-web/studies"
        async with aiohttp.ClientSession() as session, session.post(path, data=body, headers=told) as answer:
            return answer.status, orjson.loads(await answer.read())

    async def store(self, user: str, *instances: bytes) -> tuple[int, dict[str, Any]]:
        """As `user`, who has logged in at the controller."""
        async with client(self.controller, user) as session:
            cookies = session.cookie_jar.filter_cookies(URL(self.controller.address))
            headers = {"Cookie": f"{COOKIE}={cookies[COOKIE].value}", "Origin": self.address}
            return await self.post(headers, *instances)

    async def refused(self) -> list[dict[str, Any]]:
        rows = await self.controller.store.read("SELECT entry FROM audit ORDER BY number")
        entries = [orjson.loads(row[0]) for row in rows]
        return [entry for entry in entries if entry["outcome"] == "refused"]

    def kept(self) -> tuple[list[str], int, int]:
        """Patients of the archive, its files on the disk, what waits in quarantine."""
        with reading(self.folder / "imaging.sqlite") as db:
            patients = [row[0] for row in db.execute("SELECT patient_id FROM study ORDER BY patient_id")]
            waits = db.execute("SELECT count(*) FROM quarantine").fetchone()[0]
        paths = [path for name in ("files", "incoming") for path in (self.folder / name).rglob("*")]
        return patients, sum(path.is_file() and path.name != KEY for path in paths), waits


def anna(**elements: Any) -> bytes:
    return ct("4711", "Muster^Anna", **elements)


def bert(**elements: Any) -> bytes:
    return ct("4712", "Beispiel^Bert", **elements)


def failures(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return answer["00081198"]["Value"]


@pytest.fixture
async def hospital(tmp_path: Path) -> AsyncIterator[Hospital]:
    async with running(tmp_path, house=Role.PHYSICIAN, radiology=Role.RADIOLOGY) as controller:
        await controller.add_bed("bed-1", "1")
        await controller.registry.add_ward("ward-b", "Ward B")
        await controller.registry.add_bed("bed-9", "ward-b", "9")
        await controller.registry.admit("bed-1", Patient("4711", "Anna Muster"), "test")
        await controller.registry.admit("bed-9", Patient("4712", "Bert Beispiel"), "test")
        own_ward = "INSERT INTO user_ward VALUES ('house', 'ward-a')"
        await controller.store.write(lambda db: db.execute(own_ward))
        no_more = "UPDATE user SET all_wards = 0 WHERE name = 'house'"
        await controller.store.write(lambda db: db.execute(no_more))
        settings = ServiceSettings(
            folder=tmp_path / "images",
            host="127.0.0.1",
            port=free_port("127.0.0.1", 0, "imaging"),
            inside=tmp_path / "inside.sock",
            desk=tmp_path / "desk.sock",
            pages=":8080",
            archive=ArchiveSettings(reserve=0),
            offset_us=0,
        )
        desk = Desk(settings.desk, controller.app[CONTEXT], controller.app[LOGINS].tokens)
        async with desk.open(), serving(settings):
            yield Hospital(controller, settings.folder, f"http://127.0.0.1:{settings.port}")


async def test_a_person_stores_images_only_of_patients_whom_the_person_may_see(hospital: Hospital) -> None:
    mine, other, nobodys, unnamed = anna(), bert(), ct("9999", "Nie^Da"), ct("", "")
    status, answer = await hospital.store("house", mine, other, nobodys, unnamed)
    assert status == 202
    assert [one["00081155"]["Value"] for one in answer["00081199"]["Value"]] == [[read(mine).SOPInstanceUID]]
    assert [one["00081155"]["Value"][0] for one in failures(answer)] == [
        read(one).SOPInstanceUID for one in (other, nobodys, unnamed)
    ]
    assert hospital.kept() == (["4711"], 1, 0)


async def test_a_refusal_says_the_same_of_a_patient_who_is_there_and_of_one_who_is_not(
    hospital: Hospital,
) -> None:
    await hospital.store("radiology", there := bert())
    told = [
        failures((await hospital.store("house", one))[1]) for one in (there, bert(), ct("9999", "Nie^Da"))
    ]
    reasons = {(one["00081197"]["Value"][0], one["00000902"]["Value"][0]) for [one] in told}
    assert reasons == {(NOT_AUTHORIZED, "expected a patient whom you may see")}
    assert hospital.kept() == (["4712"], 1, 0)


async def test_a_refusal_is_in_the_trail_once_a_minute_when_it_is_answered(hospital: Hospital) -> None:
    content = bert()
    for _ in range(2):
        assert (await hospital.store("house", content))[0] == 409
    [entry] = await hospital.refused()
    study = read(content).StudyInstanceUID
    assert (entry["action"], entry["actor"], entry["where"]) == ("images-store", "house", "127.0.0.1")
    assert (entry["entity"], entry["patient"]) == (f"study/{study}/stored", "4712")
    assert entry["detail"] == {"code": "not-authorized"}


async def test_what_would_wait_for_a_person_is_not_kept_of_a_patient_who_may_not_be_seen(
    hospital: Hospital,
) -> None:
    bad_uid = edited(bert(), SeriesInstanceUID="not a UID")
    _, answer = await hospital.store("house", bad_uid)
    assert failures(answer)[0]["00081197"]["Value"] == [NOT_AUTHORIZED]
    assert hospital.kept() == ([], 0, 0)


async def test_radiology_and_programs_store_for_anybody(hospital: Hospital) -> None:
    assert (await hospital.store("radiology", bert()))[0] == 200
    tokens = hospital.controller.app[LOGINS].tokens
    wanted = Wanted("ct", parse_scopes("system/ImagingStudy.c"), 1, frozenset({"ward-a"}))
    headers = {"Authorization": f"Bearer {await tokens.make(wanted, 'boss', '')}"}
    assert (await hospital.post(headers, bert()))[0] == 200
    assert await hospital.refused() == []


async def test_a_person_for_whom_our_own_process_speaks_is_held_to_the_same(hospital: Hospital) -> None:
    inner = ImagingClient(hospital.folder.parent / "inside.sock")
    body, content_type = related([anna(), bert(study=uid())])
    headers = {"Content-Type": content_type, "Accept": JSON}
    person = Speaker("house", "10.1.2.3", frozenset({"imaging:write"}), Sight(frozenset({"4711"})))
    modality = Speaker("ae:CT1", "10.1.2.4", frozenset({"imaging:write"}))
    try:
        for speaker, status in ((person, 202), (modality, 200)):
            path = "/dicom-web/studies"
            async with inner.request(speaker, "POST", path, headers=headers, data=body) as answer:
                assert answer.status == status
    finally:
        await inner.close()
    [entry] = await hospital.refused()
    assert (entry["actor"], entry["patient"], entry["where"]) == ("house", "4712", "10.1.2.3")

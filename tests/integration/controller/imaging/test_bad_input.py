"""Whatever is sent to the archive: refused or kept aside with its reason, and everybody else is answered.

hil/faults/bad_images.py and bad_pixels.py have the files; each comes by STOW-RS to the real service.
"""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from controller.imaging.archive.archive import ArchiveSettings
from controller.imaging.dicom.part10 import read_instance
from hil.faults.bad_images import bad_files, private, whole
from hil.faults.bad_pixels import bad_pixels
from tests.support import dicom
from tests.support.imaging import RunningImaging, related, running_imaging

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.filterwarnings("ignore::UserWarning")]

BAD = bad_files(seed=1)
PIXELS = bad_pixels(seed=1)
ENDLESS = aiohttp.ClientTimeout(total=None)
REASON = "SELECT reason, study, instance, patient_id FROM quarantine ORDER BY id DESC LIMIT 1"
COUNTS = "SELECT (SELECT count(*) FROM instance) AS held, (SELECT count(*) FROM quarantine) AS aside"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def imaging(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningImaging]:
    folder = tmp_path_factory.mktemp("archive")
    async with running_imaging(folder, settings=ArchiveSettings(largest=32 << 20, reserve=0)) as running:
        yield running


async def counts(imaging: RunningImaging) -> tuple[int, int]:
    """Instances in the archive and in quarantine."""
    (row,) = await imaging.archive.store.read(COUNTS)
    return row["held"], row["aside"]


async def reason(imaging: RunningImaging) -> str:
    """Of what came into quarantine last."""
    return (await imaging.archive.store.read(REASON))[0]["reason"]


def failures(answer: dict[str, Any]) -> list[int]:
    """Failure Reasons, of instances with a name and of others (PS3.18, I.2.2)."""
    items = [item for key in ("00081198", "0008119A") for item in answer.get(key, {}).get("Value", [])]
    return [item["00081197"]["Value"][0] for item in items]


def path_of(content: bytes) -> str:
    """Of an instance, below the service's address."""
    uids = [read_instance(content).text(key) for key in ("0020000D", "0020000E", "00080018")]
    return "/dicom-web/studies/{}/series/{}/instances/{}".format(*uids)


async def fetched(imaging: RunningImaging, content: bytes) -> bytes:
    """The instance as it is given back, in whatever transfer syntax it is."""
    accept = "application/dicom; transfer-syntax=*"
    async with imaging.client(Accept=accept) as session, session.get(path_of(content)) as response:
        assert response.status == 200
        return await response.read()


@asynccontextmanager
async def others_asking(imaging: RunningImaging) -> AsyncIterator[list[int]]:
    """Somebody searches all the time; yields the statuses of the answers."""
    statuses: list[int] = []

    async def ask() -> None:
        async with imaging.client(Accept="application/dicom+json") as session:
            while True:
                async with session.get("/dicom-web/studies", params={"limit": "1"}) as response:
                    await response.read()
                    statuses.append(response.status)
                await asyncio.sleep(0.01)

    asking = asyncio.create_task(ask())
    try:
        yield statuses
    finally:
        asking.cancel()
        await asyncio.wait({asking})


async def test_the_good_file_from_which_the_bad_ones_are_made_is_taken(imaging: RunningImaging) -> None:
    content = whole(seed=1000)
    assert (await imaging.store(content))[0] == 200
    assert await fetched(imaging, content) == content


@pytest.mark.parametrize("name", BAD)
async def test_a_bad_file_is_not_let_in_and_the_reason_is_kept(imaging: RunningImaging, name: str) -> None:
    bad, (held, aside) = BAD[name], await counts(imaging)
    status, answer = await imaging.store(bad.content)
    assert status == 409
    assert len(failures(answer)) == 1
    assert failures(answer)[0] >= 0xC000 or not bad.kept
    assert await counts(imaging) == (held, aside + bad.kept)
    if bad.kept:
        assert await reason(imaging) == bad.reason


async def test_nothing_of_a_hostile_name_is_on_the_disk(imaging: RunningImaging) -> None:
    await imaging.store(whole(seed=1, SOPInstanceUID="../../../../etc/cron.d/evil"))
    paths = [path.relative_to(imaging.folder) for path in imaging.folder.rglob("*") if path.is_file()]
    assert paths
    assert not [path for path in paths if "evil" in str(path) or ".." in str(path)]


async def test_a_good_file_among_bad_ones_is_taken(imaging: RunningImaging) -> None:
    good = whole(seed=1001)
    status, answer = await imaging.store(BAD["a PDF"].content, good, b"", BAD["two patients"].content)
    assert status == 202
    assert len(failures(answer)) == 3
    assert len(answer["00081199"]["Value"]) == 1
    assert len(await imaging.search("studies", StudyInstanceUID=path_of(good).split("/")[3])) == 1


async def test_thousands_of_private_elements_are_kept_as_they_came(imaging: RunningImaging) -> None:
    content = whole(seed=1002) + private(5000, b"vendor")
    assert (await imaging.store(content))[0] == 200
    assert await fetched(imaging, content) == content
    (metadata,) = await imaging.search(path_of(content).removeprefix("/dicom-web/") + "/metadata")
    assert len(metadata) > 5000


async def test_a_study_does_not_get_a_second_patient(imaging: RunningImaging) -> None:
    first = dicom.ct(patient_id="4711", patient_name="Muster^Anna")
    study = read_instance(first).text("0020000D")
    assert (await imaging.store(first))[0] == 200
    status, answer = await imaging.store(
        dicom.ct(patient_id="4712", patient_name="Other^Person", study=study)
    )
    assert (status, failures(answer)) == (409, [0xC102])
    assert await reason(imaging) == "other-patient"
    (found,) = await imaging.search("studies", StudyInstanceUID=study)
    assert found["00100020"]["Value"] == ["4711"]
    assert (await imaging.store(dicom.ct(patient_id="4711", study=study)))[0] == 200  # the right one's


async def test_another_name_for_a_known_patient_waits_for_a_person(imaging: RunningImaging) -> None:
    assert (await imaging.store(dicom.ct(patient_id="P-77", patient_name="Muster^Anna")))[0] == 200
    stranger = dicom.ct(patient_id="P-77", patient_name="Wholly^Different")
    assert (await imaging.store(stranger))[0] == 202
    queue = "SELECT reason, patient_id FROM reconciliation WHERE settled_ms IS NULL AND study = ?"
    (waiting,) = await imaging.archive.store.read(queue, (read_instance(stranger).text("0020000D"),))
    assert tuple(waiting) == ("name-differs", "P-77")


async def test_an_instance_that_comes_twice_is_there_once(imaging: RunningImaging) -> None:
    content = dicom.ct()
    before = await counts(imaging)
    assert [(await imaging.store(content))[0] for _ in range(3)] == [200, 200, 200]
    assert await counts(imaging) == (before[0] + 1, before[1])


async def test_the_first_instance_stays_when_another_comes_under_its_uid(imaging: RunningImaging) -> None:
    first = dicom.ct()
    assert (await imaging.store(first))[0] == 200
    status, answer = await imaging.store(dicom.edited(first, InstitutionName="Elsewhere"))
    assert (status, failures(answer), await reason(imaging)) == (409, [0xC101], "differs")
    assert await fetched(imaging, first) == first


async def test_an_instance_does_not_move_to_another_series_or_a_series_to_another_study(
    imaging: RunningImaging,
) -> None:
    first = dicom.ct()
    assert (await imaging.store(first))[0] == 200
    await imaging.store(dicom.edited(first, SeriesInstanceUID=dicom.uid()))
    assert await reason(imaging) == "instance-elsewhere"
    await imaging.store(dicom.edited(first, StudyInstanceUID=dicom.uid(), SOPInstanceUID=dicom.uid()))
    assert await reason(imaging) == "series-elsewhere"


async def test_an_instance_of_another_study_than_the_address_says_is_refused(imaging: RunningImaging) -> None:
    before = await counts(imaging)
    status, answer = await imaging.store(dicom.ct(), study=dicom.uid())
    assert (status, failures(answer)) == (409, [0xC104])
    assert await counts(imaging) == before


async def test_a_program_in_a_preamble_is_given_to_nobody_as_a_program(imaging: RunningImaging) -> None:
    """CVE-2019-11687: a file that is DICOM and a Windows program at once. It is kept and stays DICOM."""
    image = dicom.ct()
    content = b"MZ" + bytes(58) + struct.pack("<L", 0x80) + bytes(64) + image[128:]
    status, _ = await imaging.store(content)
    if status == 409:
        return  # kept aside: a person decides
    async with (
        imaging.client() as session,
        session.get(path_of(image), headers={"Accept": "*/*"}) as response,
    ):
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.content_type in ("multipart/related", "application/dicom")


@pytest.mark.parametrize("name", PIXELS)
async def test_pixels_that_are_a_trap_spring_it_for_nobody(imaging: RunningImaging, name: str) -> None:
    """Stored or kept aside; drawn or refused; and an image of somebody else is drawn at once after it."""
    content, good = PIXELS[name], dicom.ct()
    async with others_asking(imaging) as statuses, imaging.client(Accept="image/png") as session:
        await imaging.store(good)
        stored = (await imaging.store(content))[0] == 200
        for suffix in ("/rendered", "/thumbnail", "/frames/1/rendered"):
            async with session.get(path_of(content) + suffix) as response:
                assert response.status in ((200, 404, 422) if stored else (404,)), await response.text()
        raw = {"Accept": 'multipart/related; type="application/octet-stream"'}
        async with session.get(path_of(content) + "/frames/1", headers=raw) as response:
            assert response.status in (200, 404, 406, 422)
        async with session.get(path_of(good) + "/rendered") as response:
            assert (response.status, (await response.read())[:4]) == (200, b"\x89PNG")
    assert set(statuses) <= {200, 204}


async def test_the_bytes_of_a_trap_are_given_back_as_they_came(imaging: RunningImaging) -> None:
    content = PIXELS["a JPEG that is noise"]
    await imaging.store(content)
    assert await fetched(imaging, content) == content


async def send(imaging: RunningImaging, megabytes: int) -> tuple[int, dict[str, Any], str]:
    """STOW one instance whose pixels are so large; status, answer and path."""
    small = dicom.ct()
    head = small[: small.rindex(b"\xe0\x7f\x10\0OW") + 8] + struct.pack("<L", megabytes << 20)
    body, kind = related([head])
    before, _, after = body.partition(head)

    async def parts() -> AsyncIterator[bytes]:
        yield before
        yield head
        for _ in range(megabytes):
            yield bytes(1 << 20)
        yield after

    headers = {"Content-Type": kind, "Accept": "application/dicom+json"}
    async with (
        imaging.client(**headers) as session,
        session.post("/dicom-web/studies", data=parts(), timeout=ENDLESS) as response,
    ):
        return response.status, await response.json(content_type=None), path_of(small)


async def test_what_is_larger_than_the_archive_takes_is_refused_while_others_are_answered(
    imaging: RunningImaging,
) -> None:
    before = await counts(imaging)
    async with others_asking(imaging) as statuses:
        status, answer, _ = await send(imaging, 96)
    assert (status, failures(answer)) == (409, [0xC106])
    assert await counts(imaging) == before
    assert len(statuses) > 3
    assert set(statuses) <= {200, 204}
    assert not [*(imaging.folder / "incoming").iterdir()]


async def test_a_connection_that_ends_in_an_instance_leaves_nothing(imaging: RunningImaging) -> None:
    before = await counts(imaging)
    body, kind = related([dicom.ct(rows=512)])
    head = (
        f"POST /dicom-web/studies HTTP/1.1\r\nHost: 127.0.0.1:{imaging.port}\r\nOrigin: {imaging.address}\r\n"
    )
    head += f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", imaging.port)
    writer.write(head.encode() + body[:-5000])
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert await reader.read() == b""
    for _ in range(50):
        await asyncio.sleep(0.02)
        assert await counts(imaging) == before
    assert not [*(imaging.folder / "incoming").iterdir()]


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_an_instance_of_4_gb_goes_in_and_comes_out(tmp_path: Path) -> None:
    size = 4095
    async with running_imaging(tmp_path, settings=ArchiveSettings(reserve=0)) as imaging:
        async with others_asking(imaging) as statuses:
            status, _, path = await send(imaging, size)
            assert status == 200
            length = 0
            async with imaging.client() as session, session.get(path, timeout=ENDLESS) as response:
                async for chunk in response.content.iter_any():
                    length += len(chunk)
        assert length > size << 20
        assert set(statuses) <= {200, 204}

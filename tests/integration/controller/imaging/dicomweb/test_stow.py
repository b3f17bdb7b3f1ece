"""STOW-RS (PS3.18, 10.5): what comes in is taken in whole, or not at all, and each instance is answered."""

import asyncio
import gzip
from pathlib import Path
from typing import Any

import pytest

from controller.imaging.archive.archive import ArchiveSettings
from controller.imaging.dicomweb.stored_answer import IN_DOUBT
from controller.imaging.sight import Sight
from controller.objects.owner import KEY
from tests.support.controller import eventually
from tests.support.dicom import ct, ct_series, edited, read, rgb, uid
from tests.support.imaging import RunningImaging, related, running_imaging


async def post(imaging: RunningImaging, body: bytes, content_type: str, **headers: str) -> tuple[int, str]:
    async with (
        imaging.client(**{"Content-Type": content_type}, **headers) as session,
        session.post("/dicom-web/studies", data=body) as response,
    ):
        return response.status, await response.text()


def failures(answer: dict[str, Any], tag: str = "00081198") -> list[int]:
    return [item["00081197"]["Value"][0] for item in answer[tag]["Value"]]


async def nothing_is_there(imaging: RunningImaging) -> bool:
    left = [path for path in (imaging.folder / "files").rglob("*") if path.is_file() and path.name != KEY]
    left += list((imaging.folder / "incoming").iterdir())
    return await imaging.search("studies") == [] and not left


async def test_what_is_stored_is_found_at_once(imaging: RunningImaging) -> None:
    status, answer = await imaging.store(*ct_series(3))
    assert status == 200
    assert len(answer["00081199"]["Value"]) == 3
    assert (await imaging.search("studies"))[0]["00201208"]["Value"] == [3]


async def test_it_is_recorded_who_added_to_which_study(imaging: RunningImaging) -> None:
    content = ct(patient_id="4712")
    await imaging.store(content)
    entry = imaging.trail.entries[-1]
    study = read(content).StudyInstanceUID
    assert (entry.by, entry.patients, entry.entity) == ("anna", {"4712"}, f"study/{study}/stored")
    rows = await imaging.archive.store.read("SELECT added_by FROM instance")
    assert [row["added_by"] for row in rows] == ["dicomweb:anna"]


async def test_the_same_again_is_a_success_and_stored_once(imaging: RunningImaging) -> None:
    content = ct()
    assert (await imaging.store(content))[0] == 200
    assert (await imaging.store(content))[0] == 200
    assert (await imaging.search("instances"))[0]["0020000D"]["Value"] == [read(content).StudyInstanceUID]
    assert len(await imaging.search("instances")) == 1


async def test_other_bytes_under_a_known_uid_are_a_conflict_and_the_first_stay(
    imaging: RunningImaging,
) -> None:
    content = ct()
    await imaging.store(content)
    status, answer = await imaging.store(edited(content, WindowCenter=50))
    assert status == 409
    assert failures(answer) == [0xC101]
    one = read(content)
    path = f"studies/{one.StudyInstanceUID}/series/{one.SeriesInstanceUID}/instances/{one.SOPInstanceUID}"
    assert (await imaging.get(path, "application/dicom"))[1] == content


async def test_some_good_and_some_bad_is_202_and_says_which(imaging: RunningImaging) -> None:
    good = ct()
    status, answer = await imaging.store(good, b"no DICOM")
    assert status == 202
    assert answer["00081199"]["Value"][0]["00081155"]["Value"] == [read(good).SOPInstanceUID]
    assert failures(answer, "0008119A") == [0xC000]


async def test_only_instances_of_the_study_of_the_address_are_taken(imaging: RunningImaging) -> None:
    mine, other = ct(), ct()
    status, answer = await imaging.store(mine, other, study=read(mine).StudyInstanceUID)
    assert status == 202
    named = [item["00081155"]["Value"][0] for item in answer["00081198"]["Value"]]
    assert named == [read(other).SOPInstanceUID]


async def test_one_instance_may_come_without_multipart(imaging: RunningImaging) -> None:
    assert (await post(imaging, ct(), "application/dicom"))[0] == 200
    assert len(await imaging.search("instances")) == 1


@pytest.mark.parametrize(
    "content_type",
    [
        "image/jpeg",
        "application/json",
        'multipart/related; type="application/dicom+json"; boundary=part-of-a-test',
        "",
    ],
)
async def test_other_media_types_are_415(imaging: RunningImaging, content_type: str) -> None:
    body, _ = related([ct()])
    assert (await post(imaging, body, content_type or "text/plain"))[0] == 415
    assert await nothing_is_there(imaging)


async def test_a_part_of_another_type_takes_the_whole_request_back(imaging: RunningImaging) -> None:
    body, content_type = related([ct()])
    odd = b"--part-of-a-test\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8\r\n--part-of-a-test--\r\n"
    body = body.replace(b"--part-of-a-test--\r\n", odd)
    assert (await post(imaging, body, content_type))[0] == 415
    assert await nothing_is_there(imaging)


@pytest.mark.parametrize("cut", [30, -30])
async def test_a_body_without_its_end_leaves_nothing_behind(imaging: RunningImaging, cut: int) -> None:
    body, content_type = related([ct(), ct()])
    status, text = await post(imaging, body[:cut], content_type)
    assert status == 400 and "closing boundary" in text
    assert await nothing_is_there(imaging)
    assert (await post(imaging, body, content_type))[0] == 200  # the whole one is taken


async def test_a_body_without_parts_is_a_bad_request(imaging: RunningImaging) -> None:
    assert (await post(imaging, b"--b--\r\n", "multipart/related; boundary=b"))[0] == 400


async def test_an_answer_that_nobody_could_read_is_not_begun(imaging: RunningImaging) -> None:
    body, content_type = related([ct()])
    assert (await post(imaging, body, content_type, Accept="application/dicom+xml"))[0] == 406
    assert await nothing_is_there(imaging)


async def test_a_connection_cut_in_the_middle_leaves_nothing_behind(imaging: RunningImaging) -> None:
    body, content_type = related([ct(rows=512) for _ in range(4)])
    head = (
        f"POST /dicom-web/studies HTTP/1.1\r\nHost: 127.0.0.1:{imaging.port}\r\nOrigin: {imaging.address}\r\n"
        f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    _, writer = await asyncio.open_connection("127.0.0.1", imaging.port)
    writer.write(head.encode() + body[:-1000])
    await writer.drain()
    files = imaging.folder / "files"
    await eventually(lambda: any(path.is_file() for path in files.glob("??/*")))  # some are on the disk
    writer.transport.abort()
    await eventually(lambda: not any(path.is_file() for path in files.glob("??/*")))
    assert await nothing_is_there(imaging)
    assert (await imaging.store(ct()))[0] == 200  # and others go on


async def test_hostile_uids_are_refused_and_become_no_paths(imaging: RunningImaging) -> None:
    hostile = edited(ct(instance="1.2.3"), StudyInstanceUID="../../../etc/passwd")
    status, answer = await imaging.store(hostile)
    assert status == 409
    assert failures(answer) == [0xC107]
    assert await imaging.search("studies") == []


@pytest.mark.parametrize("study", ["..%2F..%2Fetc", "1.2.x", "1" * 65, "1..2"])
async def test_an_address_with_no_uid_is_a_bad_request(imaging: RunningImaging, study: str) -> None:
    body, content_type = related([ct()])
    async with (
        imaging.client(**{"Content-Type": content_type}) as session,
        session.post(f"{imaging.dicomweb}/studies/{study}", data=body) as response,
    ):
        assert response.status in (400, 404)
    assert await nothing_is_there(imaging)


async def test_a_compressed_body_is_not_unpacked(imaging: RunningImaging) -> None:
    body, content_type = related([ct()])
    encoded = await post(imaging, gzip.compress(body), content_type, **{"Content-Encoding": "gzip"})
    assert encoded[0] == 415
    assert await nothing_is_there(imaging)


async def test_a_patient_in_doubt_is_a_warning_and_waits_for_a_person(imaging: RunningImaging) -> None:
    status, answer = await imaging.store(ct(patient_id=""))
    assert status == 202
    assert answer["00081199"]["Value"][0]["00081196"]["Value"] == [IN_DOUBT]
    assert len(await imaging.search("studies")) == 1
    imaging.seen_by("physician", Sight(None))
    assert await imaging.search("studies") == []


async def test_an_image_of_another_patient_in_the_same_study_is_not_let_in(imaging: RunningImaging) -> None:
    study = uid()
    await imaging.store(ct(study=study, patient_id="4711"))
    status, answer = await imaging.store(ct(study=study, patient_id="4712"))
    assert status == 409
    assert failures(answer) == [0xC102]


async def test_a_full_archive_says_so_and_keeps_nothing(tmp_path: Path) -> None:
    async with running_imaging(tmp_path, settings=ArchiveSettings(quota=12_000)) as imaging:
        assert (await imaging.store(ct()))[0] == 200
        body, content_type = related([ct()])
        status, text = await post(imaging, body, content_type)
        assert (status, '"archive-full"' in text) == (507, True)
        assert len(await imaging.search("instances")) == 1


async def test_what_is_stored_at_the_same_time_is_all_there(imaging: RunningImaging) -> None:
    study = uid()
    answers = await asyncio.gather(
        *(imaging.store(ct(study=study, series=f"{study}.1"), rgb(study=study)) for _ in range(8))
    )
    assert [status for status, _ in answers] == [200] * 8
    assert (await imaging.search("studies"))[0]["00201208"]["Value"] == [16]

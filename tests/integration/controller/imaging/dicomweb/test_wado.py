"""WADO-RS (PS3.18, 10.4): what is stored comes back as it is, in the form that the client takes."""

import aiohttp
import pytest

from controller.imaging.sight import Sight
from tests.support.dicom import ct, ct_series, read, us_cine
from tests.support.imaging import RunningImaging, parts_of

RELATED = 'multipart/related; type="application/dicom"'
AS_IT_IS = f"{RELATED}; transfer-syntax=*"


def path_of(content: bytes) -> str:
    one = read(content)
    return f"studies/{one.StudyInstanceUID}/series/{one.SeriesInstanceUID}/instances/{one.SOPInstanceUID}"


def study_of(content: bytes) -> str:
    return f"studies/{read(content).StudyInstanceUID}"


async def test_a_study_comes_whole_and_in_order_with_a_length(imaging: RunningImaging) -> None:
    files = ct_series(5)
    await imaging.store(*reversed(files))
    status, body, headers = await imaging.get(study_of(files[0]), AS_IT_IS)
    assert status == 200
    assert [content for _, content in parts_of(body, headers)] == files
    assert headers["Content-Length"] == str(len(body))
    assert "Transfer-Encoding" not in headers


async def test_every_part_says_its_transfer_syntax_and_where_it_is(imaging: RunningImaging) -> None:
    content = us_cine()
    await imaging.store(content)
    _, body, headers = await imaging.get(study_of(content), AS_IT_IS)
    assert headers["Content-Type"].startswith('multipart/related; type="application/dicom"; boundary=')
    ((kind, _),) = parts_of(body, headers)
    assert kind == "application/dicom; transfer-syntax=1.2.840.10008.1.2.4.50"
    assert f"Content-Location: {imaging.dicomweb}/{path_of(content)}".encode() in body


async def test_large_instances_are_streamed_and_arrive_whole(imaging: RunningImaging) -> None:
    files = [ct(rows=1200) for _ in range(3)]  # 2.9 MB each
    await imaging.store(*files)
    for content in files:
        assert (await imaging.get(path_of(content), "application/dicom"))[1] == content
        _, body, headers = await imaging.get(path_of(content), AS_IT_IS)
        assert parts_of(body, headers)[0][1] == content


@pytest.mark.parametrize("size", ["small", "large"])
async def test_one_who_has_it_already_is_told_so(imaging: RunningImaging, size: str) -> None:
    content = ct(rows=64 if size == "small" else 900)
    await imaging.store(content)
    _, _, headers = await imaging.get(path_of(content), "application/dicom")
    for tag, expected in ((headers["ETag"], 304), ('"other"', 200), (f'"x", {headers["ETag"]}', 304)):
        async with (
            imaging.client(**{"Accept": "application/dicom", "If-None-Match": tag}) as session,
            session.get(f"/dicom-web/{path_of(content)}") as response,
        ):
            assert (response.status, await response.read()) == (expected, b"" if expected == 304 else content)


async def test_one_who_may_no_longer_see_it_is_not_told_that_it_is_the_same(imaging: RunningImaging) -> None:
    content = ct()
    await imaging.store(content)
    _, _, headers = await imaging.get(path_of(content), "application/dicom")
    imaging.seen_by("nurse", permissions=frozenset())
    async with (
        imaging.client(**{"If-None-Match": headers["ETag"]}) as session,
        session.get(f"/dicom-web/{path_of(content)}") as response,
    ):
        assert response.status == 403


async def test_what_no_form_fits_is_406(imaging: RunningImaging) -> None:
    content = ct()
    await imaging.store(content)
    assert (await imaging.get(path_of(content), "application/pdf"))[0] == 406
    assert (await imaging.get(study_of(content), "application/dicom"))[0] == 406  # several, alone


async def test_compressed_images_are_decoded_for_who_names_no_syntax(imaging: RunningImaging) -> None:
    content = ct()
    await imaging.store(content)
    rle = f"{RELATED}; transfer-syntax=1.2.840.10008.1.2.5"
    _, body, headers = await imaging.get(study_of(content), rle)
    ((kind, packed),) = parts_of(body, headers)
    assert kind.endswith("1.2.840.10008.1.2.5")
    assert (read(packed).pixel_array == read(content).pixel_array).all()
    assert read(packed).SOPInstanceUID == read(content).SOPInstanceUID


async def test_a_lossy_image_stays_as_it_is_unless_pixels_are_asked_for(imaging: RunningImaging) -> None:
    content = us_cine()
    await imaging.store(content)
    _, body, headers = await imaging.get(path_of(content), RELATED)
    assert parts_of(body, headers)[0][1] == content
    explicit = f"{RELATED}; transfer-syntax=1.2.840.10008.1.2.1"
    _, body, headers = await imaging.get(path_of(content), explicit)
    decoded = read(parts_of(body, headers)[0][1])
    assert decoded.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.1"
    assert decoded.NumberOfFrames == 4


async def test_what_is_shown_is_recorded_before(imaging: RunningImaging) -> None:
    content = ct(patient_id="4712")
    await imaging.store(content)
    imaging.trail.entries.clear()
    await imaging.get(path_of(content))
    (entry,) = imaging.trail.entries
    assert (entry.patients, entry.entity) == ({"4712"}, study_of(content).replace("studies", "study"))


async def test_a_file_that_breaks_off_breaks_the_answer_and_is_no_short_success(
    imaging: RunningImaging,
) -> None:
    content = ct(rows=1200)
    await imaging.store(content)
    (file,) = (path for path in (imaging.folder / "files").glob("??/*"))
    with file.open("r+b") as opened:
        opened.truncate(len(content) - 1000)
    with pytest.raises(aiohttp.ClientPayloadError):
        await imaging.get(path_of(content), "application/dicom")


async def test_a_missing_file_is_told_in_words(imaging: RunningImaging) -> None:
    content = ct()
    await imaging.store(content)
    (file,) = (path for path in (imaging.folder / "files").glob("??/*"))
    file.unlink()
    status, body, _ = await imaging.get(path_of(content), "application/dicom")
    assert status == 500 and b'"damaged"' in body


async def test_of_a_study_with_a_damaged_file_the_rest_comes_as_206(imaging: RunningImaging) -> None:
    files = ct_series(3)
    await imaging.store(*files)
    one = read(files[1]).SOPInstanceUID
    damage = "UPDATE file SET damaged = 'changed' WHERE sha256 = (SELECT file FROM instance WHERE uid = ?)"
    await imaging.archive.store.write(lambda db: db.execute(damage, (one,)))
    status, body, headers = await imaging.get(study_of(files[0]), AS_IT_IS)
    assert status == 206
    assert [content for _, content in parts_of(body, headers)] == [files[0], files[2]]


async def test_metadata_are_the_header_with_addresses_of_what_is_large(imaging: RunningImaging) -> None:
    files = ct_series(3)
    await imaging.store(*files)
    found = await imaging.search(f"{study_of(files[0])}/metadata")
    assert [one["00200013"]["Value"] for one in found] == [[1], [2], [3]]
    assert found[0]["7FE00010"]["BulkDataURI"] == f"{imaging.dicomweb}/{path_of(files[0])}/bulkdata/7FE00010"
    assert "00020010" not in found[0]  # the file's meta information is no metadata


async def test_metadata_of_a_large_study_come_in_pieces_that_are_one_list(
    imaging: RunningImaging, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("controller.imaging.dicomweb.metadata.AT_ONCE", 2)
    files = ct_series(5)
    await imaging.store(*files)
    found = await imaging.search(f"{study_of(files[0])}/metadata")
    assert [one["00200013"]["Value"][0] for one in found] == [1, 2, 3, 4, 5]


async def test_a_deletion_says_why_and_is_recorded(imaging: RunningImaging) -> None:
    files = ct_series(2)
    await imaging.store(*files)
    async with imaging.client() as session:
        async with session.delete(f"/dicom-web/{path_of(files[0])}") as response:
            assert response.status == 400
        async with session.delete(f"/dicom-web/{path_of(files[0])}", json={"why": "moved"}) as response:
            assert (response.status, (await response.json())["instances"]) == (200, 1)
    assert imaging.trail.entries[-1].action == "images-delete"
    assert (await imaging.get(path_of(files[0])))[0] == 404
    assert (await imaging.get(path_of(files[1])))[0] == 200
    rows = await imaging.archive.store.read("SELECT by, why, instances FROM deletion")
    assert [tuple(row) for row in rows] == [("anna", "moved", 1)]


async def test_what_may_not_be_seen_is_not_deleted(imaging: RunningImaging) -> None:
    content = ct(patient_id="b")
    await imaging.store(content)
    imaging.seen_by("boss", Sight(frozenset({"a"})))
    async with (
        imaging.client() as session,
        session.delete(f"/dicom-web/{study_of(content)}", json={"why": "x"}) as response,
    ):
        assert response.status == 404
    imaging.seen_by("boss")
    assert (await imaging.get(study_of(content)))[0] == 200

"""An independent client, dicomweb-client, against the service as it runs."""

import asyncio
import io
from collections.abc import Callable
from typing import Any, TypeVar

from dicomweb_client.api import DICOMwebClient
from pydicom import Dataset, dcmread

from tests.support.dicom import ct_series, read, rgb, us_cine
from tests.support.imaging import RunningImaging

T = TypeVar("T")


async def ask(imaging: RunningImaging, work: Callable[[DICOMwebClient], T]) -> T:
    """What `work` gives, in a thread: this client waits."""
    client = DICOMwebClient(imaging.dicomweb, headers={"Origin": imaging.address})
    client.host = f"127.0.0.1:{imaging.port}"  # it leaves the port out of the Host header
    return await asyncio.to_thread(work, client)


def uids(instance: Dataset) -> tuple[str, str, str]:
    return instance.StudyInstanceUID, instance.SeriesInstanceUID, instance.SOPInstanceUID


async def test_what_it_stores_it_gets_back_byte_by_byte(imaging: RunningImaging) -> None:
    files = ct_series(3)
    sent = [read(content) for content in files]
    answer = await ask(imaging, lambda client: client.store_instances(sent))
    assert len(answer.ReferencedSOPSequence) == 3

    back = await ask(imaging, lambda client: client.retrieve_series(*uids(sent[0])[:2]))
    assert back == sent
    study = await ask(imaging, lambda client: client.retrieve_study(sent[0].StudyInstanceUID))
    assert len(study) == 3
    one = await ask(imaging, lambda client: client.retrieve_instance(*uids(sent[1])))
    assert one == sent[1]


async def test_it_searches_on_every_level(imaging: RunningImaging) -> None:
    await imaging.store(*ct_series(3), rgb(patient_id="4712", patient_name="Åse^Sørli"))

    def search(client: DICOMwebClient) -> list[Any]:
        asked = client.search_for_studies(search_filters={"PatientName": "ase*"}, fields=["PatientSize"])
        studies = client.search_for_studies(limit=1, get_remaining=True)
        return [asked, studies, client.search_for_series(), client.search_for_instances()]

    named, studies, series, instances = await ask(imaging, search)
    assert [Dataset.from_json(study).PatientID for study in named] == ["4712"]
    assert len(studies) == 2  # by pages of one
    assert {Dataset.from_json(one).Modality for one in series} == {"CT", "OT"}
    assert len(instances) == 4
    nothing = await ask(imaging, lambda c: c.search_for_studies(search_filters={"PatientID": "nobody"}))
    assert nothing == []


async def test_its_metadata_are_the_whole_header(imaging: RunningImaging) -> None:
    content = ct_series(1)[0]
    await imaging.store(content)
    sent = read(content)
    metadata = await ask(imaging, lambda client: client.retrieve_instance_metadata(*uids(sent)))
    told = Dataset.from_json(metadata, bulk_data_uri_handler=lambda *_: b"")
    del sent.PixelData, told.PixelData
    assert told == sent


async def test_bulk_data_are_where_the_metadata_say(imaging: RunningImaging) -> None:
    content = ct_series(1)[0]
    await imaging.store(content)
    sent = read(content)
    metadata = await ask(imaging, lambda client: client.retrieve_instance_metadata(*uids(sent)))
    address = metadata["7FE00010"]["BulkDataURI"]
    values = await ask(imaging, lambda client: client.retrieve_bulkdata(address))
    assert values == [sent.PixelData]


async def test_it_reads_frames_native_and_as_they_are_stored(imaging: RunningImaging) -> None:
    content = us_cine(frames=4)
    await imaging.store(content)
    sent = read(content)
    stored = await ask(
        imaging,
        lambda client: client.retrieve_instance_frames(
            *uids(sent), [2, 4], media_types=(("image/jpeg", "1.2.840.10008.1.2.4.50"),)
        ),
    )
    assert all(frame.startswith(b"\xff\xd8") for frame in stored) and len(stored) == 2
    native = await ask(
        imaging,
        lambda client: client.retrieve_instance_frames(
            *uids(sent), [1], media_types=(("application/octet-stream", "1.2.840.10008.1.2.1"),)
        ),
    )
    assert len(native[0]) == sent.Rows * sent.Columns * 3


async def test_it_asks_for_another_transfer_syntax(imaging: RunningImaging) -> None:
    content = ct_series(1)[0]
    await imaging.store(content)
    sent = read(content)
    rle = await ask(
        imaging,
        lambda client: client.retrieve_instance(
            *uids(sent), media_types=(("application/dicom", "1.2.840.10008.1.2.5"),)
        ),
    )
    assert rle.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.5"
    assert (rle.pixel_array == sent.pixel_array).all()


async def test_it_deletes_with_a_reason(imaging: RunningImaging) -> None:
    content = ct_series(1)[0]
    await imaging.store(content)
    sent = read(content)
    headers = {"Origin": imaging.address, "Wardlink-Why": "twice%20scanned"}
    client = DICOMwebClient(imaging.dicomweb, headers=headers)
    await asyncio.to_thread(client.delete_study, sent.StudyInstanceUID)
    assert await imaging.search("studies") == []


async def test_what_is_given_is_a_file_that_pydicom_reads_on_its_own(imaging: RunningImaging) -> None:
    content = ct_series(1)[0]
    await imaging.store(content)
    sent = read(content)
    path = "studies/{}/series/{}/instances/{}".format(*uids(sent))
    status, body, headers = await imaging.get(path, "application/dicom")
    assert (status, body) == (200, content)
    assert headers["Content-Length"] == str(len(content))
    assert dcmread(io.BytesIO(body)) == sent

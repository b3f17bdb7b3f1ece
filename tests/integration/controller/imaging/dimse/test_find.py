"""C-FIND by dcmtk's findscu, over the real archive."""

import asyncio
import io
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from pydicom import Dataset, dcmread
from pynetdicom import AE

from controller.imaging.dimse.settings import May, Peer
from tests.support.dicom import ct, ct_series, uid
from tests.support.dimse import RunningDimse, running_dimse

CT1 = Peer(title="CT1", host="127.0.0.1", may=frozenset({May.STORE}))
WS1 = Peer(title="WS1", host="127.0.0.1", may=frozenset({May.FIND}))
STUDY_ROOT = "1.2.840.10008.5.1.4.1.2.2.1"
HEAD, CHEST = uid(), uid()
pytestmark = [pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def dimse(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningDimse]:
    """Two patients: Anna Müller with a head and a chest, Beat Muster with nothing but a scout."""
    images = [
        *ct_series(3, study=HEAD, StudyDescription="Head", StudyDate="20261101", patient_name="Müller^Anna"),
        ct(study=CHEST, StudyDescription="Chest", StudyDate="20261120", patient_name="Müller^Anna"),
        ct(patient_id="4712", patient_name="Muster^Beat", StudyDescription="Scout", StudyDate="20261125"),
    ]
    folder = tmp_path_factory.mktemp("find")
    out = folder / "out"
    out.mkdir()
    for number, image in enumerate(images):
        (out / f"{number}.dcm").write_bytes(image)
    async with running_dimse(folder, CT1, WS1) as running:
        said = await running.tool("storescu", "CT1", "+sd", after=[str(out)])
        assert said.status == 0, said
        yield running


async def find(dimse: RunningDimse, *keys: str, model: str = "-S", level: str = "STUDY") -> list[Dataset]:
    """The answers of findscu, in the model study root (-S) or patient root (-P)."""
    into = dimse.settings.folder.parent / f"found-{uid()}"
    into.mkdir()
    told = [argument for key in (f"QueryRetrieveLevel={level}", *keys) for argument in ("-k", key)]
    said = await dimse.tool("findscu", "WS1", model, "-X", "-od", str(into), *told)
    assert said.status == 0, said
    return [dcmread(io.BytesIO(path.read_bytes()), force=True) for path in sorted(into.iterdir())]


def described(answers: list[Dataset]) -> set[str]:
    return {str(answer.StudyDescription) for answer in answers}


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("PatientID=4711", {"Head", "Chest"}),
        ("PatientName=muster*", {"Scout"}),
        ("PatientName=*beat", {"Scout"}),
        ("StudyDate=20261101-20261120", {"Head", "Chest"}),
        ("StudyDate=20261121-", {"Scout"}),
        ("StudyDescription=?e*", {"Head"}),
        ("ModalitiesInStudy=CT", {"Head", "Chest", "Scout"}),
        ("ModalitiesInStudy=MR", set()),
        (f"StudyInstanceUID={HEAD}\\{CHEST}", {"Head", "Chest"}),
        ("AccessionNumber", {"Head", "Chest", "Scout"}),
    ],
)
async def test_studies_are_found(dimse: RunningDimse, key: str, expected: set[str]) -> None:
    assert described(await find(dimse, "StudyDescription", key)) == expected


async def test_an_answer_has_what_was_asked_for_and_where_it_can_be_had(dimse: RunningDimse) -> None:
    counts = ("NumberOfStudyRelatedInstances", "NumberOfStudyRelatedSeries")
    keys = ("PatientName", "ReferringPhysicianName", *counts)
    (found,) = await find(dimse, f"StudyInstanceUID={HEAD}", *keys)
    assert found.StudyInstanceUID == HEAD
    assert found.PatientName == "Müller^Anna"
    assert found.SpecificCharacterSet == "ISO_IR 192"
    assert (found.NumberOfStudyRelatedInstances, found.NumberOfStudyRelatedSeries) == (3, 1)
    assert (found.QueryRetrieveLevel, found.RetrieveAETitle) == ("STUDY", "WARDLINK")
    assert "ReferringPhysicianName" in found
    assert "PatientID" not in found


async def test_patients_are_found_once_each(dimse: RunningDimse) -> None:
    found = await find(dimse, "PatientID", "PatientName", model="-P", level="PATIENT")
    assert sorted(str(one.PatientID) for one in found) == ["4711", "4712"]
    found = await find(dimse, "PatientID=4711", "PatientName", model="-P", level="PATIENT")
    assert [str(one.PatientName) for one in found] == ["Müller^Anna"]


async def test_series_and_images_are_found_below_their_study(dimse: RunningDimse) -> None:
    study = f"StudyInstanceUID={HEAD}"
    keys = ("SeriesInstanceUID", "Modality", "NumberOfSeriesRelatedInstances")
    (series,) = await find(dimse, study, *keys, level="SERIES")
    assert (series.Modality, series.NumberOfSeriesRelatedInstances) == ("CT", 3)
    above = (study, f"SeriesInstanceUID={series.SeriesInstanceUID}")
    images = await find(dimse, *above, "SOPInstanceUID", "InstanceNumber", level="IMAGE")
    assert sorted(int(one.InstanceNumber) for one in images) == [1, 2, 3]
    (second,) = await find(dimse, *above, "SOPInstanceUID", "InstanceNumber=2", level="IMAGE")
    assert second.InstanceNumber == 2


async def test_a_search_below_a_study_that_is_not_named_is_refused(dimse: RunningDimse) -> None:
    told = ("-S", "-d", "-k", "QueryRetrieveLevel=SERIES", "-k", "SeriesInstanceUID")
    said = await dimse.tool("findscu", "WS1", *told)
    assert "0xa900" in said.text.lower(), said.text[-600:]


async def test_a_key_that_is_not_matched_is_said_so(dimse: RunningDimse) -> None:
    for key, status in (("PatientComments=x", "0xff01"), ("PatientID=4711", "0xff00")):
        told = ("-S", "-d", "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID", "-k", key)
        said = await dimse.tool("findscu", "WS1", *told)
        assert set(re.findall(r"0xff0\d", said.text.lower())) == {status}


async def test_who_may_only_store_finds_nothing(dimse: RunningDimse) -> None:
    told = ("-S", "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID")
    assert (await dimse.tool("findscu", "CT1", *told)).status != 0
    assert (await dimse.tool("findscu", "WS1", *told)).status == 0


async def test_the_trail_says_who_was_shown_whom(dimse: RunningDimse) -> None:
    dimse.shown.clear()
    await find(dimse, "PatientID=4712", "StudyInstanceUID")
    assert ("ae:WS1", frozenset({"4712"})) in dimse.shown
    assert all("4711" not in patients for _, patients in dimse.shown)


async def test_no_patient_is_named_in_a_log(dimse: RunningDimse, caplog: pytest.LogCaptureFixture) -> None:
    caplog.clear()
    caplog.set_level("DEBUG")
    await find(dimse, "PatientName=Müller*", "PatientID=4711", "PatientBirthDate=nonsense")
    assert "Müll" not in caplog.text
    assert "4711" not in caplog.text
    assert "nonsense" not in caplog.text


MANY = 300
"""Answers, many times as many as are sent before a peer is heard."""


async def test_a_search_that_is_cancelled_ends(dimse: RunningDimse) -> None:
    study, series = uid(), uid()
    batch = dimse.archive.begin("import:test")
    for slice_ in ct_series(MANY, study=study, series=series, rows=4, patient_id="4713"):
        incoming = batch.part()
        incoming.write(slice_)
        await batch.take(incoming)
    await batch.commit()
    asked = Dataset()
    asked.QueryRetrieveLevel, asked.SOPInstanceUID = "IMAGE", ""
    asked.StudyInstanceUID, asked.SeriesInstanceUID = study, series

    def cancelled_after_one() -> tuple[int, int]:
        entity = AE("WS1")
        entity.add_requested_context(STUDY_ROOT)
        association = entity.associate("127.0.0.1", dimse.port, ae_title="WARDLINK")
        statuses: list[int] = []
        for status, _ in association.send_c_find(asked, STUDY_ROOT, msg_id=7):
            if not statuses:
                association.send_c_cancel(7, query_model=STUDY_ROOT)
            statuses.append(status.Status)
        association.release()
        return len(statuses), statuses[-1]

    answers, last = await asyncio.to_thread(cancelled_after_one)
    assert last == 0xFE00
    assert answers < MANY

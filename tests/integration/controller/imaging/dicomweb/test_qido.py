"""QIDO-RS (PS3.18, 10.6): searches on every level, page by page, and only over what may be seen."""

import pytest
from pydicom import Dataset

from controller.imaging.dicomweb.keys import Level
from controller.imaging.dicomweb.qido import Statement
from controller.imaging.dicomweb.query import parse
from controller.imaging.sight import Sight
from tests.support.dicom import ct, ct_series, read, rgb, uid
from tests.support.imaging import RunningImaging


def tags(item: dict[str, object]) -> set[str]:
    return set(item)


async def names(imaging: RunningImaging, **query: str) -> list[str]:
    found = await imaging.search("studies", **query)
    return [str(Dataset.from_json(study).PatientID) for study in found]


async def test_a_study_has_all_that_the_standard_asks_for(imaging: RunningImaging) -> None:
    content = ct()
    await imaging.store(content)
    found = (await imaging.search("studies"))[0]
    required = "00080020 00080030 00080050 00080056 00080061 00080090 00081190 00100010 00100020 00100030 "
    required += "00100040 0020000D 00200010 00201206 00201208"
    assert tags(found) >= set(required.split())
    told, sent = Dataset.from_json(found), read(content)
    assert told.PatientName == sent.PatientName
    assert told.ModalitiesInStudy == "CT"
    assert told.RetrieveURL == f"{imaging.dicomweb}/studies/{sent.StudyInstanceUID}"
    assert list(found) == sorted(found)


async def test_a_series_and_an_instance_have_theirs(imaging: RunningImaging) -> None:
    content = ct(SeriesDescription="Head 1.0")
    await imaging.store(content)
    study = read(content).StudyInstanceUID
    series = (await imaging.search(f"studies/{study}/series"))[0]
    assert tags(series) >= {"00080060", "0008103E", "00081190", "0020000E", "00200011", "00201209"}
    assert "00100020" not in series  # of the study, which the address named
    instance = (await imaging.search(f"studies/{study}/instances"))[0]
    assert tags(instance) >= {"00080016", "00080018", "00083002", "00200013", "00280010", "00280011"}
    by_query = (await imaging.search("series", StudyInstanceUID=study))[0]
    assert "00100020" in by_query  # all series were the target, this only picks some
    everywhere = (await imaging.search("instances"))[0]
    assert tags(everywhere) >= tags(instance) | {"00100020", "0008103E", "00201208"}


async def test_what_is_retrieved_is_where_a_result_says(imaging: RunningImaging) -> None:
    await imaging.store(ct())
    for path in ("studies", "series", "instances"):
        address = (await imaging.search(path))[0]["00081190"]["Value"][0]
        assert (await imaging.get(address.removeprefix(f"{imaging.dicomweb}/")))[0] == 200


async def test_includefield_gives_more_of_the_level_that_is_searched(imaging: RunningImaging) -> None:
    content = ct(PatientComments="lies still", KVP="120", ProtocolName="Head")
    await imaging.store(content)
    assert "00104000" not in (await imaging.search("studies"))[0]
    study = (await imaging.search("studies", includefield="PatientComments,SOPClassesInStudy"))[0]
    assert study["00104000"]["Value"] == ["lies still"]
    assert study["00080062"]["Value"] == [read(content).SOPClassUID]
    instance = (await imaging.search("instances", includefield="KVP"))[0]
    assert instance["00180060"]["Value"] == [120]
    whole = (await imaging.search("instances", includefield="all"))[0]
    assert len(whole) > len(instance)
    assert whole["7FE00010"]["BulkDataURI"].startswith(imaging.dicomweb)


async def test_attributes_that_match_are_in_the_answer(imaging: RunningImaging) -> None:
    await imaging.store(ct(StudyDescription="Head"))
    assert (await imaging.search("studies", StudyDescription="He*"))[0]["00081030"]["Value"] == ["Head"]


async def test_names_are_found_fuzzily(imaging: RunningImaging) -> None:
    await imaging.store(
        ct(patient_id="1", patient_name="Müller^Änne"), rgb(patient_id="2", patient_name="王^小明")
    )
    assert await names(imaging, PatientName="anne mul", fuzzymatching="true") == ["1"]
    assert await names(imaging, PatientName="anne mul") == []
    assert await names(imaging, PatientName="小", fuzzymatching="true") == ["2"]


async def test_pages_are_complete_and_say_how_much_is_left(imaging: RunningImaging) -> None:
    await imaging.store(*(ct(patient_id=str(number)) for number in range(5)))
    whole = await names(imaging)
    status, _, headers = await imaging.get("studies", limit="2", offset="1")
    assert status == 200
    assert headers["Warning"] == '299 wardlink "There are 2 additional results that can be requested"'
    pages = [await names(imaging, limit="2", offset=str(offset)) for offset in (0, 2, 4)]
    assert [name for page in pages for name in page] == whole
    _, _, last = await imaging.get("studies", limit="2", offset="3")
    assert "Warning" not in last


async def test_nothing_found_is_204(imaging: RunningImaging) -> None:
    assert (await imaging.get("studies"))[:2] == (204, b"")
    await imaging.store(ct())
    assert (await imaging.get("studies", PatientID="nobody"))[0] == 204
    assert (await imaging.get("studies", offset="1"))[0] == 204


async def test_instances_come_by_their_number(imaging: RunningImaging) -> None:
    files = ct_series(12)
    await imaging.store(*reversed(files))
    study = read(files[0]).StudyInstanceUID
    found = await imaging.search(f"studies/{study}/instances")
    assert [one["00200013"]["Value"][0] for one in found] == list(range(1, 13))


@pytest.mark.parametrize(
    "query", [{"Nonsense": "1"}, {"StudyDate": "yesterday"}, {"limit": "-1"}, {"Modality": "CT"}]
)
async def test_what_is_not_understood_is_a_bad_request(
    imaging: RunningImaging, query: dict[str, str]
) -> None:
    status, body, _ = await imaging.get("studies", **query)
    assert status == 400
    assert b'"bad-request"' in body


async def test_only_patients_who_may_be_seen_are_found_counted_and_paged(imaging: RunningImaging) -> None:
    await imaging.store(*(ct(patient_id=patient) for patient in ("a", "b", "a", "c", "a")))
    imaging.seen_by("nurse", Sight(frozenset({"a"}), held=True))
    assert await names(imaging) == ["a"] * 3
    _, _, headers = await imaging.get("studies", limit="1")
    assert "There are 2 additional" in headers["Warning"]
    assert await names(imaging, PatientID="b") == []
    for path in ("series", "instances"):
        found = await imaging.search(path)
        assert {one["00100020"]["Value"][0] for one in found} == {"a"}


@pytest.mark.parametrize(
    ("query", "sight", "index"),
    [
        ({}, Sight(None), "study_newest"),
        ({}, Sight(frozenset({"a", "b"})), "study_patient"),
        ({"PatientID": "a"}, Sight(None), "study_patient"),
        ({"AccessionNumber": "A1"}, Sight(None), "study_accession"),
        ({"StudyDate": "20260101-"}, Sight(None), "study_newest"),
        ({"PatientName": "*mul*"}, Sight(None), "study_folded"),
        ({"StudyInstanceUID": "1.2"}, Sight(None), "autoindex_study"),
    ],
)
async def test_a_search_goes_by_an_index_and_not_through_the_whole_archive(
    imaging: RunningImaging, query: dict[str, str], sight: Sight, index: str
) -> None:
    statement = Statement(parse(Level.STUDY, query.items()), sight)
    plan = await imaging.archive.store.read(f"EXPLAIN QUERY PLAN {statement.page}", statement.parameters)
    assert index in " ".join(row["detail"] for row in plan)


async def test_more_than_is_worth_counting_is_told_so(
    imaging: RunningImaging, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("controller.imaging.dicomweb.qido.MOST_COUNTED", 2)
    await imaging.store(*(ct() for _ in range(5)))
    _, _, headers = await imaging.get("studies", limit="1")
    assert "There are 2 or more additional results" in headers["Warning"]
    _, _, headers = await imaging.get("studies", limit="1", offset="3")
    assert "There are 1 additional results" in headers["Warning"]


async def test_another_patients_study_is_told_like_one_that_does_not_exist(imaging: RunningImaging) -> None:
    content = ct(patient_id="b")
    await imaging.store(content)
    study = read(content).StudyInstanceUID
    assert (await imaging.get(f"studies/{study}"))[0] == 200
    imaging.seen_by("nurse", Sight(frozenset({"a"}), held=True))
    for suffix in ("", "/metadata"):
        hidden = await imaging.get(f"studies/{study}{suffix}")
        unknown = await imaging.get(f"studies/{uid()}{suffix}")
        assert hidden[:2] == unknown[:2] and hidden[0] == 404


async def test_who_was_shown_is_recorded(imaging: RunningImaging) -> None:
    await imaging.store(ct(patient_id="a"), ct(patient_id="b"))
    imaging.trail.entries.clear()
    await imaging.search("studies", PatientID="a")
    (entry,) = imaging.trail.entries
    assert entry.patients == {"a"} and entry.entity == "search/study"

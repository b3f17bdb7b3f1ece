"""What the identifiers of C-FIND, C-MOVE and C-GET become in DICOMweb. No network."""

import io
import struct
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import Dataset
from pydicom.config import disable_value_validation
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset

from controller.imaging.dicom.part10 import EXPLICIT, IMPLICIT
from controller.imaging.dicom.values import BINARY, READ
from controller.imaging.dimse.find import answer, query_of
from controller.imaging.dimse.identifier import Level, identifier, level, values
from controller.imaging.dimse.retrieve import AT_ONCE, queries, reference_of
from controller.imaging.dimse.service import status_of
from controller.imaging.errors import BadQuery

PATIENT_FIND, STUDY_FIND = "1.2.840.10008.5.1.4.1.2.1.1", "1.2.840.10008.5.1.4.1.2.2.1"


def event(content: bytes, syntax: str = IMPLICIT) -> Any:
    """Of a request with this identifier; only what `identifier` reads of it."""
    return SimpleNamespace(
        request=SimpleNamespace(Identifier=io.BytesIO(content)),
        context=SimpleNamespace(transfer_syntax=syntax),
    )


def encoded(data: Dataset, syntax: str = IMPLICIT) -> bytes:
    stream = DicomBytesIO()
    stream.is_little_endian, stream.is_implicit_VR = True, syntax == IMPLICIT
    write_dataset(stream, data)
    return stream.getvalue()


def keys(**told: Any) -> dict[str, Any]:
    data = Dataset()
    with disable_value_validation():
        for keyword, value in told.items():
            setattr(data, keyword, value)
        return identifier(event(encoded(data)))


@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT])
def test_an_identifier_is_read_in_either_syntax(syntax: str) -> None:
    data = Dataset()
    data.SpecificCharacterSet = "ISO_IR 100"
    data.QueryRetrieveLevel, data.PatientName = "STUDY", "Müller*"
    read = identifier(event(encoded(data, syntax), syntax))
    assert values(read, "00100010") == ["Müller*"]
    assert level(read, STUDY_FIND) is Level.STUDY


@given(st.binary(max_size=300), st.sampled_from([IMPLICIT, EXPLICIT]))
def test_whatever_comes_is_read_or_refused(content: bytes, syntax: str) -> None:
    try:
        read = identifier(event(content, syntax))
        at = level(read, PATIENT_FIND)
        query, _ = query_of(read, at)
    except BadQuery:
        return
    assert all(isinstance(value, str) for value in query.values())


VRS = sorted({*BINARY, *READ["<"], "SQ"})
ELEMENT = st.tuples(
    st.sampled_from([0x00080052, 0x00080060, 0x00090010, 0x00091001, 0x00100010, 0x00100020])
    | st.integers(0x00090000, 0xFFF00000),  # not the character set, which decides how others are read
    st.sampled_from(VRS),
    st.sampled_from(["", "*", "4711", "1.2.3", "20260101-", "A\\\\B", "STUDY"]),
)


@given(st.lists(ELEMENT, max_size=6, unique_by=lambda one: one[0]))
def test_whatever_is_asked_for_an_answer_can_be_written(elements: list[tuple[int, str, str]]) -> None:
    long = {*BINARY, "SQ", "SV", "UC", "UR", "UT", "UV"}
    content = b""
    for tag, vr, value in sorted(elements):
        text = b"" if vr == "SQ" else value.encode().ljust(8)
        length = struct.pack("<HL" if vr in long else "<H", *([0] if vr in long else []), len(text))
        content += struct.pack("<HH", tag >> 16, tag & 0xFFFF) + vr.encode() + length + text
    try:
        read = identifier(event(content, EXPLICIT))
        told = answer(read, Level.STUDY, {}, "WARDLINK")
    except BadQuery:
        return
    encoded(told, EXPLICIT)


@pytest.mark.parametrize("name", ["", "PATIENT", "study", "FRAME"])
def test_a_level_that_the_model_has_not_is_refused(name: str) -> None:
    with pytest.raises(BadQuery, match="Level"):
        level(keys(QueryRetrieveLevel=name), STUDY_FIND)


def test_the_patient_root_has_patients() -> None:
    assert level(keys(QueryRetrieveLevel="PATIENT"), PATIENT_FIND) is Level.PATIENT


def test_values_are_matched_and_empty_ones_are_asked_for() -> None:
    query, unmatched = query_of(keys(PatientName="Mu*", StudyDate="2026-", StudyDescription=""), Level.STUDY)
    assert (query["00100010"], query["00080020"], unmatched) == ("Mu*", "2026-", False)
    assert "00081030" in query["includefield"].split(",")


def test_a_list_of_uids_is_one_of_qido() -> None:
    query, _ = query_of(keys(StudyInstanceUID=["1.2", "1.3"]), Level.STUDY)
    assert query["0020000D"] == "1.2,1.3"


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (Level.STUDY, {"SeriesDescription": "x"}),
        (Level.STUDY, {"PatientComments": "x"}),
        (Level.PATIENT, {"StudyDescription": "x"}),
    ],
)
def test_what_is_not_matched_is_left_out_and_said(at: Level, told: dict[str, str]) -> None:
    query, unmatched = query_of(keys(**told), at)
    assert unmatched
    assert query.keys() == {"includefield"}


def test_an_item_with_a_value_is_not_matched_and_an_empty_one_is_asked_for() -> None:
    for value, expected in (("7", True), ("", False)):
        item = Dataset()
        item.RequestedProcedureID = value
        asked = keys(StudyInstanceUID="1.2", RequestAttributesSequence=[item])
        assert query_of(asked, Level.SERIES)[1] is expected


@pytest.mark.parametrize("above", [{}, {"StudyInstanceUID": "1.*"}, {"StudyInstanceUID": ["1.2", "1.3"]}])
def test_below_a_study_one_study_is_named(above: dict[str, Any]) -> None:
    with pytest.raises(BadQuery, match="unique key"):
        query_of(keys(Modality="CT", **above), Level.SERIES)


def test_an_answer_has_the_keys_that_were_asked_for_and_no_other() -> None:
    found = {
        "00100010": {"vr": "PN", "Value": [{"Alphabetic": "Muster^Anna"}]},
        "00100020": {"vr": "LO", "Value": ["4711"]},
        "0020000D": {"vr": "UI", "Value": ["1.2"]},
    }
    told = answer(keys(PatientName="", StudyDescription=""), Level.STUDY, found, "WARDLINK")
    assert str(told.PatientName) == "Muster^Anna"
    assert told.StudyDescription is None or told.StudyDescription == ""
    assert {element.keyword for element in told} == {
        "PatientName",
        "StudyDescription",
        "QueryRetrieveLevel",
        "RetrieveAETitle",
    }


def test_only_what_needs_it_says_a_character_set() -> None:
    for name, expected in (("Muster", False), ("Müller", True)):
        found = {"00100010": {"vr": "PN", "Value": [{"Alphabetic": name}]}}
        assert ("SpecificCharacterSet" in answer(keys(PatientName=""), Level.STUDY, found, "X")) is expected


def test_many_images_are_asked_for_in_parts() -> None:
    uids = [f"1.2.{number}" for number in range(2 * AT_ONCE + 1)]
    asked = list(queries(keys(StudyInstanceUID=uids), Level.STUDY))
    assert [uid for query in asked for uid in query["0020000D"].split(",")] == uids
    assert len(asked) == 3


@pytest.mark.parametrize("told", [{}, {"StudyInstanceUID": ""}, {"StudyInstanceUID": "1.?"}])
def test_what_is_retrieved_is_named(told: dict[str, str]) -> None:
    with pytest.raises(BadQuery):
        list(queries(keys(**told), Level.STUDY))


def test_other_keys_narrow_no_retrieval() -> None:
    (query,) = queries(keys(StudyInstanceUID="1.2", StudyDescription="x", PatientID="4711"), Level.STUDY)
    assert query == {"0020000D": "1.2", "00100020": "4711"}


def test_an_instance_without_a_known_syntax_is_one_nevertheless() -> None:
    assert reference_of({"00080018": {"vr": "UI", "Value": ["1.2"]}}).syntax == ""


STORED = {"00081199": {"vr": "SQ", "Value": [{"00081155": {"vr": "UI", "Value": ["1.2"]}}]}}


@pytest.mark.parametrize(
    ("told", "status"),
    [
        (STORED, 0),
        ({"00081199": {"vr": "SQ", "Value": [{"00081196": {"vr": "US", "Value": [0xB101]}}]}}, 0),
        ({"00081198": {"vr": "SQ", "Value": [{"00081197": {"vr": "US", "Value": [0xC101]}}]}}, 0xC101),
        ({"0008119A": {"vr": "SQ", "Value": [{"00081197": {"vr": "US", "Value": [0xC000]}}]}}, 0xC000),
        ({"00081198": {"vr": "SQ", "Value": [{}]}}, 0x0110),
        ({}, 0x0110),
    ],
)
def test_what_became_of_an_image_is_a_status_of_c_store(told: dict[str, Any], status: int) -> None:
    assert status_of(told) == status

"""Files as they are written by pydicom, which is another's, and what becomes of them when damaged."""

import io
import tracemalloc
from pathlib import Path
from typing import Any, Final

import pydicom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from controller.imaging.dicom.part10 import read_instance
from controller.imaging.errors import BadDicom
from tests.support.dicom import ct, edited, us_cine

pytestmark = pytest.mark.filterwarnings("ignore")  # pydicom's, about values that hypothesis thinks of

REAL: Final = [
    Path(str(get_testdata_file(name))).read_bytes()
    for name in ("CT_small.dcm", "JPEG2000.dcm", "rtplan.dcm", "reportsi.dcm", "image_dfl.dcm")
]
SYNTAXES: Final = (ExplicitVRLittleEndian, ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian)

texts = st.text(
    st.characters(codec="utf-8", exclude_characters="\\^=\0\x1b\r\n\t\f", exclude_categories=("Cc", "Cs")),
    max_size=20,
).map(str.strip)
codes = st.text(
    st.characters(min_codepoint=33, max_codepoint=90, exclude_characters="\\"), min_size=1, max_size=12
)


@st.composite
def data_sets(draw: st.DrawFn, depth: int = 0) -> Dataset:
    """Text, codes, numbers, a private element, tags, sequences in sequences."""
    data = Dataset()
    if depth == 0:
        data.SpecificCharacterSet = "ISO_IR 192"
        data.SOPClassUID = data.SOPInstanceUID = UID("1.2")
    data.PatientName = draw(texts)
    data.PatientID = draw(texts)
    data.ImageType = draw(st.lists(codes, min_size=1, max_size=4))
    data.ImagePositionPatient = draw(st.lists(st.integers(-9999, 9999), min_size=3, max_size=3))
    data.Rows = draw(st.integers(0, 65535))
    data.DiffusionBValue = draw(st.floats(allow_nan=False, allow_infinity=False))
    data.add_new(0x00091001, "LO", draw(texts))
    data.add_new(0x00280009, "AT", [0x00181063])
    if depth < 3:
        data.ReferencedStudySequence = draw(st.lists(data_sets(depth + 1), max_size=2))
    return data


def written(data: Dataset, syntax: UID) -> bytes:
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = syntax
    out = io.BytesIO()
    data.save_as(out, enforce_file_format=True)
    return out.getvalue()


def without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        got = {key: without_empty(one) for key, one in value.items()}
        return {key: one for key, one in got.items() if one not in ("", [], [None], [{}])}
    if isinstance(value, list):
        return [None if one in ("", {}) else without_empty(one) for one in value]
    return value


@given(data_sets(), st.sampled_from(SYNTAXES))
@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_what_pydicom_writes_is_read_as_pydicom_reads_it(data: Dataset, syntax: UID) -> None:
    content = written(data, syntax)
    theirs = pydicom.dcmread(io.BytesIO(content)).to_json_dict()
    assert without_empty(read_instance(content).data_set) == without_empty(theirs)


@given(st.sampled_from(REAL), st.data())
@settings(max_examples=400)
def test_a_damaged_file_is_read_or_refused_and_takes_no_memory(content: bytes, data: st.DataObject) -> None:
    broken = bytearray(content)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(128, min(len(broken), 4000) - 1))
        broken[at : at + 1] = data.draw(st.binary(min_size=0, max_size=5))
    tracemalloc.start()
    try:
        read_instance(bytes(broken))
    except BadDicom as error:
        assert error.reason
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 24 * len(broken) + 4_000_000


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_read_or_refused(body: bytes) -> None:
    head = ct()[:340]
    for content in (body, head + body):
        try:
            read_instance(content)
        except BadDicom as error:
            assert error.reason


@pytest.mark.parametrize("number", range(4))
def test_a_file_that_is_cut_off_is_never_taken_for_the_whole(number: int) -> None:
    content = REAL[number]
    whole = len(read_instance(content).data_set)
    refused = 0
    for end in range(0, len(content), max(1, len(content) // 900)):
        try:
            assert len(read_instance(content[:end]).data_set) < whole
        except BadDicom:
            refused += 1
    assert refused > 200


def test_the_file_meta_information_is_kept_apart() -> None:
    instance = read_instance(ct(instance="1.2.3"))
    assert instance.meta["00020003"]["Value"] == ["1.2.3"] == instance.data_set["00080018"]["Value"]
    assert not any(key.startswith("0002") for key in instance.data_set)


def test_a_large_value_is_named_and_not_read() -> None:
    content = ct(rows=64)
    instance = read_instance(content)
    pixels = instance.pixels
    assert instance.data_set["7FE00010"] == {"vr": "OW", "BulkDataURI": "7FE00010"}
    assert pixels is not None
    assert (
        content[pixels.offset : pixels.offset + pixels.length]
        == pydicom.dcmread(io.BytesIO(content)).PixelData
    )


def test_whoever_reads_names_what_is_left_in_the_file() -> None:
    instance = read_instance(ct(), uri=lambda _, bulk: f"bulkdata/{bulk.path}")
    assert instance.data_set["7FE00010"]["BulkDataURI"] == "bulkdata/7FE00010"


def test_a_large_value_in_a_sequence_is_named_by_the_way_to_it() -> None:
    item = Dataset()
    item.EncapsulatedDocument = b"%PDF" * 600
    instance = read_instance(edited(ct(), ReferencedStudySequence=[Dataset(), item]))
    assert [bulk.path for bulk in instance.bulk] == ["00081110/2/00420011", "7FE00010"]


def test_a_cine_says_where_its_frames_are() -> None:
    pixels = read_instance(us_cine(5)).pixels
    assert pixels is not None
    assert pixels.fragments is not None
    assert len(pixels.fragments) == 1 + 5  # the offset table first


def test_first_values_are_asked_for_as_text_and_number() -> None:
    instance = read_instance(ct(patient_id="4711", InstanceNumber=7, ImageComments=""))
    assert (instance.text("00100020"), instance.number("00200013", 1)) == ("4711", 7)
    assert (instance.text("00204000"), instance.number("00280008", 1)) == ("", 1)


def test_a_file_without_the_length_of_its_meta_is_read() -> None:
    content = ct()
    without = content[:132] + content[144:]
    assert read_instance(without).data_set == read_instance(content).data_set

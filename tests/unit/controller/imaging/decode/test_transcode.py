"""A whole file in another transfer syntax: pydicom reads the same from it."""

import io
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from pydicom import Dataset, dcmread
from pydicom.encaps import encapsulate, generate_frames
from pydicom.pixels.utils import pixel_array

from controller.imaging.decode import syntaxes
from controller.imaging.decode.codecs import decoded, tidy
from controller.imaging.decode.picture import picture
from controller.imaging.decode.transcode import frames_of, transcoded
from controller.imaging.dicom.part10 import read_instance
from controller.imaging.errors import BadDicom, CannotDecode
from tests.support import dicom

LOSSLESS = sorted(syntaxes.ENCODES - syntaxes.LOSSY)
COMPRESSING = sorted(syntaxes.ENCODES - syntaxes.LOSSY - syntaxes.NATIVE)
CHANGED = {"PixelData", "PhotometricInterpretation", "PlanarConfiguration"}
LARGEST = 150_000
"""Bytes of a file of the corpus that is tried."""


def file(name: str) -> bytes:
    return next(path for path in dicom.corpus() if path.name == name).read_bytes()


def values(content: bytes) -> list[Any]:
    instance = read_instance(content)
    shape = picture(instance.data_set)
    return [tidy(decoded(frame)[0], shape) for frame in frames_of(instance, shape)]


def others(data: Dataset) -> dict[str, Any]:
    """All elements but those that describe how pixels are written."""
    return {
        str(element.tag): element.to_json_dict(None, 1024)
        for element in data
        if element.keyword not in CHANGED
    }


@pytest.mark.parametrize("syntax", LOSSLESS)
@pytest.mark.parametrize("make", [dicom.ct, dicom.rgb])
def test_pixels_and_every_other_element_stay_the_same(make: Any, syntax: str) -> None:
    before = make()
    after = transcoded(before, syntax)
    assert dicom.read(after).file_meta.TransferSyntaxUID == syntax
    for one, other in zip(values(before), values(after), strict=True):
        np.testing.assert_array_equal(one, other)
    assert others(dicom.read(after)) == others(dicom.read(before))


@pytest.mark.parametrize("syntax", [syntaxes.RLE, syntaxes.JPEG_2000_LOSSLESS])
def test_pydicom_decodes_what_was_made(syntax: str) -> None:
    for content in (dicom.ct(rows=33), dicom.rgb(rows=33, columns=17), file("emri_small.dcm")):
        expected = pixel_array(io.BytesIO(content))
        np.testing.assert_array_equal(pixel_array(io.BytesIO(transcoded(content, syntax))), expected)


def small_files() -> Iterator[bytes]:
    for path in dicom.corpus():
        content = path.read_bytes()
        try:
            if len(content) < LARGEST and read_instance(content).pixels:
                yield content
        except BadDicom:
            continue


@pytest.mark.parametrize("syntax", [syntaxes.EXPLICIT, syntaxes.JPEG_LS])
def test_the_corpus_keeps_its_pixels_or_is_refused_with_words(syntax: str) -> None:
    done = 0
    for content in small_files():
        try:
            before = values(content)
            after = values(transcoded(content, syntax))
        except CannotDecode as error:
            assert str(error)
            continue
        done += 1
        for one, other in zip(before, after, strict=True):
            np.testing.assert_array_equal(one, other)
    assert done > 80


@pytest.mark.parametrize("syntax", COMPRESSING)
def test_many_frames_are_found_again_by_their_offset_table(syntax: str) -> None:
    before = file("emri_small.dcm")
    after = transcoded(before, syntax)
    table = read_instance(after).pixels
    assert table and table.fragments
    assert table.fragments[0][1] == 4 * 10
    for one, other in zip(values(before), values(after), strict=True):
        np.testing.assert_array_equal(one, other)


def test_frames_of_several_fragments_are_decoded_by_the_offset_table() -> None:
    content = dicom.us_cine(frames=3)
    data, parted_file = dicom.read(content), io.BytesIO()
    data["PixelData"].value = encapsulate(list(generate_frames(data.PixelData, number_of_frames=3)), 4)
    data.save_as(parted_file)
    parted = parted_file.getvalue()
    found = read_instance(parted).pixels
    assert found and len(found.fragments or ()) == 1 + 3 * 4
    np.testing.assert_array_equal(values(transcoded(parted, syntaxes.EXPLICIT)), values(content))


def test_colour_of_jpeg_becomes_rgb_when_it_is_unpacked() -> None:
    after = dicom.read(transcoded(dicom.us_cine(frames=2), syntaxes.EXPLICIT))
    assert (after.PhotometricInterpretation, after.PlanarConfiguration) == ("RGB", 0)
    assert after["PixelData"].VR == "OB"
    assert after.pixel_array.shape == (2, 48, 64, 3)


def test_jpeg_2000_of_rgb_says_that_it_is_transformed() -> None:
    assert (
        dicom.read(transcoded(dicom.rgb(), syntaxes.JPEG_2000_LOSSLESS)).PhotometricInterpretation
        == "YBR_RCT"
    )


def test_what_loses_something_is_another_instance_and_says_so() -> None:
    before = dicom.rgb(
        LossyImageCompression="01", LossyImageCompressionRatio=3, LossyImageCompressionMethod="ISO_14495_1"
    )
    after = dicom.read(transcoded(before, syntaxes.JPEG_BASELINE))
    old = dicom.read(before)
    assert after.SOPInstanceUID != old.SOPInstanceUID
    assert after.SOPInstanceUID.is_valid
    assert after.file_meta.MediaStorageSOPInstanceUID == after.SOPInstanceUID
    assert after.SourceImageSequence[0].ReferencedSOPInstanceUID == old.SOPInstanceUID
    assert after.ImageType[0] == "DERIVED"
    assert after.LossyImageCompression == "01"
    assert list(after.LossyImageCompressionMethod) == ["ISO_14495_1", "ISO_10918_1"]
    assert float(after.LossyImageCompressionRatio[1]) > 1
    assert after.PhotometricInterpretation == "YBR_FULL_422"
    assert np.abs(after.pixel_array.astype(int) - old.pixel_array).mean() < 3


def test_the_same_file_made_lossy_twice_is_the_same_instance() -> None:
    content = dicom.rgb()
    once, twice = (dicom.read(transcoded(content, syntaxes.JPEG_BASELINE)) for _ in range(2))
    assert once.SOPInstanceUID == twice.SOPInstanceUID


def test_twelve_bits_are_not_made_eight_behind_anybodys_back() -> None:
    with pytest.raises(CannotDecode, match="8 bits"):
        transcoded(dicom.ct(), syntaxes.JPEG_BASELINE)


def test_a_file_in_the_syntax_asked_for_is_given_byte_by_byte() -> None:
    content = dicom.ct()
    assert transcoded(content, syntaxes.EXPLICIT) is content


def test_a_file_without_pixels_changes_between_native_syntaxes_only() -> None:
    report = dicom.edited(dicom.ct(), PixelData=None)
    assert dicom.read(transcoded(report, syntaxes.IMPLICIT)).PatientID == dicom.PATIENT
    with pytest.raises(CannotDecode, match="no pixel data"):
        transcoded(report, syntaxes.RLE)


def test_binary_values_of_the_big_endian_syntax_are_turned_around() -> None:
    big, little = file("OBXXXX1A_expb.dcm"), file("OBXXXX1A.dcm")
    after = dicom.read(transcoded(big, syntaxes.EXPLICIT))
    assert after.RedPaletteColorLookupTableData == dcmread(io.BytesIO(little)).RedPaletteColorLookupTableData
    np.testing.assert_array_equal(values(transcoded(big, syntaxes.EXPLICIT)), values(little))


def test_odd_values_of_old_devices_are_no_reason_to_refuse() -> None:
    odd = dicom.ct(PatientBirthDate="unknown", PatientAge="about forty")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        after = dicom.read(transcoded(odd, syntaxes.IMPLICIT))
    assert after.PatientAge == "about forty"


def test_a_transfer_syntax_that_is_not_made_here_is_refused() -> None:
    with pytest.raises(CannotDecode, match="made here"):
        transcoded(dicom.ct(), syntaxes.JPEG_2000)

"""DICOM files for tests, small and valid, written by pydicom: another's writer than what is tested.

content = ct(patient_id="4711", StudyDate="20261101")     # bytes of a file; each call: UIDs of its own
series = ct_series(10, rows=32)                           # one study, one series, InstanceNumber 1 … 10
changed = edited(content, PatientID="4712", AccessionNumber=None)     # None takes an element away
corpus()                                                  # paths of the files of pydicom and pydicom-data

Keywords of elements are PS3.6's ("PatientBirthDate"). Text is UTF-8 (ISO_IR 192).
"""

import io
import struct
import uuid
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import data_store
import numpy as np
import pydicom.data
from PIL import Image
from pydicom import Dataset, dcmread, dcmwrite
from pydicom.config import disable_value_validation
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    UID,
    CTImageStorage,
    ExplicitVRLittleEndian,
    JPEGBaseline8Bit,
    SecondaryCaptureImageStorage,
    UltrasoundMultiFrameImageStorage,
)

PATIENT: Final = "4711"
NAME: Final = "Muster^Anna"
_IMPLEMENTATION: Final = UID("2.25.178410593364812573011047393412")
_NOT_DICOM: Final = frozenset((".py", ".pyc", ".json", ".txt", ".dump", ".md", ".gz", ".icc", ".zip"))


def uid() -> str:
    """A UID that nobody else has (PS3.5, B.2)."""
    return f"2.25.{uuid.uuid4().int}"


def ct(
    patient_id: str = PATIENT,
    patient_name: str = NAME,
    study: str | None = None,
    series: str | None = None,
    instance: str | None = None,
    rows: int = 64,
    **elements: Any,
) -> bytes:
    """A slice of rows × rows pixels, signed, 12 bits: a disc of 40 HU in air, window 40/400, 0.7 mm."""
    y, x = np.mgrid[0:rows, 0:rows] / rows * 2 - 1
    pixels = np.where(x**2 + y**2 < 0.6, 40 + np.round(x * 60), -1000) + 1024
    data = _data_set(CTImageStorage, patient_id, patient_name, study, series, instance)
    data.Modality, data.ImageType = "CT", ["ORIGINAL", "PRIMARY", "AXIAL"]
    data.PixelSpacing, data.SliceThickness = [0.7, 0.7], 1
    data.ImagePositionPatient, data.ImageOrientationPatient = [-100, -100, 0], [1, 0, 0, 0, 1, 0]
    data.FrameOfReferenceUID, data.PositionReferenceIndicator, data.KVP = data.StudyInstanceUID, "", 120
    data.RescaleIntercept, data.RescaleSlope, data.RescaleType = -1024, 1, "HU"
    data.WindowCenter, data.WindowWidth = 40, 400
    _describe(data, rows, rows, samples=1, photometric="MONOCHROME2", bits=(16, 12), signed=True)
    data.PixelData = pixels.astype("<i2").tobytes()
    return _written(data, elements, ExplicitVRLittleEndian)


def ct_series(
    count: int, study: str | None = None, series: str | None = None, **elements: Any
) -> list[bytes]:
    """`count` slices of one series, a millimetre apart."""
    study, series = study or uid(), series or uid()
    return [
        ct(study=study, series=series, InstanceNumber=n + 1, ImagePositionPatient=[-100, -100, n], **elements)
        for n in range(count)
    ]


def us_cine(
    frames: int = 4,
    patient_id: str = PATIENT,
    patient_name: str = NAME,
    study: str | None = None,
    series: str | None = None,
    instance: str | None = None,
    rows: int = 48,
    columns: int = 64,
    *,
    offsets: bool = True,
    **elements: Any,
) -> bytes:
    """An ultrasound cine of JPEG baseline frames in colour; a bar moves right.

    `offsets`: with a basic offset table.
    """
    data = _data_set(UltrasoundMultiFrameImageStorage, patient_id, patient_name, study, series, instance)
    data.Modality, data.ImageType = "US", ["ORIGINAL", "PRIMARY", "", "0001"]
    data.NumberOfFrames, data.FrameTime, data.FrameIncrementPointer = frames, 40, 0x00181063
    data.LossyImageCompression, data.LossyImageCompressionRatio = "01", 10
    data.LossyImageCompressionMethod = "ISO_10918_1"
    _describe(data, rows, columns, samples=3, photometric="YBR_FULL_422", bits=(8, 8), signed=False)
    pictures = [_jpeg(_bar(rows, columns, n, frames)) for n in range(frames)]
    data.PixelData = encapsulate(pictures, has_bot=offsets)
    data["PixelData"].is_undefined_length = True
    return _written(data, elements, JPEGBaseline8Bit)


def rgb(
    patient_id: str = PATIENT,
    patient_name: str = NAME,
    study: str | None = None,
    series: str | None = None,
    instance: str | None = None,
    rows: int = 32,
    columns: int = 48,
    **elements: Any,
) -> bytes:
    """A secondary capture in native RGB: red grows downwards, green to the right, blue is 128."""
    y, x = np.mgrid[0:rows, 0:columns]
    picture = np.stack((y * 255 // (rows - 1), x * 255 // (columns - 1), np.full_like(x, 128)), axis=2)
    data = _data_set(SecondaryCaptureImageStorage, patient_id, patient_name, study, series, instance)
    data.Modality, data.ConversionType = "OT", "WSD"
    _describe(data, rows, columns, samples=3, photometric="RGB", bits=(8, 8), signed=False)
    data.PixelData = picture.astype("u1").tobytes()
    return _written(data, elements, ExplicitVRLittleEndian)


def edited(content: bytes, **elements: Any) -> bytes:
    """`content` with other elements, in the same transfer syntax."""
    data = dcmread(io.BytesIO(content))
    return _written(data, elements, data.file_meta.TransferSyntaxUID)


def read(content: bytes) -> Dataset:
    """`content` as pydicom reads it."""
    return dcmread(io.BytesIO(content))


def part10(body: bytes, syntax: str = ExplicitVRLittleEndian) -> bytes:
    """A file around a data set of any bytes, by hand: for what pydicom would not write."""
    uid = syntax.encode() + b"\0" * (len(syntax) % 2)
    element = b"\2\0\x10\0UI" + struct.pack("<H", len(uid)) + uid
    return bytes(128) + b"DICM" + b"\2\0\0\0UL\4\0" + struct.pack("<L", len(element)) + element + body


@cache
def corpus() -> Sequence[Path]:
    """What pydicom and pydicom-data bring: good, odd and broken files (a few are DICOMDIRs), by name."""
    roots = (Path(pydicom.data.__file__).parent, Path(str(data_store.__file__)).parent)
    files = (path for root in roots for path in root.rglob("*"))
    return tuple(sorted(path for path in files if path.is_file() and path.suffix not in _NOT_DICOM))


def _data_set(
    sop_class: str, patient_id: str, name: str, study: str | None, series: str | None, instance: str | None
) -> Dataset:
    """The modules Patient, General Study, General Series, General Equipment, General Image, SOP Common."""
    data = Dataset()
    data.SpecificCharacterSet = "ISO_IR 192"
    data.SOPClassUID, data.SOPInstanceUID = sop_class, instance or uid()
    data.PatientID, data.PatientName = patient_id, name
    data.PatientBirthDate, data.PatientSex = "19800214", "F"
    data.StudyInstanceUID, data.SeriesInstanceUID = study or uid(), series or uid()
    data.StudyDate = data.SeriesDate = data.ContentDate = data.AcquisitionDate = "20261126"
    data.StudyTime = data.SeriesTime = data.ContentTime = data.AcquisitionTime = "101500"
    data.AccessionNumber, data.StudyID, data.ReferringPhysicianName = "A1", "1", "Haus^Greta"
    data.StudyDescription, data.SeriesDescription = "Head", "Test"
    data.SeriesNumber, data.InstanceNumber, data.PatientOrientation = 1, 1, ["L", "P"]
    data.Manufacturer, data.ManufacturerModelName = "Wardlink", "tests/support/dicom.py"
    return data


def _describe(
    data: Dataset,
    rows: int,
    columns: int,
    *,
    samples: int,
    photometric: str,
    bits: tuple[int, int],
    signed: bool,
) -> None:
    """Image Pixel (PS3.3, C.7.6.3). `bits`: allocated, stored."""
    data.Rows, data.Columns, data.SamplesPerPixel = rows, columns, samples
    data.PhotometricInterpretation, data.PixelRepresentation = photometric, int(signed)
    data.BitsAllocated, data.BitsStored = bits
    data.HighBit = bits[1] - 1
    if samples > 1:
        data.PlanarConfiguration = 0


def _bar(rows: int, columns: int, number: int, of: int) -> np.ndarray[Any, Any]:
    picture = np.zeros((rows, columns, 3), "u1")
    left = number * (columns - 8) // max(1, of - 1)
    picture[:, left : left + 8] = (200, 180, 60)
    return picture


def _jpeg(picture: np.ndarray[Any, Any]) -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "JPEG", quality=90, subsampling="4:2:2")
    return out.getvalue()


def _written(data: Dataset, elements: dict[str, Any], syntax: str) -> bytes:
    """As a Part 10 file; whatever is asked for is written, valid or not."""
    with disable_value_validation():
        for keyword, value in elements.items():
            data.pop(keyword, None)  # an element keeps how strictly it checks its values
            if value is not None:
                setattr(data, keyword, value)
        data.preamble, data.file_meta = bytes(128), FileMetaDataset()
        data.file_meta.FileMetaInformationGroupLength = 0
        data.file_meta.FileMetaInformationVersion = b"\0\1"
        data.file_meta.MediaStorageSOPClassUID = data.get("SOPClassUID", "")
        data.file_meta.MediaStorageSOPInstanceUID = data.get("SOPInstanceUID", "")
        data.file_meta.TransferSyntaxUID = UID(syntax)
        data.file_meta.ImplementationClassUID = _IMPLEMENTATION
        out = io.BytesIO()
        dcmwrite(out, data)
    return out.getvalue()

"""What every object says (PS3.3: Patient, General Study, General Series, General Equipment, SOP Common).

UIDs are "2.25." and 128 bits of a SHA-256 over what it is of (PS3.5, B.2): made twice, they are the same.
"""

import hashlib
import io
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from pydicom import Dataset, dcmwrite
from pydicom.dataset import FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

Pixels = np.ndarray[Any, Any]
IMPLEMENTATION: Final = UID("2.25.82641190274335168410253940061582")


@dataclass(frozen=True, slots=True)
class Patient:
    """`name` as PS3.5 writes it ("Muster^Anna"), `born` YYYYMMDD, `sex` F, M or O."""

    identifier: str
    name: str
    born: str
    sex: str


@dataclass(frozen=True, slots=True)
class Examination:
    """One study: of whom, when (local time), under which accession number; `seed` makes it differ."""

    patient: Patient
    at: datetime
    accession: str = ""
    seed: int = 1

    def uid(self, *of: object) -> UID:
        """The UID of what `of` names in this study; of nothing, of the study."""
        told = "|".join(
            map(str, (self.patient.identifier, self.at.isoformat(), self.accession, self.seed, *of))
        )
        return UID(f"2.25.{int.from_bytes(hashlib.sha256(told.encode()).digest()[:16], 'big')}")

    def noise(self, *of: object) -> np.random.Generator:
        """Random numbers that are the same each time."""
        return np.random.default_rng(int(self.uid("noise", *of)[5:]))


@dataclass(frozen=True, slots=True)
class Kind:
    """What is made: `series` is the number of the series."""

    sop_class: UID
    modality: str
    study: str
    """Study description."""
    series: int
    body_part: str
    model: str


def new_object(examination: Examination, kind: Kind, number: int = 1) -> Dataset:
    """Instance `number` of a series, without what it shows."""
    data, patient, at = Dataset(), examination.patient, examination.at
    data.SpecificCharacterSet = "ISO_IR 192"
    data.SOPClassUID = kind.sop_class
    data.SOPInstanceUID = examination.uid(kind.modality, kind.series, number)
    data.StudyInstanceUID = examination.uid()
    data.SeriesInstanceUID = examination.uid(kind.modality, kind.series)
    data.PatientID, data.PatientName = patient.identifier, patient.name
    data.PatientBirthDate, data.PatientSex = patient.born, patient.sex
    date, time = at.strftime("%Y%m%d"), at.strftime("%H%M%S")
    data.StudyDate = data.SeriesDate = data.ContentDate = data.AcquisitionDate = date
    data.StudyTime = data.SeriesTime = data.ContentTime = data.AcquisitionTime = time
    data.AcquisitionDateTime = date + time
    data.AccessionNumber, data.StudyID = examination.accession, str(examination.seed)
    data.StudyDescription, data.SeriesDescription = kind.study, kind.model
    data.ReferringPhysicianName, data.Modality = "", kind.modality
    data.SeriesNumber, data.InstanceNumber = kind.series, number
    data.BodyPartExamined = kind.body_part
    data.Manufacturer, data.ManufacturerModelName = "Wardlink", f"phantom: {kind.model}"
    data.DeviceSerialNumber, data.SoftwareVersions = "1", "1"
    return data


def add_grey(data: Dataset, pixels: Pixels, *, bits: int) -> None:
    """Image Pixel (C.7.6.3): one sample, 16 bits allocated; signed if the array is."""
    data.Rows, data.Columns = pixels.shape
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit = 16, bits, bits - 1
    data.PixelRepresentation = int(pixels.dtype.kind == "i")
    data.PixelData = pixels.astype(pixels.dtype.newbyteorder("<")).tobytes()


def code(value: str, scheme: str, meaning: str, version: str = "") -> Dataset:
    """An item of a code sequence (PS3.3, 8.8)."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    if version:
        item.CodingSchemeVersion = version
    return item


def to_file(data: Dataset, syntax: UID = ExplicitVRLittleEndian, *, valid: bool = True) -> bytes:
    """As a Part 10 file; not `valid`: whatever is missing or wrong in it."""
    data.preamble, data.file_meta = bytes(128), FileMetaDataset()
    data.file_meta.FileMetaInformationGroupLength = 0
    data.file_meta.MediaStorageSOPClassUID = data.get("SOPClassUID", UID(""))
    data.file_meta.MediaStorageSOPInstanceUID = data.get("SOPInstanceUID", UID(""))
    data.file_meta.TransferSyntaxUID = syntax
    data.file_meta.ImplementationClassUID = IMPLEMENTATION
    out = io.BytesIO()
    dcmwrite(out, data, enforce_file_format=valid)
    return out.getvalue()


def ellipse(
    x: Pixels, y: Pixels, centre: tuple[float, float], axes: tuple[float, float], turn: float = 0.0
) -> Pixels:
    """Where a point is in an ellipse: < 1 inside. `turn` in radians, clockwise on the screen."""
    dx, dy = x - centre[0], y - centre[1]
    along, across = dx * np.cos(turn) + dy * np.sin(turn), dy * np.cos(turn) - dx * np.sin(turn)
    return np.hypot(along / axes[0], across / axes[1])

"""What is stored: a CT of 512 × 512, an MR of 256 × 256, a cine in JPEG; each round under UIDs of its own.

The headers of CT and MR are those of real scanners (pydicom's CT_small and MR_small, 258 and 72 elements),
on which an archive's time depends; the pixels are a head of hil/sims/imaging.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Final

import numpy as np
from pydicom import Dataset, dcmread
from pydicom.data import get_testdata_file
from pydicom.uid import UID

from hil.sims.imaging.head import slice_of
from hil.sims.imaging.objects import Examination, Patient, Pixels, to_file
from hil.sims.imaging.ultrasound import heart_cine

_ROOT: Final = "1.2.826.0.1.3680043.8.498.1"
_MARK: Final = "9999999999"
PATIENT: Final = "BENCH-1"
_BOUNDARY: Final = "part"
STOW: Final = {
    "Content-Type": f'multipart/related; type="application/dicom"; boundary={_BOUNDARY}',
    "Accept": "application/dicom+json",
}


@dataclass(frozen=True, slots=True)
class Series:
    """Instances 1 … n of a series of a study; `uid`s follow from the study's."""

    study: str
    files: Sequence[bytes]

    @property
    def path(self) -> str:
        """Of the series, below /dicom-web."""
        return f"/dicom-web/studies/{self.study}/series/{self.study}.2"

    def instance(self, number: int) -> str:
        """The path of an instance, counted from 1."""
        return f"{self.path}/instances/{self.study}.2.{number}"

    def renewed(self, round_: int) -> "Series":
        """The same under other UIDs and another accession number; `round_` < 10^9."""
        mark = f"1{round_:09}"
        old, new = _MARK.encode(), mark.encode()
        return Series(self.study.replace(_MARK, mark), [file.replace(old, new) for file in self.files])


@dataclass(frozen=True, slots=True)
class Material:
    """Of one round."""

    ct: Series
    mr: Series
    cine: Series

    def renewed(self, round_: int) -> "Material":
        """For another round."""
        return Material(self.ct.renewed(round_), self.mr.renewed(round_), self.cine.renewed(round_))


def make(ct: int = 100, mr: int = 40, frames: int = 60) -> Material:
    """So many CT and MR slices, and frames of the cine."""
    return Material(
        _slices("CT_small.dcm", "1", ct, 512), _slices("MR_small.dcm", "2", mr, 256), _cine("3", frames)
    )


def related(files: Sequence[bytes]) -> bytes:
    """The body of a STOW request; STOW are its headers."""
    head = f"--{_BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    return (
        b"".join(part for file in files for part in (head, file, b"\r\n")) + f"--{_BOUNDARY}--\r\n".encode()
    )


def _slices(header: str, branch: str, count: int, size: int) -> Series:
    data = dcmread(Path(str(get_testdata_file(header))))
    for keyword in (
        "DataSetTrailingPadding",
        "PixelPaddingValue",
        "SmallestImagePixelValue",
        "LargestImagePixelValue",
    ):
        data.pop(keyword, None)
    data.Rows = data.Columns = size
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 16, 15, 1
    data.RescaleIntercept, data.RescaleSlope, data.WindowCenter, data.WindowWidth = -1024, 1, 40, 400
    data.PixelSpacing, data.ImageOrientationPatient = [0.45, 0.45], [1, 0, 0, 0, 1, 0]
    noise = np.random.default_rng(7)
    study = f"{_ROOT}.{branch}{_MARK}"
    files = [_slice(data, study, number, noise, count) for number in range(1, count + 1)]
    return Series(study, files)


def _slice(data: Dataset, study: str, number: int, noise: np.random.Generator, count: int) -> bytes:
    _identify(data, study, number)
    data.ImagePositionPatient, data.SliceLocation = [-115, -115, number], number
    pixels: Pixels = slice_of(data.Rows, number / count * 1.6 - 0.8) + noise.normal(
        0, 8, (data.Rows, data.Rows)
    )
    data.PixelData = np.clip(pixels + 1024, 0, 4095).astype("<i2").tobytes()
    return to_file(data)


def _cine(branch: str, frames: int) -> Series:
    patient = Patient(PATIENT, "Bench^Person", "19700101", "O")
    examination = Examination(patient, datetime(2026, 11, 1, 10, 15, tzinfo=UTC))
    data = dcmread(BytesIO(heart_cine(examination, frames)))
    study = f"{_ROOT}.{branch}{_MARK}"
    _identify(data, study, 1)
    return Series(study, [to_file(data, UID(data.file_meta.TransferSyntaxUID))])


def _identify(data: Dataset, study: str, number: int) -> None:
    data.StudyInstanceUID, data.SeriesInstanceUID = UID(study), UID(f"{study}.2")
    data.SOPInstanceUID, data.InstanceNumber = UID(f"{study}.2.{number}"), number
    data.PatientID, data.PatientName = PATIENT, "Bench^Person"
    data.StudyDate, data.StudyTime, data.AccessionNumber = "20261101", "101500", _MARK

"""Data sets of pictures, and UIDs that are the same whenever the same thing is made again."""

import uuid
from collections.abc import Sequence
from io import BytesIO

from pydicom import Dataset, dcmwrite
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID, ExplicitVRLittleEndian, JPEGBaseline8Bit

from controller.imaging.stills.picture import Picture

_NAMES = uuid.UUID("6b0a1d0f-6a5c-5f0e-9d55-b1a1a5c3f4e2")
"""The name space of our UUIDs (RFC 9562, 5.5)."""
_IMPLEMENTATION = UID("2.25.142234318218117427366337812360219476194")
MAKER = "Wardlink"


def uid(*words: str) -> str:
    """A UID (PS3.5, B.2) of these words: of the same words the same."""
    return f"2.25.{uuid.uuid5(_NAMES, chr(0).join(words)).int}"


def put_picture(data: Dataset, picture: Picture) -> str:
    """Image Pixel (PS3.3, C.7.6.3), and what General Image says of compression. Returns the syntax."""
    data.SamplesPerPixel, data.PhotometricInterpretation = picture.samples, picture.photometric
    if picture.samples == 3:
        data.PlanarConfiguration = 0
    data.Rows, data.Columns = picture.rows, picture.columns
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 8, 8, 7, 0
    data.LossyImageCompression = "01" if picture.was_lossy else "00"
    if picture.was_lossy:
        data.LossyImageCompressionRatio = f"{max(picture.ratio, 1):.4g}"
        data.LossyImageCompressionMethod = "ISO_10918_1"
    if picture.is_jpeg:
        data.PixelData = encapsulate([picture.data])
        data["PixelData"].VR = "OB"
        return JPEGBaseline8Bit
    data.PixelData = picture.data + b"\0" * (len(picture.data) % 2)
    data["PixelData"].VR = "OB"
    return ExplicitVRLittleEndian


def identified(data: Dataset, sop_class: str, names: Sequence[str]) -> None:
    """`names`: the UIDs of study, series, instance."""
    data.SpecificCharacterSet = "ISO_IR 192"
    data.SOPClassUID = sop_class
    data.StudyInstanceUID, data.SeriesInstanceUID, data.SOPInstanceUID = names


def written(data: Dataset, syntax: str) -> bytes:
    """As a file (PS3.10, 7)."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = data.SOPClassUID, data.SOPInstanceUID
    meta.TransferSyntaxUID = UID(syntax)
    meta.ImplementationClassUID, meta.ImplementationVersionName = _IMPLEMENTATION, "WARDLINK"
    data.file_meta = meta
    out = BytesIO()
    dcmwrite(out, data, enforce_file_format=True)
    return out.getvalue()

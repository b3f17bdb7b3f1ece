"""A whole file in another transfer syntax: its frames, its offset table, what its header says of compression.

Runs in a worker only. The header is rewritten by pydicom; where frames are is the reader's knowledge.
"""

import hashlib
import io
import struct
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import pydicom
from pydicom.config import disable_value_validation
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.errors import InvalidDicomError
from pydicom.uid import UID

from controller.imaging.decode import syntaxes
from controller.imaging.decode.codecs import decoded
from controller.imaging.decode.encoders import encoded
from controller.imaging.decode.picture import Frame, Picture, picture
from controller.imaging.dicom.part10 import Instance, read_instance
from controller.imaging.dicom.pixels import encapsulated_frames, native_frames
from controller.imaging.dicom.values import little
from controller.imaging.errors import CannotDecode

_LITTLE: Final = frozenset((syntaxes.IMPLICIT, syntaxes.EXPLICIT, syntaxes.DEFLATED))
_METHOD: Final = {syntaxes.JPEG_BASELINE: "ISO_10918_1"}
"""Lossy Image Compression Method (PS3.3, C.7.6.1.1.5.1)."""
_WRITING_ERRORS: Final = (
    *(AttributeError, LookupError, TypeError, ValueError, ArithmeticError, RuntimeError, OSError, EOFError),
    *(struct.error, InvalidDicomError),
)
"""What pydicom raises on elements that it cannot read or write."""


def transcoded(content: bytes, syntax: str) -> bytes:
    """The file in `syntax`. Raises CannotDecode, BadDicom.

    A lossy one is another instance (PS3.3, C.7.6.1.1.5): its SOP Instance UID is made from the old one's, so
    that asking twice gives the same.
    """
    instance = read_instance(content)
    if instance.transfer_syntax == syntax:
        return content
    if syntax not in syntaxes.ENCODES:
        raise CannotDecode(f"expected a transfer syntax that is made here, got {syntax}")
    if instance.pixels is None and syntax not in _LITTLE:
        raise CannotDecode(f"there are no pixel data to write in {syntax}")
    try:
        with disable_value_validation():  # values that do not conform are kept as they are
            data = pydicom.dcmread(io.BytesIO(content))
            if instance.transfer_syntax == syntaxes.BIG_ENDIAN:
                _swap(data)
            if instance.pixels is not None and not {instance.transfer_syntax, syntax} <= _LITTLE:
                _with_pixels(data, instance, syntax)
            made = _written(data, syntax)
    except _WRITING_ERRORS as error:
        name = type(error).__name__  # not its words: they may quote the file
        raise CannotDecode(f"an element of the file cannot be written in {syntax} ({name})") from error
    read_instance(made)  # an odd VR can become a sequence that is none when the VR is left out
    return made


def frames_of(instance: Instance, described: Picture, extended: Sequence[int] = ()) -> Iterator[Frame]:
    """The frames of a file, one after the other. `extended`: the Extended Offset Table. Raises BadDicom."""
    bulk = instance.pixels
    if bulk is None:
        return
    buffer = instance.content
    if bulk.fragments:
        places = encapsulated_frames(buffer, bulk.fragments, described.frames, extended)
    else:
        places = native_frames(bulk.offset, bulk.length, described.frames, described.frame_bits)
    for parts in places:
        data = b"".join(buffer[offset : offset + length] for offset, length in parts)
        yield Frame(data, instance.transfer_syntax, described)


def _with_pixels(data: Dataset, instance: Instance, syntax: str) -> None:
    """Put the pixel data of `instance` into `data` as `syntax` has them."""
    described = picture(instance.data_set)
    before, photometric = 0, described.photometric
    made: list[bytes] = []
    extended = np.frombuffer(data.get("ExtendedOffsetTable") or b"", "<u8").tolist()
    for frame in frames_of(instance, described, extended):
        coded, photometric = encoded(*decoded(frame), described, syntax)
        made.append(coded)
        before += described.frame_bits // 8
    for keyword in ("ExtendedOffsetTable", "ExtendedOffsetTableLengths", "PixelData"):
        data.pop(keyword, None)
    if syntax in _LITTLE:
        pixels = b"".join(made)
        vr = "OW" if described.allocated > 8 else "OB"
        data.add_new("PixelData", vr, pixels + b"\0" * (len(pixels) % 2))
    else:
        data.add_new("PixelData", "OB", encapsulate(made))
        data["PixelData"].is_undefined_length = True
    data.PhotometricInterpretation = photometric
    if described.samples == 3:
        data.PlanarConfiguration = 0
    if syntax in syntaxes.LOSSY:
        _derive(data, syntax, before / max(sum(map(len, made)), 1))


def _derive(data: Dataset, syntax: str, ratio: float) -> None:
    """Say that something was lost, from what, and be another instance."""
    source = Dataset()
    source.ReferencedSOPClassUID, source.ReferencedSOPInstanceUID = data.SOPClassUID, data.SOPInstanceUID
    data.SourceImageSequence = [source]
    name = hashlib.sha256(f"{data.SOPInstanceUID} {syntax}".encode()).digest()[:16]
    data.SOPInstanceUID = UID(f"2.25.{int.from_bytes(name)}")
    data.ImageType = ["DERIVED", *list(data.get("ImageType") or ["", "PRIMARY"])[1:]]
    data.LossyImageCompression = "01"
    data.LossyImageCompressionRatio = [*_several(data, "LossyImageCompressionRatio"), f"{ratio:.2f}"]
    data.LossyImageCompressionMethod = [*_several(data, "LossyImageCompressionMethod"), _METHOD[syntax]]


def _several(data: Dataset, keyword: str) -> list[str]:
    value = data.get(keyword)
    return [str(one) for one in ([value] if isinstance(value, str | float | int) else value or [])]


def _swap(data: Dataset) -> None:
    """Binary values of the big endian syntax, which pydicom leaves as they are; pixel data are made anew."""
    for element in data.iterall():
        if element.VR in ("OW", "OF", "OD", "OL", "OV") and isinstance(element.value, bytes):
            element.value = little(element.value, element.VR)


def _written(data: Dataset, syntax: str) -> bytes:
    data.file_meta.TransferSyntaxUID = UID(syntax)
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    file = io.BytesIO()
    pydicom.dcmwrite(file, data, enforce_file_format=True)
    return file.getvalue()

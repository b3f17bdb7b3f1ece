"""Each kind of work once, on a picture of our own: what loads lazily is there when no file can be opened."""

import codecs
import io
from contextlib import suppress

from pydicom.charset import python_encoding
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.uid import UID, SecondaryCaptureImageStorage

from controller.imaging.decode import syntaxes
from controller.imaging.decode.jobs import Job, Work, read_job
from controller.imaging.decode.picture import Media, Rendering, picture
from controller.imaging.decode.worker import do
from controller.imaging.dicom.part10 import read_instance
from controller.imaging.errors import BadDicom, CannotDecode

_SIZE = 64


def rehearse() -> None:
    """Grey and colour through every transfer syntax that is made, and in every form that is shown."""
    for samples in (1, 3):
        file, data = _file(samples), bytes(_SIZE**2 * samples)
        shown = picture(read_instance(file).data_set)
        for syntax in syntaxes.ENCODES:
            made = do(Job(Work.TRANSCODE, file, target=syntax))
            do(Job(Work.TRANSCODE, made, target=syntaxes.EXPLICIT))
        for media in Media:
            job = Job(Work.RENDER, data, syntaxes.EXPLICIT, shown, Rendering(media, viewport=(9, 9)))
            do(read_job(job.work, job.details(), job.data))
        for syntax in syntaxes.DECODES:
            with suppress(CannotDecode, BadDicom):  # what a refusal needs
                do(Job(Work.NATIVE, b"", syntax, shown))
    for encoding in {"utf-8", "latin-1", *python_encoding.values()}:
        codecs.lookup(encoding)


def _file(samples: int) -> bytes:
    """A black picture, as bytes of a file."""
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = UID(syntaxes.EXPLICIT)
    data.SOPClassUID, data.SOPInstanceUID = SecondaryCaptureImageStorage, UID("2.25.1")
    data.SpecificCharacterSet, data.PatientName = "ISO_IR 192", "Nobody"
    data.Rows = data.Columns = _SIZE
    data.SamplesPerPixel, data.PixelRepresentation = samples, 0
    data.PhotometricInterpretation = "RGB" if samples == 3 else "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit = 8, 8, 7
    if samples == 3:
        data.PlanarConfiguration = 0
    data.PixelData = bytes(_SIZE**2 * samples)
    file = io.BytesIO()
    dcmwrite(file, data, enforce_file_format=True)
    return file.getvalue()

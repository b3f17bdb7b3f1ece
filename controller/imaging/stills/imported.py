"""What a person adds with express consent as an instance: a JPEG or PNG is a Secondary Capture Image (PS3.3,
A.8.1), a PDF an Encapsulated PDF (A.45.1).

Who agreed to what, and when, is in the instance itself: Contributing Equipment Sequence (C.12.1.1.5).
"""

import hashlib
from typing import NamedTuple

from pydicom import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import EncapsulatedPDFStorage, ExplicitVRLittleEndian, SecondaryCaptureImageStorage

from controller.imaging.errors import CannotDecode
from controller.imaging.stills.about import PDF, Import, moment, person_name
from controller.imaging.stills.made import MAKER, identified, put_picture, uid, written
from controller.imaging.stills.picture import Picture


class Added(NamedTuple):
    """By whom, UTC microseconds since 1970."""

    by: str
    utc_us: int


def names_of(one: Import, data: bytes) -> tuple[str, str, str]:
    """Study, series, instance: the same file added to the same patient again is the same instance."""
    what = one.patient_id, hashlib.sha256(data).hexdigest()
    return uid("import-study", *what), uid("import-series", *what), uid("import", *what)


def make_import(one: Import, data: bytes, picture: Picture | None, added: Added) -> bytes:
    """The DICOM file; `picture`: of `data`, None: it is a PDF. Raises CannotDecode: that is none."""
    made = Dataset()
    is_pdf = one.media == PDF
    identified(made, EncapsulatedPDFStorage if is_pdf else SecondaryCaptureImageStorage, names_of(one, data))
    _put_patient_and_study(made, one, added)
    _put_series(made, one, added)
    if picture is None:
        _put_pdf(made, one, data)
        return written(made, ExplicitVRLittleEndian)
    made.ImageType, made.PatientOrientation, made.Laterality = ["DERIVED", "SECONDARY"], "", ""
    return written(made, put_picture(made, picture))


def _put_patient_and_study(made: Dataset, one: Import, added: Added) -> None:
    """C.7.1.1, C.7.2.1."""
    made.PatientID, made.PatientName = one.patient_id, person_name(one.patient_name)
    made.PatientBirthDate, made.PatientSex = one.birth_date, one.sex
    made.StudyDate, made.StudyTime = one.date or moment(added.utc_us)[0], ""
    made.StudyID = made.AccessionNumber = made.ReferringPhysicianName = ""
    made.StudyDescription = made.SeriesDescription = one.description


def _put_series(made: Dataset, one: Import, added: Added) -> None:
    """C.7.3.1, C.24.1, C.7.5.1, C.8.6.1 SC Equipment, C.12.1."""
    made.Modality = "DOC" if one.media == PDF else "OT"
    made.SeriesNumber, made.InstanceNumber = 1, 1
    made.Manufacturer, made.ConversionType = MAKER, "WSD"
    made.ContentDate, made.ContentTime = one.date, ""
    made.InstanceCreationDate, made.InstanceCreationTime = moment(added.utc_us)
    made.TimezoneOffsetFromUTC = "+0000"
    made.ContributingEquipmentSequence = Sequence([_consent(one, added)])


def _consent(one: Import, added: Added) -> Dataset:
    purpose = Dataset()
    purpose.CodeValue, purpose.CodingSchemeDesignator = "MEDIM", "DCM"
    purpose.CodeMeaning = "Portable Media Importer Equipment"
    item = Dataset()
    item.PurposeOfReferenceCodeSequence = Sequence([purpose])
    item.Manufacturer = MAKER
    item.OperatorsName = person_name(added.by)
    item.ContributionDateTime = "".join(moment(added.utc_us)) + "+0000"
    item.ContributionDescription = one.consent
    return item


def _put_pdf(made: Dataset, one: Import, data: bytes) -> None:
    """C.24.2. It may say who it is of, as a scanned letter does: Burned In Annotation is YES."""
    if not data.startswith(b"%PDF-") or b"%%EOF" not in data[-2048:]:
        raise CannotDecode("expected a PDF, which begins with %PDF- and ends with %%EOF (ISO 32000-1, 7.5)")
    made.BurnedInAnnotation = "YES"
    made.AcquisitionDateTime = one.date
    made.DocumentTitle = one.description
    made.ConceptNameCodeSequence = []
    made.MIMETypeOfEncapsulatedDocument = PDF
    made.EncapsulatedDocumentLength = len(data)
    made.EncapsulatedDocument = data + b"\0" * (len(data) % 2)

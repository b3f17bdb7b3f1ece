"""A picture that staff kept out of a visit by video, as an instance: VL Photographic Image (PS3.3, A.32.4).

Each is kept twice, as two instances of one series: bare, as the camera gave it, and annotated, with what
people had drawn on it. The second one says that it is derived from the first (C.7.6.1), and that there is
writing in its pixels. The pictures of a visit are one study. UIDs come of the visit and the bytes: the same
picture, told twice, is the same instance.
"""

import hashlib

from pydicom import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import VLPhotographicImageStorage

from controller.imaging.stills.about import Snapshot, moment, person_name
from controller.imaging.stills.made import MAKER, identified, put_picture, uid, written
from controller.imaging.stills.picture import Picture

_ANNOTATED = "annotated"


def names_of(one: Snapshot, data: bytes) -> tuple[str, str, str]:
    """Study, series, instance; `data`: the file of the picture."""
    digest = hashlib.sha256(data).hexdigest()
    series = uid("visit-series", one.visit, one.bare or digest)
    return uid("visit-study", one.visit), series, _instance(one.visit, one.which, digest)


def make_snapshot(one: Snapshot, data: bytes, picture: Picture) -> bytes:
    """The DICOM file."""
    made = Dataset()
    identified(made, VLPhotographicImageStorage, names_of(one, data))
    _put_patient_and_study(made, one)
    _put_series(made, one)
    _put_image(made, one)
    return written(made, put_picture(made, picture))


def _instance(visit: str, which: str, digest: str) -> str:
    return uid("visit-picture", visit, which, digest)


def _put_patient_and_study(made: Dataset, one: Snapshot) -> None:
    """C.7.1.1, C.7.2.1."""
    made.PatientID, made.PatientName = one.patient_id, person_name(one.patient_name)
    made.PatientBirthDate = made.PatientSex = ""
    made.StudyDate, made.StudyTime = moment(one.study_us)
    made.TimezoneOffsetFromUTC = "+0000"
    made.StudyID, made.AccessionNumber, made.ReferringPhysicianName = one.visit[:16], "", ""
    made.StudyDescription = f"Visit by video {one.visit}"[:64]


def _put_series(made: Dataset, one: Snapshot) -> None:
    """C.7.3.1, C.7.5.1."""
    made.Modality, made.Laterality = "XC", ""
    made.SeriesNumber = max(1, (one.at_us - one.study_us) // 1_000_000 + 1)
    made.SeriesDescription = "Picture out of a visit by video"
    made.OperatorsName = person_name(one.by)
    made.Manufacturer, made.ManufacturerModelName = MAKER, "visit by video"


def _put_image(made: Dataset, one: Snapshot) -> None:
    """C.7.6.1. The time is the controller's, of when the picture came."""
    day, time = moment(one.at_us)
    is_annotated = one.which == _ANNOTATED
    made.ImageType = ["DERIVED" if is_annotated else "ORIGINAL", "PRIMARY"]
    made.InstanceNumber, made.PatientOrientation = 2 if is_annotated else 1, ""
    made.ContentDate = made.AcquisitionDate = day
    made.ContentTime = made.AcquisitionTime = time
    made.AcquisitionDateTime = f"{day}{time}+0000"
    made.BurnedInAnnotation = "YES" if is_annotated else "NO"
    made.ImageComments = f"{one.shows}\nAnnotated: {'yes' if is_annotated else 'no'}.".strip()
    made.AcquisitionContextSequence = []
    if is_annotated:
        made.DerivationDescription = "Drawn upon by people during the visit"
        made.SourceImageSequence = Sequence([_source(one)])


def _source(one: Snapshot) -> Dataset:
    source = Dataset()
    source.ReferencedSOPClassUID = VLPhotographicImageStorage
    source.ReferencedSOPInstanceUID = _instance(one.visit, "bare", one.bare)
    return source

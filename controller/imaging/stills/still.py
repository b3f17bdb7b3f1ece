"""A crew's picture as an instance: Ultrasound Image (PS3.3, A.6.4) or VL Photographic Image (A.32.4).

One stay on board is one study, each kind of picture a series of it. UIDs come of gateway, stay and content:
the same picture of the same stay, told twice, is the same instance.
"""

import hashlib

from pydicom import Dataset
from pydicom.uid import UltrasoundImageStorage, VLPhotographicImageStorage

from controller.imaging.stills.about import Still, moment, person_name
from controller.imaging.stills.made import MAKER, identified, put_picture, uid, written
from controller.imaging.stills.picture import Picture

_CLASS = {"ultrasound": UltrasoundImageStorage, "camera": VLPhotographicImageStorage}
_MODALITY = {"ultrasound": "US", "camera": "XC"}
_SERIES = {"ultrasound": (1, "Ultrasound stills"), "camera": (2, "Photographs")}
_DISCIPLINED = ("network", "satellite")
UTC = "1.2.840.10008.15.1.1"
"""Universal Coordinated Time as a frame of reference (PS3.6, A)."""


def study_of(gateway: str, stay: str) -> str:
    """The study of that stay."""
    return uid("study", gateway, stay)


def instance_of(still: Still, data: bytes) -> str:
    """The instance of that picture."""
    return uid("still", still.gateway, still.stay, hashlib.sha256(data).hexdigest())


def make_still(still: Still, data: bytes, picture: Picture) -> bytes:
    """The DICOM file; `data`: the file of the picture, as it came."""
    made = Dataset()
    series = uid("series", still.gateway, still.stay, still.kind)
    identified(
        made, _CLASS[still.kind], (study_of(still.gateway, still.stay), series, instance_of(still, data))
    )
    _put_patient_and_study(made, still)
    _put_series(made, still)
    _put_image(made, still)
    return written(made, put_picture(made, picture))


def _put_patient_and_study(made: Dataset, still: Still) -> None:
    """C.7.1.1, C.7.2.1."""
    made.PatientID, made.PatientName = still.patient_id, person_name(still.patient_name)
    made.PatientBirthDate = made.PatientSex = ""
    made.StudyDate, made.StudyTime = moment(still.study_us)
    made.TimezoneOffsetFromUTC = "+0000"
    made.StudyID, made.AccessionNumber, made.ReferringPhysicianName = still.stay[:16], "", ""
    made.StudyDescription = f"On board of {still.vehicle}"[:64]


def _put_series(made: Dataset, still: Still) -> None:
    """C.7.3.1, C.7.5.1."""
    made.Modality = _MODALITY[still.kind]
    made.SeriesNumber, made.SeriesDescription = _SERIES[still.kind]
    made.OperatorsName, made.Laterality = person_name(still.by), ""
    made.Manufacturer, made.ManufacturerModelName = MAKER, "crew's page"
    made.StationName, made.DeviceSerialNumber = still.vehicle[:16], still.gateway


def _put_image(made: Dataset, still: Still) -> None:
    """C.7.6.1, and what the clock was worth by which it was taken (C.7.4.2)."""
    day, time = moment(still.at_us)
    made.ImageType = ["ORIGINAL", "PRIMARY"]
    made.InstanceNumber, made.PatientOrientation = still.number, ""
    made.ContentDate = made.AcquisitionDate = day
    made.ContentTime = made.AcquisitionTime = time
    made.AcquisitionDateTime = f"{day}{time}+0000"
    is_utc = still.clock in _DISCIPLINED
    made.SynchronizationFrameOfReferenceUID = UTC if is_utc else uid("clock", still.gateway)
    made.SynchronizationTrigger, made.AcquisitionTimeSynchronized = "NO TRIGGER", "Y" if is_utc else "N"
    made.TimeSource = still.gateway[:16]
    error = "unknown error" if still.error_ms < 0 else f"error about {still.error_ms} ms"
    made.ImageComments = f"{still.shows}\nClock of the box: {still.clock}, {error}.".strip()
    if still.kind == "camera":
        made.AcquisitionContextSequence = []

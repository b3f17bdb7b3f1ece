"""Giving an instance to another patient: pydicom writes it anew, and what it said before stays in it.

That is the Original Attributes Sequence (0400,0561) of PS3.3, C.12.1 (General SOP Common, table C.12-1).
Everything else stays byte for byte, unless the new name needs another character set: then text becomes UTF-8.
"""

import io
import re
import threading
from dataclasses import dataclass
from typing import Final

from pydicom import Dataset, dcmread
from pydicom.config import disable_value_validation
from pydicom.errors import InvalidDicomError

from controller.clock import utc_text
from controller.imaging.errors import CannotSettle

_OTHERS: Final = (
    "IssuerOfPatientID",
    "IssuerOfPatientIDQualifiersSequence",
    "OtherPatientIDsSequence",
    "OtherPatientIDs",
    "OtherPatientNames",
    "PatientBirthName",
    "PatientMotherBirthName",
    "PatientAddress",
    "PatientTelephoneNumbers",
)
"""What identifies the wrong patient beside what is set."""
_ONE_AT_A_TIME: Final = threading.Lock()
"""What pydicom is told about validation holds for all threads."""
_DATE: Final = re.compile(r"[0-9]{8}", re.ASCII)
_UNREADABLE: Final = (
    *(InvalidDicomError, ValueError, TypeError, KeyError, AttributeError, NotImplementedError, EOFError),
)


@dataclass(frozen=True, slots=True)
class Patient:
    """As in PS3.3, C.7.1.1: name "Muster^Anna", birth date "19800214" or "", sex "F", "M", "O" or ""."""

    id: str
    name: str
    birth_date: str = ""
    sex: str = ""

    def check(self) -> None:
        """Raises CannotSettle for what an instance may not say (PS3.5, 6.2: LO, PN, DA; PS3.3, C.7.1.1)."""
        groups = self.name.split("=")
        if not _plain(self.id) or not 0 < len(self.id) <= 64 or self.id != self.id.strip():
            raise CannotSettle(f"expected a Patient ID of 1 to 64 characters, got {self.id!r}")
        if not _plain(self.name) or len(groups) > 3 or any(len(group) > 64 for group in groups):
            raise CannotSettle(f"expected a name as in 'Muster^Anna', got {self.name!r}")
        if self.birth_date and not _DATE.fullmatch(self.birth_date):
            raise CannotSettle(f"expected a birth date as in '19800214', got {self.birth_date!r}")
        if self.sex not in ("", "F", "M", "O"):
            raise CannotSettle(f"expected the sex F, M, O or nothing, got {self.sex!r}")


@dataclass(frozen=True, slots=True)
class Reason:
    """Who changes it, and why."""

    by: str
    why: str
    utc_us: int


def rewritten(content: bytes, patient: Patient, reason: Reason) -> bytes:
    """The instance in `content`, now of `patient`. For a thread: it takes some 10 ms. Raises CannotSettle."""
    written = io.BytesIO()
    try:
        with _ONE_AT_A_TIME, disable_value_validation():  # it would tell the log what it thinks of old values
            data_set = dcmread(io.BytesIO(content))
            _change(data_set, patient, reason)
            data_set.save_as(written, enforce_file_format=True)
    except _UNREADABLE as error:
        raise CannotSettle(f"the instance cannot be written for patient {patient.id!r}: {error}") from error
    return written.getvalue()


def _change(data_set: Dataset, patient: Patient, reason: Reason) -> None:
    new = {
        "PatientID": patient.id,
        "PatientName": patient.name,
        "PatientBirthDate": patient.birth_date,
        "PatientSex": patient.sex,
    }
    before = Dataset()
    for keyword in (*new, *_OTHERS):
        if keyword in data_set:
            before.add(data_set[keyword])
            del data_set[keyword]
    if not all(value.isascii() for value in (*new.values(), reason.by, reason.why)):
        data_set.decode()
        data_set.SpecificCharacterSet = "ISO_IR 192"
    for keyword, value in new.items():
        setattr(data_set, keyword, value)
    note = Dataset()
    note.SourceOfPreviousValues = ""
    note.AttributeModificationDateTime = _date_time(reason.utc_us)
    note.ModifyingSystem = "Wardlink"
    note.ReasonForTheAttributeModification = "CORRECT"
    note.ModifiedAttributesSequence = [before]
    data_set.OriginalAttributesSequence = [*data_set.get("OriginalAttributesSequence", []), note]


def _plain(text: str) -> bool:
    return text.isprintable() and "\\" not in text


def _date_time(utc_us: int) -> str:
    """As VR DT has it (PS3.5, 6.2)."""
    return utc_text(utc_us).translate(str.maketrans({"-": None, ":": None, "T": None, "Z": "+0000"}))

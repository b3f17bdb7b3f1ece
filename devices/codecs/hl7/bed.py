"""Whose values a device tells: one bed's, or one patient's, over all its connections."""

from dataclasses import dataclass, field
from typing import ClassVar

from devices.model.observation import Instant, later


@dataclass(slots=True)
class Bed:
    """The bed and patient that a device serves, as its first message named them.

    A bed (PV1-3) holds for good. Where only patients are named, another takes the bed over when the first has
    not been heard of for `PATIENT_S`: a gateway of several patients goes on telling of each.
    """

    PATIENT_S: ClassVar[float] = 600.0
    bed: str = ""
    patient: str = ""
    heard_at: Instant = field(default_factory=lambda: Instant(0))

    def is_of(self, bed: str, patient: str, now: Instant) -> bool:
        """Whether what is told of `bed` and `patient` at `now` is this bed's."""
        if bed and self.bed:
            return bed == self.bed
        if patient and self.patient not in ("", patient):
            if now < later(self.heard_at, self.PATIENT_S):
                return False
            self.patient = patient
        self.bed, self.patient, self.heard_at = self.bed or bed, self.patient or patient, now
        return True

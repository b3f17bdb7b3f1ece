"""What became of an instance that somebody sent.

A failure's `code` is a status of C-STORE (PS3.4, B.2.3) and a Failure Reason of STOW-RS (PS3.18, I.2.2): both
give Cxxx to the implementation; ours are in CODES and in the conformance statement.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Outcome(StrEnum):
    """What was done with it."""

    STORED = "stored"
    ALREADY = "already"
    """The same bytes are there: a success."""
    HELD = "held"
    """Stored, but only those who reconcile see it until the patient is certain: success, with a warning."""
    QUARANTINED = "quarantined"
    """Not let in; its bytes wait for a person."""
    REFUSED = "refused"
    """Nothing was kept."""

    @property
    def success(self) -> bool:
        """Whether the sender may forget the instance."""
        return self not in (Outcome.QUARANTINED, Outcome.REFUSED)


NO_ROOM: Final = 0xA700
NOT_AUTHORIZED: Final = 0x0124
CANNOT_UNDERSTAND: Final = 0xC000
CODES: Final = {
    "no-room": NO_ROOM,
    "not-authorized": NOT_AUTHORIZED,
    "other-class": 0xA900,
    "other-instance": 0xA901,
    "differs": 0xC101,
    "other-patient": 0xC102,
    "instance-elsewhere": 0xC103,
    "series-elsewhere": 0xC108,
    "other-study": 0xC104,
    "header-too-large": 0xC105,
    "file-too-large": 0xC106,
    "bad-uid": 0xC107,
}
"""By reason; of others, which say what cannot be read in the file, CANNOT_UNDERSTAND."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one instance. Names and identifiers are "" where the file could not be read."""

    outcome: Outcome
    sop_class: str
    sop_instance: str
    study: str
    series: str
    patient_id: str
    code: int = 0
    """Why not; 0: success."""
    reason: str = ""
    """A word to count by."""
    message: str = ""
    """For people: what was expected, what came."""

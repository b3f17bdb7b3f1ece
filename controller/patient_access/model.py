"""What a patient says of what they took."""

from dataclasses import dataclass
from typing import Literal

Word = Literal["taken", "skipped", "undone"]
"""Undone: what was said of it last was a slip, and does not hold."""


@dataclass(frozen=True, slots=True)
class Said:
    """What was said, and by whom. `at_ms` is in the controller's time scale."""

    id: int
    due_ms: int | None
    """UTC; None: of a medicine as needed."""
    said: Word
    why: str
    """Why it was skipped; "": nothing was said of that."""
    by: str
    """"patient:4711"."""
    at_ms: int


@dataclass(frozen=True, slots=True)
class Saying:
    """What a patient says."""

    number: str
    due_ms: int | None
    said: Word
    after: int = 0
    """As needed, and undone: the number of what was said last, as the patient's page knows it; 0: nothing."""
    why: str = ""
    """Why it was skipped."""

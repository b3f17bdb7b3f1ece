"""What a crew tells at its box, as the bed's timeline and the hand-over have it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mark:
    """What was marked by one touch: a code of `devices.model.crew.MARKS`. `at_ms`: the controller's scale."""

    code: str
    text: str
    by: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Checked:
    """An item of a checklist, as it was last: done, or taken back. `at_ms`: the controller's scale."""

    list: str
    item: str
    done: bool
    by: str
    at_ms: int

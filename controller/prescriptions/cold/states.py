"""How it stands with the cold of a delivery: it follows from its record and from what a pharmacist said."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

Verdict = Literal["", "released", "discarded"]


class ColdState(StrEnum):
    """Of a delivery that must stay cold."""

    UNPACKED = "unpacked"
    """It is in no cooled box yet, and nobody takes it over."""
    KEPT = "kept"
    """Cold, without a gap, as far as it is known."""
    TO_JUDGE = "to-judge"
    """Nobody gives it before a pharmacist has said what it is good for."""
    RELEASED = "released"
    DISCARDED = "discarded"


_C = ColdState
VERDICTS: Mapping[ColdState, frozenset[ColdState]] = {
    _C.UNPACKED: frozenset(),
    _C.KEPT: frozenset({_C.DISCARDED}),
    _C.TO_JUDGE: frozenset({_C.RELEASED, _C.DISCARDED}),
    _C.RELEASED: frozenset({_C.DISCARDED}),
    _C.DISCARDED: frozenset(),
}
"""What a pharmacist may say, each with a reason."""
GOOD = frozenset({_C.KEPT, _C.RELEASED})
"""It may be given."""

"""How far a recording may go from where it is, as a table."""

from collections.abc import Mapping
from enum import StrEnum


class RecordingState(StrEnum):
    """No standard has names for these."""

    ASKED = "asked"
    """Somebody in the room has not agreed yet."""
    AGREED = "agreed"
    """Everybody in the room has: it may begin, or go on."""
    RUNNING = "running"
    PAUSED = "paused"
    """Somebody came who has not agreed, a consent ran out, or the page that records is gone."""
    STOPPED = "stopped"
    """Nothing is recorded any more; what was recorded may still be on its way."""
    KEPT = "kept"
    """Whole, and closed."""
    ERASED = "erased"
    """The key is destroyed, and the files are gone."""


_S = RecordingState

RECORDING_STEPS: Mapping[RecordingState, frozenset[RecordingState]] = {
    _S.ASKED: frozenset({_S.AGREED, _S.STOPPED}),
    _S.AGREED: frozenset({_S.ASKED, _S.RUNNING, _S.PAUSED, _S.STOPPED}),
    _S.RUNNING: frozenset({_S.PAUSED, _S.STOPPED}),
    _S.PAUSED: frozenset({_S.AGREED, _S.STOPPED}),
    _S.STOPPED: frozenset({_S.KEPT, _S.ERASED}),
    _S.KEPT: frozenset({_S.ERASED}),
    _S.ERASED: frozenset(),
}
"""Where a recording may go, by where it is."""

LIVE = frozenset({_S.ASKED, _S.AGREED, _S.RUNNING, _S.PAUSED})
"""The room is told of it."""
TAKES = frozenset({_S.AGREED, _S.RUNNING, _S.PAUSED, _S.STOPPED})
"""Chunks of a time when it ran may still come."""

"""How far a research project may go from where it is, as a table."""

from collections.abc import Mapping
from enum import StrEnum


class ProjectState(StrEnum):
    """Of a project; one that is approved has its data until it expires."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    CLOSED = "closed"


_S = ProjectState

PROJECT_STEPS: Mapping[ProjectState, frozenset[ProjectState]] = {
    _S.PROPOSED: frozenset({_S.APPROVED, _S.REFUSED, _S.CLOSED}),
    _S.APPROVED: frozenset({_S.CLOSED}),
    _S.REFUSED: frozenset(),
    _S.CLOSED: frozenset(),
}
"""Where it may go, by where it is."""
BY_ANOTHER = frozenset({_S.APPROVED, _S.REFUSED})
"""Decided by somebody who did not propose it."""

"""Which bed a device was on at a time."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Assignment:
    """`bed` (None: none) from `from_ms` until `to_ms` (None: still).

    `by` is the person who said so, None when the gateway's configuration did.
    """

    bed: str | None
    from_ms: int
    to_ms: int | None
    by: str | None


def current(assignments: Sequence[Assignment]) -> Assignment | None:
    """The one that has no end; `assignments` are in order of time."""
    return assignments[-1] if assignments and assignments[-1].to_ms is None else None


def bed_at(assignments: Sequence[Assignment], at_ms: int) -> str | None:
    """The bed at `at_ms`.

    What was measured before the first assignment belongs to it when the gateway made it: the device
    stood there before this controller had heard of it.
    """
    for assignment in reversed(assignments):
        if assignment.from_ms <= at_ms:
            return assignment.bed
    return assignments[0].bed if assignments and assignments[0].by is None else None


def follows_gateway(assignments: Sequence[Assignment], bed: str | None) -> bool:
    """Whether the gateway's `bed` changes anything: a person's word, once given, is above it."""
    now = current(assignments)
    return now is None or (now.by is None and now.bed != bed)

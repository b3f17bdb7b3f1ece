"""What the micro:bit measures: the temperature of its processor, which is about that of the room."""

# pyright: reportMissingImports=false, reportAttributeAccessIssue=false

import microbit

METRIC = 120
"""`ambient_temp`, in tenths of a degree."""


def sense() -> int:
    """A value."""
    return microbit.temperature() * 10

"""Watchdog, rest between measurements, and why the board began anew."""

import time

import machine

UNKNOWN, POWER_ON, RESET_PIN, WATCHDOG, SOFTWARE, WAKE = 0, 1, 2, 3, 4, 6
"""Numbers of `wire.CAUSES`."""
_NAMES = (
    ("PWRON_RESET", POWER_ON),
    ("HARD_RESET", RESET_PIN),
    ("WDT_RESET", WATCHDOG),
    ("DEEPSLEEP_RESET", WAKE),
    ("SOFT_RESET", SOFTWARE),
)


def cause() -> int:
    """Why this boot began. A port knows some of the causes; the rest is unknown."""
    found = machine.reset_cause()
    for name, number in _NAMES:
        if getattr(machine, name, None) == found:
            return number
    return UNKNOWN


class Watchdog:
    """Resets the board if `feed` is not called for `milliseconds`. Once begun it cannot be stopped.

    None: the board's port has no watchdog.
    """

    def __init__(self, milliseconds: "int | None") -> None:
        make = getattr(machine, "WDT", None)
        self._timer = make(timeout=milliseconds) if make and milliseconds else None

    def feed(self) -> None:
        """All is well."""
        if self._timer:
            self._timer.feed()


def rest(milliseconds: int) -> None:
    """Wait in the processor's idle state, from which the serial port and the pins still wake it."""
    until = time.ticks_add(time.ticks_ms(), milliseconds)
    while time.ticks_diff(until, time.ticks_ms()) > 0:
        machine.idle()

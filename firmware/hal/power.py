"""Watchdog, rest between measurements, and why the board began anew."""

import time

import machine

UNKNOWN, POWER_ON, RESET_PIN, WATCHDOG, SOFTWARE, UPDATE, WAKE = 0, 1, 2, 3, 4, 5, 6
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


def sleep(milliseconds: int) -> bool:
    """Sleep lightly for so long, if the port can and the time is not 0. Whether it did.

    Memory and the clock of `time.ticks_ms` go on; the timer wakes. ESP32: nothing else does, unless it is set
    to (MicroPython's docs, `esp32.wake_on_ext0`; ESP-IDF, "Sleep Modes": Wi-Fi and Bluetooth have to be off,
    and the serial port loses what comes). RP2040: any interrupt whose clock runs, which is the timer's alone
    (ports/rp2/modmachine.c of MicroPython). nRF52: `lightsleep` waits
    for an event, as `idle` does (ports/nrf/modules/machine/modmachine.c). What it saves is not measured.
    """
    light = getattr(machine, "lightsleep", None)
    if light is None or milliseconds <= 0:
        return False
    until = time.ticks_add(time.ticks_ms(), milliseconds)
    left = milliseconds
    while left > 0:
        light(left)
        left = time.ticks_diff(until, time.ticks_ms())
    return True

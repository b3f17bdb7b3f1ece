"""How long a node may sleep so deeply that it hears nothing: a decision, and nothing else.

    ms = may_sleep(station.rest(now), watchdog_ms, now - heard_ms, now - sent_ms, is_busy)

In light sleep the serial port has no clock, and what a host sends is lost. A host that is there answers each
frame; so a node that was not heard of for a while sleeps, and listens for a moment after each frame that it
sends, which it repeats every second while nobody answers.
"""

HOST_MS = 20000
"""Without a byte for so long there is no host; the gateway asks every five seconds."""
LISTEN_MS = 150
"""The answer to a frame comes within this: a frame takes 22 ms at 115200 baud, the journal the rest."""
LEAST_MS = 10
"""A shorter sleep costs more than it saves: clocks stop and begin again."""
_BEFORE_MS = 2
"""Waking takes its time."""


def may_sleep(
    due_ms: int, watchdog_ms: "int | None", heard_ago_ms: int, sent_ago_ms: int, is_busy: bool
) -> int:
    """Milliseconds, 0: stay awake.

    `due_ms`: until a sensor is due; `watchdog_ms`: its time, of which half may pass, or None; `heard_ago_ms`,
    `sent_ago_ms`: since a host's byte, and since the last frame was handed to the port; `is_busy`: a frame is
    on its way, a radio is on, or an ECG runs.
    """
    if is_busy or heard_ago_ms < HOST_MS or sent_ago_ms < LISTEN_MS:
        return 0
    most = due_ms - _BEFORE_MS
    if watchdog_ms is not None:
        most = min(most, watchdog_ms // 2)
    return most if most >= LEAST_MS else 0

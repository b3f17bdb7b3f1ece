"""What systemd is told of this process: that it serves, that it lives, that it ends (sd_notify(3)).

if is_told():                 # else systemd did not start this, or does not want to know
    await tell(look)          # until cancelled
stopping()

`look` is asked again and again and answers "" when the process serves, else why not. READY=1 goes when it
serves for the first time; WATCHDOG=1 goes each time that it answers at all. Whatever is stuck, the event loop
or what `look` waits for, silences it, and systemd starts the process again. What fails and says so is not.
"""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable

Look = Callable[[], Awaitable[str]]

_UNWATCHED_S = 10.0
"""Between two looks, where WatchdogSec= is not set."""
_TRIES = 3
"""Looks in the time that systemd waits for a sign of life."""
_MORE_S = 60
"""A start that takes long, but goes on, may take so much longer each time that it says so."""


def notify(*lines: str) -> bool:
    """Tell systemd. Whether there is one that took it: this never waits, what is not taken is said again."""
    where = os.environ.get("NOTIFY_SOCKET", "")
    if not where:
        return False
    address = f"\0{where[1:]}" if where.startswith("@") else where
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as out:
        try:
            out.sendto("\n".join(lines).encode(), address)
        except OSError:  # its queue is full, or it starts itself anew
            return False
    return True


def is_told() -> bool:
    """Whether systemd started this process, or its launcher, and wants to be told."""
    return bool(os.environ.get("NOTIFY_SOCKET"))


def stopping() -> None:
    """It was told to end, and does."""
    notify("STOPPING=1")


def watchdog_s() -> float | None:
    """After so many seconds of silence systemd starts this process again; None: it does not."""
    asked, of = os.environ.get("WATCHDOG_USEC", ""), os.environ.get("WATCHDOG_PID", "")
    if not asked.isdecimal() or not int(asked):
        return None
    # A launcher that systemd started has this process beat in its place: see NotifyAccess=all.
    return int(asked) / 1e6 if of in ("", str(os.getpid()), str(os.getppid())) else None


async def tell(look: Look) -> None:
    """What `look` finds, until cancelled."""
    pause_s = (watchdog_s() or _UNWATCHED_S * _TRIES) / _TRIES
    serves = False
    while True:
        why = await look()
        status = f"STATUS={_line(why) or 'serves'}"
        if serves:
            notify("WATCHDOG=1", status)
        elif why:
            notify(f"EXTEND_TIMEOUT_USEC={_MORE_S * 1_000_000}", status)
        else:
            serves = notify("READY=1", "WATCHDOG=1", status)
        await asyncio.sleep(pause_s if serves else min(pause_s, 1))


def _line(text: str) -> str:
    """One line: each line of a message is a variable of its own."""
    return " ".join(text.split())[:200]

"""Raw bytes of a serial line with their times, written down as they come, and played again.

The file is a capture as devices/capture.py reads it, `seconds hex` a line, so `wardlink decode` takes it.
What went the other way, to the device, is in comments, which a decoder passes over: `#> seconds hex`.
"""

import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, NamedTuple

import serial

from devices.capture import Chunk
from hil.errors import NotReady
from hil.sims.pty import Pty

TO_DEVICE = "#> "
_READ = 4096
_WAITING = 65536
"""Bytes that wait for a slow gateway at the most; older ones are lost to it, and recorded all the same."""
_REST_S, _LOOK_S = 0.002, 0.02
_DRAIN_S = 0.3
"""A PTY forgets at its closing what was not read: it stays open so long after the last byte."""
_PATIENCE_S = 10.0
"""So long a reader may take nothing before a replay gives up."""


class Recorded(NamedTuple):
    """How many bytes were written down, each way."""

    from_device: int
    to_device: int


def line(at_s: float, data: bytes, *, to_device: bool = False) -> str:
    """One line of a recording."""
    return f"{TO_DEVICE if to_device else ''}{at_s:.6f} {data.hex()}\n"


def record(
    port: str,
    out: Path,
    baud: int,
    seconds: float | None,
    through: Path | None = None,
    *,
    clock: Callable[[], float] = time.monotonic,
) -> Recorded:
    """Write down what comes at `port` (a path, or socket://host:port) for `seconds`, or until Ctrl-C.

    With `through`, a PTY is made there for a gateway to open in place of the port: bytes pass both ways, and
    both are written down. Raises NotReady when the port cannot be opened or goes away.
    """
    with ExitStack() as stack:
        try:
            device = stack.enter_context(serial.serial_for_url(port, baud, timeout=0))
        except (serial.SerialException, ValueError) as error:
            raise NotReady(f"{port}: {error}: is it plugged in, and free?") from error
        host = stack.enter_context(Pty(through)) if through else None
        file = stack.enter_context(out.open("w", encoding="ascii", buffering=1))
        file.write(f"# {port} at {baud} baud; {TO_DEVICE.strip()} is what went to the device\n")
        return _pass_on(device, host, file, seconds, clock)


def _pass_on(
    device: serial.SerialBase,
    host: Pty | None,
    file: IO[str],
    seconds: float | None,
    clock: Callable[[], float],
) -> Recorded:
    began, counts, waiting = clock(), [0, 0], b""
    with suppress(KeyboardInterrupt):  # how a person ends it
        while seconds is None or clock() - began < seconds:
            both = _read(device), host.read() if host else b""
            for way, data in enumerate(both):
                if data:
                    file.write(line(clock() - began, data, to_device=way == 1))
                    counts[way] += len(data)
            if host:  # what nobody listens to is gone, as on a cable that leads nowhere
                waiting = (waiting + both[0])[-_WAITING:] if host.is_open else b""
                waiting = waiting[host.send(waiting) :] if waiting else b""
            if both[1]:
                device.write(both[1])
            if not any(both):
                time.sleep(_REST_S)
    return Recorded(*counts)


def _read(device: serial.SerialBase) -> bytes:
    try:
        return device.read(_READ)
    except serial.SerialException as error:
        raise NotReady(f"the device went away: {error}") from error


def play(chunks: Iterable[Chunk], port: Path, speed: float, say: Callable[[str], object]) -> int:
    """Play chunks to a PTY at `port` once a program opens it, `speed` times as fast; 0: as fast as it reads.

    Returns how many bytes that was. Raises NotReady when the reader closes the port or stops reading.
    """
    with Pty(port) as pty:
        say(f"{port}: waiting for a program to open it")
        while not pty.is_open:
            time.sleep(_LOOK_S)
        began, sent = time.monotonic(), 0
        for chunk in chunks:
            if speed:
                time.sleep(max(0.0, began + chunk.at / 1e9 / speed - time.monotonic()))
            _send(pty, chunk.data)
            sent += len(chunk.data)
        time.sleep(_DRAIN_S)
        return sent


def _send(pty: Pty, data: bytes) -> None:
    patient_until = time.monotonic() + _PATIENCE_S
    while data:
        taken = pty.send(data)
        data = data[taken:]
        if taken:
            patient_until = time.monotonic() + _PATIENCE_S
        elif not pty.is_open or time.monotonic() > patient_until:
            why = "does not read any more" if pty.is_open else "has closed it"
            raise NotReady(f"{pty.path}: whoever had it open {why}: {len(data)} bytes of a chunk are left")
        else:
            time.sleep(_LOOK_S)

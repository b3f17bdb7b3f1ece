"""A zygote whose workers do what an attacker's picture would make a codec do, under the real limits.

async with Decoder.running(program=HOSTILE) as decoder:
    await decoder.encode(frame, "crash")     # the target names the attack
"""

import ctypes
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from controller.imaging.decode import worker
from controller.imaging.decode.jobs import Job
from controller.imaging.decode.zygote import main

HOSTILE: Final = (sys.executable, "-m", "tests.support.hostile_decoder")


def _crash() -> bytes:
    """Reads where nothing is."""
    return ctypes.string_at(8)


def _bomb() -> bytes:
    """More memory than the machine should give."""
    return bytes(bytearray(64 << 30))


def _spin() -> bytes:
    while True:
        pass


def _sleep() -> bytes:
    time.sleep(3600)
    return b"awake"


def _open() -> bytes:
    return Path("/etc/hostname").read_bytes()


def _connect() -> bytes:
    socket.create_connection(("127.0.0.1", 9)).close()
    return b"connected"


def _run() -> bytes:
    return subprocess.run(["/bin/true"], check=True, capture_output=True).stdout


def _blab() -> bytes:
    """Breaks with what a file says on its lips."""
    raise KeyError("Muster^Anna")


_ATTACKS: Final[dict[str, Callable[[], bytes]]] = {
    "crash": _crash,
    "bomb": _bomb,
    "spin": _spin,
    "sleep": _sleep,
    "open": _open,
    "connect": _connect,
    "run": _run,
    "blab": _blab,
}


def attacked(job: Job) -> bytes:
    """The attack that the job's target names, else the job."""
    try:
        return _ATTACKS[job.target]() if job.target in _ATTACKS else worker.do(job)
    except OSError as error:  # told, so that a test sees what stopped it
        return f"{type(error).__name__}: {error.strerror}".encode()


if __name__ == "__main__":
    worker.FRAME_CPU_S = 1  # pyright: ignore[reportConstantRedefinition] — not 2: tests wait for it
    main(attacked)

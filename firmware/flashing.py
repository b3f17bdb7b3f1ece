"""Puts the firmware on a board: the micro:bit by its drive, the others through MicroPython's own prompt.

An ESP32, a Pico W or an nRF52 has MicroPython on it already: its maker's tool puts that there once. Then
`mpremote` writes our files into its file system, what is there already left alone, and `main.py`, which
begins the loader, last: a board that is unplugged in between begins as it was, or does not begin ours.
"""

import hashlib
import os
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Protocol

from firmware.build import ToolMissing, program, smallest, sources
from firmware.image import image

MICROBIT = "microbit"
_DRIVE = ("DETAILS.TXT", "MICROBIT.HTM")
"""One of them is in the root of a micro:bit's drive (DAPLink)."""
DEVICES = {
    "esp32": 'esp32.Partition.find(esp32.Partition.TYPE_DATA, label="ring")[0]',
    "nrf52": "nrf.Flash()",
    "pico_w": "rp2.Flash()",
}
"""What each board calls its flash; it begins with the module, which may have the board's name."""
_MAIN = (
    "import {module}\nfrom firmware.boards import {board} as board\nfrom firmware.hal.start import start\n\n"
)
_PARTS = ("__init__.py", "version.py", "core/", "hal/", "sensors/", "boards/__init__.py")

Progress = Callable[[str, int, int], None]
"""Is told of a file, the bytes that are done, and those of all."""


class FlashError(Exception):
    """A board that cannot be flashed: what was expected, what came, what to do."""


class Prompt(Protocol):
    """The part of mpremote's SerialTransport that is used here."""

    def fs_exists(self, src: str) -> bool:
        """Whether there is such a file or folder."""
        ...

    def fs_mkdir(self, path: str) -> None:
        """Make a folder."""
        ...

    def fs_hashfile(self, path: str, algo: str) -> bytes:
        """The hash of a file."""
        ...

    def fs_writefile(self, dest: str, data: bytes) -> None:
        """Write a file."""
        ...

    def eval(self, expression: str) -> object:
        """What an expression is there."""
        ...


def flash_drive(folder: Path) -> Path:
    """Write the micro:bit's image to its drive. Returns the file. Raises FlashError, ToolMissing, OSError."""
    if not any((folder / name).exists() for name in _DRIVE):
        raise FlashError(f"{folder}: expected a micro:bit's drive ({' or '.join(_DRIVE)} in it): plug it in")
    path = folder / "wardlink.hex"
    with path.open("w", encoding="ascii") as file:
        file.write(image(program(), smallest()))
        file.flush()
        os.fsync(file.fileno())  # the drive begins to flash when it has all
    return path


def tree(board: str, version: int | None = None) -> dict[str, str]:
    """What goes to a board with a file system, by its path there; `main.py` is the last."""
    if board not in DEVICES:
        raise FlashError(f"expected a board of {', '.join((MICROBIT, *DEVICES))}, got {board!r:.40}")
    parts = (*_PARTS, f"boards/{board}.py")
    laid = {
        name: text
        for name, text in sources(version).items()
        if name.removeprefix("firmware/").startswith(parts)
    }
    device = DEVICES[board]
    begin = _MAIN.format(module=device.partition(".")[0], board=board) + f"start(board, {device})\n"
    return {**laid, "main.py": begin}


def connected(port: str) -> Prompt:
    """MicroPython's prompt at a port. Raises ToolMissing, FlashError."""
    try:
        talk = import_module("mpremote.transport_serial")
    except ModuleNotFoundError as error:
        raise ToolMissing("mpremote is not installed: uv pip install mpremote") from error
    try:
        made = talk.SerialTransport(port, baudrate=115200)
        made.enter_raw_repl(soft_reset=False)
        name = made.eval("__import__('sys').implementation.name")
    except talk.TransportError as error:
        remedy = "put MicroPython on it first (https://micropython.org/download), and close what has its port"
        raise FlashError(f"{port}: no MicroPython answers ({error}): {remedy}") from error
    if name != "micropython":
        raise FlashError(f"{port}: expected MicroPython, got {name!r:.40}")
    return made


def copy(prompt: Prompt, files: Mapping[str, str], progress: Progress) -> int:
    """Write `files` to a board, but those that it has. Returns how many were written."""
    total, done, written = sum(len(text.encode()) for text in files.values()), 0, 0
    for name, text in files.items():
        progress(name, done, total)
        data = text.encode()
        _make_folders(prompt, name)
        if not _is_there(prompt, name, data):
            prompt.fs_writefile(name, data)
            written += 1
        done += len(data)
    progress("", total, total)
    return written


def _make_folders(prompt: Prompt, name: str) -> None:
    for parent in reversed(Path(name).parents[:-1]):
        if not prompt.fs_exists(parent.as_posix()):
            prompt.fs_mkdir(parent.as_posix())


def _is_there(prompt: Prompt, name: str, data: bytes) -> bool:
    return prompt.fs_exists(name) and prompt.fs_hashfile(name, "sha256") == hashlib.sha256(data).digest()

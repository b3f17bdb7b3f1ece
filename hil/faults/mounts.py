"""Mounts that are undone whatever happens: loop-mounted images, and a log disk.

with log_disk(image, folder, log) as disk, loop_mounted(disk, folder) as mounted: ...
in_own_mounts(work)         nobody else sees them
"""

import ctypes
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from hil.errors import NotReady

_ROOT = Path(__file__).parents[2]
_READY_S = 20.0
WITH_PARENT = ("setpriv", "--pdeathsig", "KILL")
"""Before a command: it ends when the thread that starts it does."""
_CLONE_NEWNS = 0x00020000
_libc = ctypes.CDLL(None, use_errno=True)
_R = TypeVar("_R")


class MountError(NotReady):
    """An image that could not be mounted."""


def make_ext4(image: Path, megabytes: int) -> None:
    """A new file system in the file `image`. Raises CalledProcessError."""
    with image.open("wb") as file:
        file.truncate(megabytes << 20)
    options = ["-q", "-F", "-b", "1024", "-m", "0", "-E", "lazy_itable_init=0,lazy_journal_init=0"]
    subprocess.run(["mkfs.ext4", *options, str(image)], check=True)


def in_own_mounts(work: Callable[[], _R]) -> _R:
    """`work` in a thread that sees its own mounts. Raises MountError.

    No name space that another process makes meanwhile keeps a copy: an unmounted image is free at once. And
    what it mounts goes with the last process in it.
    """
    with ThreadPoolExecutor(1, "mounts") as thread:
        thread.submit(_unshare_mounts).result()
        return thread.submit(work).result()


def _unshare_mounts() -> None:
    """The calling thread, and the processes that it starts, leave the others' mounts."""
    if _libc.unshare(_CLONE_NEWNS):
        raise MountError(f"no mounts of its own: {os.strerror(ctypes.get_errno())}; it needs root")
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)


@contextmanager
def loop_mounted(image: Path, folder: Path) -> Iterator[Path]:
    """`folder` is the file system in `image`; its loop device goes with it. Raises MountError."""
    folder.mkdir(exist_ok=True)
    command = ["mount", "-t", "ext4", "-o", "loop", str(image), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise MountError(f"{image} cannot be mounted: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        _unmount(folder)


@contextmanager
def unmounted_in_the_end(*folders: Path) -> Iterator[None]:
    """Also if this process is killed: what is mounted at `folders` is unmounted, in that order.

    A log disk must serve until nothing is mounted on it: killed before, its last flush waits for itself.
    """
    script = 'cat; for folder; do umount "$folder" || umount --lazy "$folder"; done'
    command = ["sh", "-c", script, "sh", *map(str, folders)]
    quiet = subprocess.DEVNULL
    watch = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet, start_new_session=True
    )
    try:
        yield
    finally:
        watch.communicate()


@contextmanager
def log_disk(image: Path, folder: Path, log: Path) -> Iterator[Path]:
    """A log disk with the content of `image`, logged to `log`. Raises MountError."""
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "hil.faults.log_disk_server", str(folder), str(image), str(log)]
    server = subprocess.Popen(command, cwd=_ROOT, stderr=subprocess.PIPE, text=True)
    try:
        yield _served(server, folder / "disk")
    finally:
        if folder.is_mount():
            _unmount(folder)
        else:
            server.kill()
        server.communicate(timeout=_READY_S)


def _served(server: subprocess.Popen[str], disk: Path) -> Path:
    deadline = time.monotonic() + _READY_S
    while not disk.exists():
        if server.poll() is not None or time.monotonic() > deadline:
            server.kill()
            raise MountError(
                f"no log disk: {server.communicate()[1].strip() or 'it does not answer'}; it needs root,"
                " /dev/fuse and libfuse (apt-get install fuse3)"
            )
        time.sleep(0.02)
    return disk


def _unmount(folder: Path) -> None:
    """Now, or as soon as nobody uses it any more."""
    if subprocess.run(["umount", str(folder)], check=False).returncode:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)

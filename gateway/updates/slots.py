"""The slot that does not run: emptied, filled from a bundle, checked, and put on trial.

slots = Slots(Path("/opt/wardlink"))
slots.fill(bundle, check)         # the other slot has that release, or is as it was
slots.ask_for_trial(revision)     # the launcher ends this gateway and begins the trial
slots.confirm()                   # on trial: this release is healthy

A slot's folder appears whole or not at all: it is filled under another name, is on the disk to its last byte,
and is renamed. What `launcher` keeps about the slots is changed only under its lock.
"""

import errno
import fcntl
import os
import shutil
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from gateway.errors import UpdateError
from gateway.updates.launcher import (
    State,
    Trial,
    alone,
    other,
    read_state,
    release_in,
    sync_folder,
    write_state,
)
from gateway.updates.release import Release, read_release

LARGEST = 1_000_000_000
"""Bytes that a release may have when it is unpacked."""
MOST_FILES = 50_000
_NEW, _OLD = "new", "old"
_BROKEN = zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, UnicodeDecodeError
"""What the library raises for an archive that it cannot read."""


@dataclass(frozen=True, slots=True)
class Slots:
    """Those in `folder`. Every method raises UpdateError, and OSError where the disk refuses."""

    folder: Path

    def state(self) -> State:
        """Which slot is good, and what is on trial."""
        return read_state(self.folder)

    def release(self, slot: str) -> int | None:
        """The number of the release in `slot`; None when there is none."""
        return release_in(self.folder, slot)

    def fill(self, bundle: Path, check: Callable[[Path], None]) -> Release:
        """Put the release in `bundle`, whose origin was verified, into the slot that is not the good one.

        `check` judges the unpacked release before it takes the slot. What was in the slot is gone after this,
        or, when this is refused, as before.
        """
        with self._filling():
            new = self.folder / _NEW
            self._clean()
            unpack(bundle, new)
            release = read_release(new)
            check(new)
            self._take(new)
            self._clean()
            return release

    def _take(self, new: Path) -> None:
        # The lock is held for this only: the launcher, which needs it to start a gateway, does not wait.
        with alone(self.folder) as state:
            if state.trial is not None:
                raise UpdateError("busy", f"release {state.trial.release} is on trial: wait for its end")
            slot = self.folder / other(state.good)
            if slot.exists():
                slot.rename(self.folder / _OLD)
            new.rename(slot)
            sync_folder(self.folder)

    def ask_for_trial(self, asked: int) -> None:
        """Have the launcher try the release in the other slot; `asked`: the configuration's revision."""
        with alone(self.folder) as state:
            slot = other(state.good)
            number = self.release(slot)
            if number is None:
                raise UpdateError("no-release", f"slot {slot} of {self.folder} has no release: fill it first")
            write_state(self.folder, replace(state, trial=Trial(slot, number, asked)))

    def confirm(self, slot: str) -> None:
        """The release in `slot` is healthy: it is the good one from now on."""
        with alone(self.folder) as state:
            if state.trial is None or state.trial.slot != slot:
                raise UpdateError("too-late", f"slot {slot} is not on trial any more")
            write_state(self.folder, replace(state, good=slot, trial=None))

    @contextmanager
    def _filling(self) -> Iterator[None]:
        with (self.folder / "fill.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UpdateError("busy", f"{self.folder}: another process fills a slot: wait") from None
            yield

    def _clean(self) -> None:
        """Remove what an earlier try left: it is nothing that could run."""
        for name in (_NEW, _OLD):
            if (self.folder / name).exists():
                shutil.rmtree(self.folder / name)
        sync_folder(self.folder)


def unpack(bundle: Path, folder: Path) -> None:
    """The files of a ZIP archive, durable, below `folder`, which is made. Raises UpdateError, OSError."""
    try:
        with zipfile.ZipFile(bundle) as archive:
            members = [one for one in archive.infolist() if not one.is_dir()]
            _check(members)
            folder.mkdir(mode=0o755)
            for member in members:
                _write(archive, member, folder / member.filename)
    except _BROKEN as error:
        raise UpdateError("bad-bundle", f"{bundle.name}: not a whole ZIP archive: {error}") from error
    except OSError as error:
        if error.errno != errno.EINVAL:  # of a place in the archive that cannot be
            raise
        raise UpdateError("bad-bundle", f"{bundle.name}: not a ZIP archive: {error}") from error
    for path in (folder, *(one for one in folder.rglob("*") if one.is_dir())):
        sync_folder(path)
    sync_folder(folder.parent)


def _check(members: list[zipfile.ZipInfo]) -> None:
    size = sum(one.file_size for one in members)
    if size > LARGEST or len(members) > MOST_FILES:
        limit = f"expected at most {MOST_FILES} files and {LARGEST} bytes"
        raise UpdateError("bad-bundle", f"{limit}, got {len(members)} and {size}")
    for one in members:
        path, kind = PurePosixPath(one.filename), stat.S_IFMT(one.external_attr >> 16)
        outside = path.is_absolute() or ".." in path.parts or "\\" in one.filename
        if outside or kind not in (0, stat.S_IFREG):
            raise UpdateError(
                "bad-bundle", f"expected plain files inside the folder, got {one.filename!r:.80}"
            )


def _write(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(member) as source, path.open("xb") as target:
        shutil.copyfileobj(source, target, 1 << 20)
        target.flush()
        os.fsync(target.fileno())

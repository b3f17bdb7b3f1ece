"""What of a folder would survive a power cut: pure bookkeeping beside the real files.

Of a file survives what was synced, and of each later write all, a part, zeros, or nothing. Of names (made,
renamed, removed) survive all up to the last sync of a folder, and of later ones any first part.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

_SECTOR = 512

Write = tuple[int, bytes | None]
"""Bytes at an offset; None: the file was cut short there."""


@dataclass(slots=True)
class SurvivingFile:
    """What of one file is on the disk, and what was done since. `born_ns` is its time of modification."""

    born_ns: int = 0
    durable: bytearray = field(default_factory=bytearray)
    writes: list[Write] = field(default_factory=list[Write])

    def sync(self) -> None:
        """The disk has it all."""
        for write in self.writes:
            _apply(self.durable, write)
        self.writes.clear()

    def sync_failed(self, rng: random.Random) -> None:
        """As Linux does it: what could not be written may count as written from now on."""
        if rng.random() < 0.5:
            self.writes.clear()

    def after_cut(self, rng: random.Random) -> None:
        """Each unsynced write is there, is not, or is in part."""
        for offset, data in self.writes:
            if data is not None:
                _apply(self.durable, (offset, _torn(data, rng)))
            elif rng.random() < 0.5:
                _apply(self.durable, (offset, None))
        self.writes.clear()


def _apply(content: bytearray, write: Write) -> None:
    offset, data = write
    if data is None:
        del content[offset:]
    elif data:
        content.extend(bytes(max(0, offset - len(content))))
        content[offset : offset + len(data)] = data


def _torn(data: bytes, rng: random.Random) -> bytes:
    cut = rng.randint(0, len(data))
    match rng.randrange(5):
        case 0:
            return b""
        case 1:
            return data
        case 2:  # the file had grown already
            return data[: cut // _SECTOR * _SECTOR].ljust(len(data), b"\0")
        case _:
            return data[:cut]


Names = dict[str, SurvivingFile | None]
"""By path: a file, or None for a folder."""


@dataclass(slots=True)
class SurvivingFolder:
    """A folder and all in it: names as processes see them, and as the disk has them."""

    names: Names = field(default_factory=Names)
    _durable: Names = field(default_factory=Names)
    _changes: list[Callable[[Names], object]] = field(default_factory=list[Callable[[Names], object]])

    def make(self, path: str, file: SurvivingFile | None) -> None:
        """A file, or (None) a folder."""
        self._change(lambda names: names.update({path: file}))

    def rename(self, old: str, new: str) -> None:
        """A file has another name."""
        self._change(lambda names: names.update({new: names.pop(old)}))

    def remove(self, path: str) -> None:
        """A file or a folder is gone."""
        self._change(lambda names: names.pop(path))

    def _change(self, change: Callable[[Names], object]) -> None:
        change(self.names)
        self._changes.append(change)

    def sync(self) -> None:
        """The names are on the disk."""
        for change in self._changes:
            change(self._durable)
        self._changes.clear()

    def after_cut(self, rng: random.Random) -> None:
        """Forget what did not survive."""
        for change in self._changes[: rng.randint(0, len(self._changes))]:
            change(self._durable)
        self._changes.clear()
        for file in self._durable.values():
            if file is not None:
                file.after_cut(rng)
        self.names = dict(self._durable)

"""The gateway's disk: real files, with crashes at every durability point, power cuts and refusals.

    disk = Disk(folder, random, now_ns)
    with disk.in_use():                     # os.open, os.pwrite, os.fsync, ... in `folder` come here
        disk.aim("fdatasync", 3, "before")  # the third from now crashes whoever does it
    disk.power_cut()                        # the folder becomes what the disk had in truth

A disk that says that it synced has done so: lying disks belong to another campaign.
"""

import errno
import os
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from hil.simulation.loop import Crash, in_dead_process
from hil.simulation.surviving import SurvivingFile, SurvivingFolder

POINTS = ("create", "pwrite", "fdatasync", "fsync", "rename", "unlink", "mkdir", "rmdir")
"""Where a crash can be aimed at, before or after."""
_CALLS = ("open", "close", *POINTS[1:], "ftruncate", "truncate", "statvfs", "posix_fallocate")
_REAL: dict[str, Callable[..., Any]] = {name: getattr(os, name) for name in _CALLS}


def _room(blocks: int) -> os.statvfs_result:
    return os.statvfs_result((4096, 4096, 10**8, blocks, blocks, 10**8, 10**8, 10**8, 0, 255))


class Disk:
    """See the module. `full`: no new byte is taken; `broken`: how many more syncs fail."""

    def __init__(self, folder: Path, rng: random.Random, now_ns: Callable[[], int]) -> None:
        self.folder = folder
        self.full = False
        self.broken = 0
        self.passed: Counter[str] = Counter()
        """How often each point was passed."""
        self._random = rng
        self._now_ns = now_ns
        self._root = str(folder)
        self._truth = SurvivingFolder()
        self._handles: dict[int, str] = {}
        self._aim: tuple[str, int, str] | None = None
        self._restoring = False

    def aim(self, point: str, nth: int, when: str) -> None:
        """Crash at the `nth` `point` from now; `when`: "before" or "after" it."""
        self._aim = point, self.passed[point] + nth, when

    @property
    def is_aimed(self) -> bool:
        """Whether the crash is still to come."""
        return self._aim is not None

    def disarm(self) -> None:
        """No crash after all."""
        self._aim = None

    def close_all(self) -> None:
        """The process is gone: so are its handles, and the lock that it held."""
        for handle in self._handles:
            _REAL["close"](handle)
        self._handles.clear()

    def power_cut(self) -> None:
        """The machine lost its power; `close_all` first."""
        assert not self._handles
        self._truth.after_cut(self._random)
        self._restoring = True
        try:
            self._restore()
        finally:
            self._restoring = False

    def _restore(self) -> None:
        shutil.rmtree(self.folder)
        self.folder.mkdir()
        for name, file in sorted(self._truth.names.items()):
            path = Path(name)
            if file is None:
                path.mkdir()
            else:
                path.write_bytes(file.durable)
                os.utime(path, ns=(file.born_ns, file.born_ns))

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Files in the folder are this disk's."""
        ours = {name: getattr(self, f"_{name}") for name in _CALLS}
        # shutil.rmtree would work relative to handles of folders, which nothing here follows.
        with mock.patch.multiple(os, **ours), mock.patch.object(shutil, "_use_fd_functions", False):
            yield

    # the points

    @contextmanager
    def _point(self, name: str) -> Iterator[None]:
        if in_dead_process():
            raise Crash("a dead process writes")
        self.passed[name] += 1
        when = ""
        if self._aim is not None and self._aim[:2] == (name, self.passed[name]):
            when, self._aim = self._aim[2], None
        if when == "before":
            raise Crash(f"before {name}")
        yield
        if when == "after":
            raise Crash(f"after {name}")

    def _refuse_when_full(self) -> None:
        if self.full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _is_mine(self, what: Any) -> bool:
        """Whether a path, or the handle of a file, is of this disk."""
        if isinstance(what, int):
            return what in self._handles
        return not self._restoring and os.fspath(what).startswith(self._root + "/")

    def _file(self, handle: int) -> SurvivingFile:
        file = self._truth.names[self._handles[handle]]
        assert file is not None
        return file

    # the calls

    def _open_new(self, path: str, flags: int, mode: int) -> int:
        self._refuse_when_full()
        with self._point("create"):
            handle = _REAL["open"](path, flags, mode)
            self._handles[handle] = path
            file = SurvivingFile(self._now_ns())
            os.utime(path, ns=(file.born_ns, file.born_ns))
            self._truth.make(path, file)
        return handle

    def _open(self, path: Any, flags: int, mode: int = 0o777, **where: Any) -> int:
        name = os.fspath(path)
        if not (self._is_mine(path) or name == self._root):
            return _REAL["open"](path, flags, mode, **where)
        if flags & os.O_CREAT and name not in self._truth.names:
            return self._open_new(name, flags, mode)
        handle = _REAL["open"](path, flags, mode)
        self._handles[handle] = name
        return handle

    def _close(self, handle: int) -> None:
        self._handles.pop(handle, None)
        _REAL["close"](handle)

    def _pwrite(self, handle: int, data: Any, offset: int) -> int:
        if not self._is_mine(handle):
            return _REAL["pwrite"](handle, data, offset)
        self._refuse_when_full()
        with self._point("pwrite"):
            size = _REAL["pwrite"](handle, data, offset)
            self._file(handle).writes.append((offset, bytes(data[:size])))
        return size

    def _fdatasync(self, handle: int) -> None:
        if self._is_mine(handle):
            with self._point("fdatasync"):
                self._sync_file(handle)
        else:
            _REAL["fdatasync"](handle)

    def _sync_file(self, handle: int) -> None:
        file = self._file(handle)
        if self.broken:
            self.broken -= 1
            file.sync_failed(self._random)
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        file.sync()

    def _fsync(self, handle: int) -> None:
        if not self._is_mine(handle):
            return _REAL["fsync"](handle)
        with self._point("fsync"):
            if self._truth.names.get(self._handles[handle]) is not None:
                self._sync_file(handle)
            else:
                self._truth.sync()
        return None

    def _ftruncate(self, handle: int, size: int) -> None:
        _REAL["ftruncate"](handle, size)
        if self._is_mine(handle):
            self._file(handle).writes.append((size, None))

    def _truncate(self, path: Any, size: int) -> None:
        _REAL["truncate"](path, size)
        if self._is_mine(path):
            file = self._truth.names[os.fspath(path)]
            assert file is not None
            file.writes.append((size, None))

    def _rename(self, old: Any, new: Any, **where: Any) -> None:
        if not self._is_mine(old):
            return _REAL["rename"](old, new, **where)
        before, after = os.fspath(old), os.fspath(new)
        with self._point("rename"):
            _REAL["rename"](old, new)
            self._truth.rename(before, after)
            self._handles = {
                handle: after if name == before else name for handle, name in self._handles.items()
            }
        return None

    def _unlink(self, path: Any, **where: Any) -> None:
        self._remove("unlink", path, **where)

    def _rmdir(self, path: Any, **where: Any) -> None:
        self._remove("rmdir", path, **where)

    def _remove(self, call: str, path: Any, **where: Any) -> None:
        if not self._is_mine(path):
            return _REAL[call](path, **where)
        with self._point(call):
            _REAL[call](path)
            self._truth.remove(os.fspath(path))
        return None

    def _mkdir(self, path: Any, mode: int = 0o777, **where: Any) -> None:
        if not self._is_mine(path):
            return _REAL["mkdir"](path, mode, **where)
        self._refuse_when_full()
        with self._point("mkdir"):
            _REAL["mkdir"](path, mode)
            self._truth.make(os.fspath(path), None)
        return None

    def _statvfs(self, path: Any) -> os.statvfs_result:
        return _room(0 if self.full else 10**8) if self._is_mine(path) else _REAL["statvfs"](path)

    def _posix_fallocate(self, handle: int, offset: int, size: int) -> None:
        if not self._is_mine(handle):
            _REAL["posix_fallocate"](handle, offset, size)

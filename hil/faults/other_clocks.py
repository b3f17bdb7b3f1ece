"""A process on a host whose clocks are others than this one's, by the operating system's own means.

    host = OtherClocks(folder / "gateway-clocks")
    host.boots(since_s=20)           # another boot id; it has been up for 20 s (time and mount namespaces)
    argv = host.of(sys.executable, "-m", "wardlink", "gateway", "run", ...)
    host.utc(-3600)                  # its UTC is an hour behind from now on, in mid-stream, too (libfaketime)

What runs there is unchanged. CLOCK_MONOTONIC is left alone: it is the true time of all processes here.
"""

import math
import os
import secrets
import sys
import time
from pathlib import Path
from uuid import UUID

from hil.errors import NotReady

HOUR_S, DAY_S = 3600, 86_400
_LIBRARIES = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/lib*/faketime/libfaketimeMT.so.1")
_BOOT_ID = "/proc/sys/kernel/random/boot_id"
_UNSHARED = ("unshare", "--user", "--map-root-user", "--mount", "--time", "--boottime")
_BIND = f'mount --bind "$1" {_BOOT_ID} && shift && exec "$@"'


def steady_us() -> int:
    """Microseconds that pass for every process alike, whatever its other clocks say."""
    return time.monotonic_ns() // 1000


def true_utc_us() -> int:
    """UTC of this host, microseconds since 1970."""
    return time.time_ns() // 1000


def never_set_s() -> float:
    """How far from UTC a clock is that began in 1970 when its host did, ten minutes ago."""
    return 600 - time.time()


class OtherClocks:
    """The clocks of one imagined host; `folder` has what its processes read."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self._lie = folder.absolute() / "utc"
        self._boot_file = folder.absolute() / "boot_id"
        self._prefix: tuple[str, ...] = ()
        self._library = _faketime()
        self.boot = b""
        """The boot id; empty: the host's own."""
        self.off_s = 0.0
        self.utc(0)

    def utc(self, off_s: float) -> None:
        """From now on UTC is `off_s` seconds from what it is."""
        self.off_s = off_s
        new = self._lie.with_suffix(".new")
        new.write_text(f"{off_s:+.6f}\n", encoding="ascii")
        new.replace(self._lie)

    def boots(self, since_s: float = 5) -> None:
        """Processes started from now on are in another boot, which began at most `since_s` seconds ago."""
        self.boot = secrets.token_bytes(16)
        self._boot_file.write_text(f"{UUID(bytes=self.boot)}\n", encoding="ascii")
        began_s = math.floor(since_s - time.clock_gettime(time.CLOCK_BOOTTIME))
        self._prefix = (*_UNSHARED, str(began_s), "sh", "-c", _BIND, "sh", str(self._boot_file))

    def of(self, *argv: str) -> tuple[str, ...]:
        """`argv` as a process of that host."""
        fake = {
            "LD_PRELOAD": self._library,
            "FAKETIME_TIMESTAMP_FILE": str(self._lie),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }
        return (*self._prefix, "env", *(f"{name}={value}" for name, value in fake.items()), *argv)

    def python(self, module: str, *arguments: str) -> tuple[str, ...]:
        """A Python module as a process of that host."""
        return self.of(sys.executable, "-m", module, *arguments)


def _faketime() -> str:
    """Raises NotReady."""
    found = [path for pattern in _LIBRARIES for path in Path("/").glob(pattern.lstrip(os.sep))]
    if not found:
        raise NotReady("libfaketime is not there: install the Debian package faketime")
    return str(found[0])

"""A box with little memory and half a processor, for whatever is started by its command.

    with small_box() as box:
        Kept("gateway", [*box.argv, sys.executable, "-m", ...], ...)
        box.used()                        # what it had, and how often it had to wait
        box.problems()                    # where a limit was not in force

By the kernel's control groups, v1 (kernel documentation, "CFS Bandwidth Control" and "Memory Resource
Controller"). A process that is killed and started again by the same command is in the same box. Pages of
files that others on this machine read before are not counted as the box's.
"""

import os
import secrets
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

ROOT = Path("/sys/fs/cgroup")
MEMORY_MB, PROCESSORS = 512, 0.5
_MB = 1 << 20
_PERIOD_US = 100_000
_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "cpu": "cpu.cfs_quota_us",
        "cpuacct": "cpuacct.usage",
        "memory": "memory.limit_in_bytes",
    }
)
"""Controllers, and a file that each group of them has."""


@dataclass(frozen=True, slots=True)
class Used:
    """What the box's processes had together. A figure is None where this machine does not count it."""

    peak_mb: float | None = None
    """Of memory: anonymous pages, kernel's, and files that they were the first to read."""
    refused: int | None = None
    """How often the memory's limit was reached; the kernel then first gives up pages of files."""
    cpu_s: float | None = None
    waited: int | None = None
    """In how many tenths of a second they had used up their share, and had to wait."""
    waited_s: float | None = None


@dataclass(frozen=True, slots=True)
class SmallBox:
    """Its control groups, by controller; those that this machine does not have are missing."""

    groups: Mapping[str, Path]
    memory_mb: int
    processors: float

    @property
    def argv(self) -> list[str]:
        """What to put before a command, so that it begins in the box."""
        if not self.groups:
            return []
        enter = "".join(f"echo $$ > {shlex.quote(str(path / 'cgroup.procs'))}; " for path in self._places)
        return ["/bin/sh", "-c", f'set -e; {enter}exec "$@"', "box"]

    @property
    def missing(self) -> list[str]:
        """What is not emulated here, as sentences."""
        why = "not emulated: needs root and control groups v1 (/sys/fs/cgroup/{})"
        told = {"cpu": f"{self.processors:g} of a processor", "memory": f"{self.memory_mb} MB of memory"}
        return [f"{what}: {why.format(kind)}" for kind, what in told.items() if kind not in self.groups]

    def used(self) -> Used:
        """Since it was made."""
        told = _lines(self.groups["cpu"] / "cpu.stat") if "cpu" in self.groups else {}
        return Used(
            peak_mb=_scaled(self._number("memory", "memory.max_usage_in_bytes"), _MB),
            refused=self._number("memory", "memory.failcnt"),
            cpu_s=_scaled(self._number("cpuacct", "cpuacct.usage"), 1e9),
            waited=told.get("nr_throttled"),
            waited_s=_scaled(told.get("throttled_time"), 1e9),
        )

    def problems(self, pid: int) -> list[str]:
        """Where a limit does not hold for the process `pid`, as sentences."""
        found = list[str]()
        if (limit := self._number("memory", "memory.limit_in_bytes")) not in (None, self.memory_mb * _MB):
            found.append(f"the memory's limit is {limit} bytes, not {self.memory_mb} MB")
        wanted = int(_PERIOD_US * self.processors)
        if (quota := self._number("cpu", "cpu.cfs_quota_us")) not in (None, wanted):
            found.append(f"the processor's quota is {quota} us, not {wanted}")
        return found + [
            f"process {pid} is not in {path}"
            for path in self._places
            if str(pid) not in (path / "cgroup.procs").read_text(encoding="ascii").split()
        ]

    @property
    def _places(self) -> list[Path]:
        """Each once: on some machines "cpu" and "cpuacct" are one."""
        return sorted({path.resolve() for path in self.groups.values()})

    def _number(self, kind: str, name: str) -> int | None:
        if kind not in self.groups:
            return None
        return int((self.groups[kind] / name).read_text(encoding="ascii"))


def usable(root: Path = ROOT) -> list[str]:
    """The controllers that this machine has, and lets us use."""
    return [kind for kind, file in _KINDS.items() if os.access(root / kind / file, os.W_OK)]


@contextmanager
def small_box(
    memory_mb: int = MEMORY_MB, processors: float = PROCESSORS, root: Path = ROOT
) -> Iterator[SmallBox]:
    """The box, as far as this machine can: see `missing`. All that runs in it has to end before the block."""
    name = f"box-{secrets.token_hex(4)}"
    groups = {kind: root / kind / name for kind in usable(root)}
    box = SmallBox(groups, memory_mb, processors)
    try:
        for path in groups.values():
            path.mkdir(exist_ok=True)
        _limit(box)
        yield box
    finally:
        for path in box._places:
            if path.exists():
                path.rmdir()


def _limit(box: SmallBox) -> None:
    if "cpu" in box.groups:
        (box.groups["cpu"] / "cpu.cfs_period_us").write_text(str(_PERIOD_US), encoding="ascii")
        quota = int(_PERIOD_US * box.processors)
        (box.groups["cpu"] / "cpu.cfs_quota_us").write_text(str(quota), encoding="ascii")
    if "memory" in box.groups:
        limit = str(box.memory_mb * _MB)
        (box.groups["memory"] / "memory.limit_in_bytes").write_text(limit, encoding="ascii")


def peak_rss_mb(pid: int) -> float:
    """The most physical memory that the process `pid` has had (proc(5), VmHWM); 0 when it is gone."""
    try:
        told = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    sizes = [int(line.split()[1]) for line in told.splitlines() if line.startswith("VmHWM:")]
    return sizes[0] / 1024 if sizes else 0.0


def _lines(path: Path) -> dict[str, int]:
    words = (line.split() for line in path.read_text(encoding="ascii").splitlines())
    return {name: int(value) for name, value in words}


def _scaled(number: int | None, unit: float) -> float | None:
    return None if number is None else number / unit

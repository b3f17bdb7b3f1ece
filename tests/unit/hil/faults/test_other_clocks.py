"""A process on an imagined host sees that host's clocks, and true time as everybody does."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from hil.faults.other_clocks import DAY_S, OtherClocks, never_set_s, steady_us

_LOOK = """import time
from pathlib import Path
print(time.time(), time.clock_gettime(time.CLOCK_BOOTTIME), time.monotonic())
print(Path("/proc/sys/kernel/random/boot_id").read_text().replace("-", ""))
"""


def look(host: OtherClocks) -> tuple[float, float, float, str]:
    """UTC, time since boot, true time and boot id as a process there reads them."""
    out = subprocess.run(host.of(sys.executable, "-c", _LOOK), capture_output=True, text=True, check=True)
    utc, since_boot, steady, boot = out.stdout.split()
    return float(utc), float(since_boot), float(steady), boot


@pytest.mark.parametrize("off_s", [0, -3600, DAY_S])
def test_utc_is_as_far_off_as_was_said(tmp_path: Path, off_s: float) -> None:
    host = OtherClocks(tmp_path / "host")
    host.utc(off_s)
    before = time.time()
    utc, *_ = look(host)
    assert before - 1 <= utc - off_s <= time.time() + 1


def test_a_clock_that_was_never_set_is_in_1970(tmp_path: Path) -> None:
    host = OtherClocks(tmp_path / "host")
    host.utc(never_set_s())
    assert 0 < look(host)[0] < DAY_S


def test_another_boot_has_another_name_and_began_just_now(tmp_path: Path) -> None:
    host = OtherClocks(tmp_path / "host")
    host.boots(20)
    began = steady_us()
    _, since_boot, steady, boot = look(host)
    assert boot == host.boot.hex()
    assert 19 <= since_boot <= 20 + (steady_us() - began) / 1e6
    assert began / 1e6 <= steady <= steady_us() / 1e6

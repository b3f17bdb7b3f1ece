"""Coverage-guided fuzzing of every codec, each in a process of its own."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from devices.profiles import profiles


def fuzz(
    names: Sequence[str], seconds: int, seed: int, corpus: Path, say: Callable[[str], None]
) -> list[str]:
    """Fuzz each profile for `seconds`; the names of those that failed. What failed stays in `corpus`."""
    failed: list[str] = []
    for name in names or list(profiles()):
        options = [f"-max_total_time={seconds}", f"-seed={seed}", "-timeout=10", "-max_len=4096"]
        command = [sys.executable, "-m", "hil.fuzz.target", name, str(corpus / name), *options]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        runs = [line for line in done.stderr.splitlines() if line.startswith("Done ")]
        if done.returncode or not runs:
            failed.append(name)
            say(f"{name}: FAILED\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
        else:
            say(f"{name}: {runs[-1]}")
    return failed

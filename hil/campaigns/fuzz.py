"""Coverage-guided fuzzing of every codec, and every reader beside them, each in a process of its own."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from devices.profiles import profiles
from hil.fuzz.parsers import PARSERS


def fuzz(
    names: Sequence[str], seconds: int, seed: int, corpus: Path, say: Callable[[str], None]
) -> list[str]:
    """Fuzz each profile and parser for `seconds`; the names of those that failed.

    What failed stays in `corpus`.
    """
    failed: list[str] = []
    for name in names or [*profiles(), *PARSERS]:
        options = [f"-max_total_time={seconds}", f"-seed={seed}", "-timeout=10", "-max_len=4096"]
        target = "hil.fuzz.parser_target" if name in PARSERS else "hil.fuzz.target"
        command = [sys.executable, "-m", target, name, str(corpus / name), *options]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        runs = [line for line in done.stderr.splitlines() if line.startswith("Done ")]
        if done.returncode or not runs:
            failed.append(name)
            say(f"{name}: FAILED\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
        else:
            say(f"{name}: {runs[-1]}")
    return failed

"""The process that fetches a release and fills a slot with it, beside the gateway and after it in all things.

    python -m gateway.updates.stage FOLDER IDENTITY CONFIG NUMBER

A process of its own: what it needs of memory and processor time is gone with it, and it cannot hold up what
the gateway measures. It ends with the gateway. Its last line is JSON: `{"filled": 12}`, or `why` and `text`.
"""

import argparse
import ctypes
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from gateway.enrolment.identity import IdentityFolder
from gateway.errors import GatewayError, UpdateError
from gateway.updates.http import Mirror
from gateway.updates.releases import Releases
from gateway.updates.slots import Slots

CHECK_S = 120.0
_NICE = 10
_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of prctl(2)."""
_TOLD = 200


def fill(folder: Path, identity: IdentityFolder, config: Path, number: int) -> None:
    """Fetch release `number` and fill the other slot of `folder`. Raises GatewayError, OSError."""
    known = identity.load()
    bundle = folder / "bundle.zip"
    releases = Releases(folder, Mirror(identity.context(), folder), f"{known.est}/updates")
    releases.fetch(number, bundle)
    try:
        found = Slots(folder).fill(bundle, lambda new: check(new, config))
    finally:
        bundle.unlink()
    if found.number != number:
        raise UpdateError("bad-bundle", f"expected release {number} in its bundle, got {found.number}")


def check(release: Path, config: Path) -> None:
    """Whether the release unpacked in `release` takes the configuration. Raises UpdateError."""
    known = {**os.environ, "PYTHONPATH": str(release / "site"), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-P", "-m", "wardlink", "gateway", "check", str(config)]
    try:
        done = subprocess.run(
            command, env=known, capture_output=True, text=True, timeout=CHECK_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise UpdateError("unfit", f"`wardlink gateway check` took over {CHECK_S:g} s") from None
    if done.returncode != 0:
        raise UpdateError("unfit", done.stderr.strip()[-_TOLD:] or f"status {done.returncode}")


def main() -> None:
    """See the module."""
    ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL)
    os.nice(_NICE)
    parser = argparse.ArgumentParser()
    for name in ("folder", "identity", "config"):
        parser.add_argument(name, type=Path)
    parser.add_argument("number", type=int)
    given = parser.parse_args()
    try:
        fill(given.folder, IdentityFolder(given.identity), given.config, given.number)
        said = {"filled": given.number}
    except UpdateError as error:
        said = {"why": error.why, "text": str(error)}
    except (GatewayError, OSError) as error:
        said = {"why": "unreachable", "text": str(error)}
    sys.stdout.write(json.dumps(said) + "\n")


if __name__ == "__main__":
    main()

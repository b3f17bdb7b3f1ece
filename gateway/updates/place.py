"""Where this gateway runs from, and the process that fills the other slot."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from gateway.errors import UpdateError
from gateway.updates.launcher import CONFIG_VARIABLE, FOLDER_VARIABLE, SLOT_VARIABLE, other
from gateway.updates.slots import Slots

FILL_S = 6 * 3600.0
"""How long fetching and filling may take: what was fetched till then is not fetched again."""


@dataclass(slots=True)
class Place:
    """The slot that runs. `identity` is the folder by which the mirror knows this box."""

    slots: Slots
    slot: str
    release: int
    on_trial: bool
    config: Path
    identity: Path

    @classmethod
    def of(cls, known: Mapping[str, str], identity: Path) -> "Place | None":
        """From the environment that the launcher gives; None when it did not start this process."""
        if FOLDER_VARIABLE not in known:
            return None
        slots, slot = Slots(Path(known[FOLDER_VARIABLE])), known[SLOT_VARIABLE]
        trial = slots.state().trial
        release = slots.release(slot) or 0
        on_trial = trial is not None and trial.slot == slot
        return cls(slots, slot, release, on_trial, Path(known[CONFIG_VARIABLE]), identity)

    def filled(self) -> int | None:
        """The release in the slot that does not run."""
        return self.slots.release(other(self.slot))

    async def fill(self, number: int) -> None:
        """Fetch release `number` and fill the other slot, in a process of its own. Raises UpdateError."""
        folder, files = str(self.slots.folder), (str(self.identity), str(self.config))
        command = [sys.executable, "-P", "-m", "gateway.updates.stage", folder, *files, str(number)]
        process = await asyncio.create_subprocess_exec(
            *command, env=dict(os.environ), stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE
        )
        try:
            async with asyncio.timeout(FILL_S):
                told, _ = await process.communicate()
        except TimeoutError:
            raise UpdateError("unreachable", f"it did not come within {FILL_S / 3600:g} hours") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        _judge(told, process.returncode)


def software(place: Place | None) -> str:
    """What runs here, as a birth names it."""
    try:
        name = f"wardlink {version('wardlink')}"
    except PackageNotFoundError:
        name = "wardlink (not installed)"
    return name if place is None else f"{name} release {place.release}"


def _judge(told: bytes, status: int | None) -> None:
    try:
        match json.loads(told.splitlines()[-1]):
            case {"filled": int()}:
                return
            case {"why": str(why), "text": str(text)}:
                raise UpdateError(why, text)
            case said:
                raise UpdateError("bad-bundle", f"expected what became of it, got {said!r:.100}")
    except (IndexError, ValueError):
        raise UpdateError("bad-bundle", f"filling a slot ended with status {status}: see the log") from None

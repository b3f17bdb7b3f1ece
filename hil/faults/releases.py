"""Releases to install: this tree's own code, changed where a test wants it, signed with real keys.

The packages that a gateway needs are those of the interpreter that runs this; what is in a bundle
besides is the business of who makes a real one.
"""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from hil.errors import NotReady
from release.bundle import pack
from release.keys import Keys
from release.repository import Repository

ROOT = Path(__file__).parents[2]
_CODE = "devices", "gateway", "host"

Twist = tuple[str, str, str]
"""A file, what stands there, and what stands there instead."""

CRASHES: Twist = (
    "gateway/app.py",
    "    clock, data = clock or SystemClock(), config.gateway.data\n",
    "    raise RuntimeError('a bad release')\n",
)
"""Its `gateway run` ends at once; `gateway check` is content."""
NEVER_HEALTHY: Twist = (
    "gateway/updates/updater.py",
    "        await self.receipted()\n",
    "        await asyncio.sleep(1e6)\n",
)
UNFIT: Twist = (
    "gateway/cli.py",
    "        checked = load(config)\n        if",
    "        raise ConfigError('no')\n        if",
)
"""It does not take the configuration."""


def site(folder: Path, twist: Twist | None = None) -> Path:
    """A folder with this tree's code, as it is imported; `twist` has to change something."""
    folder.mkdir(parents=True)
    for name in _CODE:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copyfile(ROOT / "wardlink.py", folder / "wardlink.py")
    if twist is not None:
        path, old, new = folder / twist[0], twist[1], twist[2]
        text = path.read_text(encoding="utf-8")
        if old not in text:
            raise NotReady(f"{twist[0]} has no {old!r}: the twist does not fit the code any more")
        path.write_text(text.replace(old, new), encoding="utf-8")
    return folder


def bundle(folder: Path, number: int, twist: Twist | None = None) -> Path:
    """Release `number`, made in `folder`."""
    made = site(folder / f"site-{number}", twist)
    return pack(made, number, "0.0.0", '{"bomFormat": "CycloneDX"}\n', folder / "dist").bundle


def tiny(folder: Path, number: int, files: int = 2) -> Path:
    """A bundle that runs nothing, for what only moves it about."""
    made = folder / f"tiny-{number}"
    made.mkdir(parents=True)
    for index in range(files):
        (made / f"part{index}.py").write_text(f"RELEASE = {number}\n", encoding="utf-8")
    return pack(made, number, "0.0.0", "{}\n", folder / "dist").bundle


def repository(folder: Path, now: Callable[[], float] = time.time) -> Repository:
    """An empty one below `folder`, with keys of its own."""
    keys = Keys(folder / "keys")
    keys.make()
    return Repository(folder / "repository", keys, now())

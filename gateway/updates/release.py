"""What a release says of itself: `release.json` in its folder, made by release/bundle.py.

{"release": 12, "version": "0.2.0", "platform": "cpython-311-linux-x86_64"}

Releases are numbered: a higher number is a newer one, and the number is what an engineer asks for.
"""

import json
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import UpdateError


@dataclass(frozen=True, slots=True)
class Release:
    """One release for one platform."""

    number: int
    version: str
    platform: str


def platform() -> str:
    """What a release has to be made for to run here: the interpreter, the system, the processor."""
    return f"{sys.implementation.cache_tag}-{sysconfig.get_platform()}"


def target(number: int) -> str:
    """The name of a release's bundle for this platform, in a repository (release/repository.py)."""
    return f"wardlink-gateway-{number}-{platform()}.zip"


def read_release(folder: Path) -> Release:
    """Of the release that is unpacked in `folder`. Raises UpdateError."""
    try:
        match json.loads((folder / "release.json").read_text(encoding="utf-8")):
            case {"release": int(number), "version": str(version), "platform": str(made_for)} if number > 0:
                found = Release(number, version, made_for)
            case other:
                raise UpdateError("bad-bundle", f"expected release, version and platform, got {other!r:.100}")
    except (OSError, ValueError) as error:
        raise UpdateError(
            "bad-bundle", f"the bundle has no release.json that can be read: {error}"
        ) from error
    if found.platform != platform():
        raise UpdateError("platform", f"expected a release for {platform()}, got one for {found.platform}")
    return found

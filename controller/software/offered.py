"""The releases that the mirror offers, by its newest metadata: they were verified when they came."""

import json
from dataclasses import dataclass
from pathlib import Path

FOLDER = "software"
"""Of the mirror, in the controller's data folder."""
_PATTERN = "wardlink-gateway-"


@dataclass(frozen=True, slots=True, order=True)
class Offered:
    """A bundle that gateways may fetch."""

    number: int
    platform: str
    size: int
    """Bytes."""


def offered(folder: Path) -> list[Offered]:
    """What gateways may fetch from the mirror in `folder`, the oldest release first. Raises OSError."""
    versions = {int(path.name.partition(".")[0]): path for path in folder.glob("metadata/*.targets.json")}
    if not versions:
        return []
    newest = json.loads(versions[max(versions)].read_text(encoding="utf-8"))
    return sorted(_offered(name, about["length"]) for name, about in newest["signed"]["targets"].items())


def _offered(name: str, size: int) -> Offered:
    number, _, platform = name.removeprefix(_PATTERN).removesuffix(".zip").partition("-")
    return Offered(int(number) if number.isdecimal() else 0, platform, size)

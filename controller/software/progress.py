"""What gateways said last of the release that they are to run."""

import json
from dataclasses import dataclass

from controller.store import Store

_LATEST = """SELECT detail, at_us FROM device_event
WHERE gateway = ? AND device IS NULL AND kind = 'software' ORDER BY at_us DESC, id DESC LIMIT 1"""


@dataclass(frozen=True, slots=True)
class Told:
    """How far a gateway has come with `release`: `Progress` of devices/model/software.py, and why."""

    release: int
    progress: str
    why: str
    told_us: int
    """In the controller's time scale."""


async def latest(store: Store, gateway: str) -> Told | None:
    """The last of it; None: `gateway` has said nothing. Raises StoreError."""
    for row in await store.read(_LATEST, (gateway,)):
        said = json.loads(row["detail"])
        told = str(said.get("progress", "")), str(said.get("why", ""))
        return Told(int(said.get("release", 0)), *told, row["at_us"])
    return None

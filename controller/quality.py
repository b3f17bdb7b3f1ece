"""What gateways said last of the connection that they asked their mobile network for."""

import json
from dataclasses import dataclass

from controller.store import Store

_LATEST = """SELECT detail, at_us FROM device_event
WHERE gateway = ? AND device IS NULL AND kind = 'quality' ORDER BY at_us DESC, id DESC LIMIT 1"""


@dataclass(frozen=True, slots=True)
class Told:
    """How a gateway stands with the network: `Standing` of devices/model/quality_on_demand.py, and why."""

    state: str
    profile: str
    """What it asks the operator for."""
    why: str
    told_us: int
    """In the controller's time scale."""


async def latest(store: Store, gateway: str) -> Told | None:
    """The last of it; None: `gateway` has said nothing, it does not ask. Raises StoreError."""
    for row in await store.read(_LATEST, (gateway,)):
        said = json.loads(row["detail"])
        state, profile, why = (str(said.get(name, "")) for name in ("state", "profile", "why"))
        return Told(state, profile, why, row["at_us"])
    return None

"""What gateways said last of the connection that they asked their mobile network for."""

import json
from dataclasses import dataclass

from controller.store import Store
from devices.model.quality_on_demand import sink_mark

_LONGEST_US = 8 * 86_400_000_000
"""A gateway that has said nothing for so long has no session."""
_LATEST = """SELECT detail, at_us FROM device_event
WHERE gateway = ? AND device IS NULL AND kind = 'quality' ORDER BY at_us DESC, id DESC LIMIT 1"""

_LISTENER = """SELECT gateway, json_extract(detail, '$.session') AS session FROM device_event AS event
WHERE device IS NULL AND kind = 'quality' AND at_us > ? AND json_extract(detail, '$.sink') = ?
AND NOT EXISTS (SELECT 1 FROM device_event AS newer WHERE newer.device IS NULL AND newer.kind = 'quality'
  AND newer.gateway = event.gateway AND newer.id > event.id) LIMIT 1"""


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


@dataclass(frozen=True, slots=True)
class Listener:
    """A gateway that holds a session of whose state the operator tells."""

    gateway: str
    session: str


async def listener(store: Store, access_token: str, now_us: int) -> Listener | None:
    """Who gave the operator this token for the session that it holds now; None: nobody. Raises StoreError.

    Gateways say the token's mark in their journal, so that nobody can say it for another.
    """
    for row in await store.read(_LISTENER, (now_us - _LONGEST_US, sink_mark(access_token))):
        return Listener(str(row["gateway"]), str(row["session"]))
    return None

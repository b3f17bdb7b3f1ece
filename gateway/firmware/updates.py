"""Does the order UPDATE_NODE: an image to its node, over the line on which the node goes on measuring.

What is fetched is checked before the node hears of it; the node is asked who it is before it is offered
anything; and it begins what it took when its last measurement at a patient is as old as the gateway's own
updates ask for (`CALM_NS`). Progress is told as events of the node, the outcome as that of the command.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from devices.codecs.node.update import Stage, Update
from devices.model.observation import DeviceEvent, EventKind, Instant
from devices.model.orders import Arguments
from devices.wire.manifest import Manifest
from gateway.clock import Clock
from gateway.config import DeviceConfig
from gateway.errors import Busy, LinkError, OrderRefused, UpdateError
from gateway.firmware.reasons import refusal
from gateway.gather import Who
from gateway.session import Session, monitoring

PROFILES = frozenset({"wardlink-node-vitals", "wardlink-node-vitals-ble"})
"""Of the nodes that take updates."""
LOOK_S = 0.25
ANSWER_NS = 15_000_000_000
"""A node that is connected has said by then who it is."""
STILL_NS = 120_000_000_000
"""For so long nothing may move before the update is given up; the node keeps what it has."""
TRIAL_NS = 600_000_000_000
LIVE_NS = 3_000_000_000
"""For so long a node has to tell what it measures now: what it tells of before says nothing of a patient."""
_TELL_NS, _TELL_PERCENT = 1_000_000_000, 10


class Images(Protocol):
    """`Shelf`."""

    async def fetch(self, version: int, digest: str) -> tuple[Manifest, bytes]:
        """See `Shelf`."""
        ...


@dataclass(slots=True)
class NodeUpdates:
    """`devices` are those that are served, `put` puts an event of a device into the journal."""

    clock: Clock
    devices: Callable[[], Sequence[DeviceConfig]]
    sessions: Sequence[Session]
    images: Images
    put: Callable[[Who, DeviceEvent], None]
    look_s: float = LOOK_S

    async def update(self, arguments: Arguments) -> None:
        """Returns when the node runs the version and is healthy. Raises GatewayError: it does not."""
        session = self._session(str(arguments["device"]))
        manifest, image = await self.images.fetch(int(arguments["version"]), str(arguments["digest"]))
        if session.errands:
            raise Busy(f"{session.device} is being updated already: wait for that")
        update = Update(manifest.board, manifest.version, image)
        session.errands.append(update)
        try:
            await _Followed(self, session, update).follow()
        finally:
            session.errands.remove(update)

    def _session(self, device: str) -> Session:
        """Raises OrderRefused, LinkError."""
        served = next((one for one in self.devices() if one.id == device), None)
        if served is None:
            raise OrderRefused("no-device", f"this gateway serves no {device}: is it another gateway's?")
        if served.profile not in PROFILES:
            raise OrderRefused("no-node", f"{device} is a {served.profile}, not a node that takes updates")
        found = next((one for one in reversed(self.sessions) if one.device == device), None)
        if found is None:
            raise _away(device)
        return found


def _away(device: str) -> LinkError:
    return LinkError("not-connected", f"{device} does not answer: is it on, and its cable plugged in?")


class _Followed:
    """One update, from the order to its outcome."""

    def __init__(self, updates: NodeUpdates, session: Session, update: Update) -> None:
        self._put, self._clock, self._look_s = updates.put, updates.clock, updates.look_s
        self._session, self._update = session, update
        self._moved = self._clock.now()
        self._at: tuple[Stage, int] = update.stage, update.offset
        self._told = ""
        self._told_percent, self._told_at = 0, Instant(0)

    async def follow(self) -> None:
        """Raises OrderRefused, UpdateError, LinkError."""
        while self._update.verdict is None:
            self._look(self._clock.now())
            await asyncio.sleep(self._look_s)
        if self._update.verdict.code != "running":
            raise refusal(self._update.verdict)
        self._tell(self._clock.now(), self._update.stage, "")

    def _look(self, now: Instant) -> None:
        """Raises LinkError, UpdateError."""
        stage, at = self._update.stage, (self._update.stage, self._update.offset)
        if at != self._at:
            self._at, self._moved = at, now
        waits = ""
        if stage == Stage.TAKEN:
            self._moved = now
            waits = self._waits(now)
            if not waits:
                self._update.switch()
        self._check(stage, now - self._moved)
        self._tell(now, stage, waits)

    def _waits(self, now: Instant) -> str:
        """Why the node may not begin it now; empty: it may."""
        live = self._update.live_since
        if monitoring([self._session], now):
            return "it measures a patient: it begins five minutes after"
        if live is None or now - live < LIVE_NS:
            return "it still tells what it measured before: it begins after that"
        return ""

    def _check(self, stage: Stage, still_ns: int) -> None:
        """Raises LinkError, UpdateError."""
        if stage == Stage.ASKING and still_ns > ANSWER_NS:
            raise _away(self._session.device)
        if still_ns > (TRIAL_NS if stage == Stage.TRIAL else STILL_NS):
            why = f"it has {self._update.percent} % of it, and said no more: ask again, and it goes on there"
            raise UpdateError("silent", f"{self._session.device} does not answer: {why}")

    def _tell(self, now: Instant, stage: Stage, why: str) -> None:
        """Each stage, and its reason to wait, once; of what is sent, some steps."""
        percent = self._update.percent
        more = abs(percent - self._told_percent) >= _TELL_PERCENT and now - self._told_at >= _TELL_NS
        if f"{stage} {why}" == self._told and not more:
            return
        self._told, self._told_percent, self._told_at = f"{stage} {why}", percent, now
        detail: dict[str, str | int] = {"version": self._update.version, "progress": str(stage)}
        detail |= {"percent": percent, **({"why": why} if why else {})}
        self._put(self._session.who, DeviceEvent(EventKind.SOFTWARE, now, detail))

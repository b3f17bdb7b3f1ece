"""One of our own brokers on another host (controller/cluster/serving.py), as the controller sees it.

What it should let in goes over the controller's own connection to it, retained: a member that comes back with
an empty disk lets nobody in but the controller, and is told at once.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from controller.clock import Clock
from controller.cluster.access import ACCESS, Access, digest, read_in_force
from controller.errors import BrokerError
from controller.external_broker import AWAY_US, ENDS_SOON_S, Told
from controller.identity.takeover import ISSUERS
from devices.model.observation import Priority

_LOOK_S = 1.0

log = logging.getLogger(__name__)


class Member:
    """The broker at `url`. `told` takes what is wrong with it; "": nothing."""

    own = False
    again_s = 0.5

    def __init__(self, url: str, ca: Path, clock: Clock, told: Told) -> None:
        parts = urlsplit(url)
        self.host, self.port, self.url = parts.hostname or "", parts.port or 8883, url
        self.ca = ca
        self.retain: Callable[[str, bytes], None] = lambda _topic, _payload: None
        """How it is told: of the connection to it."""
        self.is_connected: Callable[[], bool] = lambda: False
        self._clock, self._told = clock, told
        self._gateways: Mapping[str, str] | None = None
        self._want = self._digest = ""
        """Digests: of what it was told last, and of what it has in force."""
        self._good_us = clock.now_us()
        self._ends_us: int | None = None

    def prepare(self) -> None:
        """It is there or it is not: `run` says so."""

    def configure(self, controller: str, gateways: Mapping[str, str]) -> None:
        """Let these in, as soon as it can be told; the controller's name is in its files."""
        if gateways != self._gateways:
            self._gateways = dict(gateways)
            self.reload()

    def reload(self) -> None:
        """Others may sign for gateways from now on."""
        if self._gateways is None:
            return
        issuers = (self.ca / ISSUERS).read_text(encoding="ascii")
        payload = Access(self._gateways, issuers).pack()
        self._want = digest(payload)
        self.retain(ACCESS, payload)

    def heard(self, payload: bytes) -> None:
        """What the member says that it has in force."""
        try:
            said = read_in_force(payload)
        except BrokerError as error:
            log.warning("%s: %s", self.url, error)
        else:
            self._digest, self._ends_us = said.digest, said.until_s * 1_000_000

    async def run(self) -> None:
        """Say what is wrong with it, until cancelled."""
        while True:
            self._look()
            await asyncio.sleep(_LOOK_S)

    def _look(self) -> None:
        now_us, is_connected = self._clock.now_us(), self.is_connected()
        if is_connected and self._digest == self._want:
            self._good_us = now_us
            self._told(*self._ending())
        elif now_us - self._good_us > AWAY_US:
            why = "does not say that it lets in whom it should" if is_connected else "no connection"
            self._told(f"{self.url}: {why}: see `wardlink broker run` on its host", Priority.HIGH)

    def _ending(self) -> tuple[str, Priority]:
        left_s = (self._ends_us - self._clock.utc_us()) / 1e6 if self._ends_us is not None else float("inf")
        if left_s >= ENDS_SOON_S:
            return "", Priority.LOW
        days = int(left_s // 86_400)
        remedy = "make others with `wardlink controller broker-member`"
        return f"{self.url}: its certificates end in {days} days: {remedy}", Priority.LOW

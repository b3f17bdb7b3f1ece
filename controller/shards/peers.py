"""The other controllers, to a controller's wiring: whether there may be any, and what that makes different.

peers = Peers(config, duty); await peers.check(store)
Links(…, peers.session(own), also=(*also, *peers.also), shared=peers.are)
Intake(…, guard=peers.join(own, parts))      # None: alone, and nothing is different
for name, part in peers.parts(http): …       # `http`: where its pages are
"""

import hashlib
import socket
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from controller.anchors import Anchors
from controller.announce import Announcer
from controller.clock import Clock
from controller.cluster.links import Links
from controller.config import Config
from controller.errors import ConfigError
from controller.hub import Hub
from controller.identity.files import FOLDER
from controller.identity.takeover import ROOT
from controller.ingest import Arrived
from controller.intake import Intake
from controller.ledger import Ledger
from controller.registry import Registry
from controller.shards import live, replica, same_keys
from controller.shards.duty import Duty
from controller.shards.topics import LIVE
from controller.store import Store


@dataclass(frozen=True, slots=True)
class Parts:
    """Of one controller. `since_us`: when the time scale began; `shown_us`: what is older is not shown."""

    store: Store
    clock: Clock
    registry: Registry
    ledger: Ledger
    anchors: Anchors
    announcer: Announcer
    hub: Hub
    links: Links
    since_us: int
    shown_us: int


class Peers:
    """As `[cluster]` says; all of one site have the same name. Raises ConfigError."""

    def __init__(self, config: Config, duty: Duty) -> None:
        self._config, self._name, self.duty = config, config.controller.id, duty
        self.are = duty.is_shared
        if self.are and not config.mqtt.elsewhere:
            raise ConfigError(
                "cluster.replicas: expected brokers that stand by themselves, for one that a controller runs "
                "ends with it: give [mqtt] members or url (docs/scale.md)"
            )
        self.also = (LIVE,) if self.are else ()
        self._trusted: tuple[int, ssl.SSLContext | None] = 0, None
        """When the root was written, and what trusts it."""
        self._live: live.Live | None = None
        self._replica: replica.Replica | None = None

    async def check(self, store: Store) -> None:
        """Raises ConfigError: what others have sealed cannot be opened here."""
        if self.are:
            await same_keys.check(store)

    def session(self, own: bytes) -> bytes:
        """As which gateways see it: to them all controllers are one."""
        return hashlib.sha256(self._name.encode()).digest()[:8] if self.are else own

    def join(self, who: bytes, parts: Parts) -> replica.Replica | None:
        """The guard of the intake. `who`: this start of this controller."""
        if not self.are:
            return None
        shown = live.Parts(parts.store, parts.registry, parts.announcer, parts.hub, parts.shown_us)
        self._live = live.Live(who, shown, parts.links.send)
        parts.hub.elsewhere = self._live.elsewhere
        moved = replica.Parts(
            *(parts.store, parts.clock, parts.registry, parts.ledger, parts.anchors),
            links=parts.links,
            live=self._live,
            duty=self.duty,
            since_us=parts.since_us,
        )
        self._replica = replica.Replica(who.hex(), moved)
        return self._replica

    def watches(self, intake: Intake) -> None:
        """What it has under way is finished before its gateways are given up."""
        if self._replica is not None:
            self._replica.intake = intake

    def heard(self, arrived: Arrived) -> bool:
        """Whether this was one of the others."""
        if self._live is None or arrived.topic != LIVE:
            return False
        self._live.heard(arrived.payload)
        return True

    def serves(self, gateway: str) -> bool:
        """Whether it is this controller that speaks with the gateway."""
        return self._replica is None or self._replica.serves(gateway)

    @property
    def address(self) -> str:
        """Where the others reach the pages of this one; "": nowhere yet."""
        return self._replica.address if self._replica else ""

    def trust(self) -> dict[str, Any]:
        """How another one is believed to be one (of aiohttp's client): by a certificate of our authority for
        the name that all have, whatever the host is called."""
        if self._config.http.is_local:
            return {}
        root = self._config.data / FOLDER / ROOT
        if (changed_ns := root.stat().st_mtime_ns) != self._trusted[0]:
            self._trusted = changed_ns, ssl.create_default_context(cafile=root)
        return {"ssl": self._trusted[1], "server_hostname": (*self._config.controller.names, "localhost")[0]}

    def parts(self, http: str) -> list[tuple[str, Callable[[], Awaitable[None]]]]:
        """To be kept running. `http`: where the pages of this one are."""
        if self._live is None or self._replica is None:
            return []
        self._replica.address = self._reached(http)
        return [("others' news", self._live.run), ("leases", self._replica.run)]

    def _reached(self, http: str) -> str:
        here = self._config.http
        found = http.replace(here.host, socket.gethostname(), 1) if here.is_anywhere else http
        return self._config.cluster.address or found

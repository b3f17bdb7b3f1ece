"""The controller at the edge: asked for when the gateway looks where to connect, and followed while it runs.

edge = Edge(config.mec, clock, identity)
locator = Locator(config.controller, hints=edge.addresses)
await edge.follow(locator, moved)

What the platform says is a hint. Nobody is told anything at an address that it names before a certificate of
this gateway's controller was shown there, and no connection is given up for one that has not shown it.
"""

import asyncio
import logging
import ssl
from collections.abc import Callable
from urllib.parse import urlsplit

from gateway.apis.client import Client
from gateway.clock import Clock
from gateway.discovery import Locator
from gateway.enrolment.identity import IdentityFolder
from gateway.errors import ApiRefused, IdentityError, Unreachable
from gateway.mec import wire
from gateway.mec.config import MecConfig

_PROOF_S = 5.0
"""For so long an address may take to show its certificate."""

log = logging.getLogger(__name__)


class Edge:
    """`config` None: there is no platform."""

    def __init__(self, config: MecConfig | None, clock: Clock, identity: IdentityFolder) -> None:
        self._config, self._clock, self._identity = config, clock, identity
        self._client = Client(config, clock.now) if config else None
        self._last: tuple[str, ...] = ()
        self._said = ""

    async def addresses(self) -> tuple[str, ...]:
        """Where the platform says that the controller is; what it said last while it does not answer."""
        if self._config is None or self._client is None:
            return ()
        url = f"{self._config.platform}{wire.services(self._config.service)}"
        try:
            answer = await self._client.call("GET", url)
            self._last = wire.endpoints(answer.body, self._config.service)
            self._say(f"names {', '.join(self._last) or 'no controller'}")
        except (ApiRefused, Unreachable) as error:
            self._say(f"does not say where the controller is: {error}")
        return self._last

    async def follow(self, locator: Locator, moved: Callable[[], None]) -> None:
        """Until cancelled. `moved` is called when the controller is found at another address of the edge."""
        if self._config is None:
            await asyncio.Event().wait()
            return
        while True:
            await asyncio.sleep(self._config.every_s)
            named = await self.addresses()
            if locator.found is None or locator.found in named:
                continue
            for address in named:
                if await self._proves_itself(address):
                    log.info("the controller is at the edge: from %s to %s", locator.found, address)
                    locator.found = address
                    moved()
                    break

    async def _proves_itself(self, address: str) -> bool:
        where = urlsplit(address)
        try:
            async with asyncio.timeout(_PROOF_S):
                tls = await asyncio.to_thread(self._judge)
                _, writer = await asyncio.open_connection(where.hostname, where.port, ssl=tls)
                writer.transport.abort()
        except (OSError, TimeoutError, IdentityError) as error:  # ssl.SSLError is an OSError
            log.warning("%s is not this gateway's controller, or not there: %s", address, error)
            return False
        return True

    def _judge(self) -> ssl.SSLContext:
        is_set = self._clock.block_clock().utc_us is not None
        return self._identity.context(check_time=is_set)

    def _say(self, what: str) -> None:
        """Once, as long as it stays so."""
        if what != self._said:
            log.info("the edge's platform %s", what)
            self._said = what

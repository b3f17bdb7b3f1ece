"""A gateway's way in: enrols once, then keeps its certificate fresh beside the uplink that shows it."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from random import Random
from typing import Any

from gateway.clock import Clock
from gateway.config import Config
from gateway.discovery import Locator
from gateway.enrolment.claims import from_file
from gateway.enrolment.enrol import enrol
from gateway.enrolment.identity import Identity, IdentityFolder
from gateway.enrolment.renewal import Renewal
from gateway.errors import ConfigError, EnrolmentError, NotEnrolled, Unreachable
from gateway.links.backoff import Backoff

_FIRST_WAIT_S, _LONGEST_WAIT_S = 1.0, 60.0

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Admission:
    """`warn` is told whether the certificate is about to expire unrenewed, and the seconds left."""

    config: Config
    folder: IdentityFolder
    clock: Clock
    locator: Locator
    random: Random
    warn: Callable[[bool, float], None]
    _renewal: Renewal = field(init=False)

    def __post_init__(self) -> None:
        self._renewal = Renewal(self.folder, self.clock, self.random, _renewed, self.warn)

    def check(self) -> None:
        """Whether this box can come in at all. Raises IdentityError, ConfigError."""
        try:
            self._is_ours(self.folder.load())
        except NotEnrolled:
            if self.config.controller.claim is None:
                raise

    def refused(self) -> None:
        """The broker does not take the certificate: it may have expired on a host that knows no time."""
        self._renewal.hurry()

    async def run(self, uplink: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Enrol if need be, then run `uplink` and renew, for ever. Raises IdentityError, ConfigError."""
        identity = await self._identity()
        self.locator.known, self.locator.further = identity.mqtt, identity.brokers
        async with asyncio.TaskGroup() as group:
            group.create_task(self._renewal.run())
            group.create_task(uplink())

    async def _identity(self) -> Identity:
        backoff = Backoff(_FIRST_WAIT_S, _LONGEST_WAIT_S)
        while True:
            try:
                return self._is_ours(await asyncio.to_thread(self._held_or_none) or await self._enrolled())
            except (EnrolmentError, Unreachable) as error:
                log.warning("not enrolled yet: %s", error)
            await asyncio.sleep(backoff.failed() * self.random.uniform(0.5, 1))

    def _held_or_none(self) -> Identity | None:
        try:
            return self.folder.load()
        except NotEnrolled:
            return None

    async def _enrolled(self) -> Identity:
        path = self.config.controller.claim
        if path is None:
            raise EnrolmentError("no-claim", "there is no claim: `wardlink gateway enrol`")
        claim = await asyncio.to_thread(from_file, path)
        return await enrol(self.folder, claim, self.config.gateway.id, self.clock)

    def _is_ours(self, identity: Identity) -> Identity:
        if identity.gateway != self.config.gateway.id:
            raise ConfigError(
                f"{self.folder.path} is the identity of {identity.gateway!r}, and gateway.id is "
                f"{self.config.gateway.id!r}: correct it, or enrol with a claim for it"
            )
        return identity


def _renewed(identity: Identity) -> None:
    log.info("%s has a certificate until %s", identity.gateway, identity.until)

"""The configuration in force: a newer one is kept, applied and told, an older one refused.

A box that was away for a week gets the newest and needs none of those between.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from devices.errors import BadOrder
from devices.model.observation import DeviceEvent, EventKind
from devices.model.orders import Arguments
from devices.wire.orders import Configuration, Outcome
from gateway.clock import Clock
from gateway.errors import OrderRefused
from gateway.orders.commands import Tell
from gateway.orders.kept import ConfigurationFile
from gateway.orders.settings import check

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Held:
    """`apply` puts settings in force, at once."""

    file: ConfigurationFile
    clock: Clock
    tell: Tell
    apply: Callable[[Arguments], None]
    _refused: int = 0
    """The revision that was last refused: that is told once, however often it comes."""

    @property
    def revision(self) -> int:
        """That in force; 0: none, all is as in the gateway's own file."""
        return 0 if self.file.configuration is None else self.file.configuration.revision

    async def tell_revision(self) -> None:
        """Say which one is in force since this start. Raises NotKept."""
        if self.file.configuration is not None:
            await self._tell(self.file.configuration, Outcome.APPLIED)

    async def take(self, data: bytes, payload: bytes) -> None:
        """Put the verified configuration in `payload`, which came as `data`, in force, if it is newer.

        Raises WireError, OrderRefused; NotKept where the result did not reach the journal.
        """
        new = self.file.mine(payload)
        if payload == self.file.payload:
            return  # it is retained, and comes with every connection
        if new.revision <= self.revision:
            why = "older" if new.revision < self.revision else "other-content"
            raise OrderRefused(why, f"expected a revision after {self.revision}, got {new.revision}")
        try:
            check(new.settings)
            await asyncio.to_thread(self.file.keep, data)
        except BadOrder as error:
            await self._refuse(new, str(error))
        except OSError as error:
            await self._refuse(new, f"it cannot be kept: {error.strerror}")
        else:
            self.apply(new.settings)
            log.info("configuration %d of %s applied: %s", new.revision, new.issuer, dict(new.settings))
            await self._tell(new, Outcome.APPLIED)

    async def _refuse(self, new: Configuration, why: str) -> None:
        if new.revision != self._refused:
            self._refused = new.revision
            log.error("configuration %d of %s refused: %s", new.revision, new.issuer, why)
            await self._tell(new, Outcome.REFUSED, why)

    async def _tell(self, one: Configuration, outcome: Outcome, why: str = "") -> None:
        reason = {"why": why[:200]} if why else {}
        detail: dict[str, str | int] = {"revision": one.revision, "outcome": str(outcome), **reason}
        await self.tell(DeviceEvent(EventKind.CONFIGURATION, self.clock.now(), detail))

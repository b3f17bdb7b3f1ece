"""The identity is renewed in time: a new key, a new certificate, shown by the old one, for ever.

At two thirds of the lifetime, with jitter; a failure is tried again, longer and longer apart, also when the
certificate has expired meanwhile: the controller renews one that it has not revoked (a vehicle that was
parked for weeks).
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from cryptography import x509

from devices.model.observation import Instant
from gateway.clock import Clock
from gateway.enrolment.certificates import chosen
from gateway.enrolment.est import Est
from gateway.enrolment.identity import Identity, IdentityFolder
from gateway.enrolment.roots import living, moment, stands, taken_over
from gateway.errors import EnrolmentError, IdentityError, Unreachable
from gateway.links.backoff import Backoff

_NS = 1_000_000_000
_TICK_S = 30.0
"""How often it looks: the clock may have been set, and the host asleep."""
_FIRST_WAIT_S, _LONGEST_WAIT_S = 60.0, 3600.0
_UNSET_S = 3600.0
"""A box that does not know the time, hence not how old its certificate is, renews it after so long."""
_LEAST_PART = 1 / 24
"""Of the lifetime is between two renewals, whatever the clock says: one that is far ahead makes no storm."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Renewal:
    """`renewed` is told each new identity, whose context the next connections need.

    `warn` is told whether the certificate is about to expire unrenewed, and the seconds left: at the first
    look and when it changes.
    """

    folder: IdentityFolder
    clock: Clock
    random: Random
    renewed: Callable[[Identity], None]
    warn: Callable[[bool, float], None]
    tick_s: float = _TICK_S
    _hurried: bool = False
    _warned: bool | None = None
    _backoff: Backoff = field(default_factory=lambda: Backoff(_FIRST_WAIT_S, _LONGEST_WAIT_S))

    def hurry(self) -> None:
        """The broker does not take the certificate: renew it now, unless that has just been tried."""
        self._hurried = True

    async def run(self) -> None:
        """Until cancelled. Raises IdentityError when there is no identity to renew."""
        identity = await asyncio.to_thread(self.folder.load)
        began, fresh = self.clock.now(), False
        while True:
            await self._due(identity, began, fresh)
            identity = await self._renew_until_done(identity)
            began, fresh = self.clock.now(), True
            self.renewed(identity)

    async def _due(self, identity: Identity, began: Instant, fresh: bool) -> None:
        """Waits until it is time. `began`: of this run, or, if `fresh`, when the certificate was made."""
        after_s = identity.renewal_after_s(self.random)
        least_s = (identity.ends_s - identity.begins_s) * _LEAST_PART if fresh else 0.0
        while True:
            self._look(identity)
            passed_s = (self.clock.now() - began) / _NS
            if passed_s >= least_s and (self._hurried or self._is_old(identity, after_s, passed_s, fresh)):
                return
            await asyncio.sleep(self.tick_s)

    def _is_old(self, identity: Identity, after_s: float, passed_s: float, fresh: bool) -> bool:
        utc_us = self.clock.block_clock().utc_us
        if utc_us is None:
            return passed_s >= (after_s if fresh else min(after_s, _UNSET_S))
        return utc_us / 1e6 - identity.begins_s >= after_s

    async def _renew_until_done(self, identity: Identity) -> Identity:
        while True:
            try:
                new = await self._renew(identity)
            except (EnrolmentError, Unreachable, OSError) as error:
                wait_s = self._backoff.failed() * self.random.uniform(0.5, 1.0)
                log.warning("the certificate was not renewed, tried again in %.0f s: %s", wait_s, error)
                await self._pause(identity, wait_s)
            else:
                self._backoff.reset()
                self._hurried = False
                log.info("the certificate was renewed, until %s", new.until)
                return new

    async def _pause(self, identity: Identity, wait_s: float) -> None:
        until = self.clock.now() + wait_s * _NS
        while self.clock.now() < until:
            self._look(identity)
            await asyncio.sleep(self.tick_s)

    async def _renew(self, old: Identity) -> Identity:
        """The identity with a new key and certificate, kept. Raises EnrolmentError, Unreachable, OSError."""
        key = await asyncio.to_thread(self.folder.waiting_key)
        check_time = self.clock.block_clock().utc_us is not None
        known = await asyncio.to_thread(lambda: self.folder.context(check_time=check_time))
        authority = Est(old.est)
        others = await authority.authorities(known)
        roots = await asyncio.to_thread(self._pinned, old, others)
        given = await authority.renew(known, old.certificate.subject, key)
        try:
            chain = chosen([*given, *others], key, old.gateway, *roots)
        except IdentityError as error:
            raise EnrolmentError("bad-answer", f"{old.est}: {error}: report it") from error
        new = Identity(key, chain, roots, old.est, old.mqtt, old.brokers)
        await asyncio.to_thread(self.folder.install, new)
        return new

    def _pinned(self, old: Identity, offered: list[x509.Certificate]) -> tuple[x509.Certificate, ...]:
        """The roots to trust from now on; the present identity stands under them, too, whatever happens next.

        Raises OSError.
        """
        at = moment(self.clock.block_clock().utc_us)
        roots = taken_over(old.roots, offered, at)
        lasting = living(roots, at)
        if stands(old, lasting):
            roots = lasting
        if roots != old.roots:
            self.folder.pin(roots)
            log.info("roots that are trusted: %s", ", ".join(f"{one.serial_number:x}" for one in roots))
        return roots

    def _look(self, identity: Identity) -> None:
        """Tell whether it is about to expire, when that has changed and UTC is known."""
        utc_us = self.clock.block_clock().utc_us
        if utc_us is None:
            return
        now_s = utc_us / 1e6
        warned = now_s >= identity.warn_at_s
        if warned != self._warned:
            self._warned = warned
            self.warn(warned, identity.ends_s - now_s)

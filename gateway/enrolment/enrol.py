"""A claim becomes an identity."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from devices.model.claim import Claim
from gateway.clock import Clock
from gateway.enrolment import tls
from gateway.enrolment.certificates import chosen
from gateway.enrolment.est import Est
from gateway.enrolment.identity import Identity, IdentityFolder
from gateway.enrolment.roots import moment, taken_over
from gateway.errors import EnrolmentError, IdentityError

Enrol = Callable[[Claim], Awaitable[Identity]]
"""What a source of claims does with each. Raises EnrolmentError, Unreachable, IdentityError, OSError."""

log = logging.getLogger(__name__)


async def enrol(folder: IdentityFolder, claim: Claim, box: str | None, clock: Clock) -> Identity:
    """Ask for this box's certificate and keep it. Raises as `Enrol` does; then another try may be made.

    `box` is the gateway's id if the box is configured for one. The key is on the disk before anyone hears of
    it, the root is proved before the token leaves the box, and the identity replaces an older one when whole.
    """
    utc_us = clock.block_clock().utc_us
    _check(claim, box, utc_us)
    key = await asyncio.to_thread(folder.waiting_key)
    authority = Est(claim.est)
    root, others = await authority.pinned(claim.root)
    roots = taken_over((root,), others, moment(utc_us))
    trusted = tls.pinned(*roots, check_time=utc_us is not None)
    given = await authority.enrol(trusted, claim.gateway, claim.token, key)
    try:
        chain = chosen([*given, *others], key, claim.gateway, *roots)
    except IdentityError as error:
        raise EnrolmentError("bad-answer", f"{claim.est}: {error}: report it") from error
    identity = Identity(key, chain, roots, claim.est, claim.mqtt, claim.brokers)
    await asyncio.to_thread(folder.install, identity)
    log.info("enrolled as %s until %s", identity.gateway, identity.until)
    return identity


def _check(claim: Claim, box: str | None, utc_us: int | None) -> None:
    if box is not None and claim.gateway != box:
        raise EnrolmentError(
            "other-gateway",
            f"the claim is for {claim.gateway!r}, and this box is {box!r}: take the claim of {box!r}, or "
            "correct gateway.id in the configuration",
        )
    if utc_us is not None and claim.expires * 1_000_000 <= utc_us:
        raise EnrolmentError("claim-expired", "the claim has expired: ask for a new one on the controller")

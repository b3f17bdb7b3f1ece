"""How long the authority's certificates still hold, and whether people should know by now."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from controller.identity.authority import Authority
from controller.identity.files import CONTROLLER, SERVER
from controller.identity.pems import read_certificates

WARN: Mapping[str, timedelta] = MappingProxyType(
    {
        "root": timedelta(days=365),
        "issuing": timedelta(days=180),
        "server": timedelta(days=15),
        "controller": timedelta(days=15),
    }
)
"""So long before its end a certificate is told of. The last two renew themselves, if nothing is wrong."""
CODES = {name: f"{name}-certificate-ends" for name in WARN}
"""The code of the alert."""
REMEDY: Mapping[str, str] = MappingProxyType(
    {
        "root": "`wardlink controller authority new-root` with the root's key",
        "issuing": "`wardlink controller authority renew` with the root's key",
        "server": "it should renew itself: see the log, and when the issuing certificate ends",
        "controller": "it should renew itself: see the log, and when the issuing certificate ends",
    }
)
"""What to do."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Life:
    """A certificate of the authority's, and what it is: "root", "issuing", "former issuing", "server", …"""

    name: str
    certificate: x509.Certificate

    @property
    def ends(self) -> datetime:
        """When, UTC."""
        return self.certificate.not_valid_after_utc

    @property
    def fingerprint(self) -> str:
        """SHA-256, hexadecimal."""
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    def left(self, now: datetime) -> timedelta:
        """Below 0: it has ended."""
        return self.ends - now

    def is_told(self, now: datetime) -> bool:
        """Whether somebody has to do something."""
        return self.name in WARN and self.left(now) < WARN[self.name]


def lives(folder: Path, authority: Authority) -> list[Life]:
    """Of all that the authority in `folder` has: those in use first. Raises AuthorityError."""
    held = authority.held
    own = [(name, read_certificates(folder / file)[:1]) for name, file in _OWN]
    return [
        Life("root", held.root),
        Life("issuing", held.issuing),
        *(Life(name, one) for name, found in own for one in found),
        *(Life("former root", one) for one in held.links[::3]),
        *(Life("former issuing", one) for one in held.former),
    ]


class Endings:
    """Which certificates somebody has to look after, told in the log and by `alert` when that changes.

    `alert(code, is_active, detail)`.
    """

    def __init__(self, alert: Callable[[str, bool, dict[str, str | int]], None]) -> None:
        self._alert = alert
        self._told: dict[str, Life] = {}

    @property
    def told(self) -> list[Life]:
        """What is about to end, or has ended."""
        return list(self._told.values())

    def look(self, held: Iterable[Life], now: datetime) -> None:
        """Of all that is `held` now."""
        told = {one.name: one for one in held if one.is_told(now)}
        for name in self._told.keys() - told.keys():
            self._alert(CODES[name], False, {})
        for name, one in told.items():
            if one != self._told.get(name):
                until = f"{one.ends:%Y-%m-%d}"
                log.warning("the %s certificate ends on %s: %s", name, until, REMEDY[name])
                self._alert(CODES[name], True, {"certificate": name, "ends_utc_s": int(one.ends.timestamp())})
        self._told = told


_OWN = ("server", SERVER), ("controller", CONTROLLER)

"""Lets gateways in and out: the one service behind the command line and the web.

claim = await provisioning.provision(Record("ward-a", "Ward A", "BME-17", "w-1", GatewayClass.WARD), by)
receipt = await provisioning.decommission("ward-a", by)
"""

import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from controller.clock import Clock
from controller.errors import Conflict, NotFound, RegistryError
from controller.identity import claims
from controller.identity.authority import Authority
from controller.identity.certificates import By, audit, changed, moment, revoke
from controller.identity.receipts import signed_receipt
from controller.registry import CONTROLLER
from controller.store import Store
from devices.model.claim import Claim
from devices.model.identity import gateway_id

LONGEST = 120
"""Characters of a name or an asset tag."""
RESERVED = frozenset({CONTROLLER})
"""What no gateway may be called."""

_PUT = """INSERT INTO gateway (id, name, added_ms, provisioned, asset_tag, place, class)
VALUES (?, ?, ?, 1, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, provisioned = 1, asset_tag = excluded.asset_tag,
place = excluded.place, class = excluded.class"""
_SAME_TAG = "SELECT id FROM gateway WHERE asset_tag = ? AND provisioned = 1 AND id <> ?"
_PLACES = "SELECT id FROM ward UNION SELECT id FROM bed ORDER BY id"
_LIST = """SELECT id, name, asset_tag, place, class, provisioned,
  (SELECT max(expires_utc_s) FROM claim WHERE gateway = id AND serial IS NULL AND ended = 0) AS claim_until,
  (SELECT max(expires_utc_s) FROM certificate WHERE gateway = id AND revoked_utc_s IS NULL) AS known_until,
  (SELECT max(issued_utc_s) FROM certificate WHERE gateway = id AND revoked_utc_s IS NULL) AS known_since
FROM gateway ORDER BY id"""
_CERTIFICATES = """SELECT serial, issued_utc_s, expires_utc_s, revoked_utc_s, coalesce(why, '')
FROM certificate WHERE gateway = ? ORDER BY issued_utc_s DESC, expires_utc_s DESC, serial LIMIT ?"""


class GatewayClass(StrEnum):
    """What kind of box it is."""

    WARD = "ward"
    """It stays, and serves the beds around it."""
    VEHICLE = "vehicle"
    """It goes away for hours and may be parked for weeks."""
    SIMULATED = "simulated"
    """No box: a rig, a demonstration."""


@dataclass(frozen=True, slots=True)
class Record:
    """What an engineer says of a gateway."""

    gateway: str
    name: str
    asset_tag: str
    """The hospital's inventory number; "" is none."""
    place: str
    """The id of a ward or a vehicle."""
    kind: GatewayClass


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where gateways find the controller."""

    est: str
    """https://HOST:PORT"""
    mqtt: str
    """mqtts://HOST:PORT"""
    brokers: tuple[str, ...] = ()
    """Further ones, each as good as `mqtt`."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A gateway and how far it is."""

    gateway: str
    name: str
    asset_tag: str
    place: str
    kind: str
    provisioned: int
    """1: it may come in."""
    claim_until_utc_s: int | None
    """An unused claim is good until then."""
    certified_until_utc_s: int | None
    """Its last unrevoked certificate ends then."""
    certified_utc_s: int | None
    """When it was given the newest of these."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """One that a gateway was given."""

    serial: str
    issued_utc_s: int
    expires_utc_s: int
    revoked_utc_s: int | None
    why: str
    """It was revoked."""


def new_token() -> str:
    """128 random bits, base64url."""
    return secrets.token_urlsafe(16)


class Provisioning:
    """Of one controller. `folder` is the authority's. A running controller follows within a second."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        authority: Authority,
        folder: Path,
        addresses: Callable[[], Addresses],
        token: Callable[[], str] = new_token,
    ) -> None:
        self._store = store
        self._authority = authority
        self._folder = folder
        self._clock = clock
        self._addresses = addresses
        self._token = token

    async def provision(self, record: Record, by: By) -> Claim:
        """Record the gateway (again: as it is now) and make a claim in place of its earlier unused one.

        Certificates that it has stay good. Raises BadIdentity, BadClaim, Conflict, NotFound (the place),
        RegistryError, ClockNotSet, StoreError.
        """
        _check(record)
        addresses, utc_us = self._addresses(), self._clock.utc_us()
        self._authority.check_clock(moment(utc_us // 1_000_000))
        claim = Claim(
            gateway=record.gateway,
            est=addresses.est,
            mqtt=addresses.mqtt,
            brokers=addresses.brokers,
            token=self._token(),
            root=self._authority.fingerprint,
            expires=utc_us // 1_000_000 + claims.LIFE_S,
        )
        now_ms = self._clock.now_us() // 1000

        def work(db: sqlite3.Connection) -> None:
            _put(db, record, now_ms)
            claims.make(db, record.gateway, claim.token, utc_us // 1_000_000)
            claims.settle(db, record.gateway)
            detail = {"asset_tag": record.asset_tag, "place": record.place, "class": record.kind.value}
            audit(db, "gateway-provisioned", record.gateway, by, utc_us, **detail)

        await self._store.write(work)
        return claim

    async def revoke(self, gateway: str, by: By, serial: str = "") -> list[str]:
        """Take back one certificate of `gateway`, or all; its session ends. Returns their serials.

        Raises NotFound, StoreError.
        """

        def work(db: sqlite3.Connection) -> list[str]:
            _known(db, gateway)
            if not serial:
                claims.settle(db, gateway)
            return revoke(db, gateway, by, self._clock.utc_us(), serial)

        return await self._store.write(work)

    async def decommission(self, gateway: str, by: By) -> str:
        """End everything that lets `gateway` in. Returns a signed receipt (receipts.py).

        What it measured stays. Raises NotFound, Conflict, AuthorityError, StoreError.
        """
        utc_us = self._clock.utc_us()

        def work(db: sqlite3.Connection) -> str:
            row = _known(db, gateway)
            if not row["provisioned"]:
                raise Conflict(f"gateway {gateway!r} is not let in: there is nothing to end")
            ended = revoke(db, gateway, by, utc_us)
            claims.end(db, gateway)
            claims.settle(db, gateway)
            db.execute("UPDATE gateway SET provisioned = 0 WHERE id = ?", (gateway,))
            audit(db, "gateway-decommissioned", gateway, by, utc_us, certificates=len(ended))
            changed(db)
            return signed_receipt(self._folder, _said(row, ended, by, utc_us))

        return await self._store.write(work)

    async def listing(self) -> list[Listed]:
        """Every gateway that was ever heard of, by id. Raises StoreError."""
        rows = await self._store.read(_LIST)
        return [Listed(*tuple(row)) for row in rows]

    async def certificates(self, gateway: str, most: int) -> list[Certificate]:
        """What `gateway` was given: the newest first, at most so many. Raises NotFound, StoreError."""
        rows = await self._store.read(_CERTIFICATES, (gateway, most))
        if not rows and not await self._store.read("SELECT 1 FROM gateway WHERE id = ?", (gateway,)):
            raise _unknown(gateway)
        return [Certificate(*tuple(row)) for row in rows]


def _check(record: Record) -> None:
    gateway_id(record.gateway)
    if record.gateway in RESERVED:
        raise Conflict(f"{record.gateway!r} is the controller's own name: give the gateway another")
    for what, text in (("name", record.name), ("asset tag", record.asset_tag)):
        if len(text) > LONGEST or not text.isprintable():
            raise RegistryError(f"{what}: expected at most {LONGEST} printable characters, got {text!r:.60}")


def _put(db: sqlite3.Connection, record: Record, now_ms: int) -> None:
    places = [row["id"] for row in db.execute(_PLACES).fetchall()]
    if record.place not in places:
        known = ", ".join(places) or "none"
        raise NotFound(f"there is no ward or vehicle {record.place!r}; there are: {known}: add it first")
    if record.asset_tag and (same := db.execute(_SAME_TAG, (record.asset_tag, record.gateway)).fetchone()):
        raise Conflict(
            f"asset tag {record.asset_tag!r} is on gateway {same['id']!r}: decommission that, or correct it"
        )
    row = record.gateway, record.name or record.gateway, now_ms
    db.execute(_PUT, (*row, record.asset_tag, record.place, record.kind.value))
    changed(db)


def _known(db: sqlite3.Connection, gateway: str) -> sqlite3.Row:
    row: sqlite3.Row | None = db.execute("SELECT * FROM gateway WHERE id = ?", (gateway,)).fetchone()
    if row is None:
        raise _unknown(gateway)
    return row


def _unknown(gateway: str) -> NotFound:
    return NotFound(f"there is no gateway {gateway!r}: look at the list of gateways")


def _said(row: sqlite3.Row, ended: list[str], by: By, utc_us: int) -> dict[str, object]:
    return {
        "receipt": "gateway-decommissioned",
        "gateway": row["id"],
        "name": row["name"],
        "asset_tag": row["asset_tag"],
        "place": row["place"],
        "utc_s": utc_us // 1_000_000,
        "by": by.actor,
        "why": by.why,
        "certificates_revoked": ended,
    }

"""Issues orders, and knows what became of them: for the command line and for the pages.

    desk = OrderDesk(store, clock)
    await desk.command("ward-a", "identify", {}, by)          # audited; sent by whoever runs the `Sender`
    await desk.configure("ward-a", {"log-level": "debug"}, by)
    await desk.commands("ward-a"), await desk.configurations()

Orders are kept unsigned: they are signed when they are sent, with the key that is the authority's then.
"""

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from controller.audit.entry import DONE
from controller.clock import Clock
from controller.errors import Conflict, OrderError, Outdated
from controller.identity.certificates import By, audit, check_provisioned
from controller.orders import followed
from controller.orders.followed import BEDS, Followed, InForce
from controller.store import Store
from devices.errors import BadOrder
from devices.model.lying import is_lying, without_lying
from devices.model.orders import Arguments, check_command, check_settings
from devices.model.served import carried
from devices.wire.orders import ID_BYTES, Command, Configuration

LIFE_US = 3_600_000_000
LONGEST_LIFE_US = 7 * 86_400_000_000
"""A command is good for an hour, or as long as it is said to be, up to a week."""
_US = 1_000_000

_COMMAND = "INSERT INTO command VALUES (?, ?, ?, ?, ?, ?, ?)"
_CONFIGURATION = "INSERT INTO configuration VALUES (?, ?, ?, ?, ?)"
_SINCE = "SELECT revision, issuer FROM configuration WHERE gateway = ? AND revision > ? ORDER BY revision"
_LAST_TWO = "SELECT * FROM configuration WHERE gateway = ? ORDER BY revision DESC LIMIT 2"


@dataclass(frozen=True, slots=True)
class Change:
    """Of one setting; None: as in the gateway's own file."""

    name: str
    before: str | int | None
    after: str | int | None


class OrderDesk:
    """Methods raise StoreError, too."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def command(
        self, gateway: str, name: str, arguments: Arguments, by: By, life_us: int = LIFE_US, *, key: str = ""
    ) -> Command:
        """Ask `gateway` to do something once, within `life_us`.

        The same person with the same `key` asks once, however often. Raises OrderError, NotFound, Conflict
        (the key was for another command), EnrolmentRefused ("decommissioned").
        """
        _check(lambda: check_command(name, arguments))
        if not 0 < life_us <= LONGEST_LIFE_US:
            longest = LONGEST_LIFE_US // _US // 60
            raise OrderError(f"expected a life of 1 to {longest} minutes, got {life_us / _US / 60:.0f}")
        number, utc_us = _number(by.actor, gateway, key), self._clock.utc_us()
        made = Command(number, name, arguments, gateway, by.actor, utc_us, utc_us + life_us)
        return await self._store.write(lambda db: keep_command(db, made, by))

    async def configure(
        self, gateway: str, settings: Arguments, by: By, *, over: int | None = None
    ) -> Configuration:
        """Set up `gateway` so: the whole of it; what is not in `settings` is as in the gateway's own file.

        But for devices that were added from here, and for who lies where: they stay.

        `over`: the revision that it is to replace, 0 for none; None: whichever is the newest. What the same
        person has sent over it already is not sent again. Raises OrderError, NotFound, Outdated (another was
        sent meanwhile), EnrolmentRefused ("decommissioned").
        """
        _check_technical(settings)
        utc_us = self._clock.utc_us()

        def configure(db: sqlite3.Connection) -> Configuration:
            whole, last = carried(newest_settings(db, gateway), settings), _but_beds(db, gateway, over)
            return keep_configuration(db, gateway, whole, by, utc_us=utc_us, over=last)

        return await self._store.write(configure)

    async def compare(self, gateway: str, settings: Arguments) -> tuple[int, list[Change]]:
        """The newest revision (0: none), and what `settings` in its place would change. Raises OrderError."""
        _check_technical(settings)
        held = next(iter(await self.configurations(gateway)), None)
        if held is None or not isinstance(held.order, Configuration):
            return 0, _changes({}, settings)
        before = without_lying(held.order.settings)
        return held.order.revision, _changes(before, carried(before, settings))

    async def commands(self, gateway: str = "", most: int = 100) -> list[Followed]:
        """The newest first; of `gateway`, or of all."""
        now_us = self._clock.utc_us()
        rows = await self._store.read(followed.COMMANDS, (gateway, most))
        return [followed.follow_command(row, now_us) for row in rows]

    async def configurations(self, gateway: str = "") -> list[Followed]:
        """The newest of each gateway, or of `gateway`."""
        rows = await self._store.read(followed.LATEST, (gateway,))
        return [followed.follow_configuration(row) for row in rows]

    async def in_force(self, gateway: str) -> InForce | None:
        """What `gateway` last said to be in force; None: as far as is known all is as in its own file."""
        rows = await self._store.read(followed.IN_FORCE, (gateway,))
        return followed.read_in_force(rows[0]) if rows else None

    async def unanswered(self) -> list[Command]:
        """Commands that have not expired, and of whose fate nothing is known."""
        rows = await self._store.read(followed.OPEN, (self._clock.utc_us(),))
        return [followed.read_command(row) for row in rows]

    async def newest(self) -> list[Configuration]:
        """What each gateway that was ever configured is to be."""
        return [followed.read_configuration(row) for row in await self._store.read(followed.NEWEST_ALL)]


def _check(check: Callable[[], None]) -> None:
    try:
        check()
    except BadOrder as error:
        raise OrderError(str(error)) from error


def _check_technical(settings: Arguments) -> None:
    """Raises OrderError: they cannot be, or are not an engineer's."""
    _check(lambda: check_settings(settings))
    if wards := sorted(filter(is_lying, settings)):
        raise OrderError(
            f"expected settings of the gateway, got {wards[0]}: who lies where, and the limits of a patient, "
            "are changed on the board"
        )


def _but_beds(db: sqlite3.Connection, gateway: str, over: int | None) -> int | None:
    """`over`, or the newest revision where since then nothing changed but who lies where: that stays."""
    since = db.execute(_SINCE, (gateway, over)).fetchall()
    return since[-1]["revision"] if since and all(row["issuer"] == BEDS for row in since) else over


def _number(actor: str, gateway: str, key: str) -> bytes:
    """A command's id: the same for the same key, which is one person's own for one gateway."""
    if not key:
        return secrets.token_bytes(ID_BYTES)
    return hashlib.sha256(json.dumps([actor, gateway, key]).encode()).digest()[:ID_BYTES]


def _changes(before: Arguments, after: Arguments) -> list[Change]:
    names = sorted({*before, *after})
    changes = (Change(name, before.get(name), after.get(name)) for name in names)
    return [change for change in changes if change.before != change.after]


def newest_settings(db: sqlite3.Connection, gateway: str) -> Arguments:
    """Those that were last sent to `gateway`; none if there are none."""
    row = db.execute(_LAST_TWO, (gateway,)).fetchone()
    return {} if row is None else followed.read_configuration(row).settings


def keep_command(db: sqlite3.Connection, made: Command, by: By) -> Command:
    """Keep it, in a transaction; the one of before if it has the same id.

    Raises NotFound, Conflict, EnrolmentRefused.
    """
    held = db.execute("SELECT * FROM command WHERE id = ?", (made.id.hex(),)).fetchone()
    if held is not None:
        return _same(followed.read_command(held), made)
    check_provisioned(db, made.gateway)
    arguments = json.dumps(dict(made.arguments))
    whose = made.id.hex(), made.gateway, made.name, arguments, made.issuer
    db.execute(_COMMAND, (*whose, made.issued_us, made.expires_us))
    # What a physician writes to a crew may name a patient: the trail names none but in its own place.
    traced = json.dumps({name: value for name, value in made.arguments.items() if name != "text"})
    what = {"id": made.id.hex(), "name": made.name, "arguments": traced}
    audit(db, "command-issued", made.gateway, by, made.issued_us, outcome=DONE, **what)
    return made


def _same(held: Command, made: Command) -> Command:
    if (held.name, held.arguments) != (made.name, dict(made.arguments)):
        raise Conflict(
            f"expected the command {held.name} again with this key, got {made.name}: make a new key"
        )
    return held


def keep_configuration(
    db: sqlite3.Connection,
    gateway: str,
    settings: Arguments,
    by: By,
    *,
    utc_us: int,
    over: int | None = None,
) -> Configuration:
    """Keep `settings`, which were checked, as the newest, in a transaction.

    Raises NotFound, Outdated, EnrolmentRefused.
    """
    check_provisioned(db, gateway)
    held = [followed.read_configuration(row) for row in db.execute(_LAST_TWO, (gateway,)).fetchall()]
    last, before = ([one.revision for one in held] + [0, 0])[:2]
    if over not in (None, last):
        if over == before and (held[0].issuer, held[0].settings) == (by.actor, dict(settings)):
            return held[0]  # its answer was lost, and it comes again (RFC 9110, 13.1.1)
        raise _outdated(held, over)
    # Seconds since 1970: a database that comes back from a backup does not go back behind its gateways.
    revision = max(last + 1, utc_us // _US)
    text = json.dumps(dict(settings))
    db.execute(_CONFIGURATION, (gateway, revision, text, by.actor, utc_us))
    audit(db, "configuration-issued", gateway, by, utc_us, revision=revision, settings=text)
    return Configuration(gateway, revision, by.actor, utc_us, settings)


def _outdated(held: list[Configuration], over: int | None) -> Outdated:
    newest = f"{held[0].revision}, which {held[0].issuer} sent," if held else "0 (none was sent)"
    return Outdated(
        f"expected to replace revision {newest} got {over}: look at the newest, and send yours again"
    )

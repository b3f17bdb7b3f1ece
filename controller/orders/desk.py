"""Issues orders, and knows what became of them.

    desk = OrderDesk(store, clock)
    await desk.command("ward-a", "identify", {}, by)          # audited; sent by whoever runs the `Sender`
    await desk.configure("ward-a", {"log-level": "debug"}, by)
    await desk.commands("ward-a"), await desk.configurations()

Orders are kept unsigned: they are signed when they are sent, with the key that is the authority's then.
"""

import json
import secrets
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from controller.audit.entry import DONE
from controller.clock import Clock
from controller.errors import OrderError
from controller.identity.certificates import By, audit, check_provisioned
from controller.store import Store
from devices.errors import BadOrder
from devices.model.orders import check_command, check_settings
from devices.wire.orders import ID_BYTES, Command, Configuration

Arguments = Mapping[str, str | int]

LIFE_US = 3_600_000_000
LONGEST_LIFE_US = 7 * 86_400_000_000
"""A command is good for an hour, or as long as it is said to be, up to a week."""
_US = 1_000_000

_COMMAND = "INSERT INTO command VALUES (?, ?, ?, ?, ?, ?, ?)"
_CONFIGURATION = "INSERT INTO configuration VALUES (?, ?, ?, ?, ?)"
_LAST = "SELECT ifnull(max(revision), 0) FROM configuration WHERE gateway = ?"
_RESULT = """(SELECT detail FROM device_event AS event
  WHERE device IS NULL AND kind = '{kind}' AND event.gateway = {kind}.gateway
  AND json_extract(detail, '$.{key}') = {kind}.{key} ORDER BY event.id LIMIT 1)"""
"""What the gateway itself first said of it: no other gateway can."""
_COMMANDS = f"""SELECT *, {_RESULT.format(kind="command", key="id")} AS result FROM command
WHERE ? IN ('', gateway) ORDER BY issued_utc_us DESC, id LIMIT ?"""
_OPEN = f"""SELECT * FROM command WHERE expires_utc_us > ?
AND {_RESULT.format(kind="command", key="id")} IS NULL ORDER BY issued_utc_us, id"""
_NEWEST = "SELECT gateway, max(revision) AS revision, settings, issuer, issued_utc_us FROM configuration"
_NEWEST_ALL = f"{_NEWEST} GROUP BY gateway"
_LATEST = f"""SELECT *, {_RESULT.format(kind="configuration", key="revision")} AS result
FROM ({_NEWEST} WHERE ? IN ('', gateway) GROUP BY gateway) AS configuration ORDER BY gateway"""


class Condition(StrEnum):
    """How far an order has come, as long as its gateway has not said more."""

    SENT = "sent"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Followed:
    """An order, and its state: `sent`, `expired`, or what its gateway said (`Outcome`), and why."""

    order: Command | Configuration
    state: str
    why: str = ""


class OrderDesk:
    """Methods raise StoreError, too."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def command(
        self, gateway: str, name: str, arguments: Arguments, by: By, life_us: int = LIFE_US
    ) -> Command:
        """Ask `gateway` to do something once, within `life_us`.

        Raises OrderError, NotFound, EnrolmentRefused ("decommissioned").
        """
        _check(lambda: check_command(name, arguments))
        if not 0 < life_us <= LONGEST_LIFE_US:
            longest = LONGEST_LIFE_US // _US // 60
            raise OrderError(f"expected a life of 1 to {longest} minutes, got {life_us / _US / 60:.0f}")
        number, utc_us = secrets.token_bytes(ID_BYTES), self._clock.utc_us()
        made = Command(number, name, arguments, gateway, by.actor, utc_us, utc_us + life_us)
        await self._store.write(lambda db: _keep_command(db, made, by))
        return made

    async def configure(self, gateway: str, settings: Arguments, by: By) -> Configuration:
        """Set up `gateway` so: the whole of it; what is not in `settings` is as in the gateway's own file.

        Raises OrderError, NotFound, EnrolmentRefused ("decommissioned").
        """
        _check(lambda: check_settings(settings))
        utc_us = self._clock.utc_us()
        return await self._store.write(lambda db: _keep_configuration(db, gateway, settings, by, utc_us))

    async def commands(self, gateway: str = "", most: int = 100) -> list[Followed]:
        """The newest first; of `gateway`, or of all."""
        now_us = self._clock.utc_us()
        return [_followed(row, now_us) for row in await self._store.read(_COMMANDS, (gateway, most))]

    async def configurations(self, gateway: str = "") -> list[Followed]:
        """The newest of each gateway, or of `gateway`."""
        rows = await self._store.read(_LATEST, (gateway,))
        return [Followed(_configuration(row), *_said(row["result"], Condition.SENT)) for row in rows]

    async def unanswered(self) -> list[Command]:
        """Commands that have not expired, and of whose fate nothing is known."""
        return [_command(row) for row in await self._store.read(_OPEN, (self._clock.utc_us(),))]

    async def newest(self) -> list[Configuration]:
        """What each gateway that was ever configured is to be."""
        return [_configuration(row) for row in await self._store.read(_NEWEST_ALL)]


def _check(check: Callable[[], None]) -> None:
    try:
        check()
    except BadOrder as error:
        raise OrderError(str(error)) from error


def _keep_command(db: sqlite3.Connection, made: Command, by: By) -> None:
    check_provisioned(db, made.gateway)
    arguments = json.dumps(dict(made.arguments))
    whose = made.id.hex(), made.gateway, made.name, arguments, made.issuer
    db.execute(_COMMAND, (*whose, made.issued_us, made.expires_us))
    what = {"id": made.id.hex(), "name": made.name, "arguments": arguments}
    audit(db, "command-issued", made.gateway, by, made.issued_us, outcome=DONE, **what)


def _keep_configuration(
    db: sqlite3.Connection, gateway: str, settings: Arguments, by: By, utc_us: int
) -> Configuration:
    check_provisioned(db, gateway)
    # Seconds since 1970: a database that comes back from a backup does not go back behind its gateways.
    revision = max(db.execute(_LAST, (gateway,)).fetchone()[0] + 1, utc_us // _US)
    text = json.dumps(dict(settings))
    db.execute(_CONFIGURATION, (gateway, revision, text, by.actor, utc_us))
    audit(db, "configuration-issued", gateway, by, utc_us, revision=revision, settings=text)
    return Configuration(gateway, revision, by.actor, utc_us, settings)


def _command(row: sqlite3.Row) -> Command:
    number, arguments = bytes.fromhex(row["id"]), json.loads(row["arguments"])
    times = row["issued_utc_us"], row["expires_utc_us"]
    return Command(number, row["name"], arguments, row["gateway"], row["issuer"], *times)


def _configuration(row: sqlite3.Row) -> Configuration:
    settings = json.loads(row["settings"])
    return Configuration(row["gateway"], row["revision"], row["issuer"], row["issued_utc_us"], settings)


def _followed(row: sqlite3.Row, now_us: int) -> Followed:
    command = _command(row)
    silent = Condition.EXPIRED if now_us > command.expires_us else Condition.SENT
    return Followed(command, *_said(row["result"], silent))


def _said(result: str | None, silent: Condition) -> tuple[str, str]:
    """(state, why) as the gateway says; `silent` where it says nothing."""
    if result is None:
        return str(silent), ""
    detail = json.loads(result)
    return str(detail.get("outcome", "")), str(detail.get("why", ""))

"""Orders as the database has them, and what their gateways said of them: as events of their own, in order."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from devices.model.orders import ROBOT_ORDER, Arguments
from devices.wire.orders import Command, Configuration, Outcome

_RESULT = """(SELECT json_object('at_us', at_us, 'detail', json(detail)) FROM device_event AS event
  WHERE device IS NULL AND kind = '{kind}' AND event.gateway = {kind}.gateway
  AND json_extract(detail, '$.{key}') = +{kind}.{key} ORDER BY event.id LIMIT 1)"""
"""What the gateway itself first said of it: no other gateway can. The `+` takes the column's type from it:
SQLite uses the index of that expression only for a value without one."""
COMMANDS = f"""SELECT *, {_RESULT.format(kind="command", key="id")} AS result FROM command
WHERE ? IN ('', gateway) AND name <> '{ROBOT_ORDER}' ORDER BY issued_utc_us DESC, id LIMIT ?"""
OPEN = f"""SELECT * FROM command WHERE expires_utc_us > ?
AND {_RESULT.format(kind="command", key="id")} IS NULL ORDER BY issued_utc_us, id"""
NEWEST_ALL = """SELECT gateway, revision, settings, issuer, issued_utc_us FROM configuration AS sent
WHERE revision = (SELECT max(revision) FROM configuration WHERE gateway = sent.gateway)"""
LATEST = f"""SELECT *, {_RESULT.format(kind="configuration", key="revision")} AS result
FROM ({NEWEST_ALL} AND ? IN ('', gateway)) AS configuration ORDER BY gateway"""
IN_FORCE = f"""SELECT CAST(json_extract(detail, '$.revision') AS INTEGER) AS revision, at_us,
  (SELECT settings FROM configuration AS sent WHERE sent.gateway = event.gateway
   AND sent.revision = json_extract(event.detail, '$.revision')) AS settings
FROM device_event AS event WHERE device IS NULL AND kind = 'configuration' AND gateway = ?
AND json_extract(detail, '$.outcome') = '{Outcome.APPLIED}' ORDER BY id DESC LIMIT 1"""
BEDS = "controller:beds"
"""Who sends a gateway what has changed of its beds: the controller itself (controller/bedside/)."""
_KNOWN = frozenset({"id", "name", "revision", "outcome", "why"})


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
    told_us: int | None = None
    """When the gateway said so, in the controller's time scale; None: it has said nothing."""
    more: Arguments = field(default_factory=dict[str, str | int])
    """What else it said."""


@dataclass(frozen=True, slots=True)
class InForce:
    """The configuration that a box last said to have applied; `settings` None: it is not known here."""

    revision: int
    settings: Arguments | None
    told_us: int


def read_command(row: sqlite3.Row) -> Command:
    """The command of a row of its table."""
    number, arguments = bytes.fromhex(row["id"]), json.loads(row["arguments"])
    times = row["issued_utc_us"], row["expires_utc_us"]
    return Command(number, row["name"], arguments, row["gateway"], row["issuer"], *times)


def read_configuration(row: sqlite3.Row) -> Configuration:
    """The configuration of a row of its table."""
    settings = json.loads(row["settings"])
    return Configuration(row["gateway"], row["revision"], row["issuer"], row["issued_utc_us"], settings)


def follow_command(row: sqlite3.Row, utc_us: int) -> Followed:
    """A row of COMMANDS, as it stands at `utc_us`."""
    command = read_command(row)
    silent = Condition.EXPIRED if utc_us > command.expires_us else Condition.SENT
    return _followed(command, row["result"], silent)


def follow_configuration(row: sqlite3.Row) -> Followed:
    """A row of LATEST."""
    return _followed(read_configuration(row), row["result"], Condition.SENT)


def read_in_force(row: sqlite3.Row) -> InForce:
    """A row of IN_FORCE."""
    settings = None if row["settings"] is None else json.loads(row["settings"])
    return InForce(row["revision"], settings, row["at_us"])


def _followed(order: Command | Configuration, result: str | None, silent: Condition) -> Followed:
    if result is None:
        return Followed(order, str(silent))
    told = json.loads(result)
    detail: Mapping[str, str | int] = told["detail"]
    more = {name: value for name, value in detail.items() if name not in _KNOWN}
    state, why = str(detail.get("outcome", "")), str(detail.get("why", ""))
    return Followed(order, state, why, told["at_us"], more)

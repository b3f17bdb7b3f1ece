"""Robots, transports, messages and decisions as rows; what people ask, each with its line in the trail.

    books = Books(store, clock)
    commands = await books.keep(effects)            # one transaction: on the disk before anything goes out
    made = await books.ask(wanted, by)              # a transport, and its line in the trail

Messages to robots become commands to their gateways in the same transaction: whoever sends commands sends
them from then on (controller/orders/sender.py). They are no lines of the audit trail: they stay here as sent.
"""

import json
import secrets
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.clock import Clock
from controller.errors import Conflict, NotFound, Outdated
from controller.identity.certificates import By
from controller.robots.handled import became
from controller.robots.reasons import reread, written
from controller.robots.told import LIFE_MS, OPEN, Decided, Effect, Met, Moved, Opening, Said, Stage
from controller.robots.written import errand_texts
from controller.store import Store
from devices.model.orders import ROBOT_ORDER
from devices.wire.orders import ID_BYTES

ISSUER = "controller:robots"
KEPT_MESSAGES_MS, KEPT_DECISIONS_MS, KEPT_COMMANDS_US = 7 * 86_400_000, 90 * 86_400_000, 3_600_000_000
"""After so long, messages, decisions and their commands go."""
MOST = 200
"""Transports in one answer."""

_MET = """INSERT INTO robot VALUES (?, ?, ?, ?, ?, ?, '', ?) ON CONFLICT (id) DO UPDATE SET
gateway = excluded.gateway, version = excluded.version, manufacturer = excluded.manufacturer,
serial = excluded.serial, factsheet = ifnull(excluded.factsheet, robot.factsheet),
changed_ms = excluded.changed_ms"""
_SAID = """INSERT INTO robot_message (robot, at_ms, until_ms, topic, json, why, reason, command)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
_ERRAND = """INSERT INTO robot_errand VALUES (?, ?, ?, ?) ON CONFLICT (robot) DO UPDATE SET
"order" = excluded."order", "more" = excluded."more", version = excluded.version"""
_COMMAND = "INSERT INTO command VALUES (?, ?, ?, ?, ?, ?, ?)"
_ROBOT = "SELECT gateway, version FROM robot WHERE id = ?"
_DECIDED = """INSERT INTO robot_decision (at_ms, kind, robot, transport, why, reason, detail)
VALUES (?, ?, ?, ?, ?, ?, ?)"""
_BLOCKED = """INSERT INTO robot_edge (edge, why, reason, at_ms) VALUES (?, ?, ?, ?)
ON CONFLICT (edge) DO UPDATE SET why = excluded.why, reason = excluded.reason, at_ms = excluded.at_ms"""
_MOVED = """UPDATE robot_transport SET state = ?, robot = ?, why = ?, reason = ?, changed_ms = ?,
revision = revision + 1 WHERE id = ? AND state NOT IN ('delivered', 'returned', 'cancelled', 'failed')"""
_ASK = """INSERT INTO robot_transport (id, pick, "drop", load, priority, subject, deadline_ms, state,
robot, why, cancelled_by, revision, asked_by, wanted_ms, changed_ms, key)
VALUES (?, ?, ?, ?, ?, ?, ?, 'wanted', NULL, '', '', 1, ?, ?, ?, ?) RETURNING *"""
_BEFORE = "SELECT * FROM robot_transport WHERE asked_by = ? AND key = ? AND key <> ''"
_NEXT = "SELECT ifnull(max(number), 0) + 1 FROM robot_transport"
_OLD = (
    ("DELETE FROM robot_message WHERE at_ms < ?", KEPT_MESSAGES_MS),
    ("DELETE FROM robot_decision WHERE at_ms < ?", KEPT_DECISIONS_MS),
)
_OLD_COMMANDS = f"DELETE FROM command WHERE name = '{ROBOT_ORDER}' AND expires_utc_us < ?"
_OPEN = ", ".join(f"'{stage}'" for stage in sorted(OPEN))
LISTED = f"""SELECT * FROM robot_transport WHERE (:open = 0 OR state IN ({_OPEN}))
AND (:subject = '' OR subject = :subject) ORDER BY number DESC LIMIT {MOST}"""
IS_OPEN = f"robot_transport.state IN ({_OPEN})"
OPEN_ONES = f"SELECT * FROM robot_transport WHERE {IS_OPEN} ORDER BY number"
ONE = "SELECT * FROM robot_transport WHERE id = ?"

Also = Callable[[sqlite3.Connection, str], object]
"""What is written beside a transport, with its id."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be carried from a station to a station; `subject`: what it is for, never a patient."""

    pick: str
    drop: str
    load: str
    priority: int
    subject: str = ""
    deadline_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Carriage:
    """A transport as it stands."""

    id: str
    wanted: Wanted
    state: Stage
    robot: str | None
    why: str
    cancelled_by: str
    revision: int
    asked_by: str
    wanted_ms: int
    changed_ms: int


class Books:
    """Methods raise StoreError, too."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        self.clock = clock

    async def keep(self, effects: Sequence[Effect]) -> dict[str, tuple[str, int]]:
        """All of it in one transaction. Gives, by command id, the robot and number of each message."""
        utc_us = self.clock.utc_us()
        return await self.store.write(lambda db: _keep(db, effects, utc_us))

    async def forget_old(self) -> None:
        """What is kept for a while only."""
        now_ms, utc_us = self.clock.now_us() // 1000, self.clock.utc_us()

        def work(db: sqlite3.Connection) -> None:
            for query, kept_ms in _OLD:
                db.execute(query, (now_ms - kept_ms,))
            db.execute(_OLD_COMMANDS, (utc_us - KEPT_COMMANDS_US,))

        await self.store.write(work)

    async def ask(self, wanted: Wanted, by: By, also: Also | None = None, *, key: str = "") -> Carriage:
        """Write down a transport; `also`: what is written with its id in the same transaction, or neither.

        The same person with the same `key` asks once. Raises Conflict: the key was for something else.
        """
        now_ms, utc_us = self.clock.now_us() // 1000, self.clock.utc_us()

        def work(db: sqlite3.Connection) -> Carriage:
            if before := db.execute(_BEFORE, (by.actor, key)).fetchone():
                return _same(carriage(before), wanted)
            name = f"TR{db.execute(_NEXT).fetchone()[0]:08d}"
            what = (wanted.pick, wanted.drop, wanted.load, wanted.priority, wanted.subject)
            when = by.actor, now_ms, now_ms, key
            row = db.execute(_ASK, (name, *what, wanted.deadline_ms, *when)).fetchone()
            detail: dict[str, str | int] = {"pick": wanted.pick, "drop": wanted.drop, "load": wanted.load}
            append(db, _entry("transport-asked", f"transport/{name}", by, **detail), utc_us)
            if also:
                also(db, name)
            return carriage(row)

        return await self.store.write(work)

    async def act(
        self, action: str, entity: str, by: By, change: Callable[[sqlite3.Connection], object] | None = None
    ) -> None:
        """Write down what a person does, and what it changes, with its line in the trail."""
        utc_us = self.clock.utc_us()

        def work(db: sqlite3.Connection) -> None:
            if change:
                change(db)
            append(db, _entry(action, entity, by), utc_us)

        await self.store.write(work)

    async def cancel(self, transport: str, by: By, revision: int | None = None) -> Carriage:
        """Somebody does not want it any more. Raises NotFound; Conflict: it is over; Outdated."""
        utc_us = self.clock.utc_us()

        def work(db: sqlite3.Connection) -> Carriage:
            held = _find(db, transport)
            if held.state not in OPEN:
                raise Conflict(f"{transport} is {held.state}: there is nothing to cancel")
            if revision is not None and revision != held.revision:
                raise Outdated(f"{transport} was changed meanwhile: look at it again")
            query = "UPDATE robot_transport SET cancelled_by = ?, revision = revision + 1 WHERE id = ?"
            db.execute(query, (by.actor, transport))
            append(db, _entry("transport-cancelled", f"transport/{transport}", by), utc_us)
            return _find(db, transport)

        return await self.store.write(work)

    async def find(self, transport: str) -> Carriage:
        """Raises NotFound."""
        rows = await self.store.read(ONE, (transport,))
        if not rows:
            raise NotFound(f"there is no transport {transport!r:.40}: see /api/robots/transports")
        return carriage(rows[0])

    async def listed(self, subject: str = "", *, only_open: bool = False) -> list[Carriage]:
        """The newest first."""
        rows = await self.store.read(LISTED, {"open": int(only_open), "subject": subject})
        return [carriage(row) for row in rows]


def carriage(row: sqlite3.Row) -> Carriage:
    """Of its row."""
    wanted = Wanted(*(row[name] for name in ("pick", "drop", "load", "priority", "subject", "deadline_ms")))
    names = ("cancelled_by", "revision", "asked_by", "wanted_ms", "changed_ms")
    why = reread(row["why"], row["reason"])
    return Carriage(row["id"], wanted, Stage(row["state"]), row["robot"], why, *(row[name] for name in names))


def _same(before: Carriage, wanted: Wanted) -> Carriage:
    if before.wanted != wanted:
        raise Conflict(f"this Idempotency-Key was for {before.id}, which is another one: take a new key")
    return before


def _find(db: sqlite3.Connection, transport: str) -> Carriage:
    row = db.execute(ONE, (transport,)).fetchone()
    if row is None:
        raise NotFound(f"there is no transport {transport!r:.40}: see /api/robots/transports")
    return carriage(row)


def _entry(action: str, entity: str, by: By, **detail: str | int) -> Entry:
    return Entry(action, by.actor, entity, where=by.where, why=by.why, detail=detail)


def _keep(db: sqlite3.Connection, effects: Sequence[Effect], utc_us: int) -> dict[str, tuple[str, int]]:
    commands: dict[str, tuple[str, int]] = {}
    for place, one in enumerate(effects):
        match one:
            case Met():
                what = (one.robot, one.gateway, one.version, one.manufacturer, one.serial, one.factsheet)
                db.execute(_MET, (*what, one.at_ms))
            case Moved():
                db.execute(_MOVED, (one.state, one.robot, *_both(one.why), one.at_ms, one.transport))
            case Decided():
                detail = json.dumps(dict(one.detail), ensure_ascii=False)
                what = one.at_ms, one.kind, one.robot, one.transport
                db.execute(_DECIDED, (*what, *_both(one.why), detail))
                if one.kind == "blocked":
                    db.execute(_BLOCKED, (one.detail["edge"], *_both(one.why), one.at_ms))
            case Opening():
                became(db, one)
            case Said():
                commands[_say(db, one, utc_us + place)] = one.robot, one.number
    return commands


def _both(why: str) -> tuple[str, str]:
    """Text, and code with parameters."""
    return str(why), written(why)


def _say(db: sqlite3.Connection, one: Said, utc_us: int) -> str:
    """A message and its command. Commands of one moment are sent in the order of their times."""
    gateway, version = db.execute(_ROBOT, (one.robot,)).fetchone()
    if one.errand:
        db.execute(_ERRAND, (one.robot, version, *errand_texts(one.errand, version)))
    number = secrets.token_hex(ID_BYTES)
    sent = one.robot, one.at_ms, one.at_ms + LIFE_MS, one.topic, one.text
    db.execute(_SAID, (*sent, *_both(one.why), number))
    given = json.dumps({"vehicle": one.robot, "topic": one.topic, "json": one.text})
    db.execute(_COMMAND, (number, gateway, ROBOT_ORDER, given, ISSUER, utc_us, utc_us + LIFE_MS * 1000))
    return number

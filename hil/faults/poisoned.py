"""What became of poison, by the database and the broker's log; and whether anybody beside it felt it.

It shares no code with the product.
"""

from contextlib import closing
from pathlib import Path
from typing import Any

from hil.database import connected, streams
from hil.faults.kill import VICTIMS, Killer
from hil.faults.poison import Fate, Poison
from hil.faults.rogue import ROGUE, Rogue
from hil.ward import GATEWAY

_KEPT_BEGINNING = 4096
"""Bytes that are kept of an oversized message."""
_LARGEST_MESSAGE = 262_144

_WITH_NUMBER = """SELECT count(*) FROM quarantine JOIN stream ON stream.id = stream
WHERE topic = ? AND payload = ? AND journal = ? AND number = ?"""
_WITHOUT = """SELECT ifnull(sum(times), 0) FROM quarantine
WHERE stream IS NULL AND topic = ? AND payload = ? AND size = ?"""
_DAMAGED = "SELECT ifnull(sum(value), 0) FROM counter WHERE gateway = ? AND name = 'damaged'"
_UNKNOWN = """SELECT count(*) FROM unknown_record JOIN stream ON stream.id = stream
WHERE journal = ? AND number = ?"""
_COMMITTED = """SELECT count(*) FROM observation JOIN stream ON stream.id = stream
WHERE journal = ? AND number = ?"""
_TIMES = """SELECT min(at_us - mono_us), max(at_us - mono_us), min(utc_us - mono_us), max(utc_us - mono_us)
FROM observation JOIN stream ON stream.id = stream WHERE gateway = ?"""
_CLOCKS_AGREE_US = 1_000_000
_OF_OTHERS = """SELECT reason, count(*) FROM quarantine WHERE gateway NOT IN ('', ?) GROUP BY reason
UNION ALL SELECT name, value FROM counter WHERE gateway NOT IN ('', ?)"""


class Fates:
    """Counts how often a message has met its fate."""

    def __init__(self, database: Path, broker_log: Path, rogue: Rogue) -> None:
        self._database = database
        self._broker_log = broker_log
        self._rogue = rogue

    def times(self, poison: Poison) -> int:
        """How often, by now."""
        topic, payload, journal = poison.topic, poison.payload, self._rogue.journal
        match poison.fate:
            case Fate.QUARANTINED:
                return self._count(_WITH_NUMBER, topic, payload, journal, poison.number)
            case Fate.REFUSED:
                kept = payload[:_KEPT_BEGINNING] if len(payload) > _LARGEST_MESSAGE else payload
                return self._count(_WITHOUT, topic, kept, len(payload))
            case Fate.DAMAGED:
                return self._count(_DAMAGED, ROGUE)
            case Fate.UNKNOWN:
                return self._count(_UNKNOWN, journal, poison.number)
            case Fate.COMMITTED:
                return self._count(_COMMITTED, journal, poison.number)
            case Fate.DENIED:
                log = self._broker_log.read_text(encoding="utf-8", errors="replace").lower()
                return log.count("violation") + log.count("maximum payload exceeded")

    def _count(self, query: str, *parameters: Any) -> int:
        with closing(connected(self._database)) as db:
            return db.execute(query, parameters).fetchone()[0]

    def own_problems(self) -> list[str]:
        """What does not hold of the poisoner's own ledger: all its numbers settled, and no other journal."""
        own = [one for one in streams(self._database) if one.gateway == ROGUE]
        problems = [f"{one.name} is in the ledger" for one in own if one.journal != self._rogue.journal]
        for one in own:
            if one.missing() or one.produced != self._rogue.next or one.twice or one.from_nowhere or one.shed:
                problems.append(f"{one}: expected {self._rogue.next} blocks, each once")
        return problems


class Bystanders:
    """The other gateway and the processes, as they were when this was made."""

    def __init__(self, killer: Killer, database: Path) -> None:
        self._killer = killer
        self._database = database
        self._processes = self._now()
        self._connections = self._connected()

    def _now(self) -> dict[str, int | None]:
        found = ((name, self._killer.process(name)) for name in VICTIMS)
        return {name: process.pid if process else None for name, process in found}

    def _connected(self) -> int:
        """How often the other gateway has connected a lane."""
        log = self._killer.stack.gateway.log.read_text(encoding="utf-8", errors="replace")
        return log.count(": connected to ")

    def problems(self) -> list[str]:
        """What they felt."""
        problems: list[str] = []
        if (now := self._now()) != self._processes:
            problems.append(f"the processes were {self._processes} and are {now}")
        if (connections := self._connected()) != self._connections:
            problems.append(f"{GATEWAY} connected {connections - self._connections} times again")
        log = self._killer.stack.controller.log.read_text(encoding="utf-8", errors="replace")
        problems += [f"the controller's log: {line}" for line in log.splitlines() if "started again" in line]
        with closing(connected(self._database)) as db:
            others = db.execute(_OF_OTHERS, (ROGUE, ROGUE)).fetchall()
            earliest, latest, utc_earliest, utc_latest = db.execute(_TIMES, (GATEWAY,)).fetchone()
        # One machine, one boot: its monotonic clock and every other run together.
        for what, spread in (("times", latest - earliest), ("UTC", (utc_latest or 0) - (utc_earliest or 0))):
            if spread > _CLOCKS_AGREE_US:
                problems.append(f"the {what} of what {GATEWAY} measured moved by {spread / 1e6:.1f} s")
        return problems + [f"others than {ROGUE} have {count} {what}" for what, count in others]

"""What the controller has of a rig's node, read from its database; and whether all of it is accounted for.

ledger = Ledger(database)
mark = ledger.mark()
...
ledger.account(mark).problems()
"""

import math
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, pairwise
from pathlib import Path
from typing import Any, NamedTuple

from hil.database import connected, streams

NUMBER, VALUE = "o2_cylinder_pressure", "temp_body"
"""The metrics of the node's own number, and of the driven sensor."""
ROUND = 2500
"""The number begins again with 0 after so many."""
_READINGS = """SELECT row.id, journal, stream, mono_us, metric, value, reason FROM observation AS row
JOIN series ON series.id = series JOIN stream ON stream.id = stream
WHERE device = ? AND row.id > ? ORDER BY stream, number, place"""
_LOST = """SELECT json_extract(detail, '$.text') FROM device_event
WHERE device = ? AND id > ? AND json_extract(detail, '$.code') = 'readings-lost' ORDER BY id"""
_RANGE = re.compile(r"numbers (\d+) to (\d+)")


class Got(NamedTuple):
    """A reading as the controller has it, in the order of its journal."""

    row: int
    journal: bytes
    stream: int
    """A lane of the journal."""
    mono_us: int
    metric: str
    value: float | None
    reason: int | None


class Mark(NamedTuple):
    """How far everything was: rows of readings, events and alerts, and the highest number."""

    reading: int
    event: int
    alert: int
    number: int | None


class Told(NamedTuple):
    """A number as the controller has it, in which lane of which journal; numbers begin again after ROUND."""

    journal: bytes
    stream: int
    number: int


@dataclass(frozen=True, slots=True)
class Account:
    """The node's numbers, those of each lane in its order; and those that are told as lost.

    `again`: numbers that a second journal has once more, because the gateway was killed between its journal
    and its memory of the node (docs/nodes.md): told apart, for that is known to happen.
    """

    lanes: Sequence[Sequence[int]]
    told: frozenset[int] = frozenset()
    again: Sequence[int] = ()
    after: int | None = None
    """The highest number before."""

    @property
    def numbers(self) -> list[int]:
        """All of them."""
        return [number for lane in self.lanes for number in lane]

    @property
    def silent(self) -> list[int]:
        """What is neither here nor told, of all that came before the newest."""
        numbers = self.numbers
        if not numbers:
            return []
        first = min(numbers) if self.after is None else self.after + 1
        return sorted(set(range(first, max(numbers))) - set(numbers) - self.told)

    def problems(self) -> list[str]:
        """What does not hold, as sentences."""
        numbers = self.numbers
        found = {
            "neither here nor told as lost": self.silent,
            "here twice": sorted(one for one, times in Counter(numbers).items() if times > 1),
            "here, and were before": [one for one in numbers if self.after is not None and one <= self.after],
            "here after a later one": [b for lane in self.lanes for a, b in pairwise(lane) if b < a],
            "here, although they were told as lost": sorted(self.told & set(numbers)),
        }
        return [f"readings {_text(those)} are {what}" for what, those in found.items() if those]


class Ledger:
    """Of `device` in the controller's database, which need not be there yet."""

    def __init__(self, database: Path, device: str = "node-1") -> None:
        self.database = database
        self._device = device

    def readings(self, after: int = 0) -> list[Got]:
        """Those in rows after `after`."""
        return [Got(*row) for row in self._rows(_READINGS, self._device, after)]

    def values(self, after: int = 0) -> list[Got]:
        """The driven sensor's."""
        return [one for one in self.readings(after) if one.metric == VALUE]

    def numbered(self, after: int = 0) -> list[tuple[int, Got]]:
        """The driven sensor's readings in rows after `after`, each with the node's number of it."""
        found, number = list[tuple[int, Got]](), None
        for one in self.readings(after):
            if one.metric == NUMBER:
                number = unturned(_number(one), number)
            elif number is not None:
                found.append((number, one))
        return found

    def mark(self) -> Mark:
        """Where everything is now: asked when all is there."""
        newest = [self._newest(table) for table in ("observation", "device_event", "alert")]
        rows = [one for one in self.readings() if one.metric == NUMBER and one.row <= newest[0]]
        rows.sort(key=lambda one: one.row)
        highest: int | None = None
        for row in rows:
            highest = max(unturned(_number(row), highest), highest or 0)
        return Mark(newest[0], newest[1], newest[2], highest)

    def account(self, mark: Mark) -> Account:
        """Of all that came after `mark`."""
        rows = [one for one in self.readings(mark.reading) if one.metric == NUMBER]
        numbers = [Told(one.journal, one.stream, _number(one)) for one in rows]
        return accounted(numbers, self._lost(mark), mark.number, self._journals(mark))

    def is_live_since(self, mono_us: int) -> bool:
        """Whether a reading is here that was measured after then."""
        query = """SELECT 1 FROM observation JOIN series ON series.id = series
            WHERE device = ? AND mono_us > ? LIMIT 1"""
        return bool(self._rows(query, self._device, mono_us))

    def newest_us(self) -> float:
        """When the newest reading was measured, on the gateway's monotonic clock."""
        query = "SELECT max(mono_us) FROM observation JOIN series ON series.id = series WHERE device = ?"
        rows = self._rows(query, self._device)
        return rows[0][0] if rows and rows[0][0] is not None else -math.inf

    def raised(self, code: str, after: int = 0) -> bool:
        """Whether an alert of the device began, in rows after `after`."""
        query = "SELECT 1 FROM alert WHERE device = ? AND code = ? AND id > ? AND active LIMIT 1"
        return bool(self._rows(query, self._device, code, after))

    def beginnings(self, code: str, after: int = 0) -> int:
        """How often it began, in rows after `after`: not what was told again of one that went on."""
        query = "SELECT active FROM alert WHERE device = ? AND code = ? AND id > ? ORDER BY id"
        was, many = 0, 0
        for (active,) in self._rows(query, self._device, code, after):
            many, was = many + (active > was), active
        return many

    def is_raised(self, code: str) -> bool:
        """Whether it goes on."""
        query = "SELECT active FROM alert WHERE device = ? AND code = ? ORDER BY id DESC LIMIT 1"
        return any(active for (active,) in self._rows(query, self._device, code))

    def events(self, after: int = 0) -> list[tuple[str, str]]:
        """Kind and detail of the device's events."""
        query = "SELECT kind, detail FROM device_event WHERE device = ? AND id > ? ORDER BY id"
        return [(kind, detail) for kind, detail in self._rows(query, self._device, after)]

    def blocks(self) -> list[str]:
        """What of the gateway's blocks is not accounted for, as sentences."""
        return [line for one in streams(self.database) for line in one.problems()]

    def _journals(self, mark: Mark) -> frozenset[bytes]:
        query = """SELECT DISTINCT journal FROM observation JOIN stream ON stream.id = stream
            WHERE observation.id <= ?"""
        return frozenset(journal for (journal,) in self._rows(query, mark.reading))

    def _lost(self, mark: Mark) -> list[tuple[int, int]]:
        texts = (_RANGE.findall(text)[0] for (text,) in self._rows(_LOST, self._device, mark.event))
        return [(int(first), int(last)) for first, last in texts]

    def _newest(self, table: str) -> int:
        rows = self._rows(f"SELECT ifnull(max(id), 0) FROM {table}")
        return rows[0][0] if rows else 0

    def _rows(self, query: str, *arguments: object) -> list[tuple[Any, ...]]:
        if not self.database.exists():
            return []
        with closing(connected(self.database)) as db:
            try:
                return db.execute(query, arguments).fetchall()  # pyright: ignore[reportArgumentType]
            except sqlite3.OperationalError as error:
                if "no such table" in str(error):  # it is being made
                    return []
                raise


def accounted(
    rows: Iterable[Told],
    lost: Iterable[tuple[int, int]],
    after: int | None,
    before: frozenset[bytes] = frozenset(),
) -> Account:
    """Of `rows` in the order of their lanes. `lost`: from which number to which, as the node tells it;
    `before`: the journals of what was before."""
    lanes, again = dict[int, list[int]](), list[int]()
    where, near = dict[int, bytes](), dict[int, int]()
    for journal, stream, turned in rows:
        number = near[stream] = unturned(turned, near.get(stream, after))
        is_old = after is not None and number <= after and journal not in before
        if is_old or where.get(number, journal) != journal:
            again.append(number)
        else:
            lanes.setdefault(stream, []).append(number)
            where[number] = journal
    newest = max(where, default=after)
    told = (_unturned(first, last, newest) for first, last in lost)
    return Account(list(lanes.values()), frozenset(chain.from_iterable(told)), again, after)


def _unturned(first: int, last: int, near: int | None) -> range:
    begin = unturned(first % ROUND, near)
    return range(begin, begin + last - first + 1)


def unturned(number: int, near: int | None) -> int:
    """The number without its turns that is nearest to `near`."""
    return number if near is None else number + ROUND * round((near - number) / ROUND)


def _number(row: Got) -> int:
    return round((row.value or 0) * 10)


def _text(those: Sequence[int]) -> str:
    shown = ", ".join(map(str, those[:8]))
    return shown + (f" and {len(those) - 8} more" if len(those) > 8 else "")

"""The experts of this site and, as they tell of theirs, of partner sites; and when they may be asked.

directory = Directory(books)
await directory.say(Person("", "anna"), profile, over, by)        # one's own; over: the revision known
found = await directory.search(Wanted(speciality="394579002", at_ms=start_ms, minutes=30))
await directory.learn("hospital-b", [Expert(...), ...], by)       # all that a partner tells of now
"""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import TypeAdapter

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.clock import local_text
from controller.conferences.books import Books
from controller.conferences.model import Expert, Person, Profile
from controller.conferences.specialities import SPECIALITIES
from controller.errors import NotFound, OrderError, Outdated
from controller.identity.certificates import By
from controller.security.permissions import Permission
from controller.security.users import ACCOUNT, account_of

MOST = 500
_PROFILE = TypeAdapter(Profile)
_ONE = "SELECT * FROM expert WHERE site = ? AND name = ?"
# Who has no account any more, or a disabled one, is asked nothing.
_ALL = f"""SELECT expert.* FROM expert LEFT JOIN user ON expert.site = '' AND user.name = expert.name
WHERE expert.site <> '' OR (user.name IS NOT NULL AND user.disabled_ms IS NULL)
ORDER BY expert.site, expert.name LIMIT {MOST}"""
_KEEP = """INSERT INTO expert (site, name, profile, revision, changed_ms) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (site, name) DO UPDATE
SET profile = excluded.profile, revision = excluded.revision, changed_ms = excluded.changed_ms"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom somebody looks for; what is empty does not matter."""

    speciality: str = ""
    hospital: str = ""
    text: str = ""
    """In the name, or in what they take."""
    at_ms: int | None = None
    """UTC: who may be asked for then."""
    minutes: int = 30


class Directory:
    """Methods raise StoreError, too."""

    def __init__(self, books: Books) -> None:
        self._books = books

    async def find(self, person: Person) -> Expert | None:
        """What somebody says of themselves; None: nothing."""
        rows = await self._books.store.read(_ONE, (person.site, person.name))
        return _expert(rows[0]) if rows else None

    async def search(self, wanted: Wanted) -> list[Expert]:
        """By site and name."""
        found = map(_expert, await self._books.store.read(_ALL))
        return [one for one in found if _fits(one.profile, wanted)]

    async def for_partners(self) -> list[Expert]:
        """Those of this site of whom partners may know."""
        found = await self.search(Wanted())
        return [one for one in found if one.person.site == "" and one.profile.for_partners]

    async def say(self, person: Person, profile: Profile, over: int, by: By) -> Expert:
        """What somebody says of themselves, in the place of revision `over` (0: nothing yet).

        Raises OrderError, Outdated.
        """
        check(profile)

        def work(db: sqlite3.Connection) -> Expert:
            row = db.execute(_ONE, (person.site, person.name)).fetchone()
            revision = row["revision"] if row else 0
            if revision != over:
                raise Outdated(f"what you say of yourself is at revision {revision}, not {over}: look again")
            made = Expert(person, profile, revision + 1, self._books.now_ms())
            _keep(db, made)
            entry = Entry("expert-changed", by.actor, f"expert/{person.actor}", where=by.where)
            append(db, entry, self._books.clock.utc_us())
            return made

        return await self._books.store.write(work)

    async def say_of(self, person: Person, profile: Profile, over: int, by: By) -> Expert:
        """What who looks after the directory says of somebody here. Raises NotFound: there is no such account
        that may be an expert; OrderError, Outdated."""
        rows = await self._books.store.read(f"{ACCOUNT} WHERE user.name = ?", (person.name,))
        account = account_of(rows[0]) if rows else None
        if account is None or Permission.HOLD_CONFERENCES not in account.user.permissions:
            raise NotFound(f"there is no account {person.name!r:.64} that may be an expert: see /people")
        return await self.say(person, profile, over, by)

    async def learn(self, site: str, experts: Iterable[Expert], by: By) -> None:
        """All of whom a partner tells: whoever is not among them is forgotten. Raises OrderError."""
        told = list(experts)
        for one in told:
            check(one.profile)
        await self._books.store.write(lambda db: self.learn_in(db, site, told, by))

    def learn_in(self, db: sqlite3.Connection, site: str, told: list[Expert], by: By) -> None:
        """The same, of profiles that were checked, in the caller's transaction. Raises OrderError."""
        if not site or any(one.person.site != site for one in told):
            raise OrderError(f"expected experts of {site!r:.64} alone, got others'")
        db.execute("DELETE FROM expert WHERE site = ?", (site,))
        for one in told:
            _keep(db, one)
        entry = Entry(
            "experts-learned", by.actor, f"site/{site}", where=by.where, detail={"count": len(told)}
        )
        append(db, entry, self._books.clock.utc_us())


def check(profile: Profile) -> None:
    """Raises OrderError."""
    if unknown := set(profile.specialities) - set(SPECIALITIES):
        raise OrderError(f"expected specialities of the list, got {sorted(unknown)[0]!r:.40}: see the list")
    if not profile.specialities or not profile.display.strip():
        raise OrderError("expected a name and a speciality at least: say them")
    zone_of(profile.zone)
    if any(one.from_min >= one.to_min for one in profile.hours):
        raise OrderError("expected hours that begin before they end: put what goes past midnight in two")
    if any(one.from_day > one.to_day for one in profile.away):
        raise OrderError("expected days away of which the first is not after the last: look again")


def zone_of(name: str) -> ZoneInfo:
    """Raises OrderError: there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise OrderError(f"expected a time zone such as Asia/Shanghai, got {name!r:.64}") from None


def is_there(profile: Profile, from_ms: int, to_ms: int) -> bool:
    """Whether somebody may be asked for all of that time (UTC): not away, and within one of the hours."""
    zone = zone_of(profile.zone)
    begin, end = (_local(ms, zone) for ms in (from_ms, to_ms))
    if any(one.from_day <= end[0] and begin[0] <= one.to_day for one in profile.away):
        return False
    if not profile.hours:
        return True
    until = 1440 if end[2] == 0 and end[0] > begin[0] else end[2]
    is_one_day = begin[0] == end[0] or until == 1440
    return is_one_day and any(
        one.day == begin[1] and one.from_min <= begin[2] and until <= one.to_min for one in profile.hours
    )


def _local(ms: int, zone: ZoneInfo) -> tuple[str, int, int]:
    """Day, weekday (0: Monday) and minute of the day there."""
    day, weekday, hour, minute = local_text(ms * 1000, "%Y-%m-%d %u %H %M", zone).split()
    return day, int(weekday) - 1, int(hour) * 60 + int(minute)


def _fits(profile: Profile, wanted: Wanted) -> bool:
    words = f"{profile.display}\n{profile.takes}".casefold()
    return (
        (not wanted.speciality or wanted.speciality in profile.specialities)
        and wanted.hospital.casefold() in profile.hospital.casefold()
        and wanted.text.casefold() in words
        and (wanted.at_ms is None or is_there(profile, wanted.at_ms, wanted.at_ms + wanted.minutes * 60_000))
    )


def _keep(db: sqlite3.Connection, one: Expert) -> None:
    row = one.person.site, one.person.name, json.dumps(asdict(one.profile)), one.revision, one.changed_ms
    db.execute(_KEEP, row)


def _expert(row: sqlite3.Row) -> Expert:
    profile = _PROFILE.validate_json(row["profile"])
    return Expert(Person(row["site"], row["name"]), profile, row["revision"], row["changed_ms"])

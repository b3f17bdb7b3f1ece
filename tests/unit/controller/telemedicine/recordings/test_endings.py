"""controller/telemedicine/recordings/endings.py: kept for a while, then erased, and the key destroyed."""

import sqlite3
from pathlib import Path

import pytest

from controller.config import Config
from controller.errors import Conflict
from controller.identity.certificates import By
from controller.recordings_expiry import expiry
from controller.sections import ControllerSection
from controller.telemedicine.recordings.books import Books, held
from controller.telemedicine.recordings.endings import (
    DAY_MS,
    KEY,
    LATE_MS,
    demand,
    erase,
    keep,
    keep_late,
    vault,
)
from controller.telemedicine.recordings.model import Recording, Rule
from controller.telemedicine.recordings.states import RecordingState
from controller.telemedicine.rooms.meeting import OfVisits
from tests.support.database import kept
from tests.unit.controller.telemedicine.conftest import BEN, PATIENT, Clinic

NUMBER, RULE = "RC00000001", Rule(days=7)
_ADD = """INSERT INTO recording (id, number, room, by, state, key, media, asked_ms, stopped_ms, why)
VALUES (1, ?, ?, 'ben', 'stopped', ?, 'video/webm', ?, ?, 'stopped')"""
_RUN = "INSERT INTO recording_run VALUES (1, 1, 1, ?, ?)"
_CHUNK = "INSERT INTO recording_chunk VALUES (1, 1, 1, 0, 3000, ?, ?, 3)"


class Stopped:
    """A recording that has stopped, with one chunk or none."""

    def __init__(self, clinic: Clinic) -> None:
        self.clinic, self.data = clinic, clinic.ward.store.folder
        self.books = Books(clinic.ward.store, clinic.ward.clock, {"TV": OfVisits(clinic.books)})
        self.vault = vault(self.data, None, clinic.ward.clock)

    async def made(self, chunks: int = 1) -> "Stopped":
        visit, now_ms = await self.clinic.booked(), self.books.now_ms()
        self.key = self.vault.new_key(NUMBER)

        def work(db: sqlite3.Connection) -> None:
            db.execute(_ADD, (NUMBER, visit.number, self.key, now_ms, now_ms))
            if chunks:
                db.execute(_RUN, (now_ms, now_ms))
                db.execute(_CHUNK, (bytes(32), bytes(32)))

        await self.clinic.ward.store.write(work)
        self.vault.put(NUMBER, 1, b"box")
        return self

    @property
    def folder(self) -> Path:
        return self.data / "recordings" / NUMBER

    async def find(self) -> Recording:
        return await self.books.store.write(lambda db: held(db, NUMBER))

    async def keep(self, chunks: int | None = 1) -> None:
        await keep(self.books, self.vault, RULE, (NUMBER, chunks), BEN)

    async def expire(self) -> int:
        config = Config(controller=ControllerSection(data=self.data))
        return await expiry(self.clinic.ward.store, self.clinic.ward.clock, config)()

    async def is_on_the_disk(self, text: str) -> bool:
        """Whether it stands anywhere in the database's file, once what was written is in it."""
        return text.encode() in await kept(self.books.store)


@pytest.fixture
async def one(clinic: Clinic) -> Stopped:
    return await Stopped(clinic).made()


async def test_it_is_kept_for_its_days_and_then_its_key_is_destroyed_and_its_files_are_gone(
    one: Stopped,
) -> None:
    await one.keep()
    kept = await one.find()
    assert kept.erase_ms == (kept.stopped_ms or 0) + 7 * DAY_MS
    one.clinic.later(7 * 24 * 60 - 1)
    assert await one.expire() == 0 and one.folder.exists()
    assert await one.is_on_the_disk(one.key)
    one.clinic.later(1)
    assert await one.expire() == 1
    gone = await one.find()
    assert (gone.state, gone.key, one.folder.exists()) == (RecordingState.ERASED, None, False)
    assert not await one.is_on_the_disk(one.key)
    [entry] = await one.clinic.ward.trail("visit-recording-erased")
    assert (entry["actor"], entry["why"], entry["patient"]) == ("controller", "retention", "4711")


async def test_what_a_crash_left_of_an_erased_one_is_removed_later(one: Stopped) -> None:
    await one.keep()
    await erase(one.books, one.vault, NUMBER, PATIENT)
    one.vault.put(NUMBER, 1, b"box")
    await one.expire()
    assert not one.folder.exists()


async def test_one_that_is_not_whole_is_not_closed_and_after_a_while_closed_with_what_there_is(
    one: Stopped,
) -> None:
    with pytest.raises(Conflict, match="send the others first"):
        await one.keep(2)
    await keep_late(one.books, one.vault, RULE)
    assert (await one.find()).state is RecordingState.STOPPED
    one.clinic.later(LATE_MS / 60_000 + 1)
    await keep_late(one.books, one.vault, RULE)
    kept = await one.find()
    assert (kept.state, kept.chunks, kept.head) == (RecordingState.KEPT, 1, bytes(32))
    await one.keep(1)  # said again by its page


async def test_one_of_which_nothing_was_recorded_is_not_kept(clinic: Clinic) -> None:
    one = await Stopped(clinic).made(chunks=0)
    await one.keep(0)
    assert ((await one.find()).state, one.folder.exists()) == (RecordingState.ERASED, False)


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_patients_demand_erases_it_at_once_unless_the_hospital_has_to_keep_it(
    one: Stopped, at_once: bool
) -> None:
    await one.keep()
    rule, by = Rule(erases_on_demand=at_once), By("patient:4711", why="I want it gone")
    assert await demand(one.books, one.vault, rule, NUMBER, by) is at_once
    assert one.folder.exists() is not at_once
    [entry] = await one.clinic.ward.trail(f"visit-recording-{'erased' if at_once else 'erasure-demanded'}")
    assert (entry["actor"], entry["why"]) == ("patient:4711", "I want it gone")


async def test_the_keys_own_key_is_its_owners_alone_and_not_in_the_database(one: Stopped) -> None:
    file = one.data / KEY
    assert file.stat().st_mode & 0o777 == 0o600
    assert not await one.is_on_the_disk(file.read_text(encoding="ascii").strip())

"""How a recording ends: closed and kept for a while, then erased; on the patient's demand at once, if consent
alone carries it, or once a physician has granted it, if the hospital has to keep it.

Erasing destroys its key (cryptographic erase, NIST SP 800-88r1) and then removes the files; that it was
there, who agreed and who looked stays on record.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

from controller.clock import Clock
from controller.errors import Conflict
from controller.identity.certificates import By
from controller.objects.bucket import Bucket
from controller.objects.errors import ObjectsAway
from controller.objects.folder import Folder
from controller.objects.settings import Access
from controller.security.sealing import Sealing
from controller.steps import check_step
from controller.store.where import overwriting
from controller.telemedicine.recordings.books import Books, held, last
from controller.telemedicine.recordings.erasures import Answer, ErasureState, answered, demanded
from controller.telemedicine.recordings.model import Recording, Rule
from controller.telemedicine.recordings.states import RECORDING_STEPS, RecordingState
from controller.telemedicine.recordings.vault import Vault

DAY_MS = 24 * 3_600_000
LATE_MS = 3_600_000
"""So long after it stopped what is still on its way is waited for."""
FOLDER, KEY = "recordings", "keys/recordings.key"
"""Beside the database: of the files, and of the key that the recordings' keys are sealed by."""
_KEPT = "UPDATE recording SET state = 'kept', chunks = ?, head = ?, erase_ms = ? WHERE id = ?"
_ERASED = "UPDATE recording SET state = 'erased', key = NULL, erased_ms = ? WHERE id = ?"
_LATE = "SELECT number FROM recording WHERE state = 'stopped' AND stopped_ms < ?"
_DUE = "SELECT number FROM recording WHERE state = 'kept' AND erase_ms <= ? LIMIT 20"
_GONE = "SELECT number FROM recording WHERE state = 'erased'"
_S = RecordingState

log = logging.getLogger(__name__)


def vault(data: Path, access: Access | None, clock: Clock) -> Vault:
    """The one beside the database, or in a bucket; its key is beside the database. Raises ConfigError."""
    objects = Folder(data / FOLDER) if access is None else Bucket(access, clock)
    return Vault(objects, Sealing(data / KEY))


async def dropped(vault: Vault, number: str) -> None:
    """The files of one whose key is destroyed; where their place does not answer, `expiry` tries again."""
    try:
        await asyncio.to_thread(vault.drop, number)
    except ObjectsAway as error:
        log.error("recording %s is erased, nothing opens it; its files go later: %s", number, error)


async def keep(books: Books, vault: Vault, rule: Rule, said: tuple[str, int | None], by: By) -> None:
    """Close it. `said`: its number, and how many chunks its page has sent; None: what is there is all.

    One of which nothing was recorded is erased. Raises NotFound; Conflict: something is missing."""

    number, expected = said

    def work(db: sqlite3.Connection) -> bool:
        recording = held(db, number)
        if recording.state is _S.KEPT:
            return False
        chunks, head = last(db, recording.id)
        if expected not in (None, chunks):
            raise Conflict(f"expected {expected} chunks of {number}, got {chunks}: send the others first")
        if chunks == 0:
            _erase(db, books, recording, By(by.actor, by.where, "empty"))
            return True
        check_step(RECORDING_STEPS, recording.state, _S.KEPT)
        erase_ms = (recording.stopped_ms or books.now_ms()) + rule.days * DAY_MS
        db.execute(_KEPT, (chunks, head, erase_ms, recording.id))
        _note(db, books, "kept", recording, by, chunks=chunks, head=head.hex())
        return False

    if await books.store.write(work):
        await dropped(vault, number)


async def keep_late(books: Books, vault: Vault, rule: Rule) -> None:
    """Those whose page did not come back."""
    for row in await books.store.read(_LATE, (books.now_ms() - LATE_MS,)):
        await keep(books, vault, rule, (row["number"], None), By("controller", why="page-gone"))


async def demand(books: Books, vault: Vault, rule: Rule, number: str, by: By) -> bool:
    """The patient wants it erased; whether it is. Where the hospital has to keep it, it waits for an answer
    (erasures.py). It is on record in any case. Raises NotFound; Conflict: it runs, or is erased already."""

    def wait(db: sqlite3.Connection) -> None:
        recording = held(db, number)
        check_step(RECORDING_STEPS, recording.state, _S.ERASED)
        demanded(db, recording, by, books.now_ms())
        _note(db, books, "erasure-demanded", recording, by)

    if not rule.erases_on_demand:
        await books.store.write(wait)
        return False
    await erase(books, vault, number, by)
    return True


async def settle(books: Books, vault: Vault, said: Answer, by: By) -> None:
    """Somebody answers a demand. Raises NotFound; Conflict: nobody waits for one."""

    def work(db: sqlite3.Connection) -> None:
        recording = held(db, said.number)
        answered(db, recording, said, by, books.now_ms())
        _note(db, books, "erasure-answered", recording, By(by.actor, by.where, said.why), said=said.state)
        if said.state is ErasureState.COMPLETED:
            _erase(db, books, recording, By(by.actor, by.where, said.why))

    await books.store.write(work)
    if said.state is ErasureState.COMPLETED:
        await dropped(vault, said.number)


async def erase(books: Books, vault: Vault, number: str, by: By) -> None:
    """Now. Raises NotFound; Conflict: it runs, or is erased already."""
    await books.store.write(lambda db: _erase(db, books, held(db, number), by))
    await dropped(vault, number)


def expiry(books: Books, shelf: Vault) -> Callable[[], Awaitable[int]]:
    """For history/keeper.py: erases some whose time has come, and removes what a crash left of such.

    Returns how many."""

    async def step() -> int:
        due = [row["number"] for row in await books.store.read(_DUE, (books.now_ms(),))]
        for number in due:
            await erase(books, shelf, number, By("controller", why="retention"))
        gone = {row["number"] for row in await books.store.read(_GONE)}
        for number in await asyncio.to_thread(shelf.left, gone):
            await dropped(shelf, number)
        return len(due)

    return step


def _erase(db: sqlite3.Connection, books: Books, recording: Recording, by: By) -> None:
    check_step(RECORDING_STEPS, recording.state, _S.ERASED)
    overwriting(db)  # the key's bytes are not just forgotten
    db.execute(_ERASED, (books.now_ms(), recording.id))
    _note(db, books, "erased", recording, by)


def _note(
    db: sqlite3.Connection, books: Books, what: str, recording: Recording, by: By, **more: str | int
) -> None:
    kind = books.kind(recording.room)
    kind.note(db, f"recording-{what}", recording.room, by, recording=recording.number, **more)

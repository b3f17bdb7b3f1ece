"""Recordings of one controller's rooms: somebody asks, everybody answers, it runs, pauses, stops.

    recordings = Recordings(books, rooms, vault, Rule(), whose)
    made = await recordings.ask(room, seat, media, words, by)     # everybody there is told, and asked
    await recordings.say(room, made.number, Words("permit", "en", text), party)
    started = await recordings.begin(made, seat, by)              # Conflict: not everybody has agreed

Who comes, goes or takes consent back changes at once what a recording is here; it is written down right
after, in that order. No page hears that it may record before that is on the disk.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from controller.errors import Conflict
from controller.identity.certificates import By
from controller.prescriptions.books import next_number
from controller.steps import check_step
from controller.telemedicine.model import Language, Word
from controller.telemedicine.recordings.books import Books, held, last
from controller.telemedicine.recordings.endings import LATE_MS, keep, keep_late
from controller.telemedicine.recordings.live import Live, Step
from controller.telemedicine.recordings.model import Recording, Rule, Whose
from controller.telemedicine.recordings.states import LIVE, RECORDING_STEPS, RecordingState
from controller.telemedicine.recordings.vault import Vault
from controller.telemedicine.rooms.room import Room
from controller.telemedicine.rooms.seat import Json, Party, Seat
from controller.telemedicine.rooms.service import Rooms

TICK_S = 1
_ADD = """INSERT INTO recording (id, number, room, by, state, key, media, asked_ms, why)
VALUES (?, ?, ?, ?, 'asked', ?, ?, ?, '')"""
_SAY = """INSERT INTO recording_said (recording, actor, name, said, text, language, at_ms)
VALUES (?, ?, ?, ?, ?, ?, ?)"""
_STATE = "UPDATE recording SET state = ?, why = ?, stopped_ms = ? WHERE id = ?"
_RUN = "INSERT INTO recording_run (recording, n, seat, from_ms) VALUES (?, ?, ?, ?)"
_RAN = "UPDATE recording_run SET to_ms = ? WHERE recording = ? AND to_ms IS NULL"
_S = RecordingState


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody says, and the words that were shown."""

    said: Word
    language: Language
    text: str


@dataclass(frozen=True, slots=True)
class Started:
    """For the page that records: its run, the key, and where the chain goes on."""

    run: int
    key: bytes
    next: int
    before: bytes


@dataclass(frozen=True, slots=True)
class _Change:
    """What became of a recording, to be written down."""

    recording: Recording
    state: RecordingState
    by: By
    at_ms: int
    run: int
    seat: int


class Recordings:
    """`whose(room)`: the patient and the last word of them; None: it is of no patient.

    Methods raise StoreError, too."""

    def __init__(
        self,
        books: Books,
        rooms: Rooms,
        vault: Vault,
        rule: Rule,
        whose: Callable[[str], Awaitable[Whose | None]],
    ) -> None:
        self.books, self.vault, self.rule = books, vault, rule
        self._rooms = rooms
        self._whose = whose
        self._live: dict[str, Live] = {}
        self._told: dict[str, Json] = {}
        self._changes: deque[_Change] = deque()
        self._writing, self._asking = asyncio.Lock(), asyncio.Lock()
        self._news = asyncio.Event()
        rooms.watchers.append(self._seats_changed)

    async def restore(self) -> None:
        """After the rooms: those of the controller's life before, or another's, go on."""
        self._live, self._told = {}, {}
        self._changes.clear()
        for recording in await self.books.open():
            runs = await self.books.runs(recording)
            where = {"seat": runs[-1].seat, "run": runs[-1].n} if runs else {"seat": 0}
            live = Live(recording, await self._whose(recording.room), **where)
            live.said |= {one.actor: one.said for one in await self.books.said(recording)}
            self._live[recording.room] = live

    async def ask(self, room: str, seat: Seat, media: str, words: Words, by: By) -> Recording:
        """Who asks has agreed. Raises NotFound; Conflict: one is there already, the meeting is over, there
        is no room for it."""
        async with self._asking:
            if room in self._live:
                raise Conflict(f"recording {self._live[room].recording.number} is there: end it first")
            await self.check_quota(0)
            made = await self.books.store.write(lambda db: self._ask(db, room, media, (words, seat), by))
            live = self._live[room] = Live(made, await self._whose(room), seat=seat.number)
        live.said[by.actor] = "permit"
        await self.look(room)
        return made

    async def say(self, room: str, number: str, words: Words, party: Party, by: By) -> None:
        """What somebody other than the patient says. Raises Conflict: there is no such recording any more."""
        live = self._find(room, number)
        if words.said == "withdrawn" and live.said.get(party.actor) != "permit":
            raise Conflict("there is nothing that could be taken back: look again")

        def work(db: sqlite3.Connection) -> None:
            row = party.actor, party.name, words.said, words.text, words.language, self.books.now_ms()
            db.execute(_SAY, (live.recording.id, *row))
            self._note(db, "said", live.recording, by, said=words.said)

        await self.books.store.write(work)
        live.said[party.actor] = words.said
        await self.look(room)

    async def heard(self, room: str) -> None:
        """The patient's consent may have changed."""
        if live := self._live.get(room):
            live.whose = await self._whose(room)
            await self.look(room)

    async def begin(self, room: str, number: str, seat: Seat, by: By) -> Started:
        """Another run of it, on the page of who asked. Raises Conflict: not everybody has agreed, or it is
        somebody else's."""
        live = self._find(room, number)
        if live.recording.by != by.actor:
            raise Conflict(f"recording {number} is {live.recording.by}'s: that page records")
        key = self.vault.key(live.recording)
        if live.state is _S.RUNNING:
            self._set(live, (_S.PAUSED, "again"), by)
        live.seat = seat.number
        self._step(live)
        if live.state is not _S.AGREED:
            names = ", ".join(one.name or "the patient" for one in self._missing(live))
            raise Conflict(f"expected everybody's consent to be recorded, there is none of {names}: ask them")
        live.run = run = live.run + 1
        self._set(live, (_S.RUNNING, ""), by)
        await self.look(room)
        n, before = await self.books.store.write(lambda db: last(db, live.recording.id))
        return Started(run, key, n + 1, before)

    async def stop(self, room: str, number: str, by: By, why: str = "stopped") -> None:
        """For good. Raises Conflict: it has stopped."""
        self._set(self._find(room, number), (_S.STOPPED, why), by)
        await self.look(room)

    async def close(self, room: str, by: By) -> None:
        """The meeting is over."""
        if live := self._live.get(room):
            await self.stop(room, live.recording.number, by, "meeting-over")

    async def keep(self, recording: Recording, chunks: int, by: By) -> None:
        """Its page says that it has sent all. Raises Conflict: something is missing."""
        await self.flush()
        await keep(self.books, self.vault, self.rule, (recording.number, chunks), by)

    async def note_export(self, recording: Recording, stretch: int, by: By) -> None:
        """Somebody takes a stretch away as a file."""
        await self.books.store.write(lambda db: self._note(db, "exported", recording, by, stretch=stretch))

    async def check_quota(self, more: int) -> None:
        """Raises Conflict: so many bytes more would be too many."""
        used, most = await self.books.used(), self.rule.quota_bytes
        if used + more > most or used >= most:
            raise Conflict(
                f"expected at most {most} bytes of recordings, {used} are there: erase what is not needed, "
                "or raise recording_quota_gb"
            )

    async def look(self, room: str) -> None:
        """What follows now is written down, and then told."""
        if (live := self._live.get(room)) is None:
            return
        self._step(live)
        await self.flush()
        told = live.told(self._seats(room), self.books.now_ms())
        if told != self._told.get(room):
            self._told[room] = told
            await self._rooms.tell(room, told)
        if live.state not in LIVE and self._live.get(room) is live:
            del self._live[room], self._told[room]

    async def flush(self) -> None:
        """What happened is on the disk."""
        async with self._writing:
            while self._changes:
                change = self._changes[0]
                await self.books.store.write(lambda db, change=change: self._write(db, change))
                self._changes.popleft()

    async def run(self) -> None:
        """For ever: consents run out, pages go, what was not finished is closed."""
        while True:
            try:
                await asyncio.wait_for(self._news.wait(), TICK_S)
            except TimeoutError:
                await keep_late(self.books, self.vault, self.rule)
            self._news.clear()
            for room in list(self._live):
                await (self.look(room) if self._seats(room) else self._look_after(room))

    async def _look_after(self, room: str) -> None:
        """Nobody is there: the meeting may be over, or all are gone and do not come back."""
        live, now_ms = self._live[room], self.books.now_ms()
        try:
            await self.books.store.write(lambda db: self.books.kind(room).check_open(db, room))
        except Conflict:
            return await self.close(room, By("controller"))
        live.alone_ms = live.alone_ms or now_ms
        if now_ms - live.alone_ms > LATE_MS:
            return await self.stop(room, live.recording.number, By("controller"), "left")
        return await self.look(room)

    def live(self, room: str) -> Live | None:
        """The one that is told of in a room."""
        return self._live.get(room)

    def _find(self, room: str, number: str) -> Live:
        live = self._live.get(room)
        if live is None or live.recording.number != number or live.state not in LIVE:
            raise Conflict(f"recording {number!r:.40} has stopped: look again")
        return live

    def _seats(self, room: str) -> list[Seat]:
        return list(self._rooms.room(room).seats.values())

    def _missing(self, live: Live) -> list[Party]:
        return live.missing(self._seats(live.recording.room), self.books.now_ms())

    def _seats_changed(self, room: Room) -> None:
        if live := self._live.get(room.name):
            live.alone_ms = None
            self._step(live)
            self._told.pop(room.name, None)  # who came knows nothing yet
            self._news.set()

    def _step(self, live: Live) -> None:
        while live.state in LIVE:
            step = live.following(self._seats(live.recording.room), self.books.now_ms())
            if step is None:
                return
            self._set(live, step, By("controller"))

    def _set(self, live: Live, step: Step, by: By) -> None:
        state, why = step
        check_step(RECORDING_STEPS, live.state, state)
        live.state = state
        told = By(by.actor, by.where, why or by.why)
        self._changes.append(_Change(live.recording, state, told, self.books.now_ms(), live.run, live.seat))

    def _write(self, db: sqlite3.Connection, change: _Change) -> None:
        recording, stopped = change.recording, change.state is _S.STOPPED
        why = change.by.why if stopped else ""
        db.execute(_STATE, (change.state, why, change.at_ms if stopped else None, recording.id))
        if change.state is _S.RUNNING:
            db.execute(_RUN, (recording.id, change.run, change.seat, change.at_ms))
        else:
            db.execute(_RAN, (change.at_ms, recording.id))
        self._note(db, change.state, recording, change.by, run=change.run)

    def _ask(
        self, db: sqlite3.Connection, room: str, media: str, said: tuple[Words, Seat], by: By
    ) -> Recording:
        self.books.kind(room).check_open(db, room)
        row, number = next_number(db, "recording", "RC")
        now_ms, (words, seat) = self.books.now_ms(), said
        db.execute(_ADD, (row, number, room, by.actor, self.vault.new_key(number), media, now_ms))
        who = by.actor, seat.party.name
        db.execute(_SAY, (row, *who, "permit", words.text, words.language, now_ms))
        made = held(db, number)
        self._note(db, "asked", made, by)
        return made

    def _note(
        self, db: sqlite3.Connection, what: str, recording: Recording, by: By, **more: str | int
    ) -> None:
        kind = self.books.kind(recording.room)
        kind.note(db, f"recording-{what}", recording.room, by, recording=recording.number, **more)

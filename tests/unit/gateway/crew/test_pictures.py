"""A crew's picture is on the box until the hospital has every byte of it, whatever ends the box."""

import asyncio
import hashlib
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devices.model.observation import DeviceEvent
from devices.wire.records import Attachment
from gateway.crew import pictures
from gateway.crew.case import Case
from gateway.crew.content import Content
from gateway.crew.pictures import (
    CHUNK,
    FIRST_WAIT_S,
    MOST_BYTES,
    MOST_UNDER_WAY,
    Pictures,
    PictureWays,
    State,
)
from gateway.crew.taking import told_of
from gateway.errors import CrewRefused, NotKept
from tests.support.killed import killed_before
from tests.support.waiting import until
from tests.unit.gateway.crew.clock import TurnedClock

ANN, BEN = "a" * 16, "b" * 16
DATA = bytes(range(256)) * 100
DIGEST = hashlib.sha256(DATA).hexdigest()
ABOUT = {"media": "image/jpeg", "kind": "camera", "shows": "left hand"}


class Box:
    """The pictures of a box, and what it put into its journal."""

    def __init__(self, folder: Path, clock: TurnedClock | None = None) -> None:
        self.journal: list[Attachment] = []
        self.under_way = 0
        self.full = False
        self.clock = clock or TurnedClock()
        ways = PictureWays(self.attach, lambda: self.under_way)
        self.pictures = Pictures(folder, self.clock, ways)

    async def attach(self, attachment: Attachment) -> None:
        if self.full:
            raise NotKept("the disk is full")
        self.journal.append(attachment)

    @property
    def states(self) -> list[State]:
        return [one.state for one in self.pictures.held.values()]

    def sent(self) -> bytes:
        """The file, as whoever has all chunks puts it together."""
        held = bytearray(self.journal[0].size)
        for one in self.journal:
            held[one.offset : one.offset + len(one.data)] = one.data
        return bytes(held)

    async def have(self, data: bytes = DATA, stay: str = ANN) -> None:
        digest = hashlib.sha256(data).hexdigest()
        await self.pictures.keep(digest, data)
        await self.pictures.release(digest, len(data), stay)

    async def hear(self, state: str, stay: str = ANN, why: str = "") -> None:
        """The hospital's word of DATA."""
        await self.pictures.told({"stay": stay, "digest": DIGEST, "state": state, "why": why})


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "PAUSE_S", 0)
    monkeypatch.setattr(pictures, "ROOM_S", 0.01)
    monkeypatch.setattr(pictures, "RETRY_S", 0.01)


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path / "pictures")


@asynccontextmanager
async def running(box: Box) -> AsyncIterator[None]:
    task = asyncio.create_task(box.pictures.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_every_byte_goes_once_and_in_small_blocks(box: Box) -> None:
    async with running(box):
        await box.have()
        await until(lambda: box.states == [State.SENT], "it is sent")
    assert box.sent() == DATA
    assert len(box.journal) == -(-len(DATA) // CHUNK)
    assert {one.digest.hex() for one in box.journal} == {DIGEST}
    assert max(len(one.data) for one in box.journal) <= CHUNK


async def test_nothing_goes_before_it_was_told_what_it_is(box: Box) -> None:
    async with running(box):
        await box.pictures.keep(DIGEST, DATA)
        await asyncio.sleep(0.05)
        assert box.journal == []
        await box.pictures.release(DIGEST, len(DATA), ANN)
        await until(lambda: box.states == [State.SENT], "it is sent")


async def test_the_journal_holds_only_a_few_blocks_of_it(box: Box) -> None:
    async with running(box):
        box.under_way = MOST_UNDER_WAY
        await box.have()
        await asyncio.sleep(0.05)
        assert (box.journal, box.states) == ([], [State.KEPT])
        box.under_way = 0
        await until(lambda: box.states == [State.SENT], "it goes once there is room")
    assert box.sent() == DATA


async def test_what_the_disk_refuses_goes_later(box: Box) -> None:
    async with running(box):
        box.full = True
        await box.have()
        await asyncio.sleep(0.05)
        assert box.states == [State.KEPT]
        box.full = False
        await until(lambda: box.states == [State.SENT], "it goes")
    assert box.sent() == DATA


async def test_the_file_goes_only_when_the_hospital_has_all_of_it(box: Box) -> None:
    await box.have()
    assert (box.pictures.folder / DIGEST).read_bytes() == DATA
    await box.hear("received")
    assert box.states == [State.RECEIVED]
    assert not (box.pictures.folder / DIGEST).exists()
    await box.hear("archived")
    await box.hear("received")
    assert box.states == [State.ARCHIVED], "what came late is old news"


async def test_what_is_said_of_the_same_picture_of_another_patient_changes_nothing(box: Box) -> None:
    await box.have(stay=BEN)
    await box.hear("archived", stay=ANN)
    assert box.states == [State.KEPT]
    assert (box.pictures.folder / DIGEST).exists()


async def test_a_picture_that_the_archive_refused_says_why(box: Box) -> None:
    await box.have()
    await box.hear("refused", why="truncated")
    shown: list[dict[str, str]] = [{"digest": DIGEST}, {"digest": "0" * 64}]
    box.pictures.show(shown)
    assert shown == [
        {"digest": DIGEST, "state": "refused", "why": "truncated"},
        {"digest": "0" * 64, "state": "", "why": ""},
    ]


async def test_what_nobody_heard_of_goes_again_but_not_while_blocks_are_under_way(box: Box) -> None:
    async with running(box):
        await box.have()
        await until(lambda: box.states == [State.SENT], "it is sent")
        once = len(box.journal)
        box.under_way = 1
        for _ in range(3):
            box.clock.turn(FIRST_WAIT_S + 1)
            await asyncio.sleep(0.03)
        assert len(box.journal) == once
        box.under_way = 0
        await asyncio.sleep(0.03)
        box.clock.turn(FIRST_WAIT_S + 1)
        await until(lambda: len(box.journal) == 2 * once, "the journal may have shed it")
        box.clock.turn(FIRST_WAIT_S + 1)
        await asyncio.sleep(0.05)
        assert len(box.journal) == 2 * once, "less and less often"


async def test_a_start_in_the_middle_sends_it_again_from_the_file(box: Box) -> None:
    box.under_way = MOST_UNDER_WAY - 1
    await box.have()
    again = Box(box.pictures.folder)
    await again.pictures.load(Content())
    async with running(again):
        await until(lambda: again.states == [State.SENT], "it is sent")
    assert again.sent() == DATA


async def test_a_start_takes_away_what_was_never_told(box: Box) -> None:
    await box.pictures.keep(DIGEST, DATA)
    again = Box(box.pictures.folder)
    await again.pictures.load(Content())
    assert (again.pictures.held, list(again.pictures.folder.glob("*"))) == ({}, [])


async def test_a_box_that_is_full_of_pictures_says_so(box: Box) -> None:
    await box.have()
    box.pictures.held[DIGEST].size = MOST_BYTES
    with pytest.raises(CrewRefused, match="no more pictures"):
        await box.pictures.keep("0" * 64, b"x")


async def test_a_file_of_states_that_cannot_be_read_stops_nothing(box: Box) -> None:
    await box.have()
    (box.pictures.folder / "state.json").write_text("{", encoding="utf-8")
    again = Box(box.pictures.folder)
    await again.pictures.load(Content())
    await again.have(DATA + b"more")
    assert again.states == [State.KEPT]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(min_size=1, max_size=3 * CHUNK))
def test_whatever_the_bytes_the_chunks_make_the_file(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    async def send() -> bytes:
        box = Box(tmp_path_factory.mktemp("box"))
        async with running(box):
            await box.have(data)
            await until(lambda: box.states == [State.SENT], "it is sent")
        return box.sent()

    assert asyncio.run(send()) == data


class Ridden:
    """A box with a case: what it told, of lines in a file that outlives it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        numbers = itertools.count(1)
        clock = TurnedClock()
        self.box = Box(folder / "pictures", clock)
        self.case = Case("amb-1", folder, clock, self.say, lambda: f"{next(numbers):016x}")
        self.case.load()

    async def say(self, event: DeviceEvent) -> None:
        with (self.folder / "journal").open("a", encoding="utf-8") as file:
            file.write(f"{event.kind} {event.detail.get('digest', '')}\n")

    async def take(self) -> None:
        await self.box.pictures.load(self.case.content)
        await told_of(self.case, self.box.pictures, DATA, ABOUT, "kim")


def test_killed_anywhere_a_told_picture_is_there_and_an_untold_one_is_not(tmp_path: Path) -> None:
    def work(folder: Path) -> Callable[[], object]:
        return lambda: asyncio.run(Ridden(folder).take())

    told_and_here = {True: 0, False: 0}
    for step in itertools.count():
        folder = tmp_path / str(step)
        folder.mkdir()
        was_killed = killed_before(step, work(folder))
        again = Ridden(folder)
        asyncio.run(again.box.pictures.load(again.case.content))
        is_told = any(one["digest"] == DIGEST for one in again.case.content.pictures)
        file = folder / "pictures" / DIGEST
        assert is_told == file.exists() == (DIGEST in again.box.pictures.held), step
        assert not is_told or file.read_bytes() == DATA
        told_and_here[is_told] += 1
        if not was_killed:
            break
    assert all(told_and_here.values()), "killed before it was told, and after"

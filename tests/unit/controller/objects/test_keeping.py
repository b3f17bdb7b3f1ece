"""controller/objects/keeping.py: whatever is killed, put late or collected, no row is without its object."""

import asyncio
import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from controller.objects.check import DAY_MS
from controller.objects.folder import Folder
from controller.objects.keeping import Keeping
from controller.objects.kinds import Kind
from controller.objects.owner import HELD, KEY, Owning
from controller.store import Store

Step = tuple[Literal["put", "killed", "late", "erase", "check", "hours"], int]
STEPS = st.lists(
    st.tuples(st.sampled_from(["put", "killed", "late", "erase", "check", "hours"]), st.integers(0, 5)),
    max_size=25,
)


class Later:
    """A clock that is put forward."""

    def __init__(self) -> None:
        self.us = 1_795_000_000_000_000

    def now_us(self) -> int:
        return self.us

    utc_us = now_us


class Far(Folder):
    """A folder as a bucket is: a put that was given up may come to be later."""

    is_local = False

    def __init__(self, folder: Path, clock: Later) -> None:
        super().__init__(folder)
        self._clock = clock

    def put(self, key: str, content: bytes | Path) -> None:
        super().put(key, content)
        os.utime(self.folder / key, ns=(self._clock.us * 1000, self._clock.us * 1000))


class World:
    """Places, rows, and puts that are still on their way."""

    def __init__(self, folder: Path, store: Store) -> None:
        self.clock = Later()
        self.objects = Far(folder / "objects", self.clock)
        self.table: dict[str, int] = {}
        self.on_its_way: list[tuple[str, bytes]] = []
        self.keeping = Keeping([Kind("recordings", self.objects, self.rows, ours=True)], store, self.clock)

    async def rows(self) -> Mapping[str, int]:
        return dict(self.table)

    async def counted(self) -> tuple[int, int]:
        return len(self.table), 0

    async def do(self, step: Step) -> None:
        what, number = step
        box = bytes([number]) * (number + 1)
        key = f"RC1/{number // 2}.{hashlib.sha256(box).hexdigest()}.box"
        if what == "put":
            self.objects.put(key, box)
            self.table[key] = len(box)
        elif what == "killed":
            self.objects.put(key, box)
        elif what == "late":
            self.on_its_way.append((key, box))
        elif what == "erase":
            if self.table.pop(key, None):
                self.objects.delete(key)
        elif what == "check":
            await self.keeping.look()
        else:
            self.clock.us += number * 3_600_000_000
            for late in self.on_its_way:
                self.objects.put(*late)
            self.on_its_way.clear()

    def is_whole(self) -> bool:
        return all(
            (digest := self.objects.digest(key)) is not None and digest.hex() == key.split(".")[1]
            for key in self.table
        )


@settings(max_examples=15, deadline=None)
@given(STEPS)
def test_whatever_is_killed_put_late_or_collected_no_row_is_without_its_object(steps: list[Step]) -> None:
    async def live(folder: Path) -> None:
        store = await Store.open(folder / "controller.db")
        world = World(folder, store)
        await world.keeping.look()  # as a controller that starts: the place is empty, and its own
        for step in steps:
            await world.do(step)
            assert world.is_whole()
        await world.do(("hours", 0))
        world.clock.us += 2 * DAY_MS * 1000
        await world.keeping.look()
        assert world.keeping.why() == ""
        assert {one.key for some in world.objects.all() for one in some} - {KEY} == set(world.table)
        await store.close()

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(live(Path(folder)))


async def test_what_is_lost_is_told_until_it_is_back_and_what_went_is_on_record(
    tmp_path: Path,
) -> None:
    store = await Store.open(tmp_path / "controller.db")
    world = World(tmp_path, store)
    await world.do(("put", 1))
    await world.do(("killed", 2))
    [key] = world.table
    box = world.objects.get(key)
    world.objects.delete(key)
    await world.keeping.look()
    assert "1 missing" in world.keeping.why()
    world.objects.put(key, box[:1])
    await world.keeping.look()
    assert "1 of another length" in world.keeping.why()
    world.objects.put(key, box)
    world.clock.us += 2 * DAY_MS * 1000
    await world.keeping.look()
    assert world.keeping.why() == ""
    [row] = await store.read("SELECT entry FROM audit WHERE entry LIKE '%objects-collected%'")
    assert json.loads(row["entry"])["detail"] == {"number": 1}
    await store.close()


async def test_what_another_database_keeps_is_not_taken_away_and_that_is_told(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    ours, others = [await Store.open(folder / "controller.db") for folder in (tmp_path, tmp_path / "other")]
    world, stranger = World(tmp_path, ours), World(tmp_path, others)
    await world.do(("put", 1))
    await world.keeping.look()
    stranger.clock.us = world.clock.us + 2 * DAY_MS * 1000
    await stranger.keeping.look()
    assert world.is_whole()
    assert "belongs to the rows of another site" in stranger.keeping.why()
    await world.keeping.look()
    assert world.keeping.why() == ""
    for store in (ours, others):
        await store.close()


async def test_a_database_from_a_backup_takes_nothing_away_until_a_person_says_so(tmp_path: Path) -> None:
    store = await Store.open(tmp_path / "controller.db")
    world = World(tmp_path, store)
    await world.keeping.look()
    held = [tuple(row) for row in await store.read(HELD)]
    await world.do(("put", 1))
    await world.keeping.look()
    world.table.clear()  # as the backup has it
    await store.write(lambda db: db.execute("UPDATE place_owner SET name = ?, turn = ?", held[0]))
    world.clock.us += 2 * DAY_MS * 1000
    await world.keeping.look()
    assert "older than it" in world.keeping.why()
    assert {one.key for some in world.objects.all() for one in some} > {KEY}
    await Owning(world.objects, store, world.counted).take()
    await world.keeping.look()
    assert world.keeping.why() == ""
    assert {one.key for some in world.objects.all() for one in some} == {KEY}
    await store.close()

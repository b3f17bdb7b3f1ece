"""Readings in pieces: each once, never many at a time, and no blood pressure torn apart."""

import random
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from controller.api.bulk_devices import measuring
from controller.api.bulk_observations import MOST, STEP, Piece, pieces, resources
from controller.store import Store
from tests.support.bulk import measured

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
BEGAN_US = 20_000 * DAY_US
_STAY = """INSERT INTO stay (id, bed, identifier, name, from_ms, to_ms, by)
VALUES (?, 'bed-1', ?, 'N', ?, ?, 'n')"""
_WHOSE = """SELECT observation.id FROM observation JOIN series ON series.id = series JOIN stay USING (bed)
WHERE identifier = ? AND at_us >= from_ms * 1000 AND (to_ms IS NULL OR at_us < to_ms * 1000)"""


class Watched:
    """A store that counts its answers, and how much is in one."""

    def __init__(self, store: Store) -> None:
        self.store, self._read = store, store.read
        self.most = self.reads = 0

    async def read(self, query: str, parameters: Any = ()) -> Any:
        """As the store does."""
        rows = await self._read(query, parameters)
        self.most, self.reads = max(self.most, len(rows)), self.reads + 1
        return rows


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """P1 lay on bed-1 for 100 days, P2 lies there since."""
    opened = await Store.open(tmp_path / "wardlink.sqlite")
    turn_ms = (BEGAN_US + 100 * DAY_US) // 1000

    def work(db: Any) -> None:
        db.execute("INSERT INTO ward VALUES ('w', 'W')")
        db.execute("INSERT INTO bed (id, ward, name) VALUES ('bed-1', 'w', 'Bed')")
        db.execute(_STAY, (1, "P1", BEGAN_US // 1000, turn_ms))
        db.execute(_STAY, (2, "P2", turn_ms, None))

    await opened.write(work)
    yield opened
    await opened.close()


async def every(store: Store, patient: str) -> list[Piece]:
    return [one async for one in pieces(store, patient)]


def ids(found: Sequence[Piece]) -> list[int]:
    return [row.id for piece in found for row in piece.rows]


async def test_each_reading_of_a_patient_is_in_one_piece_and_never_many_are_held(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = random.Random(7)
    spots = [BEGAN_US + day * DAY_US for day in (0, 50, 99, 100, 160)]
    rows = [
        (f"d{n % 3}", "bed-1", draw.choice(("spo2", "hr", "nibp_sys", "nibp_dia")), at, float(n))
        for n, at in enumerate(draw.choice(spots) + draw.randrange(HOUR_US // 30) for _ in range(9_000))
    ]
    await measured(store, *rows)
    for patient in ("P1", "P2"):
        expected = [row["id"] for row in await store.read(_WHOSE, (patient,))]
        watched = Watched(store)
        monkeypatch.setattr(store, "read", watched.read)
        found = await every(store, patient)
        assert sorted(ids(found)) == sorted(expected)
        assert len({one.name for one in found}) == len(found)
        assert max(len(one.rows) for one in found) < 2 * MOST
        assert watched.most <= STEP
        assert watched.reads < 40, "hours without a reading are passed over"


async def test_rows_of_one_instant_are_told_apart_by_their_ids(store: Store) -> None:
    made = await measured(store, *[("d", "bed-1", "spo2", BEGAN_US, 1.0)] * (STEP + 3))
    assert ids(await every(store, "P1")) == made


async def test_what_comes_late_changes_the_pieces_of_its_hour_alone(store: Store) -> None:
    at = [BEGAN_US + n * HOUR_US for n in range(5)]
    await measured(store, *[("d", "bed-1", "spo2", one, 97.0) for one in at])
    before = {one.name: one.rows for one in await every(store, "P1")}
    await measured(store, ("d", "bed-1", "hr", at[2] + 1, 80.0))
    after = {one.name: one.rows for one in await every(store, "P1")}
    assert before.keys() == after.keys()
    assert [name for name in before if before[name] != after[name]] == [[*before][2]]


@pytest.mark.parametrize("before", range(MOST - 3, MOST + 1))
async def test_a_blood_pressure_at_the_edge_of_a_piece_stays_whole(store: Store, before: int) -> None:
    rows = [("d", "bed-1", "spo2", BEGAN_US + n, 97.0) for n in range(before)]
    at = BEGAN_US + 5_000_000
    cuff = [("cuff", "bed-1", f"nibp_{one}", at + n, 70.0) for n, one in enumerate(("dia", "sys", "map"))]
    await measured(store, *rows, *cuff)
    made = [one for piece in await every(store, "P1") for one in resources(piece.rows, "P1", 0)]
    [panel] = [one for one in made if "component" in one]
    assert [one["code"]["text"] for one in panel["component"]] == ["NIBP sys", "NIBP dia", "NIBP mean"]
    assert len(made) == before + 1


async def test_parts_that_are_no_blood_pressure_are_single_numbers(store: Store) -> None:
    at = BEGAN_US
    rows = [("a", "bed-1", "nibp_sys", at, 120.0), ("b", "bed-1", "nibp_dia", at, 70.0)]
    rows += [("a", "bed-1", "nibp_dia", at + 2_000_000, 70.0), ("a", "bed-1", "nibp_map", at, 90.0)]
    await measured(store, *rows)
    [piece] = await every(store, "P1")
    made = resources(piece.rows, "P1", 0)
    assert len(made) == 4
    assert all("valueQuantity" in one for one in made)


async def test_what_a_room_or_a_vehicle_measured_is_nobodys_observation(store: Store) -> None:
    await measured(store, ("d", "bed-1", "ambient_temp", BEGAN_US, 21.0))
    assert await every(store, "P1") == []


async def test_only_what_measured_the_patient_is_the_patients_device(store: Store) -> None:
    await measured(store, ("room", "bed-1", "ambient_temp", BEGAN_US, 21.0))
    await measured(store, ("ox", "bed-1", "spo2", BEGAN_US, 97.0))
    assert [one["identifier"][0]["value"] for one in await measuring(store, "P1")] == ["ox"]

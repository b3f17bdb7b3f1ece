"""controller/store/entered.py: numbers of blocks as ranges, the same in both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controller.errors import Unstorable
from controller.store import Store
from controller.store.entered import enter
from devices.wire.ranges import Ranges
from tests.support.postgres import SERVERS

pytestmark = pytest.mark.xdist_group("postgresql")
GATEWAY = "INSERT INTO gateway (id, name, added_ms) VALUES ('ward-a', '', 0)"
STREAM = "INSERT INTO stream (id, journal, lane, gateway, produced) VALUES (1, ?, 1, 'ward-a', 0)"
LEDGER = "SELECT kind, first, last FROM ledger ORDER BY kind, first"

spans = st.tuples(st.integers(0, 40), st.integers(0, 6)).map(lambda one: (one[0], one[0] + one[1]))
steps = st.lists(st.tuples(st.sampled_from(["committed", "shed", "quarantined"]), spans), max_size=20)


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncIterator[list[Store]]:
    """SQLite's and PostgreSQL's, each with one stream."""
    (tmp_path / "folder").mkdir()
    url = SERVERS.of(tmp_path / "postgresql")
    stores = [
        await Store.open(tmp_path / "wardlink.sqlite"),
        await Store.open(url, folder=tmp_path / "folder"),
    ]
    for store in stores:
        await store.write(lambda db: db.execute(GATEWAY))
        await store.write(lambda db: db.execute(STREAM, (b"journal.",)))
    yield stores
    for store in stores:
        await store.close()


async def entered(store: Store, kind: str, pair: tuple[int, int]) -> bool:
    """Whether it was taken."""
    try:
        await store.write(lambda db: enter(db, kind, {1: Ranges([pair])}))
    except Unstorable as error:
        assert "are here already" in str(error)
        return False
    return True


async def held(store: Store) -> list[tuple[str, int, int]]:
    return [(row["kind"], row["first"], row["last"]) for row in await store.read(LEDGER)]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
async def test_both_databases_have_the_same_ranges_and_refuse_the_same(
    stores: list[Store], steps: list[tuple[str, tuple[int, int]]]
) -> None:
    for store in stores:
        await store.write(lambda db: db.execute("DELETE FROM ledger"))
    there = dict[str, set[int]]()
    for kind, (first, last) in steps:
        numbers = set(range(first, last + 1))
        is_new = kind != "committed" or not numbers & there.get(kind, set())
        assert [await entered(store, kind, (first, last)) for store in stores] == [is_new] * 2
        if is_new:
            there.setdefault(kind, set()).update(numbers)
    sqlite, postgres = [await held(store) for store in stores]
    assert sqlite == postgres
    numbers_of = dict[str, set[int]]()
    for kind, first, last in sqlite:
        numbers_of.setdefault(kind, set()).update(range(first, last + 1))
    assert numbers_of == there


async def test_ranges_that_touch_become_one_on_both(stores: list[Store]) -> None:
    for store in stores:
        await store.write(lambda db: enter(db, "committed", {1: Ranges([(0, 2), (6, 9)])}))
        await store.write(lambda db: enter(db, "committed", {1: Ranges([(3, 5)])}))
        assert await held(store) == [("committed", 0, 9)]

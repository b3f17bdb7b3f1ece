"""hil/bench/store.py: storing blocks in both databases, side by side."""

from hil.bench.store import TOGETHER, measure


async def test_each_database_stores_each_size_of_batch_in_each_turn() -> None:
    took = await measure(turns=2)
    assert {key: len(one.wall) for key, one in took.items()} == {
        (name, together): 2 for name in ("SQLite", "PostgreSQL") for together in TOGETHER
    }
    assert all(seconds > 0 for one in took.values() for seconds in one.wall)

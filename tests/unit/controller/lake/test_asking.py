"""Questions to the lake: what only reads is asked in any form, what writes is refused."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from controller.errors import LakeError
from controller.lake.asking import as_text, opened
from controller.store import Store
from tests.support import history
from tests.support.history import BASE_US, Row
from tests.support.lake import written

ROWS: list[Row] = [(1 + n % 2, BASE_US + n, 60.0 + n) for n in range(20)]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened_ = await history.opened(tmp_path)
    yield opened_
    await opened_.close()


@pytest.mark.parametrize("as_csv", [True, False])
async def test_a_question_writes_nothing_into_the_lake_either(
    store: Store, tmp_path: Path, as_csv: bool
) -> None:
    await store.write(lambda db: history.arrive(db, 1, ROWS))
    await written(store, tmp_path / "lake")
    [part] = (tmp_path / "lake" / "observation").rglob("*.parquet")
    before, out = part.read_bytes(), tmp_path / "lake" / "out"
    for writing in (
        f"COPY observation TO '{out}.csv'",
        f"COPY (SELECT 1) TO '{part}'",
        f"ATTACH '{out}.db'",
        f"EXPORT DATABASE '{out}'",
        f"EXPLAIN ANALYZE COPY observation TO '{out}.csv'",
        f"SELECT 1); COPY observation TO '{out}.csv'; SELECT * FROM (SELECT 1",
        f"SELECT 1; COPY observation TO '{out}.csv'",
    ):
        with pytest.raises(LakeError), opened(tmp_path / "lake") as duck:
            list(as_text(duck, writing, as_csv=as_csv))
    assert list((tmp_path / "lake").glob("out*")) == []
    assert part.read_bytes() == before


@pytest.mark.parametrize(
    "asked", ["DESCRIBE observation", "SUMMARIZE observation", "FROM observation", "SHOW TABLES"]
)
async def test_what_only_reads_is_asked_in_any_of_its_forms(store: Store, tmp_path: Path, asked: str) -> None:
    await store.write(lambda db: history.arrive(db, 1, ROWS))
    await written(store, tmp_path / "lake")
    with opened(tmp_path / "lake") as duck:
        assert "observation" in asked + "".join(as_text(duck, asked, as_csv=False))

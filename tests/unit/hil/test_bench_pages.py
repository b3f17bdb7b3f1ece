"""The store of a large hospital that `./run bench pages` asks is one that the product could have written."""

from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from controller.ledger import ledger_table
from controller.security.permissions import Role
from controller.store import Store, connect
from hil import historycheck
from hil.bench.pages.asked import Took, questions, slow, table
from hil.bench.pages.filled import ALERTS_A_DAY, DAY_US, DENSE, LOOKS_A_DAY, METRICS, Hospital, fill

HOSPITAL = Hospital(beds=9, days=1)
NOW_US = 20_000 * DAY_US


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = await Store.open(tmp_path / "wardlink.sqlite")
    with closing(connect(store.where)) as db:
        fill(db, HOSPITAL, NOW_US)
    yield store
    await store.close()


async def test_its_rollups_are_those_of_its_rows_and_its_ledger_knows_what_is_missing(store: Store) -> None:
    assert historycheck.problems(store.path) == []
    rows = await ledger_table(store)
    told = [(row.lane, row.missing, row.duplicated) for row in rows]
    assert told == [("alert", 1, 0), ("vital", 0, 0), ("wave", 0, 0), ("bulk", 0, 0)]


async def test_it_has_what_was_asked_for(store: Store) -> None:
    readings = (DENSE * 1440 + (HOSPITAL.beds - DENSE) * 48) * len(METRICS)
    expected = {"observation": readings, "alert": 2 * 9 * ALERTS_A_DAY, "audit": 9 * LOOKS_A_DAY}
    for name, many in expected.items():
        assert (await store.read(f"SELECT count(*) FROM {name}"))[0][0] == many


def test_what_takes_too_much_processor_is_named() -> None:
    of = questions(2_000_000_000_000, 30)
    took = {"SQLite": {name: Took([1.0, 2.0], 5.0, 1000) for name in of}}
    took["SQLite"]["ledger"].cpu_ms = 400.0
    [problem] = slow(took)
    assert problem.startswith("SQLite, ledger: 400 ms")
    assert len(list(table(took))) == 2 + len(of)
    assert {role for role, _ in of.values()} == {Role.NURSE, Role.ENGINEER, Role.AUDITOR}

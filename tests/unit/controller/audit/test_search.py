"""Who saw patient X between two times; what a person did; page by page."""

from pathlib import Path
from typing import Any

import pytest

from controller.audit.chain import append_all
from controller.audit.entry import Entry
from controller.audit.search import CLOSED, WATCHED_US, WATCHING, Question, everything, found
from controller.store import Store
from controller.store.beside import reading
from tests.support.database import planned
from tests.support.trails import UTC_US, entries, filled

pytestmark = pytest.mark.on_both
MINUTE = 60_000_000


def asked(path: Path, **about: Any) -> list[dict[str, Any]]:
    question = Question(**{"from_us": 0, "to_us": 2**62, **about})
    with reading(path) as db:
        return list(found(db, question))


def numbers(path: Path, **about: Any) -> list[int]:
    return [one["number"] for one in asked(path, **about)]


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    return await filled(tmp_path / "wardlink.sqlite", 12)


def test_one_patient_between_two_times(path: Path) -> None:
    between = {"from_us": UTC_US + 3_000_000, "to_us": UTC_US + 6_000_000}
    [second, first] = asked(path, patient="P0", **between)
    assert (first["number"], second["number"]) == (4, 7)
    assert (first["actor"], first["action"], first["patient"]) == ("nurse3", "bed", "P0")
    assert len(first["hash"]) == 64


def test_by_person_by_action_and_by_both(path: Path) -> None:
    assert numbers(path, actor="nurse1") == [10, 6, 2]
    assert numbers(path, actor="nurse1", patient="P1") == [2]
    assert numbers(path, action="admit") == []


def test_page_by_page_nothing_is_left_out_and_nothing_comes_twice(path: Path) -> None:
    seen: list[int] = []
    before = None
    while page := numbers(path, before=before, limit=5):
        seen += page
        before = page[-1]
    assert seen == list(range(12, 0, -1))


def test_the_question_uses_the_index_of_patients(path: Path) -> None:
    question = Question(0, 2**62, patient="P1")
    with reading(path) as db:
        asked = f"SELECT * FROM audit WHERE {question.where}"
        assert "audit_patient" in planned(db, asked, question.parameters)


def test_everything_comes_oldest_first_from_where_one_left_off(path: Path) -> None:
    with reading(path) as db:
        assert [one["number"] for one in everything(db, after=10)] == [11, 12]
        assert [one["number"] for one in everything(db, most=2)] == [1, 2]


async def watched(path: Path, opened_us: int, closed_us: int | None) -> Path:
    """A board that showed P1 from then until then; None: its end was never written (a power cut)."""
    stream = "stream/1"
    lines = [(Entry(WATCHING, "anna", stream, patient="P1"), opened_us)]
    if closed_us is not None:
        lines.append((Entry(CLOSED, "anna", stream), closed_us))
    store = await Store.open(path)
    await store.write(lambda db: append_all(db, [*entries(3), *lines]))
    await store.close()
    return path


@pytest.mark.parametrize(
    ("opened", "closed", "is_found"),
    [
        (-30, None, True),  # open still
        (-30, 5, True),
        (-30, -10, False),  # closed before the time that is asked for
        (-61, None, False),  # it would have been written again after an hour
        (5, 6, True),
        (20, None, False),  # opened later
    ],
)
async def test_a_board_that_was_open_at_that_time_is_found_by_its_opening(
    tmp_path: Path, opened: int, closed: int | None, is_found: bool
) -> None:
    begin = UTC_US + 10 * WATCHED_US
    closed_us = None if closed is None else begin + closed * MINUTE
    path = await watched(tmp_path / "w.sqlite", begin + opened * MINUTE, closed_us)
    who = [one["actor"] for one in asked(path, from_us=begin, to_us=begin + 10 * MINUTE, patient="P1")]
    assert who == (["anna"] if is_found else [])

"""Research: approved by a second person, without identifiers, the same each time, joined to no other."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.errors import Conflict, LakeError
from controller.lake.research.disguise import MOST_DAYS, OLDEST, Disguise, age, band, project_key
from controller.lake.research.states import ProjectState
from tests.support.history import BASE_US
from tests.support.research import (
    BEN,
    DAY_MS,
    NAME,
    OLGA,
    PATIENTS,
    SECOND,
    SERIAL,
    WANTED,
    Lab,
    asked,
    lab_in,
)

pytestmark = pytest.mark.on_both


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with lab_in(tmp_path) as begun:
        yield begun


async def test_a_project_is_decided_by_somebody_else_and_what_was_proposed_stays(lab: Lab) -> None:
    project = await lab.projects.propose(WANTED, BEN)
    with pytest.raises(LakeError, match="is proposed"):
        await lab.release(project)
    with pytest.raises(Conflict, match="second person"):
        await lab.projects.decide(project.number, ProjectState.APPROVED, BEN)
    project = await lab.projects.decide(project.number, ProjectState.APPROVED, OLGA)
    with pytest.raises(Conflict, match="cannot become"):
        await lab.projects.decide(project.number, ProjectState.REFUSED, OLGA)
    _, made = await lab.release(project)
    assert (made.release, made.people) == (1, PATIENTS)
    lab.clock.at_us += 2 * DAY_MS * 1000
    with pytest.raises(LakeError, match="has expired"):
        await lab.release(project)
    rows = await lab.store.read("SELECT entry FROM audit")
    told = [
        (one["action"], one["actor"], one["outcome"]) for one in (json.loads(row["entry"]) for row in rows)
    ]
    assert told[1:] == [
        ("research-proposed", "ben", "done"),
        ("research-released", "cli:ann", "refused"),
        ("research-approved", "ben", "refused"),
        ("research-approved", "olga", "done"),
        ("research-released", "cli:ann", "done"),
        ("research-released", "cli:ann", "refused"),
    ]


async def test_no_identifier_of_the_source_is_anywhere_in_the_files(lab: Lab) -> None:
    folder, _ = await lab.release(await lab.approved())
    forbidden = [NAME, SERIAL, "ID-471", "bed-north", "ward-oncology", "Oncology", "gw-north", "pump-"]
    forbidden += [f"{1871 + 10 * n}-03-0{n + 1}" for n in range(PATIENTS)]
    content = b"".join(path.read_bytes() for path in folder.iterdir())
    content += b"".join(as_plain(path) for path in folder.glob("*.parquet"))
    assert [one for one in forbidden if one.encode() in content] == []
    assert b"hr" in content  # the scan sees what is there


def as_plain(path: Path) -> bytes:
    """Everything in the file, also what its compression hides."""
    return repr(duckdb.connect().sql(f"SELECT COLUMNS(*)::VARCHAR FROM '{path}'").fetchall()).encode()


async def test_intervals_values_and_units_are_kept_and_nothing_else_was_asked_for(lab: Lab) -> None:
    folder, _ = await lab.release(await lab.approved())
    query = """SELECT person, metric, unit, count(*), epoch_us(max(time)) - epoch_us(min(time)),
    epoch_us(min(time)) % 86400000000 FROM observation| GROUP BY ALL"""
    found = asked(folder, query)
    of_day = BASE_US % (86_400 * SECOND)
    assert [one[1:] for one in found] == [("hr", "/min", 20, 19 * 60 * SECOND, of_day)] * PATIENTS
    [(least,)] = asked(folder, f"SELECT min(abs(epoch_us(time) - {BASE_US})) FROM observation|")
    assert least >= (86_400 - 1200) * SECOND  # each is moved by a day or more
    ages = sorted(asked(folder, "SELECT age FROM person|"))
    assert ages == [(40,), (50,), (60,), (70,), (80,), (90,), (90,)]


async def test_small_cells_are_empty(lab: Lab) -> None:
    folder, _ = await lab.release(await lab.approved())
    cells = asked(folder, "SELECT people, readings, mean FROM summary|")
    assert cells  # by band of age there is one of each, or two
    assert set(cells) == {(None, None, None)}


async def test_the_same_release_has_the_same_bytes_and_projects_cannot_be_joined(lab: Lab) -> None:
    project = await lab.approved()
    (first, one), (second, two) = await lab.release(project), await lab.release(project)
    assert one.digest == two.digest
    assert (first / "observation.parquet").read_bytes() == (second / "observation.parquet").read_bytes()
    other, _ = await lab.release(await lab.approved())
    for query in ("SELECT person FROM person|", "SELECT DISTINCT device FROM observation|"):
        assert not {*asked(first, query)} & {*asked(other, query)}
    days = "SELECT DISTINCT time::DATE FROM observation|"
    assert {*asked(first, days)} != {*asked(other, days)}


async def test_who_refused_is_not_in_it_and_by_consent_only_who_agreed(lab: Lab) -> None:
    project = await lab.approved()
    await lab.say("ID-4710", "deny")
    await lab.say("ID-4711", "deny", project.number)
    _, made = await lab.release(project)
    assert made.people == PATIENTS - 2
    by_consent = await lab.approved(replace(WANTED, basis="consent"))
    for n in range(2, 7):
        await lab.say(f"ID-471{n}", "permit")
    _, made = await lab.release(by_consent)
    assert made.people == 5
    await lab.say("ID-4712", "withdrawn")
    with pytest.raises(LakeError, match="expected 5 people"):
        await lab.release(by_consent)


KEYS = st.binary(min_size=32, max_size=32)


@settings(max_examples=60, deadline=None)
@given(KEYS, KEYS, st.text(min_size=1, max_size=20), st.text(min_size=1, max_size=20))
def test_a_disguise_is_one_of_its_key_and_tells_nobody_apart_wrongly(
    key: bytes, other: bytes, anna: str, bo: str
) -> None:
    disguise = Disguise(key)
    assert disguise.person(anna) == Disguise(key).person(anna)
    assert (disguise.person(anna) == disguise.person(bo)) is (anna == bo)
    assert (disguise.person(anna) == Disguise(other).person(anna)) is (key == other)
    assert 1 <= abs(disguise.days(anna)) <= MOST_DAYS
    assert project_key(key, "RP1", b"a") != project_key(key, "RP1", b"b")


@given(st.dates(), st.dates())
def test_nobody_is_told_to_be_older_than_ninety(born: Any, day: Any) -> None:
    found = age(born.isoformat(), day.isoformat())
    whole = (day.year - born.year) - ((day.month, day.day) < (born.month, born.day))
    assert found == (None if whole < 0 else min(whole, OLDEST))
    assert band(found)[0] in "0123456789u"
    assert age(None, day.isoformat()) is None

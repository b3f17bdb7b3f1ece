"""How long somebody stays logged in at the crew's page."""

import json
import stat
from pathlib import Path

import pytest

from gateway.crew.people import People
from gateway.crew.sessions import LASTS_MS, MOST, Sessions
from tests.unit.gateway.crew.clock import TurnedClock

DAY_S = LASTS_MS / 1000


@pytest.fixture
def people(tmp_path: Path) -> People:
    made = People(tmp_path)
    made.put("kim", "739105")
    return made


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


def sessions(people: People, clock: TurnedClock, folder: Path) -> Sessions:
    numbers = iter(range(1000))
    return Sessions(folder, people, clock, lambda: f"token {next(numbers)}")


def restarted(people: People, clock: TurnedClock, folder: Path) -> Sessions:
    made = sessions(people, clock, folder)
    made.load()
    return made


def test_it_lasts_a_day(people: People, clock: TurnedClock, tmp_path: Path) -> None:
    held = sessions(people, clock, tmp_path)
    token = held.begin("kim")
    clock.turn(DAY_S - 1)
    assert held.find(token) == "kim"
    clock.turn(1)
    assert held.find(token) is None
    assert held.find("") is None


def test_a_restart_of_the_box_makes_it_neither_longer_nor_shorter(
    people: People, clock: TurnedClock, tmp_path: Path
) -> None:
    held = sessions(people, clock, tmp_path)
    token = held.begin("kim")
    held.save()
    clock.turn(DAY_S / 2)
    again = restarted(people, clock, tmp_path)
    clock.turn(DAY_S / 2 - 1)
    assert again.find(token) == "kim"
    clock.turn(1)
    assert again.find(token) is None


@pytest.mark.parametrize(("utc", "left_s"), [(True, DAY_S - 3600), (False, DAY_S)])
def test_another_boot_counts_the_time_that_it_was_off_if_it_knows_it(
    people: People, clock: TurnedClock, tmp_path: Path, utc: bool, left_s: float
) -> None:
    held = sessions(people, clock, tmp_path)
    token = held.begin("kim")
    held.save()
    later = clock.boots(off_s=3600, utc=utc)
    again = restarted(people, later, tmp_path)
    later.turn(left_s - 1)
    assert again.find(token) == "kim"
    later.turn(1)
    assert again.find(token) is None


def test_it_ends_with_its_person_and_with_their_pin(
    people: People, clock: TurnedClock, tmp_path: Path
) -> None:
    held = sessions(people, clock, tmp_path)
    token = held.begin("kim")
    people.put("kim", "582046")
    assert held.find(token) is None
    token = held.begin("kim")
    people.remove("kim")
    assert held.find(token) is None


def test_nobody_comes_in_by_what_the_file_says(people: People, clock: TurnedClock, tmp_path: Path) -> None:
    held = sessions(people, clock, tmp_path)
    token = held.begin("kim")
    held.save()
    assert stat.S_IMODE(held.path.stat().st_mode) == 0o600
    text = held.path.read_text(encoding="utf-8")
    assert token not in text
    [kept] = json.loads(text)["sessions"]
    assert held.find(kept) is None


def test_whoever_logs_out_is_out_after_a_restart_too(
    people: People, clock: TurnedClock, tmp_path: Path
) -> None:
    held = sessions(people, clock, tmp_path)
    token = held.begin("kim")
    held.end(token)
    held.save()
    assert held.find(token) is None
    assert restarted(people, clock, tmp_path).find(token) is None


def test_there_are_never_more_than_a_few(people: People, clock: TurnedClock, tmp_path: Path) -> None:
    held = sessions(people, clock, tmp_path)
    tokens = [held.begin("kim") for _ in range(MOST + 5)]
    assert [token for token in tokens if held.find(token)] == tokens[-MOST:]


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"sessions": {"a": {}}}'])
def test_of_a_damaged_file_nobody_is_logged_in(
    people: People, clock: TurnedClock, tmp_path: Path, content: str
) -> None:
    held = sessions(people, clock, tmp_path)
    token = held.begin("kim")
    held.save()
    held.path.write_text(content, encoding="utf-8")
    assert restarted(people, clock, tmp_path).find(token) is None

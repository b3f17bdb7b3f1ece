"""controller/conferences/directory.py"""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.clock import utc_of
from controller.conferences.directory import Wanted, check, is_there
from controller.conferences.model import Away, Expert, Hours, Person, Profile
from controller.errors import OrderError, Outdated
from tests.unit.controller.conferences.conftest import ANNA, NINA, Council

HEART, LUNG = "394579002", "418112009"
PROFILE = Profile("Dr. Anna Muster", (HEART,), "St. Mary", ("en", "zh"), "valves")
OFFICE = replace(PROFILE, zone="Asia/Shanghai", hours=(Hours(3, 8 * 60, 12 * 60), Hours(3, 13 * 60, 17 * 60)))
HOUR_MS = 3_600_000


def at(text: str) -> int:
    return utc_of(text) // 1000


@pytest.mark.parametrize(
    ("begin", "minutes", "there"),
    [
        ("2026-11-26T00:00Z", 60, True),  # 08:00 there, a Thursday
        ("2026-11-25T23:59Z", 60, False),
        ("2026-11-26T03:30Z", 30, True),
        ("2026-11-26T03:30Z", 31, False),  # into lunch
        ("2026-11-27T00:00Z", 60, False),  # a Friday
    ],
)
def test_hours_are_those_of_the_experts_own_zone(begin: str, minutes: int, there: bool) -> None:
    assert is_there(OFFICE, at(begin), at(begin) + minutes * 60_000) is there


def test_until_midnight_is_of_the_day_before() -> None:
    late = replace(PROFILE, hours=(Hours(3, 20 * 60, 24 * 60),))
    assert is_there(late, at("2026-11-26T23:00Z"), at("2026-11-27T00:00Z"))
    assert not is_there(late, at("2026-11-26T23:00Z"), at("2026-11-27T00:01Z"))


def test_summer_time_moves_the_hours_with_the_clocks() -> None:
    office = replace(PROFILE, zone="Europe/Berlin", hours=tuple(Hours(day, 540, 600) for day in range(7)))
    for begin in ("2026-07-01T07:00Z", "2026-12-01T08:00Z"):
        assert is_there(office, at(begin), at(begin) + HOUR_MS)
        assert not is_there(office, at(begin) - HOUR_MS, at(begin))


def test_nobody_is_there_on_days_away_of_their_own_zone() -> None:
    away = replace(PROFILE, zone="Asia/Shanghai", away=(Away("2026-12-24", "2026-12-26"),))
    assert is_there(away, at("2026-12-23T15:00Z"), at("2026-12-23T15:59Z"))
    assert not is_there(away, at("2026-12-23T15:30Z"), at("2026-12-23T16:30Z"))
    assert not is_there(away, at("2026-12-26T15:30Z"), at("2026-12-26T15:45Z"))
    assert is_there(away, at("2026-12-26T16:00Z"), at("2026-12-26T17:00Z"))


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 2**41), st.integers(1, 480), st.sampled_from(["UTC", "Asia/Kolkata", "America/St_Johns"])
)
def test_whoever_is_there_is_there_for_each_part_of_it(begin_ms: int, minutes: int, zone: str) -> None:
    office = replace(PROFILE, zone=zone, hours=tuple(Hours(day, 480, 1020) for day in range(5)))
    end_ms, half_ms = begin_ms + minutes * 60_000, minutes * 30_000
    if is_there(office, begin_ms, end_ms):
        assert is_there(office, begin_ms, begin_ms + half_ms)
        assert is_there(office, begin_ms + half_ms, end_ms)


@pytest.mark.parametrize(
    ("profile", "missing"),
    [
        (replace(PROFILE, specialities=("1",)), "specialities of the list"),
        (replace(PROFILE, specialities=()), "a speciality at least"),
        (replace(PROFILE, display=" "), "a name"),
        (replace(PROFILE, zone="Mars/Base"), "time zone"),
        (replace(PROFILE, zone="../../etc/passwd"), "time zone"),
        (replace(PROFILE, zone=""), "time zone"),
        (replace(PROFILE, hours=(Hours(0, 600, 600),)), "midnight"),
        (replace(PROFILE, away=(Away("2026-12-26", "2026-12-24"),)), "days away"),
    ],
)
def test_what_an_expert_says_has_to_make_sense(profile: Profile, missing: str) -> None:
    with pytest.raises(OrderError, match=missing):
        check(profile)


async def test_people_say_it_of_themselves_and_are_found_by_it(council: Council) -> None:
    directory, anna, ben = council.service.directory, Person("", "anna"), Person("", "ben")
    made = await directory.say(anna, PROFILE, 0, ANNA)
    assert await directory.find(anna) == made and await directory.find(ben) is None
    await directory.say(ben, replace(PROFILE, display="Ben", specialities=(LUNG,), hospital="City"), 0, ANNA)
    with pytest.raises(Outdated, match="revision 1, not 0"):
        await directory.say(anna, PROFILE, 0, ANNA)
    for wanted, found in (
        (Wanted(), ["anna", "ben"]),
        (Wanted(speciality=LUNG), ["ben"]),
        (Wanted(hospital="mary"), ["anna"]),
        (Wanted(text="VALVES"), ["anna", "ben"]),
        (Wanted(text="muster"), ["anna"]),
    ):
        assert [one.person.name for one in await directory.search(wanted)] == found


async def test_who_is_not_there_at_a_time_is_not_found_for_it(council: Council) -> None:
    await council.service.directory.say(Person("", "anna"), OFFICE, 0, ANNA)
    for begin, found in (("2026-11-26T00:00Z", 1), ("2026-11-28T00:00Z", 0)):
        assert len(await council.service.directory.search(Wanted(at_ms=at(begin), minutes=60))) == found


async def test_who_has_a_disabled_account_is_not_found(council: Council) -> None:
    await council.service.directory.say(Person("", "anna"), PROFILE, 0, ANNA)
    await council.ward.store.write(
        lambda db: db.execute("UPDATE user SET disabled_ms = 1 WHERE name = 'anna'")
    )
    assert await council.service.directory.search(Wanted()) == []


async def test_a_partner_tells_of_all_its_experts_and_who_is_gone_is_forgotten(council: Council) -> None:
    directory = council.service.directory
    li, wu = (Expert(Person("hospital-b", name), PROFILE, 1, 0) for name in ("li", "wu"))
    await directory.learn("hospital-b", [li, wu], NINA)
    await directory.learn("hospital-b", [wu], NINA)
    assert [one.person.actor for one in await directory.search(Wanted())] == ["site:hospital-b/wu"]
    for site, told in (("", [replace(li, person=Person("", "li"))]), ("hospital-c", [li])):
        with pytest.raises(OrderError, match="alone"):
            await directory.learn(site, told, NINA)


async def test_partners_are_told_of_those_alone_who_want_it(council: Council) -> None:
    directory = council.service.directory
    await directory.say(Person("", "anna"), PROFILE, 0, ANNA)
    await directory.say(Person("", "ben"), replace(PROFILE, for_partners=True), 0, ANNA)
    await directory.learn("hospital-b", [Expert(Person("hospital-b", "li"), PROFILE, 1, 0)], NINA)
    assert [one.person.name for one in await directory.for_partners()] == ["ben"]

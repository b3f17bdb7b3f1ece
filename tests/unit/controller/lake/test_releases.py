"""What a release must not tell: whose it is by where it is cut off, what nobody asked for, what few have."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from controller.errors import ConfigError, LakeError, OrderError, StoreError
from controller.lake.alone import alone
from controller.lake.research.projects import Released, allowed
from controller.store.beside import Beside
from tests.support.history import BASE_US
from tests.support.lake import written
from tests.support.research import BEN, DAY, DAY_MS, PATIENTS, WANTED, HandClock, Lab, asked, lab_in

pytestmark = pytest.mark.on_both


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with lab_in(tmp_path) as begun:
        yield begun


async def test_a_stay_that_the_days_of_the_project_cut_off_is_not_in_it(lab: Lab) -> None:
    # Its first or last reading would lie at the midnight that the project names: that tells the shift.
    await lab.changed(
        f"UPDATE stay SET from_ms = from_ms - {DAY_MS} WHERE identifier = 'ID-4710'",
        f"UPDATE stay SET to_ms = to_ms + {DAY_MS} WHERE identifier = 'ID-4711'",
    )
    folder, made = await lab.release(await lab.approved(replace(WANTED, from_day=DAY, to_day=DAY)))
    assert made.people == PATIENTS - 2
    [(first, last)] = asked(folder, "SELECT min(ended - began), max(ended - began) FROM stay|")
    assert first == last == timedelta(minutes=30)


async def test_a_stay_that_has_not_ended_is_not_in_it(lab: Lab) -> None:
    # Its last reading would lie where the lake ended when it was given out.
    await lab.changed("UPDATE stay SET to_ms = NULL WHERE identifier = 'ID-4710'")
    _, made = await lab.release(await lab.approved())
    assert made.people == PATIENTS - 1


async def test_a_stay_that_was_put_right_since_the_lake_was_written_is_not_in_it(lab: Lab) -> None:
    await lab.only_in_the_store("UPDATE stay SET to_ms = to_ms - 600000 WHERE identifier = 'ID-4710'")
    _, made = await lab.release(await lab.approved())
    assert made.people == PATIENTS - 1
    await written(lab.store, lab.places.lake)
    _, made = await lab.release(await lab.approved())
    assert made.people == PATIENTS


async def test_the_age_of_who_grew_older_than_eighty_nine_is_not_told_by_an_earlier_stay(lab: Lab) -> None:
    # 86, and by the interval four years more.
    stay = "INSERT INTO stay (bed, identifier, name, from_ms, to_ms, by) VALUES ({}, 'N', {}, {}, 'nurse')"
    years_ago = BASE_US // 1000 - 4 * 365 * DAY_MS
    await lab.changed(stay.format("'bed-north-0', 'ID-4711'", years_ago, years_ago + DAY_MS))
    folder, _ = await lab.release(await lab.approved(replace(WANTED, from_day="1967-01-01")))
    twice = "WHERE person IN (SELECT person FROM stay| GROUP BY person HAVING count(*) = 2)"
    assert asked(folder, f"SELECT age FROM stay| {twice}") == [(90,), (90,)]
    assert asked(folder, f"SELECT age FROM person| {twice}") == [(90,)]


async def test_alarms_of_what_was_not_asked_for_are_not_in_it(lab: Lab) -> None:
    alert = """INSERT INTO alert (stream, number, place, boot, mono_us, at_us, gateway, bed, code, priority,
    active, detail) VALUES (1, {0}, 0, 1, 0, {1}, 'gw-north', 'bed-north-0', '{2}', 2, 1, '{{}}')"""
    codes = enumerate(("hr-high", "spo2-low", "device-lost", "of-a-newer-gateway"), 90)
    await lab.changed(*(alert.format(n, BASE_US, code) for n, code in codes))
    folder, _ = await lab.release(await lab.approved())
    assert asked(folder, "SELECT code FROM alert|") == [("hr-high",)]


async def test_what_was_measured_of_fewer_than_five_people_is_not_in_it(lab: Lab) -> None:
    two = "metric = 'spo2' AND bed IN ('bed-north-0', 'bed-north-1')"
    await lab.changed(f"UPDATE series SET metric = 'etco2' WHERE {two}")
    folder, made = await lab.release(await lab.approved(replace(WANTED, metrics=("hr", "spo2", "etco2"))))
    assert asked(folder, "SELECT DISTINCT metric FROM observation| ORDER BY 1") == [("hr",), ("spo2",)]
    assert made.people == PATIENTS
    with pytest.raises(LakeError, match="there are 2"):
        await lab.release(await lab.approved(replace(WANTED, metrics=("etco2",))))
    assert not list(lab.places.releases.glob("*/R*.new"))


async def test_of_whom_nothing_that_was_asked_for_was_measured_nothing_is_in_it(lab: Lab) -> None:
    await lab.changed("UPDATE series SET metric = 'etco2' WHERE metric = 'hr' AND bed = 'bed-north-0'")
    folder, made = await lab.release(await lab.approved())
    assert made.people == PATIENTS - 1
    assert asked(folder, "SELECT count(*) FROM person|") == [(PATIENTS - 1,)]


async def test_nobody_gets_files_that_are_not_on_record_and_the_next_release_is_made(lab: Lab) -> None:
    project = await lab.approved()
    await lab.only_in_the_store("ALTER TABLE audit RENAME TO audit_away")
    with pytest.raises(StoreError):
        await lab.release(project)
    assert not list(lab.places.releases.glob("*/R1"))
    await lab.only_in_the_store("ALTER TABLE audit_away RENAME TO audit")
    folder, made = await lab.release(project)
    assert (folder.name, made.release) == ("R1", 1)


async def test_files_that_are_on_record_are_there_after_the_work_was_killed_too(lab: Lab) -> None:
    project = await lab.approved()
    folder, _ = await lab.release(project)
    folder.rename(folder.with_name("R1.new"))  # as if it was killed before this had its name
    second, _ = await lab.release(project)
    assert (folder / "SHA256SUMS").read_bytes() == (second / "SHA256SUMS").read_bytes()


async def test_who_takes_consent_back_while_a_release_is_made_is_not_in_it(lab: Lab) -> None:
    project = await lab.approved()
    before = await Beside(lab.store.where).read(lambda db: allowed(db, project, BASE_US // 1000))
    await lab.say("ID-4712", "deny")
    made = Released(1, 1, 7, 140, "d", "cli:ann", BASE_US // 1000)
    with pytest.raises(LakeError, match="meanwhile"):
        await lab.projects.noted(project, made, before)
    assert await lab.projects.releases(project) == []
    again = await Beside(lab.store.where).read(lambda db: allowed(db, project, BASE_US // 1000))
    await lab.projects.noted(project, made, again)


class Passing(HandClock):
    """Two days pass between the first look at it and the next."""

    def utc_us(self) -> int:
        self.at_us, seen = BASE_US + 2 * DAY_MS * 1000, self.at_us
        return seen


async def test_a_project_that_ends_while_a_release_is_made_gets_nothing(lab: Lab) -> None:
    project = await lab.approved()
    lab.clock = Passing()
    with pytest.raises(LakeError, match="has expired"):
        await lab.release(project)
    assert list((lab.places.releases / project.number).glob("R*")) == []


async def test_two_at_once_never_mix_their_files(lab: Lab) -> None:
    project = await lab.approved()
    with alone(lab.places.releases / project.number), pytest.raises(LakeError, match="another process"):
        await lab.release(project)
    _, made = await lab.release(project)
    assert made.release == 1


async def test_days_that_no_calendar_has_are_refused_before_anybody_decides(lab: Lab) -> None:
    with pytest.raises(OrderError, match="days"):
        await lab.projects.propose(replace(WANTED, from_day="1971-02-31"), BEN)


async def test_a_lost_key_is_not_made_anew_once_something_left(lab: Lab) -> None:
    project = await lab.approved()
    await lab.release(project)
    lab.places.key.unlink()
    for one in (await lab.approved(), project):
        with pytest.raises(ConfigError, match="backup"):
            await lab.release(one)

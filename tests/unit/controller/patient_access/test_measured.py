"""What was measured at home: of whoever lived there then, and with what the patient says of it."""

import sqlite3
from dataclasses import dataclass

import pytest

from controller.errors import NotFound
from controller.history.reading import Steps, find_disowned, find_steps
from controller.history.rollup import add_new, mend
from controller.identity.certificates import By
from controller.live import Value
from controller.patient_access.homes import Homes
from controller.patient_access.measured import Measured, Reading
from controller.stays import Moment, Patient, admit, discharge
from controller.store.latest import latest_values
from tests.support.measured import measure
from tests.unit.controller.patient_access.conftest import Home

ENGINEER, PATIENT = By("eve", "10.0.0.7"), By("patient:4713", "10.0.0.9")
CARLA, DORA = Patient("4713", "Bach, Carla"), Patient("4714", "Cramer, Dora")
MINUTE_US, DAY_US = 60_000_000, 86_400_000_000
PLACE = "home-1"


@dataclass
class Flat:
    """A home in which Carla lives, with a cuff."""

    home: Home
    homes: Homes
    measured: Measured
    shown: list[Value]
    """What screens were told."""

    @property
    def now_us(self) -> int:
        return self.home.pharmacy.clock.now_us()

    async def cuff(self, sys: float | None, ago_us: int = 0, *, place: str = PLACE, quality: int = 0) -> None:
        values = {"nibp_sys": sys, "nibp_dia": sys and sys - 40, "pr_nibp": 70}
        await measure(self.home.pharmacy.store, "cuff-1", place, self.now_us - ago_us, quality, **values)

    async def moves(self, patient: Patient | None) -> None:
        when = Moment(self.now_us // 1000, self.home.pharmacy.clock.utc_us())

        def work(db: sqlite3.Connection) -> None:
            if patient is None:
                discharge(db, PLACE, ENGINEER, when)
            else:
                admit(db, PLACE, patient, ENGINEER, when)

        await self.home.pharmacy.store.write(work)

    async def of(self, identifier: str = "4713") -> list[Reading]:
        return await self.measured.lately(identifier)


@pytest.fixture
async def flat(home: Home) -> Flat:
    store, clock = home.pharmacy.store, home.pharmacy.clock
    await store.write(lambda db: db.execute("INSERT INTO bed SELECT ?, id, ? FROM ward", (PLACE, "At home")))
    shown = list[Value]()
    made = Flat(home, Homes(store, clock), Measured(store, clock, shown.extend), shown)
    await made.homes.use(PLACE, ENGINEER, is_home=True)
    await made.moves(CARLA)
    home.pharmacy.later(24 * 20)
    return made


async def test_both_numbers_of_a_cuff_are_one_reading_the_newest_first(flat: Flat) -> None:
    await flat.cuff(140, 5 * MINUTE_US)
    await flat.cuff(132, quality=16)
    new, old = await flat.of()
    assert [(one.value, one.second, one.unit, one.is_doubtful) for one in (new, old)] == [
        (132, 92, "mm[Hg]", True),
        (140, 100, "mm[Hg]", False),
    ]
    assert (new.kind, new.at_ms, new.said) == ("blood-pressure", flat.now_us // 1000, None)


async def test_a_measurement_without_a_value_or_of_long_ago_is_none(flat: Flat) -> None:
    await flat.cuff(None)
    await flat.cuff(150, 15 * DAY_US)
    assert await flat.of() == []


async def test_of_what_is_measured_all_the_while_the_last_of_an_hour_is_told(flat: Flat) -> None:
    hour_us = flat.now_us // 3_600_000_000 * 3_600_000_000
    for minute in range(-60, 60, 10):
        at_us = hour_us - 3_600_000_000 + minute * MINUTE_US
        await measure(flat.home.pharmacy.store, "ox-1", PLACE, at_us, spo2=90 + minute // 10)
    assert [one.value for one in await flat.of()] == [95, 89]


async def test_what_was_measured_there_of_somebody_else_or_on_a_ward_is_nobodys_of_home(flat: Flat) -> None:
    await flat.cuff(120, place="bed-1")
    await flat.cuff(130, 60 * MINUTE_US)
    await flat.moves(None)
    flat.home.pharmacy.later(1)
    await flat.cuff(140)
    flat.home.pharmacy.later(1)
    await flat.moves(DORA)
    await flat.cuff(150)
    assert [one.value for one in await flat.of()] == [130]
    assert [one.value for one in await flat.of("4714")] == [150]
    await flat.homes.use(PLACE, ENGINEER, is_home=False)
    assert await flat.of() == []


async def test_a_patient_says_that_it_was_somebody_else_and_may_say_otherwise(flat: Flat) -> None:
    await flat.cuff(140)
    [one] = await flat.of()
    for word in ("not-mine", "not-mine", "mine"):
        await flat.measured.say("4713", one.id, word, PATIENT)
        assert [said.said for said in await flat.of()] == [word]
    trail = await flat.home.pharmacy.trail("home-reading")
    assert [(entry["patient"], entry["detail"]["said"]) for entry in trail] == [
        ("4713", "not-mine"),
        ("4713", "mine"),
    ]


async def test_nobody_says_anything_of_anothers_reading(flat: Flat) -> None:
    await flat.cuff(140)
    [one] = await flat.of()
    with pytest.raises(NotFound):
        await flat.measured.say("4714", one.id, "not-mine", PATIENT)
    with pytest.raises(NotFound):
        await flat.measured.say("4713", one.id + 1000, "mine", PATIENT)


async def test_a_place_that_is_not_there_is_no_home(flat: Flat) -> None:
    with pytest.raises(NotFound):
        await flat.homes.use("nowhere", ENGINEER, is_home=True)
    assert await flat.homes.all() == {PLACE}


async def trend(flat: Flat, metric: str, minutes: int) -> list[tuple[float, float, float]]:
    """Low, high and mean of each step of the last 10 hours, which are so long."""
    to_ms = flat.now_us // 60_000_000 * 60_000 + 60_000
    steps = Steps(to_ms - 36_000_000, to_ms, 600 // minutes)
    found = await find_steps(flat.home.pharmacy.store, PLACE, [metric], steps, 0)
    return [(one.low, one.high, one.mean) for one in sorted(found, key=lambda one: one.step)]


@pytest.mark.parametrize("is_rolled_up", [False, True])
async def test_what_is_somebody_elses_is_in_no_sum_whether_it_was_rolled_up_before_or_after(
    flat: Flat, *, is_rolled_up: bool
) -> None:
    store = flat.home.pharmacy.store
    minute_us = flat.now_us // MINUTE_US * MINUTE_US
    for seconds, sys in ((10, 120), (20, 130), (30, 180)):
        await flat.cuff(sys, flat.now_us - minute_us + MINUTE_US - seconds * 1_000_000)
    alien = next(one for one in await flat.of() if one.value == 180)
    if is_rolled_up:
        assert not await add_new(store)
    await flat.measured.say("4713", alien.id, "not-mine", PATIENT)
    for metric, own in (("nibp_sys", (120, 130, 125)), ("nibp_dia", (80, 90, 85))):
        for minutes in (1, 10):
            assert await trend(flat, metric, minutes) == [own]
    assert not await add_new(store)
    assert not await mend(store)
    for minutes in (1, 10):
        assert await trend(flat, "nibp_sys", minutes) == [(120, 130, 125)]
    span = flat.now_us - DAY_US, flat.now_us + 1
    [told] = await find_disowned(store, PLACE, ["nibp_sys"], span)
    assert (told.metric, told.value) == ("nibp_sys", 180)
    assert [one.value for one in await find_disowned(store, PLACE, ["nibp_dia"], span)] == [140]
    await flat.measured.say("4713", alien.id, "mine", PATIENT)
    assert not await mend(store)
    assert await trend(flat, "nibp_sys", 10) == [(120, 180, 430 / 3)]
    assert await find_disowned(store, PLACE, ["nibp_sys"], span) == []


async def assigned(flat: Flat) -> None:
    """The cuff is on the home, as its gateway says."""

    def work(db: sqlite3.Connection) -> None:
        db.execute("INSERT INTO gateway (id, name, added_ms) VALUES ('home', 'Home', 0)")
        db.execute("INSERT INTO device (id, gateway, metrics, added_ms) VALUES ('cuff-1', 'home', '[]', 0)")
        boot = "boot, gateway, offset_us, measured_us, first_observation, first_waveform"
        db.execute(f"INSERT INTO boot ({boot}) VALUES (x'00', 'home', 0, 0, 1, 1)")
        db.execute("INSERT INTO assignment (device, bed, from_ms) VALUES ('cuff-1', ?, 0)", (PLACE,))

    await flat.home.pharmacy.store.write(work)


def numbers(values: list[Value]) -> dict[str, tuple[float | None, float | None]]:
    """By metric: of the patient, and of somebody else."""
    return {one.metric: (one.value, one.alien and one.alien.value) for one in values}


async def test_screens_are_told_the_newest_of_the_patient_and_what_is_not_theirs_beside(flat: Flat) -> None:
    store = flat.home.pharmacy.store
    await assigned(flat)
    await flat.cuff(120, DAY_US)
    await flat.cuff(150)
    alien = (await flat.of())[0]
    await flat.measured.say("4713", alien.id, "not-mine", PATIENT)
    told = {"nibp_sys": (120, 150), "nibp_dia": (80, 110), "pr_nibp": (70, 70)}
    assert numbers(flat.shown) == told
    since_us = flat.now_us - DAY_US // 2  # a start that looks back only so far
    assert numbers(await latest_values(store, since_us)) == told
    await flat.measured.say("4713", (await flat.of())[1].id, "not-mine", PATIENT)
    assert numbers(await latest_values(store))["nibp_sys"] == (None, 150)
    flat.shown.clear()
    await flat.measured.say("4713", alien.id, "mine", PATIENT)
    assert numbers(flat.shown) == {"nibp_sys": (150, None), "nibp_dia": (110, None), "pr_nibp": (70, None)}
    assert numbers(await latest_values(store)) == numbers(flat.shown)

"""The simulated ward is as sick as published wards are, and the same each time."""

from itertools import pairwise
from pathlib import Path
from statistics import quantiles

from typer.testing import CliRunner

from controller.models.cohort import read
from controller.models.features import Series
from controller.models.landmarks import Rules, landmarks
from devices.model.scores import Seen, news2
from devices.model.scores_chart import Parameter
from hil.cli import app
from hil.courses import BLEEDING, EVENT_SHARE, OWN, Settings, simulated


def test_news2_of_those_without_an_event_is_as_published() -> None:
    """Spångfors et al., Clin Med 2020; 20: 55 to 60: median 1 (0 to 3), 3 to 6 % at high risk; of those with
    an arrest the medians are 3 to 6, 23 to 45 % at high risk."""
    found = simulated(Settings(patients=250, event_share=0.15))
    rows = landmarks(found, Rules()).rows
    well = [row.news2 for row in rows if row.stay.id not in found.events]
    ill = [row.news2 for row in rows if row.event]
    low, middle, high = quantiles(well, n=4)
    assert (low, middle) == (0, 1)
    assert 2 <= high <= 3
    assert 0.02 <= sum(one >= 7 for one in well) / len(well) <= 0.06
    assert 3 <= quantiles(ill, n=4)[1] <= 6
    assert 0.2 <= sum(one >= 7 for one in ill) / len(ill) <= 0.5


def test_the_same_settings_give_the_same_ward_and_another_seed_another() -> None:
    small = Settings(patients=20)
    assert simulated(small).digest == simulated(small).digest
    assert simulated(Settings(patients=20, seed=2)).digest != simulated(small).digest
    assert round(EVENT_SHARE, 3) == 0.061


def test_a_stay_ends_with_its_event_and_nothing_is_read_after_it() -> None:
    found = simulated(Settings(patients=60, seed=3, event_share=0.5))
    stays = {stay.id: stay for stay in found.stays}
    assert 15 < len(found.events) < 45
    for name, event in found.events.items():
        assert event.at_ms == stays[name].ended_ms
    for name, history in found.readings.items():
        for series in history.values():
            assert stays[name].began_ms <= series.at_ms[0]
            assert series.at_ms[-1] < stays[name].ended_ms


def test_whoever_bleeds_goes_as_the_classes_of_blood_loss_have_it() -> None:
    """Class III (ATLS): a pulse of 120 to 140, 30 to 40 breaths, a lower systolic pressure."""
    well = {parameter: mean for parameter, (mean, _) in OWN.items()}
    worst = {parameter: well.get(parameter, 0) + by for parameter, by in BLEEDING.worst.items()}
    assert 120 <= worst[Parameter.PULSE] <= 140
    assert 30 <= worst[Parameter.RESPIRATION] <= 40
    assert worst[Parameter.SYSTOLIC] < 100


def test_rounds_are_as_often_as_the_score_asks_for() -> None:
    """NEWS2, 2017, chart 4: at least every 4 to 6 h for 1 to 4, hourly for 5 and 6, all the time for 7."""
    found = simulated(Settings(patients=60, seed=3, event_share=0.5))
    for history in found.readings.values():
        times = history[Parameter.PULSE].at_ms
        for before, after in pairwise(range(len(times))):
            now = {one: _at(series, times[before]) for one, series in history.items()}
            seen = {one: Seen(value, 0, None) for one, value in now.items() if value is not None}
            hours = (times[after] - times[before]) / 3_600_000
            assert hours <= (4.9 if news2(seen, 0).least < 5 else 1.25)


def _at(series: Series, at_ms: int) -> float | None:
    return dict(zip(series.at_ms, series.values, strict=True)).get(at_ms)


def test_the_command_writes_a_cohort_that_is_read_again(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["cohort", str(tmp_path / "ward"), "--patients", "12", "--seed", "4"])
    assert done.exit_code == 0
    assert "12 simulated patients" in done.output
    found = read(tmp_path / "ward")
    assert found == simulated(Settings(patients=12, seed=4))
    assert found.about.data == "simulated"

"""Which of a bed's values feeds which parameter of NEWS2."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.model.metrics import METRICS
from devices.model.observation import Quality
from devices.model.scores import lack_of
from devices.model.scores_chart import CHART, Parameter
from devices.model.scores_sources import FEEDS, FLAWS, MANUAL_LIMIT_MS, ORDER, chosen, entered

P = Parameter
NOW_MS = 2_000_000_000_000


class Value(NamedTuple):
    """As board and box have it."""

    device: str
    metric: str
    value: float | None
    quality: int
    at_ms: int


class Assessment(NamedTuple):
    """As board and box have it."""

    value: Mapping[str, Any]
    at_ms: int


def value(metric: str, number: float, age_s: float = 0, quality: int = 0, device: str = "monitor-1") -> Value:
    return Value(device, metric, number, quality, int(NOW_MS - age_s * 1000))


def source_of(parameter: Parameter, *values: Value) -> tuple[str, float] | None:
    source = chosen(values, NOW_MS).get(parameter)
    return source and (source.metric, source.seen.value)


def test_every_measured_parameter_has_its_metrics_and_all_of_them_exist() -> None:
    assert ORDER.keys() == CHART.keys()
    assert FEEDS.keys() <= METRICS.keys()
    assert len(FEEDS) == sum(len(metrics) for metrics in ORDER.values())


def test_units_are_those_of_the_chart() -> None:
    units = {parameter: {METRICS[one].unit for one in metrics} for parameter, metrics in ORDER.items()}
    assert units == {
        P.RESPIRATION: {"/min"},
        P.SPO2: {"%"},
        P.SYSTOLIC: {"mm[Hg]"},
        P.PULSE: {"/min"},
        P.TEMPERATURE: {"Cel"},
    }


def test_what_is_measured_more_directly_comes_first() -> None:
    assert source_of(P.SYSTOLIC, value("nibp_sys", 100), value("abp_sys", 120)) == ("abp_sys", 120)
    assert source_of(P.RESPIRATION, value("rr_imped", 30), value("rr_co2", 14)) == ("rr_co2", 14)
    assert source_of(P.PULSE, value("pr_spo2", 60), value("hr", 61)) == ("hr", 61)
    assert source_of(P.TEMPERATURE, value("temp_axil", 36), value("temp_core", 38)) == ("temp_core", 38)


def test_the_next_counts_when_the_first_is_too_old() -> None:
    line, cuff = value("abp_sys", 90, age_s=11), value("nibp_sys", 120, age_s=600)
    assert source_of(P.SYSTOLIC, line, cuff) == ("nibp_sys", 120)


@pytest.mark.parametrize("flaw", [one for one in Quality if one & FLAWS])
def test_the_next_counts_when_the_first_is_flawed(flaw: Quality) -> None:
    assert source_of(P.PULSE, value("hr", 250, quality=flaw), value("pr_spo2", 70)) == ("pr_spo2", 70)


def test_artifacts_and_implausible_values_never_count() -> None:
    for flaw in (Quality.ARTIFACT, Quality.IMPLAUSIBLE):
        [source] = chosen([value("spo2", 60, quality=flaw)], NOW_MS).values()
        assert lack_of(source.seen, NOW_MS) == "flawed"


def test_low_perfusion_is_no_reason_to_leave_a_value_out() -> None:
    [source] = chosen([value("spo2", 84, quality=Quality.LOW_PERFUSION)], NOW_MS).values()
    assert lack_of(source.seen, NOW_MS) is None


def test_of_those_that_do_not_count_the_newest_is_told() -> None:
    old, older = value("hr", 70, age_s=20), value("pr_spo2", 71, age_s=30)
    assert source_of(P.PULSE, older, old) == ("hr", 70)


def test_a_reading_without_a_value_is_nothing() -> None:
    none = value("spo2", 0)._replace(value=None)
    assert chosen([none], NOW_MS) == {}


def test_the_skin_is_not_the_body() -> None:
    assert "temp_skin" not in FEEDS


@given(st.permutations([value("hr", 70), value("hr", 71, device="ox-1"), value("pr_spo2", 72)]))
def test_the_order_in_which_values_are_held_changes_nothing(values: list[Value]) -> None:
    assert source_of(P.PULSE, *values) == ("hr", 70)


def entry(kind: str, **told: object) -> dict[str, Assessment]:
    return {kind: Assessment(told, NOW_MS)}


@pytest.mark.parametrize(("letter", "counts"), [("A", 0), ("C", 1), ("V", 1), ("P", 1), ("U", 1)])
def test_everything_but_alert_counts(letter: str, counts: int) -> None:
    assert entered(entry("consciousness", acvpu=letter))[P.CONSCIOUSNESS].value == counts


def test_what_a_person_entered_counts_for_four_hours() -> None:
    seen = entered(entry("oxygen", on=True, l_min=2))[P.OXYGEN]
    assert lack_of(seen, NOW_MS + MANUAL_LIMIT_MS) is None
    assert lack_of(seen, NOW_MS + MANUAL_LIMIT_MS + 1) == "stale"
    assert MANUAL_LIMIT_MS == 4 * 60 * 60 * 1000


def test_neither_the_scale_nor_the_coma_scale_is_a_parameter() -> None:
    assert entered(entry("scale", spo2=2) | entry("gcs", eye=1, verbal=1, motor=1)) == {}

"""The metric table: complete, unambiguous, its codes well formed, its ranges in order."""

import csv
from decimal import Decimal
from importlib import resources
from itertools import pairwise

import pytest

from devices.errors import UnknownMetric
from devices.model.metrics import METRICS, Metric, by_name, by_number

ROWS = list(csv.DictReader(resources.files("devices.model").joinpath("metrics.csv").read_text().splitlines()))
ALL = pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)


WITH_TERM = [row for row in ROWS if row["mdc_refid"]]


def test_every_row_is_a_metric_with_a_name_and_a_number_of_its_own() -> None:
    numbers = [metric.number for metric in METRICS.values()]
    assert len(METRICS) == len(ROWS) >= 78
    assert numbers == sorted(set(numbers))
    assert numbers[:78] == list(range(1, 79))


def test_no_two_metrics_share_a_term() -> None:
    assert len({row["mdc_code"] for row in WITH_TERM}) == len(WITH_TERM)
    assert len({row["mdc_refid"] for row in WITH_TERM}) == len(WITH_TERM)


@pytest.mark.parametrize("row", WITH_TERM, ids=lambda row: row["short_name"])
def test_a_code_is_its_partition_and_its_term(row: dict[str, str]) -> None:
    assert int(row["mdc_code"]) == int(row["partition"]) * 65536 + int(row["term"])


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["short_name"])
def test_a_metric_without_a_term_says_so(row: dict[str, str]) -> None:
    assert bool(row["mdc_refid"]) == bool(row["mdc_code"])
    assert row["mdc_refid"] or row["status"] == "no MDC term"


@ALL
def test_a_metric_is_found_by_its_name_and_by_its_number(metric: Metric) -> None:
    assert by_name(metric.name) is metric
    assert by_number(metric.number) is metric


@ALL
def test_ranges_are_in_order_and_the_plausible_one_lies_within_the_possible_one(metric: Metric) -> None:
    limits = [metric.reject_low, metric.physio_low, metric.physio_high, metric.reject_high]
    known = [limit for limit in limits if limit is not None]
    assert all(low <= high for low, high in pairwise(known))
    assert metric.reject_low < metric.reject_high


@ALL
def test_a_value_grows_old_after_a_known_time(metric: Metric) -> None:
    assert metric.stale_after_s > 0


@ALL
def test_a_metric_has_a_unit_and_its_term_is_of_ieee_11073(metric: Metric) -> None:
    assert metric.unit
    assert metric.mdc_refid is None or metric.mdc_refid.startswith("MDC_")


def luhn_digit(digits: str) -> int:
    """The check digit of a LOINC number: mod 10, as in LOINC Users' Guide, appendix C."""
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[::-2])
    plain = sum(int(digit) for digit in digits[-2::-2])
    return -(doubled + plain) % 10


@ALL
def test_a_loinc_code_has_its_check_digit(metric: Metric) -> None:
    if metric.loinc is not None:
        number, check = metric.loinc.split("-")
        assert luhn_digit(number) == int(check)


def test_the_check_digit_catches_a_slip() -> None:
    assert luhn_digit("8867") == 4
    assert luhn_digit("8876") != 4


def test_waveforms_are_those_sampled_in_hertz() -> None:
    waves = {metric.name for metric in METRICS.values() if metric.is_waveform}
    assert {"pleth", "ecg_ii", "resp_wave", "co2_wave", "abp_wave"} <= waves
    assert waves.isdisjoint({"hr", "spo2", "temp_body"})


@pytest.mark.parametrize(
    ("value", "possible", "plausible"),
    [
        ("-0.1", False, False),
        ("0", True, False),
        ("97", True, True),
        ("100", True, True),
        ("100.1", False, False),
    ],
)
def test_a_saturation_is_possible_and_plausible_within_its_ranges(
    value: str, possible: bool, plausible: bool
) -> None:
    spo2 = by_name("spo2")
    assert (spo2.is_possible(Decimal(value)), spo2.is_plausible(Decimal(value))) == (possible, plausible)


def test_an_unknown_name_says_where_the_names_are() -> None:
    with pytest.raises(UnknownMetric, match=r"'heart'.*metrics\.csv"):
        by_name("heart")


def test_an_unknown_number_says_what_to_do() -> None:
    with pytest.raises(UnknownMetric, match=r"999.*update"):
        by_number(999)

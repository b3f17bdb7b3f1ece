"""Puritan Bennett's reports: every field by its number, no report that is not as long as it says."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.codecs import Said
from devices.codecs.puritan_bennett.codec import PuritanBennett
from devices.codecs.puritan_bennett.fields import MISCA, MISCF, Kind, fields_of
from devices.codecs.puritan_bennett.report import (
    SNDA,
    SNDF,
    Report,
    decode_report,
    decode_time,
    encode_time,
)
from devices.model.metrics import METRICS
from devices.model.observation import DeviceEvent, EventKind, Instant, Reading
from devices.model.units import converted
from tests.support.captures import briefly

SECOND = 1_000_000_000
NOW = Instant(100 * SECOND)
IDENTITY = {5: "14:51", 6: "840 3510053249", 7: "NOV 22 2011"}
MEASURED = {13: "14.0", 70: "16.0", 71: "0.378", 72: "5.290", 73: "24.0", 77: "20", 87: "5.8"}
READINGS = {
    "vent_rr_set": "14.0",
    "vent_rr_total": "16.0",
    "vent_vt": "378",
    "vent_mv": "5.290",
    "vent_pip": "24.0",
    "fio2": "20",
    "vent_peep": "5.8",
}
TEXTS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:-+/%", max_size=6)


def report(fields: dict[int, str] | None = None, name: str = "MISCF") -> bytes:
    return Report(name, {**IDENTITY, **MEASURED, **(fields or {})}).encode()


def heard(*pieces: bytes, codec: PuritanBennett | None = None) -> list[Said]:
    codec = codec or PuritanBennett()
    return [one for piece in pieces for one in codec.receive_data(piece, NOW)]


def values(said: Iterable[Said]) -> dict[str, str]:
    return {one.metric: str(one.value) for one in said if isinstance(one, Reading) and one.value is not None}


def events(said: Iterable[Said], kind: EventKind) -> list[dict[str, Any]]:
    return [dict(one.detail) for one in said if isinstance(one, DeviceEvent) and one.kind == kind]


@given(st.sampled_from(["MISCA", "MISCF"]), st.lists(TEXTS, min_size=97, max_size=97))
def test_every_report_survives_encoding(name: str, texts: list[str]) -> None:
    one = Report(name, dict(enumerate(texts, 5)))
    decoded = decode_report(one.encode().rstrip(b"\r"))
    assert isinstance(decoded, Report)
    assert decoded.name == name
    assert {n: text for n, text in decoded.fields.items() if text} == {
        n: text for n, text in one.fields.items() if text
    }


def test_the_reports_are_as_long_as_the_manual_says() -> None:
    assert Report("MISCF", {}).encode().startswith(b"MISCF,1225,169 ,\x02      ,")
    assert Report("MISCA", {}).encode().startswith(b"MISCA,706,97,\x02      ,")
    assert Report("MISCF", {}).encode().endswith(b"      ,\x03\r")


def test_measured_fields_are_readings_in_the_metric_s_unit() -> None:
    assert values(heard(report())) == READINGS


def test_a_set_value_is_never_told_as_a_measured_one() -> None:
    said = heard(report({16: "100", 18: "12.0", 14: "0.500", 77: "", 87: "", 71: ""}))
    assert [brief for brief in briefly(said) if brief[0] in ("fio2", "vent_peep", "vent_vt")] == [
        ["vent_vt", "NOT_AVAILABLE"],
        ["fio2", "NOT_AVAILABLE"],
        ["vent_peep", "NOT_AVAILABLE"],
    ]
    told = {detail["code"]: (detail["value"], detail["unit"]) for detail in events(said, EventKind.UNMAPPED)}
    assert (told["MISCF-16"], told["MISCF-18"]) == (("100", "%"), ("12.0", "cm[H2O]"))


def test_settings_are_told_when_they_change() -> None:
    codec = PuritanBennett()
    heard(report({9: "A/C", 42: "40"}), codec=codec)
    assert events(heard(report({9: "A/C", 42: "40"}), codec=codec), EventKind.UNMAPPED) == []
    changed = events(heard(report({9: "SIMV", 42: "OFF"}), codec=codec), EventKind.UNMAPPED)
    assert [(detail["code"], detail["value"]) for detail in changed] == [
        ("MISCF-9", "SIMV"),
        ("MISCF-42", "OFF"),
    ]


@pytest.mark.parametrize("text", ["*****", "OFF", "1.2.3", "- 5"])
def test_a_measured_field_that_is_no_number_is_no_value(text: str) -> None:
    assert ["vent_pip", "INVALID"] in briefly(heard(report({73: text})))


def test_the_result_of_a_manoeuvre_is_told_once_and_the_first_one_is_old() -> None:
    codec = PuritanBennett()
    seen = [briefly(heard(report({94: text}), codec=codec)) for text in ("14.0", "14.0", "16.5")]
    assert [[one for one in said if one[0] == "vent_pplat"] for said in seen] == [
        [["vent_pplat", "14.0", "STORED"]],
        [],
        [["vent_pplat", "16.5"]],
    ]


def test_a_manoeuvre_that_was_never_made_is_not_a_zero() -> None:
    said = heard(report({90: "0.0", 92: "0.0", 94: "0.0"}))
    assert values(said).keys().isdisjoint({"vent_peep_i", "vent_cstat", "vent_pplat"})


@pytest.mark.parametrize(
    ("text", "priority"), [("LOW", "low"), ("MEDIUM", "medium"), ("HIGH", "high"), ("ALARM", None)]
)
def test_an_alarm_begins_and_ends(text: str, priority: str | None) -> None:
    codec = PuritanBennett()
    told: list[dict[str, Any]] = []
    for state in ("NORMAL", text, text, "RESET", "NORMAL"):
        told += events(heard(report({106: state}), codec=codec), EventKind.DEVICE_ALARM)
    begun = {"code": "MISCF-106", "text": "apnoea ventilation", "active": 1}
    assert told == [
        begun | ({"priority": priority} if priority else {}),
        {"code": "MISCF-106", "text": "apnoea ventilation", "active": 0},
    ]


def test_an_alarm_that_becomes_more_urgent_is_told_again() -> None:
    codec = PuritanBennett()
    heard(report({110: "LOW"}), codec=codec)
    told = events(heard(report({110: "HIGH"}), codec=codec), EventKind.DEVICE_ALARM)
    assert [(one["active"], one["priority"]) for one in told] == [(1, "high")]


def test_a_980_uses_two_fields_for_other_alarms() -> None:
    names = {model: fields_of("MISCF", model)[153].text for model in ("840", "980")}
    assert names == {"840": "technical malfunction A85", "980": "end-tidal CO2 high"}


def test_silenced_alarms_are_a_status() -> None:
    codec = PuritanBennett()
    told = [events(heard(report({105: text}), codec=codec), EventKind.STATUS) for text in ("ON", "ON", "OFF")]
    assert told == [[{"alarm-silenced": 1}], [], [{"alarm-silenced": 0}]]


def test_the_ventilator_says_who_it_is_once_and_its_time_with_every_report() -> None:
    said = heard(report(), report({5: "14:52"}))
    assert events(said, EventKind.IDENTITY) == [{"model": "840", "serial": "3510053249"}]
    times = [detail["time"] for detail in events(said, EventKind.DEVICE_CLOCK)]
    assert times == ["2011-11-22T14:51:00", "2011-11-22T14:52:00"]


def test_an_old_ventilator_s_id_has_no_model() -> None:
    assert events(heard(report({6: "3510053249"})), EventKind.IDENTITY) == [{"serial": "3510053249"}]


@given(st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)))  # noqa: DTZ001 - devices tell no zone
def test_a_time_survives_encoding(moment: datetime) -> None:
    assert decode_time(*encode_time(moment)) == moment.replace(second=0, microsecond=0)


@pytest.mark.parametrize("pair", [("", ""), ("NOV 31 2011", "12:00"), ("NOV 22 2011", "24:00"), ("X", "Y")])
def test_an_impossible_time_is_none(pair: tuple[str, str]) -> None:
    assert decode_time(*pair) is None


def test_the_report_of_the_oldest_software_is_read_by_its_own_numbers() -> None:
    fields = {
        8: "NOV 22 2011",
        10: "14.0",
        34: "15",
        35: "0.38",
        36: "5.29",
        38: "24.0",
        39: "8.6",
        65: "20.0",
    }
    said = heard(Report("MISCA", {5: "14:47", 6: "840 1", **fields, 48: "ALARM"}).encode())
    assert values(said) == {
        "vent_rr_set": "14.0",
        "vent_rr_total": "15",
        "vent_vt": "380",
        "vent_mv": "5.29",
        "vent_pip": "24.0",
        "vent_pmean": "8.6",
        "vent_cdyn": "20.0",
    }
    assert [one["text"] for one in events(said, EventKind.DEVICE_ALARM)] == ["circuit pressure high"]


def test_unknown_fields_are_kept() -> None:
    said = heard(report({163: "0.400"}))
    assert events(said, EventKind.UNMAPPED)[-1]["code"] == "MISCF-163"


def test_every_metric_of_a_field_has_a_unit_that_can_become_the_metric_s() -> None:
    for field in [*MISCA.values(), *MISCF.values()]:
        if field.metric:
            converted(Decimal(1), field.unit, METRICS[field.metric].unit)
            assert field.kind is not Kind.ALARM


def test_only_the_set_rate_is_a_setting_with_a_metric() -> None:
    rows = [*MISCA.values(), *MISCF.values()]
    assert {row.metric for row in rows if row.kind is Kind.SETTING} == {"", "vent_rr_set"}


def test_a_report_that_declares_other_counts_is_not_read() -> None:
    wrong = [
        report().replace(b",1225,", b",1226,").replace(b"14.0  ", b"14.0 "),
        report().replace(b"169 ", b"168 "),
    ]
    for one in wrong:
        assert briefly(heard(one)) == [["bad-bytes", {"length": 1}]]


def test_a_report_with_documented_widths_may_declare_another_length() -> None:
    assert values(heard(report().replace(b",1225,", b",1229,"))) == READINGS


@given(st.integers(0, 1243))
def test_a_lost_byte_costs_the_report(at: int) -> None:
    whole = report()
    assert values(heard(whole[:at] + whole[at + 1 :])) in ({}, READINGS)
    assert values(heard(whole[:at] + whole[at + 1 :] + whole)) == READINGS


@settings(max_examples=200)
@given(st.integers(0, 1242), st.integers(0, 7))
def test_a_flipped_bit_costs_at_most_the_report(at: int, bit: int) -> None:
    damaged = bytearray(report())
    damaged[at] ^= 1 << bit
    assert values(heard(bytes(damaged) + report({70: "17.0"})))["vent_rr_total"] == "17.0"


@given(st.lists(st.integers(0, 1246 * 2), max_size=12))
def test_reports_say_the_same_however_they_are_cut(cuts: list[int]) -> None:
    stream = report() + b"\n" + report({70: "18.0"})
    places = sorted({0, *cuts, len(stream)})
    assert heard(*[stream[a:b] for a, b in pairwise(places)]) == heard(stream)


@given(st.binary(max_size=600))
def test_arbitrary_bytes_never_raise_and_never_make_a_number(data: bytes) -> None:
    said = heard(data)
    assert values(said) == {}
    assert values(heard(data + b"\r", report())) == READINGS


def test_a_flood_of_garbage_is_counted_and_what_comes_after_it_is_read() -> None:
    said = heard(*[b"MISC,\x02 garbage " * 100] * 50, report())
    assert values(said) == READINGS
    assert events(said, EventKind.BAD_BYTES) == [{"framing": 1}]


def started() -> PuritanBennett:
    codec = PuritanBennett()
    assert codec.data_to_send() == SNDF == b"SNDF\r"
    assert codec.next_timer() == 0
    assert codec.handle_timer(NOW) == []
    return codec


def due(codec: PuritanBennett) -> Instant:
    timer = codec.next_timer()
    assert timer is not None
    return timer


def test_the_next_report_is_asked_for_three_seconds_after_the_last() -> None:
    codec = started()
    heard(report(), codec=codec)
    assert codec.data_to_send() == b""
    assert due(codec) == NOW + 3 * SECOND
    assert codec.handle_timer(due(codec)) == []
    assert codec.data_to_send() == SNDF


def test_a_ventilator_that_does_not_answer_is_told_and_asked_in_another_way() -> None:
    codec = started()
    asked: list[bytes] = []
    for _ in range(3):
        assert events(codec.handle_timer(due(codec)), EventKind.REFUSED)[0]["answer"] == "none"
        asked.append(codec.data_to_send())
    assert asked == [SNDA, SNDF, SNDA]


def test_what_was_answered_is_asked_for_again() -> None:
    codec = started()
    codec.handle_timer(due(codec))
    assert codec.data_to_send() == SNDA
    heard(Report("MISCA", IDENTITY).encode(), codec=codec)
    codec.handle_timer(due(codec))
    assert codec.data_to_send() == SNDA

"""The Datex-Ohmeda Record Interface: what a monitor shows, by its labels and status, and no more."""

import struct
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.codecs import Said
from devices.codecs.device_alarms import Alarm
from devices.codecs.dri import alarm, request, waveform
from devices.codecs.dri.codec import WAVES, Dri
from devices.codecs.dri.physiological import (
    CLASSES,
    DISPLAYED,
    INVALID,
    SUBRECORD_BYTES,
    Measured,
    Physiological,
)
from devices.codecs.dri.record import MainType, Record, RecordReader, Subrecord
from devices.codecs.health import BadByteCounter
from devices.model.metrics import METRICS
from devices.model.observation import NO_SAMPLE, DeviceEvent, EventKind, Instant, Reading, Waveform, later
from tests.support.captures import briefly

NOW = Instant(100_000_000_000)
ON = 3
VALUES = st.integers(-32000, 32767)


def group(number: int, name: str, *raw: int, label: int = 0, status: int = ON) -> Measured:
    found = next(one for one in CLASSES[number] if one.name == name)
    return Measured(found, status, label, (*raw, *[INVALID] * (len(found.fields) - len(raw))))


def values(*groups: Measured, number: int = 0, level: int = 10, marker: int = 0, time: int = 0) -> bytes:
    one = Physiological(number, {one.group.name: one for one in groups}, time, marker)
    return Record(MainType.PHYSIOLOGICAL, (Subrecord(DISPLAYED, one.encode()),), level).encode()


def heard(*pieces: bytes, codec: Dri | None = None) -> list[Said]:
    codec = codec or Dri()
    return [one for piece in pieces for one in codec.receive_data(piece, NOW)]


def brief(*pieces: bytes) -> list[Any]:
    """What is said, without readings that have no value."""
    return [one for one in briefly(heard(*pieces)) if len(one) != 2 or one[1] != "NOT_AVAILABLE"]


def wave(*subrecords: Subrecord) -> bytes:
    return Record(MainType.WAVEFORM, subrecords).encode()


VALUES_REQUEST = """
    7e 31 00 00 00 00 00 00 00 00 00 00 00 00 00 00
    00 00 00 00 00 00 ff 00 00 00 00 00 00 00 00 00
    00 00 00 00 00 00 00 00 00 01 0a 00 0e 00 00 00
    00 00 49 7e"""
WAVES_REQUEST = """
    7e 48 00 00 00 00 00 00 00 00 00 00 00 00 00 01
    00 00 00 00 00 00 ff 00 00 00 00 00 00 00 00 00
    00 00 00 00 00 00 00 00 00 00 00 00 00 01 ff 00
    00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
    00 00 00 00 00 00 00 00 00 48 7e"""
"""Hexadecimal representations in the Computer Interface Specification, pages A-1 and A-5."""


def test_the_requests_are_those_of_the_specification_s_appendix() -> None:
    assert request.values(10) == bytes.fromhex(VALUES_REQUEST)
    assert request.waves([waveform.ECG1]) == bytes.fromhex(WAVES_REQUEST)


def test_values_and_alarms_are_asked_for_at_once_and_waveforms_when_values_came() -> None:
    codec = Dri()
    assert codec.data_to_send() == request.values() + request.alarms()
    assert codec.data_to_send() == b""
    heard(values(group(0, "ecg", 80)), codec=codec)
    assert codec.data_to_send() == request.waves(WAVES)


def test_the_waveforms_asked_for_fit_the_line() -> None:
    assert sum(waveform.rate_hz(kind) for kind in WAVES) <= 600


def test_a_monitor_that_does_not_answer_is_told_and_asked_again() -> None:
    codec = Dri()
    codec.data_to_send()
    assert codec.handle_timer(NOW) == []
    due = codec.next_timer()
    assert due is not None
    assert due == later(NOW, 15)
    assert briefly(codec.handle_timer(due)) == [
        ["refused", {"command": "send-displayed-values", "answer": "none"}]
    ]
    assert codec.data_to_send() == request.values() + request.alarms()


def test_a_monitor_that_stays_silent_is_asked_again_and_again_and_told_once() -> None:
    codec = Dri()
    said = [one for n in range(0, 300, 15) for one in codec.handle_timer(later(NOW, n))]
    assert len(said) == 1
    assert codec.data_to_send() == request.values() + request.alarms()


def test_one_that_falls_silent_is_told_when_it_does_not_answer_the_next_request() -> None:
    codec = Dri()
    heard(values(group(0, "ecg", 80)), codec=codec)
    told = [bool(codec.handle_timer(later(NOW, n))) for n in (14, 15, 30, 45)]
    assert told == [False, False, True, False]
    heard(values(group(0, "ecg", 80)), codec=codec)
    assert [bool(codec.handle_timer(later(NOW, n))) for n in (45, 60)] == [False, True]


def test_requests_are_paced_by_time_while_waveforms_flow() -> None:
    codec = Dri()
    codec.data_to_send()
    for second in range(16):
        codec.receive_data(wave(waveform.encode(waveform.PLETH, [1] * 100)), later(NOW, second))
        codec.handle_timer(later(NOW, second))
    assert codec.data_to_send() == request.values() + request.alarms()


def test_waveforms_that_do_not_come_are_asked_for_again() -> None:
    codec = Dri()
    heard(values(group(0, "ecg", 80)), codec=codec)
    codec.data_to_send()
    due = later(NOW, 15)
    codec.receive_data(values(group(0, "ecg", 80)), later(NOW, 10))
    codec.handle_timer(due)
    assert codec.data_to_send() == request.waves(WAVES)


@given(st.lists(VALUES, min_size=4, max_size=4), st.integers(0, 2**32 - 1), st.integers(0, 255))
def test_a_physiological_subrecord_survives_encoding(raw: list[int], time: int, marker: int) -> None:
    one = Physiological(0, {"nibp": group(0, "nibp", *raw)}, time, marker)
    data = one.encode()
    assert len(data) == SUBRECORD_BYTES
    again = Physiological.decode(data)
    assert (again.time, again.marker, again.groups["nibp"].raw) == (time, marker, tuple(raw))


@given(st.lists(st.binary(min_size=1, max_size=100), min_size=1, max_size=7), st.integers(0, 254))
def test_a_record_survives_encoding(datas: list[bytes], kind: int) -> None:
    record = Record(MainType.WAVEFORM, tuple(Subrecord(kind, data) for data in datas), 10, 7, 3)
    assert list(RecordReader(BadByteCounter()).feed(record.encode())) == [record]


@pytest.mark.parametrize("number", range(4))
def test_the_groups_of_a_class_do_not_overlap_and_fit_its_270_bytes(number: int) -> None:
    end = 0
    for one in CLASSES[number]:
        assert one.offset >= end
        end = one.offset + one.size
    assert end <= 270


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        *((-32767, "NOT_AVAILABLE"), (-32766, "NOT_AVAILABLE"), (-32764, "UNDERFLOW")),
        *((-32763, "OVERFLOW"), (-32762, "INVALID"), (-32001, "RESERVED")),
    ],
)
def test_a_sentinel_is_no_value_with_its_reason(raw: int, reason: str) -> None:
    assert ["spo2", reason] in briefly(heard(values(group(0, "spo2", raw))))


def test_the_least_number_is_a_number() -> None:
    assert ["temp_core", "-320.00"] in brief(values(group(0, "t1", -32000, label=15)))


@pytest.mark.parametrize("status", [0, 1, 2])
def test_a_group_that_does_not_measure_says_nothing_whatever_its_values(status: int) -> None:
    assert (
        heard(values(group(0, "t1", 0, label=15, status=status), group(0, "spo2", 9700, status=status))) == []
    )


def test_when_a_group_stops_measuring_its_metrics_are_told_once_more_without_a_value() -> None:
    on, off = values(group(0, "spo2", 9700, 80)), values(group(0, "spo2", status=1))
    said = [one for one in heard(on, off, off) if isinstance(one, Reading)]
    assert briefly(said)[2:] == [["pr_spo2", "NOT_AVAILABLE"], ["spo2", "NOT_AVAILABLE"]]


@pytest.mark.parametrize(
    ("source", "metric"), [(0, "hr"), (1, "hr"), (9, "hr"), (2, "pr_ibp"), (11, "pr_ibp"), (6, "pr_spo2")]
)
def test_the_heart_rate_shown_is_of_what_it_was_taken_from(source: int, metric: str) -> None:
    assert brief(values(group(0, "ecg", 72, status=ON | source << 3)))[0] == [metric, "72"]


def test_the_rate_from_the_ecg_is_told_when_another_is_shown() -> None:
    said = brief(values(group(0, "ecg", 72, status=ON | 6 << 3), group(0, "ecg_extra", 74)))
    assert [one for one in said if one[0] in ("hr", "pr_spo2")] == [["pr_spo2", "72"], ["hr", "74"]]


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        (1, [["abp_sys", "120.00"], ["abp_dia", "70.00"], ["abp_map", "86.00"], ["pr_ibp", "61"]]),
        (8, [["abp_sys", "120.00"], ["abp_dia", "70.00"], ["abp_map", "86.00"], ["pr_ibp", "61"]]),
        (3, [["pap_sys", "120.00"], ["pap_dia", "70.00"], ["pap_map", "86.00"], ["pr_ibp", "61"]]),
        (9, [["ibp_sys", "120.00"], ["ibp_dia", "70.00"], ["ibp_map", "86.00"], ["pr_ibp", "61"]]),
    ],
)
def test_a_pressure_channel_is_what_its_label_says(label: int, expected: list[Any]) -> None:
    assert brief(values(group(0, "p2", 12000, 7000, 8600, 61, label=label))) == expected


@pytest.mark.parametrize(("label", "metric"), [(2, "cvp"), (7, "icp"), (4, "rap"), (6, "lap")])
def test_of_a_vein_an_atrium_or_the_skull_the_mean_is_the_number(label: int, metric: str) -> None:
    said = brief(values(group(0, "p1", 1200, 400, 700, label=label)))
    assert [one for one in said if one[0] != "unmapped"] == [[metric, "7.00"]]
    assert [one[1]["code"] for one in said if one[0] == "unmapped"] == ["p1.sys", "p1.dia"]


def test_of_two_channels_with_one_label_the_first_is_the_metric_and_the_other_is_kept_unmapped() -> None:
    first, second = group(0, "p1", 12000, 7000, 8600, label=1), group(0, "p2", 11000, 7000, 8600, label=1)
    said = brief(values(first, second))
    unmapped = {"code": "p2.sys", "system": "GE-DRI", "value": "110.00", "unit": "mm[Hg]", "text": "ART"}
    assert [one for one in said if one[0] in ("abp_sys", "unmapped")] == [
        ["unmapped", unmapped],
        ["abp_sys", "120.00"],
    ]


@pytest.mark.parametrize(
    ("label", "metric"), [(1, "temp_esoph"), (5, "temp_blad"), (7, "temp_skin"), (11, "temp")]
)
def test_a_temperature_is_what_its_label_says(label: int, metric: str) -> None:
    assert brief(values(group(0, "t1", 3712, label=label))) == [[metric, "37.12"]]


@pytest.mark.parametrize("label", [0, 9, 10, 99])
def test_the_temperature_of_a_room_or_of_an_unknown_place_is_no_body_s(label: int) -> None:
    assert [one[0] for one in brief(values(group(0, "t1", 2100, label=label)))] == ["unmapped"]


def test_an_unmapped_value_is_told_when_it_changes() -> None:
    first, second = values(group(0, "t1", 2100, label=9)), values(group(0, "t1", 2150, label=9))
    assert [one[1]["value"] for one in brief(first, first, second)] == ["21.00", "21.50"]


def test_co2_is_a_part_of_the_ambient_pressure_less_the_water_s_where_the_monitor_says_wet() -> None:
    dry = brief(values(group(0, "co2", 500, 10, 15, 7600)))
    assert dry == [["etco2", "38.00"], ["fico2", "0.76"], ["rr_co2", "15"]]
    wet = brief(values(group(0, "co2", 500, 10, 15, 7600, status=ON | 1 << 9)))
    assert wet[0] == ["etco2", "35.65"]


def test_co2_without_an_ambient_pressure_is_no_value() -> None:
    assert ["etco2", "NOT_AVAILABLE"] in briefly(heard(values(group(0, "co2", 500, 10, 15))))


def test_before_2003_a_breathing_rate_is_of_the_source_that_its_label_says() -> None:
    assert ["rr_imped", "14"] in brief(values(group(0, "co2", 500, 10, 14, 7600, label=2), level=6))
    assert ["rr_co2", "14"] in brief(values(group(0, "co2", 500, 10, 14, 7600, label=2), level=8))


def test_an_agent_is_what_its_label_says_and_one_without_a_metric_is_kept() -> None:
    assert brief(values(group(0, "aa", 180, 210, 95, label=6))) == [
        *(["etsev", "1.80"], ["fisev", "2.10"], ["mac", "0.95"]),
    ]
    halothane = brief(values(group(0, "aa", 80, 100, label=2)))
    assert [one[1]["code"] for one in halothane] == ["aa.et", "aa.fi"]


def test_numbers_come_in_the_metric_s_unit() -> None:
    said = brief(
        values(group(0, "co_wedge", 5210, 3702, INVALID, 900), group(0, "ecg", 60, 150, label=0x200))
    )
    assert ["co", "5.21"] in said
    assert ["pawp", "9.00"] in said
    assert ["st_ii", "0.150"] in said


def nibp(systolic: int, label: int) -> bytes:
    return values(group(0, "nibp", systolic, 7000, 8500, 60, label=label))


def test_a_cuff_s_measurement_is_told_once_however_long_it_is_shown() -> None:
    said = [one for one in brief(nibp(12000, 0), nibp(12000, 0), nibp(12000, 0x100)) if one[0] == "nibp_sys"]
    assert said == [["nibp_sys", "120.00"]]


def test_the_same_pressure_measured_anew_is_told_again() -> None:
    said = [one for one in brief(nibp(12000, 0), nibp(12000, 0x100), nibp(12000, 0)) if one[0] == "nibp_sys"]
    assert said == [["nibp_sys", "120.00"]] * 2


def test_a_measurement_that_was_old_when_first_seen_is_stored() -> None:
    assert brief(nibp(12000, 0x100))[0] == ["nibp_sys", "120.00", "QUESTIONABLE|STORED"]


def test_a_train_of_four_s_count_counts_only_in_that_mode() -> None:
    codec = Dri()
    heard(values(group(0, "nmt", 800, 450, 31)), codec=codec)
    assert ["tof_count", "3"] in briefly(heard(values(group(2, "nmt2", 3), number=2), codec=codec))
    heard(values(group(0, "nmt", 800, 450, 31, status=ON | 1 << 2)), codec=codec)
    assert ["tof_count", "3"] not in briefly(heard(values(group(2, "nmt2", 3), number=2), codec=codec))


def test_conditions_and_alarms_begin_and_end() -> None:
    bad = values(group(0, "ecg", 0, status=ON | 1 << 2 | 1 << 7))
    good = values(group(0, "ecg", 70))
    said = [one for one in brief(bad, good) if one[0] in ("status", "device-alarm")]
    alarm_text = {"code": "asystole", "text": "asystole"}
    assert said == [
        ["status", {"ecg-noise": 1}],
        ["device-alarm", {**alarm_text, "active": 1}],
        ["status", {"ecg-noise": 0}],
        ["device-alarm", {**alarm_text, "active": 0}],
    ]


def test_a_rate_from_a_noisy_ecg_is_marked() -> None:
    assert ["hr", "70", "ARTIFACT"] in brief(values(group(0, "ecg", 70, status=ON | 1 << 8)))


def test_apnea_that_the_monitor_deactivated_is_no_alarm() -> None:
    apnea = values(group(0, "co2", 500, 10, 0, 7600, status=ON | 1 << 2))
    deactivated = values(group(0, "co2", 500, 10, 0, 7600, status=ON | 1 << 2 | 1 << 8))
    assert "device-alarm" in [one[0] for one in brief(apnea)]
    assert "device-alarm" not in [one[0] for one in brief(deactivated)]


def test_arrhythmias_are_alarms() -> None:
    said = brief(values(group(1, "arrh_ecg", 150, 400, 12, 0b1010, -32768), number=1))
    codes = [one[1]["code"] for one in said if one[0] == "device-alarm"]
    assert codes == ["arrhythmia-ventricular-fibrillation", "arrhythmia-ventricular-tachycardia"]
    assert ["pvc_rate", "12"] in said


def test_the_monitor_s_alarm_texts_are_alarms_with_their_colour_s_priority() -> None:
    def shown(*alarms: Alarm) -> bytes:
        return Record(MainType.ALARM, (Subrecord(alarm.STATUS, alarm.encode(alarms)),)).encode()

    said = brief(shown(Alarm("HR HIGH", "high"), Alarm("Leads off", "low")), shown(Alarm("Leads off", "low")))
    assert said == [
        ["device-alarm", {"code": "HR HIGH", "text": "HR HIGH", "active": 1, "priority": "high"}],
        ["device-alarm", {"code": "Leads off", "text": "Leads off", "active": 1, "priority": "low"}],
        ["device-alarm", {"code": "HR HIGH", "text": "HR HIGH", "active": 0, "priority": "high"}],
    ]


def test_a_mark_is_told_when_its_number_changes() -> None:
    first, second = values(group(0, "ecg"), marker=1), values(group(0, "ecg"), marker=2)
    assert [one for one in brief(first, first, second) if one[0] == "mark"] == [
        ["mark", {"code": "2", "text": "mark 2"}]
    ]


def waves(said: Sequence[Said]) -> list[tuple[str, list[int], Decimal]]:
    found = [one for one in said if isinstance(one, Waveform)]
    return [(one.metric, list(memoryview(one.samples).cast("h")), one.scale) for one in found]


def test_a_waveform_is_what_its_channel_s_label_says() -> None:
    labelled = values(group(0, "ecg", 60, label=0x270), group(0, "p1", label=3))
    samples = wave(
        *(waveform.encode(kind, [100, -200]) for kind in (waveform.ECG1, waveform.ECG2, waveform.INVP1))
    )
    assert waves(heard(labelled, samples)) == [
        ("ecg_ii", [100, -200], Decimal("0.001")),
        ("ecg_v", [100, -200], Decimal("0.001")),
        ("pap_wave", [100, -200], Decimal("0.01")),
    ]


def own_label(kind: int, label: int) -> bytes:
    """A waveform whose header says what it is."""
    return wave(Subrecord(kind, struct.pack("<hHHh", 1, 0, label, 5)))


@pytest.mark.parametrize(
    ("kind", "label", "metric"),
    [
        *((waveform.ECG1, 2, "ecg_ii"), (waveform.ECG3, 7, "ecg_v"), (waveform.INVP1, 1, "abp_wave")),
        *((waveform.INVP4, 3, "pap_wave"), (waveform.INVP3, 11, "ibp_wave")),
    ],
)
def test_until_values_come_a_waveform_is_what_its_own_label_says(kind: int, label: int, metric: str) -> None:
    assert brief(own_label(kind, label)) == [[metric, 1]]


@pytest.mark.parametrize(("kind", "label"), [(waveform.ECG1, 0), (waveform.ECG1, 99), (waveform.INVP1, 77)])
def test_a_waveform_whose_label_says_nothing_is_kept_unmapped(kind: int, label: int) -> None:
    assert [one[0] for one in brief(own_label(kind, label))] == ["unmapped"]


def test_what_the_values_say_of_a_channel_counts_more_than_its_waveform_s_label() -> None:
    labelled = values(group(0, "ecg", 60, label=0x300))
    assert ["ecg_iii", 1] in brief(labelled, own_label(waveform.ECG1, 2))


def test_a_waveform_without_a_metric_is_told_once() -> None:
    entropy = wave(waveform.encode(32, [1, 2]))
    assert brief(entropy, entropy) == [
        ["unmapped", {"code": "wave.32.", "system": "GE-DRI", "value": "waveform"}]
    ]


def test_control_codes_and_leads_that_are_off_give_no_samples() -> None:
    labelled = values(group(0, "ecg", 60, label=0x200))
    assert waves(heard(wave(waveform.encode(waveform.PLETH, [5, -32000, -32767]))))[0][1] == [
        *(5, NO_SAMPLE, NO_SAMPLE),
    ]
    off = wave(waveform.encode(waveform.ECG1, [5, 6], waveform.LEAD_OFF))
    assert waves(heard(labelled, off))[0][1] == [NO_SAMPLE] * 2


def test_a_capnogram_s_scale_makes_percent_a_pressure() -> None:
    ambient = values(group(0, "co2", 500, 10, 15, 7600))
    (_, samples, scale) = waves(heard(ambient, wave(waveform.encode(waveform.CO2, [500]))))[0]
    assert samples[0] * scale == 38


def test_waveforms_that_follow_each_other_meet() -> None:
    codec = Dri()
    second = wave(waveform.encode(waveform.PLETH, [1] * 100))
    said = [
        codec.receive_data(second, later(NOW, n + jitter)) for n, jitter in enumerate((0, 0.03, 0.01, 0.02))
    ]
    found = [one for some in said for one in some if isinstance(one, Waveform)]
    assert all(abs(after.at - before.end) < 10_000_000 for before, after in pairwise(found))
    assert found[0].end - NOW <= 10_000_000


@given(st.data())
@settings(max_examples=30)
def test_a_stream_says_the_same_however_it_is_cut(data: st.DataObject) -> None:
    stream = values(group(0, "ecg", 70), time=1) + wave(
        waveform.encode(waveform.PLETH, [0x7E7E, 0x7D7D - 65536 // 2])
    )
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    pieces = [stream[start:end] for start, end in pairwise([0, *cuts, len(stream)])]
    assert heard(*pieces) == heard(stream)


def test_one_byte_at_a_time_says_the_same() -> None:
    stream = values(group(0, "ecg", 70), time=1) * 2
    assert heard(*(bytes((byte,)) for byte in stream)) == heard(stream)


@given(st.integers(1, 380), st.integers(0, 7))
@settings(max_examples=60)
def test_a_flipped_bit_costs_at_most_the_frames_it_touches(place: int, bit: int) -> None:
    one = values(group(0, "ecg", 70))
    damaged = bytearray(one)
    damaged[place % len(one)] ^= 1 << bit
    said = [x for x in heard(one, bytes(damaged), values(group(0, "ecg", 71)), one) if isinstance(x, Reading)]
    rates = [int(x.value) for x in said if x.metric == "hr" and x.value is not None]
    assert set(rates) <= {70, 71}
    assert rates[0] == rates[-1] == 70


@given(st.binary(max_size=400))
def test_arbitrary_bytes_neither_raise_nor_invent_a_value(data: bytes) -> None:
    assert [one for one in heard(data) if not isinstance(one, DeviceEvent)] == []


@given(st.integers(0, 3), st.binary(min_size=270, max_size=270), st.integers(0, 12))
@settings(max_examples=50)
def test_a_subrecord_of_any_content_gives_metrics_of_the_table(number: int, data: bytes, level: int) -> None:
    subrecord = bytes(4) + data + struct.pack("<BBH", 0, 0, number << 8)
    record = Record(MainType.PHYSIOLOGICAL, (Subrecord(DISPLAYED, subrecord),), level)
    said = heard(record.encode())
    assert {one.metric for one in said if isinstance(one, Reading)} <= set(METRICS)


def test_every_group_that_measures_with_any_label_gives_metrics_of_the_table() -> None:
    for number, groups in enumerate(CLASSES):
        for label in range(32):
            shown = {one.name: Measured(one, ON, label, (100,) * len(one.fields)) for one in groups}
            data = Physiological(number, shown).encode()
            record = Record(MainType.PHYSIOLOGICAL, (Subrecord(DISPLAYED, data),), label % 12)
            said = [one for one in heard(record.encode()) if isinstance(one, Reading)]
            assert {one.metric for one in said} <= set(METRICS)
            assert len({one.metric for one in said}) == len(said)


@given(st.binary(max_size=120), st.integers(0, 8))
def test_a_record_of_any_content_never_raises(data: bytes, kind: int) -> None:
    for main_type in range(10):
        heard(Record(main_type, (Subrecord(kind, data), Subrecord(kind, data))).encode())


@pytest.mark.parametrize("main_type", [0, 1, 4, 5])
def test_a_record_without_subrecords_says_nothing(main_type: int) -> None:
    readings = [one for one in heard(Record(main_type, ()).encode()) if not isinstance(one, DeviceEvent)]
    assert readings == []


def test_a_flood_without_a_flag_is_counted_and_forgotten() -> None:
    codec = Dri()
    for n in range(1000):
        codec.receive_data(bytes(range(1, 101)), later(NOW, n / 1000))
    assert ["hr", "70"] in briefly(heard(b"\x7e" + values(group(0, "ecg", 70)), codec=codec))


def test_what_cannot_be_read_is_counted_by_reason() -> None:
    good = values(group(0, "ecg", 70))
    wrong_sum = good[:-2] + bytes(((good[-2] + 1) % 256,)) + good[-1:]
    counted = [one for one in heard(wrong_sum) if isinstance(one, DeviceEvent)]
    assert [(one.kind, dict(one.detail)) for one in counted] == [(EventKind.BAD_BYTES, {"checksum": 1})]
    assert briefly(heard(b"\x7eshort\x7e")) == [["bad-bytes", {"length": 1}]]

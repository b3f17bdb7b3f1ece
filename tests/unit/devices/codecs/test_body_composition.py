"""Body composition: every field, measurements in two packets, and whose weighing it is."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs import Host
from devices.codecs.body_composition import (
    FIELDS,
    METRICS,
    BodyComposition,
    BodyCompositionCodec,
    FeatureCodec,
)
from devices.codecs.device_clock import DeviceClock, device_time
from devices.codecs.gatt import DeviceTime
from devices.codecs.weight_scale import LastWeighing, Weight, WeightCodec
from devices.errors import BadBytes
from devices.model.metrics import by_name
from devices.model.observation import DeviceEvent, EventKind, Instant, Quality, Reading, later
from tests.support.captures import briefly

NOW = Instant(7_200_000_000_000)
LOCAL = datetime(2026, 3, 1, 12, 0)  # noqa: DTZ001 - devices tell no zone
OCTET, COUNT = st.integers(0, 255), st.integers(0, 65535)
TIMES = st.builds(DeviceTime, COUNT, OCTET, OCTET, OCTET, OCTET, OCTET)
VALUES = st.builds(
    BodyComposition,
    st.integers(0, 1000),
    st.dictionaries(st.sampled_from(sorted(FIELDS)), COUNT),
    st.booleans(),
    st.none() | TIMES,
    st.none() | OCTET,
    st.booleans(),
)
ALL = dict.fromkeys(FIELDS, 10000)


def local_time(at: Instant) -> datetime:
    return LOCAL.replace(tzinfo=UTC) + timedelta(microseconds=(at - NOW) / 1000)


def said(value: BodyComposition) -> list[object]:
    return briefly(BodyCompositionCodec().receive_data(value.encode(), NOW))


@given(VALUES)
def test_every_composition_survives_encoding(value: BodyComposition) -> None:
    assert BodyComposition.decode(value.encode()) == value


@given(VALUES)
def test_a_composition_cut_short_is_refused(value: BodyComposition) -> None:
    whole = value.encode()
    for length in range(len(whole)):
        with pytest.raises(BadBytes):
            BodyComposition.decode(whole[:length])


@given(st.binary(max_size=32))
def test_arbitrary_bytes_never_raise(data: bytes) -> None:
    for one in BodyCompositionCodec().receive_data(data, NOW):
        assert len(data) >= 4 or not isinstance(one, Reading)
    FeatureCodec().receive_data(data, NOW)


def test_every_field_is_told_in_its_unit_and_none_is_lost() -> None:
    told = said(BodyComposition(253, ALL))
    assert told == [
        ["body_fat", "25.3"],
        ["unmapped", {"code": "basal-metabolism", "system": "bluetooth", "value": "10000", "unit": "kJ"}],
        ["unmapped", {"code": "muscle-percentage", "system": "bluetooth", "value": "1000.0", "unit": "%"}],
        ["unmapped", {"code": "muscle-mass", "system": "bluetooth", "value": "50.000", "unit": "kg"}],
        ["fat_free_mass", "50.000"],
        ["soft_lean_mass", "50.000"],
        ["body_water", "50.000"],
        ["unmapped", {"code": "impedance", "system": "bluetooth", "value": "1000.0", "unit": "Ohm"}],
        ["weight", "50.000"],
        ["height", "1000.0"],
    ]


def test_pounds_and_inches_become_kilograms_and_centimetres() -> None:
    told = said(BodyComposition(253, {"weight": 10000, "muscle-mass": 100, "height": 700}, imperial=True))
    assert told[1:] == [
        ["unmapped", {"code": "muscle-mass", "system": "bluetooth", "value": "0.45359237", "unit": "kg"}],
        ["weight", "45.359237"],
        ["height", "177.8"],
    ]


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_has_the_unit_in_which_it_is_told(metric: str) -> None:
    assert by_name(metric).unit == {"body_fat": "%", "height": "cm"}.get(metric, "kg")


def test_a_failed_measurement_has_no_fields_even_if_its_flags_say_so() -> None:
    data = BodyComposition(253, ALL).encode()
    failed = data[:2] + b"\xff\xff" + data[4:]
    assert briefly(BodyCompositionCodec().receive_data(failed, NOW)) == [["body_fat", "FAILED"]]
    assert briefly(BodyCompositionCodec().receive_data(failed[:4], NOW)) == [["body_fat", "FAILED"]]


@pytest.mark.parametrize("data", ["02A4B207010102 3A38FDFFF03C", "02A6E407090D060D2614E9015A37", "0000E903"])
def test_a_body_fat_above_all_is_xiaomi_s_year_and_nothing_of_it_is_read(data: str) -> None:
    told = BodyCompositionCodec().receive_data(bytes.fromhex(data), NOW)
    assert briefly(told) == [["bad-bytes", {"range": 1}]]


def test_a_body_fat_of_all_is_one() -> None:
    assert said(BodyComposition(1000)) == [["body_fat", "100.0"]]


def test_fields_of_zero_are_no_values() -> None:
    told = said(BodyComposition(0, {"impedance": 0, "body-water-mass": 0}))
    assert told == [["body_fat", "NOT_AVAILABLE"], ["body_water", "NOT_AVAILABLE"]]


def test_two_packets_are_one_measurement_of_one_moment() -> None:
    codec = BodyCompositionCodec(DeviceClock(Host(local_time)))
    time = device_time(LOCAL - timedelta(hours=1))
    first = BodyComposition(253, {"muscle-mass": 9000}, time=time, user=1, multiple=True)
    second = BodyComposition(253, {"weight": 14000}, multiple=True)
    told = codec.receive_data(first.encode(), NOW) + codec.receive_data(second.encode(), later(NOW, 1))
    assert {one.at for one in told} == {later(NOW, -3600)}
    readings = [one for one in told if isinstance(one, Reading)]
    assert briefly(readings) == [["body_fat", "25.3", "STORED"], ["weight", "70.000", "STORED"]]


def test_after_two_packets_another_measurement_begins() -> None:
    codec = BodyCompositionCodec()
    data = BodyComposition(253, multiple=True).encode()
    told = [briefly(codec.receive_data(data, later(NOW, n))) for n in range(4)]
    assert told == [[["body_fat", "25.3"]], [], [["body_fat", "25.3"]], []]


@pytest.mark.parametrize("late", [(254, 1.0), (253, 6.0)])
def test_a_first_packet_without_its_second_costs_nothing_else(late: tuple[int, float]) -> None:
    codec = BodyCompositionCodec()
    codec.receive_data(BodyComposition(253, multiple=True).encode(), NOW)
    body_fat, after_s = late
    told = codec.receive_data(BodyComposition(body_fat, multiple=True).encode(), later(NOW, after_s))
    assert len(told) == 1


def weighed(after_s: float) -> Reading:
    clock, last = DeviceClock(Host(local_time)), LastWeighing()
    time = device_time(LOCAL - timedelta(hours=2))
    WeightCodec(clock, last).receive_data(Weight(14000, time=time).encode(), NOW)
    data = BodyComposition(253).encode()
    told = BodyCompositionCodec(clock, last).receive_data(data, later(NOW, after_s))[0]
    assert isinstance(told, Reading)
    return told


def test_a_composition_without_a_time_is_of_the_weight_before_it() -> None:
    told = weighed(after_s=0.3)
    assert (told.at, told.quality) == (later(NOW, -7200), Quality.STORED)


def test_a_composition_long_after_a_weight_is_of_its_own_moment() -> None:
    told = weighed(after_s=30)
    assert (told.at, told.quality) == (later(NOW, 30), Quality.GOOD)


@pytest.mark.parametrize(
    ("data", "mass", "height"),
    [("FF0F0000", "0.5 kg", None), ("00200100", "0.05 kg", "0.5 cm"), ("FF070000", None, None)],
)
def test_features_and_resolutions_are_identity(data: str, mass: str | None, height: str | None) -> None:
    [event] = FeatureCodec().receive_data(bytes.fromhex(data), NOW)
    assert isinstance(event, DeviceEvent)
    assert event.kind == EventKind.IDENTITY
    assert (event.detail.get("mass-resolution"), event.detail.get("height-resolution")) == (mass, height)
    assert ("fat-free-mass" in str(event.detail["features"])) == (data != "00200100")

"""Scales: kg and cm whatever they count in, failures, and when somebody was weighed."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs import Host
from devices.codecs.device_clock import DeviceClock, device_time
from devices.codecs.gatt import DeviceTime
from devices.codecs.weight_scale import AND_OWN, FAILED, FeatureCodec, Weight, WeightCodec
from devices.errors import BadBytes
from devices.model.observation import Instant, Quality, Reading, later
from tests.support.captures import briefly

NOW = Instant(7_200_000_000_000)
LOCAL = datetime(2026, 3, 1, 12, 0)  # noqa: DTZ001 - devices tell no zone
OCTET, COUNT = st.integers(0, 255), st.integers(0, 65535)
TIMES = st.builds(DeviceTime, COUNT, OCTET, OCTET, OCTET, OCTET, OCTET)
PLAIN = st.builds(Weight, COUNT, st.booleans(), st.none() | TIMES, st.none() | OCTET)
WHOLE = st.builds(Weight, COUNT, st.booleans(), st.none() | TIMES, st.none() | OCTET, COUNT, COUNT)


def local_time(at: Instant) -> datetime:
    return LOCAL.replace(tzinfo=UTC) + timedelta(microseconds=(at - NOW) / 1000)


def said(value: Weight) -> list[object]:
    return briefly(WeightCodec().receive_data(value.encode(), NOW))


@given(PLAIN | WHOLE)
def test_every_weight_survives_encoding(value: Weight) -> None:
    assert Weight.decode(value.encode()) == value


@given(PLAIN | WHOLE)
def test_a_weight_cut_short_is_refused(value: Weight) -> None:
    whole = value.encode()
    for length in range(len(whole)):
        with pytest.raises(BadBytes):
            Weight.decode(whole[:length])


@given(st.binary(max_size=20))
def test_arbitrary_bytes_never_raise(data: bytes) -> None:
    for one in WeightCodec().receive_data(data, NOW):
        assert len(data) >= 3 or not isinstance(one, Reading)
    FeatureCodec().receive_data(data, NOW)


@pytest.mark.parametrize(
    ("value", "kilograms"),
    [
        (Weight(14000), "70.000"),
        (Weight(1), "0.005"),
        (Weight(15700, imperial=True), "71.21400209"),
        (Weight(10000, imperial=True), "45.359237"),
    ],
)
def test_a_weight_is_told_in_kilograms(value: Weight, kilograms: str) -> None:
    assert said(value) == [["weight", kilograms]]


@pytest.mark.parametrize(("imperial", "kilograms"), [(False, "79.4"), (True, "36.015234178")])
def test_the_service_that_ad_had_before_counts_by_tenths(imperial: bool, kilograms: str) -> None:
    codec = WeightCodec(steps=AND_OWN)
    told = codec.receive_data(Weight(794, imperial=imperial).encode(), NOW)
    assert briefly(told) == [["weight", kilograms]]


def test_a_height_in_tenths_of_an_inch_becomes_centimetres() -> None:
    assert said(Weight(17075, imperial=True, bmi=245, height=700))[1:] == [
        ["bmi", "24.5"],
        ["height", "177.8"],
    ]


@pytest.mark.parametrize(
    ("data", "weight", "quality"),
    [
        ("0E205CEA07070E17292001 4001 8007", "117.920", "STORED"),  # a BF788: 32.0 at 192.0 cm
        ("2E1605E507021407161B03 F800 A200", "6.510", "STORED|QUESTIONABLE"),  # 65.1 kg by 0.05 kg and 1 cm
        ("2E1605E507021407161B03 F800 0000", "6.510", "STORED"),  # nothing to compare it with
        ("088813 F500 D606", "25.000", "QUESTIONABLE"),  # 24.5 is not the BMI of 25 kg at 175.0 cm
    ],
)
def test_a_weight_that_its_bmi_contradicts_is_questionable(data: str, weight: str, quality: str) -> None:
    codec = WeightCodec(DeviceClock(Host(lambda at: local_time(at) + timedelta(days=365))))
    told = [one for one in codec.receive_data(bytes.fromhex(data), NOW) if isinstance(one, Reading)]
    assert str(told[0].value) == weight
    wanted = [Quality[name] for name in quality.split("|")]
    assert all(one.quality == sum(wanted, Quality.GOOD) for one in told)


def test_a_failed_measurement_is_told_as_one() -> None:
    assert said(Weight(FAILED)) == [["weight", "FAILED"]]


def test_nothing_is_no_weight_and_an_unknown_person_has_no_height() -> None:
    assert said(Weight(0, bmi=0, height=0)) == [
        ["weight", "NOT_AVAILABLE"],
        ["bmi", "NOT_AVAILABLE"],
        ["height", "NOT_AVAILABLE"],
    ]


def test_the_flag_by_which_detecto_tells_below_zero_changes_nothing() -> None:
    told = WeightCodec().receive_data(bytes.fromhex("10B036"), NOW)
    assert briefly(told) == [["weight", "70.000"]]


def test_an_old_weight_is_stored_at_its_time() -> None:
    codec = WeightCodec(DeviceClock(Host(local_time)))
    time = device_time(LOCAL - timedelta(hours=5))
    told = codec.receive_data(Weight(14000, time=time, user=1).encode(), NOW)
    assert {one.at for one in told} == {later(NOW, -5 * 3600)}
    assert [one.quality for one in told if isinstance(one, Reading)] == [Quality.STORED]


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        ("00000000", {"features": ""}),
        ("07000000", {"features": "time,multiple-users,bmi"}),
        (
            "8F000000",
            {"features": "time,multiple-users,bmi", "mass-resolution": "0.5 kg", "height-resolution": "1 cm"},
        ),
        ("38000000", {"features": "", "mass-resolution": "0.005 kg"}),
        ("78000000", {"features": ""}),
    ],
)
def test_features_and_resolutions_are_identity(data: str, detail: dict[str, str]) -> None:
    assert briefly(FeatureCodec().receive_data(bytes.fromhex(data), NOW)) == [["identity", detail]]

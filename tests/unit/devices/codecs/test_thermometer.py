"""Thermometers: °C as told, °F exactly rounded, the place chooses the metric, the device's clock is kept."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs import Host
from devices.codecs.device_clock import DeviceClock, device_time
from devices.codecs.gatt import DeviceTime
from devices.codecs.ieee11073 import Number, decode_float
from devices.codecs.thermometer import Place, Temperature, ThermometerCodec
from devices.errors import BadBytes
from devices.model.metrics import by_name
from devices.model.observation import Instant, NoValue, Quality, Reading, later
from tests.support.captures import briefly

NOW = Instant(5_000_000_000)
LOCAL = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
OCTET = st.integers(0, 255)
NUMBERS = st.binary(min_size=4, max_size=4).map(decode_float)
TIMES = st.builds(DeviceTime, st.integers(0, 65535), OCTET, OCTET, OCTET, OCTET, OCTET)
TEMPERATURES = st.builds(
    Temperature, NUMBERS, st.booleans(), st.none() | TIMES, st.none() | st.integers(0, 255)
)


def said(value: Temperature, codec: ThermometerCodec | None = None) -> list[object]:
    return briefly((codec or ThermometerCodec()).receive_data(value.encode(), NOW))


@given(TEMPERATURES)
def test_every_temperature_survives_encoding(value: Temperature) -> None:
    assert Temperature.decode(value.encode()) == value


@given(TEMPERATURES)
def test_a_value_cut_short_is_refused(value: Temperature) -> None:
    whole = value.encode()
    for length in range(len(whole)):
        with pytest.raises(BadBytes):
            Temperature.decode(whole[:length])


@given(st.binary(max_size=20))
def test_arbitrary_bytes_never_raise(data: bytes) -> None:
    for one in ThermometerCodec().receive_data(data, NOW):
        if isinstance(one, Reading) and one.value is not None:
            assert one.value == Temperature.decode(data).celsius


@pytest.mark.parametrize(
    ("fahrenheit", "celsius"),
    [
        ("98.6", "37.00"),
        ("99.5", "37.50"),
        ("101.3", "38.50"),
        ("97.7", "36.50"),
        ("98.2", "36.78"),
        ("32", "0.00"),
    ],
)
def test_fahrenheit_becomes_celsius_rounded_to_a_hundredth(fahrenheit: str, celsius: str) -> None:
    assert said(Temperature(Decimal(fahrenheit), fahrenheit=True)) == [["temp_body", celsius]]


@pytest.mark.parametrize(
    ("fahrenheit", "celsius"), [("32.009", "0.00"), ("32.027", "0.02"), ("31.991", "0.00")]
)
def test_a_tie_is_rounded_to_even(fahrenheit: str, celsius: str) -> None:
    assert abs(Decimal(celsius)) == abs(Decimal(str(Temperature(Decimal(fahrenheit), True).celsius)))


@pytest.mark.parametrize("place", list(Place))
def test_every_place_has_a_metric_in_celsius(place: Place) -> None:
    told = ThermometerCodec().receive_data(Temperature(Decimal(37), place=place).encode(), NOW)[-1]
    assert isinstance(told, Reading)
    assert by_name(told.metric).unit == "Cel"


@pytest.mark.parametrize(
    ("place", "metric"),
    [
        (Place.TYMPANUM, "temp_tymp"),
        (Place.MOUTH, "temp_oral"),
        (Place.RECTUM, "temp_rect"),
        (200, "temp_axil"),
    ],
)
def test_the_place_chooses_the_metric_and_an_unknown_place_the_profile_s(place: int, metric: str) -> None:
    codec = ThermometerCodec(unplaced="temp_axil")
    assert said(Temperature(Decimal(37), place=place), codec) == [[metric, "37"]]


@pytest.mark.parametrize("number", [NoValue.NOT_AVAILABLE, NoValue.OVERFLOW, NoValue.NOT_AT_THIS_RESOLUTION])
def test_no_number_is_no_value_with_its_reason(number: Number) -> None:
    assert said(Temperature(number, fahrenheit=True)) == [["temp_body", number.name]]  # type: ignore[union-attr]


def test_the_device_s_own_time_goes_before_its_reading_as_the_device_tells_it() -> None:
    time = DeviceTime(2024, 2, 31, 25, 0, 7)
    assert said(Temperature(Decimal("36.6"), time=time)) == [
        ["device-clock", {"time": "2024-02-31T25:00:07", "set": 1}],
        ["temp_body", "36.6", "QUESTIONABLE"],
    ]


def timed(ago: timedelta, *, intermediate: bool = False) -> Reading:
    codec = ThermometerCodec(intermediate=intermediate, clock=DeviceClock(Host(lambda _at: LOCAL)))
    time = device_time((LOCAL - ago).replace(tzinfo=None))
    told = codec.receive_data(Temperature(Decimal("36.6"), time=time).encode(), NOW)
    assert {one.at for one in told} == {told[-1].at}
    assert isinstance(told[-1], Reading)
    return told[-1]


def test_an_old_measurement_is_stored_with_the_instant_at_which_it_was_made() -> None:
    told = timed(timedelta(minutes=20))
    assert (told.at, told.quality) == (later(NOW, -1200), Quality.STORED)


def test_a_measurement_of_this_moment_has_nothing_against_it() -> None:
    told = timed(timedelta(seconds=20))
    assert (told.at, told.quality) == (NOW, Quality.GOOD)


def test_an_intermediate_temperature_is_of_the_moment_in_which_it_comes() -> None:
    told = timed(timedelta(minutes=20), intermediate=True)
    assert (told.at, told.quality) == (NOW, Quality.QUESTIONABLE)


def test_an_intermediate_temperature_is_questionable() -> None:
    codec = ThermometerCodec(intermediate=True)
    assert said(Temperature(Decimal("35.1")), codec) == [["temp_body", "35.1", "QUESTIONABLE"]]

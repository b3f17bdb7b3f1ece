"""The node's GATT values, read by the codecs that read every other device's."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs import Codec
from devices.codecs.battery import LEVEL, decode_battery_level
from devices.codecs.battery import SERVICE as BATTERY
from devices.codecs.heart_rate import MEASUREMENT as HEART_RATE_MEASUREMENT
from devices.codecs.heart_rate import SERVICE as HEART_RATE
from devices.codecs.heart_rate import HeartRateCodec
from devices.codecs.pulse_oximeter import ContinuousCodec
from devices.codecs.thermometer import MEASUREMENT as TEMPERATURE
from devices.codecs.thermometer import ThermometerCodec
from devices.model.observation import Instant, NoValue, Quality, Reading
from firmware.hal import gatt
from firmware.sensors import reasons
from firmware.sensors.oximetry import Result

NOW = Instant(5)


def readings(codec: Codec, value: bytes) -> dict[str, Reading]:
    return {one.metric: one for one in codec.receive_data(value, NOW) if isinstance(one, Reading)}


def numbers(codec: Codec, value: bytes) -> dict[str, Decimal | None]:
    return {name: one.value for name, one in readings(codec, value).items()}


@given(st.integers(0, 1000), st.integers(200, 3000), st.integers(2, 2045))
def test_what_the_oximeter_says_arrives_as_it_was(spo2: int, pulse: int, pi: int) -> None:
    came = numbers(ContinuousCodec(), gatt.plx_continuous(Result(spo2, pulse, pi, 0, reasons.GOOD)))
    assert came["spo2"] == Decimal(spo2) / 10
    assert came["pr_spo2"] == (pulse + 5) // 10
    assert came["pi"] == Decimal(pi) / 100


REASONS = (reasons.NO_CONTACT, reasons.SENSOR_OFF, reasons.INVALID, reasons.NOT_AVAILABLE, reasons.MEASURING)


@pytest.mark.parametrize("reason", REASONS)
def test_no_saturation_arrives_as_none(reason: int) -> None:
    came = numbers(ContinuousCodec(), gatt.plx_continuous(Result(None, None, None, reason, 0)))
    assert came == {"spo2": None, "pr_spo2": None, "pi": None}


@pytest.mark.parametrize("quality", [Quality.LOW_PERFUSION, Quality.ARTIFACT])
def test_what_is_said_against_a_value_arrives(quality: Quality) -> None:
    value = gatt.plx_continuous(Result(974, 720, 20, 0, int(quality)))
    assert readings(ContinuousCodec(), value)["spo2"].quality == quality


@given(st.integers(1, 40_000))
def test_a_heart_rate_arrives(tenths: int) -> None:
    expected = (tenths + 5) // 10
    assert numbers(HeartRateCodec(), gatt.heart_rate(tenths))["hr"] == (expected or None)


def test_no_heart_rate_is_no_contact() -> None:
    assert readings(HeartRateCodec(), gatt.heart_rate(None))["hr"].reason == NoValue.NO_CONTACT


@given(st.integers(-7000, 38_000))
def test_a_temperature_arrives_to_a_hundredth(hundredths: int) -> None:
    came = numbers(ThermometerCodec(), gatt.temperature(hundredths, gatt.FINGER))
    assert came == {"temp_skin": Decimal(hundredths) / 100}


def test_no_temperature_arrives_as_none() -> None:
    assert numbers(ThermometerCodec(), gatt.temperature(None, gatt.BODY)) == {"temp_body": None}


@given(st.integers(0, 100))
def test_a_charge_arrives(percent: int) -> None:
    assert decode_battery_level(gatt.battery_level(percent)) == percent


def test_services_have_the_numbers_by_which_the_gateway_finds_them() -> None:
    for full, short in {
        HEART_RATE: gatt.HEART_RATE,
        HEART_RATE_MEASUREMENT: gatt.HEART_RATE_MEASUREMENT,
        TEMPERATURE: gatt.TEMPERATURE,
        BATTERY: gatt.BATTERY,
        LEVEL: gatt.BATTERY_LEVEL,
    }.items():
        assert full.startswith(f"0000{short:04x}-")


def test_a_number_too_long_for_its_field_is_refused() -> None:
    with pytest.raises(ValueError, match="12 bits"):
        gatt.sfloat(2046, 0)

"""Battery level and device information: the device's own words, cleaned or counted as bad."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs.battery import BatteryCodec, encode_battery_level
from devices.codecs.device_information import (
    CODECS,
    STRINGS,
    SYSTEM_ID,
    decode_system_id,
    decode_text,
    encode_system_id,
    encode_text,
)
from devices.codecs.gatt import uuid16
from devices.model.observation import Instant
from tests.support.captures import briefly

NOW = Instant(5_000_000_000)
MODEL = CODECS[uuid16(0x2A24)]


@given(st.integers(0, 100))
def test_every_battery_level_is_told(percent: int) -> None:
    told = BatteryCodec().receive_data(encode_battery_level(percent), NOW)
    assert briefly(told) == [["battery", {"percent": percent}]]


@given(st.integers(101, 255))
def test_more_than_a_hundred_percent_is_counted_as_out_of_range(percent: int) -> None:
    told = BatteryCodec().receive_data(bytes((percent,)), NOW)
    assert briefly(told) == [["bad-bytes", {"range": 1}]]


def test_an_empty_battery_level_is_counted_as_a_bad_length() -> None:
    assert briefly(BatteryCodec().receive_data(b"", NOW)) == [["bad-bytes", {"length": 1}]]


@given(st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), min_size=1, max_size=40))
def test_every_printable_text_survives_encoding(text: str) -> None:
    assert decode_text(encode_text(text)) == text


@given(st.binary(min_size=8, max_size=8))
def test_every_system_id_survives_encoding(octets: bytes) -> None:
    assert encode_system_id(decode_system_id(octets)) == octets


@given(st.sampled_from(sorted(CODECS)), st.binary(max_size=30))
def test_arbitrary_bytes_never_raise(uuid: str, data: bytes) -> None:
    told = CODECS[uuid]().receive_data(data, NOW)
    assert len(told) <= 1
    assert all(kind in ("identity", "bad-bytes") for kind, _ in briefly(told))


def test_padding_after_a_nul_and_spaces_are_no_part_of_a_text() -> None:
    assert briefly(MODEL().receive_data(b"Model 3230 \0\0\xff", NOW)) == [
        ["identity", {"model": "Model 3230"}]
    ]


def test_an_empty_text_says_nothing() -> None:
    assert MODEL().receive_data(b"\0", NOW) == []


@pytest.mark.parametrize("data", [b"\xff\xfe", b"\x1b[2J", b"a\nb"])
def test_what_is_no_printable_text_is_counted_as_out_of_range(data: bytes) -> None:
    assert briefly(MODEL().receive_data(data, NOW)) == [["bad-bytes", {"range": 1}]]


def test_each_characteristic_has_an_entry_of_its_own() -> None:
    assert sorted(STRINGS.values()) == ["firmware", "hardware", "manufacturer", "model", "serial", "software"]
    assert set(CODECS) == {*STRINGS, SYSTEM_ID}

"""BTHome advertisements: each packet once, each number in its own unit, nothing of what cannot be read."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs.bthome import SERVICE_DATA, BthomeCodec, encode
from devices.codecs.bthome_objects import COMMAND, QUANTITIES, RAW, STATES, TEXT, Object, objects
from devices.errors import BadBytes
from devices.model.metrics import METRICS
from devices.model.observation import Instant, Reading
from tests.support.captures import briefly

SECOND = 1_000_000_000
NOW = Instant(100 * SECOND)
SIZED = st.sampled_from([0x3A, 0x50, 0xF1, *QUANTITIES, *STATES])
SIZES = {0x3A: 1, 0x50: 4, 0xF1: 4, **{number: one.size for number, one in QUANTITIES.items()}}


@st.composite
def an_object(draw: st.DrawFn) -> Object:
    number = draw(st.sampled_from([COMMAND, TEXT, RAW]) | SIZED)
    if number == COMMAND:
        return Object(number, draw(st.binary(min_size=1, max_size=32)))
    if number in (TEXT, RAW):
        return Object(number, draw(st.binary(max_size=30)))
    size = SIZES.get(number, 1)
    return Object(number, draw(st.binary(min_size=size, max_size=size)))


def heard(*packets: tuple[float, str], codec: BthomeCodec | None = None) -> list[Any]:
    """What is said of packets, each after so many seconds."""
    codec = codec or BthomeCodec()
    said = [codec.receive_data(bytes.fromhex(data), Instant(NOW + int(at * SECOND))) for at, data in packets]
    return briefly(one for some in said for one in some)


def told(data: str) -> list[Any]:
    return heard((0, data))


@given(st.lists(an_object(), max_size=8))
def test_every_packet_survives_encoding(contents: list[Object]) -> None:
    ordered = sorted(contents, key=lambda one: one.number)
    assert list(objects(encode(contents)[1:])) == ordered


@given(st.sampled_from(sorted(QUANTITIES)), st.data())
def test_every_number_survives_encoding_exactly(number: int, data: st.DataObject) -> None:
    quantity = QUANTITIES[number]
    raw = data.draw(st.binary(min_size=quantity.size, max_size=quantity.size))
    assert quantity.encode(quantity.value(raw)) == raw


@given(st.lists(an_object(), max_size=6), st.data())
def test_a_packet_cut_short_says_a_part_of_what_it_says_whole(
    contents: list[Object], data: st.DataObject
) -> None:
    whole = encode(contents)
    cut = data.draw(st.integers(1, len(whole)))
    some: list[Object] = []
    try:
        some += objects(whole[1:cut])
    except BadBytes as bad:
        assert bad.reason in {"length", "range"}
    everything = list(objects(whole[1:]))
    assert some == everything[: len(some)]


@given(st.lists(st.binary(max_size=50), max_size=8))
def test_arbitrary_bytes_never_raise(packets: list[bytes]) -> None:
    codec = BthomeCodec()
    for index, data in enumerate(packets):
        for one in codec.receive_data(data, Instant(NOW + index * 6 * SECOND)):
            if isinstance(one, Reading):
                assert data[0] >> 5 == 2
                assert not data[0] & 1
                assert one.metric in METRICS


def test_a_packet_with_an_id_is_told_once_however_often_it_is_heard() -> None:
    packet = "40 00 09 02 CA09"
    assert heard(*[(at, packet) for at in range(0, 3000, 30)]) == [["ambient_temp", "25.06"]]


def test_the_next_packet_id_is_the_next_reading_even_of_the_same_number() -> None:
    packets = [(0.0, "40 00 FF 02 CA09"), (0.1, "40 00 FF 02 CA09"), (0.2, "40 00 00 02 CA09")]
    assert heard(*packets) == [["ambient_temp", "25.06"]] * 2


def test_a_packet_id_that_comes_back_after_a_silence_is_another_packet() -> None:
    assert len(heard((0, "40 00 09 02 CA09"), (120, "40 00 09 02 CA09"))) == 2


def test_two_packets_of_one_id_that_say_different_things_are_both_told_once() -> None:
    pair = [(0.0, "40 00 09 02 CA09"), (0.5, "40 00 09 03 BF13")]
    again = [(1.0, "40 00 09 02 CA09"), (1.5, "40 00 09 03 BF13")]
    assert heard(*pair, *again) == [["ambient_temp", "25.06"], ["ambient_humidity", "50.55"]]


def test_without_an_id_the_same_bytes_are_one_packet_for_a_short_time() -> None:
    packets = [(at / 10, "40 02 CA09") for at in range(100)]
    assert heard(*packets) == [["ambient_temp", "25.06"]] * 2


def test_without_an_id_other_bytes_are_told_at_once() -> None:
    assert heard((0, "40 02 CA09"), (0.1, "40 02 CB09")) == [
        ["ambient_temp", "25.06"],
        ["ambient_temp", "25.07"],
    ]


def test_a_press_is_one_mark_and_no_press_is_none() -> None:
    packets = [(0.0, "44 00 21 3A 01"), (0.1, "44 00 21 3A 01"), (3.0, "44 00 23 3A 00")]
    assert heard(*packets) == [
        ["identity", {"trigger-based": 1}],
        ["mark", {"code": "button", "text": "press"}],
    ]


@pytest.mark.parametrize(
    ("event", "text"),
    [("02", "double-press"), ("04", "long-press"), ("80", "hold-press"), ("FE", "hold-press")],
)
def test_buttons_are_pressed_in_many_ways(event: str, text: str) -> None:
    assert told("40 3A" + event) == [["mark", {"code": "button", "text": text}]]


@pytest.mark.parametrize(
    ("number", "true", "name"),
    [("1A", 1, "door-open"), ("21", 1, "motion-detected"), ("1F", 1, "unlocked"), ("28", 0, "unsafe")],
)
def test_a_binary_sensor_is_a_condition_that_begins_and_ends(number: str, true: int, name: str) -> None:
    packets = [(0.0, f"40{number}0{true}"), (6.0, f"40{number}0{true}"), (9.0, f"40{number}0{1 - true}")]
    assert heard(*packets) == [["status", {name: 1}], ["status", {name: 0}]]


def test_a_condition_holds_while_other_packets_say_nothing_of_it() -> None:
    packets = [(0.0, "40 1A 01"), (1.0, "40 01 5D"), (2.0, "40 21 01 1A 00")]
    assert heard(*packets) == [
        ["status", {"door-open": 1}],
        ["battery", {"percent": 93}],
        ["status", {"door-open": 0}],
        ["status", {"motion-detected": 1}],
    ]


def test_two_doors_are_two_conditions() -> None:
    assert told("40 1A 00 1A 01") == [["status", {"door-open-2": 1}]]


def test_only_the_first_temperature_is_the_room_s() -> None:
    unmapped = {"code": "temperature-2", "system": "bthome", "value": "27.3", "unit": "Cel"}
    assert told("40 02 CA09 45 1101") == [["ambient_temp", "25.06"], ["unmapped", unmapped]]


def test_battery_and_unmapped_quantities_are_told_when_they_change() -> None:
    packets = [(0, "40 01 5D 12 E204"), (6, "40 01 5D 12 E204"), (12, "40 01 5C 12 E204")]
    co2 = {"code": "co2", "system": "bthome", "value": "1250", "unit": "[ppm]"}
    expected = [["battery", {"percent": 93}], ["unmapped", co2], ["battery", {"percent": 92}]]
    assert heard(*packets) == expected


def test_a_command_is_kept_with_its_argument() -> None:
    detail = {"code": "command", "system": "bthome", "value": "step-up 5"}
    assert told("40 3B 01 03 05") == [["unmapped", detail]]
    assert told("40 3B 00 02")[0][1]["value"] == "toggle"


def test_an_encrypted_packet_is_a_condition_and_a_count_and_never_a_number() -> None:
    encrypted = "41 A4 72 66 C9 5F 73 00 11 22 33 78 23 72 14"
    packets = [(0.0, encrypted), (0.1, encrypted), (9.0, "40 02 CA09")]
    assert heard(*packets) == [
        ["status", {"encrypted": 1}],
        ["bad-bytes", {"framing": 1}],
        ["status", {"encrypted": 0}],
        ["ambient_temp", "25.06"],
    ]


@pytest.mark.parametrize(
    ("packet", "reason"),
    [
        ("", "length"),
        ("00", "framing"),
        ("E1 02 00 0C 04 04 13 8A 01", "framing"),
        ("42 01 02", "length"),
        ("40 FE CA 09", "range"),
        ("40 02 CA", "length"),
        ("40 53 0A 48 69", "length"),
        ("40 3C 01", "length"),
        ("40 3B", "length"),
        ("40 1A 02", "range"),
        ("40 01 65", "range"),
        ("40 3A 07", "range"),
        ("40 3C 03 01", "range"),
        ("40 3B 00 09", "range"),
        ("40 53 01 87", "range"),
    ],
)
def test_what_cannot_be_read_is_counted(packet: str, reason: str) -> None:
    assert told(packet) == [["bad-bytes", {reason: 1}]]


def test_what_stands_before_an_object_that_cannot_be_read_is_told() -> None:
    assert told("40 02 CA09 03 BF") == [["ambient_temp", "25.06"], ["bad-bytes", {"length": 1}]]
    assert told("40 01 64 66 02 C409") == [["battery", {"percent": 100}], ["bad-bytes", {"range": 1}]]


def test_the_memory_of_packets_is_bounded() -> None:
    codec = BthomeCodec()
    for number in range(1000):
        codec.receive_data(bytes((0x40, 0x00, number % 256, 0x09, number // 256)), NOW)
    assert heard((0, "40 00 05 09 00"), codec=codec) == [
        ["unmapped", {"code": "count", "system": "bthome", "value": "0", "unit": "1"}]
    ]


def test_a_sensor_is_owed_nothing() -> None:
    assert BthomeCodec().data_to_send() == b""
    assert SERVICE_DATA == "0000fcd2-0000-1000-8000-00805f9b34fb"
    assert QUANTITIES[0x58].value(b"\xea") == Decimal("-7.70")


def test_every_condition_has_a_name_of_its_own() -> None:
    names = [name for name, _ in STATES.values()]
    assert len(set(names)) == len(names) == 28
    assert all(name == name.lower() and " " not in name for name in names)


@pytest.mark.parametrize("number", sorted(STATES))
def test_each_binary_sensor_is_told_when_it_is_true_and_when_it_ends(number: int) -> None:
    name, true = STATES[number]
    codec = BthomeCodec()
    packets = [(6.0 * step, f"40 {number:02X} {value:02X}") for step, value in enumerate((true, 1 - true))]
    assert heard(*packets, codec=codec) == [["status", {name: 1}], ["status", {name: 0}]]


def test_a_firmware_is_told_once_and_again_when_it_is_another() -> None:
    packets = [(0, "40 F1 00010204"), (6, "40 F1 00010204"), (12, "40 F1 01010204")]
    assert heard(*packets) == [["identity", {"firmware": "4.2.1.0"}], ["identity", {"firmware": "4.2.1.1"}]]


def test_an_address_in_front_of_the_objects_is_passed_over() -> None:
    assert told("42 B2188D38C1A4 02 CA09") == [["ambient_temp", "25.06"]]


def test_objects_in_the_wrong_order_are_read_all_the_same() -> None:
    assert told("40 03 BF13 02 CA09") == [["ambient_humidity", "50.55"], ["ambient_temp", "25.06"]]


def test_a_temperature_below_zero_is_below_zero() -> None:
    assert told("40 02 30F8") == [["ambient_temp", "-20.00"]]


def test_a_clock_and_a_text_are_kept_as_they_are_told() -> None:
    assert told("40 50 5D396164") == [["device-clock", {"time": "2023-05-14T19:41:17", "set": 1}]]
    assert told("40 53 02 C2B0")[0][1]["value"] == "°"

"""What personal health devices measure, and when: configurations, nomenclature, clocks."""

from datetime import datetime
from decimal import Decimal

import pytest

from devices.codecs.gatt import DeviceTime
from devices.codecs.phd import objects
from devices.codecs.phd.mder import Reader, attributes, listed, octets, u16, u32
from devices.codecs.phd.nomenclature import UNITS, Attribute, in_unit_of, metric_of
from devices.codecs.phd.objects import PhdObject, configuration
from devices.codecs.phd.observations import Observation, Value, values_of
from devices.codecs.phd.stamps import Clocks, Stamp, encode_absolute_time
from devices.codecs.phd.system import encode_system, events
from devices.errors import BadBytes
from devices.model.metrics import METRICS
from devices.model.observation import Instant, NoValue, Quality, later

NOW = Instant(10_000 * 1_000_000_000)


@pytest.mark.parametrize(
    ("number", "metrics"),
    [
        (0x0190, ["spo2", "pr_spo2"]),
        (0x0191, ["spo2", "pr_spo2"]),
        (0x02BC, ["nibp_sys", "nibp_dia", "nibp_map", "pr_nibp"]),
        (0x0320, ["temp_body"]),
        (0x05DC, ["weight"]),
        (0x06A4, ["glucose_cap"]),
    ],
)
def test_a_standard_configuration_measures_what_its_standard_says(number: int, metrics: list[str]) -> None:
    known = objects.STANDARD[number]
    codes = [code for one in known.values() for code in one.parts or (one.code,)]
    assert [metric_of(code) for code in codes] == metrics
    for one in known.values():
        for code in one.parts or (one.code,):
            in_unit_of(metric_of(code) or "", Decimal(1), one.unit)


def test_antidote_s_standard_scale_is_ours() -> None:
    told = bytes.fromhex(
        "05dc 0001 002c 0006 0001 0004 0024 092f 0004 0002 e140 0a46 0002 f040 0996 0002 06c3"
        "0a55 000c 0002 0008 0a56 0004 0990 0008"
    )
    assert objects.decode_report(told) == (0x05DC, objects.STANDARD[0x05DC])
    assert objects.encode_report(0x05DC, objects.STANDARD[0x05DC].values()) == told


@pytest.mark.parametrize(
    ("term", "metric"),
    [
        (57348, "temp_rect"),
        (57352, "temp_oral"),
        (57356, "temp"),
        (57360, "temp_skin"),
        (57376, "temp_skin"),
        (57380, "temp_axil"),
        (57384, "temp_core"),
        (19292, "temp_body"),
        (19320, "temp_tymp"),
        (29112, "glucose_cap"),
        (29116, "glucose_cap"),
        (29120, "glucose"),
        (29296, "glucose"),
        (57668, "height"),
        (57680, "bmi"),
        (16770, "hr"),
        (29140, "glucose_isf"),
        (29136, None),
        (19380, None),
    ],
)
def test_a_term_means_its_metric_and_waveforms_have_none(term: int, metric: str | None) -> None:
    assert metric_of(2 << 16 | term) == metric


def test_every_unit_of_every_metric_of_the_profiles_is_known() -> None:
    for metric in ("spo2", "pr_spo2", "nibp_sys", "weight", "height", "bmi", "temp_body", "glucose"):
        assert METRICS[metric].unit in UNITS.values()


@pytest.mark.parametrize(
    ("metric", "number", "unit", "expected"),
    [
        ("temp_body", "98.6", 0x1140, "37.000"),
        ("height", "1.71", 0x0500, "171"),
        ("weight", "72600", 0x06C0, "72.6"),
        ("weight", "160", 0x06E0, "72.5747792"),
        ("nibp_sys", "16.0", 0x0F03, "120.010"),
        ("pr_spo2", "72", 0x0AA0, "72"),
    ],
)
def test_units_are_converted_exactly(metric: str, number: str, unit: int, expected: str) -> None:
    assert in_unit_of(metric, Decimal(number), unit) == Decimal(expected)


def test_a_configuration_may_tell_the_term_and_its_partition_apart() -> None:
    told: dict[int, bytes] = {
        Attribute.TYPE: u16(2) + u16(1),
        Attribute.METRIC_ID: u16(0xE140),
        Attribute.METRIC_ID_PARTITION: u16(2),
    }
    assert PhdObject.decode(6, 1, told).code == 188736
    other: dict[int, bytes] = {**told, Attribute.METRIC_ID_PARTITION: u16(0x80)}
    assert PhdObject.decode(6, 1, other).code == 0x80E140


def test_of_two_objects_with_one_metric_only_the_first_is_read() -> None:
    every = configuration([PhdObject(1, 150456), PhdObject(2, 150456), PhdObject(3, 999)])
    assert [one.maps for one in every.values()] == [True, False, True]


def test_a_configuration_that_is_cut_short_is_refused() -> None:
    whole = objects.encode_report(0x4000, objects.STANDARD[0x02BC].values())
    for size in (1, 3, 9, len(whole) - 1):
        with pytest.raises(BadBytes):
            objects.decode_report(whole[:size])


def test_eight_octets_behind_the_value_map_are_the_time() -> None:
    spo2 = objects.STANDARD[0x0190][1]
    stamp = bytes.fromhex("2007120612100000")
    told = Observation(1, {}, b"\0\x62" + stamp).attributes(spo2)
    assert told == {Attribute.VALUE_BASIC: b"\0\x62", Attribute.STAMP_ABSOLUTE: stamp}
    assert Observation(1, {}, b"\0\x62\1").attributes(spo2) == {Attribute.VALUE_BASIC: b"\0\x62"}


def test_a_compound_with_more_numbers_than_names_gives_the_object_s_code() -> None:
    one = PhdObject(1, 150020, 0x0F20, parts=(150021,))
    told: dict[int, bytes] = {Attribute.COMPOUND_BASIC: listed([b"\0\x78", b"\0\x50"])}
    assert [value.code for value in values_of(one, told)] == [150021, 150020]


@pytest.mark.parametrize(
    ("status", "number"),
    [
        (0, Decimal(1)),
        (0x8000, NoValue.INVALID),
        (0x2000, NoValue.NOT_AVAILABLE),
        (0x0080, Decimal(1)),
    ],
)
def test_a_value_counts_unless_its_status_says_that_it_does_not(status: int, number: object) -> None:
    assert Value(1, Decimal(1), 0, status).counted == number


def clock(year: int, hour: int = 12, minute: int = 0) -> bytes:
    return encode_absolute_time(DeviceTime(year, 5, 6, hour, minute, 0))


def stamp(data: bytes) -> Stamp:
    return Stamp.decode({Attribute.STAMP_ABSOLUTE: data})


def test_a_stamp_is_placed_by_the_clock_that_the_device_told() -> None:
    clocks = Clocks()
    assert clocks.tell({Attribute.TIME_ABSOLUTE: clock(2024)}, NOW) == DeviceTime(2024, 5, 6, 12, 0, 0)
    fresh = clocks.placed(stamp(clock(2024)), later(NOW, 60))
    assert (fresh.at, fresh.quality) == (later(NOW, 60), Quality.GOOD)
    old = clocks.placed(stamp(clock(2024, 11, 30)), later(NOW, 60))
    assert (old.at, old.quality) == (later(NOW, -1800), Quality.STORED)
    ahead = clocks.placed(stamp(clock(2025)), NOW)
    assert (ahead.at, ahead.quality) == (NOW, Quality.QUESTIONABLE)


def test_a_device_whose_clock_is_impossible_has_none() -> None:
    clocks = Clocks()
    clocks.tell({Attribute.TIME_ABSOLUTE: b"\xff" * 8}, NOW)
    assert clocks.placed(stamp(clock(2024)), NOW).quality is Quality.QUESTIONABLE


def test_a_measurement_without_any_time_is_of_its_arrival() -> None:
    moment = Clocks().placed(Stamp.decode({}), NOW)
    assert (moment.at, moment.quality) == (NOW, Quality.GOOD)


@pytest.mark.parametrize("attribute", [Attribute.STAMP_RELATIVE, Attribute.STAMP_HIGH_RESOLUTION])
def test_a_count_of_a_device_that_does_not_tell_its_own_is_questionable(attribute: int) -> None:
    moment = Clocks().placed(Stamp.decode({attribute: u32(8000) * 2}), NOW)
    assert moment.quality is Quality.QUESTIONABLE


def test_a_count_is_placed_by_the_device_s_own_even_if_that_began_anew() -> None:
    clocks = Clocks()
    clocks.tell({Attribute.TIME_RELATIVE: u32(8000)}, NOW)
    young = Stamp.decode({Attribute.STAMP_RELATIVE: u32(0)})
    assert clocks.placed(young, NOW).quality is Quality.GOOD
    before = Stamp.decode({Attribute.STAMP_RELATIVE: u32(2**32 - 8000 * 600)})
    assert clocks.placed(before, NOW).at == later(NOW, -601)


def test_a_time_of_base_and_offset_is_a_time() -> None:
    seconds = int((datetime(2024, 5, 6, 10) - datetime(1900, 1, 1)).total_seconds())  # noqa: DTZ001
    told = u32(seconds) + u16(0) + u16(120)
    assert Stamp.decode({Attribute.STAMP_BASE_OFFSET: told}).time == DeviceTime(2024, 5, 6, 12, 0, 0)


def test_identity_takes_the_first_of_several_components() -> None:
    parts = [u16(1) + u16(n) + octets(serial) for n, serial in enumerate((b"A1", b"B2"))]
    parts += [u16(5) + u16(0) + octets(b"1.2\0"), u16(7) + u16(0) + octets(b"gmdn")]
    told: dict[int, bytes] = {Attribute.PRODUCTION_SPECIFICATION: listed(parts)}
    assert [event.detail for event in events(told, NOW)] == [{"serial": "A1", "firmware": "1.2"}]


def test_a_battery_level_that_is_none_is_not_told() -> None:
    assert events({Attribute.BATTERY_LEVEL: u16(101)}, NOW) == []
    assert events({}, NOW) == []


def test_a_system_survives_encoding() -> None:
    told = attributes(Reader(encode_system(bytes(range(8)), "Scale", "7", {})))
    identity = {"manufacturer": "Wardlink simulation", "model": "Scale", "serial": "7"}
    assert events(told, NOW)[0].detail == {**identity, "system-id": "0001020304050607"}

"""IntelliVue Data Export: an association begun and kept, and what the monitor says in it, no more."""

import struct
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.codecs import Said
from devices.codecs.intellivue import alarms, association, message, nomenclature, values
from devices.codecs.intellivue.message import Observation, Octets, Polled
from devices.codecs.intellivue.monitor import Monitor
from devices.codecs.intellivue.values import Observed, State
from devices.errors import BadBytes
from devices.model.metrics import METRICS
from devices.model.observation import DeviceEvent, Instant, NoValue, Quality, Reading, later
from tests.support.captures import briefly

NOW = Instant(1_000_000_000_000)
MMHG, PER_MIN, PERCENT, CELSIUS, MM, DIMENSIONLESS = 3872, 2720, 544, 6048, 1298, 512
TICKS = 80_000_000
OLD = "2026041010000000"
NUMBERS = st.decimals(-9999, 9999, places=2)


def observed(code: int, unit: int, number: str | NoValue, state: int = 0) -> bytes:
    return Observed(code, state, unit, number if isinstance(number, NoValue) else Decimal(number)).encode()


def numeric(
    code: int, unit: int, number: str | NoValue, state: int = 0, handle: int = 1, **more: bytes
) -> Observation:
    stamps = {
        "absolute": values.ABSOLUTE_STAMP,
        "relative": values.RELATIVE_STAMP,
        "label": values.LABEL_TEXT,
    }
    given = {stamps[name]: data for name, data in more.items()}
    return Observation(0, handle, {**given, values.NUMERIC_VALUE: observed(code, unit, number, state)})


def numerics(*observations: Observation, ticks: int = TICKS) -> bytes:
    return message.result(7, Polled(message.NUMERIC, ticks, observations))


def heard(*datagrams: bytes, codec: Monitor | None = None) -> list[Said]:
    codec = codec or Monitor()
    return [one for datagram in datagrams for one in codec.receive_data(datagram, NOW)]


def brief(*datagrams: bytes) -> list[Any]:
    return briefly(heard(*datagrams))


def system() -> bytes:
    """The monitor's create event at 10:00:00 by its clock."""
    moment = bytes.fromhex("2026050410000000")
    times = {values.ABSOLUTE_TIME: moment, values.RELATIVE_TIME: struct.pack(">I", TICKS)}
    return message.created(1, TICKS, times)


def drained(codec: Monitor) -> list[bytes]:
    """What the link sends: a datagram at a time, at once while there are more."""
    sent: list[bytes] = []
    while data := codec.data_to_send():
        sent.append(data)
    return sent


def timed(codec: Monitor, at: Instant) -> list[bytes]:
    codec.handle_timer(at)
    return drained(codec)


def test_the_association_request_is_the_one_that_a_monitor_was_recorded_to_accept() -> None:
    recorded = bytes.fromhex(
        "0dec0508130100160102800014020002c1dc3180a0808001010000a280a003000001a480308002010106045201000130"
        "8006025101000000003080020102060c2a8648ce14020100000001013080060c2a8648ce140201000000020100000000"
        "000061803080020101a0806080a180060c2a8648ce14020100000003010000be802880060c2a8648ce14020100000001"
        "0102010281488000000040000000000000008000000020000000000000000001002c00010028800000000004e2000000"
        "30000000300000000000600000000001000cf00100088c0000000000000000000000000000000000000000000000"
    )
    ours = association.request()
    assert len(ours) == len(recorded)
    chosen = [place for place, (a, b) in enumerate(zip(ours, recorded, strict=True)) if a != b]
    first = ours.index(bytes.fromhex("0001002c00010028")) + 12
    assert {place for place in chosen if not first <= place < first + 40} == set()


def test_an_association_is_asked_for_until_it_is_accepted() -> None:
    codec = Monitor()
    assert drained(codec) == [association.request()]
    assert timed(codec, NOW) == []
    assert timed(codec, later(NOW, 2)) == [association.request()]
    codec.receive_data(association.accepted(), later(NOW, 3))
    assert timed(codec, later(NOW, 5)) == []


def test_a_monitor_that_announces_itself_is_answered_and_then_polled() -> None:
    codec = Monitor()
    drained(codec)
    heard(association.accepted(), system(), codec=codec)
    assert codec.next_timer() == 0
    assert drained(codec) == [message.created_result(1)]
    asked = [message.asked(data) for data in timed(codec, NOW)]
    assert [(one.kind, one.seconds) for one in asked if one] == [
        (message.NUMERIC, 30),
        (message.WAVE, 30),
        (message.ALARMS, 30),
    ]


def test_an_association_is_kept_alive_and_its_polls_renewed_before_they_end() -> None:
    codec = Monitor()
    heard(association.accepted(), system(), codec=codec)
    kinds: list[tuple[int, int | None]] = []
    for second in range(41):
        codec.receive_data(numerics(), later(NOW, second))
        asked = [message.asked(data) for data in timed(codec, later(NOW, second)) if data[0] == 0xE1]
        kinds += [(second, one.seconds) for one in asked if one]
    keep_alive = [second for second, seconds in kinds if seconds is None]
    renewed = sorted({second for second, seconds in kinds if seconds is not None})
    assert all(after - before <= 5 for before, after in pairwise(keep_alive))
    assert renewed == [0, 20, 40]


def test_after_a_silence_an_association_is_asked_for_again() -> None:
    codec = Monitor()
    heard(association.accepted(), system(), codec=codec)
    drained(codec)
    codec.handle_timer(later(NOW, 11))
    drained(codec)
    assert timed(codec, later(NOW, 13)) == [association.request()]


@pytest.mark.parametrize(("first", "answer"), [(0x0C, "refused"), (0x19, "aborted"), (0x0A, "released")])
def test_an_association_that_ends_is_told_and_asked_for_again(first: int, answer: str) -> None:
    codec = Monitor()
    drained(codec)
    said = codec.receive_data(bytes((first, 2, 0, 0)), NOW)
    assert briefly(said) == [["refused", {"command": "associate", "answer": answer}]]
    assert timed(codec, later(NOW, 2)) == [association.request()]
    assert codec.receive_data(bytes((first, 2, 0, 0)), later(NOW, 3)) == []


def test_an_acceptance_that_comes_twice_does_not_begin_anew() -> None:
    codec = Monitor()
    heard(association.accepted(), system(), association.accepted(), codec=codec)
    drained(codec)
    for second in range(1, 60):
        codec.receive_data(numerics(), later(NOW, second))
        assert association.request() not in timed(codec, later(NOW, second))


def test_an_acceptance_without_an_announcement_is_given_up() -> None:
    codec = Monitor()
    drained(codec)
    heard(association.accepted(), codec=codec)
    assert timed(codec, later(NOW, 9)) == []
    assert timed(codec, later(NOW, 10)) == [association.request()]


def test_what_a_host_said_in_a_recording_of_both_says_nothing() -> None:
    host = [association.request(), association.RELEASE_REQUEST, message.created_result(1)]
    host += [message.poll(2, message.MDS), message.extended_poll(3, message.NUMERIC, 30)]
    priorities = bytes.fromhex("e10000020001001603ec000300100021000000000000000000010002f23a")
    assert heard(*host, priorities) == []


def test_a_recording_that_begins_within_an_association_is_read() -> None:
    assert brief(message.poll(9, message.MDS), numerics(numeric(16770, PER_MIN, "60"))) == [["hr", "60"]]


def test_a_refusal_is_told_once_however_often_it_is_repeated() -> None:
    codec = Monitor()
    said = [one for n in range(9) for one in codec.receive_data(b"\x0c\x00", later(NOW, 2 * n))]
    assert briefly(said) == [["refused", {"command": "associate", "answer": "refused"}]]


def test_an_operation_that_the_monitor_refuses_is_told_once() -> None:
    error = message.SESSION + struct.pack(">HHHHH", message.ERROR, 6, 7, 2, 0)
    assert brief(error, error) == [["refused", {"command": "poll", "answer": "error-2"}]]


def test_the_monitor_says_who_it_is_what_mode_it_is_in_and_what_its_clock_shows() -> None:
    model = b"\0\x08Philips\0\0\x06M8000\0"
    event = message.created(
        1,
        TICKS,
        {
            values.SYSTEM_MODEL: model,
            values.BED_LABEL: values.encode_text("Bed 7"),
            values.OPERATING_MODE: b"\x80\0",
            values.ABSOLUTE_TIME: bytes.fromhex("2017110414445100"),
            values.RELATIVE_TIME: struct.pack(">I", TICKS),
        },
    )
    assert brief(event, event) == [
        ["identity", {"manufacturer": "Philips", "model": "M8000", "bed-label": "Bed 7"}],
        ["status", {"monitor-standby": 1}],
        ["device-clock", {"time": "2017-11-04T14:44:51", "set": 1}],
        ["device-clock", {"time": "2017-11-04T14:44:51", "set": 1}],
    ]


@pytest.mark.parametrize("digits", ["ffffffffffffffff", "2017130414445100", "20171104144451aa"])
def test_a_time_that_is_none_is_none(digits: str) -> None:
    assert values.absolute_time(bytes.fromhex(digits)) is None


@pytest.mark.parametrize(
    ("code", "unit", "number", "metric", "value"),
    [
        *((16770, PER_MIN, "60", "hr", "60"), (19384, PERCENT, "95.0", "spo2", "95.0")),
        *((18466, PER_MIN, "61", "pr_spo2", "61"), (18965, MMHG, "120", "abp_sys", "120")),
        *((18949, MMHG, "118", "nibp_sys", "118"), (20656, MMHG, "38", "etco2", "38")),
        *((20656, 3843, "5.0", "etco2", "37.503"), (19296, 4416, "98.6", "temp_core", "37")),
        *((770, MM, "1.2", "st_ii", "0.12"), (19376, DIMENSIONLESS, "3.2", "pi", "3.2")),
        *((22539, MMHG, "11", "icp", "11"), (61518, DIMENSIONLESS, "45", "bis", "45")),
    ],
)
def test_a_number_is_the_metric_of_its_identifier_in_that_metric_s_unit(
    code: int, unit: int, number: str, metric: str, value: str
) -> None:
    (said,) = heard(numerics(numeric(code, unit, number)))
    assert isinstance(said, Reading)
    assert said.metric == metric
    assert said.value is not None
    assert round(said.value, 4) == Decimal(value)


def test_every_alias_is_a_metric() -> None:
    codes = range(65536)
    assert {name for name in map(nomenclature.numeric, codes) if name} <= set(METRICS)
    assert {name for name in map(nomenclature.wave, codes) if name} <= set(METRICS)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (State.INVALID, ["hr", "INVALID"]),
        (State.UNAVAILABLE, ["hr", "NOT_AVAILABLE"]),
        (State.CALIBRATING, ["hr", "MEASURING"]),
        (State.QUESTIONABLE, ["hr", "60", "QUESTIONABLE"]),
        (State.EARLY, ["hr", "60", "QUESTIONABLE"]),
        (State.DEMO_DATA, ["hr", "60", "TEST_DATA"]),
        (State.TEST_DATA, ["hr", "60", "TEST_DATA"]),
        (State.VALIDATED | State.ONGOING | State.IN_ALARM | State.ALARMS_OFF, ["hr", "60"]),
    ],
)
def test_a_state_says_whether_there_is_a_value_and_what_is_against_it(
    state: int, expected: list[str]
) -> None:
    assert brief(numerics(numeric(16770, PER_MIN, "60", state))) == [expected]


@pytest.mark.parametrize(
    ("bits", "number"),
    [
        *(("007fffff", NoValue.NOT_AVAILABLE), ("ff7fffff", NoValue.NOT_AVAILABLE)),
        *(("00800000", NoValue.NOT_AT_THIS_RESOLUTION), ("007ffffe", NoValue.OVERFLOW)),
        *(("fe800002", NoValue.UNDERFLOW), ("ff0003b6", Decimal("95.0")), ("fefff000", Decimal("-40.96"))),
        *(("fd009ffb", Decimal("40.955")), ("007ffffd", Decimal(8388605)), ("01000003", Decimal(30))),
    ],
)
def test_a_float_is_a_decimal_or_a_reason_with_any_exponent(bits: str, number: Decimal | NoValue) -> None:
    assert values.number(bytes.fromhex(bits)) == number


def test_an_object_may_give_one_value_and_several() -> None:
    several = message.listed([observed(18965, MMHG, "120"), observed(18966, MMHG, "70")])
    one = {values.NUMERIC_VALUE: observed(18967, MMHG, "87"), values.NUMERIC_VALUES: several}
    assert brief(numerics(Observation(0, 1, one))) == [
        ["abp_map", "87"],
        ["abp_sys", "120"],
        ["abp_dia", "70"],
    ]


def test_an_object_that_stops_giving_a_value_is_told_once_more_without_one() -> None:
    on, off = numerics(numeric(16770, PER_MIN, "60")), numerics(Observation(0, 1, {}))
    assert brief(on, off, off) == [["hr", "60"], ["hr", "NOT_AVAILABLE"]]


def test_of_two_objects_with_one_metric_the_first_keeps_it_until_it_ends() -> None:
    label = values.encode_text("T2")
    first = numeric(61639, CELSIUS, "37.1")
    second = numeric(61639, CELSIUS, "30.0", handle=2, label=label)
    both, one = numerics(first, second), numerics(Observation(0, 1, {}), second)
    unmapped = {"code": "61639", "system": "Philips-NOM", "value": "30.0", "unit": "Cel", "text": "T2"}
    assert brief(both, both, one, one) == [
        *(["temp", "37.1"], ["unmapped", unmapped], ["temp", "37.1"]),
        *(["temp", "NOT_AVAILABLE"], ["temp", "30.0"], ["temp", "30.0"]),
    ]


def test_an_object_that_is_gone_does_not_keep_its_metric() -> None:
    codec = Monitor()
    heard(numerics(numeric(61639, CELSIUS, "37.1")), codec=codec)
    other = numerics(numeric(61639, CELSIUS, "36.9", handle=2))
    assert briefly(codec.receive_data(other, later(NOW, 1)))[0][0] == "unmapped"
    assert briefly(codec.receive_data(other, later(NOW, 7))) == [["temp", "36.9"]]


def test_a_number_of_a_kind_without_a_metric_is_told_when_it_changes() -> None:
    codes = [
        one[1]["value"] for one in brief(*(numerics(numeric(18442, PER_MIN, n)) for n in ("60", "60", "61")))
    ]
    assert codes == ["60", "61"]


def test_a_number_in_a_unit_that_cannot_become_the_metric_s_is_kept_unmapped() -> None:
    assert brief(numerics(numeric(19384, DIMENSIONLESS, "0.97")))[0][0] == "unmapped"


def stamped(moment: str, number: str = "120") -> bytes:
    return numerics(numeric(18949, MMHG, number, absolute=bytes.fromhex(moment)))


def test_a_cuff_s_measurement_is_told_once_and_a_new_one_again() -> None:
    first, second = stamped("2026050409590000"), stamped("2026050410000000")
    assert brief(system(), first, first, second)[1:] == [["nibp_sys", "120"]] * 2


def test_a_measurement_made_before_the_host_listened_is_stored_at_its_time() -> None:
    said = [one for one in heard(system(), stamped("2026050409300000")) if isinstance(one, Reading)]
    assert briefly(said) == [["nibp_sys", "120", "STORED"]]
    assert said[0].at == later(NOW, -1800)


def test_a_stamp_before_the_monitor_told_its_clock_places_nothing() -> None:
    (said,) = heard(stamped("2026050409300000"))
    assert isinstance(said, Reading)
    assert (said.at, briefly([said])) == (NOW, [["nibp_sys", "120", "QUESTIONABLE|STORED"]])


def test_a_stamp_of_the_future_places_nothing() -> None:
    (said,) = (one for one in heard(system(), stamped("2026050410300000")) if isinstance(one, Reading))
    assert (said.at, briefly([said])) == (NOW, [["nibp_sys", "120", "QUESTIONABLE|STORED"]])


def test_a_stamped_measurement_without_a_number_is_said_of_now() -> None:
    """A recorded monitor showed NIBP as unavailable, with a stamp 24 days old."""
    number = numeric(18949, MMHG, NoValue.NOT_AVAILABLE, State.UNAVAILABLE, absolute=bytes.fromhex(OLD))
    said = [one for one in heard(system(), numerics(number)) if isinstance(one, Reading)]
    assert [(one.at, one.reason, one.quality) for one in said] == [(NOW, NoValue.NOT_AVAILABLE, Quality.GOOD)]


def test_a_stamp_that_is_none_says_nothing_of_the_age() -> None:
    assert brief(stamped("ffffffffffffffff")) == [["nibp_sys", "120"]]


def test_a_new_association_tells_a_cuff_s_measurement_not_again() -> None:
    measured = stamped("2026050409590000")
    twice = brief(system(), measured, association.accepted(), system(), measured)
    assert twice.count(["nibp_sys", "120"]) == 1


def test_a_relative_stamp_tells_the_age_without_a_clock() -> None:
    stamp = struct.pack(">I", TICKS - 600 * 8000)
    (said,) = heard(numerics(numeric(18949, MMHG, "120", relative=stamp)))
    assert isinstance(said, Reading)
    assert (said.at, briefly([said])) == (later(NOW, -600), [["nibp_sys", "120", "STORED"]])


def test_a_stamp_of_another_age_of_the_clock_places_nothing() -> None:
    (said,) = (one for one in heard(system(), stamped("2025010110000000")) if isinstance(one, Reading))
    assert (said.at, briefly([said])) == (NOW, [["nibp_sys", "120", "QUESTIONABLE|STORED"]])


@pytest.mark.parametrize("data", ["7f7ffff0", "7f800010"])
def test_a_number_of_an_impossible_size_is_no_reading(data: str) -> None:
    value = bytes.fromhex("50b000000f03" + data)
    datagram = numerics(Observation(0, 1, {values.NUMERIC_VALUE: value}))
    assert [one[0] for one in brief(datagram)] == ["unmapped"]


def test_linked_parts_of_a_result_are_read_as_they_come() -> None:
    part = message.result(7, Polled(message.NUMERIC, TICKS, [numeric(16770, PER_MIN, "60")], is_last=False))
    assert struct.unpack_from(">H", part, 4) == (message.LINKED,)
    assert brief(part, numerics(numeric(19384, PERCENT, "97", handle=2))) == [["hr", "60"], ["spo2", "97"]]


def alarm_list(*entries: alarms.Entry, technical: Sequence[alarms.Entry] = ()) -> bytes:
    lists = alarms.encode([*entries], [*technical])
    return message.result(7, Polled(message.ALARMS, TICKS, [Observation(1, 9, lists)]))


def test_alarms_begin_and_end_with_their_priority() -> None:
    high = alarms.Entry(19384, 194, 0x0400, "*** DESAT 79 < 80")
    leads = alarms.Entry(16770, 24, 0x0001, "ECG LEADS OFF")
    said = brief(alarm_list(high, technical=[leads]), alarm_list(technical=[leads]), alarm_list())
    desat = {"code": "patient-19384-194-0", "text": "*** DESAT 79 < 80", "priority": "high"}
    off = {"code": "technical-16770-24-0", "text": "ECG LEADS OFF", "priority": "low"}
    assert said == [
        ["device-alarm", {**desat, "active": 1}],
        ["device-alarm", {**off, "active": 1}],
        ["device-alarm", {**desat, "active": 0}],
        ["device-alarm", {**off, "active": 0}],
    ]


def test_an_entry_that_is_no_alert_is_none_and_an_object_without_lists_ends_nothing() -> None:
    active = alarm_list(alarms.Entry(1, 2, 0x0100, "A"))
    other = message.result(7, Polled(message.ALARMS, TICKS, [Observation(1, 9, {})]))
    assert [one[1]["active"] for one in brief(active, other, alarm_list(alarms.Entry(1, 2, 0, "A")))] == [
        1,
        0,
    ]


@given(st.integers(0, 65535), st.integers(0, 65535), st.integers(0, 65535), NUMBERS)
def test_an_observed_value_survives_encoding(code: int, state: int, unit: int, number: Decimal) -> None:
    one = Observed(code, state, unit, number)
    assert Observed.decode(Octets(one.encode())) == one


@given(
    st.dictionaries(st.integers(0, 65535), st.binary(max_size=20), max_size=5), st.booleans(), st.booleans()
)
def test_a_result_survives_encoding(attributes: dict[int, bytes], extended: bool, last: bool) -> None:
    polled = Polled(message.NUMERIC, TICKS, [Observation(2, 9, attributes)], extended, last)
    assert message.decode(message.result(3, polled)) == polled


@given(st.binary(max_size=200))
@settings(max_examples=50)
def test_arbitrary_bytes_neither_raise_nor_invent_a_value(data: bytes) -> None:
    for datagram in (data, message.SESSION + data):
        assert [one for one in heard(datagram) if not isinstance(one, DeviceEvent)] == []


@given(st.integers(0, 600), st.binary(min_size=1, max_size=3))
@settings(max_examples=100)
def test_damage_and_cuts_at_any_place_never_raise(place: int, patch: bytes) -> None:
    good = numerics(numeric(16770, PER_MIN, "60"), numeric(19384, PERCENT, "97", handle=2))
    damaged = good[:place] + patch + good[place + len(patch) :]
    codec = Monitor()
    heard(damaged, good[:place], codec=codec)
    assert ["hr", "60"] in briefly(codec.receive_data(good, later(NOW, 10)))


def test_a_length_is_never_trusted() -> None:
    data = bytearray(numerics(numeric(16770, PER_MIN, "60")))
    data[6:8] = b"\xff\xff"
    with pytest.raises(BadBytes):
        message.decode(bytes(data))
    assert brief(bytes(data)) == [["bad-bytes", {"length": 1}]]

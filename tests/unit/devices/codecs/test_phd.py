"""Personal health devices: what they measure, with its time, and answered only when it is safe."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.codecs import JournalledCodec, Said
from devices.codecs.device_clock import device_time
from devices.codecs.health import BadByteCounter
from devices.codecs.phd import PhdManager, apdu, objects
from devices.codecs.phd.apdu import ApduReader, Association, Choice, Message, Presentation
from devices.codecs.phd.mder import attribute_list, float32, listed, octets, sfloat, u16, u32
from devices.codecs.phd.nomenclature import Attribute, Event, in_unit_of, metric_of
from devices.codecs.phd.objects import PhdObject
from devices.codecs.phd.observations import EventReport, Observation, encode_fixed, encode_var
from devices.codecs.phd.stamps import absolute_time, base_offset_time, encode_absolute_time
from devices.codecs.phd.system import encode_system
from devices.errors import UnknownUnit
from devices.model.observation import Instant, NoValue, Reading, later
from tests.support.captures import briefly

SECOND = 1_000_000_000
NOW = Instant(1000 * SECOND)
AGENT = bytes.fromhex("0011223344556677")
TIME = encode_absolute_time(device_time(datetime(2024, 5, 6, 8, 30)))  # noqa: DTZ001
SPO2 = PhdObject(1, 150456, 0x0220, ((Attribute.VALUE_BASIC, 2),))


def request(configuration: int, **other: Any) -> bytes:
    return apdu.association_request(Association(AGENT, configuration, **other))


def report(event: int, info: bytes, invoke: int = 7, time: int = 0xFFFFFFFF) -> bytes:
    body = EventReport(0, event, info, time).encode()
    return Presentation(invoke, Message.CONFIRMED_EVENT_REPORT, body).encode()


def fixed(*values: tuple[int, bytes], invoke: int = 7, time: int = 0xFFFFFFFF) -> bytes:
    seen = [Observation(handle, {}, data) for handle, data in values]
    return report(Event.SCAN_FIXED, encode_fixed(seen), invoke, time)


def var(*values: tuple[int, dict[int, bytes]]) -> bytes:
    return report(Event.SCAN_VAR, encode_var(Observation(handle, told) for handle, told in values))


def attributes_told(**told: bytes) -> bytes:
    values = {int(Attribute[name]): value for name, value in told.items()}
    return Presentation(1, Message.GET_DONE, u16(0) + attribute_list(values.items())).encode()


def configured(*own: PhdObject) -> PhdManager:
    """A manager that knows the device's objects and has its (empty) answer to Get MDS."""
    codec = PhdManager()
    codec.receive_data(request(0x4000), NOW)
    codec.receive_data(report(Event.CONFIGURATION, objects.encode_report(0x4000, own)), NOW)
    codec.receive_data(attributes_told(), NOW)
    codec.data_to_send()
    return codec


def heard(codec: PhdManager, *pieces: bytes, now: Instant = NOW) -> list[Any]:
    return briefly(one for piece in pieces for one in codec.receive_data(piece, now))


def sent(codec: PhdManager) -> list[tuple[int, bytes]]:
    return [(one.choice, one.body) for one in ApduReader(BadByteCounter()).feed(codec.data_to_send())]


def readings(said: Iterable[Said]) -> list[tuple[str, Decimal | None]]:
    return [(one.metric, one.value) for one in said if isinstance(one, Reading)]


def test_the_codec_waits_for_the_journal() -> None:
    assert isinstance(PhdManager(), JournalledCodec)


@pytest.mark.parametrize("number", [0x0190, 0x0191, 0x02BC, 0x0320, 0x05DC, 0x06A4])
def test_a_standard_configuration_is_accepted_and_the_device_asked_who_it_is(number: int) -> None:
    codec = PhdManager()
    assert heard(codec, request(number)) == [["identity", {"system-id": AGENT.hex()}]]
    (answer, body), (question, asked) = sent(codec)
    assert (answer, body[:4]) == (Choice.ASSOCIATION_RESPONSE, bytes.fromhex("00005079"))
    assert question == Choice.PRESENTATION
    assert Presentation.decode(asked) == Presentation(1, Message.GET, bytes(6))


def test_an_unknown_configuration_is_asked_for_and_accepted() -> None:
    codec = PhdManager()
    heard(codec, request(0x4000))
    assert [body[:2] for _, body in sent(codec)] == [u16(3)]
    heard(codec, report(Event.CONFIGURATION, objects.encode_report(0x4000, [SPO2])))
    answer = Presentation.decode(sent(codec)[0][1])
    assert answer.kind == Message.EVENT_REPORT_DONE
    assert answer.body == bytes.fromhex("0000 00000000 0d1c 0004 4000 0000")
    assert not codec.awaits_journal()


@pytest.mark.parametrize(
    ("bytes_of_request", "result"),
    [
        (apdu.Apdu(Choice.ASSOCIATION_REQUEST, u32(1 << 31) + listed([u16(1) + octets(b"")])).encode(), 4),
        (request(0x0190, encodings=0x4000), 5),
        (request(0x0190, versions=0x01000000), 5),
    ],
)
def test_a_device_that_speaks_another_protocol_is_refused(bytes_of_request: bytes, result: int) -> None:
    codec = PhdManager()
    assert [kind for kind, *_ in heard(codec, bytes_of_request)] == ["refused"]
    assert [(choice, body[:2]) for choice, body in sent(codec)] == [
        (Choice.ASSOCIATION_RESPONSE, u16(result))
    ]


def test_a_measurement_is_answered_only_after_the_journal_has_it() -> None:
    codec = configured(SPO2)
    assert heard(codec, fixed((1, sfloat(Decimal(97))), invoke=0x1234)) == [["spo2", "97"]]
    assert codec.awaits_journal()
    assert codec.data_to_send() == b""
    codec.journalled(NOW)
    assert not codec.awaits_journal()
    assert sent(codec) == [
        (Choice.PRESENTATION, bytes.fromhex("0010 1234 0201 000a 0000 00000000 0d1d 0000"))
    ]


def test_an_unconfirmed_measurement_is_not_answered() -> None:
    codec = configured(SPO2)
    info = encode_fixed([Observation(1, {}, sfloat(Decimal(97)))])
    plain = Presentation(7, Message.EVENT_REPORT, EventReport(0, Event.SCAN_FIXED, info).encode()).encode()
    assert heard(codec, plain) == [["spo2", "97"]]
    assert not codec.awaits_journal()


def test_a_measurement_before_any_configuration_is_refused_and_not_guessed() -> None:
    codec = PhdManager()
    assert heard(codec, fixed((1, sfloat(Decimal(97))))) == [["bad-bytes", {"framing": 1}]]
    assert sent(codec) == [(Choice.ABORT, u16(0))]


def weighed(time: bytes = TIME) -> bytes:
    return fixed((1, float32(Decimal("72.6")) + time))


def test_a_measurement_waits_for_the_device_s_clock_and_is_placed_by_it() -> None:
    codec = PhdManager()
    heard(codec, request(0x05DC))
    assert heard(codec, weighed()) == []
    clock = encode_absolute_time(device_time(datetime(2024, 5, 6, 9, 30)))  # noqa: DTZ001
    said = codec.receive_data(attributes_told(TIME_ABSOLUTE=clock), NOW)
    assert briefly(said) == [
        ["device-clock", {"time": "2024-05-06T08:30:00", "set": 1}],
        ["weight", "72.6", "STORED"],
    ]
    assert {one.at for one in said} == {later(NOW, -3600)}


def test_a_measurement_of_now_is_of_now() -> None:
    codec = PhdManager()
    heard(codec, request(0x05DC), attributes_told(TIME_ABSOLUTE=TIME))
    said = codec.receive_data(weighed(), Instant(NOW + 30 * SECOND))
    assert briefly(said)[-1] == ["weight", "72.6"]
    assert said[-1].at == NOW + 30 * SECOND


def test_a_device_that_does_not_tell_its_clock_is_waited_for_no_longer_than_a_second() -> None:
    codec = PhdManager()
    heard(codec, request(0x05DC), weighed())
    due = codec.next_timer()
    assert due is not None
    assert due == NOW + SECOND
    said = codec.handle_timer(due)
    assert briefly(said)[-1] == ["weight", "72.6", "QUESTIONABLE"]
    assert said[-1].at == NOW
    assert heard(codec, weighed())[-1] == ["weight", "72.6", "QUESTIONABLE"]


def test_a_refused_question_is_told_and_waited_for_no_longer() -> None:
    codec = PhdManager()
    heard(codec, request(0x05DC), weighed())
    said = heard(codec, Presentation(1, Message.ERROR, bytes.fromhex("00010000")).encode())
    assert said[0] == ["refused", {"command": "get-mds", "answer": "error-00010000"}]
    assert said[-1] == ["weight", "72.6", "QUESTIONABLE"]


def test_a_release_hands_out_what_waited_and_ends_the_association() -> None:
    codec = PhdManager()
    heard(codec, request(0x05DC), weighed())
    codec.data_to_send()
    assert heard(codec, apdu.reason(Choice.RELEASE_REQUEST))[-1][0] == "weight"
    assert sent(codec) == [(Choice.RELEASE_RESPONSE, u16(0))]
    assert heard(codec, weighed()) == [["bad-bytes", {"framing": 1}]]


def test_an_abort_is_told() -> None:
    codec = configured(SPO2)
    said = heard(codec, apdu.reason(Choice.ABORT, 2))
    assert said == [["refused", {"command": "association", "answer": "abort-2"}]]
    assert codec.data_to_send() == b""


def test_relative_time_is_placed_by_the_report_s_own() -> None:
    one = PhdObject(1, 150456, 0x0220, ((Attribute.VALUE_BASIC, 2), (Attribute.STAMP_RELATIVE, 4)))
    hour = 3600 * 8000
    value = fixed((1, sfloat(Decimal(97)) + u32(hour)), time=2 * hour)
    said = configured(one).receive_data(value, NOW)
    assert briefly(said) == [["spo2", "97", "STORED"]]
    assert said[0].at == later(NOW, -3600)


def test_base_offset_time_is_local_time() -> None:
    seconds = int((datetime(2024, 5, 6, 8, 30) - datetime(1900, 1, 1)).total_seconds())  # noqa: DTZ001
    assert base_offset_time(u32(seconds) + u16(0) + u16(0x10000 - 90)).hour == 7
    assert base_offset_time(u32(seconds) + u16(0) + u16(120)).hour == 10


@given(st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)))  # noqa: DTZ001
def test_every_time_survives_encoding(moment: datetime) -> None:
    assert absolute_time(encode_absolute_time(device_time(moment))) == device_time(moment)


def test_digits_that_are_none_make_no_believable_time() -> None:
    said = heard(configured(*objects.STANDARD[0x05DC].values()), weighed(b"\x20\xff" + bytes(6)))
    assert said[-1] == ["weight", "72.6", "QUESTIONABLE"]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (0x8000, ["spo2", "INVALID"]),
        (0x2000, ["spo2", "NOT_AVAILABLE"]),
        (0x4000, ["spo2", "97", "QUESTIONABLE"]),
        (0x1000, ["spo2", "97", "QUESTIONABLE"]),
        (0x0C00, ["spo2", "97", "TEST_DATA"]),
        (0x0080, ["spo2", "97"]),
    ],
)
def test_a_measurement_status_counts_against_the_value(status: int, expected: list[str]) -> None:
    told: dict[int, bytes] = {
        Attribute.VALUE_BASIC: sfloat(Decimal(97)),
        Attribute.MEASUREMENT_STATUS: u16(status),
    }
    assert heard(configured(SPO2), var((1, told))) == [expected]


def test_a_special_value_is_no_value() -> None:
    assert heard(configured(SPO2), fixed((1, bytes.fromhex("07ff")))) == [["spo2", "NOT_AVAILABLE"]]


def test_full_and_compound_observed_values_name_themselves() -> None:
    pressure = PhdObject(3, 150020, 0x0F20, parts=(150021, 150022, 150023))
    full = u16(18949) + u16(0) + u16(0x0F20) + float32(Decimal(120))
    assert heard(configured(pressure), var((3, {Attribute.VALUE: full}))) == [["nibp_sys", "120"]]
    kilopascal = u16(18949) + u16(0) + u16(0x0F03) + float32(Decimal("16.0"))
    compound = listed([kilopascal, u16(18950) + u16(0x4000) + u16(0x0F20) + float32(Decimal(80))])
    assert heard(configured(pressure), var((3, {Attribute.COMPOUND_VALUE: compound}))) == [
        ["nibp_sys", "120.010"],
        ["nibp_dia", "80", "QUESTIONABLE"],
    ]
    simple = listed(float32(Decimal(n)) for n in (120, 80, 93))
    said = heard(configured(pressure), var((3, {Attribute.COMPOUND_SIMPLE: simple})))
    assert [metric for metric, _ in said] == ["nibp_sys", "nibp_dia", "nibp_map"]


def test_a_unit_that_a_report_tells_replaces_the_configured_one() -> None:
    told: dict[int, bytes] = {Attribute.VALUE_SIMPLE: float32(Decimal(100)), Attribute.UNIT_CODE: u16(0x06E0)}
    said = heard(configured(*objects.STANDARD[0x05DC].values()), var((1, told)))
    assert said == [["weight", "45.359237"]]


def test_glucose_stays_in_the_unit_that_it_was_measured_in() -> None:
    assert [metric_of(160184, unit) for unit in (0x1272, 0x0852)] == ["glucose_cap_molar", "glucose_cap"]
    assert in_unit_of("glucose_cap_molar", Decimal("5.0"), 0x1272) == Decimal("5.0")
    assert in_unit_of("glucose_molar", NoValue.OVERFLOW, 0x1272) is NoValue.OVERFLOW
    with pytest.raises(UnknownUnit):
        in_unit_of("glucose", Decimal(5), 0x9999)


def test_a_value_in_an_unknown_unit_is_kept_and_is_no_reading() -> None:
    odd = PhdObject(1, 150456, 0x1A80, ((Attribute.VALUE_BASIC, 2),))
    detail = {"code": "150456", "system": "MDC", "value": "97", "unit": "MDC 6784"}
    assert heard(configured(odd), fixed((1, sfloat(Decimal(97))))) == [["unmapped", detail]]


@pytest.mark.parametrize("code", [160208, 192590, 192590 & ~0xFFFF | 0xF001])
def test_control_solutions_and_private_terms_are_no_metric(code: int) -> None:
    assert metric_of(code) is None


def test_what_has_no_metric_is_told_when_it_changes() -> None:
    codec = configured(PhdObject(1, 150999, 0x0200, ((Attribute.VALUE_BASIC, 2),)))
    values = [sfloat(Decimal(n)) for n in (5, 5, 6, 6, 5)]
    said = heard(codec, *(fixed((1, value)) for value in values))
    assert [detail["value"] for _, detail in said] == ["5", "6", "5"]


def test_a_fast_average_is_no_reading_beside_the_plain_one() -> None:
    fast = PhdObject(3, 150456, 0x0220, SPO2.values, supplements=(150580,))
    said = heard(configured(fast, SPO2), fixed((3, sfloat(Decimal(90))), (1, sfloat(Decimal(97)))))
    assert [kind for kind, *_ in said] == ["unmapped", "spo2"]
    assert heard(configured(fast), fixed((3, sfloat(Decimal(90))))) == [["spo2", "90"]]


def test_an_oximeter_s_status_becomes_conditions_and_takes_its_values_away() -> None:
    status = PhdObject(4, 150604, 0, ((Attribute.ENUMERATION_BITS_16, 2),), kind=objects.ENUMERATION)
    codec = configured(SPO2, status)
    said = heard(codec, fixed((4, u16(0x8000)), (1, sfloat(Decimal(97)))))
    assert said == [["status", {"sensor-disconnected": 1}], ["spo2", "SENSOR_OFF"]]
    assert heard(codec, fixed((4, u16(0x0020)), (1, sfloat(Decimal(97)))))[-1] == [
        "spo2",
        "97",
        "LOW_PERFUSION",
    ]


def test_other_enumerations_are_kept() -> None:
    codec = configured(PhdObject(5, 150700, kind=objects.ENUMERATION))
    told: tuple[dict[int, bytes], ...] = (
        {Attribute.ENUMERATION_STRING: octets(b"after meal\0")},
        {Attribute.ENUMERATION_OID: u16(29260)},
        {Attribute.ENUMERATION_BITS_32: u32(5)},
        {Attribute.ENUMERATION: b"\1\2"},
        {Attribute.SAMPLES: octets(b"\0" * 4)},
    )
    said = heard(codec, *(var((5, one)) for one in told))
    assert [detail["value"] for _, detail in said] == ["after meal", "160332", "5", "0102", "samples"]


def test_an_observation_that_cannot_be_read_costs_only_itself_and_is_kept() -> None:
    said = heard(configured(SPO2), fixed((1, b"\0"), (9, b"\1\2"), (1, sfloat(Decimal(97)))))
    assert [said[0][1]["value"], said[1][1]["value"], *said[2:]] == [
        "00",
        "0102",
        ["spo2", "97"],
        ["bad-bytes", {"length": 1}],
    ]


def test_an_event_of_another_kind_is_kept_and_refused() -> None:
    codec = configured(SPO2)
    said = heard(codec, report(0x0D21, b"\1\2\3"))
    assert said[0][1] == {"code": "3361", "system": "IEEE 11073-20601 event", "value": "010203", "unit": ""}
    codec.journalled(NOW)
    assert Presentation.decode(sent(codec)[0][1]) == Presentation(7, Message.ERROR, bytes.fromhex("00180000"))


def test_a_configuration_that_cannot_be_read_is_not_accepted() -> None:
    codec = PhdManager()
    heard(codec, request(0x4000))
    codec.data_to_send()
    broken = u16(0x4000) + listed([u16(6) + u16(1) + attribute_list([(Attribute.TYPE, b"\0")])])
    assert heard(codec, report(Event.CONFIGURATION, broken)) == [["bad-bytes", {"length": 1}]]
    assert Presentation.decode(sent(codec)[0][1]).body[-4:] == bytes.fromhex("40000001")


def test_the_device_s_attributes_are_its_identity_and_its_battery() -> None:
    codec = PhdManager()
    heard(codec, request(0x05DC))
    system = encode_system(AGENT, "Scale 7", "A-1", {Attribute.BATTERY_LEVEL: u16(81)})
    said = heard(codec, Presentation(1, Message.GET_DONE, u16(0) + system).encode())
    identity = {"manufacturer": "Wardlink simulation", "model": "Scale 7", "system-id": AGENT.hex()}
    assert said == [["identity", {**identity, "serial": "A-1"}], ["battery", {"percent": 81}]]
    assert heard(codec, var((0, {Attribute.BATTERY_LEVEL: u16(80)}))) == [["battery", {"percent": 80}]]


OBJECTS = st.builds(
    PhdObject,
    handle=st.integers(1, 0xFFFF),
    code=st.integers(0x20001, 0x2FFFF),
    unit=st.integers(1, 0xFFFF),
    values=st.lists(st.tuples(st.integers(1, 0xFFFF), st.integers(0, 99)), max_size=4).map(tuple),
    parts=st.lists(st.integers(0x20000, 0x2FFFF), max_size=4).map(tuple),
    supplements=st.lists(st.integers(0, 0xFFFFFFFF), max_size=3).map(tuple),
)


@given(st.lists(OBJECTS, max_size=6, unique_by=lambda one: one.handle))
def test_every_configuration_survives_encoding(every: list[PhdObject]) -> None:
    assert objects.decode_report(objects.encode_report(0x4001, every)) == (
        0x4001,
        objects.configuration(every),
    )


CONVERSATION = request(0x02BC) + attributes_told() + apdu.reason(Choice.RELEASE_RESPONSE)
VALUES = listed(sfloat(Decimal(n)) for n in (120, 80, 93))
CONVERSATION += fixed((1, VALUES + TIME), (2, sfloat(Decimal(66)) + TIME)) * 3
GARBAGE = st.binary(max_size=60) | st.lists(
    st.sampled_from([b"\xe7\0", b"\xe2\0\0\x32", b"\xe6\0\0\2", b"\0\2"]), max_size=9
).map(b"".join)


@settings(max_examples=60)
@given(GARBAGE, st.data())
def test_a_stream_says_the_same_however_it_is_cut(garbage: bytes, data: st.DataObject) -> None:
    stream = CONVERSATION + garbage + CONVERSATION
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=20)))
    whole, cut, single = PhdManager(), PhdManager(), PhdManager()
    said = readings(whole.receive_data(stream, NOW))
    pieces = [stream[a:b] for a, b in pairwise([0, *cuts, len(stream)])]
    assert readings([one for piece in pieces for one in cut.receive_data(piece, NOW)]) == said
    assert readings([one for octet in stream for one in single.receive_data(bytes((octet,)), NOW)]) == said
    assert whole.data_to_send() == cut.data_to_send() == single.data_to_send()


@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_raise_and_never_make_a_reading(data: bytes) -> None:
    assert readings(PhdManager().receive_data(data, NOW)) == []


@settings(max_examples=200)
@given(
    st.binary(max_size=60), st.sampled_from([Event.SCAN_VAR, Event.SCAN_MP_VAR, Event.SCAN_MP_FIXED, 3356])
)
def test_arbitrary_reports_never_raise(info: bytes, event: int) -> None:
    codec = configured(SPO2)
    codec.receive_data(report(event, info), NOW)
    codec.receive_data(attributes_told(PRODUCTION_SPECIFICATION=info, ID_MODEL=info), NOW)


@settings(max_examples=200)
@given(st.integers(0, 8 * 42 - 1))
def test_a_flipped_bit_costs_at_most_its_own_report(bit: int) -> None:
    one = bytearray(fixed((1, sfloat(Decimal(97)))))
    if bit // 8 >= len(one):
        return
    one[bit // 8] ^= 1 << bit % 8
    codec = configured(SPO2)
    codec.receive_data(bytes(one), NOW)
    codec.receive_data(request(0x0190) + attributes_told(), NOW)
    assert ["spo2", "96"] in heard(codec, fixed((1, sfloat(Decimal(96)))))


def test_a_flood_of_garbage_is_cheap_and_every_octet_is_counted() -> None:
    codec = PhdManager()
    said = codec.receive_data(bytes(range(256)) * 400, NOW)
    assert briefly(said) == [["bad-bytes", {"framing": 256 * 400}]]

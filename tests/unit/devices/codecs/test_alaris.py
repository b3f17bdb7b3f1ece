"""Alaris pumps: every number whose sum is right, no other, and not one command that changes anything."""

from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs import alaris
from devices.codecs.alaris import Alaris, MessageReader, crc, encode
from devices.codecs.health import BadByteCounter
from devices.model.observation import Instant, Reading, later
from tests.support.captures import briefly

NOW = Instant(100_000_000_000)
ANSWER = ["INF", "8002-51740", "-", "SET", "3.50", "ml/h", "", "1.250", "ml", "17.91", "mmHg", "24+"]
TEXT = st.text(st.characters(codec="ascii", exclude_characters="!^|\r\x1b"), max_size=12)
FIELDS = st.lists(TEXT, min_size=1)


def heard(*pieces: bytes, codec: Alaris | None = None) -> list[Any]:
    codec = codec or Alaris()
    return briefly(one for piece in pieces for one in codec.receive_data(piece, NOW))


def infusion(**changed: str) -> bytes:
    names = ("name", "serial", "flag", "mode", "rate", "rate_unit", "drug")
    fields = dict(zip(names, ANSWER, strict=False)) | changed
    return encode(*fields.values(), *ANSWER[len(names) :])


@pytest.mark.parametrize(
    ("message", "digits"),
    [
        (b"INF", b"4961"),
        (b"INST_SERIALNO", b"457D"),
        (b"COMMS_PROTOCOL", b"E8DA"),
        (b"INF_VTBI", b"8456"),
        (b"INST_SERIALNO^8002-51740", b"050B"),
        (b"INF_RATE_MAX_SYRINGE^1200.00^ml/h", b"8575"),
    ],
)
def test_the_sum_is_that_of_messages_that_real_pumps_exchanged(message: bytes, digits: bytes) -> None:
    assert crc(message) == digits


@given(FIELDS)
def test_every_message_survives_encoding(fields: list[str]) -> None:
    assert list(MessageReader(BadByteCounter()).feed(encode(*fields))) == [fields]


def test_an_infusion_is_its_rate_volume_pressure_and_time() -> None:
    assert heard(infusion()) == [
        ["identity", {"serial": "8002-51740"}],
        ["unmapped", {"code": "mode", "system": "Alaris", "value": "SET", "unit": ""}],
        ["pump_rate", "3.50"],
        ["pump_delivered", "1.250"],
        ["pump_pressure", "17.91"],
        ["pump_time_remain", "OVERFLOW"],
    ]


def test_what_does_not_change_is_told_once() -> None:
    said = heard(infusion(drug="PROPOFOL"), infusion(drug="PROPOFOL"), infusion(drug=""))
    assert [detail["value"] for kind, detail in said if kind == "unmapped"] == ["SET", "PROPOFOL", ""]


def test_alarm_and_hold_are_conditions() -> None:
    codec = Alaris()
    said = heard(infusion(), infusion(flag="A", mode="HLD"), infusion(), codec=codec)
    conditions = [detail for kind, detail in said if kind == "status"]
    assert conditions == [
        {"infusion-on-hold": 1},
        {"pump-alarm": 1},
        {"infusion-on-hold": 0},
        {"pump-alarm": 0},
    ]


def test_an_alarm_is_told_when_it_begins_and_when_it_ends() -> None:
    none, occlusion = encode("ALARM", "AL_NOALM", " ", " "), encode("ALARM", "AL_OCCLU", "OCCLUSION", "")
    alarm = {"code": "AL_OCCLU", "text": "OCCLUSION"}
    assert heard(none, occlusion, occlusion, none) == [
        ["device-alarm", {**alarm, "active": 1}],
        ["device-alarm", {**alarm, "active": 0}],
    ]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (("INF_VTBI", "ACTIV", "11.000", "ml", "STOP"), ["pump_vtbi", "11.000"]),
        (("INF_VTBI", "DEACT", "", "", ""), ["pump_vtbi", "NOT_AVAILABLE"]),
        (("INF_VTBI", "ACTIV", "0.011", "L", "STOP"), ["pump_vtbi", "11"]),
    ],
)
def test_the_volume_to_be_infused(fields: tuple[str, ...], expected: list[str]) -> None:
    assert heard(encode(*fields)) == [expected]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (b"!INF_RATE^0.10^ml/h|D407\r", ["pump_rate", "0.10"]),
        (encode("INF_VI", "12.5", "ml"), ["pump_delivered", "12.5"]),
        (encode("INF_VI", "12500", "ul"), ["pump_delivered", "INVALID"]),
    ],
)
def test_a_single_number_that_another_host_asked_for_is_read(message: bytes, expected: list[str]) -> None:
    assert heard(message)[-1] == expected


def test_a_question_that_is_heard_says_nothing() -> None:
    assert heard(*(b"!" + name + b"|" + crc(name) + b"\r" for name in (b"INF", b"INF_RATE", b"INF_VI"))) == []


def test_numbers_that_are_none_are_no_value() -> None:
    said = heard(infusion(rate="NaN"), infusion(rate="1.0", rate_unit="mg/h"), infusion(rate="----"))
    rates = [one for one in said if one[0] == "pump_rate"]
    assert rates == [["pump_rate", "INVALID"], ["pump_rate", "INVALID"], ["pump_rate", "NOT_AVAILABLE"]]
    assert ["bad-bytes", {"range": 1}] in said
    assert {"code": "pump_rate", "system": "Alaris", "value": "1.0 mg/h", "unit": ""} in [s[1] for s in said]


def test_other_units_are_converted() -> None:
    said = heard(encode(*ANSWER[:9], "4", "kPa", "00:01:30"))
    assert ["pump_time_remain", "90"] in said
    pressure = next(one for one in said if one[0] == "pump_pressure")
    assert Decimal(pressure[1]) == pytest.approx(Decimal(30), abs=Decimal("0.01"))


def test_lines_may_end_in_both_characters_and_digits_may_be_small() -> None:
    message = b"!INST_SERIALNO^8002-51740|050b\r\n" * 2
    assert heard(message) == [["identity", {"serial": "8002-51740"}]]


def test_a_message_that_is_taken_back_is_nothing() -> None:
    assert heard(b"!INST_SER\x1b" + encode("INST_SERIALNO", "1")) == [["identity", {"serial": "1"}]]


def test_only_questions_that_change_nothing_are_asked() -> None:
    codec, asked = Alaris(), set[bytes]()
    for second in range(130):
        now = later(NOW, float(second))
        codec.handle_timer(now)
        for _ in range(8):
            question = codec.data_to_send()
            asked.add(question)
            if question:
                codec.receive_data(encode(question[1:].split(b"|")[0].decode(), "x", "", ""), now)
    names = {question[1:].split(b"|")[0] for question in asked if question}
    assert names == {b"INF", b"ALARM", b"INF_VTBI", b"SYRINGE_STATUS", b"INST_SERIALNO", b"COMMS_PROTOCOL"}
    assert not [name for name in dir(alaris) if "rate" in name.lower() or "remote" in name.lower()]


def test_a_pump_that_does_not_answer_is_asked_on() -> None:
    codec = Alaris()
    first = codec.data_to_send()
    assert first == b"!INST_SERIALNO|457D\r"
    codec.handle_timer(NOW)
    due = codec.next_timer()
    assert due is not None
    codec.handle_timer(due)
    assert codec.data_to_send() == b"!COMMS_PROTOCOL|E8DA\r"


@given(st.integers(0, len(infusion()) * 8 - 1))
def test_a_flipped_bit_costs_at_most_its_message_and_never_makes_a_number(bit: int) -> None:
    damaged = bytearray(infusion())
    damaged[bit // 8] ^= 1 << bit % 8
    codec = Alaris()
    values = [one for one in codec.receive_data(bytes(damaged), NOW) if isinstance(one, Reading)]
    assert [one.value for one in values] in ([], [Decimal("3.50"), Decimal("1.250"), Decimal("17.91"), None])
    assert ["pump_rate", "4.00"] in heard(infusion(rate="4.00"), codec=codec)


@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_raise(data: bytes) -> None:
    assert not [one for one in Alaris().receive_data(data, NOW) if isinstance(one, Reading)]


@given(FIELDS)
def test_arbitrary_fields_never_raise(fields: list[str]) -> None:
    for name in ("INF", "INF_VTBI", "ALARM", "SYRINGE_STATUS", "INST_SERIALNO"):
        heard(encode(name, *fields), encode(*ANSWER[:4], *fields, *ANSWER[8:]))


@given(st.data())
def test_a_stream_says_the_same_however_it_is_cut(data: st.DataObject) -> None:
    stream = infusion() + b"noise" + infusion(rate="5.00") + encode("ALARM", "AL_X", "", "")
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    pieces = [stream[a:b] for a, b in pairwise([0, *cuts, len(stream)])]
    kept = [one for one in heard(*pieces) if one[0] != "bad-bytes"]
    assert kept == [one for one in heard(stream) if one[0] != "bad-bytes"]


def test_an_endless_message_is_not_waited_for() -> None:
    said = heard(b"!" + b"A" * 600 + infusion())
    assert ["pump_rate", "3.50"] in said
    assert [kind for kind, *_ in said].count("bad-bytes") == 1

"""Modbus RTU: an answer counts only for what was asked, whole and with its checksum; nothing is written."""

import struct
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs import Said
from devices.codecs.modbus.codec import ModbusReader
from devices.codecs.modbus.frames import HOLDING, INPUT, Question, crc, decode_question, with_crc
from devices.codecs.modbus.registers import Form, Register
from devices.model.observation import Instant, NoValue, Reading
from devices.profiles.modbus_oxygen_suction import REGISTERS
from tests.support.captures import briefly

SECOND = 1_000_000_000
NOW = Instant(100 * SECOND)
PRESSURE = Register(
    "o2_cylinder_pressure", Question(17, HOLDING, 0x7C, 1), "bar", form=Form.SIGNED, none=frozenset((0x8000,))
)
FLOW = Register("o2_flow", Question(17, HOLDING, 0x7C, 2), "mL/min")
QUESTIONS = st.builds(
    Question,
    st.integers(1, 247),
    st.sampled_from([HOLDING, INPUT]),
    st.integers(0, 0xFFFF),
    st.integers(1, 125),
)


def polling(*registers: Register) -> ModbusReader:
    """A reader whose first question is out."""
    codec = ModbusReader(registers)
    codec.handle_timer(NOW)
    assert codec.data_to_send() == registers[0].question.encode()
    return codec


def later(seconds: float) -> Instant:
    return Instant(NOW + round(seconds * SECOND))


def numbers(said: Iterable[Said]) -> list[Any]:
    return [brief for brief in briefly(said) if brief[0] not in ("bad-bytes", "refused")]


@pytest.mark.parametrize(
    ("question", "frame"),
    [
        (Question(0, HOLDING, 0x7C, 2), "00 03 00 7c 00 02 04 02"),
        (Question(17, HOLDING, 0x7C, 2), "11 03 00 7c 00 02 07 43"),
        (Question(255, HOLDING, 0x7C, 2), "ff 03 00 7c 00 02 10 0d"),
        (Question(1, HOLDING, 0x0121, 1), "01 03 01 21 00 01 d5 fc"),
        (Question(1, INPUT, 0x000E, 1), "01 04 00 0e 00 01 50 09"),
        (Question(1, HOLDING, 0, 1), "01 03 00 00 00 01 84 0a"),
    ],
)
def test_questions_are_as_pymodbus_and_minimalmodbus_ask_them(question: Question, frame: str) -> None:
    assert question.encode().hex(" ") == frame
    assert decode_question(question.encode()) == question


@pytest.mark.parametrize(
    "frame",
    [
        "11 03 04 00 8d 00 8e fb bd",
        "11 83 02 c1 34",
        "ff 83 02 a1 01",
        "01 04 02 03 70 b8 24",
        "01 03 08 ff ff ff ff ff ff ff fe 15 93",
        "01 03 04 42 c8 00 00 6f b5",
    ],
)
def test_the_checksums_of_other_projects_answers_are_right(frame: str) -> None:
    whole = bytes.fromhex(frame)
    assert with_crc(whole[:-2]) == whole


def test_the_checksum_is_that_of_the_serial_line_specification() -> None:
    assert crc(b"\x02\x07") == 0x1241


@given(QUESTIONS)
def test_every_question_survives_encoding_and_only_reads(question: Question) -> None:
    frame = question.encode()
    assert decode_question(frame) == question
    assert frame[1] in (3, 4)


def test_an_answer_is_the_value_of_what_was_asked() -> None:
    said = polling(FLOW).receive_data(bytes.fromhex("1103040 08d008efbbd".replace(" ", "")), NOW)
    assert briefly(said) == [["o2_flow", "9240.718"]]


@pytest.mark.parametrize("code", [1, 2, 3, 4, 8, 10, 11, 99])
def test_an_exception_is_no_value_and_told_once(code: int) -> None:
    codec = polling(FLOW)
    refusal = FLOW.question.exception(code)
    first = briefly(codec.receive_data(refusal, NOW))
    assert [brief[0] for brief in first] == ["o2_flow", "refused"]
    codec.handle_timer(later(2))
    assert briefly(codec.receive_data(refusal, later(2))) == [["o2_flow", "NOT_AVAILABLE"]]


@pytest.mark.parametrize("code", [5, 6])
def test_a_busy_device_is_asked_again_without_blame(code: int) -> None:
    codec = polling(FLOW)
    assert codec.receive_data(FLOW.question.exception(code), NOW) == []
    codec.handle_timer(later(1))
    assert codec.data_to_send() == FLOW.question.encode()


@pytest.mark.parametrize(
    "frame",
    [
        Question(18, HOLDING, 0x7C, 2).answer(bytes(4)),
        Question(17, INPUT, 0x7C, 2).answer(bytes(4)),
        Question(17, HOLDING, 0x7C, 1).answer(bytes(2)),
        with_crc(bytes((17, 3, 3, 0, 0, 0))),
        FLOW.question.answer(bytes(4))[:-1] + b"\x00",
        FLOW.question.encode(),
    ],
)
def test_what_does_not_answer_the_question_is_no_value(frame: bytes) -> None:
    codec = polling(FLOW)
    assert numbers(codec.receive_data(frame, NOW)) == []
    assert numbers(codec.receive_data(FLOW.question.answer(b"\0\0\x4f\x74"), NOW)) == [["o2_flow", "20.34"]]


def test_an_answer_that_nobody_asked_for_is_not_taken() -> None:
    codec = polling(FLOW)
    frame = FLOW.question.answer(bytes(4))
    codec.receive_data(frame, NOW)
    assert numbers(codec.receive_data(frame, later(0.005))) == []


def heard(codec: ModbusReader, *frames: bytes) -> list[Any]:
    """What is said of these frames, which come byte by byte."""
    return briefly([one for byte in b"".join(frames) for one in codec.receive_data(bytes((byte,)), NOW)])


def test_a_line_that_echoes_the_question_is_not_blamed() -> None:
    answer = FLOW.question.answer(b"\0\0\x4f\x74")
    assert heard(polling(FLOW), FLOW.question.encode(), answer) == [["o2_flow", "20.34"]]


def test_the_answer_to_another_masters_question_is_not_taken_for_ours() -> None:
    others = Question(17, HOLDING, 0x80, 2)
    frames = others.encode(), others.answer(bytes(4)), FLOW.question.answer(b"\0\0\x4f\x74")
    assert heard(polling(FLOW), *frames) == [["o2_flow", "20.34"]]


def test_both_directions_of_a_tapped_line_are_read_in_any_order() -> None:
    pressure, flow = PRESSURE.question, FLOW.question
    round_ = [flow.encode(), flow.answer(b"\0\0\x4f\x74"), pressure.encode(), pressure.answer(b"\0\x64")]
    said = [["o2_flow", "20.34"], ["o2_cylinder_pressure", "100"]]
    assert heard(polling(PRESSURE, FLOW), *round_, *round_) == said * 2


def test_a_question_that_nobody_answers_does_not_cost_our_answer() -> None:
    absent = Question(9, INPUT, 0, 1)
    answer = FLOW.question.answer(b"\0\0\x4f\x74")
    assert heard(polling(FLOW), absent.encode(), answer) == [["o2_flow", "20.34"]]


@pytest.mark.parametrize("count", [0, 126, 0xFFFF])
def test_a_question_for_more_registers_than_there_may_be_is_none(count: int) -> None:
    frame = with_crc(bytes((17, HOLDING, 0, 0)) + count.to_bytes(2, "big"))
    answer = FLOW.question.answer(b"\0\0\x4f\x74")
    assert decode_question(frame) is None
    assert numbers(polling(FLOW).receive_data(frame + answer, NOW)) == [["o2_flow", "20.34"]]


def test_the_refusal_of_another_masters_question_is_not_ours() -> None:
    others = Question(17, HOLDING, 0x80, 1)
    assert heard(polling(FLOW), others.encode(), others.exception(2)) == []


def test_registers_are_asked_one_after_the_other_with_a_silence_between() -> None:
    codec = polling(PRESSURE, FLOW)
    codec.receive_data(PRESSURE.question.answer(b"\0\x64"), later(0.05))
    assert codec.data_to_send() == b""
    assert codec.next_timer() == later(0.06)
    codec.handle_timer(later(0.06))
    assert codec.data_to_send() == FLOW.question.encode()
    codec.receive_data(FLOW.question.answer(bytes(4)), later(0.1))
    assert codec.next_timer() == later(1)


def test_a_unit_that_does_not_answer_costs_its_own_value_only_and_a_rest() -> None:
    codec = polling(PRESSURE, FLOW)
    said = codec.handle_timer(later(1))
    assert [brief[0] for brief in briefly(said)] == ["o2_cylinder_pressure", "refused"]
    assert codec.data_to_send() == b""
    late = codec.receive_data(PRESSURE.question.answer(b"\0\x64"), later(1.5))
    assert numbers(late) == []
    codec.handle_timer(later(2))
    assert codec.data_to_send() == FLOW.question.encode()


def test_silence_is_told_once_until_the_unit_answers() -> None:
    codec = polling(FLOW)
    told: list[Any] = []
    for second in range(1, 13):
        told += [brief for brief in briefly(codec.handle_timer(later(second))) if brief[0] == "refused"]
    assert len(told) == 1
    codec.handle_timer(later(20))
    while not codec.data_to_send():
        codec.handle_timer(later(30))
    codec.receive_data(FLOW.question.answer(bytes(4)), later(30))
    codec.handle_timer(later(40))
    assert "refused" in [brief[0] for brief in briefly(codec.handle_timer(later(50)))]


def test_contents_that_mean_no_value_are_none() -> None:
    said = polling(PRESSURE).receive_data(PRESSURE.question.answer(b"\x80\x00"), NOW)
    assert briefly(said) == [["o2_cylinder_pressure", "NOT_AVAILABLE"]]


def form(form: Form, data: str, *, low_first: bool = False, count: int = 2) -> Decimal | NoValue:
    question = Question(1, HOLDING, 0, count)
    register = Register("o2_cylinder_pressure", question, "bar", form=form, low_first=low_first)
    return register.decode(bytes.fromhex(data))


@pytest.mark.parametrize(
    ("kind", "data", "value"),
    [
        (Form.UNSIGNED, "fffb", "65531"),
        (Form.SIGNED, "fffb", "-5"),
        (Form.UNSIGNED, "ae415652", "2923517522"),
        (Form.SIGNED, "ffffffff", "-1"),
        (Form.FLOAT, "42c80000", "100"),
        (Form.FLOAT, "3f8ccccd", "1.1"),
        (Form.FLOAT, "3f800000", "1"),
        (Form.FLOAT, "c1480000", "-12.5"),
        (Form.FLOAT, "00000000", "0"),
    ],
)
def test_numbers_are_read_in_every_form(kind: Form, data: str, value: str) -> None:
    assert form(kind, data, count=len(data) // 4) == Decimal(value)


def test_the_low_register_may_come_first() -> None:
    assert form(Form.UNSIGNED, "5652ae41", low_first=True) == 2923517522


@pytest.mark.parametrize("data", ["7fc00000", "7f800000", "ff800000"])
def test_a_float_that_is_no_number_is_no_value(data: str) -> None:
    assert form(Form.FLOAT, data) is NoValue.INVALID


@given(st.floats(width=32, min_value=2**-20, max_value=2**40))
def test_a_float_keeps_its_seven_digits(value: float) -> None:
    decoded = form(Form.FLOAT, struct.pack(">f", value).hex())
    assert isinstance(decoded, Decimal)
    assert float(decoded) == pytest.approx(value, rel=1e-6)


@given(st.integers(-1000, 3200), st.integers(0, 60_000), st.integers(-1000, 1000))
def test_every_value_of_the_profile_survives_encoding(bar: int, flow: int, suction: int) -> None:
    values = (Decimal(bar) / 10, Decimal(flow) / 1000, Decimal(suction) / 10)
    for register, value in zip(REGISTERS, values, strict=True):
        assert register.decode(register.encode(value)) == value


@given(st.binary(max_size=40), st.data())
def test_an_answer_is_found_in_any_debris_however_it_is_cut(debris: bytes, data: st.DataObject) -> None:
    stream = debris.replace(b"\x11", b"\x12") + FLOW.question.answer(b"\0\0\x4f\x74")
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=20)))
    codec = polling(FLOW)
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    said = [one for piece in pieces for one in codec.receive_data(piece, NOW)]
    assert numbers(said) == [["o2_flow", "20.34"]]


@given(st.integers(0, 8), st.integers(0, 7))
def test_a_flipped_bit_is_always_found(at: int, bit: int) -> None:
    frame = bytearray(FLOW.question.answer(b"\0\0\x4f\x74"))
    frame[at] ^= 1 << bit
    codec = polling(FLOW)
    assert numbers(codec.receive_data(bytes(frame), NOW)) == []
    codec.handle_timer(later(1))
    codec.handle_timer(later(2))
    assert codec.data_to_send() == FLOW.question.encode()


@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_raise_and_make_no_value(data: bytes) -> None:
    codec = polling(FLOW)
    said = codec.receive_data(data, NOW)
    assert [one for one in said if isinstance(one, Reading) and one.value is not None] == []


def test_every_damaged_byte_is_counted() -> None:
    codec = polling(FLOW)
    said = codec.receive_data(b"\x11\x03\x04\0\0\0\0\0\0" + bytes(11), NOW)
    assert briefly(said) == [["bad-bytes", {"checksum": 1, "framing": 19}]]

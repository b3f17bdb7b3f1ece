"""ASTM analysers: every result is told once, as it was sent, and acknowledged when it is on disk."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs import JournalledCodec, Said
from devices.codecs.astm.analyser import AstmAnalyser
from devices.codecs.astm.frames import encode_frame, encode_frames
from devices.codecs.astm.records import encode_record
from devices.codecs.lab_result import is_loinc, loinc_of
from devices.model.observation import DeviceEvent, EventKind, Instant, Reading, Waveform, later
from tests.support.captures import briefly

NOW = Instant(1_000_000_000_000)
ENQ, EOT, ACK, NAK = b"\x05", b"\x04", b"\x06", b"\x15"
HEADER = b"H|\\^&|||X1^1.0"
ORDER = b"O|1|S-7||^^^GLU"


def result(code: str = "GLU", value: str = "5.4", number: int = 1) -> bytes:
    return f"R|{number}|^^^{code}|{value}|mmol/L|3.9 to 5.8|N||F||op|20260101|20260102030405".encode()


MESSAGE = [HEADER, b"P|1|PR|LAB-1", ORDER, result(), b"L|1|N"]


def said_by(data: bytes, codec: AstmAnalyser | None = None) -> list[Said]:
    return (codec or AstmAnalyser()).receive_data(data, NOW)


def details(said: list[Said], kind: EventKind = EventKind.LAB_RESULT) -> list[dict[str, str | int]]:
    return [dict(one.detail) for one in said if isinstance(one, DeviceEvent) and one.kind == kind]


def values(said: list[Said]) -> list[object]:
    return [detail["value"] for detail in details(said)]


def framed(*records: bytes) -> bytes:
    return b"".join(encode_frames(list(records)))


def in_session() -> AstmAnalyser:
    codec = AstmAnalyser()
    codec.receive_data(ENQ, NOW)
    assert codec.data_to_send() == ACK
    return codec


def test_it_owes_its_answers_to_the_journal() -> None:
    assert isinstance(AstmAnalyser(), JournalledCodec)


def test_a_result_has_all_that_the_records_before_it_say() -> None:
    assert details(said_by(framed(*MESSAGE))) == [
        {
            "code": "GLU",
            "system": "X1^1.0",
            "value": "5.4",
            "unit": "mmol/L",
            "flags": "N",
            "status": "F",
            "range": "3.9 to 5.8",
            "specimen": "S-7",
            "patient": "PR",
            "time": "20260102030405",
        }
    ]


def test_a_laboratory_result_is_never_a_reading() -> None:
    said = said_by(framed(HEADER, ORDER, result("SpO2", "97"), result("HR", "60"), b"L|1|N"))
    assert not [one for one in said if isinstance(one, Reading | Waveform)]


def test_each_frame_is_acknowledged_only_when_what_it_said_is_on_disk() -> None:
    codec = in_session()
    for record, frame in zip(MESSAGE, encode_frames(MESSAGE), strict=True):
        said = codec.receive_data(frame, NOW)
        assert codec.awaits_journal() == bool(said) == (record in (HEADER, result()))
        assert codec.data_to_send() == (b"" if said else ACK)
        if said:
            codec.journalled(NOW)
            assert codec.data_to_send() == ACK


def test_while_the_journal_is_behind_an_enquiry_is_told_busy() -> None:
    codec = in_session()
    codec.receive_data(framed(*MESSAGE), NOW)
    assert codec.awaits_journal()
    codec.receive_data(EOT + ENQ, NOW)
    assert codec.data_to_send() == NAK
    codec.journalled(NOW)
    assert codec.data_to_send() == b""
    codec.receive_data(ENQ, NOW)
    assert codec.data_to_send() == ACK


def test_an_acknowledgement_that_the_analyser_no_longer_waits_for_is_not_sent() -> None:
    codec = in_session()
    codec.receive_data(encode_frame(1, HEADER + b"\r"), NOW)
    codec.receive_data(EOT, NOW)
    codec.journalled(NOW)
    assert codec.data_to_send() == b""


def test_a_frame_that_comes_twice_is_acknowledged_twice_and_said_once() -> None:
    codec = in_session()
    frames = encode_frames(MESSAGE)
    said = [one for frame in frames[:4] for one in codec.receive_data(frame, NOW)]
    codec.journalled(NOW)
    codec.data_to_send()
    said += codec.receive_data(frames[3], NOW)
    assert codec.data_to_send() == ACK
    assert values(said) == ["5.4"]


def test_a_message_that_broke_off_is_told_on_from_where_it_ended() -> None:
    codec = in_session()
    records = [*MESSAGE[:4], result("K", "4.1", 2), MESSAGE[4]]
    frames = encode_frames(records)
    said = [one for frame in frames[:4] for one in codec.receive_data(frame, NOW)]
    codec.journalled(NOW)
    said += codec.receive_data(EOT + ENQ + b"".join(frames), NOW)
    assert values(said) == ["5.4", "4.1"]


def test_a_message_that_came_whole_may_come_again() -> None:
    assert values(said_by(ENQ + framed(*MESSAGE) + EOT + ENQ + framed(*MESSAGE))) == ["5.4", "5.4"]


def test_a_frame_out_of_turn_is_refused_and_its_repeat_in_turn_is_taken() -> None:
    codec = in_session()
    frames = encode_frames(MESSAGE)
    codec.receive_data(frames[0], NOW)
    codec.journalled(NOW)
    assert codec.data_to_send() == ACK
    said = codec.receive_data(frames[3], NOW)
    assert details(said) == []
    assert codec.data_to_send() == NAK
    assert values([one for frame in frames[1:] for one in codec.receive_data(frame, NOW)]) == ["5.4"]


def test_a_damaged_frame_is_refused_and_said_when_it_comes_again() -> None:
    codec = in_session()
    frames = encode_frames(MESSAGE)
    said = [one for frame in frames[:3] for one in codec.receive_data(frame, NOW)]
    codec.journalled(NOW)
    codec.data_to_send()
    said += codec.receive_data(frames[3].replace(b"5.4", b"9.4"), NOW)
    assert codec.data_to_send() == NAK
    said += [one for frame in frames[3:] for one in codec.receive_data(frame, NOW)]
    assert values(said) == ["5.4"]


@given(st.integers(0, 400), st.integers(0, 7))
def test_a_flipped_bit_never_changes_a_result(at: int, bit: int) -> None:
    stream = bytearray(ENQ + framed(*MESSAGE))
    stream[at % len(stream)] ^= 1 << bit
    assert set(values(said_by(bytes(stream)))) <= {"5.4"}


def test_frame_numbers_go_round_and_a_long_message_is_taken_whole() -> None:
    records = [HEADER, ORDER, *(result(f"T{n}", str(n), n) for n in range(1, 30)), b"L|1|N"]
    assert values(said_by(ENQ + framed(*records) + EOT)) == [str(n) for n in range(1, 30)]


def test_a_record_in_several_frames_is_one() -> None:
    long = b"R|1|^^^TXT|" + b"a" * 500 + b"|"
    assert values(said_by(ENQ + framed(HEADER, ORDER, long, b"L|1|N"))) == ["a" * 500]


def test_a_message_may_be_cut_into_frames_anywhere() -> None:
    text = b"\r".join(MESSAGE) + b"\r"
    parts = [text[at : at + 9] for at in range(0, len(text), 9)]
    frames = [encode_frame(n, part, is_last=n == len(parts)) for n, part in enumerate(parts, 1)]
    assert values(said_by(ENQ + b"".join(frames))) == ["5.4"]


def test_a_last_record_needs_no_line_end() -> None:
    assert values(said_by(encode_frame(1, HEADER + b"\r" + result()))) == ["5.4"]


@given(st.lists(st.integers(0, 300), max_size=20))
def test_a_stream_says_the_same_however_it_is_cut(cuts: list[int]) -> None:
    stream = ENQ + framed(*MESSAGE) + EOT + b"\r".join(MESSAGE) + b"\r" + ENQ + b"\x02" + b"\r".join(MESSAGE)
    places = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    codec = AstmAnalyser()
    pieces = [one for a, b in pairwise(places) for one in said_by(stream[a:b], codec)]
    assert briefly(pieces) == briefly(said_by(stream))


@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_raise(garbage: bytes) -> None:
    codec = AstmAnalyser()
    said_by(garbage, codec)
    codec.journalled(NOW)
    while (due := codec.next_timer()) is not None:
        codec.handle_timer(due)


def test_a_header_without_an_enquiry_begins_a_message_and_another_frame_does_not() -> None:
    assert values(said_by(framed(*MESSAGE))) == ["5.4"]
    codec = AstmAnalyser()
    assert details(said_by(encode_frame(4, result()), codec)) == []
    assert codec.data_to_send() == NAK


def test_a_recording_of_frames_is_read_whatever_their_numbers() -> None:
    frames = [encode_frame(number, record) for number, record in zip((1, 1, 5, 2, 2), MESSAGE, strict=True)]
    assert values(said_by(b"".join(frames))) == ["5.4"]


def test_several_messages_may_come_in_one_session() -> None:
    assert values(said_by(ENQ + framed(*MESSAGE) + framed(*MESSAGE[:3], result("K", "4.1"), b"L|1|N"))) == [
        "5.4",
        "4.1",
    ]


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_records_without_any_framing_are_read_and_not_answered(end: bytes) -> None:
    codec = AstmAnalyser()
    said = said_by(end.join(MESSAGE) + end, codec)
    codec.journalled(NOW)
    assert values(said) == ["5.4"]
    assert codec.data_to_send() == b""


def test_a_terminator_without_its_line_end_ends_the_message_when_nothing_follows() -> None:
    codec = AstmAnalyser()
    said_by(b"\r".join(MESSAGE), codec)
    due = codec.next_timer()
    assert due is not None
    assert due == later(NOW, codec.PACE_S)
    codec.handle_timer(due)
    assert values(said_by(b"\r".join(MESSAGE) + b"\r", codec)) == ["5.4"]


def test_an_analyser_that_sends_piece_by_piece_is_answered_after_each() -> None:
    codec = AstmAnalyser()
    now = NOW
    for piece in (b"\x02", *(record + b"\r" for record in MESSAGE)):
        if piece == b"\x02":
            codec.receive_data(ENQ, now)
            assert codec.data_to_send() == ACK
        codec.receive_data(piece, now)
        assert codec.data_to_send() == b""
        codec.journalled(now)
        now = later(now, codec.PACE_S)
        codec.handle_timer(now)
        assert codec.data_to_send() == ACK
    codec.receive_data(b"\x03", now)
    assert codec.data_to_send() == ACK


def test_a_frame_is_not_answered_while_it_is_still_coming() -> None:
    codec = in_session()
    codec.receive_data(encode_frame(1, HEADER)[:10], NOW)
    assert codec.next_timer() == later(NOW, codec.SILENCE_S)
    assert codec.data_to_send() == b""


def test_after_half_a_minute_of_silence_the_session_is_over_and_its_rest_is_counted() -> None:
    codec = in_session()
    codec.receive_data(encode_frame(1, HEADER + b"\r") + encode_frame(2, b"P|1", is_last=False), NOW)
    codec.receive_data(b"\x023O|1", NOW)
    codec.journalled(NOW)
    codec.data_to_send()
    due = codec.next_timer()
    assert due is not None
    assert due == later(NOW, 30.0)
    assert details(codec.handle_timer(due), EventKind.BAD_BYTES) == [{"framing": 3 + 5}]
    assert codec.next_timer() is None


def test_a_silence_of_ten_seconds_between_frames_is_no_end() -> None:
    codec = in_session()
    frames = encode_frames(MESSAGE)
    said = [one for n, frame in enumerate(frames) for one in codec.receive_data(frame, later(NOW, 10.0 * n))]
    assert values(said) == ["5.4"]


@pytest.mark.parametrize(
    ("header", "record"),
    [
        (b"H|\\^&|||X", b"R|1|^^^GLU^x|5.4|mmol/L"),
        (b"H|@^\\|||X", b"R|1|^^^GLU^x|5.4|mmol/L"),
        (b"H|^~\\&|||X", b"R|1|^^^GLU^x|5.4|mmol/L"),
        (b"H!\\$&!!!X", b"R!1!$$$GLU$x!5.4!mmol/L"),
        (b"H|\\\\^&|||X", b"R|1|^^^GLU^x|5.4|mmol/L"),
        (b"H|\\^|||X", b"R|1|^^^GLU^x|5.4|mmol/L"),
        (b"H||||X", b"R|1|^^^GLU^x|5.4|mmol/L"),
    ],
)
def test_delimiters_are_those_of_the_header(header: bytes, record: bytes) -> None:
    found = details(said_by(framed(header, record)))[0]
    told = found.pop("test-told")
    assert found == {"code": "GLU", "system": "X", "value": "5.4", "unit": "mmol/L"}
    assert str(told).strip("GLUx") in ("^", "$")


@pytest.mark.parametrize(
    ("test", "code"),
    [
        ("^^^685/", "685/"),
        ("^^^WBC^6690-2^1", "WBC"),
        ("^^^^WBC^1", "WBC"),
        ("^MTB-RIF^^Xpert^^^rpoB1^Ct", "MTB-RIF^^Xpert^^^rpoB1^Ct"),
        ("Na", "Na"),
        ("6690-2", "6690-2"),
        ("2345-7^Glucose^LN^GLU", "GLU"),
        ("P^Phosphorus^^F", "P"),
        ("^A/G^^F", "A/G"),
        ("^^^P", "P"),
        ("2777-1^Phosphate^LN^P", "P"),
        ("^^^580^Anti-HBcII^UNDILUTED^P^73294BE00^02130^^I", "580"),
    ],
)
def test_the_code_is_the_analyser_s_own(test: str, code: str) -> None:
    assert details(said_by(framed(HEADER, f"R|1|{test}|1".encode())))[0]["code"] == code


@pytest.mark.parametrize(
    ("test", "told"),
    [
        ("^^^580^Anti-HBcII^UNDILUTED^P^^^^F", "580^Anti-HBcII^UNDILUTED^P^^^^F"),
        ("P^Phosphorus^^F", "P^Phosphorus^^F"),
        ("^^^GLU", None),
        ("^MTB-RIF^^Xpert", None),
    ],
)
def test_method_and_kind_of_a_result_are_kept_beside_its_code(test: str, told: str | None) -> None:
    found = details(said_by(framed(HEADER, f"R|1|{test}|1".encode())))[0]
    assert found.get("test-told") == told


def test_the_analyser_s_own_number_of_a_specimen_is_kept_beside_the_other() -> None:
    mindray = details(said_by(framed(HEADER, b"O|1|8^1^7|2025105875|CREAS^Creatinine^^", result())))[0]
    assert (mindray["specimen"], mindray["specimen-analyser"]) == ("8", "2025105875")
    only = details(said_by(framed(HEADER, b"O|1||2025105875|^^^GLU", result())))[0]
    assert (only["specimen"], "specimen-analyser" in only) == ("2025105875", False)


@pytest.mark.parametrize(
    "value", [">500", "<0.04", "1.2E3", "NEGATIVE", "-----", "1:128", "+++", "0.10", "5,4"]
)
def test_a_value_is_told_as_it_was_sent(value: str) -> None:
    assert values(said_by(framed(HEADER, result(value=value)))) == [value]


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ("  5.5", "5.5"),
        ("NOT DETECTED^", "NOT DETECTED"),
        ("^0.0", "0.0"),
        ("17.500^2^Positive", "17.500^2^Positive"),
        ("a&F&b&S&c&R&d&E&e", "a|b^c\\d&e"),
        ("&X41& &H&x&N&", "A x"),
        ("&Z9& &", "&Z9& &"),
        ("&XE4&", "ä"),
        ("", ""),
    ],
)
def test_fill_and_escapes_are_resolved(sent: str, told: str) -> None:
    assert values(said_by(framed(HEADER, result(value=sent)))) == [told]


def test_texts_are_utf_8_or_latin_1() -> None:
    records = [HEADER, "R|1|^^^Ü|5 µg".encode(), "R|2|^^^Ü|5 µg".encode("latin-1")]
    assert values(said_by(framed(*records))) == ["5 µg", "5 µg"]


@pytest.mark.parametrize(
    ("test", "unit", "loinc"),
    [
        ("2345-7^^LN^GLU", "mg/dL", "2345-7"),
        ("^^^NEU#^751-8^1", "1", "751-8"),
        ("^^^RDWSD^2100-5", "1", None),
        ("^^^^WBC^1", "10*3/uL", "6690-2"),
        ("^^^WBC", "10^9/L", "6690-2"),
        ("^^^WBC", "/uL", None),
        ("^^^HGB", "mmol/L", None),
        ("^^^GLU", "mg/dL", None),
    ],
)
def test_loinc_is_told_where_it_is_certain_only(test: str, unit: str, loinc: str | None) -> None:
    record = encode_record(["R", "1"]) + f"|{test}|1|".encode() + encode_record([unit])
    assert details(said_by(framed(HEADER, record)))[0].get("loinc") == loinc


def test_the_short_table_of_loinc_codes_has_codes_of_loinc() -> None:
    names = {"WBC": "10*9/L", "RBC": "10*12/L", "HGB": "g/dL", "HCT": "%", "MCV": "fL", "MCH": "pg"}
    assert all(is_loinc(loinc_of(name, unit)) for name, unit in names.items())


def test_control_material_is_told_from_specimens() -> None:
    order = b"O|1|QC1||^^^GLU|||||||Q"
    assert details(said_by(framed(HEADER, order, result())))[0]["control"] == "1"


def test_comments_queries_and_the_maker_s_records_are_kept() -> None:
    others = [b"C|1|I|repeat^it|G", b"Q|1|^S-8||ALL", b"M|1|RR|1\\2"]
    said = said_by(framed(HEADER, ORDER, result(), *others))
    assert details(said, EventKind.UNMAPPED) == [
        {"code": "comment", "system": "X1^1.0", "text": "repeat^it", "about": "GLU"},
        {"code": "Q", "system": "X1^1.0", "text": "1|^S-8||ALL"},
        {"code": "M", "system": "X1^1.0", "text": "1|RR|1\\2"},
    ]


def test_a_very_long_text_is_cut_and_its_length_told() -> None:
    found = details(said_by(framed(HEADER, result(value="x" * 9000))))[0]
    assert (len(str(found["value"])), found["length"]) == (4000, 9000)


def test_a_patient_does_not_outlast_its_record() -> None:
    records = [HEADER, b"P|1|A", b"O|1|S1", result(), b"P|2", result(), b"O|1|S2", result()]
    found = details(said_by(framed(*records)))
    assert [(one.get("patient"), one.get("specimen")) for one in found] == [
        ("A", "S1"),
        (None, None),
        (None, "S2"),
    ]

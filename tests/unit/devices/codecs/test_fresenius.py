"""Fresenius pumps: each module's numbers, sessions opened again, not one command that changes anything."""

from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs.fresenius import VARIABLES, Fresenius, metric
from devices.codecs.fresenius_frame import FrameReader, Reply, checksum, encode
from devices.codecs.health import BadByteCounter
from devices.model.observation import Instant, Reading, later
from tests.support.captures import briefly

NOW = Instant(100_000_000_000)
ENQ, ACK, DC4, NAK = b"\x05", b"\x06", b"\x14", b"\x15"
TEXT = st.text(
    st.characters(codec="ascii", min_codepoint=0x20, exclude_characters=";"), min_size=1, max_size=9
)
REPLIES = st.builds(
    Reply, st.sampled_from(["", "0", "3"]), st.sampled_from("CIEM"), st.lists(TEXT, max_size=5).map(tuple)
)


def asked(codec: Fresenius) -> list[tuple[str, str]]:
    """Address and command of the questions that go out, without what acknowledges."""
    return [(one.address, ";".join((one.status, *one.values))) for one in frames(codec.data_to_send())]


def frames(data: bytes) -> list[Reply]:
    reader = FrameReader(BadByteCounter())
    return [one for one in reader.feed(data.replace(DC4, b"")) if isinstance(one, Reply)]


def said(codec: Fresenius, address: str, status: str, *values: str, now: Instant = NOW) -> list[Any]:
    return briefly(codec.receive_data(Reply(address, status, values).encode(), now))


def next_round(codec: Fresenius) -> list[tuple[str, str]]:
    """What is asked next, if what is open is not answered."""
    for _ in range(2):
        due = codec.next_timer()
        assert due is not None
        codec.handle_timer(due)
        if questions := asked(codec):
            return questions
    return []


def connected(modules: str = "1") -> Fresenius:
    """A codec that is about to ask module 1 for its variables."""
    codec = Fresenius()
    codec.handle_timer(NOW)
    assert asked(codec) == [("0", "DC")]
    said(codec, "0", "C")
    assert next_round(codec) == [("0", "LE;b")]
    said(codec, "0", "C", f"b{modules}")
    assert next_round(codec) == [("1", "DC")]
    said(codec, "1", "C")
    assert asked(codec) == [("1", "LF;b")]
    said(codec, "1", "C", "bDPS")
    assert asked(codec) == [("1", VARIABLES)]
    return codec


def test_the_sum_of_a_frame_is_what_remains_to_ff() -> None:
    assert checksum(b"0DC") == b"%02X" % (0xFF - (0x30 + 0x44 + 0x43) % 256)
    assert encode("0", "DC") == b"\x020DC48\x03"


@given(REPLIES)
def test_every_reply_survives_encoding(reply: Reply) -> None:
    assert frames(reply.encode()) == [reply]


def test_a_module_tells_its_rate_and_volume_in_hexadecimal() -> None:
    codec = connected()
    assert said(codec, "1", "C", "d0023", "r00001F41", "a0000", "m0001", "e0000") == [
        ["pump_rate", "3.5"],
        ["pump_delivered", "8.001"],
        ["unmapped", {"code": "1-m", "system": "Fresenius", "value": "0001", "unit": ""}],
    ]


def test_what_comes_is_acknowledged_before_the_next_question() -> None:
    codec = connected("3")
    said(codec, "1", "C", "d0001")
    assert codec.data_to_send() == ACK + encode("2", "DC")


def test_an_enquiry_is_answered_at_once() -> None:
    codec = connected()
    codec.receive_data(ENQ, NOW)
    assert codec.data_to_send() == DC4


def test_every_module_has_metrics_of_its_own() -> None:
    assert [metric(module, "rate") for module in (1, 2)] == ["pump_rate", "pump2_rate"]
    codec = connected("2003"[-1])
    assert said(codec, "2", "E", "d0064")[0] == ["pump2_rate", "10.0"]
    assert said(codec, "7", "E", "d0064")[0][1]["code"] == "7-d"


def test_what_a_module_says_by_itself_is_answered_and_is_no_answer() -> None:
    codec = connected()
    assert said(codec, "1", "E", "d0064") == [["pump_rate", "10.0"]]
    assert codec.data_to_send() == ACK + encode("1", "E")
    assert said(codec, "1", "C", "d0032")[0] == ["pump_rate", "5.0"]


def test_each_bit_of_an_alarm_begins_and_ends() -> None:
    codec = connected()
    begun = said(codec, "1", "E", "a0006")
    ended = said(codec, "1", "E", "a0004")
    assert [(one[1]["code"], one[1]["active"]) for one in begun + ended] == [
        ("1-alarm-1", 1),
        ("1-alarm-2", 1),
        ("1-alarm-1", 0),
    ]


def test_an_answer_of_another_module_is_not_taken_for_this_one_s() -> None:
    codec = connected()
    assert said(codec, "2", "C", "DRUG B") == [["bad-bytes", {"framing": 1}]]
    assert said(codec, "2", "C", "d0064") == [["pump2_rate", "10.0"]]
    assert said(codec, "1", "C", "d0032") == [["pump_rate", "5.0"]]


def test_among_the_modules_of_a_base_a_number_without_an_address_is_nobody_s() -> None:
    assert said(connected(), "", "C", "d0064") == [["bad-bytes", {"framing": 1}]]


def test_numbers_count_though_nobody_asked_for_them() -> None:
    assert said(Fresenius(), "3", "C", "d0064", "r00000001") == [
        ["pump3_rate", "10.0"],
        ["pump3_delivered", "0.001"],
    ]
    assert said(Fresenius(), "", "C", "d0064") == [["pump_rate", "10.0"]]


def test_a_late_answer_is_not_taken_for_that_to_the_question_after_it() -> None:
    codec = connected()
    assert next_round(codec) == [("1", "DC")]
    assert said(codec, "1", "C", "d0064", "a0000") == [["pump_rate", "10.0"]]
    assert asked(codec) == []
    said(codec, "1", "C")
    assert asked(codec) == [("1", "LF;b")]


def test_a_module_whose_session_is_closed_is_connected_again() -> None:
    codec = connected()
    assert said(codec, "1", "I", "1E") == []
    assert next_round(codec) == [("1", "DC")]


def test_a_base_whose_session_is_closed_is_connected_again() -> None:
    codec = connected()
    assert said(codec, "1", "I", "0D") == []
    assert next_round(codec) == [("0", "DC")]


def test_another_error_is_a_refusal_told_once() -> None:
    codec = connected()
    refusal = ["refused", {"command": f"1{VARIABLES}", "answer": "error-04"}]
    assert said(codec, "1", "I", "04") == [refusal]
    assert next_round(codec) == [("1", VARIABLES)]
    assert said(codec, "1", "I", "04") == []


def test_a_refusal_on_the_line_is_told_and_the_next_question_asked() -> None:
    codec = connected()
    assert briefly(codec.receive_data(NAK + b"2", NOW)) == [
        ["refused", {"command": "question", "answer": "nak"}]
    ]
    assert next_round(codec) == [("1", VARIABLES)]


def test_a_silent_base_is_also_tried_as_a_pump_alone() -> None:
    codec = Fresenius()
    codec.handle_timer(NOW)
    assert asked(codec) == [("0", "DC")]
    assert next_round(codec) == [("", "DC")]
    assert said(codec, "", "C") == []
    assert next_round(codec) == [("", "LF;b")]
    assert said(codec, "", "C", "bDPS") == [["identity", {"model": "DPS"}]]
    assert asked(codec) == [("", VARIABLES)]
    assert said(codec, "", "C", "d0064")[0] == ["pump_rate", "10.0"]
    next_round(codec)
    assert next_round(codec) == [("0", "DC")]


def test_only_commands_that_change_nothing_are_sent() -> None:
    codec, commands = connected("1F"), set[str]()
    for second in range(200):
        now = later(NOW, 3.0 + second)
        codec.handle_timer(now)
        for _ in range(25):
            for address, command in asked(codec):
                commands.add(command)
                said(codec, address, "C", "b1F", now=now)
    assert commands == {"DC", "LE;b", "LF;b", "LP", VARIABLES}


def test_a_frame_with_a_wrong_sum_is_refused_and_makes_no_number() -> None:
    codec = connected()
    damaged = Reply("1", "C", ("d0064",)).encode().replace(b"d0064", b"d0065")
    assert briefly(codec.receive_data(damaged, NOW)) == [["bad-bytes", {"checksum": 1}]]
    assert codec.data_to_send() == NAK + b"2"


@pytest.mark.parametrize("digits", ["", "xyz", "-1", "0_1", "123456789"])
def test_digits_that_are_none_are_bad_bytes_and_no_number(digits: str) -> None:
    assert said(connected(), "1", "C", f"d{digits}") == [["bad-bytes", {"range": 1}]]


def test_an_endless_frame_is_not_waited_for() -> None:
    codec = connected()
    told = briefly(codec.receive_data(b"\x02" + b"A" * 500 + Reply("1", "C", ("d0064",)).encode(), NOW))
    assert told[0] == ["pump_rate", "10.0"]


@given(st.integers(0, 8 * len(Reply("1", "C", ("d0064", "r00000001")).encode()) - 1))
def test_a_flipped_bit_costs_at_most_its_frame(bit: int) -> None:
    damaged = bytearray(Reply("1", "C", ("d0064", "r00000001")).encode())
    damaged[bit // 8] ^= 1 << bit % 8
    codec = connected()
    values = [one.value for one in codec.receive_data(bytes(damaged), NOW) if isinstance(one, Reading)]
    assert values in ([], [Decimal("10.0"), Decimal("0.001")])
    assert ["pump_rate", "20.0"] in said(codec, "1", "E", "d00C8")


@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_raise_and_never_make_a_reading(data: bytes) -> None:
    assert not [one for one in connected().receive_data(data, NOW) if isinstance(one, Reading)]


@given(REPLIES)
def test_arbitrary_replies_never_raise(reply: Reply) -> None:
    connected().receive_data(reply.encode(), NOW)


@given(st.data())
def test_a_stream_says_the_same_however_it_is_cut(data: st.DataObject) -> None:
    every = [Reply("1", "E", (f"d{n:04X}", "a0002")).encode() for n in range(4)]
    stream = ENQ.join(every) + b"noise\x02x" + NAK + b"3" + every[0]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    pieces = [stream[a:b] for a, b in pairwise([0, *cuts, len(stream)])]
    whole, cut = connected(), connected()
    told = [one for one in briefly(whole.receive_data(stream, NOW)) if one[0] != "bad-bytes"]
    by_piece = briefly(one for piece in pieces for one in cut.receive_data(piece, NOW))
    assert [one for one in by_piece if one[0] != "bad-bytes"] == told
    assert cut.data_to_send() == whole.data_to_send()

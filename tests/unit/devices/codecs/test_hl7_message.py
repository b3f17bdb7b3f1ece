"""HL7 messages and MLLP: every message is found and split as its own marks say, and answered as it asks."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs.health import BadByteCounter
from devices.codecs.hl7.message import Marks, Message, acknowledgement, encode_segment
from devices.codecs.hl7.mllp import LONGEST, Framed, MllpReader, encode
from devices.errors import BadBytes
from devices.model.observation import Instant

MSH = b"MSH|^~\\&|A|B|C|D|20260101||ORU^R01^ORU_R01|17|P|2.6"


def found(*pieces: bytes) -> list[bytes]:
    reader = MllpReader(BadByteCounter())
    messages = [one for piece in pieces for one in reader.feed(piece)]
    return [one.content for one in [*messages, *reader.flush()]]


def counted(*pieces: bytes) -> int:
    bad = BadByteCounter()
    reader = MllpReader(bad)
    for piece in pieces:
        list(reader.feed(piece))
    return sum(int(count) for event in bad.told(Instant(0)) for count in event.detail.values())


def test_a_message_stands_between_its_marks() -> None:
    assert found(encode(MSH) + encode(MSH + b"\rPID")) == [MSH, MSH + b"\rPID"]


def test_the_last_mark_may_lack_its_cr() -> None:
    assert found(encode(MSH).removesuffix(b"\r") * 2) == [MSH, MSH]


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_messages_without_marks_begin_at_their_msh(end: bytes) -> None:
    one = MSH + end + b"OBX|1|ST|MSH|x" + end
    assert found(one + one) == [one, one]


def test_a_message_without_marks_may_end_with_one() -> None:
    assert found(MSH + b"\x1c\r" + encode(MSH)) == [MSH, MSH]


def test_a_message_that_another_cuts_off_is_not_taken() -> None:
    assert found(b"\x0b" + MSH + encode(MSH + b"\rPID")) == [MSH + b"\rPID"]
    assert counted(b"\x0b" + MSH + encode(MSH)) == len(MSH)


def test_an_msh_in_the_middle_of_a_line_begins_nothing() -> None:
    assert found(b"xxMSH|^~\\&|y\r", b"zzz", b"MSH|^~\\&|y\r") == []


def test_a_byte_order_mark_and_white_space_cost_nothing() -> None:
    assert counted(b"\xef\xbb\xbf\r\n" + encode(MSH) + b"\r\n\r\n" + encode(MSH)) == 0


@pytest.mark.parametrize("mark", ["\ufeff", "\u2028", "  ", "\t"])
def test_a_message_without_marks_may_stand_behind_a_blank_or_a_mark_of_unicode_s(mark: str) -> None:
    assert found(mark.encode() + MSH + b"\r" + encode(MSH))[0] == MSH + b"\r"
    assert counted(mark.encode() + MSH + b"\r" + encode(MSH)) == 0


def test_the_messages_of_a_batch_are_several_whether_between_marks_or_not() -> None:
    batch = b"FHS|^~\\&|A\rBHS|^~\\&|A\r" + MSH + b"\r" + MSH + b"\rBTS|2\rFTS|1\r"
    for stream in (encode(batch), batch + encode(MSH)):
        messages = [one.split(b"MSH")[1:] for one in found(stream)]
        assert [len(one) for one in messages[:2]] == [1, 1]


@given(
    st.lists(st.sampled_from([encode(MSH), b"junk", MSH + b"\r", b"\r", b"\x0b", b"M", b"MSH", b"\x1c"])),
    st.data(),
)
def test_a_stream_says_the_same_however_it_is_cut(parts: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=20)))
    pieces = [stream[a:b] for a, b in pairwise([0, *cuts, len(stream)])]
    assert found(*pieces) == found(stream)


@given(st.binary(max_size=200))
def test_after_any_garbage_the_next_message_but_one_is_found(garbage: bytes) -> None:
    assert found(garbage, encode(MSH), encode(MSH))[-1] == MSH


def test_a_message_that_is_too_long_is_given_up_and_its_beginning_kept() -> None:
    reader = MllpReader(BadByteCounter())
    chunks = [b"\x0b" + MSH, *[b"x" * 65536] * (LONGEST // 65536 + 1), b"\x1c\r" + encode(MSH)]
    messages = [one for chunk in chunks for one in reader.feed(chunk)]
    assert [(one.content[:10], one.is_whole) for one in messages] == [(MSH[:10], False), (MSH[:10], True)]
    assert messages[-1] == Framed(MSH)


def test_a_message_that_comes_byte_by_byte_is_searched_once() -> None:
    reader = MllpReader(BadByteCounter())
    list(reader.feed(b"\x0b"))
    for _ in range(200_000):
        assert list(reader.feed(b"x")) == []


def test_fields_are_counted_as_hl7_counts_them() -> None:
    header = Message.parse(MSH).header
    assert (header.text(1), header.raw(2), header.text(3), header.text(10)) == ("|", "^~\\&", "A", "17")
    assert (header.component(9, 2), header.component(9, 4), header.text(99)) == ("R01", "", "")


@pytest.mark.parametrize(
    "head",
    [b"MSH|^~\\&|", b"MSH|^~&|", b"MSH|^~\\&#|", b"MSH!$~\\%!", b"MSH|^|"],
)
def test_separators_are_those_of_the_message(head: bytes) -> None:
    field, component = head[3:4], head[4:5]
    line = field.join([b"OBX", b"1", b"ST", component.join([b"a", b"b"])])
    message = Message.parse(head + b"A\r" + line)
    assert message.segments[1].components(3) == ["a", "b"]


def test_what_has_no_msh_is_no_message() -> None:
    with pytest.raises(BadBytes, match="MSH"):
        Message.parse(b"PID|1|2")


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        (r"2.73x10\S\-7", "2.73x10^-7"),
        (r"a\F\b\T\c\R\d\E\e", r"a|b&c~d\e"),
        (r"one\.br\two", "one\ntwo"),
        (r"\H\bold\N\ \X41\\X4243\ ", "bold ABC"),
        (r"\XC2B5\g", "µg"),
        (r"\Zx\ \X4\ 5\6", r"\Zx\ \X4\ 5\6"),
        ('""', ""),
    ],
)
def test_escape_sequences_are_resolved(sent: str, meant: str) -> None:
    message = Message.parse(MSH + b"\rOBX|1|ST|x||" + sent.encode())
    assert message.segments[1].text(5) == meant


@pytest.mark.parametrize(
    ("declared", "codec"),
    [
        ("UNICODE UTF-8", "utf-8"),
        ("UNICODE", "utf-8"),
        ("", "utf-8"),
        ("8859/1", "latin-1"),
        ("ISO8859-1", "latin-1"),
        ("ASCII", "latin-1"),
        ("8859/15", "iso8859-15"),
        ("", "latin-1"),
        ("8859/99", "latin-1"),
        ("UNICODE UTF-8", "latin-1"),
    ],
)
def test_texts_are_in_the_declared_character_set_or_what_it_can_be(declared: str, codec: str) -> None:
    content = MSH + f"||||||{declared}\rPID|1||x||Müller\r".encode(codec)
    assert Message.parse(content).find("PID").text(5) == "Müller"


def test_chinese_character_sets_are_known() -> None:
    content = MSH + "||||||GB 18030-2000\rPID|1||x||张三\r".encode("gb18030")
    assert Message.parse(content).find("PID").text(5) == "张三"


@given(st.text(st.characters(max_codepoint=0x2FF, exclude_categories=["Cc", "Zs"]), max_size=20))
def test_a_text_survives_encoding(text: str) -> None:
    marks = Marks()
    line = encode_segment("OBX", {5: marks.escaped(text)}, marks)
    assert Message.parse(MSH + b"\r" + line.encode()).segments[1].component(5, 1) == (
        text if text != '""' else ""
    )


def test_an_acknowledgement_names_the_message_and_turns_sender_and_receiver() -> None:
    message = Message.parse(acknowledgement(Message.parse(MSH), "AE", "expected x|y", 3))
    assert [message.header.text(field) for field in (3, 4, 5, 6)] == ["C", "D", "A", "B"]
    assert message.header.text(9) == "ACK^R01^ACK"
    assert [message.find("MSA").text(field) for field in (1, 2, 3)] == ["AE", "17", "expected x|y"]


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_a_message_or_bad_bytes(garbage: bytes) -> None:
    message = Message.parse(MSH + b"\r" + garbage)
    assert message.header.name == "MSH"
    found(garbage)

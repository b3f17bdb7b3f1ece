"""The frames of LIS01-A2: every whole one is found, no damaged one is taken, garbage costs only itself."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.codecs.astm.frames import (
    Bare,
    Damaged,
    Frame,
    FrameReader,
    Mark,
    Token,
    checksum,
    encode_frame,
    encode_frames,
    is_header,
)
from devices.codecs.health import BadByteCounter
from devices.model.observation import Instant

TEXTS = st.binary(max_size=60).map(lambda text: bytes(octet for octet in text if octet >= 0x20))
FRAMES = st.lists(st.builds(Frame, st.integers(0, 7), TEXTS, st.booleans()), min_size=1, max_size=6)


def encoded(frame: Frame) -> bytes:
    return encode_frame(frame.number, frame.text, is_last=frame.is_last)


def tokens(*pieces: bytes) -> list[Token]:
    reader = FrameReader(BadByteCounter())
    return [token for piece in pieces for token in reader.feed(piece)]


def counted(*pieces: bytes) -> dict[str, object]:
    bad = BadByteCounter()
    reader = FrameReader(bad)
    for piece in pieces:
        list(reader.feed(piece))
    return {reason: count for event in bad.told(Instant(0)) for reason, count in event.detail.items()}


def test_the_checksum_is_that_of_other_implementations() -> None:
    assert encode_frame(1, b"A|B|C|D\r") == b"\x021A|B|C|D\r\x03BF\r\n"
    assert checksum("2P|1|2776833|||王^大^明||||||||||||||||||||\r\x03".encode()) == b"4B"


def test_frame_numbers_go_round_from_7_to_0() -> None:
    frames = encode_frames([bytes((letter,)) for letter in b"ABCDEFGHIJ"])
    assert frames[6] == b"\x027G\r\x038E\r\n"
    assert frames[7] == b"\x020H\r\x0388\r\n"
    assert frames[8] == b"\x021I\r\x038A\r\n"


def test_a_long_record_is_sent_in_several_frames_that_end_with_etb_but_for_the_last() -> None:
    frames = encode_frames([b"R|1|" + b"x" * 600])
    assert [frame[-5] for frame in frames] == [0x17, 0x17, 0x03]
    assert all(len(frame) <= 247 for frame in frames)


@given(FRAMES)
def test_every_frame_survives_encoding(frames: list[Frame]) -> None:
    assert tokens(b"".join(map(encoded, frames))) == frames


@given(FRAMES, st.data())
def test_a_stream_says_the_same_however_it_is_cut(frames: list[Frame], data: st.DataObject) -> None:
    stream = b"\x05" + b"".join(map(encoded, frames)) + b"\x04" + data.draw(st.binary(max_size=40))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=20)))
    pieces = [stream[a:b] for a, b in pairwise([0, *cuts, len(stream)])]
    assert tokens(*pieces) == tokens(stream)
    assert counted(*pieces) == counted(stream)


def test_quiet_bytes_among_lost_ones_are_counted_in_no_piece() -> None:
    assert counted(b"\x04\x01\x0b") == counted(b"\x04\x01", b"\x0b") == {"framing": 1}


@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_raise(garbage: bytes) -> None:
    tokens(garbage)


@given(st.binary(max_size=200))
def test_after_any_garbage_the_next_session_is_read(garbage: bytes) -> None:
    frame = Frame(1, b"H|\\^&\r", True)
    assert tokens(garbage, b"\x05" + encoded(frame))[-2:] == [Mark.ENQUIRY, frame]


@settings(max_examples=200)
@given(st.integers(1, 24), st.integers(0, 7))
def test_a_flipped_bit_never_makes_another_frame(at: int, bit: int) -> None:
    good = encode_frame(2, b"R|1|^^^GLU|5.4|x\r")
    damaged = bytearray(good)
    damaged[min(at, len(good) - 3)] ^= 1 << bit
    found = [token for token in tokens(bytes(damaged), good) if isinstance(token, Frame)]
    assert set(found) == {Frame(2, b"R|1|^^^GLU|5.4|x\r", True)}


@pytest.mark.parametrize("end", [b"", b"\r", b"\n", b"\r\n", b"\n\r"])
def test_the_line_end_after_the_sum_may_be_missing(end: bytes) -> None:
    frame = encode_frame(1, b"L|1\r").removesuffix(b"\r\n")
    assert len(tokens((frame + end) * 2)) == 2


def test_the_sum_may_be_in_lower_case() -> None:
    frame = encode_frame(1, b"A|B|C|D\r")
    assert tokens(frame.replace(b"BF", b"bf")) == [Frame(1, b"A|B|C|D\r", True)]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_the_sum_may_be_of_the_line_ends_that_an_editor_replaced(end: bytes) -> None:
    frame = encode_frame(1, b"H|\\^&|||cobas-e411^1\rP|1\r")
    recorded = frame[:-2].replace(b"\r", end)
    assert tokens(recorded) == [Frame(1, b"H|\\^&|||cobas-e411^1%bP|1%b" % (end, end), is_last=True)]


def test_a_wrong_sum_is_counted_and_told() -> None:
    frame = encode_frame(1, b"A|B|C|D\r").replace(b"BF", b"BE")
    assert tokens(frame) == [Damaged.FRAME]
    assert counted(frame) == {"checksum": 1}


def test_a_frame_that_the_next_one_cuts_off_is_damaged_and_the_next_one_is_read() -> None:
    frame = Frame(3, b"L|1\r", True)
    assert tokens(b"\x022R|1|^^^GL" + encoded(frame)) == [Damaged.FRAME, frame]


def test_a_frame_may_be_longer_than_the_standard_allows() -> None:
    frame = Frame(1, b"R|" + b"x" * 5000 + b"\r", True)
    assert tokens(encoded(frame)) == [frame]


def test_a_frame_without_an_end_is_given_up_before_it_fills_the_memory() -> None:
    stream = [b"\x021" + b"x" * 10_000, *[b"x" * 10_000] * 40]
    assert tokens(*stream) == [Damaged.FRAME]
    assert counted(*stream)["length"] == 1


def test_a_frame_that_comes_byte_by_byte_is_searched_once() -> None:
    reader = FrameReader(BadByteCounter())
    list(reader.feed(b"\x021"))
    for _ in range(200_000):
        assert list(reader.feed(b"x")) == []
    assert not reader.is_between


def test_records_without_frames_are_found_from_a_header_to_the_terminator() -> None:
    stream = b"H|\\^&|||X\rP|1\r\nR|1|^^^GLU|5.4\nL|1|N\rnoise\r"
    assert tokens(stream) == [
        Bare(b"H|\\^&|||X"),
        Bare(b"P|1"),
        Bare(b"R|1|^^^GLU|5.4"),
        Bare(b"L|1|N"),
    ]
    assert counted(stream) == {"framing": 5}


@pytest.mark.parametrize("line", [b"Hello|world", b"Hxx", b"R|1|^^^GLU|5.4", b"1H|\\^&|||X"])
def test_a_line_that_is_no_header_begins_no_message(line: bytes) -> None:
    assert tokens(line + b"\rR|1|^^^GLU|5.4\r") == []


@pytest.mark.parametrize("header", [b"H|\\^&|||x", b"H|@^\\|x", b"H|^~\\&|x", b"H|\\^&", b"H|\\\\^&|||x"])
def test_headers_are_known_by_their_delimiters(header: bytes) -> None:
    assert is_header(header)


def test_a_block_without_number_and_sum_is_read() -> None:
    assert tokens(b"\x05\x02H|\\^&|||M\rL|1|N\r\x03\x04") == [
        Mark.ENQUIRY,
        Mark.BLOCK,
        Bare(b"H|\\^&|||M"),
        Bare(b"L|1|N"),
        Mark.BLOCK_END,
        Mark.END,
    ]

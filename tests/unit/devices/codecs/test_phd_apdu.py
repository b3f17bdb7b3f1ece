"""APDUs of IEEE 11073-20601: as other stacks write them, found in any stream, not believed too easily."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs.health import BadByteCounter
from devices.codecs.phd import PhdManager, apdu, mder
from devices.codecs.phd.apdu import Apdu, ApduReader, Association, Choice, Message, Presentation, Result
from devices.codecs.phd.mder import Reader, attribute_list, attributes, listed, octets, u16, u32
from devices.codecs.phd.observations import EventReport, Observation, encode_fixed, encode_var
from devices.errors import BadBytes
from devices.model.observation import Instant

NOW = Instant(0)
ASSOCIATIONS = st.builds(
    Association,
    system_id=st.binary(min_size=8, max_size=8),
    configuration=st.integers(0, 0xFFFF),
    versions=st.integers(0, 0xFFFFFFFF),
    encodings=st.integers(0, 0xFFFF),
    modes=st.tuples(st.integers(0, 0xFFFF), st.integers(0, 255), st.integers(0, 255)),
)
APDUS = st.builds(Presentation, st.integers(0, 0xFFFF), st.integers(0, 0xFFFF), st.binary(max_size=40)).map(
    Presentation.encode
) | st.sampled_from([apdu.reason(Choice.RELEASE_REQUEST), apdu.reason(Choice.ABORT, 3)])


def found(*pieces: bytes) -> tuple[list[bytes], int]:
    """The APDUs of a stream, and how many octets belong to none."""
    bad = BadByteCounter()
    reader = ApduReader(bad)
    every = [one.encode() for piece in pieces for one in reader.feed(piece)]
    return every, sum(int(event.detail["framing"]) for event in bad.told(NOW))


def spaced(text: str) -> bytes:
    return bytes.fromhex(text)


NOVO_REQUEST = spaced(
    "e2 00 00 32 80 00 00 00 00 01 00 2a 50 79 00 26 80 00 00 00 80 00 80 00 00 00 00 00 00 00 00 80 "
    "00 00 00 08 00 14 65 00 45 07 b9 51 40 0a 00 01 01 00 00 00 00 00"
)
NOVO_ANSWER = spaced(
    "e3 00 00 2c 00 03 50 79 00 26 80 00 00 00 80 00 80 00 00 00 00 00 00 00 80 00 00 00 00 08 00 14 "
    "65 00 45 07 b9 51 00 00 00 00 00 00 00 00 00 00"
)
ANTIDOTE_ANSWER = spaced(
    "e300002c00005079002680000000800080000000000000008000000000088877665544332211 00000000000000000000"
)


def test_an_association_is_encoded_as_a_real_pen_encodes_it() -> None:
    pen = Association(spaced("0014650045 07b951"), 0x400A, modes=(1, 1, 0))
    assert apdu.association_request(pen) == NOVO_REQUEST
    assert apdu.requested(NOVO_REQUEST[4:]) == pen


def test_an_answer_is_encoded_as_other_managers_encode_it() -> None:
    xdrip = Association(spaced("0014650045 07b951"))
    assert apdu.association_response(Result.ACCEPTED_UNKNOWN_CONFIG, xdrip) == NOVO_ANSWER
    antidote = Association(spaced("8877665544332211"))
    assert apdu.association_response(Result.ACCEPTED, antidote) == ANTIDOTE_ANSWER


def test_a_whole_conversation_is_answered_as_xdrip_answers_it() -> None:
    codec = PhdManager()
    codec.receive_data(NOVO_REQUEST, NOW)
    answer = codec.data_to_send()
    assert (answer[:30], answer[38:]) == (NOVO_ANSWER[:30], NOVO_ANSWER[38:])
    config = spaced("400a") + listed([])
    report = EventReport(0, 0x0D1C, config, 0)
    codec.receive_data(Presentation(0, Message.CONFIRMED_EVENT_REPORT, report.encode()).encode(), NOW)
    accepted = spaced("e7 00 00 16 00 14 00 00 02 01 00 0e 00 00 00 00 00 00 0d 1c 00 04 40 0a 00 00")
    question = spaced("e7 00 00 0e 00 0c 00 01 01 03 00 06 00 00 00 00 00 00")
    assert codec.data_to_send() == accepted + question


@given(ASSOCIATIONS)
def test_every_association_survives_encoding(one: Association) -> None:
    assert apdu.requested(apdu.association_request(one)[4:]) == one


def test_an_association_without_modes_is_read() -> None:
    whole = Association(bytes(8), 0x02BC, modes=(7, 1, 1)).encode(apdu.AGENT)
    assert Association.decode(whole[:-8]) == Association(bytes(8), 0x02BC)


def test_an_offer_of_another_protocol_is_none() -> None:
    body = u32(1 << 31) + listed([u16(0xFFFF) + octets(b"abc")])
    assert apdu.requested(body) is None


@given(st.builds(Presentation, st.integers(0, 0xFFFF), st.integers(0, 0xFFFF), st.binary(max_size=60)))
def test_every_presentation_survives_encoding(one: Presentation) -> None:
    assert Presentation.decode(one.encode()[4:]) == one


def test_arguments_that_are_cut_short_are_refused() -> None:
    body = octets(u16(1) + u16(0x0101) + u16(5) + b"abc")
    with pytest.raises(BadBytes, match="5 octets"):
        Presentation.decode(body)


@given(st.lists(APDUS, max_size=5), st.data())
def test_apdus_are_found_however_the_stream_is_cut(apdus: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(apdus)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=9)))
    pieces = [stream[a:b] for a, b in pairwise([0, *cuts, len(stream)])]
    assert found(*pieces) == found(stream) == (apdus, 0)


@given(st.binary(max_size=60).filter(lambda junk: not set(junk) & set(range(0xE2, 0xE8))), APDUS)
def test_an_apdu_is_found_behind_anything_and_all_of_that_is_counted(junk: bytes, one: bytes) -> None:
    assert found(junk, one) == ([one], len(junk))
    assert found(*(bytes((octet,)) for octet in junk + one)) == ([one], len(junk))


@pytest.mark.parametrize(
    "header",
    [
        "e70000100010",  # lengths that disagree
        "e700ffffffff",
        "e200003208000000",  # no association version
        "e2000002800000",
        "e30000024444",
        "e300002c0009",  # no such result
        "e40000030000",
        "e60000040000",
        "e80000020000",
    ],
)
def test_a_header_that_no_apdu_has_is_not_waited_for(header: str) -> None:
    good = apdu.reason(Choice.RELEASE_RESPONSE)
    assert found(spaced(header), good)[0] == [good]


def test_the_largest_apdu_is_taken_and_a_larger_one_is_not() -> None:
    for size, taken in ((apdu.LARGEST - 8, 1), (apdu.LARGEST - 7, 0)):
        every, _ = found(Presentation(1, Message.EVENT_REPORT, b"\0" * size).encode())
        assert len(every) == taken


ATTRIBUTES = st.dictionaries(st.integers(0, 0xFFFF), st.binary(max_size=9), max_size=5)


@given(ATTRIBUTES)
def test_every_attribute_list_survives_encoding(told: dict[int, bytes]) -> None:
    reader = Reader(attribute_list(told.items()) + b"rest")
    assert attributes(reader) == told
    assert reader.left == 4


@given(ATTRIBUTES.filter(bool), st.integers(0, 9))
def test_a_list_is_read_by_its_length_whatever_number_of_items_it_tells(
    told: dict[int, bytes], number: int
) -> None:
    assert attributes(Reader(u16(number) + attribute_list(told.items())[2:])) == told


@given(st.integers(-(1 << 11) + 3, (1 << 11) - 3), st.integers(-8, 7))
def test_numbers_are_big_endian(mantissa: int, exponent: int) -> None:
    number = Decimal(mantissa).scaleb(exponent)
    assert Reader(mder.sfloat(number)).sfloat() == number
    assert Reader(mder.float32(number)).float32() == number
    assert mder.sfloat(Decimal("60.0")) == spaced("f258")


@pytest.mark.parametrize("take", [Reader.u16, Reader.u32, Reader.octets, Reader.sfloat, Reader.float32])
def test_fields_that_are_cut_short_are_refused(take: object) -> None:
    assert callable(take)
    with pytest.raises(BadBytes):
        take(Reader(b"\1"))


def test_text_is_read_without_its_padding_and_what_is_no_text_is_shown_as_such() -> None:
    assert Reader(octets(b"NovoPen\0")).text() == "NovoPen"
    assert Reader(octets(b"  A\x07B  ")).text() == "A.B"


OBSERVATIONS = st.lists(st.tuples(st.integers(0, 0xFFFF), st.binary(min_size=1, max_size=9)), max_size=5)


@given(OBSERVATIONS, st.integers(0, 0xFFFF))
def test_every_fixed_report_survives_encoding(values: list[tuple[int, bytes]], number: int) -> None:
    seen = [Observation(handle, {}, data) for handle, data in values]
    report = EventReport(0, 0x0D1D, encode_fixed(seen, number), 77)
    assert EventReport.decode(report.encode()) == report
    assert list(report.observations()) == seen


@given(st.lists(st.tuples(st.integers(0, 0xFFFF), ATTRIBUTES), max_size=4))
def test_every_var_report_survives_encoding(values: list[tuple[int, dict[int, bytes]]]) -> None:
    seen = [Observation(handle, told) for handle, told in values]
    assert list(EventReport(0, 0x0D1E, encode_var(seen)).observations()) == seen


def test_persons_are_told_apart() -> None:
    item = u16(1) + octets(b"\0\x60")
    info = u16(0xF000) + u16(0) + listed([u16(1) + listed([item]), u16(2) + listed([item, item])])
    persons = [one.person for one in EventReport(0, 0x0D1F, info).observations()]
    assert persons == [1, 2, 2]


def test_the_answer_to_a_report_names_it_and_tells_no_time() -> None:
    report = EventReport(0x0037, 0x0D22, b"", 5)
    assert report.answer() == spaced("0037 00000000 0d22 0000")


def test_an_apdu_is_what_it_says() -> None:
    assert Apdu(Choice.ABORT, u16(1)).encode() == spaced("e60000020001")

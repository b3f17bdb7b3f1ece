"""Messages of the Data Export protocol, held against recorded ones; nothing in them is trusted.

Recorded: jaj42/intellipy, reference/intellivue_enumeration.pcapng, a host and an M8000; the frame is named.
"""

import struct
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs.intellivue import association, message, values
from devices.codecs.intellivue.message import Asked, Observation, Octets, Polled, Refused
from devices.errors import BadBytes
from devices.model.observation import NoValue

FRAME_50 = "e10000020002001400010001000e002100000000000000000d060000"
FRAME_51 = "e10000020001001c03e900070016002100000000000000000c1600080000000100210000"
FRAME_55 = "e10000020001002803eb0007002200210000000000000000f13b0014000000010006000000010008f13e000400003e80"
FRAME_3 = "0918c11661803080020101a08062808001000000000000000000"
FRAME_58 = (
    "e10000020002002a03eb00070024002100000000f13b001a000000000d617300ffffffffffffffff00010006000000000000"
)


def test_an_announcement_is_answered_as_a_host_was_recorded_to_do() -> None:
    assert message.created_result(1).hex() == FRAME_50


def test_a_poll_differs_from_a_recorded_one_in_its_number_alone() -> None:
    ours, recorded = message.poll(0x3E9, message.MDS).hex(), FRAME_51
    assert (ours[:56], ours[60:]) == (recorded[:56], recorded[60:])


def test_an_association_is_released_as_a_host_was_recorded_to_do() -> None:
    assert association.RELEASE_REQUEST.hex() == FRAME_3


def test_a_recorded_poll_is_read() -> None:
    assert message.asked(bytes.fromhex(FRAME_51)) == Asked(0x3E9, message.MDS, None)


def test_a_recorded_extended_poll_is_read() -> None:
    assert message.asked(bytes.fromhex(FRAME_55)) == Asked(0x3EB, message.NUMERIC, 2)


@given(st.integers(0, 65535), st.integers(0, 65535), st.integers(1, 3600))
def test_a_monitor_reads_the_polls_that_a_host_makes(invoke_id: int, kind: int, seconds: int) -> None:
    assert message.asked(message.extended_poll(invoke_id, kind, seconds)) == Asked(invoke_id, kind, seconds)
    assert message.asked(message.poll(invoke_id, kind)) == Asked(invoke_id, kind, None)


def test_what_is_no_poll_is_none() -> None:
    for data in (message.created_result(1), message.created(1, 2, {}), association.request() + bytes(8)):
        assert message.asked(data) is None


def test_a_recorded_reply_without_objects_is_read() -> None:
    assert message.decode(bytes.fromhex(FRAME_58)) == Polled(message.NUMERIC, 0x0D617300, [])


def test_objects_of_several_contexts_keep_theirs() -> None:
    told = [Observation(0, 7, {1: b"a"}), Observation(0, 8, {}), Observation(3, 7, {1: b"b", 2: b""})]
    assert message.decode(message.result(5, Polled(message.NUMERIC, 9, told))) == Polled(
        message.NUMERIC, 9, told
    )


def test_bytes_after_a_message_are_left_alone() -> None:
    data = message.result(5, Polled(message.NUMERIC, 9, [Observation(0, 7, {1: b"a"})]))
    assert message.decode(data + b"more") == message.decode(data)


def test_a_message_that_was_cut_is_bad_bytes() -> None:
    data = message.result(5, Polled(message.NUMERIC, 9, [Observation(0, 7, {1: b"0123456789abcdef"})]))
    for size in range(1, len(data)):
        with pytest.raises(BadBytes):
            message.decode(data[:size])


def test_a_count_is_not_trusted_past_its_list() -> None:
    data = bytearray(message.result(5, Polled(message.NUMERIC, 9, [Observation(0, 7, {1: b"a"})])))
    at = data.index(bytes.fromhex("00010006")) + 6
    data[at : at + 2] = b"\xff\xff"
    with pytest.raises(BadBytes):
        message.decode(bytes(data))


def test_a_refusal_has_the_number_of_what_it_refuses_and_why() -> None:
    refused = message.SESSION + struct.pack(">HHHHH", message.ERROR, 6, 0x3EB, 24, 0)
    assert message.decode(refused) == Refused(0x3EB, 24)


@pytest.mark.parametrize("command", [3, 5])
def test_results_of_other_operations_say_nothing(command: int) -> None:
    """Frame 68 answers a request for the list of waves; 5 answers one to set it."""
    body = struct.pack(">HHH", 0x3EC, command, 10) + bytes(10)
    data = message.SESSION + struct.pack(">HH", message.RESULT, len(body)) + body
    assert message.decode(data) is None


def test_another_event_than_an_announcement_says_nothing() -> None:
    data = bytearray(message.created(1, 2, {}))
    data[data.index(b"\x0d\x06")] = 0x0E
    assert message.decode(bytes(data)) is None


def test_a_session_of_another_kind_is_bad_bytes() -> None:
    with pytest.raises(BadBytes, match="session"):
        message.decode(bytes.fromhex("00000100") + bytes(40))


@pytest.mark.parametrize(
    ("exponent", "mantissa", "expected"),
    [
        *((-3, 32000, "32.000"), (-1, 320, "32.0"), (1, 320, "3200"), (2, 32, "3200"), (2, 1234, "123400")),
        *((-1, -5000, "-500.0"), (0, 0, "0"), (0, 8388605, "8388605"), (0, -8388605, "-8388605")),
        *((0, 0x7FFFFF, NoValue.NOT_AVAILABLE), (0, -0x800000, NoValue.NOT_AT_THIS_RESOLUTION)),
        *((0, 0x7FFFFE, NoValue.OVERFLOW), (0, -0x7FFFFE, NoValue.UNDERFLOW)),
    ],
)
def test_a_float_is_what_another_reader_s_tests_say(
    exponent: int, mantissa: int, expected: str | NoValue
) -> None:
    """Koshsky/Intellivue-api, float_test.go: "book 1" to "book 4" are the Guide's own examples."""
    data = struct.pack(">b", exponent) + (mantissa & 0xFFFFFF).to_bytes(3, "big")
    wanted = expected if isinstance(expected, NoValue) else Decimal(expected)
    assert values.number(data) == wanted


def test_fields_are_taken_in_order_and_never_past_the_end() -> None:
    octets = Octets(bytes.fromhex("0102030405"))
    assert (octets.uint(1), octets.uint(2), octets.take(1)) == (1, 0x0203, b"\x04")
    with pytest.raises(BadBytes, match="expected 2 more bytes, got 1"):
        octets.uint(2)
    assert octets.uint(1) == 5

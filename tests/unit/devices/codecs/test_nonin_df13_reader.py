"""The messages beside Nonin's format 13: whole ones only, and what a damaged one cost is counted."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs.health import BadByteCounter
from devices.codecs.nonin_df13_reader import MEASUREMENT, NAME, REVISIONS, TIME, Message, MessageReader
from devices.codecs.nonin_packet import ACK, NAK
from devices.model.observation import Instant


def named(text: bytes) -> Message:
    data = b"\x02" + text
    return Message(NAME, data + bytes((sum(data) % 256,)))


MESSAGES = st.one_of(
    st.just(Message(ACK)),
    st.just(Message(NAK)),
    st.binary(min_size=14, max_size=32).map(lambda data: Message(MEASUREMENT, data)),
    st.binary(min_size=6, max_size=6).map(lambda data: Message(TIME, data)),
    st.binary(min_size=2, max_size=2).map(lambda data: Message(REVISIONS, data)),
    st.binary(min_size=1, max_size=20).map(named),
)


class Heard:
    """A reader and what it counted."""

    def __init__(self, *pieces: bytes) -> None:
        self._bad = BadByteCounter()
        self.reader = MessageReader(self._bad)
        self.messages = [message for piece in pieces for message in self.reader.feed(piece)]

    def bad(self) -> Counter[str]:
        counts: Counter[str] = Counter()
        for event in self._bad.told(Instant(0)):
            counts.update({reason: int(number) for reason, number in event.detail.items()})
        return counts


@given(st.lists(MESSAGES, max_size=6))
def test_messages_are_read_as_they_were_sent(messages: list[Message]) -> None:
    heard = Heard(b"".join(message.encode() for message in messages))
    assert heard.messages == messages
    assert not heard.reader.waits()
    assert heard.bad() == Counter()


@given(st.lists(MESSAGES, max_size=6))
def test_messages_may_come_byte_by_byte(messages: list[Message]) -> None:
    stream = b"".join(message.encode() for message in messages)
    assert Heard(*(bytes((byte,)) for byte in stream)).messages == messages


@given(MESSAGES.filter(lambda message: bool(message.data)), st.data())
def test_a_message_cut_short_waits_and_can_be_given_up(message: Message, data: st.DataObject) -> None:
    octets = message.encode()
    cut = data.draw(st.integers(1, len(octets) - 1))
    heard = Heard(octets[:cut])
    assert heard.reader.waits() or octets[:cut] == b""
    assert message not in heard.messages
    list(heard.reader.give_up())
    assert not heard.reader.waits()
    assert sum(heard.bad().values()) > 0


def test_a_good_message_behind_one_that_has_no_end_is_found_when_it_is_given_up() -> None:
    damaged = bytearray(Message(MEASUREMENT, bytes(14)).encode())
    damaged[5] = 30
    heard = Heard(bytes(damaged[:8]) + named(b"501493200").encode())
    assert heard.messages == []
    assert list(heard.reader.give_up()) == [named(b"501493200")]


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        ("0002000D000D", "length"),
        ("0002000DFFFF", "length"),
        ("0002000E000E", "framing"),
        ("02F20703010203040506", "length"),
        ("02F206320C1F0E1E0F04", "framing"),
        ("02F40B02353031343933323030CB03", "checksum"),
        ("02F10003", "framing"),
        ("02F40003", "length"),
        ("020D0E200710011848210002000034006303", "framing"),
        ("FF", "framing"),
    ],
)
def test_what_is_wrong_with_a_message_is_counted_by_its_reason(octets: str, reason: str) -> None:
    heard = Heard(bytes.fromhex(octets) + bytes(40))
    assert [message for message in heard.messages if message.data] == []
    assert heard.bad()[reason] >= 1


def test_a_sum_that_is_wrong_costs_that_message_only() -> None:
    good = Message(MEASUREMENT, bytes(range(14)))
    broken = bytearray(good.encode())
    broken[10] ^= 0x40
    heard = Heard(bytes(broken) + good.encode())
    assert heard.messages[-1:] == [good]
    assert heard.messages.count(good) == 1


def test_the_null_before_a_measurement_may_be_missing() -> None:
    good = Message(MEASUREMENT, bytes(range(14)))
    assert Heard(good.encode()[1:]).messages == [good]

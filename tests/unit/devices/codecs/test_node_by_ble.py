"""The node's stream in notifications of any size, and its answers in values that every connection carries."""

import cbor2
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs import Codec, Host, JournalledCodec, Said
from devices.codecs.health import BadByteCounter
from devices.codecs.node import wire
from devices.codecs.node.by_ble import MOST, TO_HOST, TO_NODE, Answers, linked
from devices.codecs.node.inputs import FrameReader
from devices.codecs.node.vitals import NodeVitals
from devices.model.observation import Instant, Reading

NOW = Instant(60_000_000_000)
STREAM = 0xFFFFFFFF


def reading(number: int, oldest: int = 1) -> bytes:
    head = {wire.KIND: wire.READINGS, wire.SEQUENCE: number, wire.BOOT: 1, wire.STREAM: STREAM}
    rest = {wire.OLDEST: oldest, wire.AT_MS: 0, wire.NOW_MS: 0, wire.VALUES: [1, number, 0]}
    return wire.frame(cbor2.dumps({**head, **rest}))


def written(answers: Codec) -> list[bytes]:
    """The values that the link writes, as it asks for them."""
    values = [answers.data_to_send()]
    while (due := answers.next_timer()) is not None:
        assert due <= NOW
        assert answers.handle_timer(NOW) == []
        values.append(answers.data_to_send())
    return [value for value in values if value]


def maps(values: list[bytes]) -> list[dict[object, object]]:
    return list(FrameReader(BadByteCounter()).feed(b"".join(values)))


@given(st.integers(1, 30), st.integers(20, 250))
def test_frames_are_read_however_notifications_cut_them(count: int, size: int) -> None:
    codecs, said = linked(Host()), list[Said]()
    stream = b"".join(map(reading, range(1, count + 1)))
    for start in range(0, len(stream), size):
        said += codecs[TO_HOST].receive_data(stream[start : start + size], NOW)
    assert [int(one.value or 0) for one in said if isinstance(one, Reading)] == list(range(1, count + 1))


class Talkative(NodeVitals):
    """Has once more to say than a value holds."""

    owed = bytes(range(1, 100))

    def data_to_send(self) -> bytes:
        owed, self.owed = self.owed, b""
        return owed


def test_what_is_to_be_written_is_cut_into_values_of_twenty_bytes() -> None:
    values = written(Answers(Talkative()))
    assert b"".join(values) == Talkative.owed
    assert [len(value) for value in values] == [MOST] * 4 + [19]


def test_an_answer_is_written_once_the_journal_has_what_it_is_for() -> None:
    host = Host()
    codecs = linked(host)
    heard, answers = codecs[TO_HOST], codecs[TO_NODE]
    assert isinstance(heard, JournalledCodec)
    assert [one[wire.KIND] for one in maps(written(answers))] == [wire.ASK]
    for number in range(0x10000, 0x10003):
        heard.receive_data(reading(number, 0x10000), NOW)
    assert heard.awaits_journal()
    assert written(answers) == []
    heard.journalled(NOW)
    values = written(answers)
    assert maps(values) == [{wire.KIND: wire.ACKNOWLEDGE, wire.SEQUENCE: 0x10002, wire.STREAM: STREAM}]
    assert heard.data_to_send() == b""
    assert host.memory["node-next"] == 0x10003

"""The oracle catches what it is there to catch."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from devices.capture import Chunk
from devices.codecs import Said
from devices.model.observation import DeviceEvent, EventKind, Instant, Reading
from devices.profiles import SerialLink
from hil.errors import Broken
from hil.fuzz.damage import ALL, damaged
from hil.fuzz.oracle import MOST_BYTES, endure_link

STREAM = [Chunk(Instant(n * 1_000_000_000), None, bytes(range(n, n + 10))) for n in range(20)]


class Codec:
    """A codec that behaves."""

    def __init__(self) -> None:
        self.held = bytearray()

    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        return [Reading("spo2", now, Decimal(97))]

    def data_to_send(self) -> bytes:
        return b""

    def next_timer(self) -> Instant | None:
        return None

    def handle_timer(self, now: Instant) -> list[Said]:
        return []


class Raising(Codec):
    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        raise IndexError(data[20])


class Hoarding(Codec):
    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        self.held += bytes(MOST_BYTES // 10)
        return []


class Ringing(Codec):
    def next_timer(self) -> Instant | None:
        return Instant(0)


class Chattering(Codec):
    def data_to_send(self) -> bytes:
        return bytes(100_000)


class Inventing(Codec):
    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        return [Reading("mood", now, Decimal(97))]


class NotANumber(Codec):
    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        return [Reading("spo2", now, Decimal("NaN"))]


class Misnaming(Codec):
    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        return [DeviceEvent(EventKind.BAD_BYTES, now, {"crc": 1})]


class WronglyDetailed(Codec):
    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        return [DeviceEvent(EventKind.STATUS, now, {"on": True})]


def test_a_codec_that_behaves_is_let_pass() -> None:
    assert len(endure_link(SerialLink(9600, Codec), STREAM)) == len(STREAM)


@pytest.mark.parametrize(
    ("codec", "error"),
    [
        (Raising, IndexError),
        (Hoarding, Broken),
        (Ringing, Broken),
        (Chattering, Broken),
        (Inventing, Broken),
        (NotANumber, Broken),
        (Misnaming, Broken),
        (WronglyDetailed, Broken),
    ],
)
def test_one_that_does_not_is_caught(codec: Callable[[], Codec], error: type[Exception]) -> None:
    with pytest.raises(error):
        endure_link(SerialLink(9600, codec), STREAM)


@pytest.mark.parametrize("kind", sorted(ALL))
def test_a_damage_changes_the_stream_and_the_same_seed_does_the_same_again(kind: str) -> None:
    changed = [damaged(STREAM, [kind], seed) for seed in range(5)]
    assert any([chunk.data for chunk in one] != [chunk.data for chunk in STREAM] for one in changed)
    assert changed == [damaged(STREAM, [kind], seed) for seed in range(5)]


@pytest.mark.parametrize("kind", sorted(ALL))
def test_time_never_goes_back_in_a_damaged_stream(kind: str) -> None:
    times = [chunk.at for chunk in damaged(STREAM, [kind, "spliced"], 7)]
    assert times == sorted(times)

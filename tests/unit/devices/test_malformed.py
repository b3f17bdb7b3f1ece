"""Every device's stream, damaged: no codec raises, grows without bound, rings for ever or says odd things.

The short, seeded version of `./run campaign fuzz`.
"""

from collections.abc import Iterable
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from devices.capture import Chunk
from devices.codecs import Said
from devices.model.observation import DeviceEvent, EventKind, Reading, later
from devices.profiles import Profile, SerialLink, TcpLink, profiles
from hil.fuzz.damage import ALL, damaged
from hil.fuzz.oracle import endure
from hil.fuzz.streams import streams

EVERY = pytest.mark.parametrize("one", profiles().values(), ids=profiles().keys())


@EVERY
def test_a_model_has_a_stream_to_be_tried_with(one: Profile) -> None:
    assert [stream for stream in streams(one) if stream]


@EVERY
@settings(max_examples=12, deadline=None)
@given(kinds=st.lists(st.sampled_from(sorted(ALL)), min_size=1, max_size=3), seed=st.integers(0, 2**32))
def test_a_damaged_stream_is_endured(one: Profile, kinds: list[str], seed: int) -> None:
    for stream in streams(one):
        endure(one, damaged(stream, kinds, seed))


@EVERY
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_flood_at_ten_times_the_speed_is_endured(one: Profile, seed: int) -> None:
    for stream in streams(one)[:1]:
        endure(one, damaged(stream, ["flooded"], seed))


@EVERY
def test_the_undamaged_stream_says_something(one: Profile) -> None:
    said = [each for stream in streams(one) for each in endure(one, stream)]
    assert [each for each in said if not (isinstance(each, DeviceEvent) and each.kind == EventKind.BAD_BYTES)]


STREAMS = [one for one in profiles().values() if isinstance(one.link, SerialLink | TcpLink)]


@pytest.mark.parametrize("one", STREAMS, ids=[one.name for one in STREAMS])
def test_a_flood_of_noise_shows_up_as_counts(one: Profile) -> None:
    said = endure(one, damaged(streams(one)[0], ["flooded"], 1))
    assert [each for each in said if isinstance(each, DeviceEvent) and each.kind == EventKind.BAD_BYTES]


def numbers(said: Iterable[Said]) -> list[tuple[str, Decimal | None]]:
    return [(one.metric, one.value) for one in said if isinstance(one, Reading)]


@pytest.mark.parametrize("one", STREAMS, ids=[one.name for one in STREAMS])
@settings(max_examples=5, deadline=None)
@example(noise=b">")
@given(noise=st.binary(min_size=1, max_size=300))
def test_after_noise_the_stream_is_read_as_if_there_had_been_none(one: Profile, noise: bytes) -> None:
    stream = list(streams(one)[-1])
    lasts_s = (stream[-1].at - stream[0].at) / 1e9 + 1
    again = [Chunk(later(c.at, turn * lasts_s), c.source, c.data) for turn in range(3) for c in stream]
    clean = numbers(endure(one, again))
    noisy = numbers(endure(one, [Chunk(again[0].at, None, noise), *again]))
    # A device that is asked may have been asked too late in the first turn, and answer in the second.
    turn = len(clean) // 3
    assert noisy[len(noisy) - turn :] == clean[len(clean) - turn :]

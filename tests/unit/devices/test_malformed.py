"""Every device's stream, damaged: no codec raises, grows without bound, rings for ever or says odd things.

The short, seeded version of `./run campaign fuzz`.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.model.observation import DeviceEvent, EventKind
from devices.profiles import Profile, profiles
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

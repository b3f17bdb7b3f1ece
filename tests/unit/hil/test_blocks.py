"""The judges' own reader of blocks finds the groups and samples that were sealed."""

import cbor2
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.model.observation import Waveform
from devices.wire.block import BlockClock, Lane, open_block, plain_records, seal
from devices.wire.records import Group, pack
from hil.blocks import groups_of, samples_of
from tests.support import wire


@settings(deadline=None, max_examples=50)
@given(st.lists(wire.groups, max_size=3), wire.clocks, st.sampled_from(Lane))
def test_every_group_is_found_compressed_or_not(groups: list[Group], clock: BlockClock, lane: Lane) -> None:
    block = seal(b"journal1", lane, 7, clock, groups)
    found = groups_of(block)
    assert found == cbor2.loads(plain_records(*open_block(block)))


@given(wire.samples)
def test_samples_are_read_in_either_form(samples: bytes) -> None:
    wave = Waveform("pleth", wire.BASE, 75_000, samples)
    [[record]] = [group[3] for group in cbor2.loads(pack([Group(None, None, [wave])], wire.BASE))]
    assert samples_of(record) == samples


def test_other_records_have_no_samples() -> None:
    assert samples_of([0, 1, 0, 60, 0, 0]) is None

"""An update that is cut off anywhere: the old version runs or the new one, whole, and the update goes on."""

import copy
import hashlib
from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.core.slots import FACTORY
from hil.sims.nor_flash import PowerCut
from tests.support.torn_flash import Torn, TornFlash
from tests.support.updated_node import PAGE, PAGES, UpdatedNode, UpdateHost, converse, image, updated

SIZE = 700
_OUTAGE = 60
"""Turns, both ways counted."""
FROM = pytest.mark.parametrize("old", [1, 2], ids=["from-the-files", "from-an-image"])


def at_version(old: int) -> UpdatedNode:
    node = UpdatedNode(TornFlash(PAGE, PAGES))
    if old > 1:
        updated(node, old)
    return node


def copied(node: UpdatedNode, seed: int) -> tuple[UpdatedNode, TornFlash]:
    """The node with flash of its own."""
    flash = TornFlash(PAGE, PAGES, seed=seed)
    flash.content[:] = node.flash.content
    other = UpdatedNode(flash)
    other.ring_flash = copy.deepcopy(node.ring_flash)
    return other, flash


def booted(node: UpdatedNode) -> None:
    while True:
        try:
            node.boot()
            return
        except PowerCut:
            pass


def assert_whole(node: UpdatedNode, old: int, new: bytes, new_version: int) -> None:
    """What runs is the old version or the new, to the last byte."""
    assert node.version in (old, new_version)
    old_digest = b"" if old == 1 else hashlib.sha256(image(old)).digest()
    assert node.digest() == (hashlib.sha256(new).digest() if node.version == new_version else old_digest)


def see_through(node: UpdatedNode, host: UpdateHost, old: int) -> None:
    """Update over all cuts."""
    while True:
        try:
            converse(node, host, lambda: host.codes[-1:] == ["running"])
            return
        except PowerCut:
            booted(node)
            assert_whole(node, old, host.image, host.version)


def operations(node: UpdatedNode, host: UpdateHost, end: str = "running") -> int:
    """How many writes and erasures a whole update is."""
    other, flash = copied(node, 0)
    other.raises = node.raises
    converse(other, host, lambda: host.codes[-1:] == [end])
    return flash.operations


@FROM
@pytest.mark.parametrize("torn", list(Torn))
def test_a_power_cut_in_any_write_or_erasure_leaves_a_whole_version_and_the_update_goes_on(
    old: int, torn: Torn
) -> None:
    node = at_version(old)
    count = operations(node, UpdateHost(3, image(3, SIZE)))
    assert count > 15
    fallen = 0
    for operation in range(count):
        for seed in range(1 if torn in (Torn.NOTHING, Torn.ALL) else 4):
            other, flash = copied(node, seed)
            flash.cut_in(operation, torn)
            host = UpdateHost(3, image(3, SIZE))
            host.insists = True
            see_through(other, host, old)
            assert flash.cut_at is None
            assert other.version == 3
            fallen += "fell-back" in host.codes
    assert fallen < 20  # only what was cut between trial and confirmation


@FROM
@pytest.mark.parametrize("torn", [Torn.PREFIX, Torn.BITS])
def test_a_power_cut_while_a_bad_version_falls_back_ends_with_the_old_one_and_the_reason(
    old: int, torn: Torn
) -> None:
    node = at_version(old)
    node.raises = {3: "ImportError"}
    count = operations(node, UpdateHost(3, image(3, SIZE)), "fell-back")
    for operation in range(count):
        other, flash = copied(node, operation)
        other.raises = node.raises
        flash.cut_in(operation, torn)
        host = UpdateHost(3, image(3, SIZE))
        while host.codes[-1:] != ["fell-back"]:
            try:
                converse(other, host, lambda host=host: host.codes[-1:] == ["fell-back"])
            except PowerCut:
                booted(other)
        assert other.version == old
        assert_whole(other, old, host.image, 3)
        assert host.told[-1][2] in ("ImportError", "it was reset before it was healthy")


@settings(derandomize=True, max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.sampled_from(Torn)), max_size=8), st.integers(0, 2**32))
def test_any_power_cuts_one_after_the_other_leave_a_whole_version(
    cuts: Sequence[tuple[int, Torn]], seed: int
) -> None:
    node, flash = copied(at_version(2), seed)
    host = UpdateHost(3, image(3, SIZE))
    host.insists = True
    for operations_before, torn in cuts:
        flash.cut_in(operations_before, torn)
        try:
            converse(node, host, lambda: host.codes[-1:] == ["running"])
        except PowerCut:
            booted(node)
        assert_whole(node, 2, host.image, 3)
    flash.cut_at = None
    see_through(node, host, 2)
    assert node.version == 3


def line_bytes(size: int) -> int:
    """How many bytes a whole conversation has."""
    node, host, count = UpdatedNode(), UpdateHost(2, image(2, size)), 0

    def line(data: bytes) -> bytes:
        nonlocal count
        count += len(data)
        return data

    converse(node, host, lambda: host.codes[-1:] == ["running"], line)
    return count


class BadLine:
    """A line of which byte `at`, counted over both directions, is not as it was sent."""

    def __init__(self, at: int, change: "Sequence[int] | int | None") -> None:
        self._left, self._change = at, change
        self._off = 0

    def __call__(self, data: bytes) -> bytes:
        if self._off:
            self._off -= 1
            return b""
        self._left -= len(data)
        if not -len(data) <= self._left < 0:
            return data
        place = len(data) + self._left
        if self._change is None:  # cut here, for a while
            self._off = _OUTAGE
            return data[:place]
        if isinstance(self._change, int):
            return data[:place] + bytes((data[place] ^ self._change,)) + data[place + 1 :]
        return data[:place] + bytes(self._change) + data[place:]


@pytest.mark.parametrize(("how", "step"), [("flipped", 1), ("cut", 1), ("zero", 5), ("noise", 5)])
def test_whatever_byte_of_the_conversation_is_damaged_the_whole_image_arrives(how: str, step: int) -> None:
    size, rng = 200, Random(7)
    whole = hashlib.sha256(image(2, size)).digest()
    changes = {
        "flipped": lambda: 1 << rng.randrange(8),
        "cut": lambda: None,
        "zero": lambda: (0,),
        "noise": lambda: list(rng.randbytes(rng.randrange(1, 300))),
    }
    count = line_bytes(size)
    assert count > 400
    for at in range(0, count, step):
        node, host = UpdatedNode(), UpdateHost(2, image(2, size))
        converse(node, host, lambda host=host: host.codes[-1:] == ["running"], BadLine(at, changes[how]()))
        assert (node.slot, node.digest()) == (0, whole)


@pytest.mark.parametrize("seed", range(4))
def test_a_line_that_damages_a_byte_in_two_hundred_still_carries_an_update(seed: int) -> None:
    rng = Random(seed)

    def line(data: bytes) -> bytes:
        return bytes(byte if rng.randrange(200) else byte ^ 1 << rng.randrange(8) for byte in data)

    node, host = UpdatedNode(), UpdateHost(2, image(2, SIZE), window=2)
    converse(node, host, lambda: host.codes[-1:] == ["running"], line, most=20000)
    assert node.digest() == hashlib.sha256(image(2, SIZE)).digest()


def test_a_node_that_is_reset_in_any_turn_of_an_update_runs_a_whole_version_and_takes_it_in_the_end() -> None:
    turns = converse(*(pair := (UpdatedNode(), UpdateHost(2, image(2)))), lambda: "running" in pair[1].codes)
    for reset_at in range(turns):
        node, host, to_node = UpdatedNode(), UpdateHost(2, image(2)), b""
        host.insists = True
        for _ in range(reset_at):
            to_node = host.turn(node.turn(to_node))
        node.boot()
        assert node.slot in (FACTORY, 0)
        assert_whole(node, 1, host.image, 2)
        converse(node, host, lambda host=host: host.codes[-1:] == ["running"])
        assert node.version == 2

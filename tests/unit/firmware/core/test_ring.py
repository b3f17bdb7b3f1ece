"""The ring: what was kept is there after any power cut, or its number is an explicit gap."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.core.ring import HEAD, Ring
from hil.sims.nor_flash import NorFlash, PowerCut

PAGE, PAGES, SLOT = 256, 4, 64
PER_PAGE = PAGE // SLOT
OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("keep"), st.integers(0, SLOT - HEAD)),
        st.tuples(st.just("cut"), st.integers(0, 60)),
        st.tuples(st.just("acknowledge"), st.integers(-1, 6)),
        st.tuples(st.just("reset"), st.just(0)),
    ),
    max_size=60,
)


def new(flash: NorFlash | None = None) -> Ring:
    return Ring(flash or NorFlash(PAGE, PAGES), SLOT, 77)


def unacknowledged(ring: Ring) -> list[tuple[int, bytes]]:
    """What the ring gives to be sent, by number."""
    ring.sent = 0
    entries = iter(lambda: ring.unsent(1000), None)
    return [(entry[0], entry[5]) for entry in entries]


def filled(*data: bytes) -> Ring:
    ring = new()
    for one in data:
        ring.append(1, one)
    return ring


def test_what_is_kept_is_given_in_order_with_its_pairs_and_its_boot() -> None:
    ring = new()
    assert [ring.append(2, b"one"), ring.append(3, b"")] == [16, 17]
    assert ring.unsent(9) == (16, 1, 15, 77, 2, b"one")
    assert ring.unsent(9) == (17, 1, 15, 77, 3, b"")
    assert ring.unsent(9) is None


def test_only_so_many_are_given_without_an_answer() -> None:
    ring = filled(b"a", b"b", b"c")
    assert [ring.unsent(2) is None for _ in range(3)] == [False, False, True]
    ring.acknowledge(16)
    assert ring.unsent(2) == (18, 1, 15, 77, 1, b"c")


def test_what_is_acknowledged_is_not_given_again() -> None:
    ring = filled(b"a", b"b", b"c")
    ring.acknowledge(17)
    assert unacknowledged(ring) == [(18, b"c")]


@pytest.mark.parametrize("number", [0, 15, 19, 99])
def test_an_acknowledgement_of_what_was_not_sent_changes_nothing(number: int) -> None:
    ring = filled(b"a", b"b", b"c")
    ring.acknowledge(number)
    assert len(unacknowledged(ring)) == 3


def test_a_reset_keeps_everything_and_begins_another_boot() -> None:
    flash = NorFlash(PAGE, PAGES)
    ring = new(flash)
    ring.append(1, b"a")
    ring.acknowledge(16)
    ring.append(1, b"b")
    again = Ring(flash, SLOT, 1)
    assert (again.stream, again.boot, again.next, again.acked) == (77, 2, 18, 16)
    assert unacknowledged(again) == [(17, b"b")]


def test_a_full_ring_loses_its_oldest_page_and_says_so() -> None:
    ring = filled(*[bytes((n,)) for n in range(17)])
    assert (ring.acked, ring.oldest()) == (15, 20)
    assert [number for number, _ in unacknowledged(ring)] == list(range(20, 33))


def test_pages_wear_alike() -> None:
    flash = NorFlash(PAGE, PAGES)
    ring = new(flash)
    for _ in range(160):
        ring.append(1, b"x")
    assert flash.erased == [10, 10, 10, 10]


def test_a_slot_that_does_not_keep_what_is_written_is_passed_over() -> None:
    flash = NorFlash(PAGE, PAGES)
    ring = new(flash)
    ring.append(1, b"a")
    flash.content[SLOT + 4] = 0
    assert ring.append(1, b"b") == 18
    assert unacknowledged(ring) == [(16, b"a"), (18, b"b")]


def test_a_flash_that_keeps_nothing_is_told() -> None:
    class Dead(NorFlash):
        def erase(self, page: int) -> None:
            self.content[:] = bytes(len(self.content))

    with pytest.raises(OSError, match="does not keep"):
        new(Dead(PAGE, PAGES)).append(1, b"a")


def test_an_entry_that_rots_is_a_gap_and_the_others_are_given() -> None:
    flash = NorFlash(PAGE, PAGES)
    ring = new(flash)
    for one in (b"a", b"b", b"c"):
        ring.append(1, one)
    flash.content[SLOT + HEAD] ^= 1
    assert unacknowledged(ring) == [(16, b"a"), (18, b"c")]
    ring.acknowledge(16)
    assert ring.oldest() == 18


def test_a_power_cut_at_every_byte_of_a_write_keeps_all_before() -> None:
    for budget in range(SLOT + 2):
        flash = NorFlash(PAGE, PAGES, seed=budget)
        ring = new(flash)
        before = [(ring.append(1, bytes((n,)) * n), bytes((n,)) * n) for n in range(16)]
        flash.budget = budget
        with suppress(PowerCut):
            ring.append(1, b"\x5a" * 44)
        flash.budget = None
        again = new(flash)
        # The write began with erasing the oldest page.
        assert [pair for pair in unacknowledged(again) if 16 + PER_PAGE <= pair[0] < 32] == before[PER_PAGE:]
        assert again.append(1, b"next") >= 32


@settings(derandomize=True, max_examples=400, deadline=None)
@given(OPERATIONS, st.integers(0, 2**32))
def test_whatever_happens_a_number_is_what_was_kept_under_it_or_a_gap(
    operations: Sequence[tuple[str, Any]], seed: int
) -> None:
    flash = NorFlash(PAGE, PAGES, seed=seed)
    ring, kept, acked, in_row, said = new(flash), dict[int, bytes](), 15, 0, 15
    for place, (operation, n) in enumerate(operations):
        data = bytes((place,)) * (n if operation == "keep" else 8)
        if operation == "keep":
            kept[said := ring.append(1, data)], in_row = data, 0
        elif operation == "acknowledge":
            ring.acknowledge(min(ring.next - 1, acked + n))
            acked = max(acked, ring.acked)
        else:
            if operation == "cut" and in_row < PER_PAGE:
                flash.budget, number = n, ring.next
                try:
                    kept[said := ring.append(1, data)], in_row = data, 0
                except PowerCut:
                    kept[number], in_row = data, in_row + 1
                flash.budget = None
            ring = new(flash)
        assert ring.stream == 77 and ring.acked <= acked
        given = unacknowledged(ring)
        assert [number for number, _ in given] == sorted({number for number, _ in given})
        assert all(kept[number] == data for number, data in given)
        assert ring.next > said
        assert ring.oldest() >= max(ring.acked + 1, ring.next - ring.slots)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 80), max_size=10), st.integers(0, 2**32))
def test_what_append_returned_survives_as_long_as_the_ring_has_room(cuts: list[int], seed: int) -> None:
    flash = NorFlash(PAGE, PAGES, seed=seed)
    ring, kept = new(flash), dict[int, bytes]()
    for place, budget in enumerate(cuts):
        for n in range(2):
            data = bytes((place, n))
            kept[ring.append(1, data)] = data
        flash.budget = budget
        with suppress(PowerCut):
            ring.append(1, b"\xa5" * 40)
        flash.budget = None
        ring = new(flash)
        recent = [number for number in kept if number >= ring.next - ring.most]
        assert set(recent) <= {number for number, _ in unacknowledged(ring)}

"""The slots and their log: what was kept is there after any power cut; what is damaged is never run."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.core.slots import ASKED, FACTORY, FELL, IDLE, LOADING, RECORD, TAKEN, TRIED, Slots, pick
from hil.sims.nor_flash import NorFlash, PowerCut
from tests.support.torn_flash import Torn, TornFlash

PAGE, PAGES = 512, 8
LOG = 2 * PAGE


@dataclass(frozen=True)
class State:
    """What a log tells."""

    confirmed: int
    target: int
    phase: int
    done: int
    tests: int
    text: str
    images: tuple[tuple[int, int, bytes], ...]


def new(flash: NorFlash) -> Slots:
    return Slots(flash, hashlib.sha256)


def state(slots: Slots) -> State:
    images = slots.images[0], slots.images[1]
    return State(
        slots.confirmed, slots.target, slots.phase, slots.done, slots.tests, slots.text, tuple(images)
    )


def put(slots: Slots, wanted: State) -> None:
    """Keep it. Raises PowerCut."""
    slots.confirmed, slots.target, slots.done = wanted.confirmed, wanted.target, wanted.done
    slots.tests, slots.images = wanted.tests, list(wanted.images)
    slots.become(wanted.phase, wanted.text)


IMAGES = st.tuples(
    st.integers(0, 2**32 - 1), st.integers(0, (PAGES - 2) // 2 * PAGE), st.binary(min_size=32, max_size=32)
)
STATES = st.builds(
    State,
    *(st.sampled_from([0, FACTORY]), st.just(1), st.integers(IDLE, FELL), st.integers(0, 2**32 - 1)),
    *(st.integers(0, 2**16), st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=100)),
    st.tuples(IMAGES, IMAGES),
)


def with_images(*versions: int, flash: NorFlash | None = None) -> Slots:
    """Both slots have an image; the first is confirmed."""
    slots = new(flash or NorFlash(PAGE, PAGES))
    for slot, version in enumerate(versions):
        data = Random(version).randbytes(700)
        for at in range(0, 700, 100):
            slots.write(slot, at, data[at : at + 100])
        slots.images[slot] = version, len(data), hashlib.sha256(data).digest()
    slots.confirmed, slots.target = 0, 1
    slots.become(IDLE)
    return slots


def picked(flash: NorFlash) -> int:
    return pick(new(flash), lambda: None, 1)


def test_an_empty_flash_has_no_image_and_the_files_run() -> None:
    slots = new(NorFlash(PAGE, PAGES))
    assert state(slots) == State(FACTORY, 0, IDLE, 0, 0, "", ((0, 0, bytes(32)),) * 2)
    assert pick(slots, lambda: None, 1) == FACTORY


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.lists(STATES, min_size=1, max_size=12))
def test_the_last_state_that_was_kept_is_found_again(states: list[State]) -> None:
    flash = NorFlash(PAGE, PAGES)
    for wanted in states:
        put(new(flash), wanted)
        assert state(new(flash)) == wanted


def test_the_pages_of_the_log_wear_alike_and_the_slots_do_not() -> None:
    slots = new(flash := NorFlash(PAGE, PAGES))
    for _ in range(16):
        slots.keep()
    assert flash.erased == [4, 4, 0, 0, 0, 0, 0, 0]


@settings(derandomize=True, max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(STATES, st.sampled_from(Torn), st.integers(0, 3)), min_size=1, max_size=12),
    st.integers(0, 2**32),
)
def test_a_power_cut_leaves_the_state_before_or_the_one_that_was_being_kept(
    steps: Sequence[tuple[State, Torn, int]], seed: int
) -> None:
    flash = TornFlash(PAGE, PAGES, seed=seed)
    before = state(new(flash))
    for wanted, torn, operations in steps:
        slots = new(flash)
        flash.cut_in(operations, torn)
        try:
            put(slots, wanted)
            assert state(new(flash)) == wanted
        except PowerCut:
            assert state(new(flash)) in (before, wanted)
        flash.cut_at = None
        before = state(new(flash))


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.binary(min_size=LOG, max_size=LOG), STATES)
def test_a_log_of_garbage_is_empty_and_can_be_written(garbage: bytes, wanted: State) -> None:
    flash = NorFlash(PAGE, PAGES)
    flash.content[:LOG] = garbage
    assert picked(flash) == FACTORY
    flash.content[:LOG] = garbage
    put(new(flash), wanted)
    assert state(new(flash)) == wanted


@pytest.mark.parametrize("at", range(0, RECORD, 5))
def test_a_record_that_rots_gives_way_to_the_one_before(at: int) -> None:
    slots = with_images(2, 3)
    flash = slots._flash
    slots.become(TAKEN)
    before = state(slots)
    slots.become(ASKED)
    flash.content[slots._at * RECORD + at] ^= 4
    assert state(new(flash)) == before


@pytest.mark.parametrize("phase", [IDLE, LOADING, TAKEN, FELL])
def test_a_healthy_image_runs_whatever_becomes_of_the_other(phase: int) -> None:
    slots = with_images(2, 3)
    slots.become(phase)
    assert picked(slots._flash) == 0


def test_a_switch_that_was_asked_for_is_tried_once() -> None:
    slots = with_images(2, 3)
    slots.become(ASKED)
    assert [picked(slots._flash) for _ in range(3)] == [1, 0, 0]
    again = new(slots._flash)
    assert (again.phase, again.text) == (FELL, "it was reset before it was healthy")


def test_a_switch_that_was_confirmed_stays() -> None:
    slots = with_images(2, 3)
    slots.become(ASKED)
    assert picked(slots._flash) == 1
    trial = new(slots._flash)
    assert trial.phase == TRIED
    trial.confirm()
    assert [picked(slots._flash) for _ in range(2)] == [1, 1]
    assert new(slots._flash).target == 0


def damage(slots: Slots, slot: int) -> NorFlash:
    """One bit of the image in a slot is clear that was set."""
    flash = slots._flash
    begin = (2 + slot * slots.pages) * PAGE
    place = next(at for at in range(begin + 300, begin + 700) if flash.content[at])
    flash.content[place] &= flash.content[place] - 1
    return flash


def test_an_image_that_is_damaged_gives_way_to_the_other_and_says_so() -> None:
    flash = damage(with_images(3, 2), 0)
    assert picked(flash) == 1
    after = new(flash)
    assert (after.confirmed, after.target, after.phase) == (1, 0, FELL)
    assert after.images[0] == (3, 0, bytes(32))
    assert after.text == "its image was damaged in the flash"
    assert picked(flash) == 1


def test_where_both_images_are_damaged_the_files_run() -> None:
    slots = with_images(3, 2)
    damage(slots, 0)
    flash = damage(slots, 1)
    assert [picked(flash) for _ in range(2)] == [FACTORY, FACTORY]


@pytest.mark.parametrize("phase", [LOADING, TAKEN, FELL])
def test_an_image_that_was_never_healthy_does_not_take_the_place_of_one_that_is_damaged(phase: int) -> None:
    slots = with_images(2, 3)
    slots.become(phase)
    assert picked(damage(slots, 0)) == FACTORY


def test_an_image_that_was_damaged_before_its_trial_is_not_begun() -> None:
    slots = with_images(2, 3)
    slots.become(ASKED)
    flash = damage(slots, 1)
    assert picked(flash) == 0
    assert new(flash).images[1] == (3, 0, bytes(32))


def test_a_flash_that_keeps_no_record_is_told_and_the_healthy_image_runs_without_trials() -> None:
    class Worn(NorFlash):
        worn = False

        def write(self, at: int, data: bytes) -> None:
            if not self.worn:
                super().write(at, data)

    slots = with_images(2, 3, flash=(flash := Worn(PAGE, PAGES)))
    slots.become(ASKED)
    flash.worn = True
    assert picked(flash) == 0
    with pytest.raises(OSError, match="does not keep the log"):
        new(flash).keep()


def test_the_watchdog_is_fed_after_each_page_that_is_hashed() -> None:
    fed = list[int]()
    pick(with_images(2, 3), lambda: fed.append(1), 1)
    assert len(fed) == 2


def test_files_that_were_flashed_later_run_in_place_of_an_older_image() -> None:
    slots = with_images(5, 4)
    assert [pick(new(slots._flash), lambda: None, version) for version in (5, 6, 6)] == [0, FACTORY, FACTORY]
    assert new(slots._flash).confirmed == FACTORY


def test_phases_are_those_that_the_log_of_an_older_version_has() -> None:
    assert (IDLE, LOADING, TAKEN, ASKED, TRIED, FELL, FACTORY) == (0, 1, 2, 3, 4, 5, 255)


def test_what_a_text_has_that_is_not_plain_is_shown_as_such() -> None:
    slots = new(flash := NorFlash(PAGE, PAGES))
    slots.become(FELL, "kaputt: Ä\n" + "x" * 200)
    assert new(flash).text == "kaputt: ??" + "x" * 90

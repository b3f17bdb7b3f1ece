"""An update, from offer to verdict: what is taken, what is refused and why, what is begun and falls back."""

import hashlib
from typing import Any

import pytest

from devices.codecs.node import wire
from firmware.core.frame import made
from firmware.core.slots import FACTORY, IDLE
from firmware.core.update import TRIAL_MS
from hil.sims.nor_flash import NorFlash
from tests.support.updated_node import (
    BOARD,
    PAGE,
    PAGES,
    TURN_MS,
    UpdatedNode,
    UpdateHost,
    converse,
    image,
    updated,
)

SLOT_BYTES = (PAGES - 2) // 2 * PAGE


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def verdict(host: UpdateHost, node: UpdatedNode) -> tuple[str, int, str]:
    """The first thing that the node says of it."""
    converse(node, host, lambda: bool(host.told))
    return host.told[0]


def test_an_update_is_taken_begun_and_confirmed() -> None:
    node = UpdatedNode()
    assert (node.slot, node.version) == (FACTORY, 1)
    host = updated(node, 2)
    assert host.codes == ["taken", "running"]
    assert (node.slot, node.version, node.digest()) == (0, 2, sha256(image(2)))


def test_the_next_update_goes_to_the_other_slot_and_the_one_after_that_back() -> None:
    node = UpdatedNode()
    slots = []
    for version in (2, 3, 7):
        assert updated(node, version).codes == ["taken", "running"]
        slots.append(node.slot)
        assert node.digest() == sha256(image(version))
    assert slots == [0, 1, 0]


def test_what_was_taken_runs_only_when_the_host_says_so() -> None:
    node, host = UpdatedNode(), UpdateHost(2, image(2))
    host.switch_at_once = False
    converse(node, host, lambda: host.codes == ["taken"])
    node.boot()
    assert node.version == 1
    node.turn(made({wire.KIND: wire.SWITCH, wire.VERSION: 2}))
    assert node.version == 2


def test_a_switch_to_what_was_not_taken_changes_nothing() -> None:
    node, host = UpdatedNode(), UpdateHost(2, image(2))
    host.turn(node.turn(made({wire.KIND: wire.SWITCH, wire.VERSION: 2})))
    assert host.codes == ["nothing-taken"]
    assert (node.slot, node.update.restart) == (FACTORY, False)


@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_version_that_is_not_newer_than_what_runs_is_refused_and_a_newer_one_taken(version: int) -> None:
    node = UpdatedNode()
    updated(node, 3)
    other = image(version, 900)
    told = verdict(UpdateHost(version, other), node)
    assert told == ("refused-version", version, "version 3 runs")
    assert node.digest() == sha256(image(3))
    assert updated(node, 4).codes == ["taken", "running"]


def test_an_update_for_another_board_is_refused_and_one_for_this_board_taken() -> None:
    node = UpdatedNode()
    told = verdict(UpdateHost(2, image(2, board="esp32"), board="esp32"), node)
    assert told == ("refused-board", 2, f"this is a {BOARD}")
    assert updated(node, 2).codes == ["taken", "running"]


def test_an_image_of_another_board_that_is_offered_as_one_for_this_is_refused_when_it_is_there() -> None:
    node = UpdatedNode()
    told = verdict(UpdateHost(2, image(2, board="esp32")), node)
    assert told[0] == "refused-board"
    assert (node.slots.phase, node.slots.images[0][1]) == (IDLE, 0)


def test_an_old_image_that_is_offered_as_a_newer_one_is_refused_when_it_is_there() -> None:
    node = UpdatedNode()
    updated(node, 5)
    assert verdict(UpdateHost(6, image(4)), node)[0] == "refused-version"
    assert node.version == 5


def test_what_does_not_fit_is_refused_and_the_largest_that_fits_taken() -> None:
    head = len(image(2, 0))
    node = UpdatedNode()
    told = verdict(UpdateHost(2, image(2, SLOT_BYTES - head + 1)), node)
    assert told == ("refused-size", 2, f"a slot has {SLOT_BYTES} bytes")
    largest = image(2, SLOT_BYTES - head)
    host = UpdateHost(2, largest)
    converse(node, host, lambda: "running" in host.codes)
    assert node.digest() == sha256(largest)


@pytest.mark.parametrize("at", [0, 5, 600, 999])
def test_a_chunk_that_was_tampered_with_is_not_begun_and_the_right_one_is(at: int) -> None:
    node, right = UpdatedNode(), image(2)
    wrong = bytearray(right)
    wrong[at] ^= 1
    host = UpdateHost(2, bytes(wrong), digest=sha256(right))  # what was signed
    converse(node, host, lambda: bool(host.told))
    assert host.told[0][0] == "digest-wrong"
    node.boot()
    assert node.version == 1
    assert updated(node, 2).codes == ["taken", "running"]


def offer(version: int, data: bytes, **other: Any) -> bytes:
    item = {wire.KIND: wire.OFFER, wire.BOARD: BOARD.encode(), wire.VERSION: version, wire.SIZE: len(data)}
    return made({**item, wire.DATA: sha256(data), **other})


def test_an_offer_of_what_is_taken_or_runs_gets_its_verdict_again() -> None:
    node, host = UpdatedNode(), UpdateHost(2, image(2))
    host.switch_at_once = False
    for _ in range(2):
        host.told.clear()
        converse(node, host, lambda: host.codes == ["taken"])
    updated(node, 2)
    assert verdict(UpdateHost(2, image(2)), node) == ("running", 2, "")


def test_another_offer_takes_the_place_of_what_is_loading_and_of_what_is_taken() -> None:
    node, host = UpdatedNode(), UpdateHost(2, image(2))
    converse(node, host, lambda: node.slots.done > 0)
    third = UpdateHost(3, image(3))
    third.switch_at_once = False
    converse(node, third, lambda: third.codes == ["taken"])
    assert updated(node, 4).codes == ["taken", "running"]
    assert node.digest() == sha256(image(4))


def test_a_download_goes_on_after_a_reset_where_the_last_whole_page_ended() -> None:
    node, host = UpdatedNode(), UpdateHost(2, image(2, 2000))
    converse(node, host, lambda: node.slots.done >= 2 * PAGE)
    erased = list(node.flash.erased)
    node.boot()
    converse(node, host, lambda: "running" in host.codes)
    assert node.flash.erased[2:4] == erased[2:4]  # its first pages were not written again
    assert node.digest() == sha256(image(2, 2000))


def test_the_node_measures_and_is_heard_while_it_is_updated() -> None:
    node, host = UpdatedNode(), UpdateHost(2, image(2, 2000), window=2)
    node.period_ms = TURN_MS
    turns = converse(node, host, lambda: "running" in host.codes)
    assert host.numbers == list(range(64, 64 + len(host.numbers)))
    assert turns - 3 <= len(host.numbers) <= turns + 1


def test_a_turn_erases_or_writes_no_more_than_one_page() -> None:
    class Counted(NorFlash):
        work = 0

        def erase(self, page: int) -> None:
            self.work += 1
            super().erase(page)

    flash, most = Counted(PAGE, PAGES), 0
    node, host, to_node = UpdatedNode(flash), UpdateHost(2, image(2, 2000)), b""
    while "running" not in host.codes:
        flash.work = 0
        to_node = host.turn(node.turn(to_node))
        most = max(most, flash.work)
    assert most <= 2  # a page of the slot, and one of the log at the most


def test_a_new_version_that_no_host_acknowledges_falls_back_and_says_why() -> None:
    node, host = UpdatedNode(), UpdateHost(2, image(2))
    converse(node, host, lambda: node.version == 2)
    node.turn(b"")
    assert node.version == 2
    node.now += TRIAL_MS
    node.turn(b"")
    assert (node.slot, node.version) == (FACTORY, 1)
    converse(node, host, lambda: "fell-back" in host.codes)
    assert host.told[-1] == ("fell-back", 2, "the host acknowledged nothing that it measured")


def test_a_new_version_that_is_reset_before_it_is_healthy_falls_back_and_says_why() -> None:
    node, host = UpdatedNode(), UpdateHost(2, image(2))
    converse(node, host, lambda: node.version == 2)
    node.boot()
    assert node.version == 1
    converse(node, host, lambda: "fell-back" in host.codes)
    assert host.told[-1] == ("fell-back", 2, "it was reset before it was healthy")


def test_a_new_version_that_raises_when_it_is_imported_falls_back_and_says_what_it_raised() -> None:
    node = UpdatedNode()
    updated(node, 2)
    node.raises = {3: "ImportError: no module named 'ring'"}
    host = updated(node, 3)
    assert host.told[-1] == ("fell-back", 3, "ImportError: no module named 'ring'")
    assert node.digest() == sha256(image(2))


def test_a_new_version_whose_self_test_is_worse_falls_back_and_one_that_is_as_good_is_confirmed() -> None:
    sensors, clock = 1 << wire.SELF_TESTS.index("sensors"), 1 << wire.SELF_TESTS.index("clock")
    node = UpdatedNode(health={1: sensors, 2: sensors | clock, 3: sensors})
    assert updated(node, 2).told[-1] == ("fell-back", 2, "its self-test failed: clock")
    assert updated(node, 3).codes[-1] == "running"


def test_what_fell_back_is_tried_again_only_when_the_host_says_so() -> None:
    node = UpdatedNode()
    node.raises = {2: "MemoryError"}
    updated(node, 2)
    host = UpdateHost(2, image(2))
    assert verdict(host, node)[0] == "fell-back"
    node.raises = {}
    node.turn(made({wire.KIND: wire.SWITCH, wire.VERSION: 2}))
    assert (node.version, node.update.is_on_trial()) == (2, True)
    converse(node, host, lambda: "running" in host.codes)


def test_a_board_that_is_flashed_anew_runs_its_files_and_begins_nothing_older() -> None:
    node, host = UpdatedNode(), UpdateHost(3, image(3))
    updated(node, 2)
    host.switch_at_once = False
    converse(node, host, lambda: host.codes == ["taken"])
    node.factory_version = 5
    node.boot()
    assert (node.slot, node.version) == (FACTORY, 5)
    host.turn(node.turn(made({wire.KIND: wire.SWITCH, wire.VERSION: 3})))
    assert host.codes == ["taken", "nothing-taken"]
    assert updated(node, 6).codes == ["taken", "running"]


def test_a_node_on_trial_takes_no_other_update() -> None:
    node, host = UpdatedNode(), UpdateHost(2, image(2))
    converse(node, host, lambda: node.version == 2)
    node.turn(offer(3, image(3)))
    assert node.update.is_on_trial()
    assert node.slots.target == node.slot


def test_a_flash_that_does_not_keep_the_image_is_told_and_the_node_goes_on() -> None:
    class Worn(NorFlash):
        worn = True

        def write(self, at: int, data: bytes) -> None:
            super().write(at, data)
            if self.worn and at >= 2 * PAGE:
                self.content[at] |= 1

    node = UpdatedNode(flash := Worn(PAGE, PAGES))
    assert verdict(UpdateHost(2, image(2)), node)[0] == "flash-failed"
    assert (node.slots.phase, node.version) == (IDLE, 1)
    flash.worn = False
    assert updated(node, 2).codes == ["taken", "running"]


def test_a_log_that_keeps_nothing_any_more_is_told_and_what_is_healthy_runs_on() -> None:
    class Worn(NorFlash):
        worn = False

        def write(self, at: int, data: bytes) -> None:
            if not self.worn or at >= 2 * PAGE:
                super().write(at, data)

    node = UpdatedNode(flash := Worn(PAGE, PAGES))
    updated(node, 2)
    flash.worn = True
    assert verdict(UpdateHost(3, image(3)), node)[0] == "flash-failed"
    node.boot()
    assert node.version == 2
    assert node.digest() == sha256(image(2))


@pytest.mark.parametrize(
    "item",
    [
        {wire.KIND: wire.OFFER},
        {wire.KIND: wire.OFFER, wire.BOARD: 3, wire.VERSION: b"x", wire.SIZE: b"", wire.DATA: 7},
        {wire.KIND: wire.OFFER, wire.VERSION: 9, wire.SIZE: 900, wire.DATA: b"short"},
        {wire.KIND: wire.CHUNK},
        {wire.KIND: wire.CHUNK, wire.OFFSET: b"", wire.DATA: b"x"},
        {wire.KIND: wire.CHUNK, wire.OFFSET: 1 << 31, wire.DATA: b"x" * 128},
        {wire.KIND: wire.SWITCH, wire.VERSION: b""},
        {wire.KIND: 99},
    ],
)
def test_what_makes_no_sense_changes_nothing(item: dict[int, Any]) -> None:
    node, host = UpdatedNode(), UpdateHost(2, image(2, 2000))
    converse(node, host, lambda: node.slots.done > 0)
    before = bytes(node.flash.content), node.slots.phase
    node.update._take(item)
    assert (bytes(node.flash.content), node.slots.phase) == before
    converse(node, host, lambda: "running" in host.codes)

"""An update is killed before every step that it takes on the disk: there is always a release that starts."""

import shutil
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from gateway.updates.install import install
from gateway.updates.launcher import choose, give_up, read_state, release_in
from gateway.updates.slots import Slots
from hil.faults.releases import tiny
from tests.support.killed import killed_before

LEAST_STEPS = 5
"""Fewer, and the hook would not have seen the work."""


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    folder = tmp_path_factory.mktemp("bundles")
    return {number: tiny(folder, number) for number in (1, 2, 3)}


def nothing(_: Path) -> None:
    """No check of the configuration."""


def installed(folder: Path, bundles: dict[int, Path]) -> Path:
    """Release 1 is good, in slot a; release 2 is in slot b."""
    root = folder.with_name("root.json")
    root.write_text("{}", encoding="utf-8")
    install(bundles[1], root, folder)
    Slots(folder).fill(bundles[2], nothing)
    return folder


def is_whole(folder: Path, slot: str) -> bool:
    """Whether every file of the release in `slot` says its number."""
    files = sorted((folder / slot / "site").glob("*.py"))
    wanted = f"RELEASE = {release_in(folder, slot)}\n"
    return len(files) == 2 and all(path.read_text(encoding="utf-8") == wanted for path in files)


def all_steps(
    tmp_path: Path, bundles: dict[int, Path], prepare: Callable[[Path], None], work: Callable[[Path], object]
) -> list[Path]:
    """The installation after each death, and last after the work was done."""
    left: list[Path] = []
    model = installed(tmp_path / "model", bundles)
    prepare(model)
    for step in count():
        folder = shutil.copytree(model, tmp_path / f"box-{step}")
        left.append(folder)
        if not killed_before(step, lambda folder=folder: work(folder)):
            break
    assert len(left) > LEAST_STEPS
    return left


def test_killed_while_a_slot_is_filled_the_good_one_starts_and_filling_it_again_works(
    tmp_path: Path, bundles: dict[int, Path]
) -> None:
    boxes = all_steps(
        tmp_path, bundles, lambda _: None, lambda folder: Slots(folder).fill(bundles[3], nothing)
    )
    seen = set[int | None]()
    for box in boxes:
        assert choose(box) == ("a", False)
        assert is_whole(box, "a")
        seen.add(release_in(box, "b"))
        assert release_in(box, "b") is None or is_whole(box, "b")
        Slots(box).fill(bundles[3], nothing)
        assert (release_in(box, "b"), is_whole(box, "b")) == (3, True)
        assert not [path.name for path in box.iterdir() if path.name in ("new", "old")]
    assert seen == {2, None, 3}


def test_killed_while_a_trial_is_asked_for_it_begins_or_the_old_one_starts(
    tmp_path: Path, bundles: dict[int, Path]
) -> None:
    boxes = all_steps(tmp_path, bundles, lambda _: None, lambda folder: Slots(folder).ask_for_trial(7))
    assert {choose(box) for box in boxes} == {("a", False), ("b", True)}


def test_killed_while_it_is_confirmed_it_is_good_or_still_on_trial(
    tmp_path: Path, bundles: dict[int, Path]
) -> None:
    boxes = all_steps(
        tmp_path,
        bundles,
        lambda folder: Slots(folder).ask_for_trial(7),
        lambda folder: Slots(folder).confirm("b"),
    )
    assert {choose(box) for box in boxes} == {("b", True), ("b", False)}


def test_killed_while_a_trial_is_given_up_it_is_tried_again_or_the_old_one_starts(
    tmp_path: Path, bundles: dict[int, Path]
) -> None:
    boxes = all_steps(
        tmp_path,
        bundles,
        lambda folder: Slots(folder).ask_for_trial(7),
        lambda folder: give_up(folder, "mute"),
    )
    assert {choose(box) for box in boxes} == {("b", True), ("a", False)}


def test_a_trial_that_is_killed_again_and_again_as_it_begins_ends_with_the_old_one(
    tmp_path: Path, bundles: dict[int, Path]
) -> None:
    boxes = all_steps(tmp_path, bundles, lambda folder: Slots(folder).ask_for_trial(7), choose)
    for box in boxes:
        begun = [choose(box) for _ in range(5)]
        assert begun[-1] == ("a", False)
        assert begun.count(("b", True)) in (2, 3)
        assert [one.release for one in read_state(box).failures] == [2]

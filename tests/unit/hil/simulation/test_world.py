"""The real gateway and controller in virtual time: nothing is lost, and planted defects are noticed."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from hil.campaigns.simulation import run
from hil.simulation.faults import LONG_OUTAGE, Aim
from hil.simulation.world import Outcome, simulate
from tests.support import planted

BEFORE_SYNC, AFTER_SYNC = (Aim("gateway", "fdatasync", when) for when in ("before", "after"))
BEFORE_COMMIT = Aim("controller", "before commit")


@pytest.fixture
def worlds(tmp_path: Path) -> Iterator[Path]:
    with TemporaryDirectory(dir=tmp_path) as folder:
        yield Path(folder)


def world(folder: Path, seed: int, aim: Aim, hours: float) -> Outcome:
    place = folder / f"{seed}-{len(list(folder.iterdir()))}"
    place.mkdir()
    return simulate(place, seed, aim, hours)


def test_a_short_campaign_keeps_every_promise(worlds: Path) -> None:
    verdict = run(worlds, 4, 3, lambda _: None, hours=0.05)
    assert verdict.problems == []
    assert verdict.counted


def test_a_seed_lives_through_the_same_again(worlds: Path) -> None:
    first, second, other = (world(worlds, seed, BEFORE_SYNC, 0.03) for seed in (3, 3, 7))
    assert first == second
    assert first.digest != other.digest


@pytest.mark.parametrize(
    ("name", "aim", "hours", "seeds"),
    [
        ("acknowledged_before_the_commit", BEFORE_SYNC, 0.06, (3, 2)),
        ("no_sync", Aim("gateway", "pwrite", "after"), 0.06, (6, 3)),
        ("numbers_used_twice", Aim("gateway", "rmdir", "after"), 0.06, (5, 6)),
        ("no_ledger", BEFORE_COMMIT, 0.03, (4, 0)),
        ("torn_tails_accepted", BEFORE_SYNC, 0.1, (8, 6)),
        ("a_puback_is_a_receipt", BEFORE_COMMIT, 0.03, (0, 1)),
        ("live_behind_the_backlog", LONG_OUTAGE, 0.3, (0, 1)),
        ("receipts_before_the_commit", BEFORE_COMMIT, 0.03, (3, 6)),
    ],
)
def test_a_planted_defect_is_noticed(
    worlds: Path, name: str, aim: Aim, hours: float, seeds: Sequence[int]
) -> None:
    """The first of `seeds` is one of which it is known that it shows soon; the others, if it does not."""
    with planted.ALL[name]():
        assert any(world(worlds, seed, aim, hours).problems for seed in seeds)


def test_every_planted_defect_is_tried() -> None:
    mark = test_a_planted_defect_is_noticed.pytestmark[0]  # type: ignore[attr-defined]
    assert {case[0] for case in mark.args[1]} == planted.ALL.keys()

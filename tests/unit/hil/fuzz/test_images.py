"""The fuzzer of the archive's intake: the good is taken, the bad refused, a broken one found."""

import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.imaging.archive.judging import Judged
from controller.imaging.archive.verdicts import Outcome
from hil.errors import Broken
from hil.faults.bad_images import bad_files, whole
from hil.fuzz import images
from hil.fuzz.images import LARGEST_SEED, endure_image, seeds
from hil.fuzz.parsers import parser
from tests.support.dicom import corpus, ct, us_cine

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")
BAD = {name: bad for name, bad in bad_files(seed=2).items() if name != "deflated zeros"}
SEEDS = seeds()


def test_good_images_are_taken() -> None:
    assert all(endure_image(content) for content in (ct(), us_cine(), *SEEDS[:4]))


def test_bad_ones_are_refused() -> None:
    assert [name for name, bad in BAD.items() if endure_image(bad.content)] == []


@pytest.mark.parametrize(
    "path", [path for path in corpus() if path.stat().st_size < 1 << 20], ids=lambda p: p.name
)
def test_every_file_of_the_corpus_is_taken_or_refused(path: Path) -> None:
    endure_image(path.read_bytes())


@given(seed=st.integers(0, 2**32))
@settings(max_examples=300)
def test_what_is_right_but_for_some_bytes_is_taken_or_refused(seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(chance.choice(SEEDS))
    for _ in range(chance.randint(1, 6) if data else 0):
        at = chance.randrange(len(data))
        data[at : at + chance.randrange(3)] = chance.randbytes(chance.randrange(4)) or b"\xff"
    endure_image(bytes(data))


def test_the_campaign_knows_it_by_its_name() -> None:
    assert parser("images").endure(whole(seed=3))
    assert all(len(seed) <= LARGEST_SEED for seed in parser("images").seeds)


def lying(monkeypatch: pytest.MonkeyPatch, **changes: object) -> None:
    """The archive's judge says something else of a good file."""
    true = images.judge

    def judge(*args: object) -> Judged:
        item = true(*args)  # type: ignore[arg-type]
        assert isinstance(item, Judged)
        return replace(item, **changes)  # type: ignore[arg-type]

    monkeypatch.setattr(images, "judge", judge)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"study": "../../etc"}, "name that is none"),
        ({"pixel_offset": 1 << 40}, "behind the end"),
        ({"metadata": b"{}"}, "not those of the file"),
    ],
)
def test_an_archive_that_believes_what_is_not_so_is_found(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, object], told: str
) -> None:
    lying(monkeypatch, **changes)
    with pytest.raises(Broken, match=told):
        endure_image(whole(seed=4))


def test_an_archive_that_keeps_the_same_file_twice_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    class Twice:
        outcome = Outcome.STORED

    monkeypatch.setattr(images, "place", lambda *_: Twice)
    with pytest.raises(Broken, match="when it comes again"):
        endure_image(whole(seed=5))

"""The campaign of bad images: the same seed does the same again, and its damages are damages."""

from random import Random

import pytest

from hil.campaigns.images import FILES, damaged, path_of, turned
from hil.faults.bad_images import whole
from hil.fuzz.images import endure_image

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


def test_the_same_seed_damages_the_same() -> None:
    assert damaged(Random(3), 1) == damaged(Random(3), 1)
    assert damaged(Random(3), 1) != damaged(Random(4), 1)
    assert len(damaged(Random(3), 1)) == FILES


def test_of_damaged_files_some_are_refused_and_some_are_taken() -> None:
    rng, good = Random(1), whole(seed=1)
    taken = [endure_image(turned(rng, good)) for _ in range(60)]
    assert 0 < sum(taken) < 60


def test_a_path_names_the_instance() -> None:
    path = path_of(whole(seed=1))
    assert path.count("/2.25.") == 3
    assert path.startswith("/dicom-web/studies/2.25.")
